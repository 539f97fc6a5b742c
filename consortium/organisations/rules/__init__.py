"""How many interns a firm may take on a day: decisions on numbers alone (rules R10, R11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor


@dataclass(frozen=True, slots=True)
class Room:
    """Caps, peak use within the window, and what is left; None where the head-count is unknown."""

    firm_cap: int | None
    firm_used: int
    family_cap: int | None
    family_used: int

    @property
    def firm_room(self) -> int | None:
        """Interns the firm may still take; None where unknown."""
        return None if self.firm_cap is None else max(self.firm_cap - self.firm_used, 0)

    @property
    def family_room(self) -> int | None:
        """Interns this kind of post may still take; None where unknown."""
        return None if self.family_cap is None else max(self.family_cap - self.family_used, 0)


def cap(staff: int | None, share: float) -> int | None:
    """floor(share × staff)."""
    return None if staff is None else floor(staff * share + 1e-9)


def peak(holds: Iterable[tuple[date, date, int]], from_on: date, to_on: date) -> int:
    """The most heads on any one day within [from_on, to_on]; holds are (from, to, heads), days inclusive."""
    changes: dict[date, int] = {}
    for first, last, heads in holds:
        first, last = max(first, from_on), min(last, to_on)
        if first <= last:
            changes[first] = changes.get(first, 0) + heads
            after = last + timedelta(days=1)
            changes[after] = changes.get(after, 0) - heads
    most = now = 0
    for day in sorted(changes):
        now += changes[day]
        most = max(most, now)
    return most


def next_window(shares: Iterable[tuple[int | None, list[tuple[date, date, int]]]], heads: int, from_on: date, to_on: date) -> date | None:
    """The first day from which so many heads fit under every share (cap, holds) for as many days as asked; None where they never do.

    Room appears only on the day after somebody leaves, so no other days need be tried.
    """
    known = [(limit, holds) for limit, holds in shares]
    if any(limit is None or heads > limit for limit, _ in known):
        return None
    length = to_on - from_on
    days = sorted({from_on, *(last + timedelta(days=1) for _, holds in known for _, last, _ in holds if last >= from_on)})
    return next((day for day in days if all(peak(holds, day, day + length) + heads <= (limit or 0) for limit, holds in known)), None)


def visit_problem(visited_on: date, decided_on: date | None, published_on: date | None, today: date) -> tuple[str, str] | None:
    """Which day of a site visit cannot be, and why (R06: visit, then decision, then publication); None where all may be."""
    if visited_on > today:
        return "visited_on", "future"
    if decided_on is not None and not visited_on <= decided_on <= today:
        return "decided_on", "future" if decided_on > today else "before-visit"
    if published_on is not None and decided_on is None:
        return "published_on", "undecided"
    if published_on is not None and decided_on is not None and not decided_on <= published_on <= today:
        return "published_on", "future" if published_on > today else "before-decision"
    return None
