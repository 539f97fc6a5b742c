"""The whole method, read from top to bottom: prepare, score in stretches, finish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from consortium.matching import assignment, eligibility, explanation, exposure, preferences, similarity, stability
from consortium.matching.blocks import Plan
from consortium.matching.eligibility import DEFAULT_THRESHOLDS
from consortium.matching.explanation import Explanation
from consortium.matching.exposure import Shown
from consortium.matching.history import Events
from consortium.matching.outcome import ChunkResult, Outcome
from consortium.matching.problem import Problem, loaded, packed, saved, to_json, unjson, unpacked
from consortium.matching.related import Catalogue
from consortium.matching.similarity import GRID, Rows
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
        return np.array(sorted(set(students.major_class)), dtype=object), np.array(sorted(set(positions.sector)), dtype=object)

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

    def to_bytes(self) -> bytes:
        """npz, no pickle: problem, vocabulary, and both sides' feature rows as they were scored."""
        arrays = {**packed(self.problem), **self.vocabulary.packed()}
        arrays["settings"] = to_json({"thresholds": dict(self.thresholds), "k": self.k, "k_positions": self.k_positions})
        for name, rows in (("student_rows", self.student_rows), ("position_rows", self.position_rows)):
            arrays |= {f"{name}.data": rows.data, f"{name}.indices": rows.indices, f"{name}.indptr": rows.indptr}
        return saved(arrays)

    @staticmethod
    def from_bytes(raw: bytes) -> Prepared:
        """The inverse of `to_bytes`."""
        box = loaded(raw)
        told = unjson(box["settings"])
        one = Prepared(unpacked(box), Vocabulary.unpacked(box), told["thresholds"], told["k"], told["k_positions"])
        n_columns = sum(len(terms) for terms in one.vocabulary.terms.values())
        for name, side in (("student_rows", one.problem.students), ("position_rows", one.problem.positions)):
            parts = (box[f"{name}.data"], box[f"{name}.indices"], box[f"{name}.indptr"])
            one.__dict__[name] = sparse.csr_matrix(parts, shape=(len(side), n_columns))
        return one

    def restricted(self, students: np.ndarray, positions: np.ndarray) -> Prepared:
        """The same for some rows of both sides: enough to explain their pairs exactly as they were scored."""
        problem = replace(self.problem, students=self.problem.students.take(students), positions=self.problem.positions.take(positions))
        one = replace(self, problem=problem)
        one.__dict__["student_rows"], one.__dict__["position_rows"] = self.student_rows[students], self.position_rows[positions]
        return one


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


def finish(prepared: Prepared, chunks: Iterable[ChunkResult]) -> Outcome:
    """Merge the stretches (in any order), assign, check, report."""
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
    found, capacities = _market(prepared, student_idx)
    held = assignment.assign(found, capacities, n_students)
    assigned = np.where(held >= 0, found.position[held], -1) if len(found) else np.full(n_students, -1, dtype=np.int64)
    place = np.where(held >= 0, found.place[held], -1) if len(found) else assigned
    report = _report(prepared, found, capacities, held, assigned, place, n_lawful) | {"class_pairs": _class_rows(prepared, parts)}
    return Outcome(
        students.key, positions.key, student_idx, student_points, position_idx, position_points, n_lawful, assigned, place, report
    )


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


def _market(prepared: Prepared, student_idx: np.ndarray) -> tuple[preferences.Contracts, assignment.Capacities]:
    problem = prepared.problem
    listed = preferences.lists(problem.students, problem.positions.key, student_idx, prepared.plan.allows)
    family_of = prepared.vocabulary.family_of_column
    wishes = np.isin(family_of, [FAMILIES.index(family) for family in WISHES])
    left, right = prepared.rows
    points = similarity.pair_points(left, right.without(wishes), listed[0], listed[1])
    return preferences.contracts(listed, points, *prepared.turns), _capacities(problem)


def _capacities(problem: Problem) -> assignment.Capacities:
    positions = problem.positions
    families: dict[str, int] = {}
    firms: dict[str, int] = {}
    family, firm = np.zeros(len(positions), np.int64), np.zeros(len(positions), np.int64)
    family_cap: list[int] = []
    firm_cap: list[int] = []
    for j in range(len(positions)):
        if problem.open_to_all or positions.kind[j] == "job":
            names = (f"job:{positions.key[j]}", f"job:{positions.key[j]}")
            rooms = (assignment.UNLIMITED, assignment.UNLIMITED)
        else:
            own = f"{positions.enterprise[j]}"
            names = (f"{own}/{positions.family[j]}", own)
            rooms = (
                _cap(positions.family_left[j], positions.family_room[j]),
                _cap(positions.firm_left[j], positions.firm_room[j]),
            )
        for name, room, known, caps, column in (
            (names[0], rooms[0], families, family_cap, family),
            (names[1], rooms[1], firms, firm_cap, firm),
        ):
            if name not in known:
                known[name] = len(caps)
                caps.append(room)
            else:
                caps[known[name]] = min(caps[known[name]], room) if room != assignment.UNLIMITED else caps[known[name]]
            column[j] = known[name]
    seats = np.maximum(positions.places, 0) if not problem.open_to_all else np.full(len(positions), len(problem.students))
    return assignment.Capacities(seats.astype(np.int64), family, firm, np.array(family_cap), np.array(firm_cap))


def _cap(left: Any, room: Any) -> int:
    """What posts of a group may fill together; a post's own room where only that is known."""
    known = left if left >= 0 else room
    return int(known) if known >= 0 else assignment.UNLIMITED


def _report(
    prepared: Prepared,
    found: preferences.Contracts,
    capacities: assignment.Capacities,
    held: np.ndarray,
    assigned: np.ndarray,
    place: np.ndarray,
    n_lawful: np.ndarray,
) -> dict[str, Any]:
    positions = prepared.problem.positions
    taken = np.bincount(assigned[assigned >= 0], minlength=len(positions))
    unfilled: Counter[str] = Counter()
    for j in range(len(positions)):
        left = int(capacities.seats[j] - taken[j])
        if left > 0 and not prepared.problem.open_to_all:
            why = "no-lawful-student" if n_lawful[j] == 0 else "not-scorable" if not prepared.scorable[j] else "students-elsewhere"
            unfilled[why] += left
    profile = Counter(int(p) for p in place[place > 0])
    return {
        "students": len(prepared.problem.students),
        "positions": len(positions),
        "seats": int(capacities.seats.sum()),
        "acceptable_pairs": int(n_lawful.sum()),
        "listed_pairs": len(found),
        "placed": int((assigned >= 0).sum()),
        "choice_profile": {str(n): profile[n] for n in sorted(profile)},
        "blocking_pairs": len(stability.blocking_pairs(found, capacities, held)),
        "unfilled_by_reason": dict(sorted(unfilled.items())),
        "families": list(FAMILIES),
    }
