"""The hot loops in plain NumPy: what `compiled` is tested against, and what runs where numba is missing."""

from __future__ import annotations

import numpy as np
from scipy import sparse

GRID = 1_000_000
CELLS = 2_000_000  # pairs scored at a time: memory does not grow with the number of students


def search(
    row_starts: np.ndarray, row_columns: np.ndarray, row_weights: np.ndarray, rows: np.ndarray, run: np.ndarray, kept: np.ndarray, kind: np.ndarray,
    starts: np.ndarray, post: np.ndarray, weight: np.ndarray, keep: np.ndarray, posts: np.ndarray, scorable: np.ndarray, segment: np.ndarray, sector: np.ndarray,
    student_turns: np.ndarray, position_turns: np.ndarray, start: int, k: int,
    best: np.ndarray, found: np.ndarray, filled: np.ndarray, limit: np.ndarray, n_lawful: np.ndarray, class_pairs: np.ndarray, class_students: np.ndarray,
) -> None:  # fmt: skip
    """One piece of a block: `blocks.Piece` and `blocks.Block` as arrays, between the students' rows and what is filled.

    row_starts, row_columns, row_weights : the rows of all students (CSR); student_turns, position_turns : lottery turns of all; start : the
    student whose row of `best` is the first. Filled: best : (n, k) int64 keys of the best posts of each student, largest first, -1 where
    there are fewer; heap : (n_positions, k_positions) int64 min-heaps of the keys of the best students of each post; n_lawful :
    (n_positions,); class_pairs, class_students : (n_classes, n_sectors). `limit` : (n_positions,) float64 is the compiled loop's own:
    the score below which nobody enters the heap. A key is points × number of rows + turns still to come: one total order, no ties.
    """
    n_students, n_positions = len(student_turns), len(position_turns)
    n_columns = len(starts) - 1
    index = sparse.csc_matrix((weight, post.astype(np.int32), starts.astype(np.int32)), shape=(len(posts), n_columns)).T.tocsr()
    of_row = np.repeat(np.arange(len(run) - 1), np.diff(run))
    of_sector = np.repeat(np.arange(len(sector)), np.diff(segment))
    step = max(CELLS // max(len(posts), 1), 1)
    for begin in range(0, len(rows), step):
        mine, runs = rows[begin : begin + step], of_row[begin : begin + step]
        allowed = np.ones((len(mine), len(posts)), dtype=bool)
        for rule in range(kept.shape[1]):
            allowed &= keep[kept[runs, rule]].astype(bool)
        n_lawful[posts] += allowed.sum(axis=0)
        by_sector = allowed.astype(np.int64) @ (of_sector[:, None] == np.arange(len(sector))[None, :])
        for g, column in enumerate(sector):
            np.add.at(class_pairs, (kind[runs], column), by_sector[:, g])
            np.add.at(class_students, (kind[runs], column), by_sector[:, g] > 0)
        lengths = row_starts[mine + 1] - row_starts[mine]
        at = np.repeat(row_starts[mine] - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
        ends = np.concatenate([[0], np.cumsum(lengths)])
        left = sparse.csr_matrix((row_weights[at], row_columns[at].astype(np.int32), ends), shape=(len(mine), n_columns))
        points = whole_points(left @ index)
        good = allowed & scorable.astype(bool)[None, :] & (points > 0)
        best[mine - start] = _largest(np.where(good, points * n_positions + (n_positions - 1 - position_turns[posts])[None, :], -1), best.shape[1])
        of_posts = np.where(good, points * n_students + (n_students - 1 - student_turns[mine])[:, None], -1)
        found[posts] = _largest(np.concatenate([found[posts], of_posts.T], axis=1), found.shape[1])


def whole_points(product: sparse.spmatrix) -> np.ndarray:
    """(n_rows, n_columns) int64 points of a sparse product of feature rows."""
    return np.asarray(np.rint(product.toarray() * GRID).astype(np.int64))


def _largest(keys: np.ndarray, k: int) -> np.ndarray:
    """(n, k) the k largest of every row, largest first, -1 where there are fewer."""
    if keys.shape[1] > k:
        keys = -np.partition(-keys, k - 1, axis=1)[:, :k]
    found = np.full((len(keys), k), -1, dtype=np.int64)
    found[:, : keys.shape[1]] = -np.sort(-keys, axis=1)
    return found


def pair_scores(
    left_starts: np.ndarray, left_columns: np.ndarray, left_weights: np.ndarray,
    right_starts: np.ndarray, right_columns: np.ndarray, right_weights: np.ndarray, left: np.ndarray, right: np.ndarray, n_columns: int,
) -> np.ndarray:  # fmt: skip
    """(n,) float64: the dot products of rows left[c] and right[c] of two CSR matrices."""
    one = sparse.csr_matrix((left_weights, left_columns.astype(np.int32), left_starts), shape=(len(left_starts) - 1, n_columns))
    other = sparse.csr_matrix((right_weights, right_columns.astype(np.int32), right_starts), shape=(len(right_starts) - 1, n_columns))
    found = np.empty(len(left))
    step = 20_000
    for begin in range(0, len(left), step):
        part = slice(begin, begin + step)
        found[part] = np.asarray(one[left[part]].multiply(other[right[part]]).sum(axis=1)).ravel()
    return found


def deferred(
    first: np.ndarray, last: np.ndarray, student: np.ndarray, position: np.ndarray, merit: np.ndarray, group: np.ndarray, cap: np.ndarray,
    starts: np.ndarray, n_kept: int,
) -> np.ndarray:  # fmt: skip
    """(n_students,) int64: the contract each student holds in the end, -1 for none.

    first, last : (n_students,) each student's contracts, first to last; student, position, merit : of every contract; group : (n_levels,
    n_positions) the groups of every post, innermost level first; cap : (n_groups,). `starts` : (n_groups + 1,) and `n_kept` are the
    compiled loop's own: where the heap of a group begins that may be full. All free students propose at once; each outermost group keeps
    greedily by merit what fits at every level.
    """
    held: dict[int, list[int]] = {}
    following = first.copy()
    free = [i for i in range(len(first)) if first[i] < last[i]]
    while free:
        asked: dict[int, list[int]] = {}
        for i in free:
            contract = int(following[i])
            following[i] += 1
            asked.setdefault(int(group[-1, position[contract]]), []).append(contract)
        free = []
        for outermost in sorted(asked):
            kept, refused = _chosen(held.get(outermost, []) + asked[outermost], position, merit, group, cap)
            held[outermost] = kept
            free += [int(student[c]) for c in refused if following[student[c]] < last[student[c]]]
        free.sort()
    result = np.full(len(first), -1, dtype=np.int64)
    for kept in held.values():
        result[student[kept]] = kept
    return result


def _chosen(offered: list[int], position: np.ndarray, merit: np.ndarray, group: np.ndarray, cap: np.ndarray) -> tuple[list[int], list[int]]:
    """Greedy: best merit first, each taken while every group it belongs to has room."""
    kept, refused = [], []
    heads: dict[int, int] = {}
    for contract in sorted(offered, key=lambda c: -int(merit[c])):
        own = group[:, position[contract]].tolist()
        if all(heads.get(g, 0) < cap[g] for g in own):
            heads |= {g: heads.get(g, 0) + 1 for g in own}
            kept.append(contract)
        else:
            refused.append(contract)
    return kept, refused


def nearest(
    columns: np.ndarray, weights: np.ndarray, starts: np.ndarray, rows: np.ndarray, weight: np.ndarray, allowed: np.ndarray, turns: np.ndarray, k: int
) -> np.ndarray:
    """(k,) int64 keys, largest first, of the best rows of one side for a row of the other.

    columns, weights : the row; starts, rows, weight : the inverted index of the side; allowed, turns : (n_rows,).
    """
    n_rows = len(allowed)
    score = np.zeros(n_rows)
    for column, own in zip(columns, weights, strict=True):
        part = slice(int(starts[column]), int(starts[column + 1]))
        score[rows[part]] += own * weight[part]
    points = np.rint(score * GRID).astype(np.int64)
    keys = np.where(allowed & (points > 0), points * n_rows + (n_rows - 1 - turns), -1)
    return _largest(keys[None, :], k)[0]
