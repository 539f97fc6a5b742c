"""What posts ask for against what a group of students brings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from consortium.matching.problem import Columns


@dataclass(frozen=True, slots=True)
class Gap:
    """One skill: seats that ask for it, students who have it."""

    skill: str
    asked: int
    brought: int


def skill_gaps(students: Columns, positions: Columns) -> list[Gap]:
    """Every skill or certificate that posts ask for, weighted by seats; the widest gap first."""
    asked: Counter[str] = Counter()
    for must, nice, certificates, seats in zip(
        positions.skills_must, positions.skills_nice, positions.certificates_must, positions.places, strict=True
    ):
        for skill in {*must, *nice, *certificates}:
            asked[skill] += max(int(seats), 0)
    brought = Counter(skill for own, held in zip(students.skills, students.certificates, strict=True) for skill in {*own, *held})
    found = [Gap(skill, n, brought[skill]) for skill, n in asked.items()]
    return sorted(found, key=lambda gap: (gap.brought - gap.asked, gap.skill))


def classes_against(students: Columns, positions: Columns, lawful: np.ndarray) -> Counter[tuple[str, str]]:
    """Lawful pairs by (major class of the student, enterprise of the post); `lawful` (n_students, n_positions) bool."""
    classes, class_of = np.unique(students.major_class.astype(str), return_inverse=True)
    firms, firm_of = np.unique(positions.enterprise.astype(str), return_inverse=True)
    i, j = np.nonzero(lawful)
    counts = np.bincount(class_of[i] * len(firms) + firm_of[j], minlength=len(classes) * len(firms))
    return Counter({(str(classes[at // len(firms)]), str(firms[at % len(firms)])): int(counts[at]) for at in np.flatnonzero(counts)})
