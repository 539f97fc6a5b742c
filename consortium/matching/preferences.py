"""From scores to strict orders on both sides; ties are broken here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from consortium.matching.problem import Columns


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


def lists(
    students: Columns, position_keys: np.ndarray, top: np.ndarray, allows: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Student, position and place of every contract, (n,) int64 each: the own ranking first, then the best scored.

    top : (n_students, k) row numbers, -1 for none; `allows` says of pairs of rows whether they are lawful: own rankings are checked.
    """
    own_student, own_position = _own(students, position_keys)
    lawful = allows(own_student, own_position) if len(own_student) else np.zeros(0, dtype=bool)
    own_student, own_position = own_student[lawful], own_position[lawful]
    row, at = np.nonzero(top >= 0)
    scored = top[row, at]
    if len(own_student):
        n = len(position_keys)
        fresh = ~np.isin(row * n + scored, own_student * n + own_position)
        row, scored = row[fresh], scored[fresh]
    student = np.concatenate([own_student, row]).astype(np.int64)
    position = np.concatenate([own_position, scored]).astype(np.int64)
    order = np.argsort(student, kind="stable")
    student, position = student[order], position[order]
    first = np.searchsorted(student, student) if len(student) else student
    return student, position, np.arange(len(student)) - first + 1


def _own(students: Columns, position_keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that students ranked themselves, each once, in their order; keys of no position are passed over."""
    row_of = {key: j for j, key in enumerate(position_keys)}
    pairs = [(i, row_of[key]) for i, own in enumerate(students.ranking) for key in dict.fromkeys(own) if key in row_of]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def contracts(
    listed: tuple[np.ndarray, np.ndarray, np.ndarray], points: np.ndarray, student_turns: np.ndarray, position_turns: np.ndarray
) -> Contracts:
    """Contracts with the enterprise's merit: its own points of each (no wish of the student in it), then the student's lottery turn."""
    student, position, place = listed
    order = np.lexsort((position_turns[position], student_turns[student], -points))
    merit = np.empty(len(student), dtype=np.int64)
    merit[order] = np.arange(len(student), 0, -1)
    return Contracts(student, position, place, merit)
