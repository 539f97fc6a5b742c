"""What was chosen before, as further columns: ridge regression per student or major over the posts that past choices name.

For unit rows X of the posts and grades y, the weights w ≥ 0 of words that minimise |Xw - y|² + λ|w|² (ridge: Hoerl & Kennard 1970; held
not negative by accelerated projected gradients: Beck & Teboulle 2009). Cutting the closed form at zero instead ranks worse: what a
negative weight had outweighed stays. Since w has a value for every word, the score of a post stays a dot product, and its parts say
which words of chosen posts it repeats.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from consortium.matching.problem import Columns, to_json, unjson
from consortium.matching.related import largest

RIDGE = 0.3
STEPS = 60
GAIN_POWER = 2
"""A post at half of one's best grade teaches a quarter as much."""

MOST_POSTS, MOST_WORDS = 4_000, 150
ENOUGH = 3
"""Posts chosen at which a history counts by half: n / (n + ENOUGH)."""

_STRETCH = 64
Events = Sequence[tuple[str, str, float]]
"""Who (a student's key, a major's code, or a wish in its words), the key of the post, the grade: 0 declined, more for better."""


@dataclass(frozen=True)
class Learnt:
    """What past choices taught. names : who chose, sorted; rows : (n_names, n_columns), not negative, the best known post near 1 where many were chosen."""

    names: tuple[str, ...]
    rows: sparse.csr_matrix

    def of_students(self, students: Columns) -> sparse.csr_matrix:
        """(n_students, n_columns): each student's own row, else the major's, else that of the same wish, else nothing."""
        place = {name: row for row, name in enumerate(self.names)}
        found = [
            next((place[name] for name in (str(key), major, wish) if name in place), len(self.names))
            for key, major, wish in zip(students.key, students.major, students.wish, strict=True)
        ]
        return sparse.vstack([self.rows, sparse.csr_matrix((1, self.rows.shape[1]))], format="csr")[found]

    def packed(self) -> dict[str, np.ndarray]:
        """Plain arrays."""
        told = {"names": list(self.names), "columns": self.rows.shape[1]}
        return {"history": to_json(told)} | {f"history.{part}": getattr(self.rows, part) for part in ("data", "indices", "indptr")}

    @staticmethod
    def unpacked(arrays: Mapping[str, np.ndarray]) -> Learnt:
        """The inverse of `packed`."""
        told = unjson(arrays["history"])
        parts = tuple(arrays[f"history.{part}"] for part in ("data", "indices", "indptr"))
        names = tuple(told["names"])
        return Learnt(names, sparse.csr_matrix(parts, shape=(len(names), told["columns"])))


def learnt(events: Events, keys: np.ndarray, rows: sparse.csr_matrix) -> Learnt:
    """What the events teach; nothing where none names a known post with a grade above 0.

    keys : (n_posts,), rows : (n_posts, n_columns) of unit length, not negative. A post that others judged and this one did not counts as
    grade 0; posts that are not among `keys` are passed over; of several grades for the same post the highest counts. Raises ValueError
    for a grade that is negative or not finite.
    """
    if not all(0 <= grade < float("inf") for _, _, grade in events):
        raise ValueError("a grade must be finite and not negative")
    row_of = {str(key): row for row, key in enumerate(keys)}
    kept = [(who, row_of[post], grade) for who, post, grade in events if post in row_of]
    pool = sorted(sorted({row for _, row, _ in kept}, key=lambda row: hashlib.sha256(str(keys[row]).encode()).digest())[:MOST_POSTS])
    place = {row: i for i, row in enumerate(pool)}
    names = tuple(sorted({who for who, row, grade in kept if grade > 0 and row in place}))
    if not names:
        return Learnt((), sparse.csr_matrix((0, rows.shape[1])))
    column = {name: i for i, name in enumerate(names)}
    grades = np.zeros((len(pool), len(names)))
    for who, row, grade in kept:
        if row in place and who in column:
            grades[place[row], column[who]] = max(grades[place[row], column[who]], grade)
    n_chosen = (grades > 0).sum(axis=0)
    grades = (grades / grades.max(axis=0)) ** GAIN_POWER
    own = rows[pool]
    parts = [largest(ridge(own, grades[:, start : start + _STRETCH]), MOST_WORDS) for start in range(0, len(names), _STRETCH)]
    weights = sparse.vstack(parts, format="csr")
    best = (rows @ weights.T).max(axis=0).toarray().ravel()
    scale = n_chosen / (n_chosen + ENOUGH) / np.where(best > 0, best, 1.0)
    weights.data = (weights.data * np.repeat(scale, np.diff(weights.indptr))).round(9)
    return Learnt(names, weights)


def ridge(rows: sparse.csr_matrix, grades: np.ndarray) -> sparse.csr_matrix:
    """(n_names, n_columns): for (n_posts, n_columns) rows that are not negative and (n_posts, n_names) grades the ridge weights, held not negative."""
    used = np.unique(rows.indices)
    own = rows[:, used].tocsr()
    across = own.T.tocsr()
    target = across @ grades
    step = 1 / (_widest(own, across) + RIDGE)
    weights = ahead = np.zeros_like(target)
    pace = 1.0
    for _ in range(STEPS):
        moved = np.maximum(ahead - step * (across @ (own @ ahead) - target + RIDGE * ahead), 0.0)
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = moved + (pace - 1) / faster * (moved - weights)
        weights, pace = moved, faster
    found = sparse.csr_matrix(weights.T)
    return sparse.csr_matrix((found.data, used[found.indices], found.indptr), shape=(grades.shape[1], rows.shape[1]))


def _widest(own: sparse.csr_matrix, across: sparse.csr_matrix) -> float:
    """No eigenvalue of own @ across is larger (Collatz-Wielandt: nothing is negative and the diagonal is not 0)."""
    vector = np.ones(own.shape[0])
    bound = np.inf
    for _ in range(20):
        further = own @ (across @ vector)
        bound = min(bound, float((further / vector).max()))
        vector = np.maximum(further / further.max(), 1e-12) if further.max() > 0 else vector
    return bound
