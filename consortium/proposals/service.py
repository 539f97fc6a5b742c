"""Runs of the matcher from snapshot to stored lists, what people chose, and the scorings learnt from it. Safe to repeat at every point."""

from __future__ import annotations

import hashlib
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

from consortium.matching import calibration, learning, pipeline
from consortium.matching.calibration import Bands
from consortium.matching.exposure import Shown
from consortium.matching.outcome import ChunkResult, Kept, Outcome
from consortium.matching.pipeline import Prepared
from consortium.matching.vocabulary import WEIGHTS
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import lifecycle, queries, snapshot
from consortium.proposals.lifecycle import SCORING
from consortium.proposals.models import (
    Choice,
    PositionMatches,
    Proposal,
    Run,
    RunChunk,
    RunLists,
    RunPart,
    RunSnapshot,
    Scoring,
    StudentMatches,
)
from consortium.proposals.queries import Match
from consortium.proposals.wording import View, skill_sources, stage_of, view_of
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db, insert_ignoring, pour, reading
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.tasks import DONE, QUEUED, Claim, finish, first_of_period, hold, park, ring, ring_after_commit
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students.models import Student

RUN, CHUNK, TRAINING = "proposals.run_matching", "proposals.score_chunk", "proposals.train_weights"
CHUNKS, LEAST_CHUNK, MOST_CHUNK = 16, 500, 20_000  # chunks of a run where it can be; students of one
LOOK_AGAIN = timedelta(seconds=60)
MARGINS, MANY_STUDENTS = 12, 50_000  # the assignment is made again for so many posts, kinds and enterprises; for fewer in a large run
SMALL_TOP = 500  # students told of a new post at once, posts told of a changed student; the others hear of it in the next whole run
BATCH = 500
PAUSE = 0.005  # seconds between batches on SQLite: lets web writes in
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
    run = db.session.get_one(Run, match.run_id) if match is not None else None
    prepared = snapshot.pair(run, str(student.public_id), str(position.public_id)) if run is not None else None
    if prepared is None:
        run, prepared = queries.latest_run(), snapshot.live(student, position)
    if prepared is None or run is None:
        return View.before_first_run()
    return _view(prepared, student, position, skills.names(), bands_of(run))


def bands_of(run: Run) -> Bands:
    """What high, middle and low mean on the scale of this run."""
    return Bands.read(run.report.get("calibration", {}))


def explained_all(pairs: Sequence[tuple[Student, Position, Match]]) -> list[View]:
    """The same for a page of pairs, in constant queries."""
    run_ids = {match.run_id for _, _, match in pairs}
    runs = {run.id: run for run in db.session.scalars(sa.select(Run).where(Run.id.in_(run_ids)))}
    names = skills.names()
    found = []
    for student, position, match in pairs:
        run = runs[match.run_id]
        one = snapshot.pair(run, str(student.public_id), str(position.public_id)) or snapshot.live(student, position)
        found.append(_view(one, student, position, names, bands_of(run)) if one is not None else View.before_first_run())
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


def _view(prepared: Prepared, student: Student, position: Position, names: dict[str, Any], bands: Bands) -> View:
    keys = str(student.public_id), str(position.public_id)
    why = pipeline.explain(prepared, *keys)
    i, j = prepared.row_of[0][keys[0]], prepared.row_of[1][keys[1]]
    rows = prepared.problem.students.take(np.array([i])), prepared.problem.positions.take(np.array([j]))
    return view_of(why, *rows, names, skill_sources(student.skills), bands)


def weights_of(scoring: Scoring | None) -> dict[str, float]:
    """Its weights, or those of the release."""
    return dict(scoring.weights if scoring is not None else WEIGHTS)


def start_training(*, by: Actor | None) -> Scoring:
    """Ask for a new version of the coefficients; the worker learns it. Raises Conflict while another is being learnt."""
    if queries.training_under_way() is not None:
        raise Conflict(_l("A training is already under way."), how=_l("It ends within minutes; look again."))
    serves = queries.serving()
    newest = db.session.scalar(sa.select(sa.func.max(Scoring.no))) or 0
    scoring = Scoring(no=newest + 1, standing=lifecycle.CANDIDATE, asked_by_id=by.person_id if by else None, against=serves.no if serves else 0)
    db.session.add(scoring)
    db.session.flush()
    audit.record("start-training", scoring, by=by, no=scoring.no)
    ring_after_commit(TRAINING, scoring.id)
    return scoring


def start_weekly() -> None:
    """Once a week (Sunday, 03:00 in Shanghai) what was chosen is learnt from, as soon as there is enough of it."""
    now = clock.local(clock.now())
    if (now.weekday(), now.hour) != (6, 3) or not first_of_period("proposals.weekly", 20 * 3600):
        return
    if queries.n_acted_upon() >= learning.LEAST_ACTS and queries.training_under_way() is None:
        start_training(by=None)
        db.session.commit()


def learn(held: Claim) -> None:
    """Learn from what was chosen, judge on held-out lists, and swap in only what is better; result and swap are one commit."""
    with reading():
        against = db.session.get_one(Scoring, held.row_id).against
        serves = queries.serving()
        told = snapshot.lessons()
        old_bands = Bands.read(serves.calibration if serves is not None else {})
        old = snapshot.weights_with(weights_of(serves), bool(told.evidence.teaches[:, learning.HISTORY].any()))
    trained = learning.train(told.evidence, old)
    cosines, accepted, kin = told.offers
    weights = dict(trained.weights) if trained.verdict == "better" else old
    points = learning.points_of(cosines, weights)
    bands = calibration.calibrate(points, accepted, kin)
    changed = "weights" if trained.verdict == "better" else "bands" if bands.shares and not calibration.holds(old_bands, points, accepted) else ""
    figures = learning.told(trained) | {"n_offers": len(accepted), "serving_weights": old}
    still = queries.serving()
    overtaken = (still.no if still is not None else 0) != against
    if overtaken:
        changed, figures["verdict"] = "", "overtaken"
    if changed:
        _retire_serving()
    standing = SCORING.take("adopt" if changed else "refuse", lifecycle.CANDIDATE, None)
    audit.record(f"{'adopt' if changed else 'refuse'}-scoring", ("scorings", held.row_id), by=None, verdict=figures["verdict"], changed=changed)
    finish(
        held, standing=standing, changed=changed, weights=dict(trained.weights) if changed != "bands" else old, calibration=bands.told(),
        figures=figures, since=told.since, until=told.until, served_at=clock.now() if changed else None,
    )  # fmt: skip


def serve(scoring: Scoring, *, by: Actor) -> Scoring:
    """Put an older version back into service; the next run scores by it. Raises Conflict for one that never served."""
    standing = SCORING.take("serve", scoring.standing, by)
    _retire_serving()
    scoring.standing, scoring.served_at, scoring.served_by_id = standing, clock.now(), by.person_id
    db.session.flush()
    audit.record("serve-scoring", scoring, by=by, no=scoring.no)
    return scoring


def retire(scoring: Scoring, *, by: Actor) -> Scoring:
    """Take the serving version out of service: the next run scores with the weights as delivered."""
    scoring.standing = SCORING.take("retire", scoring.standing, by)
    db.session.flush()
    audit.record("retire-scoring", scoring, by=by, no=scoring.no)
    return scoring


def _retire_serving() -> None:
    """In one statement, before another is put in its place: the unique index lets two serve at no time."""
    db.session.execute(
        sa.update(Scoring).where(Scoring.standing == lifecycle.SERVING).values(standing=lifecycle.RETIRED)
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
    _forget_lists(held.row_id)
    if scope == "position":
        _list(held, PositionMatches, own, ids, np.arange(len(ids))[None, :], points[None, :], np.array([met.n_lawful]))
        told = int(min(met.kept.problem.positions.places[0] * queries.students_a_place(), len(ids)))
        _list(held, StudentMatches, ids[:told], own, np.repeat(one, told, axis=0), points[:told, None])
    else:
        _list(held, StudentMatches, own, ids, np.arange(len(ids))[None, : met.kept.k], points[None, : met.kept.k])
        _list(held, PositionMatches, ids, own, np.repeat(one, len(ids), axis=0), points[:, None], np.ones(len(ids), dtype=np.int64))
    _keep(held.row_id, met.kept.to_bytes(vocabulary=False))
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
    _record(held, outcome, shown, student_ids, position_ids)
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


def _keep(run_id: int, raw: bytes) -> None:
    db.session.execute(sa.delete(RunSnapshot).where(RunSnapshot.run_id == run_id))
    db.session.execute(sa.insert(RunSnapshot).values(run_id=run_id, prepared=raw))


def _record(held: Claim, outcome: Outcome, shown: Shown, student_ids: np.ndarray, position_ids: np.ndarray) -> None:
    """Store lists as people see them, in that order, and proposals; nobody reads them before the run is done."""
    _forget_lists(held.row_id)
    _list(held, StudentMatches, student_ids, position_ids, shown.student_idx, shown.student_points)
    _list(held, PositionMatches, position_ids, student_ids, shown.position_idx, shown.position_points, outcome.n_lawful)
    i = np.flatnonzero((outcome.assigned >= 0) & (student_ids >= 0))
    i = i[position_ids[outcome.assigned[i]] >= 0]
    position, place = position_ids[outcome.assigned[i]], outcome.place[i]
    points, now = outcome.points[i], clock.now()
    rows = zip(student_ids[i].tolist(), position.tolist(), place.tolist(), points.tolist(), strict=True)
    _pour(
        held, Proposal, ("run_id", "student_id", "position_id", "place_in_list", "points", "created_at", "public_id"),
        [(held.row_id, *row, now, uuid.uuid4()) for row in rows],
    )  # fmt: skip


def _forget_lists(run_id: int) -> None:
    """What an earlier try left; goes with the first rows of this one."""
    for table in (StudentMatches, PositionMatches, Proposal):
        db.session.execute(sa.delete(table).where(table.run_id == run_id).execution_options(synchronize_session=False))


def _list(
    held: Claim, table: Any, owners: np.ndarray, others: np.ndarray, idx: np.ndarray, points: np.ndarray, n_lawful: np.ndarray | None = None
) -> None:
    """One side's lists packed: owners, others are inner ids (-1 for who is gone), idx, points (n_owners, k) as the method gives them."""
    ids = np.where(idx >= 0, others[np.maximum(idx, 0)] if len(others) else -1, -1).astype("<i8")
    order = np.argsort(ids < 0, axis=1, kind="stable")
    ids, points = np.take_along_axis(ids, order, 1), np.take_along_axis(points, order, 1).astype("<i8")
    n_listed = (ids >= 0).sum(axis=1).tolist()
    rows = [
        (held.row_id, owner, ids[row, : n_listed[row]].tobytes(), points[row, : n_listed[row]].tobytes())
        for row, owner in enumerate(owners.tolist())
        if owner >= 0
    ]
    names: tuple[str, ...] = ("run_id", "student_id" if table is StudentMatches else "position_id", "ids", "points")
    if n_lawful is not None:
        names, rows = (*names, "n_lawful"), [(*row, n) for row, n in zip(rows, n_lawful[owners >= 0].tolist(), strict=True)]  # type: ignore[misc]
    _pour(held, table, names, rows)


def _pour(held: Claim, table: Any, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """In pieces that let web writes in on SQLite; each is a commit that only the newest claim may make."""
    small = db.engine.dialect.name == "sqlite"
    size = BATCH if small else 50 * BATCH
    for begin in range(0, len(rows), size):
        pour(table.__table__, names, rows[begin : begin + size])
        hold(held)
        db.session.commit()
        time.sleep(PAUSE if small else 0)


def forget_student(student_id: int) -> int:
    """A student is erased: nothing that was read of her stays in what runs keep."""
    return snapshot.forget(students.by_ids([student_id])[student_id])
