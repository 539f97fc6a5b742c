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


def device_name(agent: str) -> str:
    """Browser and system out of a User-Agent, as far as they can be told."""
    browsers = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
               ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip
    told = [next((name for mark, name in known if mark in agent), "") for known in (browsers, systems)]
    return " · ".join(name for name in told if name) or "–"
