"""Why a pair, a candidate or a full post: explanations from the very rows that were scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.matching import pipeline
from consortium.matching.calibration import Bands
from consortium.matching.pipeline import Prepared
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries, snapshot
from consortium.proposals.models import Run
from consortium.proposals.queries import Match
from consortium.proposals.wording import View, skill_sources, stage_of, view_of
from consortium.proposals.wording.own import leaned
from consortium.shared import audit
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students.models import Student

Own = Mapping[str, int]
NOBODYS: Own = {}


def explained(student: Student, position: Position, match: Match | None = None, own: Own = NOBODYS) -> View:
    """Why this pair or why not: from the very rows that were scored where a run knows the pair, else as both stand now; by `own` weights."""
    if not queries.consenting(student.id):
        return View.without_consent()
    run = db.session.get_one(Run, match.run_id) if match is not None else None
    prepared = snapshot.pair(run, str(student.public_id), str(position.public_id)) if run is not None else None
    if prepared is None:
        run, prepared = queries.latest_run(), snapshot.live(student, position)
    if prepared is None or run is None:
        return View.before_first_run()
    return leaned(_view(prepared, student, position, skills.names(), bands_of(run)), own, bands_of(run))


def bands_of(run: Run) -> Bands:
    """What high, middle and low mean on the scale of this run."""
    return Bands.read(run.report.get("calibration", {}))


def explained_all(pairs: Sequence[tuple[Student, Position, Match]], own: Own = NOBODYS) -> list[View]:
    """The same for a page of pairs, in constant queries; to the student herself by her `own` weights."""
    run_ids = {match.run_id for _, _, match in pairs}
    runs = {run.id: run for run in db.session.scalars(sa.select(Run).where(Run.id.in_(run_ids)))}
    names = skills.names()
    found = []
    for student, position, match in pairs:
        run = runs[match.run_id]
        one = snapshot.pair(run, str(student.public_id), str(position.public_id)) or snapshot.live(student, position)
        bands = bands_of(run)
        found.append(leaned(_view(one, student, position, names, bands), own, bands) if one is not None else View.before_first_run())
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
    return view_of(why, *rows, names, skill_sources(student.skills), bands, student.industries)
