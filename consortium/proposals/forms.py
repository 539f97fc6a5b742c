"""What comes in with a choice about a match."""

from __future__ import annotations

from wtforms import SelectField, StringField

from consortium.proposals.wording import HIDE_REASONS
from consortium.proposals.wording.own import DOUBTS
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, HouseForm, at_most, options

CHOICES = ("saved", "unsaved", "hidden", "restored")


class ChoiceForm(HouseForm):
    """Save or hide a post, or take that back."""

    what = SelectField(_l("Choice"), choices=options((name, name) for name in CHOICES))
    reason = SelectField(_l("Reason"), choices=options([("", "–"), *HIDE_REASONS.items()]), default="")


class DoubtForm(HouseForm):
    """What is not right about a reason."""

    item = StringField(_l("Reason"), [REQUIRED, at_most(60)])
    what = SelectField(_l("What is not right"), [REQUIRED], choices=options(DOUBTS.items()))
    said = StringField(_l("What would be right"), [at_most(300)])


class SearchForm(HouseForm):
    """A search that is kept."""

    name = StringField(_l("Name of the search"), [REQUIRED, at_most(60)])
