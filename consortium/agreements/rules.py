"""Decisions about agreements on values alone: who the parties are, what the terms must state (R16), what must be there when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from consortium.matching.eligibility import BY_CODE, EVERY_DAY, FIRST_DAY, SIGNATURE, is_minor

STUDENT, GUARDIAN, ENTERPRISE, COLLEGE = "student", "guardian", "enterprise", "college"
YES, NO, UNKNOWN = 1, 0, -1

# The contents that R16 names, in its order: section → the facts that make it complete.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "parties": ("student", "enterprise", "college"),
    "time": ("start_on", "end_on"),
    "place": ("place_code",),
    "content": ("title", "duties"),
    "conditions": ("venue", "labour_level"),
    "board": ("board", "lodging"),
    "hours": ("hours_per_day", "hours_per_week", "rest_days"),
    "pay": ("pay_fen", "pay_period_days", "pay_to_student"),
    "protection": ("protection",),
    "insurance": ("insurance",),
    "assessment": ("assessment",),
    "breach": ("breach",),
}
# What Labour Contract Law art. 17 asks of an employment contract, as far as an offer can state it.
JOB_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "parties": ("student", "enterprise"),
    "time": ("start_on", "contract_months"),
    "place": ("place_code",),
    "content": ("title", "duties"),
    "hours": ("hours_per_day", "hours_per_week"),
    "pay": ("pay_fen", "pay_period_days"),
    "protection": ("protection",),
    "insurance": ("insurance",),
}
BEFORE_SIGNATURE, BEFORE_START, EACH_DAY = "before-signature", "before-start", "every-day"
STAGES = {SIGNATURE: BEFORE_SIGNATURE, FIRST_DAY: BEFORE_START, EVERY_DAY: EACH_DAY}
"""Places of the law that an agreement passes, in order, and what they are called here."""


def stage(code: str) -> str:
    """By when a rule is asked of an agreement for the first time."""
    return next(STAGES[place] for place in STAGES if place in BY_CODE[code].places)


def sections(kind: str) -> Mapping[str, tuple[str, ...]]:
    """What the terms of this kind must state."""
    return SECTIONS if kind == "internship" else JOB_SECTIONS


def parties(kind: str, birth_on: date | None, start_on: date | None) -> tuple[str, ...]:
    """Who signs, in turn. A minor on any day of the placement is one on its first; an unknown birthday counts as a minor's."""
    if kind == "job":
        return (STUDENT, ENTERPRISE)
    minor = birth_on is None or start_on is None or is_minor(birth_on, start_on)
    return (STUDENT, *((GUARDIAN,) if minor else ()), ENTERPRISE, COLLEGE)


def absent(value: Any) -> bool:
    """Whether a fact is not stated; False and 0 are statements."""
    return value is None or value == "" or value == []


def missing(kind: str, terms: Mapping[str, Any]) -> dict[str, list[str]]:
    """Section → facts it lacks; empty when the terms are complete."""
    found = {}
    for section, names in sections(kind).items():
        lacks = [name for name in names if absent(terms.get(name))]
        if lacks:
            found[section] = lacks
    return found


def both_consents(given: Sequence[str]) -> int:
    """R08: the student's and the guardian's, for everybody and not only for minors."""
    return YES if {STUDENT, GUARDIAN} <= set(given) else NO


def visit_state(visited: bool, published: bool) -> int:
    """R06: visited, decided and made public."""
    return YES if visited and published else NO


def supervisors(host: bool, school: bool | None) -> int:
    """R30: a person of the host and a teacher of the school; the school's is not known while nobody has named one."""
    return YES if host and school else NO if not host or school is False else UNKNOWN


def next_party(signed: Sequence[tuple[str, bool]]) -> str | None:
    """The first in turn who has not signed."""
    return next((party for party, done in signed if not done), None)
