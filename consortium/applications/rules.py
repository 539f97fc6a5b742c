"""Decisions about applications on values alone: what an enterprise may see, until when to answer, which reasons count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

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


PARTS: Mapping[str, tuple[str, ...]] = {
    "profile": ("college", "major", "skills", "courses", "wish", "about"), "name": ("name",), "contact": ("phone", "email"),
}  # fmt: skip
"""What each part of `Reveals` consists of: pages show these fields and no others."""

STAGES: Mapping[str, tuple[str, bool, bool]] = {
    # step: state, agreed to be named, has spoken
    "matched": ("", False, False),
    "applied": ("applied", False, True),
    "invited": ("invited", False, False),
    "invited-applicant": ("invited", False, True),
    "agreed": ("agreed", True, True),
    "offered": ("offered", False, False),
    "offered-applicant": ("offered", False, True),
    "offered-named": ("offered", True, True),
    "accepted": ("accepted", True, True),
    "declined": ("declined", True, True),
    "withdrawn": ("withdrawn", False, False),
    "waitlisted": ("waitlisted", False, False),
    "closed": ("closed", True, True),
}
"""The steps of the table in the product: for each a state and what the student did before."""


def table() -> list[tuple[str, Reveals]]:
    """Step by step what an enterprise sees: made of the very rule that pages, resources, exports and messages ask."""
    return [(name, reveals(state, identity_open=named, spoken=spoken)) for name, (state, named, spoken) in STAGES.items()]


BOARD = ("applied", "invited", "agreed", "interview", "offered", "accepted")
BESIDE = ("waitlisted", "declined", "withdrawn", "expired", "closed")
MEETING = ("applied", "agreed")
"""States in which an agreed interview makes a stage of its own."""

TO_MEET = ("meet_ask", "meet_book", "meet_moved", "meet_release")
"""Steps after which an interview is still to come."""

UNDO_WITHIN = timedelta(minutes=10)
"""A refusal can be taken back so long; only then is the student told of it."""

TOLD_WITHIN = timedelta(days=2)
"""How far back the sweep looks for refusals that are still to be told: longer than any pause of the worker should last."""

NOTES_KEPT = timedelta(days=180)
"""Notes on a candidate go so long after the application ended, or after they were written where there never was one."""

ANSWER_WITHIN = timedelta(days=7)
"""What counts as an answer in time: a student who waits longer looks elsewhere, and a week is what the record is counted by."""
WARN_AFTER, PAUSE_AFTER, LEAST_NOTICE = ANSWER_WITHIN, timedelta(days=14), timedelta(days=5)
"""An unanswered step is warned of when the week is over, and its post pauses a week later, never sooner than five days after the warning."""
RECORD_OF = timedelta(days=365)
FEW = 5
"""Below so many cases a rate would speak of single people, and says nothing."""

FIRM_ROLES = ("enterprise_member", "enterprise_head")


def stage(state: str, meets_at: datetime | None) -> str:
    """Where an application stands on the board."""
    return "interview" if meets_at is not None and state in MEETING else state


def may_reopen(declined_at: datetime, now: datetime) -> bool:
    """Whether a refusal is fresh enough to be taken back."""
    return now - declined_at < UNDO_WITHIN


@dataclass(frozen=True, slots=True)
class Taken:
    """A step as the record reads it."""

    application_id: int
    step: str
    source: str
    by_role: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """How an enterprise dealt with students in a year: facts, no score.

    asked : steps of students that waited for an answer and are answered or due; in_time : answered within `ANSWER_WITHIN`; days : median to the
    answer; offers : made; honoured : not taken back by the enterprise. A rate or median of fewer than `FEW` cases is None.
    """

    asked: int
    in_time: int
    answered: int
    median_days: float | None
    offers: int
    honoured: int

    @property
    def answer_rate(self) -> float | None:
        """Of what was due, the share answered within a week."""
        return self.in_time / self.asked if self.asked >= FEW else None

    @property
    def days(self) -> float | None:
        """Median days to an answer."""
        return self.median_days if self.answered >= FEW else None

    @property
    def honour_rate(self) -> float | None:
        """Of the offers made, the share that the enterprise did not take back."""
        return self.honoured / self.offers if self.offers >= FEW else None


def record(steps: Iterable[Taken], now: datetime) -> Record:
    """Count an enterprise's steps, given by application and then in order."""
    asked = in_time = offers = broken = 0
    waited: list[timedelta] = []
    before, since, last = 0, None, None
    spans: list[tuple[datetime, datetime | None]] = []
    for one in steps:
        if one.application_id != before:
            if since is not None:
                spans.append((since, None))
            before, since, last = one.application_id, None, None
        if one.by_role in FIRM_ROLES and not one.step.startswith("reopen"):
            if since is not None:
                spans.append((since, one.at))
                last = since
            since = None
        elif one.step.startswith("reopen") and last is not None:
            spans.pop()
            since, last = last, None
        elif one.step in ("apply", "agree"):
            since = one.at
        elif since is not None and one.step in ("withdraw", "set_aside", "close", "keep_waiting"):
            if one.at - since > ANSWER_WITHIN:
                spans.append((since, None))
            since = None
        offers += one.step == "offer"
        taken_back = one.source == "offered" and (one.by_role in FIRM_ROLES or (one.step in ("close", "keep_waiting") and one.reason == "position-closed"))
        broken += taken_back and one.step != "offer" and not one.step.startswith("meet_")
    if since is not None:
        spans.append((since, None))
    for begun, answered in spans:
        if answered is not None:
            waited.append(answered - begun)
        if answered is not None or now - begun > ANSWER_WITHIN:
            asked += 1
            in_time += answered is not None and answered - begun <= ANSWER_WITHIN
    days = median(w.total_seconds() for w in waited) / 86400 if waited else None
    return Record(asked, in_time, len(waited), days, offers, max(offers - broken, 0))


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
