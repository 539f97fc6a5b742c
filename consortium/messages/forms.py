"""What comes in: how one wants to be told."""

from __future__ import annotations

from wtforms import RadioField

from consortium.messages import rules
from consortium.messages.wording import DIGESTS
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, HouseForm, options


class SettingsForm(HouseForm):
    """How often mail comes; the switches beside it carry topic and channel in their names."""

    digest = RadioField(_l("Mail that is not pressing"), [REQUIRED], choices=options([(how, DIGESTS[how]) for how in rules.DIGESTS]))
