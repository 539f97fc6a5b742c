"""From scores to strict orders on both sides; ties are broken here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from consortium.matching.problem import Columns
from consortium.matching.similarity import GRID


@dataclass(frozen=True)
class Contracts:
    """Every pair that a student finds acceptable, by student and in the student's order.

    student, position : (n,) int64 row numbers; place : (n,) int64 place in the student's list, 1 first;
    merit : (n,) int64, the enterprise's order over all its contracts, larger is better, all different.
    """

    student: np.ndarray
    position: np.ndarray
    place: np.ndarray
    merit: np.ndarray

    def __len__(self) -> int:
        return len(self.student)


def lists(students: Columns, position_keys: np.ndarray, top: np.ndarray, lawful: np.ndarray | None) -> list[list[int]]:
    """Every student's list of position rows: the own ranking first, then the best scored.

    top : (n_students, k) row numbers, -1 for none; `lawful` : (n_students, n_positions) bool to check own rankings, None if there are none.
    """
    row_of = {key: j for j, key in enumerate(position_keys)}
    found = []
    for i, own in enumerate(students.ranking):
        mine = [row_of[key] for key in own if key in row_of]
        mine = [j for j in dict.fromkeys(mine) if lawful is None or lawful[i, j]]
        found.append(mine + [int(j) for j in top[i] if j >= 0 and j not in mine])
    return found


def contracts(
    ordered: list[list[int]],
    firm_students: sparse.csr_matrix,
    firm_positions: sparse.csr_matrix,
    student_turns: np.ndarray,
    position_turns: np.ndarray,
) -> Contracts:
    """Contracts with the enterprise's merit: its own score (no wish of the student in it), then the student's lottery turn."""
    student = np.array([i for i, mine in enumerate(ordered) for _ in mine], dtype=np.int64)
    position = np.array([j for mine in ordered for j in mine], dtype=np.int64)
    place = np.array([n for mine in ordered for n in range(1, len(mine) + 1)], dtype=np.int64)
    if not len(student):
        return Contracts(student, position, place, student)
    score = np.asarray(firm_students[student].multiply(firm_positions[position]).sum(axis=1)).ravel()
    points = np.rint(score * GRID).astype(np.int64)
    order = np.lexsort((position_turns[position], student_turns[student], -points))
    merit = np.empty(len(student), dtype=np.int64)
    merit[order] = np.arange(len(student), 0, -1)
    return Contracts(student, position, place, merit)
