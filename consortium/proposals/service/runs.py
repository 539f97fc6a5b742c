"""Runs of the matcher from snapshot to stored lists. Safe to repeat at every point."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.matching import pipeline
from consortium.matching.calibration import Bands
from consortium.matching.outcome import ChunkResult, Kept, Outcome
from consortium.proposals import queries, snapshot
from consortium.proposals.models import (
    PositionMatches,
    Run,
    RunChunk,
    RunLists,
    RunPart,
    RunSnapshot,
    StudentMatches,
)
from consortium.proposals.service.learning import weights_of
from consortium.proposals.service.lists import forget_lists, keep, record, store
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db, insert_ignoring, reading
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.tasks import DONE, QUEUED, Claim, finish, first_of_period, hold, park, ring, ring_after_commit

RUN, CHUNK = "proposals.run_matching", "proposals.score_chunk"
CHUNKS, LEAST_CHUNK, MOST_CHUNK = 16, 500, 20_000  # chunks of a run where it can be; students of one
LOOK_AGAIN = timedelta(seconds=60)
MARGINS, MANY_STUDENTS = 12, 50_000  # the assignment is made again for so many posts, kinds and enterprises; for fewer in a large run
SMALL_TOP = 500  # students told of a new post at once, posts told of a changed student; the others hear of it in the next whole run
KEPT_BYTES = 2 * 1024**3  # of what whole runs keep to explain themselves
MANY = 50  # small runs that wait: beyond them one whole run is less work


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
    serves = queries.serving() if scope == "all" else queries.scoring_of(latest) if latest is not None else None
    if seed is None:
        seed = secrets.randbelow(2**31 - 1) if scope == "all" or latest is None else latest.seed
    run = Run(
        scope=scope, subject_id=subject_id, asked_by_id=by.person_id if by else None, seed=seed, weights=weights_of(serves),
        top_positions=50 if scope == "all" else SMALL_TOP,
        versions={name: version(name) for name in ("consortium", "numpy", "rjieba", "scikit-learn", "scipy")} | {"scoring": str(serves.no if serves else 0)},
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


def follow(scope: str, subject_ids: Sequence[int]) -> None:
    """Small runs after a change, or one whole run after many; before the first whole run there is nothing to bring up to date."""
    if not subject_ids or queries.latest_run() is None:
        return
    if queries.n_waiting() + len(subject_ids) > MANY:
        _start_whole()
        return
    for subject_id in subject_ids:
        start(scope, subject_id, by=None)


def _start_whole() -> None:
    """A whole run that reads what has changed: the one that waits, a new one, or another one after the one under way."""
    under_way = queries.run_under_way()
    if under_way is None:
        try:
            with db.session.begin_nested():
                start(by=None)
            return
        except sa.exc.IntegrityError:  # somebody else began one at this very moment
            under_way = queries.run_under_way()
    if under_way is not None:
        db.session.execute(
            sa.update(Run).where(Run.id == under_way.id, Run.fence > 0).values(again=True).execution_options(synchronize_session=False)
        )


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
        run_id, no, start_row = chunk.run_id, chunk.no, chunk.start
        prepared = snapshot.stretch(db.session.get_one(Run, run_id), no)
    rows = snapshot.rows_bytes(prepared)
    result = pipeline.score_stretch(prepared, start_row).to_bytes()
    db.session.execute(sa.update(RunPart).where(RunPart.run_id == run_id, RunPart.no == no).values(rows=rows))
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


def _take_snapshot(held: Claim) -> None:
    with reading():
        run, base = db.session.get_one(Run, held.row_id), queries.latest_run()
        scope, base_id = run.scope, base.id if base is not None else None
        calibrated = dict(base.report.get("calibration", {})) if base is not None else {}
        if scope == "all":
            found, past = snapshot.read_everything(run.seed), snapshot.past()
            one, fit, taken_over = snapshot.prepared(run, found, base, past)
        else:
            usable = base is not None and snapshot.meets(base)
            met = snapshot.meet(run, base) if base is not None and usable else None
            here = queries.still_in_runs("student" if scope == "position" else "position", met.ids) if met is not None else None
    if scope == "all":
        told = {"weights": dict(one.vocabulary.weights), "snapshot_hash": snapshot.hashed(found.problem, past)}
        _cut(held, found, snapshot.run_bytes(one, found, fit), told | {"base_id": base_id if taken_over else None})
    else:
        if not usable:  # a whole run of this release brings everything up to date
            _start_whole()
        _small(held, scope, base_id, met, here, calibrated)


def _cut(held: Claim, found: snapshot.Everything, raw: bytes, told: dict[str, Any]) -> None:
    """Store what was read and leave it to chunks."""
    run_id, n = held.row_id, len(found.problem.students)
    size = min(max(-(-n // CHUNKS), LEAST_CHUNK), MOST_CHUNK)
    cuts = [(no, begin, min(begin + size, n)) for no, begin in enumerate(range(0, n, size))]
    db.session.execute(sa.delete(RunPart).where(RunPart.run_id == run_id))
    for no, begin, end in cuts:
        db.session.execute(sa.insert(RunPart).values(run_id=run_id, no=no, students=snapshot.part_bytes(found, begin, end)))
        hold(held)
        db.session.commit()
    told |= {"n_students": n, "n_positions": len(found.problem.positions)}
    keep(run_id, raw)
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
    chunk_ids = queries.chunk_ids(run_id)
    park(held, again_in=LOOK_AGAIN if cuts else timedelta(0), phase="scoring", n_chunks=len(cuts), n_done=0, **told)
    for chunk_id in chunk_ids:
        ring(CHUNK, chunk_id)
    if not cuts:
        ring(RUN, run_id)


def _small(held: Claim, scope: str, base_id: int | None, met: snapshot.Met | None, here: np.ndarray | None, calibrated: dict[str, Any]) -> None:
    """One post against all students, or one student against all posts: at once, keeping only what its lists show.

    A new post is shown to as many students a place as the latest whole run shows a post to; what one changed student is shown counts from the
    next whole run on.
    """
    if met is None or here is None:  # a closed post, a student who withdrew
        finish(held, phase="done", base_id=base_id)
        return
    ids, points, one = met.ids[here], met.points[here], np.array([[0]])
    own = np.array([met.subject_id])
    forget_lists(held.row_id)
    if scope == "position":
        store(held, PositionMatches, own, ids, np.arange(len(ids))[None, :], points[None, :], np.array([met.n_lawful]))
        told = int(min(met.kept.problem.positions.places[0] * queries.students_a_place(), len(ids)))
        store(held, StudentMatches, ids[:told], own, np.repeat(one, told, axis=0), points[:told, None])
    else:
        store(held, StudentMatches, own, ids, np.arange(len(ids))[None, : met.kept.k], points[None, : met.kept.k])
        store(held, PositionMatches, ids, own, np.repeat(one, len(ids), axis=0), points[:, None], np.ones(len(ids), dtype=np.int64))
    keep(held.row_id, met.kept.to_bytes(vocabulary=False))
    n_students, n_positions = (met.n_others, 1) if scope == "position" else (1, met.n_others)
    digest = hashlib.sha256(np.concatenate([own, [met.n_lawful], ids, points]).astype("<i8").tobytes()).hexdigest()
    report = {"acceptable_pairs": met.n_lawful, "calibration": calibrated}
    finish(held, phase="done", base_id=base_id, digest=digest, n_students=n_students, n_positions=n_positions, report=report)


def _gather(held: Claim) -> None:
    run_id = held.row_id
    with reading():
        open_ids = queries.chunk_ids(run_id, unfinished=True)
        if not open_ids:
            run = db.session.get_one(Run, run_id)
            parts = [ChunkResult.from_bytes(chunk.result) for chunk in queries.chunks_of(run_id) if chunk.result is not None]
            prepared, (student_ids, position_ids) = snapshot.prepared_of(run), snapshot.ids(run)
    if open_ids:
        park(held, again_in=LOOK_AGAIN)
        for chunk_id in open_ids:
            ring(CHUNK, chunk_id)
        return
    n_margins = MARGINS if len(prepared.problem.students) <= MANY_STUDENTS else MARGINS // 4
    outcome = pipeline.finish(prepared, parts, priced=True, n_margins=n_margins)
    shown, lists = pipeline.recommend(prepared, outcome), Kept.of(outcome).to_bytes()
    report = _report(run_id, outcome) | {"exposure": shown.report}
    with reading():
        # withdrawn meanwhile: in no result
        student_ids = np.where(queries.still_in_runs("student", student_ids), student_ids, -1)
        position_ids = np.where(queries.still_in_runs("position", position_ids), position_ids, -1)
    record(held, outcome, shown, student_ids, position_ids)
    db.session.execute(sa.delete(RunLists).where(RunLists.run_id == run_id))
    db.session.execute(sa.insert(RunLists).values(run_id=run_id, lists=lists))
    db.session.execute(
        sa.update(RunChunk).where(RunChunk.run_id == run_id).values(result=None).execution_options(synchronize_session=False)
    )
    finish(held, phase="done", digest=outcome.digest, report=report)
    if db.session.scalar(sa.select(Run.again).where(Run.id == run_id)):
        _start_whole()
        db.session.commit()


def forget_old() -> None:
    """What old runs kept to explain themselves and to be learnt from goes, within a budget; lists and figures stay. Twice is safe."""
    oldest = queries.oldest_kept(KEPT_BYTES)
    for table in (RunPart, RunSnapshot, RunLists):
        db.session.execute(sa.delete(table).where(table.run_id < oldest).execution_options(synchronize_session=False))
        db.session.commit()


def _report(run_id: int, outcome: Outcome) -> dict[str, Any]:
    """The report, with what the bands of this run mean and how many of the listed pairs stand in each."""
    with reading():
        scoring = queries.scoring_of(db.session.get_one(Run, run_id))
        bands = Bands.read(scoring.calibration if scoring is not None else {})
    listed = outcome.student_points[outcome.student_idx >= 0]
    high, middle = (int((listed >= least).sum()) for least in (bands.high, bands.middle))
    counts = {"high": high, "middle": middle - high, "low": len(listed) - middle}
    return dict(outcome.report) | {"calibration": bands.told(), "bands": counts}
