"""The hot loops in plain NumPy: what `compiled` is tested against, and what runs where numba is missing."""

from __future__ import annotations

import numpy as np
from scipy import sparse

GRID = 1_000_000
CELLS = 2_000_000  # pairs scored at a time: memory does not grow with the number of students


def count(
    run: np.ndarray, kept: np.ndarray, kind: np.ndarray, keep: np.ndarray, posts: np.ndarray, segment: np.ndarray, sector: np.ndarray,
    n_lawful: np.ndarray, class_pairs: np.ndarray, class_students: np.ndarray,
) -> None:  # fmt: skip
    """Figures of one piece, `blocks.Piece` and `blocks.Block` as arrays, added to what is there already.

    n_lawful : (n_positions,) lawful students of each post; class_pairs, class_students : (n_classes, n_sectors) lawful pairs, and students
    with at least one.
    """
    n_alike = np.diff(run)
    allowed = _open_to(keep, kept, slice(0, len(posts)))
    n_lawful[posts] += n_alike @ allowed
    of_sector = np.repeat(np.arange(len(sector)), np.diff(segment))
    pairs = allowed.astype(np.int64) @ (of_sector[:, None] == np.arange(len(sector))[None, :])
    cells = (kind[:, None], sector[None, :])
    np.add.at(class_pairs, cells, pairs * n_alike[:, None])
    np.add.at(class_students, cells, (pairs > 0) * n_alike[:, None])


def _open_to(keep: np.ndarray, kept: np.ndarray, posts: slice) -> np.ndarray:
    """(n, n_posts) bool: what all rules leave open; kept : (n, n_rules) rows of `keep`."""
    allowed = np.ones((len(kept), len(keep[0, posts]) if len(keep) else posts.stop - posts.start), dtype=bool)
    for rule in range(kept.shape[1]):
        allowed &= keep[kept[:, rule], posts].astype(bool)
    return allowed


def search(
    row_starts: np.ndarray, row_columns: np.ndarray, row_weights: np.ndarray, rows: np.ndarray, run: np.ndarray, kept: np.ndarray,
    keep: np.ndarray, begin: int, starts: np.ndarray, post: np.ndarray, weight: np.ndarray, posts: np.ndarray, scorable: np.ndarray,
    student_turns: np.ndarray, position_turns: np.ndarray, start: int,
    best: np.ndarray, found: np.ndarray, filled: np.ndarray, limit: np.ndarray,
) -> None:  # fmt: skip
    """The students of a piece against one tile of its block: posts `begin` and following.

    row_starts, row_columns, row_weights : the rows of all students (CSR); student_turns, position_turns : lottery turns of all; start : the
    student whose row of `best` is the first. Brought up to date: best : (n, k) int64 keys of the best posts of each student, largest
    first, -1 where there are fewer; found : (n_positions, 2 × k_positions) int64 keys, among them those of the best students of each post,
    in any order. `filled`, how many keys of a post are noted, and `limit`, the score below which none is, (n_positions,), are the compiled
    loop's own. A key is points × number of rows + turns still to come: one total order, no ties.
    """
    n_students, n_positions, n_columns = len(student_turns), len(position_turns), len(starts) - 1
    index = sparse.csc_matrix((weight, post.astype(np.int32), starts.astype(np.int32)), shape=(len(posts), n_columns)).T.tocsr()
    of_row = np.repeat(np.arange(len(run) - 1), np.diff(run))
    step = max(CELLS // max(len(posts), 1), 1)
    for at in range(0, len(rows), step):
        mine, runs = rows[at : at + step], of_row[at : at + step]
        allowed = _open_to(keep, kept[runs], slice(begin, begin + len(posts)))
        left = _taken(row_starts, row_columns, row_weights, mine, n_columns)
        points = whole_points(left @ index)
        good = allowed & scorable.astype(bool)[None, :] & (points > 0)
        of_students = np.where(good, points * n_positions + (n_positions - 1 - position_turns[posts])[None, :], -1)
        best[mine - start] = _largest(np.concatenate([best[mine - start], of_students], axis=1), best.shape[1])
        of_posts = np.where(good, points * n_students + (n_students - 1 - student_turns[mine])[:, None], -1)
        found[posts] = _largest(np.concatenate([found[posts], of_posts.T], axis=1), found.shape[1])


def _taken(starts: np.ndarray, columns: np.ndarray, weights: np.ndarray, rows: np.ndarray, n_columns: int) -> sparse.csr_matrix:
    """Some rows of a CSR matrix."""
    lengths = starts[rows + 1] - starts[rows]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    at = np.repeat(starts[rows] - ends[:-1], lengths) + np.arange(ends[-1])
    return sparse.csr_matrix((weights[at], columns[at].astype(np.int32), ends), shape=(len(rows), n_columns))


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
    """(2, k) int64 rows, best first, and points of the best of one side for a row of the other; -1 where there are fewer.

    columns, weights : the row; starts, rows, weight : the inverted index of the side; allowed, turns : (n_rows,).
    """
    n_rows = len(allowed)
    score = np.zeros(n_rows)
    for column, own in zip(columns, weights, strict=True):
        part = slice(int(starts[column]), int(starts[column + 1]))
        score[rows[part]] += own * weight[part]
    points = np.rint(score * GRID).astype(np.int64)
    keys = np.where(allowed & (points > 0), points * n_rows + (n_rows - 1 - turns), -1)
    best = _largest(keys[None, :], k)[0]
    row_of = np.empty(n_rows, dtype=np.int64)
    row_of[turns] = np.arange(n_rows)
    return np.where(best >= 0, [row_of[n_rows - 1 - best % n_rows], best // n_rows], -1) if n_rows else np.full((2, k), -1)
