"""An independent count of blocking pairs: for tests, and for the record of every run.

Written from the definition by exchange, not by choice: a contract blocks if its student prefers it to what he or she holds, and
the enterprise either has room at every level or holds, within the innermost full level, a contract that it likes less. What the student
already holds there counts as held (Hatfield & Milgrom 2005: the enterprise chooses from all it holds and the new one), so a move from
post to post within one enterprise needs the enterprise's gain too. One pass: of every group its head-count and its weakest merit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consortium.matching.assignment import Capacities
from consortium.matching.preferences import Contracts

_NONE = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Level:
    """Groups of one level: group of every position, and of every group its cap, its heads, its weakest merit."""

    group: np.ndarray
    cap: np.ndarray
    heads: np.ndarray
    weakest: np.ndarray


def blocking_pairs(found: Contracts, capacities: Capacities, held: np.ndarray) -> list[int]:
    """Rows of `found` that block the outcome `held` ((n_students,), rows of `found`, -1 for none)."""
    if not len(found):
        return []
    now = held[found.student]
    place_now = np.where(now >= 0, found.place[np.maximum(now, 0)], _NONE)
    envious = found.place < place_now
    decided = np.zeros(len(found), dtype=bool)
    taken = np.ones(len(found), dtype=bool)  # room at every level, until a level says otherwise
    for level in weakest(found, capacities, held):
        group = level.group[found.position]
        full = level.heads[group] >= level.cap[group]
        deciding = full & ~decided
        taken[deciding] = level.weakest[group][deciding] < found.merit[deciding]
        decided |= deciding
    return [int(c) for c in np.flatnonzero(envious & taken)]


def is_feasible(found: Contracts, capacities: Capacities, held: np.ndarray) -> bool:
    """Whether no capacity is exceeded."""
    posts = found.position[held[held >= 0]]
    return bool(
        np.all(np.bincount(posts, minlength=len(capacities.seats)) <= capacities.seats)
        and np.all(
            np.bincount(capacities.family[posts], minlength=len(capacities.family_cap)) <= capacities.family_cap
        )
        and np.all(np.bincount(capacities.firm[posts], minlength=len(capacities.firm_cap)) <= capacities.firm_cap)
    )


def weakest(found: Contracts, capacities: Capacities, held: np.ndarray) -> list[Level]:
    """Heads and weakest merit of every group, innermost level first: rows of seats, kinds of posts, enterprises."""
    mine = held[held >= 0]
    levels = []
    for group, cap in (
        (np.arange(len(capacities.seats)), capacities.seats),
        (capacities.family, capacities.family_cap),
        (capacities.firm, capacities.firm_cap),
    ):
        of_mine = group[found.position[mine]]
        least = np.full(len(cap), _NONE)
        np.minimum.at(least, of_mine, found.merit[mine])
        levels.append(Level(group, cap, np.bincount(of_mine, minlength=len(cap)), least))
    return levels
