"""The hot loops, compiled where numba is installed, else their plain twins: the same results to the last bit."""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np


@cache
def loops() -> ModuleType:
    """`compiled`, or `plain` where numba is missing; both have the functions count, search, deferred, pair_scores and nearest."""
    try:
        from consortium.matching import compiled
    except ImportError:
        from consortium.matching import plain

        return plain
    return compiled


def warm() -> None:
    """Compile (or load what was compiled before) by running every loop once on next to nothing."""
    starts, columns, one, turn = np.array([0, 1]), np.zeros(1, np.uint32), np.ones(1), np.zeros(1, np.int64)
    side = (starts, columns, one)
    index = (starts.astype(np.uint32), columns.astype(np.uint16), one)
    kinds, figures = np.ones((1, 1), np.uint8), (np.zeros((1, 1), np.int64), np.zeros((1, 1), np.int64))
    best, found = np.full((1, 1), -1), np.full((1, 2), -1)
    made = loops()
    made.count(starts, np.zeros((1, 1), np.int64), turn, kinds, turn, starts, turn, turn.copy(), *figures)
    made.search(
        *side, turn, starts, np.zeros((1, 1), np.int64), kinds, 0, *index, turn, np.ones(1, np.uint8), turn, turn, 0,
        best, found, turn.copy(), np.zeros(1),
    )  # fmt: skip
    made.pair_scores(*side, *side, turn, turn, 1)
    made.deferred(starts[:1], starts[1:], turn, turn, turn, np.zeros((3, 1), np.int64), turn + 1, np.zeros(2, np.int64), 0)
    made.nearest(columns, one, *side, np.ones(1, bool), turn, 1)
