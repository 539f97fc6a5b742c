"""An independent count of blocking pairs: for tests, and for the record of every run.

Written from the definition by exchange, not by choice: a contract blocks if its student prefers it to what he or she holds, and
the enterprise either has room at every level or holds, within the innermost full level, a contract that it likes less.
"""

from __future__ import annotations

import numpy as np

from consortium.matching.assignment import Capacities
from consortium.matching.preferences import Contracts


def blocking_pairs(found: Contracts, capacities: Capacities, held: np.ndarray) -> list[int]:
    """Rows of `found` that block the outcome `held` ((n_students,), rows of `found`, -1 for none)."""
    mine = {int(i): int(c) for i, c in enumerate(held) if c >= 0}
    blocking = []
    for contract in range(len(found)):
        student = int(found.student[contract])
        now = mine.get(student)
        if now is not None and found.place[now] <= found.place[contract]:
            continue
        others = [c for s, c in mine.items() if s != student]
        if _would_take(contract, others, found, capacities):
            blocking.append(contract)
    return blocking


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


def _would_take(contract: int, others: list[int], found: Contracts, capacities: Capacities) -> bool:
    post = int(found.position[contract])
    levels = (
        (lambda p: p == post, capacities.seats[post]),
        (lambda p: capacities.family[p] == capacities.family[post], capacities.family_cap[capacities.family[post]]),
        (lambda p: capacities.firm[p] == capacities.firm[post], capacities.firm_cap[capacities.firm[post]]),
    )
    for belongs, cap in levels:
        inside = [c for c in others if belongs(found.position[c])]
        if len(inside) >= cap:
            return any(found.merit[c] < found.merit[contract] for c in inside)
    return True
