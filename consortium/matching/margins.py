"""The assignment asked again: why a student was not proposed to a post, and what one more place or a cap one higher would do."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from consortium.matching import assignment
from consortium.matching.assignment import UNLIMITED, Capacities
from consortium.matching.preferences import Contracts

POST, KIND, FIRM = "post", "kind", "firm"
LEVELS = (POST, KIND, FIRM)
_NONE = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Margin:
    """One full post, kind of post or enterprise: what one more place there gives.

    position : row of a post of the group; turned_away : students who would rather be there and whom this capacity stopped; placed : how many
    more students have a place in the whole market; better, worse : how many have a place they like more (those included), or less: an
    enterprise with more room at one post may prefer somebody there to whom it took at another under the same cap.
    """

    level: str
    position: int
    cap: int
    turned_away: int
    placed: int
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a post of a student's list was not proposed: the innermost full level that stood against it, and the last one admitted there.

    level : post, kind or firm; admitted : how many it admitted; last : row in `Contracts` of the weakest of them.
    """

    level: str
    admitted: int
    last: int


def _groups(capacities: Capacities) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of every level, innermost first: the group of every post, and the cap of every group."""
    own = np.arange(len(capacities.seats))
    return [(own, capacities.seats), (capacities.family, capacities.family_cap), (capacities.firm, capacities.firm_cap)]


def wished(found: Contracts, held: np.ndarray) -> np.ndarray:
    """(n_contracts,) bool: the student likes the contract better than what he or she holds."""
    now = held[found.student]
    return found.place < np.where(now >= 0, found.place[np.maximum(now, 0)], _NONE)


def refusal(found: Contracts, capacities: Capacities, held: np.ndarray, contract: int) -> Refusal | None:
    """Why one contract was refused; None where the student holds it or something better.

    In a stable outcome whatever a student wishes in vain meets a full level; the innermost one decides (Hatfield & Milgrom 2005).
    """
    if held[found.student[contract]] == contract or not wished(found, held)[contract]:
        return None
    mine = held[held >= 0]
    for level, (group, cap) in zip(LEVELS, _groups(capacities), strict=True):
        here = group[found.position[contract]]
        inside = mine[group[found.position[mine]] == here]
        if len(inside) >= cap[here]:
            return Refusal(level, len(inside), int(inside[np.argmin(found.merit[inside])]) if len(inside) else -1)
    return None


def margins(found: Contracts, capacities: Capacities, held: np.ndarray, most: int) -> list[Margin]:
    """One place more at each of the `most` groups of every level that turned most students away: the whole assignment made again.

    `held` : (n_students,) the outcome without the change. Most students placed first, then most better off and fewest worse.
    """
    if not len(found):
        return []
    n_students = len(held)
    place = np.where(held >= 0, found.place[held], _NONE)
    asked = np.flatnonzero(wished(found, held))
    gone = np.zeros(len(asked), dtype=bool)
    tried = []
    for number, (group, cap) in enumerate(_groups(capacities)):
        heads = np.bincount(group[found.position[held[held >= 0]]], minlength=len(cap))
        at = group[found.position[asked]]
        here = ~gone & (heads[at] >= cap[at])
        gone |= here
        pairs = np.unique(at[here] * n_students + found.student[asked[here]])  # a student counts once in a group
        turned_away = np.bincount(pairs // n_students, minlength=len(cap))
        for chosen in np.argsort(-turned_away, kind="stable")[:most]:
            if turned_away[chosen] and cap[chosen] < UNLIMITED:
                tried.append((number, int(chosen), int(turned_away[chosen])))
    rows = []
    for number, chosen, n_gone in tried:
        after = assignment.assign(found, _raised(capacities, number, chosen), n_students)
        now = np.where(after >= 0, found.place[after], _NONE)
        group, cap = _groups(capacities)[number]
        placed = int((after >= 0).sum() - (held >= 0).sum())
        effect = placed, int((now < place).sum()), int((now > place).sum())
        rows.append(Margin(LEVELS[number], int(np.argmax(group == chosen)), int(cap[chosen]), n_gone, *effect))
    return sorted(rows, key=lambda m: (-m.placed, m.worse - m.better, -m.turned_away, LEVELS.index(m.level), m.position))


def _raised(capacities: Capacities, level: int, group: int) -> Capacities:
    name = ("seats", "family_cap", "firm_cap")[level]
    cap = getattr(capacities, name).copy()
    cap[group] += 1
    return replace(capacities, **{name: cap})
