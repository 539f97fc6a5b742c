"""What was chosen before, as further columns: kernel ridge per student or major over the posts that past choices name.

Ridge regression has its closed form (Hoerl & Kennard 1970): with unit rows X of the posts and grades y, w = Xᵀ(XXᵀ + λI)⁻¹y. Since w has
a value for every word, the score of a post stays a dot product, and its parts say which words of chosen posts it repeats.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from consortium.matching.problem import Columns

RIDGE = 1.0
MOST_POSTS = 4_000
Events = Sequence[tuple[str, str, float]]
"""Who (a student's key, a major's code, or a wish in its words), the key of the post, the grade: 0 declined, more for better."""


def learnt(events: Events, keys: np.ndarray, rows: sparse.csr_matrix) -> tuple[tuple[str, ...], sparse.csr_matrix]:
    """The names of who chose, sorted, and their rows (n_names, n_columns), not negative, the best post of `rows` at 1.

    keys : (n_posts,), rows : (n_posts, n_columns) of unit length. A post that others judged and this one did not counts as grade 0;
    posts that are not among `keys` are passed over; of several grades for the same post the highest counts. Raises ValueError for a
    grade that is negative or not finite.
    """
    if not all(0 <= grade < float("inf") for _, _, grade in events):
        raise ValueError("a grade must be finite and not negative")
    row_of = {str(key): row for row, key in enumerate(keys)}
    kept = [(who, row_of[post], grade) for who, post, grade in events if post in row_of]
    pool = sorted({row for _, row, _ in kept}, key=lambda row: hashlib.sha256(str(keys[row]).encode()).digest())[:MOST_POSTS]
    names = tuple(sorted({who for who, row, grade in kept if grade > 0 and row in set(pool)}))
    if not names:
        return (), sparse.csr_matrix((0, rows.shape[1]))
    place, column = {row: i for i, row in enumerate(sorted(pool))}, {name: i for i, name in enumerate(names)}
    grades = np.zeros((len(pool), len(names)))
    for who, row, grade in kept:
        if row in place and who in column:
            grades[place[row], column[who]] = max(grades[place[row], column[who]], grade)
    grades /= grades.max(axis=0)
    own = rows[sorted(pool)]
    kernel = (own @ own.T).toarray() + RIDGE * np.eye(len(pool))
    weights = np.maximum((own.T @ np.linalg.solve(kernel, grades)).T, 0.0)
    best = (rows @ weights.T).max(axis=0)
    return names, sparse.csr_matrix((weights / np.where(best > 0, best, 1.0)[:, None]).round(9))


def of_students(names: tuple[str, ...], rows: sparse.csr_matrix, students: Columns) -> sparse.csr_matrix:
    """(n_students, n_columns): each student's own row, else the major's, else that of the same wish, else nothing."""
    place = {name: row for row, name in enumerate(names)}
    found = [
        next((place[name] for name in (str(key), major, wish) if name in place), len(names))
        for key, major, wish in zip(students.key, students.major, students.wish, strict=True)
    ]
    return sparse.vstack([rows, sparse.csr_matrix((1, rows.shape[1]))], format="csr")[found]
