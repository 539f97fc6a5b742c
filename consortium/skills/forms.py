"""What comes in with a proposal to the vocabulary, and with a decision about one."""

from __future__ import annotations

from wtforms import RadioField, StringField

from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills.wording import KINDS
from consortium.web.forms import REQUIRED, CodeField, HouseForm, VersionedForm, at_most, options


class ProposalForm(HouseForm):
    """What is missing."""

    kind = RadioField(_l("Kind"), [REQUIRED], choices=options(KINDS.items()), default="skill")
    name_zh = StringField(_l("Term"), [REQUIRED, at_most(80)], description=_l("As people in the trade call it."))
    name_en = StringField(_l("English name"), [at_most(120)], description=_l("If you know it."))
    said = StringField(_l("What it is, and where it is used"), [at_most(300)])


class DecisionForm(VersionedForm):
    """What becomes of it."""

    step = StringField(_l("Decision"), [REQUIRED])
    name_zh = StringField(_l("Term"), [at_most(80)])
    name_en = StringField(_l("English name"), [at_most(120)])
    code = CodeField(_l("Entry that it means"), [at_most(40)])
    reason = StringField(_l("Reason"), [at_most(300)])
