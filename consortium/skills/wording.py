"""What is said of proposals to the vocabulary."""

from __future__ import annotations

from consortium.messages.wording import declare
from consortium.shared.i18n import lazy_gettext as _l

KINDS = {"skill": _l("Skill"), "certificate": _l("Certificate")}

declare(
    {
        "skill-accepted": (_l("Taken into the list: %(name)s"), _l("The skill or certificate you proposed, %(name)s, is in the list now. If you proposed it as a student, it stands in your profile.")),
        "skill-merged": (_l("Already in the list under another name: %(name)s"), _l("What you proposed, %(name)s, is in the list as \"%(as_)s\". Open the link to put it in your profile.")),
        "skill-declined": (_l("Not taken into the list: %(name)s"), _l("Your proposal %(name)s was not taken into the list. Reason: %(reason)s")),
    }
)  # fmt: skip
