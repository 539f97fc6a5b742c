"""What roles are called."""

from __future__ import annotations

from consortium.shared.i18n import lazy_gettext as _l

ROLE_NAMES = {
    "student": _l("Student"),
    "class_adviser": _l("Class adviser"),
    "college_officer": _l("College officer"),
    "college_head": _l("Head of college office"),
    "enterprise_member": _l("Enterprise member"),
    "enterprise_head": _l("Enterprise head"),
    "mentor": _l("Enterprise mentor"),
    "zone_officer": _l("Zone officer"),
    "zone_head": _l("Head of zone office"),
    "bureau_observer": _l("Bureau observer"),
}


def role_name(role: str) -> str:
    """In the reader's language."""
    return str(ROLE_NAMES[role])
