"""A round read once as arrays, the assignment under scenarios, and a kept run made again from its own bytes."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa
from scipy import sparse

from consortium.applications import queries as applications
from consortium.matching import lottery, pipeline, reasons, scenarios, similarity
from consortium.matching.market import Market
from consortium.matching.outcome import ChunkResult, Outcome
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import Columns, Problem, columns, joined
from consortium.matching.reasons import Reasons
from consortium.matching.scenarios import Scenario
from consortium.matching.similarity import Rows
from consortium.matching.stored import loaded, packed, saved
from consortium.matching.vocabulary import FAMILIES, WEIGHTS, WISHES
from consortium.positions import queries as positions
from consortium.reference import law, occupations
from consortium.rounds import queries, rules
from consortium.rounds.models import (
    Round,
    RoundBearer,
    RoundChoice,
    RoundCode,
    RoundList,
    RoundOrder,
    RoundPost,
    RoundRun,
    RoundSnapshot,
)
from consortium.shared import clock
from consortium.shared.db import db
from consortium.students import queries as students
from consortium.students.models import Student

PIECE = 10_000
TOP = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """What a round is about now: the problem; and beside it, by key, who was left out and why, and how each post stood."""

    problem: Problem
    beside: dict[str, Any]


def read(found: Round, seed: int) -> Taken:
    """Everybody who handed in a list, every post that takes part, what was declared and ordered; constant number of queries per ten thousand."""
    posts, stood = _posts(found)
    keys = {post.position_id: str(post.position.public_id) for post in posts}
    side, left_out, refused = _students(found, keys)
    own = _orders(posts)
    rows = positions.as_rows([post.position for post in posts])
    codes = sorted(found.codes, key=lambda code: (code.turn, code.code))
    priorities = [code.code for code in codes if code.kind == rules.PRIORITY]
    offered = applications.offered_counts(keys)
    for row, post in zip(rows, posts, strict=True):
        free = max(int(row["places"]) - offered.get(post.position_id, 0), 0)
        row["places"] = min(post.places, free)
        row["priority_codes"] = priorities
        row["reserved"] = [f"{code}={seats}" for code, seats in sorted(post.reserved.items()) if seats]
        row["reserved_stay"] = bool(post.reserved_stay)
        row["ranking"] = own.get(post.id, [])
    problem = Problem(side, columns("positions", rows), clock.today(), seed)
    return Taken(problem, {"left_out": left_out, "refused": refused, "posts": stood})


def _posts(found: Round) -> tuple[list[Any], dict[str, Any]]:
    statement = sa.select(RoundPost).where(RoundPost.round_id == found.id, RoundPost.state == "takes_part").order_by(RoundPost.id)
    wanted = {post.position_id: post for post in db.session.scalars(statement)}
    there: dict[int, Any] = {}
    for part in _pieces(sorted(wanted)):
        there |= {post.id: post for post in positions.open_positions(part)}
    posts, stood = [], {}
    for number, post in wanted.items():
        if number in there:
            posts.append(_Post(post.id, number, post.places, post.reserved, post.reserved_stay, there[number]))
            stood[str(there[number].public_id)] = [there[number].version, there[number].seats.places, there[number].seats.taken]
    return posts, stood


@dataclass(slots=True)
class _Post:
    """A post of the round with the position it is."""

    id: int
    position_id: int
    places: int
    reserved: Mapping[str, int]
    reserved_stay: bool
    position: Any


def _students(found: Round, keys: Mapping[int, str]) -> tuple[Columns, dict[str, str], dict[str, list[list[str]]]]:
    """Who handed in, as one side; who was left out and why; which posts marked whom as not acceptable."""
    handed = sa.select(RoundList.student_id, RoundList.fill).where(RoundList.round_id == found.id, RoundList.state == "handed_in")
    fills = {student: bool(fill) for student, fill in db.session.execute(handed.order_by(RoundList.student_id))}
    ranked: dict[int, list[str]] = defaultdict(list)
    chosen = sa.select(RoundList.student_id, RoundChoice.position_id).join(RoundChoice, RoundChoice.list_id == RoundList.id)
    chosen = chosen.where(RoundList.round_id == found.id, RoundList.state == "handed_in").order_by(RoundList.student_id, RoundChoice.place)
    gone = {number: str(key) for number, key in db.session.execute(queries.post_keys(found.id))}
    for student, position in db.session.execute(chosen):
        ranked[student].append(gone[position])  # one that has left stays in the list, so that it can be told
    bears: dict[int, list[str]] = defaultdict(list)
    borne = sa.select(RoundBearer.student_id, RoundCode.code).join(RoundCode, RoundCode.id == RoundBearer.code_id).where(RoundCode.round_id == found.id)
    for student, code in db.session.execute(borne.order_by(RoundBearer.student_id, RoundCode.turn)):
        bears[student].append(code)
    said: dict[int, list[list[str]]] = defaultdict(list)
    refusals = sa.select(RoundOrder.student_id, RoundPost.position_id, RoundOrder.refused).join(RoundPost, RoundPost.id == RoundOrder.post_id)
    for student, position, why in db.session.execute(refusals.where(RoundPost.round_id == found.id, RoundPost.state == "takes_part", RoundOrder.refused != "")):
        said[student].append([keys.get(position, ""), why])
    placed: set[int] = set(db.session.scalars(applications.accepted_ids(found.kind)))
    declined = applications.declined_keys(found.kind)
    parts, refused = [], {}
    left_out: dict[str, str] = {}
    for piece in _pieces(sorted(fills)):
        taking = [student for student in piece if student not in placed]
        seen: set[int] = set()
        for own, rows in students.rows_for_matching(taking):
            seen.update(own)
            for student, row in zip(own, rows, strict=True):
                row["ranking"] = ranked[student]
                row["own_list_only"] = not fills[student]
                row["priority"] = bears[student]
                never = [key for key, _ in said[student] if key] + declined.get(student, [])
                row["refused"] = sorted(set(never))
                if said[student]:
                    refused[row["key"]] = sorted(one for one in said[student] if one[0])
            parts.append(columns("students", rows))
        public = {number: str(key) for number, key in db.session.execute(sa.select(Student.id, Student.public_id).where(Student.id.in_(piece)))}
        left_out |= {public[student]: "accepted-elsewhere" if student in placed else "no-consent" for student in piece if student not in seen}
    side, _ = joined("students", parts)
    return side, left_out, refused


def _orders(posts: Sequence[_Post]) -> dict[int, list[str]]:
    """Of every post with an order of its own: keys of students, first first."""
    found: dict[int, list[str]] = defaultdict(list)
    for part in _pieces([post.id for post in posts]):
        placed = sa.select(RoundOrder.post_id, Student.public_id).join(Student, Student.id == RoundOrder.student_id)
        placed = placed.where(RoundOrder.post_id.in_(part), RoundOrder.place.is_not(None)).order_by(RoundOrder.post_id, RoundOrder.place)
        for post, key in db.session.execute(placed):
            found[post].append(str(key))
    return found


def _pieces(ids: Sequence[int]) -> Iterator[list[int]]:
    for begin in range(0, len(ids), PIECE):
        yield list(ids[begin : begin + PIECE])


def prepared(problem: Problem) -> Prepared:
    """The feature rows of a round, its vocabulary learnt from it alone."""
    return pipeline.prepare(problem, weights=WEIGHTS, thresholds=law.thresholds(problem.on), catalogue=occupations.titles(), k=TOP, k_positions=TOP)


def hashed(problem: Problem, beside: Mapping[str, Any]) -> str:
    """SHA-256 of all that was read, in the order of the keys; the lottery's seed is part of it."""
    told = hashlib.sha256()
    for name, array in sorted(packed(problem).items()):
        told.update(name.encode())
        told.update(array.tobytes())
    told.update(repr(sorted(beside["left_out"].items())).encode())
    return told.hexdigest()


def score(one: Prepared) -> list[ChunkResult]:
    """Everybody against every post, once for all scenarios that change no list."""
    everyone = len(one.problem.students)
    return [pipeline.score_chunk(one, 0, everyone, threads=2)] if everyone else []


def scored_bytes(chunks: Sequence[ChunkResult]) -> bytes:
    """What `score` found, to be kept beside the snapshot; nothing where nobody takes part."""
    return chunks[0].to_bytes() if chunks else b""


def scored_of(taken: RoundSnapshot) -> list[ChunkResult]:
    """The same, read back."""
    return [ChunkResult.from_bytes(taken.scored)] if taken.scored else []


def under(one: Prepared, told: Scenario) -> Prepared:
    """The same snapshot under a scenario; other weights scale the columns of their families on both sides."""
    vocabulary = replace(one.vocabulary, weights={**one.vocabulary.weights, **(told.weights or {})})
    other = replace(one, problem=scenarios.changed(one.problem, told), vocabulary=vocabulary)
    scale = _scale(one.vocabulary.weights, told.weights, one.vocabulary.family_of_column)
    for name in ("student_rows", "position_rows"):
        rows = getattr(one, name)
        other.__dict__[name] = rows if scale is None else _scaled(rows, scale)
    for name in ("turns", "row_of", "classes", "scorable", *(("rows", "plan") if scale is None else ())):  # no scenario changes what these are made of
        other.__dict__[name] = getattr(one, name)
    return other


def _scale(before: Mapping[str, float], after: Mapping[str, float] | None, family_of_column: np.ndarray) -> np.ndarray | None:
    if after is None:
        return None
    factor = np.array([np.sqrt(after.get(name, before[name]) / before[name]) if before.get(name) else 1.0 for name in FAMILIES])
    return np.asarray(factor[family_of_column])


def _scaled(rows: sparse.csr_matrix, scale: np.ndarray) -> sparse.csr_matrix:
    other = rows.copy()
    other.data = other.data * scale[other.indices]
    return other


def outcome(one: Prepared, told: Scenario, chunks: Sequence[ChunkResult] | None = None, *, priced: bool = True) -> Outcome:
    """The whole assignment under a scenario; `chunks` of the unchanged snapshot serve where its lists stay."""
    other = under(one, told)
    known = score(other) if chunks is None or told.rescored else chunks
    return pipeline.finish(other, known, priced=priced)


def kept_bytes(found: Outcome) -> bytes:
    """What is kept of an assignment beside the snapshot."""
    arrays = {name: getattr(found, name).astype(np.int32) for name in ("assigned", "place", "row", "student_idx")}
    return saved(arrays | {"points": found.points.astype(np.int64)})


@dataclass(frozen=True)
class Kept:
    """A kept run, opened: the snapshot as it was scored, who was placed where, and why."""

    prepared: Prepared
    assigned: np.ndarray
    place: np.ndarray
    points: np.ndarray
    market: Market
    held: np.ndarray
    reasons: Reasons
    beside: dict[str, Any]
    unlawful: Mapping[tuple[str, str], str]  # (student, post) → the rule that took it off the list

    @property
    def students(self) -> Columns:
        """Who took part, as they were."""
        return self.prepared.problem.students

    @property
    def positions(self) -> Columns:
        """The posts of the round, as they were."""
        return self.prepared.problem.positions

    def basis(self, i: int) -> str:
        """What was declared beforehand and counted for a student's placement, '' for nothing."""
        return reasons.basis(self.prepared.problem, self.market, int(self.held[i])) if self.held[i] >= 0 else ""

    def list_place(self, i: int) -> int:
        """The place of what a student was given in her own list as she wrote it, 0 outside it."""
        j = int(self.assigned[i])
        ranking = [str(key) for key in self.students.ranking[i]]
        return ranking.index(str(self.positions.key[j])) + 1 if j >= 0 and str(self.positions.key[j]) in ranking else 0

    def number(self, turn: int) -> str:
        """The lottery number of whoever has this turn."""
        key = str(self.students.key[self._by_turn[turn]])
        return lottery.shown(self.prepared.problem.seed, key)

    @cached_property
    def _by_turn(self) -> np.ndarray:
        return np.argsort(self.prepared.turns[0])

    def points_with(self, i: int, j: int, most: int = 3) -> list[tuple[str, int]]:
        """What a post asks for and a student did not show: code and the points that the enterprise's score would gain by it alone, most first."""
        student, post = self.students.take(np.array([i])), self.positions.take(np.array([j]))
        held = {*student.skills[0], *student.certificates[0]}
        asked = [(code, "certificates") for code in post.certificates_must[0]] + [(code, "skills") for code in (*post.skills_must[0], *post.skills_nice[0])]
        lacking = [(code, column) for code, column in dict(asked).items() if code not in held]
        if not lacking:
            return []
        others = self.students.take(np.full(len(lacking), i))
        data = {name: column.copy() for name, column in others.data.items()}
        for n, (code, column) in enumerate(lacking):
            data[column][n] = tuple(sorted((*data[column][n], code)))
        vocabulary = self.prepared.vocabulary
        rows = vocabulary.transform(Columns("students", others.key, data))
        wishes = np.isin(vocabulary.family_of_column, [FAMILIES.index(family) for family in WISHES])
        right = Rows.of(self.prepared.position_rows).without(wishes)
        each, to = np.arange(len(lacking)), np.full(len(lacking), j)
        gained = similarity.pair_points(Rows.of(rows), right, each, to) - similarity.pair_points(self.prepared.rows[0], right, np.full(len(lacking), i), to)
        found = [(code, int(points)) for (code, _), points in zip(lacking, gained, strict=True) if points > 0]
        return sorted(found, key=lambda one: (-one[1], one[0]))[:most]



@lru_cache(maxsize=2)
def opened(public_id: uuid.UUID) -> Kept:
    """A kept run as it was, worked out once in a process: what is shown is always what was assigned."""
    run = db.session.scalars(sa.select(RoundRun).where(RoundRun.public_id == public_id)).one()
    taken = db.session.get_one(RoundSnapshot, run.snapshot_id)
    box = {name: array.astype(np.int64) for name, array in loaded(run.kept).items()}
    other = under(prepared_of(taken), rules.scenario(run.scenario))
    made = pipeline.market_of(other, box["student_idx"])
    held = made.assigned()
    why = Reasons(other.problem, made, held, other.turns[0])
    unlawful = {(one.student, one.position): one.bound for one in made.unmet if one.what == "ranked"}
    return Kept(other, box["assigned"], box["place"], box["points"], made, held, why, taken.beside, unlawful)


def prepared_of(taken: RoundSnapshot) -> Prepared:
    """A snapshot, read back."""
    return Prepared.from_bytes(taken.prepared)


def again(run: RoundRun) -> str:
    """The digest of the same snapshot under the same scenario, made anew."""
    taken = db.session.get_one(RoundSnapshot, run.snapshot_id)
    return outcome(prepared_of(taken), rules.scenario(run.scenario), priced=False).digest
