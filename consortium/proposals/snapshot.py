"""The database read once as arrays, the arrays kept as they were scored, and what people then did as rows to learn from."""

from __future__ import annotations

import bisect
import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.matching import eligibility, learning, pipeline
from consortium.matching.history import Events
from consortium.matching.learning import Evidence
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import YES, Problem, columns, packed
from consortium.matching.vocabulary import FAMILIES, with_history, without_history
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries
from consortium.proposals.models import Choice, PositionMatches, Run, RunSnapshot, StudentMatches
from consortium.reference import law, majors, occupations, places
from consortium.shared import clock
from consortium.shared.access import STUDENT
from consortium.shared.db import db
from consortium.shared.tasks import DONE
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students.models import Student


def read(run: Run) -> Problem:
    """Everything (or the one post, the one student and all of the other side) that this run is about."""
    one_student = [run.subject_id] if run.scope == "student" and run.subject_id else None
    one_post = [run.subject_id] if run.scope == "position" and run.subject_id else None
    return Problem.of(
        students.as_rows(students.for_matching(one_student)),
        positions.as_rows(positions.open_positions(one_post)),
        clock.today(),
        run.seed,
    )


def prepared(run: Run, problem: Problem, past: Events = ()) -> Prepared:
    """Feature rows: a whole run fits the vocabulary anew, a small one takes that of the latest whole run (its scores compare).

    With a past the history takes part at its share of the weights, without one it does not; a small run takes part in that of the whole one.
    """
    latest = queries.latest_run() if run.scope != "all" else None
    vocabulary = prepared_of(latest).vocabulary if latest is not None else None
    return pipeline.prepare(
        problem,
        weights=weights_with(run.weights, past),
        past=past,
        thresholds=law.thresholds(problem.on),
        vocabulary=vocabulary,
        catalogue=occupations.titles(),
        k=run.top,
        k_positions=run.top_positions,
    )


def weights_with(weights: Mapping[str, float], past: Events | bool) -> dict[str, float]:
    """The weights of a run that has a past, or of one that has none."""
    return with_history(weights) if past else without_history(weights)


def hashed(problem: Problem, past: Events = ()) -> str:
    """SHA-256 of all that was read, in the order of the keys."""
    told = hashlib.sha256()
    for name, array in sorted(packed(problem).items()):
        told.update(name.encode())
        told.update(array.tobytes())
    for event in past:
        told.update(repr(event).encode())
    return told.hexdigest()


LEAST_PAST = 300  # pairs that were chosen, before the past takes part in a run
LEAST_ALIKE = 5  # students of a major whose choices speak for the major: no single student's choice can be read from the scores of others
PAST_GRADES = {"applied": 1.0, "offered": 2.0, "accepted": 3.0}
MEMORY = timedelta(days=400)
MOST_CHOICES = 20_000
MOST_BYTES = 512 * 1024 * 1024  # of stored snapshots that one training reads, newest runs first


def past() -> Events:
    """What students of each major came to: [(major, post, grade)], sorted; nothing below `LEAST_PAST` pairs."""
    best: dict[tuple[int, int], float] = {}
    for student_id, position_id, what, *_rest in _choices():
        grade = PAST_GRADES.get(what, 0.0)
        if grade:
            best[student_id, position_id] = max(grade, best.get((student_id, position_id), 0.0))
    if len(best) < LEAST_PAST:
        return ()
    major_of = _attributes(Student.id, Student.major_code, {student for student, _ in best})
    key_of = _attributes(Position.id, Position.public_id, {position for _, position in best})
    alike: dict[str, set[int]] = defaultdict(set)
    for student_id, _ in best:
        alike[major_of.get(student_id, "")].add(student_id)
    spoken = {major for major, who in alike.items() if major and len(who) >= LEAST_ALIKE}
    return sorted((major_of[s], str(key_of[p]), grade) for (s, p), grade in best.items() if major_of.get(s) in spoken and p in key_of)


@dataclass(frozen=True)
class Lessons:
    """Evidence for the weights; answered offers (cosines, accepted, kin) for the bands; since and until when, from how many acts."""

    evidence: Evidence
    offers: tuple[np.ndarray, np.ndarray, np.ndarray]
    since: datetime | None
    until: datetime | None


@dataclass(slots=True)
class _Pair:
    """What happened to a pair: acts [(what, reason)], when and by which side the first was done."""

    by_student: bool
    at: datetime
    acts: list[tuple[str, str]] = field(default_factory=list)
    answer: bool | None = None  # of an offer

    def add(self, what: str, reason: str) -> None:
        if any(known == "offered" for known, _ in self.acts):
            if what == "accepted":
                self.answer = True
            elif what == "declined" or (what == "withdrawn" and reason == "accepted-elsewhere"):
                self.answer = False
        self.acts.append((what, reason))


@dataclass(frozen=True, slots=True)
class _Row:
    """A pair in a list: of which run its features are, where it stood (0: not in the list), what it teaches."""

    student_id: int
    position_id: int
    run_id: int
    list_no: int
    place: int
    kin: str
    at: datetime
    lessons: tuple[tuple[int, np.ndarray], ...]
    answer: bool | None


def lessons() -> Lessons:
    """What people did with what was shown, from the stored feature rows of the very runs that showed it.

    A pair belongs to the list in which its first act was done: the student's or the post's, as it stood then. What stood there, down to
    the end of the page of the deepest act, and upon which nobody ever acted, was shown and passed over. Who no longer consents is left out.
    """
    pairs: dict[tuple[int, int], _Pair] = {}
    for student_id, position_id, what, by_role, reason, at in _choices():
        if by_role or (student_id, position_id) in pairs:
            pair = pairs.setdefault((student_id, position_id), _Pair(by_role in STUDENT, at))
            pair.add(what, reason)
    return _featured(_listed(pairs))


def _choices() -> Sequence[Any]:
    """(student, post, what, role, reason, at) of those whose consent is in force, oldest first."""
    newest = (
        sa.select(Choice.id)
        .where(Choice.created_at >= clock.now() - MEMORY, Choice.student_id.in_(students.consented_ids()))
        .order_by(Choice.id.desc())
        .limit(MOST_CHOICES)
    )
    columns = (Choice.student_id, Choice.position_id, Choice.what, Choice.by_role, Choice.reason, Choice.created_at)
    return db.session.execute(sa.select(*columns).where(Choice.id.in_(newest.scalar_subquery())).order_by(Choice.id)).all()


def _attributes(key: Any, value: Any, ids: Iterable[int]) -> dict[int, Any]:
    """Value by inner id, asked for in batches."""
    wanted, found = sorted(ids), {}
    for begin in range(0, len(wanted), 500):
        found.update({number: told for number, told in db.session.execute(sa.select(key, value).where(key.in_(wanted[begin : begin + 500])))})  # noqa: C416
    return found


def _listed(pairs: Mapping[tuple[int, int], _Pair]) -> list[_Row]:
    """Every pair in the list that showed it, and what stood beside it."""
    whole = db.session.execute(sa.select(Run.id, Run.finished_at).where(Run.scope == "all", Run.state == DONE).order_by(Run.id)).all()
    ends = [end for _, end in whole if end is not None]
    lists: dict[tuple[int, bool, int], list[tuple[int, int]]] = defaultdict(list)  # (base run, the student's own, owner) → pairs
    for (student_id, position_id), pair in pairs.items():
        turn = bisect.bisect_right(ends, pair.at) - 1
        if turn >= 0:
            lists[turn, pair.by_student, student_id if pair.by_student else position_id].append((student_id, position_id))
    majors_of = _attributes(Student.id, Student.major_code, {owner for _, own, owner in lists if own})
    firm_of = _attributes(Position.id, Position.tenant_id, {owner for _, own, owner in lists if not own})
    found: list[_Row] = []
    passed_over = ((0, np.ones(len(FAMILIES), dtype=bool)),)
    numbers = {key: no for no, key in enumerate(sorted(lists))}
    for turn, own in sorted({(turn, own) for turn, own, _ in lists}):
        base, after = whole[turn][0], whole[turn + 1][0] if turn + 1 < len(whole) else None
        owners = [owner for t, o, owner in lists if (t, o) == (turn, own)]
        shown = _shown(own, owners, base, after)
        for owner in owners:
            acted = lists[turn, own, owner]
            last = max(pairs[pair].at for pair in acted)
            order = _as_it_stood(shown.get(owner, []), own, last)
            place_of = {other: place for place, (other, _) in enumerate(order, 1)}
            run_of = dict(order)
            others = [position if own else student for student, position in acted]
            depth = learning.seen([place_of.get(other, 0) for other in others], PAGES[own])
            kin = f"major {majors_of.get(owner, '')}" if own else f"firm {firm_of.get(owner, '')}"
            no = numbers[turn, own, owner]
            for (student_id, position_id), other in zip(acted, others, strict=True):
                one = pairs[student_id, position_id]
                taught = tuple(learning.lessons(one.acts))
                found.append(_Row(student_id, position_id, run_of.get(other, base), no, place_of.get(other, 0), kin, one.at, taught, one.answer))
            for other, run_id in order[:depth]:
                student_id, position_id = (owner, other) if own else (other, owner)
                if (student_id, position_id) not in pairs:
                    found.append(_Row(student_id, position_id, run_id, no, place_of[other], kin, last, passed_over, None))
    return found


PAGES = {True: 10, False: 20}
"""Rows on the first page of a student's matches, and on every page of a post's candidates."""


def _shown(own: bool, owners: Sequence[int], base: int, after: int | None) -> dict[int, list[Any]]:
    """Owner → [(run, scope, finished, ids, points)], newest first, from a whole run up to the next."""
    table: Any = StudentMatches if own else PositionMatches
    owner = table.student_id if own else table.position_id
    found: dict[int, list[Any]] = defaultdict(list)
    for begin in range(0, len(owners), 500):
        statement = (
            sa.select(owner, Run.id, Run.scope, Run.finished_at, table.ids, table.points)
            .join(Run, Run.id == table.run_id)
            .where(owner.in_(owners[begin : begin + 500]), Run.state == DONE, Run.id >= base)
            .order_by(Run.id.desc())
        )
        for who, *rest in db.session.execute(statement if after is None else statement.where(Run.id < after)):
            found[who].append(rest)
    return found


def _as_it_stood(results: Sequence[Any], own: bool, at: datetime) -> list[tuple[int, int]]:
    """[(other side, run)] best first: the newest result of each pair until then, as `queries.matches_of_student` and `…_of_position` merge them."""
    best: dict[int, tuple[int, int]] = {}
    for run_id, scope, finished, ids, points in results:
        if finished is None or finished > at:
            continue
        for other, got in zip(np.frombuffer(ids, "<i8").tolist(), np.frombuffer(points, "<i8").tolist(), strict=True):
            best.setdefault(other, (got, run_id))
        if scope != ("position" if own else "student"):
            break
    return [(other, run_id) for other, (_, run_id) in sorted(best.items(), key=lambda one: (-one[1][0], one[0]))]


def _featured(rows: Sequence[_Row]) -> Lessons:
    """Feature parts of every row, one stored snapshot at a time."""
    student_keys = _attributes(Student.id, Student.public_id, {row.student_id for row in rows})
    post_keys = _attributes(Position.id, Position.public_id, {row.position_id for row in rows})
    by_run: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        by_run[row.run_id].append(row)
    known: list[tuple[_Row, np.ndarray, np.ndarray]] = []
    read = 0
    for run_id in sorted(by_run, reverse=True):
        raw = db.session.scalar(sa.select(RunSnapshot.prepared).where(RunSnapshot.run_id == run_id)) if read < MOST_BYTES else None
        if raw is None:
            continue
        read += len(raw)
        one = Prepared.from_bytes(raw)
        there = []
        for row in by_run[run_id]:
            i = one.row_of[0].get(str(student_keys.get(row.student_id)))
            j = one.row_of[1].get(str(post_keys.get(row.position_id)))
            if i is not None and j is not None and one.scorable[j]:
                there.append((row, i, j))
        if there and set(one.vocabulary.weights) == set(FAMILIES):
            at = np.array([(i, j) for _, i, j in there], dtype=np.int64)
            parts, weighed = learning.cosines((one.student_rows, one.position_rows), one.vocabulary, at)
            known += [(row, parts[n], weighed) for n, (row, _, _) in enumerate(there)]
    taught = [(row, x, grade, mask & weighed) for row, x, weighed in known for grade, mask in row.lessons]
    taught.sort(key=lambda one: (one[0].list_no, one[0].place == 0, one[0].place, one[0].student_id, one[0].position_id, -one[2]))
    answered = sorted(((row, x) for row, x, _ in known if row.answer is not None), key=lambda one: (one[0].student_id, one[0].position_id))
    acted = [row.at for row, _, grade, _ in taught if grade]
    shape = (-1, len(FAMILIES))
    evidence = Evidence(
        lists=np.array([row.list_no for row, *_ in taught], dtype=np.int64),
        kin=np.array([row.kin for row, *_ in taught], dtype=object),
        at=np.array([row.at.timestamp() for row, *_ in taught], dtype=np.float64),
        place=np.array([row.place for row, *_ in taught], dtype=np.int64),
        grade=np.array([grade for _, _, grade, _ in taught], dtype=np.int64),
        cosines=np.array([x for _, x, _, _ in taught], dtype=np.float64).reshape(shape),
        teaches=np.array([mask for *_, mask in taught], dtype=bool).reshape(shape),
    )
    offers = (
        np.array([x for _, x in answered], dtype=np.float64).reshape(shape),
        np.array([row.answer for row, _ in answered], dtype=bool),
        np.array([row.kin for row, _ in answered], dtype=object),
    )
    return Lessons(evidence, offers, min(acted, default=None), max(acted, default=None))


def prepared_of(run: Run) -> Prepared:
    """What a run scored, from its stored bytes; whole runs and small ones are kept apart so that neither drives the other out."""
    return _whole(run.public_id) if run.scope == "all" else _small(run.public_id)


def live(student: Student, position: Position) -> Prepared | None:
    """One student and one post as they stand now, with the vocabulary of the latest whole run; None before the first."""
    latest = queries.latest_run()
    if latest is None:
        return None
    problem = Problem.of(students.as_rows([student]), positions.as_rows([position]), clock.today(), latest.seed)
    return pipeline.prepare(problem, thresholds=law.thresholds(problem.on), vocabulary=prepared_of(latest).vocabulary)


@dataclass(frozen=True, slots=True)
class Supply:
    """How many students fit a post that is being written; None before the first run.

    fit, zone : students, and those of them who want the zone; dropped : needed certificate → how many more without it.
    """

    fit: int
    zone: int
    dropped: tuple[tuple[str, int], ...]


def supply(asked: Mapping[str, str]) -> Supply | None:
    """Count what a form asks for so far against the latest run's students: exactly the matcher's own rules about the pair."""
    latest = queries.latest_run()
    if latest is None:
        return None
    known = prepared_of(latest).problem.students
    row = _asked(asked)
    limits = law.thresholds(clock.today())

    def fitting(certificates: list[str]) -> np.ndarray:
        post = columns("positions", [row | {"certificates_must": certificates}])
        return eligibility.open_pairs(known, post, limits)[:, 0]

    needed = row["certificates_must"]
    now = fitting(needed)
    more = ((code, int(fitting([c for c in needed if c != code]).sum() - now.sum())) for code in needed)
    return Supply(int(now.sum()), int((now & (known.wants_zone == YES)).sum()), tuple(more))


def what_stops(student: Student, posts: list[Position]) -> dict[int, str]:
    """Position id → the code of the first rule or requirement that stands in this student's way; posts that fit are left out."""
    if not posts:
        return {}
    problem = Problem.of(students.as_rows([student]), positions.as_rows(posts), clock.today())
    limits = law.thresholds(problem.on)
    row_of = {str(key): j for j, key in enumerate(problem.positions.key)}
    found = {}
    for post in posts:
        verdicts = eligibility.judge_pair(problem, 0, row_of[str(post.public_id)], limits)
        stopped = next((v.code for v in verdicts if v.blocks), None)
        if stopped:
            found[post.id] = stopped
    return found


def _asked(asked: Mapping[str, str]) -> dict[str, Any]:
    """A half-filled posting form as a row; what cannot be read yet is left unknown."""
    known = skills.by_codes(_codes(asked.get("must", "")))
    accepted = [code if ":" in code else f"M:{code}" for code in _codes(asked.get("majors", ""))]
    accepted = [code for code in accepted if majors.category_of(code)]
    try:
        start: date | None = date.fromisoformat(asked.get("start_on", ""))
    except ValueError:
        start = None
    level = asked.get("labour_level", "")
    return {
        "key": "asked",
        "kind": "job" if asked.get("kind") == "job" else "internship",
        "majors": accepted,
        "major_categories": sorted({majors.category_of(code) for code in accepted}),
        "certificates_must": [code for code, skill in known.items() if skill.kind == "certificate"],
        "level_least": asked.get("level_least", ""),
        "start_on": start or clock.today(),
        "night": asked.get("night") == "yes",
        "rest_days": asked.get("rest_days") == "yes",
        "labour_level": int(level) if level in ("1", "2", "3", "4") else -1,
        "in_zone": asked.get("place_code") == places.ZONE,
    }


def _codes(text: str) -> list[str]:
    return [code for code in re.split(r"[\s,，、;；]+", text[:2000]) if code][:50]


@lru_cache(maxsize=2)
def _whole(public_id: uuid.UUID) -> Prepared:
    return _load(public_id)


@lru_cache(maxsize=256)
def _small(public_id: uuid.UUID) -> Prepared:
    return _load(public_id)


def _load(public_id: uuid.UUID) -> Prepared:
    statement = sa.select(RunSnapshot.prepared).join(Run, Run.id == RunSnapshot.run_id).where(Run.public_id == public_id)
    return Prepared.from_bytes(db.session.scalars(statement).one())
