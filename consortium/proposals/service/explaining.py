"""Why a pair, a candidate or a full post: explanations from the very rows that were scored."""

from __future__ import annotations

from collections import Counter
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
from consortium.proposals.rules import ASIDE, SMALL, Row, Sieve, sift
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


@dataclass(frozen=True, slots=True)
class Candidates:
    """A post's list as it was asked for, and what it can be asked by."""

    matches: list[Match]
    total: int
    few: bool
    kept_back: bool
    n_aside: int
    colleges: dict[str, Any]
    classes: list[str]
    certificates: dict[str, Any]
    places: list[str]


def candidates(position: Position, sieve: Sieve) -> Candidates:
    """The candidates of a post, sifted so that nobody can be recognised; constant number of queries."""
    found = queries.matches_of_position(position)
    known = students.by_ids(m.student_id for m in found)
    runs = {run.id: bands_of(run) for run in db.session.scalars(sa.select(Run).where(Run.id.in_({m.run_id for m in found})))}
    named = students.colleges_of({s.tenant_id for s in known.values()})
    kinds = queries.choices_of_position(position.id)
    rows = [_row(known[m.student_id], m, runs[m.run_id], named, kinds.get(m.student_id, set())) for m in found]
    of_cell = {(str(named[tenant].public_id), of_class): n for (tenant, of_class), n in queries.cells().items() if tenant in named} if sieve.college else {}
    told = sift(rows, sieve, of_cell)
    by_student = {m.student_id: m for m in found}
    of_college = Counter(row.college for row in rows)
    return Candidates(
        matches=[by_student[number] for number in told.student_ids], total=len(found), few=told.few, kept_back=told.kept_back,
        n_aside=sum(row.aside for row in rows),
        colleges={str(one.public_id): one.name for one in named.values() if of_college[str(one.public_id)] >= SMALL},
        classes=sorted({row.major_class for row in rows} - {""}),
        certificates={one.skill.code: one.skill.name for s in known.values() for one in s.skills if one.skill.kind == "certificate"},
        places=sorted({place for row in rows for place in row.places}),
    )  # fmt: skip


def _row(student: Student, match: Match, bands: Bands, named: Mapping[int, Any], kinds: set[str]) -> Row:
    return Row(
        student_id=student.id, college=str(named[student.tenant_id].public_id), major_class=student.major_code[:4], places=frozenset(student.places),
        certificates=frozenset(one.skill.code for one in student.skills if one.skill.kind == "certificate"), wants_zone=student.wants_zone is True,
        band=bands.of(match.points), aside=stage_of(kinds) == ASIDE,
    )  # fmt: skip


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
