"""One newcomer against everybody: a new post meets all students, a changed student all posts, without reading the others again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from consortium.matching import similarity
from consortium.matching.problem import Columns
from consortium.matching.similarity import Rows
from consortium.matching.stored import Arrays


@dataclass(frozen=True)
class Crowd:
    """Many rows of one side, ready to be met: columns, the inverted index of their feature rows, their lottery turns (n,)."""

    columns: Columns
    index: Rows
    turns: np.ndarray

    @staticmethod
    def of(columns: Columns, rows: sparse.csr_matrix, seed: int) -> Crowd:
        """From feature rows (n, n_columns)."""
        return Crowd(columns, Rows.of(rows).turned(), similarity.lottery(seed, columns.key))

    def packed(self) -> dict[str, np.ndarray]:
        """Index and turns as plain arrays; the columns are kept elsewhere."""
        side, index = self.columns.side, self.index
        return {f"{side}.starts": index.starts, f"{side}.rows": index.columns, f"{side}.weights": index.weights, f"{side}.turns": self.turns}

    @staticmethod
    def unpacked(columns: Columns, arrays: Arrays) -> Crowd:
        """The inverse of `packed`."""
        starts, rows, weights, turns = (arrays[f"{columns.side}.{name}"] for name in ("starts", "rows", "weights", "turns"))
        return Crowd(columns, Rows(starts, rows, weights, len(turns)), turns)


def meet(row: Rows, crowds: Sequence[tuple[Crowd, np.ndarray]], seed: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best `k` for one row of the other side: rows counted on through all crowds, and points, at most (k,) int64 each, best first.

    row : a single row; crowds : each with a mask (n,) of those that may be met. Ties fall to the run's lottery, as in a whole run.
    """
    idx, points, keys, first = [], [], [], 0
    for crowd, allowed in crowds:
        if len(crowd.columns):
            found, got = similarity.nearest(row, crowd.index, allowed, crowd.turns, k)
            found, got = found[found >= 0], got[found >= 0]
            idx.append(found + first)
            points.append(got)
            keys.append(crowd.columns.key[found])
        first += len(crowd.columns)
    if not idx:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    told = np.concatenate(points)
    order = np.lexsort((similarity.lottery(seed, np.concatenate(keys)), -told))[:k]
    return np.concatenate(idx)[order], told[order]
