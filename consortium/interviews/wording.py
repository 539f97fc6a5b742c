"""What is said of interviews: reasons, results, messages, and an entry for people's own calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from consortium.messages.wording import declare, press
from consortium.shared.i18n import lazy_gettext as _l

RESULTS: dict[str, Any] = {
    "further": _l("We go on"),
    "open": _l("Not decided yet"),
    "not-further": _l("We do not go on"),
    "missed": _l("Did not come"),
}

REASONS: dict[str, Any] = {
    "no-time": _l("None of the times suits me"),
    "place": _l("Place or way there"),
    "other-offer": _l("Another offer suits me better"),
    "other": _l("Another reason"),
}

NEXT_FOR_STUDENT: dict[str, Any] = {
    "asked": _l("You are next: pick a time that suits you, or decline."),
    "booked": _l("Agreed. You are reminded a day before."),
    "held": _l("The interview has taken place. The enterprise is next."),
    "missed": _l("The enterprise noted that you did not come. If that is wrong, tell your class adviser."),
    "declined": _l("You declined the interview. Your application stays as it is."),
    "cancelled": _l("The interview was called off."),
}

NEXT_FOR_ENTERPRISE: dict[str, Any] = {
    "asked": _l("The student is next: to pick one of your times."),
    "booked": _l("Agreed. Say afterwards what came of it."),
    "held": _l("You are next: make an offer or turn down."),
    "missed": _l("You are next: ask again, or turn down."),
    "declined": _l("The student wants no interview. The application stays as it is."),
    "cancelled": _l("The interview was called off."),
}

declare(
    {
        "interview-ask": (_l("Interview: %(title)s"), _l("An enterprise asks you to an interview for %(title)s. Please pick one of its times, or decline.")),
        "interview-book": (_l("Interview agreed: %(title)s"), _l("%(who)s comes to the interview for %(title)s on %(at)s.")),
        "interview-decline": (_l("Interview declined: %(title)s"), _l("%(who)s declined the interview for %(title)s.")),
        "interview-cancel": (_l("Interview called off: %(title)s"), _l("The interview for %(title)s was called off. Your application stays as it is.")),
        "interview-end": (_l("Interview called off: %(title)s"), _l("The interview for %(title)s with %(who)s does not take place: the application has ended.")),
        "interview-release": (_l("Please pick another time: %(title)s"), _l("The enterprise had to take back the time of your interview for %(title)s. Please pick another one.")),
        "interview-moved": (_l("Interview moved: %(title)s"), _l("Your interview for %(title)s is now on %(at)s. If that does not suit you, pick another time or decline.")),
        "interview-miss": (_l("You did not come: %(title)s"), _l("The enterprise noted that you did not come to the interview for %(title)s. If that is wrong, tell your class adviser.")),
        "interview-reminder": (_l("Tomorrow: interview for %(title)s"), _l("Your interview for %(title)s is on %(at)s.")),
        "interview-reminder-firm": (_l("Tomorrow: interview for %(title)s"), _l("%(who)s comes to the interview for %(title)s on %(at)s.")),
    }
)  # fmt: skip


def calendar(*, uid: str, starts_at: datetime, minutes: int, title: str, place: str, link: str, now: datetime) -> str:
    """One event as an iCalendar file (RFC 5545), in UTC: every calendar shows it in its reader's own time."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Consortium//Interviews//ZH", "METHOD:PUBLISH", "BEGIN:VEVENT", f"UID:{uid}",
        f"DTSTAMP:{_utc(now)}", f"DTSTART:{_utc(starts_at)}", f"DTEND:{_utc(starts_at + timedelta(minutes=minutes))}", f"SUMMARY:{_text(title)}",
    ]  # fmt: skip
    lines += [f"LOCATION:{_text(place)}"] if place else []
    lines += [f"URL:{link}"] if link else []
    lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT1H", f"DESCRIPTION:{_text(title)}", "END:VALARM", "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(_folded(line) for line in lines)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    for mark, said in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        words = words.replace(mark, said)
    return words


def _folded(line: str) -> str:
    """At most 75 bytes a line, never within a character."""
    parts, part = [], ""
    for sign in line:
        if len((part + sign).encode()) > 73:
            parts.append(part)
            part = ""
        part += sign
    return "\r\n ".join([*parts, part])


press({"interview-ask", "interview-book", "interview-cancel", "interview-end", "interview-release", "interview-moved", "interview-reminder", "interview-reminder-firm"})  # somebody must be somewhere at a time
