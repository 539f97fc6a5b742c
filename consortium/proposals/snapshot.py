"""The database read once as arrays, the arrays kept as they were scored, and what people then did as rows to learn from."""

from __future__ import annotations

import bisect
import hashlib
import mmap
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from flask import current_app

from consortium.matching import eligibility, gaps, learning, newcomer, pipeline
from consortium.matching.gaps import Added
from consortium.matching.history import Events
from consortium.matching.learning import Evidence
from consortium.matching.margins import Refusal, refusal
from consortium.matching.newcomer import Crowd
from consortium.matching.outcome import Kept
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import Columns, Problem, columns, joined, to_json, unjson
from consortium.matching.similarity import Rows
from consortium.matching.stored import (
    chained,
    loaded,
    packed,
    packed_rows,
    packed_side,
    pieces,
    saved,
    unpacked_rows,
    unpacked_side,
)
from consortium.matching.vocabulary import FAMILIES, Vocabulary, scorable, with_history, without_history
from consortium.matching.whatif import Again, Change, Standing, Supply, changes_of_student, varied
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries
from consortium.proposals.models import Choice, PositionMatches, Run, RunLists, RunPart, RunSnapshot, StudentMatches
from consortium.reference import law, majors, occupations, places
from consortium.shared import clock
from consortium.shared.access import STUDENT
from consortium.shared.db import db
from consortium.shared.mapped import mapped
from consortium.shared.tasks import DONE
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students.models import Student

MARGIN = timedelta(minutes=5)
"""A change that was written before a run read, but committed after, is no older than this: no transaction lasts longer."""

REFIT_SHARE = 0.10
"""The vocabulary is learnt anew when so many rows of either side were not there when it was learnt, or a class of majors was not."""


@dataclass(frozen=True, slots=True)
class Everything:
    """What a whole run reads: the problem, the inner ids in its order, and the mark of every firm's posts as they were then."""

    problem: Problem
    student_ids: np.ndarray
    position_ids: np.ndarray
    marks: dict[int, str]


def read(run: Run) -> Problem:
    """Everybody and every open post, as arrays."""
    return read_everything(run.seed).problem


def read_everything(seed: int) -> Everything:
    """The same with inner ids and marks; students are read ten thousand at a time."""
    marks = positions.marks()  # before the posts: what changes meanwhile is read once more later, never missed
    posts = positions.open_positions()
    right = columns("positions", positions.as_rows(posts))
    ids_of = {str(post.public_id): post.id for post in posts}
    del posts
    left, student_ids = _read_students(None)
    problem = Problem(left, right, clock.today(), seed)
    return Everything(problem, student_ids, np.array([ids_of[key] for key in right.key], dtype=np.int64), marks)


def _read_students(ids: list[int] | None) -> tuple[Columns, np.ndarray]:
    parts, inner = [], []
    for own, rows in students.rows_for_matching(ids):
        place = {row["key"]: number for number, row in zip(own, rows, strict=True)}
        parts.append(columns("students", rows))
        inner.append(np.array([place[key] for key in parts[-1].key], dtype=np.int64))
    side, order = joined("students", parts)
    return side, np.concatenate(inner)[order] if inner else np.zeros(0, dtype=np.int64)


def prepared(run: Run, found: Everything, base: Run | None, past: Events = ()) -> tuple[Prepared, dict[str, Any], bool]:
    """Vocabulary and posts of a whole run, what is told of how the vocabulary was learnt, and whether it is that of `base`.

    With a past the history takes part at its share of the weights, learnt with the vocabulary. A vocabulary is learnt anew as `REFIT_SHARE` says, or where weights, catalogue or releases differ; otherwise it is taken over, and with it
    the feature rows of all that did not change. Students come in stretches.
    """
    problem, catalogue, weights = found.problem, occupations.titles(), weights_with(run.weights, past)
    classes = sorted(set(problem.students.major_class))
    releases = {name: run.versions.get(name) for name in ("consortium", "rjieba")}
    settings = {
        "thresholds": law.thresholds(problem.on), "k": run.top, "k_positions": run.top_positions, "major_classes": tuple(classes),
    }  # fmt: skip
    nobody = problem.students.take(slice(0, 0))
    kept = _whole(base.public_id) if base is not None else None
    fit = _fit_of(base.public_id) if base is not None else None
    db.session.rollback()  # from here on it only reckons, for long
    if kept is not None and fit is not None and fit["releases"] == releases:
        fit = fit | {
            "new_students": fit["new_students"] + _unknown(problem.students, kept.problem.students),
            "new_positions": fit["new_positions"] + _unknown(problem.positions, kept.problem.positions),
        }
        grown = fit["new_students"] > REFIT_SHARE * fit["students"] or fit["new_positions"] > REFIT_SHARE * fit["positions"]
        same = dict(kept.vocabulary.weights) == weights and kept.vocabulary.catalogue == catalogue
        grown |= len(past) > (1 + REFIT_SHARE) * fit.get("past", 0)
        if same and not grown and set(classes) <= set(fit["classes"]):
            rows = pipeline.taken_over(kept.vocabulary, problem.positions, kept.problem.positions, kept.position_rows)
            return _posts_only(problem, nobody, kept.vocabulary, rows, settings), fit, True
    vocabulary = Vocabulary.fit(problem.students, problem.positions, weights, catalogue, past)
    fit = {
        "students": len(problem.students), "positions": len(problem.positions), "new_students": 0, "new_positions": 0, "classes": classes,
        "releases": releases, "past": len(past),
    }  # fmt: skip
    return _posts_only(problem, nobody, vocabulary, vocabulary.transform(problem.positions), settings), fit, False


def _posts_only(problem: Problem, nobody: Columns, vocabulary: Vocabulary, rows: Any, settings: dict[str, Any]) -> Prepared:
    one = Prepared(replace(problem, students=nobody), vocabulary, **settings)
    one.__dict__["position_rows"] = rows
    one.__dict__["student_rows"] = vocabulary.transform(nobody)
    return one


def _unknown(side: Columns, kept: Columns) -> int:
    return int((~np.isin(side.key.astype(str), kept.key.astype(str))).sum()) if len(kept) else len(side)


def run_bytes(one: Prepared, found: Everything, fit: dict[str, Any]) -> bytes:
    """What is stored of a whole run beside its parts."""
    beside = {"fit": to_json(fit), "marks": to_json({str(firm): mark for firm, mark in found.marks.items()}), "position_ids": found.position_ids}
    return one.to_bytes(beside=beside)


def part_bytes(found: Everything, start: int, stop: int) -> bytes:
    """A stretch of a whole run's students."""
    stretch = slice(start, stop)
    return saved({**packed_side(found.problem.students.take(stretch)), "ids": found.student_ids[stretch]})


def stretch(run: Run, no: int) -> Prepared:
    """A stretch of a whole run's students with their feature rows, before all posts: what one chunk needs."""
    raw = db.session.scalars(sa.select(RunPart.students).where(RunPart.run_id == run.id, RunPart.no == no)).one()
    base = db.session.scalar(sa.select(Run.public_id).where(Run.id == run.base_id))
    one, side = _posts(run.public_id), unpacked_side("students", loaded(raw))
    kept = _whole(base) if base is not None else None
    db.session.rollback()  # from here on it only reckons
    if kept is None:
        return one.before(side, one.vocabulary.transform(side))
    return one.before(side, pipeline.taken_over(one.vocabulary, side, kept.problem.students, kept.student_rows))


def rows_bytes(one: Prepared) -> bytes:
    """The feature rows of a stretch."""
    return saved(packed_rows("student_rows", one.student_rows))


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
MOST_RUNS = 200  # whose kept rows one training reads, newest first


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
        sources = _sources(db.session.get_one(Run, run_id))
        found: dict[tuple[int, int], list[tuple[_Row, int, int]]] = defaultdict(list)
        for row in by_run[run_id]:
            left = _first(sources, 0, str(keys[0].get(row.student_id)))
            right = _first(sources, 1, str(keys[1].get(row.position_id)))
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


def prepared_of(run: Run) -> Prepared:
    """What a run scored: a whole one from this machine's files, a small one's newcomer (and who changed since the whole run)."""
    return _whole(run.public_id) if run.scope == "all" else _small(run.public_id)


def pair(run: Run, student_key: str, position_key: str) -> Prepared | None:
    """One student and one post as a run scored them; None where it did not know one of the two, or is kept no longer."""
    sources = _sources(run)
    left, right = _first(sources, 0, student_key), _first(sources, 1, position_key)
    if left is None or right is None:
        return None
    of_student, of_post = sources[left[0]], sources[right[0]]
    i, j = np.array([left[1]]), np.array([right[1]])
    problem = replace(sources[0].problem, students=of_student.problem.students.take(i), positions=of_post.problem.positions.take(j))
    one = replace(sources[0], problem=problem)
    one.__dict__["student_rows"], one.__dict__["position_rows"] = of_student.student_rows[i], of_post.position_rows[j]
    return one


def _sources(run: Run) -> list[Prepared]:
    """Where the rows of a run are kept: its own, and for a small one those of the whole run before it; nothing where they are gone."""
    try:
        base = None if run.scope == "all" else _base_of(run.public_id)
        return [prepared_of(run), *([_whole(base)] if base is not None else [])]
    except sa.exc.NoResultFound:
        return []


def _first(sources: Sequence[Prepared], side: int, key: str) -> tuple[int, int] | None:
    """The first source that has this key, and its row there."""
    for number, one in enumerate(sources):
        keys = (one.problem.students, one.problem.positions)[side].key
        at = int(np.searchsorted(keys, key)) if len(keys) else 0
        if at < len(keys) and keys[at] == key:
            return number, at
    return None


@dataclass(frozen=True, slots=True)
class Met:
    """Whom a newcomer met: the best of them by inner id, best first; how many the law allows, how many there were; and what is kept of it."""

    subject_id: int
    ids: np.ndarray
    points: np.ndarray
    n_lawful: int
    n_others: int
    kept: Prepared


def meet(run: Run, base: Run) -> Met | None:
    """One post before all students, or one student before all posts; None where the newcomer may be in no run now.

    The others are taken from the latest whole run, without those that changed since: their rows are read anew and met beside. A student counts
    as changed by `changed_at` and the instants of consents, a firm's posts by their mark.
    """
    whole, crowds, limits = _whole(base.public_id), _crowds(base.public_id, base.seed), law.thresholds(clock.today())
    vocabulary = whole.vocabulary
    if run.scope == "position":
        posts = positions.open_positions([run.subject_id or 0])
        own, kept_ids = columns("positions", positions.as_rows(posts)), _ids_of(base.public_id)
        gone = students.changed_since((base.started_at or base.created_at) - MARGIN)
        fresh, fresh_ids = _read_students(gone)
        old, old_rows = np.isin(kept_ids, gone), whole.student_rows
    else:
        own = _read_students([run.subject_id or 0])[0]
        box = _box(base.public_id)
        then, now = unjson(box["marks"]), {str(firm): mark for firm, mark in positions.marks().items()}
        firms = {firm for firm in then.keys() | now.keys() if then.get(firm) != now.get(firm)}
        posts = positions.open_of_all(map(int, firms))
        ids_of, fresh, kept_ids = {str(p.public_id): p.id for p in posts}, columns("positions", positions.as_rows(posts)), box["position_ids"]
        fresh_ids = np.array([ids_of[key] for key in fresh.key], dtype=np.int64)
        old, old_rows = np.isin(whole.problem.positions.enterprise.astype(str), sorted(firms)), whole.position_rows
    if not len(own):
        return None
    others = crowds[0] if run.scope == "position" else crowds[1]
    fresh_rows = vocabulary.transform(fresh)
    own_row = vocabulary.transform(own)
    sides = ((others, ~old), (Crowd.of(fresh, fresh_rows, base.seed), np.ones(len(fresh), dtype=bool)))
    open_to, scored = [], []
    for crowd, there in sides:
        if run.scope == "position":
            allowed = eligibility.lawful_pairs(crowd.columns, own, limits)[:, 0] & there
            asks = np.full(len(allowed), bool(scorable(own)[0]))
        else:
            allowed = (eligibility.open_pairs(own, crowd.columns, limits)[0] & _lawful(crowd.columns, limits)) & there
            asks = _scorable(crowd.columns)
        open_to.append(allowed)
        scored.append((crowd, allowed & asks))
    idx, points = newcomer.meet(Rows.of(own_row), scored, base.seed, run.top_positions)
    n_kept = len(others.columns)
    listed = np.sort(idx[idx >= n_kept]) - n_kept
    left, right = ((fresh.take(listed), own) if run.scope == "position" else (own, fresh.take(listed)))
    kept = Prepared(Problem(left, right, clock.today(), base.seed), vocabulary, limits, run.top, run.top_positions)
    rows = (fresh_rows[listed], own_row)
    kept.__dict__["student_rows"], kept.__dict__["position_rows"] = rows if run.scope == "position" else rows[::-1]
    assert old_rows.shape[1] == own_row.shape[1]
    return Met(
        run.subject_id or 0, np.concatenate([kept_ids, fresh_ids])[idx], points, int(sum(a.sum() for a in open_to)), int((~old).sum()) + len(fresh), kept
    )


def live(student: Student, position: Position) -> Prepared | None:
    """One student and one post as they stand now, with the vocabulary of the latest whole run; None before the first."""
    latest = queries.latest_run()
    if latest is None:
        return None
    problem = Problem.of(students.as_rows([student]), positions.as_rows([position]), clock.today(), latest.seed)
    return pipeline.prepare(problem, thresholds=law.thresholds(problem.on), vocabulary=prepared_of(latest).vocabulary)


def again() -> Again | None:
    """The latest whole run, ready to be asked again; None before the first, and where a run kept no lists."""
    latest = queries.latest_run()
    return _again(latest.public_id) if latest is not None else None


def supply(asked: Mapping[str, str], hazards: Sequence[str] = ()) -> Supply | None:
    """Count what a form asks for so far against the latest run's students: exactly the matcher's own rules about the pair."""
    return _supply(columns("positions", [_asked(asked, hazards)]))


def supply_of(position: Position) -> Supply | None:
    """The same of a post as it stands."""
    return _supply(columns("positions", positions.as_rows([position])))


def _supply(post: Columns) -> Supply | None:
    run = again()
    return run.supply(post) if run is not None else None


@dataclass(frozen=True, slots=True)
class Opening:
    """One thing that would open posts to a student: still open posts by id, how many become lawful, how many lists the student enters."""

    change: Change
    position_ids: tuple[int, ...]
    n_lawful: int
    n_listed: int


def openings(student: Student) -> list[Opening] | None:
    """What would open most, best first: each certificate, skill and wish tried alone on all posts of the latest run. None before the first."""
    run = again()
    if run is None:
        return None
    one, keys = columns("students", students.as_rows([student])), run.prepared.problem.positions.key
    still = queries.open_ids()
    is_open = np.array([str(key) in still for key in keys], dtype=bool)
    found = []
    for opened in run.openings(one, changes_of_student(one, run.prepared.problem.positions, skills.certificates())):
        lawful, listed = opened.lawful[is_open[opened.lawful]], opened.listed[is_open[opened.listed]]
        ids = tuple(still[str(keys[j])] for j in np.union1d(lawful, listed))
        if ids:
            found.append(Opening(opened.change, ids, len(lawful), len(listed)))
    return sorted(found, key=lambda one: (-len(one.position_ids), -one.n_lawful, one.change.what, one.change.which))


@dataclass(frozen=True, slots=True)
class Stand:
    """Why not, exactly: where a pair stands among all others of the latest run, or what alone would make it lawful.

    n_shown, least : how many students the post's list shows, and the points of its last where it is full. refusal : in the assignment the
    innermost full level, with the points of the last one admitted there and the student's own, no wish counted.
    """

    standing: Standing | None
    lawful: bool
    opens: tuple[Change, ...]
    n_shown: int | None
    least: int | None
    refusal: Refusal | None = None
    last_points: int | None = None
    own_points: int | None = None


def stand(student: Student, position: Position) -> Stand | None:
    """Where this student stands for this post as both are now; None before the first run."""
    run = again()
    if run is None:
        return None
    one = columns("students", students.as_rows([student]))
    post = columns("positions", positions.as_rows([position]))
    changes = changes_of_student(one, post, skills.certificates())
    lawful = eligibility.lawful_pairs(varied(one, changes), post, run.prepared.thresholds)[:, 0]
    n_shown, least = queries.list_end(position) or (None, None)
    opens = tuple(change for change, opened in zip(changes, lawful[1:], strict=True) if opened and not lawful[0])
    where = run.standing(one, post, changes)
    return _with_refusal(run, student, position, Stand(where, bool(lawful[0]), opens, n_shown, least))


def _with_refusal(run: Again, student: Student, position: Position, told: Stand) -> Stand:
    of_students, of_positions = run.prepared.row_of
    i, j = of_students.get(str(student.public_id)), of_positions.get(str(position.public_id))
    found, capacities, held = run.market
    own: np.ndarray = np.flatnonzero((found.student == i) & (found.position == j)) if i is not None and j is not None else np.zeros(0, np.int64)
    why = refusal(found, capacities, held, int(own[0])) if len(own) else None
    if why is None:
        return told
    pair = np.array([own[0], why.last])[: 1 if why.last < 0 else 2]
    points = run.merit_points(found.student[pair], found.position[pair])
    return replace(told, refusal=why, own_points=int(points[0]), last_points=int(points[1]) if len(points) > 1 else None)


def added(students_of: Sequence[uuid.UUID], most: int) -> tuple[list[tuple[Added, list[int]]], int] | None:
    """What a skill would add to a group of students: each with the ids of the still open posts that ask for it; and how many were in the run."""
    run = again()
    latest = queries.latest_run()
    if run is None or latest is None:
        return None
    known = run.prepared.row_of[0]
    rows = sorted(known[str(key)] for key in students_of if str(key) in known)
    keys, still = run.prepared.problem.positions.key, queries.open_ids()
    found = _added(latest.public_id, tuple(rows), most, skills.certificates())
    return [(one, [still[str(keys[j])] for j in one.posts if str(keys[j]) in still]) for one in found], len(rows)


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


def _asked(asked: Mapping[str, str], hazards: Sequence[str]) -> dict[str, Any]:
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
        "hazards": [tag for tag in hazards if tag in law.hazards()],
        "in_zone": asked.get("place_code") == places.ZONE,
    }


def _codes(text: str) -> list[str]:
    return [code for code in re.split(r"[\s,，、;；]+", text[:2000]) if code][:50]


def _lawful(side: Columns, limits: Mapping[str, float]) -> np.ndarray:
    """Kept beside the columns, which never change."""
    known: dict[Any, np.ndarray] = side.__dict__.setdefault("_lawful", {})
    name = tuple(sorted(limits.items()))
    if name not in known:
        known[name] = eligibility.lawful_posts(side, limits)
    return known[name]


def _scorable(side: Columns) -> np.ndarray:
    if "_scorable" not in side.__dict__:
        side.__dict__["_scorable"] = scorable(side)
    found: np.ndarray = side.__dict__["_scorable"]
    return found


# ── what a machine keeps of whole runs: files that all its processes map into memory; the database stays the source ──────

KEPT_FILES = 3  # runs whose files stay: two that ended, one under way


@lru_cache(maxsize=3)
def _box(public_id: uuid.UUID) -> dict[str, np.ndarray]:
    return loaded(_mapped(public_id, "posts", lambda: [_stored(public_id)]))


@lru_cache(maxsize=3)
def _posts(public_id: uuid.UUID) -> Prepared:
    return Prepared.of_arrays(_box(public_id))


@lru_cache(maxsize=3)
def _students(public_id: uuid.UUID) -> dict[str, np.ndarray]:
    return loaded(_mapped(public_id, "students", lambda: pieces(chained(_parts(public_id)))))


@lru_cache(maxsize=3)
def _whole(public_id: uuid.UUID) -> Prepared:
    one, box = _posts(public_id), _students(public_id)
    if not box:  # nobody took part, or an earlier release kept all in one
        return one
    return one.before(unpacked_side("students", box), unpacked_rows("student_rows", box, one.vocabulary.n_columns))


@lru_cache(maxsize=2)
def _crowds(public_id: uuid.UUID, seed: int) -> tuple[Crowd, Crowd]:
    whole = _whole(public_id)
    sides = ((whole.problem.students, whole.student_rows), (whole.problem.positions, whole.position_rows))

    def made() -> Iterable[bytes | memoryview]:
        made = [Crowd.of(side, rows, seed).packed() for side, rows in sides]
        return pieces({**made[0], **made[1]})

    box = loaded(_mapped(public_id, "index", made))
    return Crowd.unpacked(sides[0][0], box), Crowd.unpacked(sides[1][0], box)


@lru_cache(maxsize=256)
def _small(public_id: uuid.UUID) -> Prepared:
    base = _base_of(public_id)
    return Prepared.from_bytes(_stored(public_id), _posts(base).vocabulary if base is not None else None)


@lru_cache(maxsize=2)
def _again(public_id: uuid.UUID) -> Again | None:
    lists = db.session.scalar(sa.select(RunLists.lists).join(Run, Run.id == RunLists.run_id).where(Run.public_id == public_id))
    return Again(_whole(public_id), Kept.from_bytes(lists)) if lists is not None else None


@lru_cache(maxsize=64)
def _added(public_id: uuid.UUID, rows: tuple[int, ...], most: int, certificates: frozenset[str]) -> list[Added]:
    run = _again(public_id)
    return gaps.added(run, np.array(rows, dtype=np.int64), most, certificates) if run is not None else []


@lru_cache(maxsize=1024)
def _base_of(public_id: uuid.UUID) -> uuid.UUID | None:
    return db.session.scalar(sa.select(Run.public_id).where(Run.id == sa.select(Run.base_id).where(Run.public_id == public_id).scalar_subquery()))


def meets(run: Run) -> bool:
    """Whether newcomers can meet what this whole run kept: not where an earlier release kept it."""
    return "marks" in _box(run.public_id)


def ids(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Inner ids of a whole run's students and posts, in the order of its rows."""
    return _ids_of(run.public_id), _box(run.public_id)["position_ids"]


def _ids_of(public_id: uuid.UUID) -> np.ndarray:
    return _students(public_id).get("ids", np.zeros(0, dtype=np.int64))


def _fit_of(public_id: uuid.UUID) -> dict[str, Any] | None:
    box = _box(public_id)
    return unjson(box["fit"]) if "fit" in box else None


def _stored(public_id: uuid.UUID) -> bytes:
    statement = sa.select(RunSnapshot.prepared).join(Run, Run.id == RunSnapshot.run_id).where(Run.public_id == public_id)
    return db.session.scalars(statement).one()


def _parts(public_id: uuid.UUID) -> list[dict[str, np.ndarray]]:
    statement = sa.select(RunPart.students, RunPart.rows).join(Run, Run.id == RunPart.run_id).where(Run.public_id == public_id).order_by(RunPart.no)
    return [{**loaded(memoryview(side)), **loaded(memoryview(rows or b""))} for side, rows in db.session.execute(statement)]


def _mapped(public_id: uuid.UUID, kind: str, make: Callable[[], Iterable[bytes | memoryview]]) -> mmap.mmap:
    return mapped(Path(current_app.config["DATA_DIR"]) / "runs", f"{public_id}.{kind}", make, keep=KEPT_FILES)
