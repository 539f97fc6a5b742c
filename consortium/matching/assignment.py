"""Student-proposing deferred acceptance under laminar capacities: post ⊂ kind of post ⊂ enterprise.

An enterprise chooses greedily: down its order over all its contracts, each taken while every group it belongs to has room. Groups are
laminar (any two are disjoint or one holds the other), so the sets that fit are the independent sets of a matroid and greedy takes its
best basis. Three things follow. (1) The choice is *substitutable*: what is refused among some contracts is refused among more (Fleiner
2003, for matroids; Kamada & Kojima 2015, for caps above single posts), so students asking one after the other end in a *stable* outcome
that every student likes at least as well as any other stable one (Hatfield & Milgrom 2005, theorem 4). (2) More contracts never fill fewer
places (*law of aggregate demand*), so telling the true list is a best strategy for every student, and for groups (theorem 11), whatever
breaks the ties, as long as it does not read the lists. (3) The order in which students ask changes nothing (McVitie & Wilson 1971): that is
why `compiled` may let one ask at a time, `plain` all at once, and both end in the same bytes. Enterprises may gain by hiding places or
likes; no stable rule prevents that (Roth 1982), and the law leaves them little to hide. Jobs use no quota above the post's own seats.

Proved by brute force in `tests/matching`: all stable outcomes of small markets, all lists a student could tell, the library `matching`
where there is no cap above a post.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consortium.matching.loops import loops
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
    """(n_students,) int64: the contract each student holds in the end (row of `found`), -1 for none.

    Raises ValueError for shapes that do not fit, contracts out of order, or kinds of posts shared by two enterprises.
    """
    _checked(found, capacities, n_students)
    position = np.ascontiguousarray(found.position, dtype=np.int64)
    n_positions, n_families = len(capacities.seats), len(capacities.family_cap)
    group = np.stack([np.arange(n_positions), capacities.family + n_positions, capacities.firm + n_positions + n_families]).astype(np.int64)
    cap = np.concatenate([capacities.seats, capacities.family_cap, capacities.firm_cap]).astype(np.int64)
    asked = np.bincount(position, minlength=n_positions)
    offers = np.concatenate([np.bincount(of, weights=asked, minlength=len(cap)).astype(np.int64) for of in group]).reshape(3, -1).sum(axis=0)
    starts = np.concatenate([[0], np.cumsum(np.where(offers > cap, offers, 0))]).astype(np.int64)
    edges = np.searchsorted(found.student, np.arange(n_students + 1)).astype(np.int64)
    student, merit = (np.ascontiguousarray(column, dtype=np.int64) for column in (found.student, found.merit))
    return np.asarray(loops().deferred(edges[:-1], edges[1:], student, position, merit, group, cap, starts, int(starts[-1])))


def _checked(found: Contracts, capacities: Capacities, n_students: int) -> None:
    n, n_positions = len(found), len(capacities.seats)
    if not len(found.position) == len(found.place) == len(found.merit) == n:
        raise ValueError("contracts need a student, a position, a place and a merit each")
    if not len(capacities.family) == len(capacities.firm) == n_positions:
        raise ValueError("every position needs seats, a family and a firm")
    if n and (found.position.min() < 0 or found.position.max() >= n_positions or found.student[0] < 0 or found.student[-1] >= n_students):
        raise ValueError("a contract names a student or a position that there is not")
    same = np.diff(found.student) == 0
    if (np.diff(found.student) < 0).any() or (np.diff(found.place)[same] <= 0).any():
        raise ValueError("contracts must stand by student and in the student's order")
    for name, of, caps in (("family", capacities.family, capacities.family_cap), ("firm", capacities.firm, capacities.firm_cap)):
        if n_positions and (of.min() < 0 or of.max() >= len(caps)):
            raise ValueError(f"a position belongs to a {name} that there is not")
    firm_of = np.full(len(capacities.family_cap), -1, dtype=np.int64)
    firm_of[capacities.family] = capacities.firm
    if (firm_of[capacities.family] != capacities.firm).any():
        raise ValueError("capacities must be laminar: a family belongs to one firm")
