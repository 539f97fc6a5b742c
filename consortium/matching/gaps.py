"""What posts ask for against what a group of students brings, and what it would add if the group had it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from consortium.matching import eligibility, similarity
from consortium.matching.problem import Columns
from consortium.matching.similarity import Rows
from consortium.matching.whatif import CERTIFICATE, SKILL, Again, keys, recoded


@dataclass(frozen=True)
class Gap:
    """One skill: seats that ask for it, students who have it."""

    skill: str
    asked: int
    brought: int


@dataclass(frozen=True, slots=True)
class Added:
    """What a skill or certificate would add if every student of a group had it.

    posts : rows of the posts that ask for it; have : students of the group who have it; lawful : pairs that become lawful; listed : pairs
    that newly stand in the list which one of those posts is shown.
    """

    what: str
    skill: str
    posts: np.ndarray
    have: int
    lawful: int
    listed: int


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


def added(again: Again, rows: np.ndarray, most: int, certificates: frozenset[str] = frozenset()) -> list[Added]:
    """The `most` widest gaps between students `rows` of a run and the posts near them, each with what closing it would add.

    Near are posts that are open to one of them but for a certificate. Lists are made again with all changed students in them, so they
    compete with one another and with everybody else. Largest first. `certificates` : codes that are certificates wherever they stand.
    """
    problem, limits = again.prepared.problem, again.prepared.thresholds
    students = problem.students.take(rows)
    wanted = {code for codes in problem.positions.certificates_must for code in codes}
    everything = [tuple(wanted)] * len(students)
    near = np.flatnonzero((eligibility.open_pairs(_with(students, "certificates", everything), problem.positions, limits) & again.lawful).any(axis=0))
    if not len(rows) or not len(near):
        return []
    now = eligibility.open_pairs(students, problem.positions, limits) & again.lawful
    found = []
    for gap in skill_gaps(students, problem.positions.take(near))[:most]:
        is_certificate = gap.skill in wanted or gap.skill in certificates
        column = "certificates" if is_certificate else "skills"
        lacks = np.array([gap.skill not in own for own in students.data[column]])
        changed = _with(students, column, [(*own, gap.skill) if gone else own for own, gone in zip(students.data[column], lacks, strict=True)])
        lawful = eligibility.open_pairs(changed, problem.positions, limits) & again.lawful if is_certificate else now
        asks = near[[_asks(problem.positions, int(j), gap.skill) for j in near]]
        listed = 0
        if lacks.any():
            features = Rows.of(recoded(again.prepared.vocabulary, again.prepared.student_rows[rows[lacks]], changed.take(lacks), (column,)))
            listed = sum(_newly_listed(again, int(j), rows[lacks], features, lawful[lacks, j]) for j in asks)
        what = CERTIFICATE if is_certificate else SKILL
        found.append(Added(what, gap.skill, asks, int((~lacks).sum()), int(lawful.sum() - now.sum()), listed))
    return sorted(found, key=lambda one: (-one.lawful - one.listed, one.skill))


def _newly_listed(again: Again, j: int, rows: np.ndarray, features: Rows, lawful: np.ndarray) -> int:
    """How many students, with these changed features, newly stand in one post's list."""
    if not again.prepared.scorable[j]:
        return 0
    turns, k = again.prepared.turns[0], again.kept.position_idx.shape[1]
    shown = again.kept.position_idx[j] >= 0
    listed, had = again.kept.position_idx[j][shown], again.kept.position_points[j][shown]
    points = _points(again, features, j, np.arange(len(rows)))
    mine = np.where(lawful & (points > 0), keys(points, rows, turns), -1)
    staying = ~np.isin(listed, rows)
    others, bound = keys(had, listed, turns)[staying], int(again.last[j])
    if bound >= 0 and len(others) + np.count_nonzero(mine > bound) < k:  # somebody fell out: one who was not shown may come in
        post = again.prepared.problem.positions.take(np.array([j]))
        rest = np.setdiff1d(np.flatnonzero(again.students.open_to(post, again.prepared.thresholds)[0]), rows)
        points = _points(again, again.prepared.rows[0], j, rest)
        others = keys(points, rest, turns)[points > 0]
    every = np.sort(np.concatenate([others, mine[mine >= 0]]))[::-1]
    if not len(every):
        return 0
    return int(np.count_nonzero((mine >= every[min(k, len(every)) - 1]) & (mine >= 0) & ~np.isin(rows, listed)))


def _points(again: Again, students: Rows, j: int, rows: np.ndarray) -> np.ndarray:
    return similarity.pair_points(again.prepared.rows[1], students, np.full(len(rows), j, dtype=np.int64), rows)


def _asks(positions: Columns, j: int, skill: str) -> bool:
    return any(skill in positions.data[name][j] for name in ("skills_must", "skills_nice", "certificates_must"))


def _with(students: Columns, column: str, values: Sequence[tuple[str, ...]]) -> Columns:
    other = students.take(np.arange(len(students)))
    for row, value in enumerate(values):
        other.data[column][row] = value
    return other


__all__ = ["Added", "Gap", "added", "skill_gaps"]
