"""Decisions about interviews on values alone: which times can still be picked, which overlap, when somebody is reminded."""

from __future__ import annotations

from datetime import datetime, timedelta

LEAST_MINUTES, MOST_MINUTES = 10, 240
MOST_PLACES = 50
MOST_TIMES = 20  # made by one form
FURTHEST = timedelta(days=180)
PICK_UNTIL = timedelta(hours=1)
"""A time can be picked, and one that was picked be changed by the student, until so long before it begins."""
REMIND_BEFORE = timedelta(hours=24)

RESULTS = ("further", "open", "not-further")
STUDENT_REASONS = ("no-time", "place", "other-offer", "other")


def may_pick(starts_at: datetime, now: datetime) -> bool:
    """Whether this time can still be picked, or given back for another."""
    return starts_at - now >= PICK_UNTIL


def overlap(start: datetime, minutes: int, other: datetime, other_minutes: int) -> bool:
    """Whether two stretches share a moment; one that ends when the other begins does not."""
    return start < other + timedelta(minutes=other_minutes) and other < start + timedelta(minutes=minutes)


def in_a_row(first: datetime, minutes: int, times: int) -> list[datetime]:
    """Beginnings of so many times, one after the other."""
    return [first + timedelta(minutes=minutes * n) for n in range(times)]
