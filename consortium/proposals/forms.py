"""What comes in with a choice about a match."""

from __future__ import annotations

from wtforms import SelectField

from consortium.proposals.wording import HIDE_REASONS
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import HouseForm, options

CHOICES = ("saved", "unsaved", "hidden", "restored")


class ChoiceForm(HouseForm):
    """Save or hide a post, or take that back."""

    what = SelectField(_l("Choice"), choices=options((name, name) for name in CHOICES))
    reason = SelectField(_l("Reason"), choices=options([("", "–"), *HIDE_REASONS.items()]))
