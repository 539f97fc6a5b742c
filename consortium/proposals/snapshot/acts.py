"""What people did with what was shown: the past of each major for the next run, and rows to learn from."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.matching import learning
from consortium.matching.history import Events
from consortium.matching.learning import Evidence
from consortium.matching.vocabulary import FAMILIES
from consortium.positions.models import Position
from consortium.proposals import queries
from consortium.proposals.models import Choice, PositionMatches, Run, StudentMatches
from consortium.proposals.snapshot.kept import first_row, sources_of
from consortium.shared import clock
from consortium.shared.access import STUDENT
from consortium.shared.db import db
from consortium.shared.tasks import DONE
from consortium.students import queries as students
from consortium.students.models import Student
from consortium.students.rules import STATISTICS

LEAST_PAST = 300  # pairs that were chosen, before the past takes part in a run
LEAST_ALIKE = 5  # students of a major whose choices speak for the major: no single student's choice can be read from the scores of others
PAST_GRADES = {"applied": 1.0, "offered": 2.0, "accepted": 3.0}
MEMORY = timedelta(days=400)
MOST_CHOICES = 20_000
MOST_RUNS = 200  # whose kept rows one training reads, newest first
PAGES = {True: 10, False: 20}
"""Rows on the first page of a student's matches, and on every page of a post's candidates."""


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
        .where(Choice.created_at >= clock.now() - MEMORY, Choice.student_id.in_(students.consented_ids(STATISTICS)))
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
    """[(other side, run)] as it was shown: the newest result of each pair until then, merged as `queries.matches_of_student` and `…_of_position` do."""
    found: dict[int, queries.Match] = {}
    listed: list[int] = []
    for run_id, scope, finished, ids, points in results:
        if finished is None or finished > at:
            continue
        others = np.frombuffer(ids, "<i8").tolist()
        covers = scope != ("position" if own else "student")
        listed = others if covers else []
        for other, got in zip(others, np.frombuffer(points, "<i8").tolist(), strict=True):
            found.setdefault(other, queries.Match(0 if own else other, other if own else 0, got, run_id))
        if covers:
            break
    return [(m.position_id if own else m.student_id, m.run_id) for m in queries.ordered(found, listed)]


def _featured(rows: Sequence[_Row]) -> Lessons:
    """Feature parts of every row, from the kept rows of one run after the other; runs whose rows are gone teach nothing."""
    keys = _attributes(Student.id, Student.public_id, {row.student_id for row in rows}), _attributes(Position.id, Position.public_id, {row.position_id for row in rows})
    by_run: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        by_run[row.run_id].append(row)
    known: list[tuple[_Row, np.ndarray, np.ndarray]] = []
    for run_id in sorted(by_run, reverse=True)[:MOST_RUNS]:
        sources = sources_of(db.session.get_one(Run, run_id))
        found: dict[tuple[int, int], list[tuple[_Row, int, int]]] = defaultdict(list)
        for row in by_run[run_id]:
            left = first_row(sources, 0, str(keys[0].get(row.student_id)))
            right = first_row(sources, 1, str(keys[1].get(row.position_id)))
            if left is not None and right is not None and sources[right[0]].scorable[right[1]]:
                found[left[0], right[0]].append((row, left[1], right[1]))
        for (left_no, right_no), there in sorted(found.items()):
            vocabulary = sources[0].vocabulary
            if set(vocabulary.weights) == set(FAMILIES):
                at = np.array([(i, j) for _, i, j in there], dtype=np.int64)
                sides = sources[left_no].student_rows, sources[right_no].position_rows
                parts, weighed = learning.cosines(sides, vocabulary, at)
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
