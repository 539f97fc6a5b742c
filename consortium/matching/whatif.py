"""Why not, and what if: a run's own arrays asked again with one thing changed. Nothing is estimated.

What is lawful is asked of the tests in `eligibility`, once of every kind of rows; a score is the sum of the same products in the order of
the columns that the loops keep, so its points are those a run would give. The vocabulary stays the run's, as in a small run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from consortium.matching import assignment, eligibility, pipeline, similarity
from consortium.matching.eligibility import PAIR_RULES, READS, Thresholds
from consortium.matching.groups import groups
from consortium.matching.outcome import Kept
from consortium.matching.pipeline import Prepared
from consortium.matching.plain import GRID
from consortium.matching.preferences import Contracts
from consortium.matching.problem import NO, YES, Columns
from consortium.matching.similarity import Rows
from consortium.matching.terms import counted, numbered, weighed
from consortium.matching.vocabulary import FAMILIES, STUDENT_SIDE, WISHES, Vocabulary, scorable

CERTIFICATE, SKILL, ZONE, EARLIER, SHIFT = "certificate", "skill", "zone", "earlier", "shift"
LEVEL, MAJORS, LATER, HAZARD, LABOUR = "level", "majors", "later", "hazard", "labour"
EARLIER_DAYS, LATER_DAYS = 14, 28
CODED = ("skills", "certificates", "major", "place")
"""Families that read no text: all that a change below can touch."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing changed in one row: what, which (a code, a day, or ''), and the columns it sets."""

    what: str
    which: str
    columns: Mapping[str, Any]


def varied(one: Columns, changes: Sequence[Change]) -> Columns:
    """(1 + n_changes,) rows: the one row as it is, then with each change alone."""
    rows = one.take(np.zeros(1 + len(changes), dtype=np.int64))
    for row, change in enumerate(changes, 1):
        for name, value in change.columns.items():
            rows.data[name][row] = value
    return rows


def changes_of_student(student: Columns, posts: Columns, certificates: frozenset[str] = frozenset()) -> list[Change]:
    """Every certificate and skill that some post asks for and this student (one row) lacks, and the wishes that could be wider.

    `certificates` : codes that are certificates wherever they stand; what a post needs as a certificate is one anyway.
    """
    needed = {code for codes in posts.certificates_must for code in codes}
    known = needed | certificates
    asked = {code for column in (posts.skills_must, posts.skills_nice) for codes in column for code in codes} - known
    own, skills = tuple(student.certificates[0]), tuple(student.skills[0])
    found = [Change(CERTIFICATE, code, {"certificates": (*own, code)}) for code in sorted(needed - set(own))]
    found += [Change(SKILL, code, {"skills": (*skills, code)}) for code in sorted(asked - set(skills))]
    if student.wants_zone[0] != YES:
        found.append(Change(ZONE, "", {"wants_zone": YES}))
    if student.shift_ok[0] != YES:
        found.append(Change(SHIFT, "", {"shift_ok": YES}))
    first = student.available_from[0]
    if not np.isnat(first):
        day = first - np.timedelta64(EARLIER_DAYS, "D")
        found.append(Change(EARLIER, str(day), {"available_from": day}))
    return found


def changes_of_post(post: Columns) -> list[Change]:
    """Every requirement of one post dropped singly, and what would make room in the rules about the pair."""
    needed = post.certificates_must[0]
    found = [Change(CERTIFICATE, code, {"certificates_must": tuple(c for c in needed if c != code)}) for code in dict.fromkeys(needed)]
    if post.level_least[0]:
        found.append(Change(LEVEL, post.level_least[0], {"level_least": ""}))
    if post.majors[0]:
        found.append(Change(MAJORS, "", {"majors": (), "major_categories": ()}))
    if not np.isnat(post.start_on[0]):
        day = post.start_on[0] + np.timedelta64(LATER_DAYS, "D")
        found.append(Change(LATER, str(day), {"start_on": day}))
    if YES in (post.night[0], post.rest_days[0]):
        found.append(Change(SHIFT, "", {"night": NO, "rest_days": NO}))
    tags = post.hazards[0]
    found += [Change(HAZARD, tag, {"hazards": tuple(t for t in tags if t != tag)}) for tag in dict.fromkeys(tags)]
    if post.labour_level[0] >= 4:
        found.append(Change(LABOUR, str(int(post.labour_level[0])), {"labour_level": 3}))
    return found


@dataclass(frozen=True)
class Kinds:
    """One side by what each rule about pairs reads of it, so that a rule is asked once of a kind and not of every row.

    of : beside PAIR_RULES the kind of every row, (n,) int64, and one row of each kind.
    """

    side: Columns
    of: tuple[tuple[np.ndarray, Columns], ...]

    @staticmethod
    def by_rule(side: Columns) -> Kinds:
        """Sort the rows of one side into kinds."""
        found = []
        for rule in PAIR_RULES:
            assert rule.pair is not None
            of_students, of_positions = READS[rule.pair]
            kind, first = groups(side, of_students if side.side == "students" else (*of_positions, "kind", "overrides"))
            found.append((kind, side.take(first)))
        return Kinds(side, tuple(found))

    def open_to(self, others: Columns, thresholds: Thresholds) -> np.ndarray:
        """(n_others, n) bool: the rows that no rule about pairs closes to each of a few of the other side.

        The first is counted over all rules; each other one only where a rule says something else of it.
        """
        stopped = np.zeros(len(self.side), dtype=np.int16)
        answers = []
        for rule, (kind, rows) in zip(PAIR_RULES, self.of, strict=True):
            if self.side.side == "students":
                closed = ~eligibility.left_open(rule, rows, others, thresholds).T
            else:
                closed = ~eligibility.left_open(rule, others, rows, thresholds)
            if closed.any():
                stopped += closed[0][kind]
                answers.append((kind, closed))
        found = np.empty((len(others), len(self.side)), dtype=bool)
        for other in range(len(others)):
            count = stopped
            for kind, closed in answers:
                if (closed[other] != closed[0]).any():
                    count = count + (closed[other].astype(np.int16) - closed[0])[kind]
            found[other] = count == 0
        return found


@dataclass(frozen=True, slots=True)
class Supply:
    """Students whom the rules and requirements of one post allow, those of them who want the zone, and each change with how many more."""

    fit: int
    zone: int
    more: tuple[tuple[Change, int], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What one change opens to a student: rows of posts that become lawful, and of posts whose shown list the student enters."""

    change: Change
    lawful: np.ndarray
    listed: np.ndarray

    @property
    def posts(self) -> np.ndarray:
        """Both together, ascending."""
        return np.union1d(self.lawful, self.listed)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lawful pair stands: the student's rank among `of` lawful students of the post, the post's rank in the student's list.

    lifts : changes that raise the student's rank, with the rank each gives, best first.
    """

    rank: int
    of: int
    points: int
    own_rank: int
    lifts: tuple[tuple[Change, int], ...]


@dataclass(frozen=True)
class Again:
    """A finished whole run that is asked again. What is worked out once is kept beside it; hold one per process and run."""

    prepared: Prepared
    kept: Kept

    @cached_property
    def students(self) -> Kinds:
        """The run's students by kinds."""
        return Kinds.by_rule(self.prepared.problem.students)

    @cached_property
    def positions(self) -> Kinds:
        """The run's posts by kinds."""
        return Kinds.by_rule(self.prepared.problem.positions)

    @cached_property
    def lawful(self) -> np.ndarray:
        """(n_positions,) bool: no rule about the post itself stops it."""
        return eligibility.lawful_posts(self.prepared.problem.positions, self.prepared.thresholds)

    @cached_property
    def index(self) -> Rows:
        """Of every column the posts that have it."""
        return self.prepared.rows[1].turned()

    @cached_property
    def last(self) -> np.ndarray:
        """(n_positions,) int64 key of the last student that each post's list shows; -1 where the list has room."""
        idx, points = self.kept.position_idx[:, -1], self.kept.position_points[:, -1]
        return np.where(idx >= 0, keys(points, idx, self.prepared.turns[0]), -1)

    @cached_property
    def market(self) -> tuple[Contracts, assignment.Capacities, np.ndarray]:
        """Contracts, capacities and who holds which contract, (n_students,): the run's assignment made once more."""
        made = pipeline.market_of(self.prepared, self.kept.student_idx)
        return made.found, made.left, made.assigned()

    @cached_property
    def _wishless(self) -> Rows:
        wishes = np.isin(self.prepared.vocabulary.family_of_column, [FAMILIES.index(family) for family in WISHES])
        return self.prepared.rows[1].without(wishes)

    def merit_points(self, students: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """(n,) int64 points by which an enterprise orders these pairs of rows in the assignment: no wish of the student counts."""
        return similarity.pair_points(self.prepared.rows[0], self._wishless, students, positions)

    def supply(self, post: Columns) -> Supply:
        """Whom one post (a row, perhaps half filled in) may have, and what each dropped requirement adds."""
        changes = changes_of_post(post)
        mask = self.students.open_to(varied(post, changes), self.prepared.thresholds)
        fit = mask.sum(axis=1)
        more = [(change, int(n - fit[0])) for change, n in zip(changes, fit[1:], strict=True)]
        more.sort(key=lambda one: -one[1])
        zone = mask[0] & (self.prepared.problem.students.wants_zone == YES)
        return Supply(int(fit[0]), int(zone.sum()), tuple(more))

    def openings(self, student: Columns, changes: Sequence[Change]) -> list[Opened]:
        """What each change opens to one student (a row, known to the run or not); in the order of the changes."""
        variants = varied(student, changes)
        allowed = self.positions.open_to(variants, self.prepared.thresholds) & self.lawful
        row = self._row_of(student)
        n, to_come = self._to_come(row)
        shown = (self.kept.position_idx == row).any(axis=1) if row is not None else np.zeros(len(self.lawful), dtype=bool)
        now, found = None, []
        for number, points in enumerate(self._points(feature_rows(self.prepared.vocabulary, variants))):
            enters = allowed[number] & (points > 0) & (points * n + to_come > self.last)
            if now is None:
                now = enters | shown
            else:
                lawful = np.flatnonzero(allowed[number] & ~allowed[0])
                found.append(Opened(changes[number - 1], lawful, np.flatnonzero(enters & ~now)))
        return found

    def standing(self, student: Columns, post: Columns, changes: Sequence[Change] = ()) -> Standing | None:
        """Exact ranks of a pair (a row each, known to the run or not) against all other students and posts of the run.

        None where the pair is not lawful or the post asks for nothing that could be compared. Ties fall by the run's lottery; whom
        the run did not know stands behind all whom it did.
        """
        limits = self.prepared.thresholds
        variants = varied(student, changes)
        if not (eligibility.lawful_pairs(student, post, limits)[0, 0] and scorable(post)[0]):
            return None
        row, post_row = self._row_of(student), self._row_of(post)
        others = self.students.open_to(post, limits)[0]
        if row is not None:
            others[row] = False
        rivals = np.flatnonzero(others)
        asked = Rows.of(self.prepared.vocabulary.transform(post))
        points = similarity.pair_points(asked, self.prepared.rows[0], np.zeros(len(rivals), dtype=np.int64), rivals)
        n, to_come = self._to_come(row)
        above = keys(points, rivals, self.prepared.turns[0])
        rows = feature_rows(self.prepared.vocabulary, variants)
        own = similarity.pair_points(asked, Rows.of(rows), np.zeros(len(variants), dtype=np.int64), np.arange(len(variants)))
        ranks = [1 + int(np.count_nonzero(above > key)) for key in own * n + to_come]
        lifts = sorted(((c, r) for c, r in zip(changes, ranks[1:], strict=True) if r < ranks[0]), key=lambda one: one[1])
        return Standing(ranks[0], 1 + len(rivals), int(own[0]), self._own_rank(student, rows[:1], post_row, int(own[0])), tuple(lifts))

    def _own_rank(self, student: Columns, row: sparse.csr_matrix, post_row: int | None, own: int) -> int:
        turns = self.prepared.turns[1]
        allowed = self.positions.open_to(student, self.prepared.thresholds)[0] & self.lawful
        points = next(iter(self._points(row)))
        if post_row is not None:
            allowed[post_row] = False
        n, turn = max(len(turns), 1), len(turns) if post_row is None else int(turns[post_row])
        posts = np.flatnonzero(allowed & (points > 0))
        return 1 + int(np.count_nonzero(keys(points[posts], posts, turns) > own * n + n - 1 - turn))

    def _row_of(self, one: Columns) -> int | None:
        return self.prepared.row_of[0 if one.side == "students" else 1].get(str(one.key[0]))

    def _to_come(self, row: int | None) -> tuple[int, int]:
        """How many students there are, and the lottery turns still to come after this one; a newcomer stands behind all."""
        turns = self.prepared.turns[0]
        n = max(len(turns), 1)
        return n, n - 1 - int(turns[row]) if row is not None else -1

    def _points(self, rows: sparse.csr_matrix) -> Iterator[np.ndarray]:
        """Of each row the points of every post, (n_positions,) int64, 0 where a post cannot be scored.

        Rows that begin alike share that part of the sum; products are added in the order of the columns, as the loops do.
        """
        first = _first_difference(rows)
        shared = np.zeros(len(self.lawful))
        for row in range(rows.shape[0]):
            part = slice(rows.indptr[row], rows.indptr[row + 1])
            columns, weights = rows.indices[part], rows.data[part]
            cut = int(np.searchsorted(columns, first))
            if not row:
                self._add(shared, columns[:cut], weights[:cut])
            score = shared.copy()
            self._add(score, columns[cut:], weights[cut:])
            yield np.where(self.prepared.scorable, np.rint(score * GRID).astype(np.int64), 0)

    def _add(self, score: np.ndarray, columns: np.ndarray, weights: np.ndarray) -> None:
        index = self.index
        for column, weight in zip(columns, weights, strict=True):
            part = slice(int(index.starts[column]), int(index.starts[column + 1]))
            score[index.columns[part]] += weight * index.weights[part]


def feature_rows(vocabulary: Vocabulary, variants: Columns) -> sparse.csr_matrix:
    """(n, n_columns) rows of one row and its changes; its texts are read once."""
    one = vocabulary.transform(variants.take(np.zeros(1, dtype=np.int64)))
    return recoded(vocabulary, sparse.vstack([one] * len(variants), format="csr"), variants) if len(variants) > 1 else one


def recoded(vocabulary: Vocabulary, rows: sparse.csr_matrix, changed: Columns, families: Sequence[str] = CODED) -> sparse.csr_matrix:
    """(n, n_columns) `rows` with some families that read no text taken anew from `changed`, the same students otherwise."""
    blocks = []
    for family in FAMILIES:
        terms = vocabulary.terms[family]
        if family in families:
            bags = [Counter(codes) for codes in STUDENT_SIDE[family](changed)]
            block = weighed(counted(bags, numbered(terms)), vocabulary.idf[family]) * np.sqrt(vocabulary.weights[family])
        else:
            block = sparse.csr_matrix((len(changed), len(terms)))
        blocks.append(block)
    coded = np.isin(vocabulary.family_of_column, [FAMILIES.index(family) for family in families])
    found = sparse.csr_matrix(sparse.hstack(blocks, format="csr") + _masked(rows, ~coded))
    found.sort_indices()
    return found


def _masked(rows: sparse.csr_matrix, columns: np.ndarray) -> sparse.csr_matrix:
    """The same rows with nothing outside some columns, (n_columns,) bool."""
    left = columns[rows.indices]
    ends = np.concatenate([[0], np.cumsum(left)])
    return sparse.csr_matrix((rows.data[left], rows.indices[left], ends[rows.indptr]), shape=rows.shape)


def _first_difference(rows: sparse.csr_matrix) -> int:
    """The first column in which the rows are not all alike; the number of columns where there is none."""
    first = rows.shape[1]
    begin, end = rows.indptr[0], rows.indptr[1]
    columns, weights = rows.indices[begin:end], rows.data[begin:end]
    for row in range(1, rows.shape[0]):
        begin, end = rows.indptr[row], rows.indptr[row + 1]
        length = min(len(columns), end - begin)
        mine, own = rows.indices[begin : begin + length], rows.data[begin : begin + length]
        other = np.flatnonzero((mine != columns[:length]) | (own != weights[:length]))
        if len(other):
            first = min(first, int(mine[other[0]]), int(columns[other[0]]))
        elif len(columns) != end - begin:
            longer = columns if len(columns) > length else rows.indices[begin:end]
            first = min(first, int(longer[length]))
    return first


def keys(points: np.ndarray, rows: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """(n,) the keys of `similarity`: points × number of rows + lottery turns still to come."""
    n = max(len(turns), 1)
    return points * n + (n - 1 - turns[rows])


__all__ = [
    "CERTIFICATE", "EARLIER", "EARLIER_DAYS", "HAZARD", "LABOUR", "LATER", "LATER_DAYS", "LEVEL", "MAJORS", "SHIFT", "SKILL", "ZONE", "Again", "Change",
    "Kinds", "Opened", "Standing", "Supply", "changes_of_post", "changes_of_student", "feature_rows", "keys",
    "recoded", "varied",
]  # fmt: skip
