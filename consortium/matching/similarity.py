"""Exact best k on both sides under the mask, stretch by stretch, with a total order.

A score is kept as whole points (millionths), so rounding cannot depend on the cut; ties fall to the lottery, then the key. A point list
entry is one whole number, its key: points × number of rows + turns still to come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from consortium.matching.blocks import Piece, Plan
from consortium.matching.loops import loops
from consortium.matching.plain import GRID

PIECE = 2_000  # students a thread takes at a time


def lottery(seed: int, keys: np.ndarray) -> np.ndarray:
    """(n,) turn of every key, 0 first: the order of SHA-256(seed, key). One number per row and run, fit to be published."""
    drawn = [hashlib.sha256(f"{seed}:{key}".encode()).hexdigest() for key in keys]
    order = sorted(range(len(keys)), key=lambda i: (drawn[i], str(keys[i])))
    turns = np.empty(len(keys), dtype=np.int64)
    turns[order] = np.arange(len(keys))
    return turns


@dataclass(frozen=True)
class Rows:
    """Feature rows as the loops read them: starts (n + 1,) int64, columns (nnz,) uint32 ascending in each row, weights (nnz,) float64."""

    starts: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    n_columns: int

    @staticmethod
    def of(matrix: sparse.csr_matrix) -> Rows:
        """From a CSR matrix, without a copy where its types allow. Raises ValueError for what is not finite."""
        if not np.isfinite(matrix.data).all():
            raise ValueError("feature rows must be finite (NaN or infinity found)")
        if not matrix.has_sorted_indices:
            matrix = matrix.sorted_indices()
        indices = matrix.indices.view(np.uint32) if matrix.indices.dtype == np.int32 else matrix.indices.astype(np.uint32)
        return Rows(matrix.indptr.astype(np.int64), indices, np.ascontiguousarray(matrix.data, dtype=np.float64), matrix.shape[1])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def without(self, columns: np.ndarray) -> Rows:
        """The same rows with nothing in some columns, (n_columns,) bool."""
        left = ~columns[self.columns]
        ends = np.concatenate([[0], np.cumsum(left)])
        return Rows(ends[self.starts].astype(np.int64), self.columns[left], self.weights[left], self.n_columns)

    def turned(self) -> Rows:
        """The inverted index: of every column the rows that have it."""
        n_columns, n_rows = self.n_columns, len(self)
        other = sparse.csr_matrix((self.weights, self.columns.astype(np.int32), self.starts), shape=(n_rows, n_columns)).tocsc()
        return Rows(other.indptr.astype(np.int64), other.indices.astype(np.uint32), other.data, n_rows)


@dataclass(frozen=True)
class Lists:
    """What a stretch gave: both sides' lists, and its figures.

    idx, points : (n, k); position_idx, position_points : (n_positions, k_positions), rows of the whole; -1 fills up;
    n_lawful : (n_positions,); class_pairs, class_students : (n_classes, n_sectors). All int64.
    """

    idx: np.ndarray
    points: np.ndarray
    position_idx: np.ndarray
    position_points: np.ndarray
    n_lawful: np.ndarray
    class_pairs: np.ndarray
    class_students: np.ndarray


def best_lists(
    rows: Rows, plan: Plan, turns: tuple[np.ndarray, np.ndarray], cut: tuple[int, int], k: int, k_positions: int, shape: tuple[int, int],
    *, threads: int = 1,
) -> Lists:  # fmt: skip
    """The best `k` posts of students cut[0] to cut[1] and the best `k_positions` of these students for every post.

    rows : of all students; turns : lottery turns of students and positions; shape : numbers of major classes and sectors.
    Raises ValueError where the sides do not fit together.
    """
    _fitting(rows, plan, turns)
    best = np.full((cut[1] - cut[0], k), -1, dtype=np.int64)
    pieces = sorted(plan.pieces(*cut, PIECE), key=lambda piece: -len(piece.rows) * len(piece.block.posts))
    hands = max(min(threads, len(pieces)), 1)

    def work(hand: int) -> _Hand:
        own = _Hand.empty(len(turns[1]), k_positions, shape)
        for piece in pieces[hand::hands]:
            own.take(rows, piece, turns, cut[0], best)
        return own

    if hands == 1:
        done = [work(0)]
    else:
        with ThreadPoolExecutor(hands) as pool:
            done = list(pool.map(work, range(hands)))
    noted = np.concatenate([hand.found for hand in done], axis=1)
    noted.sort(axis=1)
    sums = (np.sum([getattr(hand, name) for hand in done], axis=0) for name in ("n_lawful", "class_pairs", "class_students"))
    return Lists(*opened(best, turns[1]), *opened(noted[:, ::-1][:, :k_positions], turns[0]), *sums)


@dataclass(frozen=True)
class _Hand:
    """What one thread fills."""

    found: np.ndarray
    filled: np.ndarray
    limit: np.ndarray
    n_lawful: np.ndarray
    class_pairs: np.ndarray
    class_students: np.ndarray

    @staticmethod
    def empty(n_positions: int, k: int, shape: tuple[int, int]) -> _Hand:
        zeros = (np.zeros(size, dtype=np.int64) for size in (n_positions, n_positions, shape, shape))
        return _Hand(np.full((n_positions, 2 * k), -1, dtype=np.int64), next(zeros), np.zeros(n_positions), *zeros)

    def take(self, rows: Rows, piece: Piece, turns: tuple[np.ndarray, np.ndarray], start: int, best: np.ndarray) -> None:
        block = piece.block
        figures = (self.n_lawful, self.class_pairs, self.class_students)
        loops().count(piece.run, piece.kept, piece.kind, block.keep, block.posts, block.segment, block.sector, *figures)
        for tile in block.tiles:
            loops().search(
                rows.starts, rows.columns, rows.weights, piece.rows, piece.run, piece.kept, block.keep, tile.begin,
                tile.starts, tile.post, tile.weight, tile.posts, tile.scorable, *turns, start, best, self.found, self.filled, self.limit,
            )  # fmt: skip


def opened(keys: np.ndarray, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers and points of keys, of any shape, -1 where there is none; `turns` : (n,) of the rows that the keys name."""
    n = max(len(turns), 1)
    points, to_come = np.divmod(keys, n)
    row_of = np.empty(len(turns), dtype=np.int64)
    row_of[turns] = np.arange(len(turns))
    idx = row_of[n - 1 - to_come] if len(turns) else keys
    return np.where(keys >= 0, idx, -1), np.where(keys >= 0, points, -1)


def nearest(row: Rows, index: Rows, allowed: np.ndarray, turns: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best `k` rows of a side, idx and points (k,), for one row of the other: a new post, a changed student.

    row : a single row; index : `turned()` rows of the side; allowed : (n,) bool; turns : (n,). Raises ValueError for wrong shapes.
    """
    if len(row) != 1 or row.n_columns != len(index) or not len(allowed) == len(turns) == index.n_columns:
        raise ValueError("one row, an index of the same columns, and a mask and turns of its rows are needed")
    idx, points = loops().nearest(row.columns, row.weights, index.starts, index.columns, index.weights, allowed, turns, k)
    return idx, points


def pair_points(left: Rows, right: Rows, students: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """(n,) int64 points of the pairs students[c], positions[c]."""
    found = loops().pair_scores(
        left.starts, left.columns, left.weights, right.starts, right.columns, right.weights, students, positions, left.n_columns
    )
    return np.asarray(np.rint(found * GRID).astype(np.int64))


def merged(parts: Iterable[tuple[np.ndarray, np.ndarray]], turns: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best k of several lists of the same owners: idx, points (n_owners, k) each; `turns` by idx. One part at a time is held."""
    n, best = max(len(turns), 1), None
    for idx, points in parts:
        keys = np.where(idx >= 0, points * n + (n - 1 - turns[np.maximum(idx, 0)]), -1)
        best = keys if best is None else -np.sort(-np.concatenate([best, keys], axis=1), axis=1)[:, :k]
    if best is None:
        raise ValueError("at least one part is needed")
    return opened(-np.sort(-best, axis=1)[:, :k], turns)


def _fitting(rows: Rows, plan: Plan, turns: tuple[np.ndarray, np.ndarray]) -> None:
    if rows.n_columns != plan.position_rows.shape[1]:
        raise ValueError(f"students have {rows.n_columns} columns, positions {plan.position_rows.shape[1]}")
    if len(rows) != len(turns[0]) or plan.position_rows.shape[0] != len(turns[1]):
        raise ValueError("every row of both sides needs its turn")


__all__ = ["GRID", "Lists", "Rows", "best_lists", "lottery", "merged", "nearest", "opened", "pair_points"]
