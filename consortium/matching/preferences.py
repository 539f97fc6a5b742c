"""From scores to strict orders on both sides; ties are broken here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from consortium.matching.groups import groups
from consortium.matching.problem import YES, Columns

NO_PRIORITY = np.iinfo(np.int32).max


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
    """Student, position and place of every contract, (n,) int64 each: the own ranking first, then the best scored, unless refused.

    top : (n_students, k) row numbers, -1 for none; `allows` says of pairs of rows whether they are lawful: own rankings are checked.
    """
    own_student, own_position = _own(students, position_keys)
    lawful = allows(own_student, own_position) if len(own_student) else np.zeros(0, dtype=bool)
    own_student, own_position = own_student[lawful], own_position[lawful]
    open_to_more = students.own_list_only != YES
    row, at = np.nonzero((top >= 0) & open_to_more[:, None])
    scored = top[row, at]
    if len(own_student):
        n = len(position_keys)
        fresh = ~np.isin(row * n + scored, own_student * n + own_position)
        row, scored = row[fresh], scored[fresh]
    student = np.concatenate([own_student, row]).astype(np.int64)
    position = np.concatenate([own_position, scored]).astype(np.int64)
    if any(students.refused):
        row_of = {key: j for j, key in enumerate(position_keys)}
        never = [i * len(position_keys) + row_of[key] for i, keys in enumerate(students.refused) for key in keys if key in row_of]
        kept = ~np.isin(student * len(position_keys) + position, np.array(never, dtype=np.int64))
        student, position = student[kept], position[kept]
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


def priority_groups(students: Columns, positions: Columns, student: np.ndarray, position: np.ndarray) -> np.ndarray | None:
    """(n,) int64: the first of the post's declared codes that the student bears, 0 first, NO_PRIORITY for none; None where none are declared.

    A priority orders a post's contracts, which are those of students who listed it: it never adds a post to a list nor moves one up.
    """
    if not any(positions.priority_codes):
        return None
    (of_student, one), (of_position, other) = groups(students, ["priority"]), groups(positions, ["priority_codes"])
    table = np.full((len(one), len(other)), NO_PRIORITY, dtype=np.int64)
    for b, codes in enumerate(positions.priority_codes[other]):
        for a, borne in enumerate(students.priority[one]):
            table[a, b] = next((number for number, code in enumerate(codes) if code in borne), NO_PRIORITY)
    return np.asarray(table[of_student[student], of_position[position]])


def own_orders(students: Columns, positions: Columns, student: np.ndarray, position: np.ndarray) -> np.ndarray | None:
    """(n,) int64: the student's place in the post's own order, 0 first, NO_PRIORITY for who does not stand there; None where no post has one."""
    if not any(positions.ranking):
        return None
    row_of = {key: i for i, key in enumerate(students.key)}
    placed = {(row_of[key], j): number for j, keys in enumerate(positions.ranking) for number, key in enumerate(dict.fromkeys(keys)) if key in row_of}
    return np.array([placed.get(pair, NO_PRIORITY) for pair in zip(student.tolist(), position.tolist(), strict=True)], dtype=np.int64)


def merits(
    listed: tuple[np.ndarray, np.ndarray], points: np.ndarray, turns: tuple[np.ndarray, np.ndarray], before: Sequence[np.ndarray | None] = ()
) -> np.ndarray:
    """(n,) int64, all different, larger is better: the orders in `before` (smaller first, the weightiest first), then the points, then the lottery.

    listed : student and position of every contract; points : the enterprise's own of each (no wish of the student in it); turns : the
    lottery turns of students and positions, of which the student's decides and the post's only tells two posts of one student apart.
    """
    student, position = listed
    declared = [column for column in before if column is not None]
    order = np.lexsort((turns[1][position], turns[0][student], -points, *reversed(declared)))
    merit = np.empty(len(student), dtype=np.int64)
    merit[order] = np.arange(len(student), 0, -1)
    return merit
