"""Decisions about applications on values alone: what an enterprise may see, until when to answer, which reasons count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

HOURS_TO_ANSWER = 72
LEAST_HOURS, MOST_HOURS = 24, 240
MOST_AT_ONCE = 50

STUDENT_REASONS = ("other-offer", "pay", "place", "hours", "duties", "dates", "personal", "other")
ENTERPRISE_REASONS = ("skills", "certificate", "dates", "places-taken", "post-changed", "other")

NEVER, SPOKEN, NAMED, ALWAYS = "never", "spoken", "named", "always"
"""When a part is shown: never; once the student has spoken (applied, or agreed to an invitation); once named; always."""

SHOWN: Mapping[str, tuple[str, str, str]] = {
    # state: profile, name, contact
    "": (NEVER, NEVER, NEVER),
    "applied": (ALWAYS, NAMED, NEVER),
    "invited": (SPOKEN, NAMED, NEVER),
    "agreed": (ALWAYS, ALWAYS, NEVER),
    "offered": (SPOKEN, NAMED, NEVER),
    "accepted": (ALWAYS, ALWAYS, ALWAYS),
    "declined": (NEVER, NEVER, NEVER),
    "withdrawn": (NEVER, NEVER, NEVER),
    "expired": (SPOKEN, NAMED, NEVER),
    "closed": (NEVER, NEVER, NEVER),
    "waitlisted": (NEVER, NEVER, NEVER),
}


@dataclass(frozen=True, slots=True)
class Reveals:
    """What the enterprise sees of the student now."""

    profile: bool
    name: bool
    contact: bool


def reveals(state: str, *, identity_open: bool, spoken: bool) -> Reveals:
    """The one table of what is shown; `identity_open`: agreed to be named; `spoken`: applied or agreed at some time."""
    holds = {NEVER: False, SPOKEN: spoken or identity_open, NAMED: identity_open, ALWAYS: True}
    return Reveals(*(holds[when] for when in SHOWN[state]))


def answer_by(now: datetime, hours: int = HOURS_TO_ANSWER) -> datetime:
    """The instant until which an offer or invitation stands; raises ValueError outside the limits."""
    if not LEAST_HOURS <= hours <= MOST_HOURS:
        raise ValueError(f"{hours} hours")
    return now + timedelta(hours=hours)


def overdue(until: datetime | None, now: datetime) -> bool:
    """Whether the time to answer has passed."""
    return until is not None and until <= now


def hours_left(until: datetime | None, now: datetime) -> int | None:
    """Whole hours that are left, 0 when it has passed."""
    return None if until is None else max(0, int((until - now).total_seconds() // 3600))


BACK_HOURS, MOST_BACK_HOURS = 24, 336
TOLD_FOR = timedelta(hours=48)
"""How long a free place is left to those who were told of it before the next on the list are told too."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What acceptance binds to: whether it ends applications of the other kind, and for how many hours it may be taken back (0: not)."""

    closes_other_kind: bool = False
    back_hours: int = BACK_HOURS


def back_until(accepted_at: datetime, terms: Terms) -> datetime | None:
    """The instant until which an acceptance may be taken back; None where it may not."""
    return accepted_at + timedelta(hours=terms.back_hours) if terms.back_hours else None


def n_to_tell(free: int, told_lately: int) -> int:
    """How many more of the waiting list are told: one for each free place that nobody has been told of lately."""
    return max(0, free - told_lately)
