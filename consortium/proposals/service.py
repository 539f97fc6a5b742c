"""Runs of the matcher from snapshot to stored lists, and what people chose. Safe to repeat at every point."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.matching import pipeline
from consortium.matching.outcome import ChunkResult, Kept, Outcome
from consortium.matching.pipeline import Prepared
from consortium.matching.vocabulary import WEIGHTS
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries, snapshot
from consortium.proposals.models import (
    Choice,
    PositionMatches,
    Proposal,
    Run,
    RunChunk,
    RunLists,
    RunSnapshot,
    StudentMatches,
)
from consortium.proposals.queries import Match
from consortium.proposals.wording import View, skill_sources, stage_of, view_of
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db, insert_ignoring, reading
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.tasks import DONE, QUEUED, Claim, finish, first_of_period, hold, park, ring, ring_after_commit
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students.models import Student

RUN, CHUNK = "proposals.run_matching", "proposals.score_chunk"
CHUNK_STUDENTS = 500
BATCH = 500
PAUSE = 0.005  # seconds between batches: lets web writes in on SQLite
LOOK_AGAIN = timedelta(seconds=60)
MARGINS, MANY_STUDENTS = 12, 50_000  # the assignment is made again for so many posts, kinds and enterprises; for fewer in a large run
SMALL_TOP = 500  # students told of a new post at once; the others hear of it in the next whole run


def start(scope: str = "all", subject_id: int | None = None, *, by: Actor | None, seed: int | None = None) -> Run:
    """Ask for a run; a small one that still waits is taken again. Raises Conflict while a whole run is under way."""
    if scope == "all":
        if queries.run_under_way() is not None:
            raise Conflict(_l("A run is already under way."), how=_l("Wait until it has finished; its page shows how far it is."))
    else:
        waiting = db.session.scalar(
            sa.select(Run).where(Run.scope == scope, Run.subject_id == subject_id, Run.state == QUEUED, Run.attempts == 0)
        )
        if waiting is not None:
            return waiting
    latest = queries.latest_run()
    if seed is None:
        seed = secrets.randbelow(2**31 - 1) if scope == "all" or latest is None else latest.seed
    run = Run(
        scope=scope, subject_id=subject_id, asked_by_id=by.person_id if by else None, seed=seed, weights=dict(WEIGHTS),
        top_positions=50 if scope == "all" else SMALL_TOP, versions={name: version(name) for name in ("consortium", "numpy", "scikit-learn", "scipy")},
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    if scope == "all":
        audit.record("start-run", run, by=by, seed=seed)
    ring_after_commit(RUN, run.id)
    return run


def start_nightly() -> None:
    """Once a night (02:00 in Shanghai) everything is matched anew, unless a run is under way."""
    if clock.local(clock.now()).hour == 2 and first_of_period("proposals.nightly", 20 * 3600) and queries.run_under_way() is None:
        start(by=None)
        db.session.commit()


def follow(scope: str, subject_id: int) -> None:
    """A small run after a change; before the first whole run there is nothing to bring up to date."""
    if queries.latest_run() is not None:
        start(scope, subject_id, by=None)


def advance(held: Claim) -> None:
    """Do the next thing for a claimed run: read and cut it, or gather what the chunks found."""
    with reading():
        phase = db.session.get_one(Run, held.row_id).phase
    if phase == "snapshot":
        _take_snapshot(held)
    else:
        _gather(held)


def score(held: Claim) -> None:
    """Score one chunk; its result, `done`, and the run's count are one commit."""
    with reading():
        chunk = db.session.get_one(RunChunk, held.row_id)
        run_id, start_row, stop_row = chunk.run_id, chunk.start, chunk.stop
        prepared = snapshot.prepared_of(db.session.get_one(Run, run_id))
    result = pipeline.score_chunk(prepared, start_row, stop_row).to_bytes()
    complete = Run.n_done + 1 >= Run.n_chunks
    done, all_of = db.session.execute(
        sa.update(Run)
        .where(Run.id == run_id)
        .values(n_done=Run.n_done + 1, due_at=sa.case((complete, clock.now()), else_=Run.due_at))
        .returning(Run.n_done, Run.n_chunks)
        .execution_options(synchronize_session=False)
    ).one()
    finish(held, result=result)
    if done >= all_of:
        ring(RUN, run_id)


def give_up(chunk_id: int) -> None:
    """A chunk was quarantined: its run cannot end, and says so."""
    db.session.execute(
        sa.update(Run)
        .where(Run.id == sa.select(RunChunk.run_id).where(RunChunk.id == chunk_id).scalar_subquery(), Run.state != DONE)
        .values(state="quarantined", trouble="a chunk failed three times", finished_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def note_choice(student_id: int, position_id: int, what: str, *, by: Actor | None, reason: str = "") -> None:
    """Write down what somebody did about a pair: for the lists, and for learning later."""
    db.session.add(
        Choice(student_id=student_id, position_id=position_id, what=what, by_role=by.role.value if by else "", reason=reason[:40])
    )
    db.session.flush()


def choose(student_id: int, position_id: int, what: str, *, by: Actor, reason: str = "") -> None:
    """The student saves or hides a post, or takes that back."""
    note_choice(student_id, position_id, what, by=by, reason=reason)
    audit.record("choose", ("positions", position_id), by=by, what=what, reason=reason)


def explained(student: Student, position: Position, match: Match | None = None) -> View:
    """Why this pair or why not: from the very rows that were scored where a run knows the pair, else as both stand now."""
    if not queries.consenting(student.id):
        return View.without_consent()
    prepared: Prepared | None = None
    if match is not None:
        run = db.session.get_one(Run, match.run_id)
        prepared = snapshot.prepared_of(run)
        students_known, positions_known = prepared.row_of
        if str(student.public_id) not in students_known or str(position.public_id) not in positions_known:
            prepared = None
    prepared = prepared or snapshot.live(student, position)
    if prepared is None:
        return View.before_first_run()
    return _view(prepared, student, position, skills.names())


def explained_all(pairs: Sequence[tuple[Student, Position, Match]]) -> list[View]:
    """The same for a page of pairs, in constant queries."""
    run_ids = {match.run_id for _, _, match in pairs}
    runs = {run.id: run for run in db.session.scalars(sa.select(Run).where(Run.id.in_(run_ids)))}
    names = skills.names()
    found = []
    for student, position, match in pairs:
        prepared = snapshot.prepared_of(runs[match.run_id])
        known = str(student.public_id) in prepared.row_of[0] and str(position.public_id) in prepared.row_of[1]
        one = prepared if known else snapshot.live(student, position)
        found.append(_view(one, student, position, names) if one is not None else View.before_first_run())
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A student as the enterprise's list shows one: by alias, with the reasons and how far things have come."""

    alias: str
    student: Student
    match: Match
    view: View
    stage: str


def shown_candidates(position: Position, part: Sequence[Match], *, by: Actor) -> list[Candidate]:
    """A page of candidates, explained; the look at each of them is recorded."""
    known = students.by_ids(m.student_id for m in part)
    audit.looked([(s.id, students.is_minor(s)) for s in known.values()], by=by, what="candidate without a name")
    views = explained_all([(known[m.student_id], position, m) for m in part])
    chosen = queries.choices_of_position(position.id)
    return [
        Candidate(queries.alias(known[m.student_id].public_id, position.public_id), known[m.student_id], m, view, stage_of(chosen.get(m.student_id, set())))
        for m, view in zip(part, views, strict=True)
    ]


def margins_of(run: Run) -> list[tuple[dict[str, Any], Position]]:
    """The posts, kinds and enterprises of a run where one more place would change something, each with the change and a post of it."""
    told = run.report.get("margins", [])
    posts = {str(p.public_id): p for p in positions.by_ids(queries.position_ids([one["position"] for one in told])).values()}
    return [(one, posts[one["position"]]) for one in told if one["position"] in posts and (one["placed"] or one["better"])]


def _view(prepared: Prepared, student: Student, position: Position, names: dict[str, Any]) -> View:
    keys = str(student.public_id), str(position.public_id)
    why = pipeline.explain(prepared, *keys)
    i, j = prepared.row_of[0][keys[0]], prepared.row_of[1][keys[1]]
    rows = prepared.problem.students.take(np.array([i])), prepared.problem.positions.take(np.array([j]))
    return view_of(why, *rows, names, skill_sources(student.skills))


def _take_snapshot(held: Claim) -> None:
    run_id = held.row_id
    with reading():
        run = db.session.get_one(Run, run_id)
        scope, problem = run.scope, snapshot.read(run)
        prepared = snapshot.prepared(run, problem)
    told: dict[str, Any] = {
        "snapshot_hash": snapshot.hashed(problem), "n_students": len(problem.students), "n_positions": len(problem.positions)
    }  # fmt: skip
    if scope != "all":
        _small(held, scope, prepared, told)
        return
    n = len(problem.students)
    raw = prepared.to_bytes()
    cuts = [(no, begin, min(begin + CHUNK_STUDENTS, n)) for no, begin in enumerate(range(0, n, CHUNK_STUDENTS))]
    _keep(run_id, raw)
    now = clock.now()
    insert_ignoring(
        RunChunk,
        [
            {"run_id": run_id, "no": no, "start": begin, "stop": end, "state": QUEUED, "due_at": now, "created_at": now,
             "public_id": uuid.uuid4(), "fence": 0, "attempts": 0, "trouble": ""}
            for no, begin, end in cuts
        ],
        ["run_id", "no"],
    )  # fmt: skip
    chunk_ids = [chunk.id for chunk in queries.chunks_of(run_id)]
    park(held, again_in=LOOK_AGAIN if cuts else timedelta(0), phase="scoring", n_chunks=len(cuts), n_done=0, **told)
    for chunk_id in chunk_ids:
        ring(CHUNK, chunk_id)
    if not cuts:
        ring(RUN, run_id)


def _small(held: Claim, scope: str, prepared: Prepared, told: dict[str, Any]) -> None:
    """One post against all students, or one student against all posts: at once, keeping only what its lists show."""
    n = len(prepared.problem.students)
    parts = [pipeline.score_chunk(prepared, begin, min(begin + 20_000, n)) for begin in range(0, n, 20_000)]
    outcome = pipeline.finish(prepared, parts)
    if scope == "position":
        rows = np.unique(outcome.position_idx[outcome.position_idx >= 0])
        kept = prepared.restricted(rows, np.arange(len(prepared.problem.positions)))
    else:
        rows = np.unique(outcome.student_idx[outcome.student_idx >= 0])
        kept = prepared.restricted(np.arange(n), rows)
    raw = kept.to_bytes()
    _record(held, scope, outcome)
    _keep(held.row_id, raw)
    finish(held, phase="done", digest=outcome.digest, report=dict(outcome.report), **told)


def _gather(held: Claim) -> None:
    run_id = held.row_id
    with reading():
        chunks = queries.chunks_of(run_id)
        open_ids = [chunk.id for chunk in chunks if chunk.state != DONE]
        parts = [ChunkResult.from_bytes(chunk.result) for chunk in chunks if chunk.result is not None and not open_ids]
        prepared = snapshot.prepared_of(db.session.get_one(Run, run_id))
    if open_ids:
        park(held, again_in=LOOK_AGAIN)
        for chunk_id in open_ids:
            ring(CHUNK, chunk_id)
        return
    outcome = pipeline.finish(prepared, parts, n_margins=MARGINS if len(prepared.problem.students) <= MANY_STUDENTS else MARGINS // 4)
    lists = Kept.of(outcome).to_bytes()
    _record(held, "all", outcome)
    db.session.execute(sa.delete(RunLists).where(RunLists.run_id == run_id))
    db.session.execute(sa.insert(RunLists).values(run_id=run_id, lists=lists))
    db.session.execute(
        sa.update(RunChunk).where(RunChunk.run_id == run_id).values(result=None).execution_options(synchronize_session=False)
    )
    finish(held, phase="done", digest=outcome.digest, report=dict(outcome.report))


def _keep(run_id: int, raw: bytes) -> None:
    db.session.execute(sa.delete(RunSnapshot).where(RunSnapshot.run_id == run_id))
    db.session.execute(sa.insert(RunSnapshot).values(run_id=run_id, prepared=raw))


def _record(held: Claim, scope: str, outcome: Outcome) -> None:
    """Store lists and proposals under their natural keys, in batches; nobody reads them before the run is done."""
    run_id = held.row_id
    with reading():
        student_ids = _ids(Student, outcome.student_keys)
        position_ids = _ids(Position, outcome.position_keys)
        agreed: set[int] = set(db.session.scalars(students.consented_ids()))
    here = [s if s in agreed else -1 for s in student_ids]  # withdrawn meanwhile: in no result
    sides: tuple[tuple[Any, str, list[int], list[int], np.ndarray, np.ndarray], ...] = (
        (StudentMatches, "student_id", here, position_ids, outcome.student_idx, outcome.student_points),
        (PositionMatches, "position_id", position_ids, here, outcome.position_idx, outcome.position_points),
    )
    for table, name, owners, others, idx, points in sides:
        rows = []
        for row, owner in enumerate(owners):
            pairs = [(others[j], int(p)) for j, p in zip(idx[row], points[row], strict=True) if j >= 0 and others[j] >= 0]
            if owner < 0 or (not pairs and table is StudentMatches and scope == "position"):
                continue
            packed = np.array(pairs, dtype="<i8").reshape(-1, 2)
            line: dict[str, Any] = {"run_id": run_id, name: owner, "ids": packed[:, 0].tobytes(), "points": packed[:, 1].tobytes()}
            if table is PositionMatches:
                if scope == "student" and not pairs:
                    continue
                line["n_lawful"] = int(outcome.n_lawful[row])
            rows.append(line)
        _insert(held, table, rows, ["run_id", name])
    if scope == "all":
        now = clock.now()
        _insert(
            held,
            Proposal,
            [
                {"run_id": run_id, "student_id": here[i], "position_id": position_ids[int(j)], "place_in_list": int(outcome.place[i]),
                 "points": int(outcome.student_points[i][outcome.place[i] - 1]), "created_at": now, "public_id": uuid.uuid4()}
                for i, j in enumerate(outcome.assigned)
                if j >= 0 and here[i] >= 0
            ],
            ["run_id", "student_id"],
        )  # fmt: skip


def _insert(held: Claim, table: Any, rows: list[dict[str, Any]], unique: list[str]) -> None:
    for begin in range(0, len(rows), BATCH):
        insert_ignoring(table, rows[begin : begin + BATCH], unique)
        hold(held)
        db.session.commit()
        time.sleep(PAUSE)


def _ids(table: type[Student] | type[Position], keys: np.ndarray) -> list[int]:
    """Inner ids in the order of the keys; -1 for one that is gone."""
    wanted = [uuid.UUID(str(key)) for key in keys]
    known: dict[uuid.UUID, int] = {}
    for begin in range(0, len(wanted), 500):
        part = wanted[begin : begin + 500]
        rows = db.session.execute(sa.select(table.public_id, table.id).where(table.public_id.in_(part)))
        known |= {public_id: row_id for public_id, row_id in rows}  # noqa: C416 (a Row is no pair to the type checker)
    return [known.get(key, -1) for key in wanted]
