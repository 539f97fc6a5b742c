"""Decisions about the quarterly question, on values alone: what an answer must hold, when to remind, what may be told of others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

YES, PERHAPS, NO = "yes", "perhaps", "no"
ANSWERS = (YES, PERHAPS, NO)
KINDS = ("internship", "job")
OWN_REASONS = ("no-mentor", "low-capacity", "past-trainees", "not-known-how", "no-orders", "insurance", "other")
RULE_REASONS = ("R10", "R11", "R19", "R22", "R23", "R25", "R26", "R27a")
MOST_WISHES, MOST_HEADS = 6, 5000
SMALLEST_SHOWN = 5
REMIND_AFTER = (timedelta(days=4), timedelta(days=7), timedelta(days=7))  # after the first telling, the second, the third
LINK_LASTS = timedelta(days=14)
NEW_LINK_AFTER = timedelta(minutes=10)

Wish = tuple[str, int | None, str]
"""Class of majors, heads, kind."""


def quarter_of(day: date) -> tuple[int, int]:
    """The year and quarter a day lies in."""
    return day.year, (day.month - 1) // 3 + 1


def answer_problem(answer: str, wishes: Sequence[Wish], reasons: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """What is missing or wrong, by field; empty where the answer may be kept."""
    if answer not in ANSWERS:
        return {"answer": "choose"}
    if answer == NO:
        if not reasons:
            return {"reasons": "needed"}
        return {} if set(reasons) <= {*OWN_REASONS, *RULE_REASONS} else {"reasons": "unknown"}
    if not wishes:
        return {"class_key_0": "needed"}
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for n, (class_key, heads, kind) in enumerate(wishes[:MOST_WISHES]):
        if class_key not in classes:
            found[f"class_key_{n}"] = "unknown" if class_key else "needed"
        elif (class_key, kind) in seen:
            found[f"class_key_{n}"] = "twice"
        seen.add((class_key, kind))
        if heads is None or not 1 <= heads <= MOST_HEADS:
            found[f"heads_{n}"] = "heads"
        if kind not in KINDS:
            found[f"kind_{n}"] = "choose"
    return found


def reminder_due(n_sent: int, last_sent_at: datetime | None, now: datetime, answered: bool, closes_on: date, today: date) -> bool:
    """Whether to tell a firm (again): never once it answered or the round is over, three reminders at most, with days between."""
    if answered or today > closes_on or n_sent > len(REMIND_AFTER):
        return False
    if n_sent == 0 or last_sent_at is None:
        return True
    return now - last_sent_at >= REMIND_AFTER[n_sent - 1]


def told_count(n: int) -> int | None:
    """How many others answered, as it may be told to a firm: None below five."""
    return n if n >= SMALLEST_SHOWN else None
