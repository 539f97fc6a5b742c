"""Student-proposing deferred acceptance under laminar capacities: post ⊂ kind of post ⊂ enterprise.

An enterprise chooses greedily in its order among all contracts that fit its capacities. Greedy over a laminar matroid is a
substitutable choice (Fleiner 2003; Hatfield & Milgrom 2005; Kamada & Kojima 2015 for regional caps), so the outcome is stable, the
best stable one for students, and telling the truth is each student's best strategy. Jobs use no quota above the post's own seats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consortium.matching.preferences import Contracts

UNLIMITED = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Capacities:
    """Of every position: its seats, and the groups it belongs to (row of a group's cap; jobs have groups of their own without limit).

    seats, family, firm : (n_positions,) int64; family_cap : (n_families,); firm_cap : (n_firms,).
    """

    seats: np.ndarray
    family: np.ndarray
    firm: np.ndarray
    family_cap: np.ndarray
    firm_cap: np.ndarray


def assign(found: Contracts, capacities: Capacities, n_students: int) -> np.ndarray:
    """(n_students,) int64: the contract each student holds in the end (row of `found`), -1 for none."""
    first = np.searchsorted(found.student, np.arange(n_students))
    last = np.searchsorted(found.student, np.arange(n_students), side="right")
    following = first.copy()
    held: dict[int, list[int]] = {}
    free = [i for i in range(n_students) if first[i] < last[i]]
    while free:
        asked: dict[int, list[int]] = {}
        for i in free:
            contract = int(following[i])
            following[i] += 1
            asked.setdefault(int(capacities.firm[found.position[contract]]), []).append(contract)
        free = []
        for firm in sorted(asked):
            kept, refused = _chosen(held.get(firm, []) + asked[firm], found, capacities, firm)
            held[firm] = kept
            free += [int(found.student[c]) for c in refused if following[found.student[c]] < last[found.student[c]]]
        free.sort()
    result = np.full(n_students, -1, dtype=np.int64)
    for kept in held.values():
        for contract in kept:
            result[found.student[contract]] = contract
    return result


def _chosen(
    offered: list[int], found: Contracts, capacities: Capacities, firm: int
) -> tuple[list[int], list[int]]:
    """Greedy: best merit first, each taken while its post, its family and the firm have room."""
    kept, refused = [], []
    by_post: dict[int, int] = {}
    by_family: dict[int, int] = {}
    total = 0
    for contract in sorted(offered, key=lambda c: -int(found.merit[c])):
        post = int(found.position[contract])
        family = int(capacities.family[post])
        if (
            by_post.get(post, 0) < capacities.seats[post]
            and by_family.get(family, 0) < capacities.family_cap[family]
            and total < capacities.firm_cap[firm]
        ):
            by_post[post] = by_post.get(post, 0) + 1
            by_family[family] = by_family.get(family, 0) + 1
            total += 1
            kept.append(contract)
        else:
            refused.append(contract)
    return kept, refused
