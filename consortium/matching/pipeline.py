"""The whole method, read from top to bottom: prepare, score in stretches, finish."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from consortium.matching import (
    eligibility,
    explanation,
    exposure,
    margins,
    market,
    preferences,
    quality,
    reasons,
    scenarios,
    similarity,
)
from consortium.matching.blocks import Plan
from consortium.matching.eligibility import DEFAULT_THRESHOLDS
from consortium.matching.explanation import Explanation
from consortium.matching.exposure import Shown
from consortium.matching.history import Events
from consortium.matching.market import Market
from consortium.matching.outcome import ChunkResult, Outcome
from consortium.matching.problem import Columns, Problem, to_json, unjson
from consortium.matching.reasons import Reasons
from consortium.matching.related import Catalogue
from consortium.matching.requests import Judge
from consortium.matching.scenarios import Scenario
from consortium.matching.similarity import GRID, Rows
from consortium.matching.stored import loaded, packed, packed_rows, saved, unpacked, unpacked_rows
from consortium.matching.vocabulary import FAMILIES, WEIGHTS, WISHES, Vocabulary, scorable

MOST_LISTED = 10_000


@dataclass(frozen=True)
class Prepared:
    """A problem with its feature rows: all that a worker needs, wherever it runs."""

    problem: Problem
    vocabulary: Vocabulary
    thresholds: Mapping[str, float]
    k: int
    k_positions: int = 50
    major_classes: tuple[str, ...] | None = None  # of all students, where these are a stretch of them

    @cached_property
    def student_rows(self) -> sparse.csr_matrix:
        """(n_students, n_columns)."""
        return self.vocabulary.transform(self.problem.students)

    @cached_property
    def position_rows(self) -> sparse.csr_matrix:
        """(n_positions, n_columns)."""
        return self.vocabulary.transform(self.problem.positions)

    @cached_property
    def scorable(self) -> np.ndarray:
        """(n_positions,) bool."""
        return np.ones(len(self.problem.positions), bool) if self.problem.open_to_all else scorable(self.problem.positions)

    @cached_property
    def turns(self) -> tuple[np.ndarray, np.ndarray]:
        """Lottery turns of students and positions."""
        seed = self.problem.seed
        return similarity.lottery(seed, self.problem.students.key), similarity.lottery(seed, self.problem.positions.key)

    @cached_property
    def classes(self) -> tuple[np.ndarray, np.ndarray]:
        """Major classes of students and sectors of positions, each sorted: the axes of the figures."""
        students, positions = self.problem.students, self.problem.positions
        of_students = self.major_classes if self.major_classes is not None else sorted(set(students.major_class))
        return np.array(of_students, dtype=object), np.array(sorted(set(positions.sector)), dtype=object)

    @cached_property
    def rows(self) -> tuple[Rows, Rows]:
        """Feature rows of students and positions as the loops read them."""
        return Rows.of(self.student_rows), Rows.of(self.position_rows)

    @cached_property
    def plan(self) -> Plan:
        """Students dealt into blocks by what the law leaves open to them."""
        students, positions = self.problem.students, self.problem.positions
        classes, sectors = self.classes
        kind = np.searchsorted(classes.astype(str), students.major_class.astype(str)).astype(np.int64)
        sector = np.searchsorted(sectors.astype(str), positions.sector.astype(str)).astype(np.int64)
        if self.problem.open_to_all:
            return Plan((), np.ones(len(positions), dtype=bool), self.scorable, self.position_rows, kind, sector)
        lawful = eligibility.lawful_posts(positions, self.thresholds)
        tables = eligibility.tables(students, positions, self.thresholds)
        return Plan(tables, lawful, self.scorable, self.position_rows, kind, sector)

    @cached_property
    def row_of(self) -> tuple[dict[str, int], dict[str, int]]:
        """Row numbers by key, both sides."""
        sides = (self.problem.students, self.problem.positions)
        students, positions = ({str(key): row for row, key in enumerate(side.key)} for side in sides)
        return students, positions

    def to_bytes(self, *, vocabulary: bool = True, beside: Mapping[str, np.ndarray] | None = None) -> bytes:
        """Plain arrays, no pickle: problem, vocabulary (kept elsewhere where told so), and both sides' feature rows as they were scored."""
        arrays = {**packed(self.problem), **(self.vocabulary.packed() if vocabulary else {})}
        arrays["settings"] = to_json({name: getattr(self, name) for name in ("k", "k_positions", "major_classes")} | {"thresholds": dict(self.thresholds)})
        arrays |= beside or {}
        for name, rows in (("student_rows", self.student_rows), ("position_rows", self.position_rows)):
            arrays |= packed_rows(name, rows)
        return saved(arrays)

    @staticmethod
    def from_bytes(raw: Any, vocabulary: Vocabulary | None = None) -> Prepared:
        """The inverse of `to_bytes`, from bytes or a map of a file, with a vocabulary that is kept elsewhere."""
        return Prepared.of_arrays(loaded(raw), vocabulary)

    @staticmethod
    def of_arrays(box: Mapping[str, np.ndarray], vocabulary: Vocabulary | None = None) -> Prepared:
        """The same from loaded arrays."""
        told = unjson(box["settings"])
        classes = told.get("major_classes")
        one = Prepared(
            unpacked(box), vocabulary or Vocabulary.unpacked(box), told["thresholds"], told["k"], told["k_positions"],
            None if classes is None else tuple(classes),
        )  # fmt: skip
        for name in ("student_rows", "position_rows"):
            one.__dict__[name] = unpacked_rows(name, box, one.vocabulary.n_columns)
        return one

    def restricted(self, students: np.ndarray, positions: np.ndarray) -> Prepared:
        """The same for some rows of both sides: enough to explain their pairs exactly as they were scored."""
        problem = replace(self.problem, students=self.problem.students.take(students), positions=self.problem.positions.take(positions))
        one = replace(self, problem=problem)
        one.__dict__["student_rows"], one.__dict__["position_rows"] = self.student_rows[students], self.position_rows[positions]
        return one


    def before(self, students: Columns, rows: sparse.csr_matrix) -> Prepared:
        """The same posts before other students, such as a stretch of the run's."""
        one = replace(self, problem=replace(self.problem, students=students))
        one.__dict__["student_rows"], one.__dict__["position_rows"] = rows, self.position_rows
        return one


def taken_over(vocabulary: Vocabulary, side: Columns, kept: Columns, kept_rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Feature rows of a side, (n, n_columns): of rows that stand in `kept` unchanged as they are there, of all others worked out.

    kept, kept_rows : the same side of an earlier run with this very vocabulary. The result is that of `transform`, to the last bit.
    """
    n_kept = len(kept)
    place = np.minimum(np.searchsorted(kept.key, side.key), max(n_kept - 1, 0))
    same = kept.key[place] == side.key if n_kept else np.zeros(len(side), dtype=bool)
    old, new = kept.take(place[same]), side.take(same)
    alike = np.ones(len(new), dtype=bool)
    for name, column in new.data.items():
        before = old.data[name]
        numbers = column.dtype != object
        alike &= (column.view(f"i{column.itemsize}") == before.view(f"i{before.itemsize}")) if numbers else column == before  # NaN and NaT too
    same[np.flatnonzero(same)[~alike]] = False
    whole = sparse.vstack([kept_rows[place[same]], vocabulary.transform(side.take(~same))], format="csr")
    order = np.empty(len(side), dtype=np.int64)
    order[np.concatenate([np.flatnonzero(same), np.flatnonzero(~same)])] = np.arange(len(side))
    rows = whole[order]
    rows.sort_indices()
    return rows


def prepare(
    problem: Problem,
    *,
    weights: Mapping[str, float] = WEIGHTS,
    thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS,
    vocabulary: Vocabulary | None = None,
    catalogue: Catalogue = (),
    past: Events = (),
    k: int = 20,
    k_positions: int = 50,
) -> Prepared:
    """Fit the vocabulary, or take the given one with its weights, its catalogue of occupations and its past choices. Raises ValueError for unusable k."""
    if not 1 <= min(k, k_positions) <= max(k, k_positions) <= MOST_LISTED:
        raise ValueError(f"k must be at least 1 and at most {MOST_LISTED:,}: longer lists are not kept")
    if vocabulary is not None:
        return Prepared(problem, vocabulary, thresholds, k, k_positions)
    fitted, student_rows, position_rows = Vocabulary.fit_transform(problem.students, problem.positions, weights, catalogue, past)
    one = Prepared(problem, fitted, thresholds, k, k_positions)
    one.__dict__["student_rows"], one.__dict__["position_rows"] = student_rows, position_rows
    return one


def score_chunk(prepared: Prepared, start: int, stop: int, *, threads: int = 1) -> ChunkResult:
    """Score students `start` to `stop` against every position; independent of all other stretches and of the number of threads."""
    shape = (len(prepared.classes[0]), len(prepared.classes[1]))
    found = similarity.best_lists(
        prepared.rows[0], prepared.plan, prepared.turns, (start, stop), prepared.k, prepared.k_positions, shape, threads=threads
    )
    return ChunkResult(
        start, stop, found.idx, found.points, found.position_idx, found.position_points, found.n_lawful, found.class_pairs, found.class_students
    )


def score_stretch(prepared: Prepared, start: int) -> ChunkResult:
    """Score all students of a stretch that begins at row `start` of the run, as `score_chunk` would among all of them."""
    found = score_chunk(prepared, 0, len(prepared.problem.students))
    position_idx = np.where(found.position_idx >= 0, found.position_idx + start, -1)
    return replace(found, start=start, stop=start + found.stop, position_idx=position_idx)


def finish(prepared: Prepared, chunks: Iterable[ChunkResult], *, priced: bool = False, n_margins: int = 0) -> Outcome:
    """Merge the stretches (in any order), assign, check, report; `priced`: with what stability costs; with what one more place does at the
    `n_margins` tightest groups of each level."""
    parts = sorted(chunks, key=lambda chunk: chunk.start)
    problem, k = prepared.problem, prepared.k
    students, positions = problem.students, problem.positions
    n_students, n_positions = len(students), len(positions)
    _complete(parts, n_students)
    none = np.full((0, k), -1, dtype=np.int64)
    student_idx = np.concatenate([part.idx for part in parts]) if parts else none
    student_points = np.concatenate([part.points for part in parts]) if parts else none
    if parts and n_students:
        lists = ((part.position_idx, part.position_points) for part in parts)
        position_idx, position_points = similarity.merged(lists, prepared.turns[0], prepared.k_positions)
        n_lawful = np.sum([part.n_lawful for part in parts], axis=0).astype(np.int64)
    else:
        position_idx = position_points = np.full((n_positions, prepared.k_positions), -1, dtype=np.int64)
        n_lawful = np.zeros(n_positions, dtype=np.int64)
    made = market_of(prepared, student_idx)
    held = made.assigned()
    row = made.rows_of(held)
    assigned = np.where(row >= 0, made.seats.post[row], -1) if n_positions else row
    place = np.where(held >= 0, made.rank[held], np.where(row >= 0, 0, -1)) if len(made.found) else np.where(row >= 0, 0, -1)
    has = np.flatnonzero(assigned >= 0)
    points = np.full(n_students, -1, dtype=np.int64)
    points[has] = similarity.pair_points(*prepared.rows, has, assigned[has])
    report = quality.report(problem, made, held, place, points, n_lawful, prepared.scorable)
    report |= {"class_pairs": _class_rows(prepared, parts), "families": list(FAMILIES)}
    if priced:
        every = similarity.pair_points(*prepared.rows, made.found.student, made.seats.post[made.found.position])
        report["price"] = scenarios.price(made.found, made.left, every, held)
    if n_margins:
        tight = margins.margins(made.found, made.left, held, n_margins)
        report["margins"] = [{**asdict(one), "position": str(positions.key[made.seats.post[one.position]])} for one in tight]
    return Outcome(
        students.key, positions.key, student_idx, student_points, position_idx, position_points, n_lawful, assigned, place, points, row,
        _basis(problem, made, held), made.unmet, report,
    )  # fmt: skip


def _basis(problem: Problem, made: Market, held: np.ndarray) -> np.ndarray:
    """(n_students,) what was declared beforehand and counted for a placement: fixed, reserved:code, priority:code, or ''."""
    found = np.full(len(held), "", dtype=object)
    found[made.fixed >= 0] = "fixed"
    for i in np.flatnonzero(held >= 0) if made.declares else ():
        found[i] = reasons.basis(problem, made, int(held[i]))
    return found


def _class_rows(prepared: Prepared, parts: list[ChunkResult]) -> list[list[Any]]:
    """[major class, sector, lawful pairs, students with at least one], where there is any."""
    classes, sectors = prepared.classes
    if not parts:
        return []
    pairs = np.sum([part.class_pairs for part in parts], axis=0)
    students = np.sum([part.class_students for part in parts], axis=0)
    return [[str(classes[a]), str(sectors[b]), int(pairs[a, b]), int(students[a, b])] for a, b in np.argwhere(pairs)]


def match(
    problem: Problem,
    *,
    weights: Mapping[str, float] = WEIGHTS,
    thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS,
    catalogue: Catalogue = (),
    k: int = 20,
    chunk: int = 1_000_000,
    threads: int = 1,
) -> Outcome:
    """The three steps in one process."""
    prepared = prepare(problem, weights=weights, thresholds=thresholds, catalogue=catalogue, k=k)
    n = len(problem.students)
    return finish(prepared, (score_chunk(prepared, start, min(start + chunk, n), threads=threads) for start in range(0, n, chunk)))


def recommend(prepared: Prepared, outcome: Outcome, *, a_place: float | None = None, least: int = exposure.LEAST) -> Shown:
    """Both sides' lists as people see them: best for both first, no post shown to more students than its places warrant.

    a_place : to how many students a post is shown for each place; None works it out from these lists, inf caps nothing.
    """
    positions = prepared.problem.positions
    student, position = exposure.united(outcome.student_idx, outcome.position_idx, outcome.assigned)
    left, right = prepared.rows
    weights = prepared.vocabulary.weights
    wished = left.without(~np.isin(prepared.vocabulary.family_of_column, [FAMILIES.index(family) for family in WISHES]))
    points, wish = (similarity.pair_points(rows, right, student, position) for rows in (left, wished))
    hoped, asked = (GRID * sum(weight for family, weight in weights.items() if (family in WISHES) == which) for which in (True, False))
    both = exposure.suiting(points, wish, (hoped, asked), np.diff(wished.starts)[student] > 0)
    if a_place is None:
        a_place = exposure.students_a_place(student, positions.places, prepared.k)
    pairs, lists = exposure.Pairs(student, position, points, both), (outcome.student_idx, outcome.position_idx)
    return exposure.shown(pairs, lists, outcome.assigned, positions.places, prepared.turns, a_place, least)


def explain(prepared: Prepared, student_key: str, position_key: str) -> Explanation:
    """Why this pair, from the rows that were scored; raises KeyError where the run did not know one of the two."""
    i, j = prepared.row_of[0][student_key], prepared.row_of[1][position_key]
    rows = (prepared.student_rows, prepared.position_rows)
    return explanation.explain(
        prepared.problem, prepared.vocabulary, rows, i, j, scorable=bool(prepared.scorable[j]), thresholds=prepared.thresholds
    )


def _complete(parts: list[ChunkResult], n_students: int) -> None:
    at = 0
    for part in parts:
        if part.start != at:
            raise ValueError(f"students {at} to {part.start} were scored twice or not at all")
        at = part.stop
    if at != n_students:
        raise ValueError(f"students {at} to {n_students} were not scored")


def market_of(prepared: Prepared, student_idx: np.ndarray) -> Market:
    """The market of students' lists: own rankings, then the best scored, (n_students, k) `student_idx`; without the law where all is open."""
    problem = prepared.problem
    listed = preferences.lists(problem.students, problem.positions.key, student_idx, prepared.plan.allows)
    family_of = prepared.vocabulary.family_of_column
    wishes = np.isin(family_of, [FAMILIES.index(family) for family in WISHES])
    left, right = prepared.rows
    points = similarity.pair_points(left, right.without(wishes), listed[0], listed[1])
    return market.of(problem, listed, points, prepared.turns, Judge(prepared.plan, problem.positions, prepared.thresholds))


def reasons_of(prepared: Prepared, outcome: Outcome) -> Reasons:
    """Why every student has what the outcome says, from the very market it was made in."""
    made = market_of(prepared, outcome.student_idx)
    return Reasons(prepared.problem, made, made.assigned(), prepared.turns[0])


def again(
    prepared: Prepared, outcome: Outcome, *, declined: Collection[str] = (), rankings: Mapping[str, Sequence[str]] | None = None, threads: int = 1
) -> Outcome:
    """The second round: who has no place, and the seats and caps that are left. Nobody placed in the first is in it, so nothing of it moves.

    declined : keys of students who gave their place back: the seat is free again, and the same post is not proposed to them once more;
    rankings : new own lists by student, the others keep what is left of theirs. Raises ValueError for a student who has no place to decline,
    or may not rank. The same lottery numbers, lists and declines give the same outcome.
    """
    problem = market.rest(prepared.problem, outcome.assigned, outcome.row, declined, rankings or {})
    students, positions = (np.array([rows[key] for key in side.key], dtype=np.int64) for rows, side in zip(prepared.row_of, (problem.students, problem.positions), strict=True))
    one = replace(prepared, problem=problem)
    one.__dict__["student_rows"], one.__dict__["position_rows"] = prepared.student_rows[students], prepared.position_rows[positions]
    return finish(one, [score_chunk(one, 0, len(students), threads=threads)] if len(students) else [])


def compare(
    prepared: Prepared, told: Sequence[Scenario], chunks: Sequence[ChunkResult] | None = None, *, threads: int = 1
) -> dict[str, list[Any]]:
    """Scenarios side by side, figure by figure; the stretches are scored anew only where a scenario changes lists. A JSON value."""
    everyone = len(prepared.problem.students)
    known = chunks if chunks is not None else [score_chunk(prepared, 0, everyone, threads=threads)] if everyone else []
    rows = []
    for scenario in told:
        vocabulary = replace(prepared.vocabulary, weights={**prepared.vocabulary.weights, **(scenario.weights or {})})
        one = replace(prepared, problem=scenarios.changed(prepared.problem, scenario), vocabulary=vocabulary)
        if scenario.weights is None:
            one.__dict__["student_rows"], one.__dict__["position_rows"] = prepared.student_rows, prepared.position_rows
        scored = [score_chunk(one, 0, everyone, threads=threads)] if scenario.rescored and everyone else known
        rows.append(scenarios.figures(scenario.name, finish(one, scored).report))
    return scenarios.side_by_side(rows)
