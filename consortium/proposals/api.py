"""Resources of matches, candidates, runs, and scorings learnt from choices."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries, service
from consortium.proposals.forms import CHOICES
from consortium.proposals.models import Run, Scoring
from consortium.proposals.queries import Match
from consortium.proposals.schemas import CandidateOut, ChoiceIn, MatchOut, PartOut, ReasonOut, RunOut, ScoringOut
from consortium.proposals.wording import HIDE_REASONS, View
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("proposals", __name__, tag="Matches")


@resources.get("/matches", ability="proposals.matches")
@resources.output(list[MatchOut])
def matches() -> Any:
    """The student's best posts, best first."""
    student = students.student_of(acting())
    found = queries.matches_of_student(student)[:20]
    posts = positions.by_ids(m.position_id for m in found)
    views = service.explained_all([(student, posts[m.position_id], m) for m in found])
    return [_match(posts[m.position_id], m, view) for m, view in zip(found, views, strict=True)]


@resources.get("/matches/<uuid:id>", ability="proposals.matches")
@resources.output(MatchOut)
def match(id: uuid.UUID) -> Any:
    """Why this post, or why not."""
    actor = acting()
    student, position = students.student_of(actor), positions.reachable(actor, id)
    pair = queries.match_of(student, position)
    return _match(position, pair, service.explained(student, position, pair))


@resources.post("/matches/<uuid:id>/choices", ability="proposals.choose", reach=positions.reachable)
@resources.input(ChoiceIn, location="json")
@resources.output({}, status_code=204)
def choose(id: uuid.UUID, json_data: ChoiceIn) -> Any:
    """Save or hide a post, or take that back."""
    actor = acting()
    student, position = students.student_of(actor), positions.reachable(actor, id)
    wrong: dict[str, list[Any]] = {}
    if json_data.what not in CHOICES:
        wrong["what"] = [_l("One of %(choices)s.", choices=", ".join(CHOICES))]
    if json_data.reason and json_data.reason not in HIDE_REASONS:
        wrong["reason"] = [_l("One of %(choices)s.", choices=", ".join(HIDE_REASONS))]
    if wrong:
        raise Invalid(wrong)
    service.choose(student.id, position.id, json_data.what, by=actor, reason=json_data.reason)
    return ""


@resources.get("/positions/<uuid:id>/candidates", ability="proposals.candidates", reach=positions.reachable)
@resources.input(PageQuery, location="query")
@resources.output(list[CandidateOut])
def candidates(id: uuid.UUID, query_data: PageQuery) -> Any:
    """Students who fit, best first, without names."""
    actor = acting()
    position = positions.reachable(actor, id)
    found = queries.matches_of_position(position)
    part = found[(query_data.page - 1) * query_data.size : query_data.page * query_data.size]
    return [
        CandidateOut(
            alias=c.alias, points=c.view.points, band=c.view.band, band_share=_share(c.view), proposed=c.match.proposed,
            state=c.stage, reasons=_reasons(c.view),
        )
        for c in service.shown_candidates(position, part, by=actor)
    ]


@resources.get("/runs", ability="proposals.runs")
@resources.input(PageQuery, location="query")
@resources.output(list[RunOut])
def runs(query_data: PageQuery) -> Any:
    """Runs over everything, newest first."""
    return [_run(run) for run in queries.runs(acting(), query_data.page).rows]


@resources.post("/runs", ability="proposals.start", creates=True)
@resources.output(RunOut, status_code=202)
def start_run() -> Any:
    """Ask for a run; the worker does it."""
    return _run(service.start(by=acting()))


@resources.get("/runs/<uuid:id>", ability="proposals.runs")
@resources.output(RunOut)
def run(id: uuid.UUID) -> Any:
    """How far a run is; its report."""
    return _run(queries.reachable_run(acting(), id))


@resources.get("/scorings", ability="proposals.learning")
@resources.input(PageQuery, location="query")
@resources.output(list[ScoringOut])
def scorings(query_data: PageQuery) -> Any:
    """Versions of the coefficients, newest first."""
    return [_scoring(one) for one in queries.scorings(acting(), query_data.page).rows]


@resources.post("/scorings", ability="proposals.serve", creates=True)
@resources.output(ScoringOut, status_code=202)
def start_training() -> Any:
    """Ask for a new version; the worker learns it."""
    return _scoring(service.start_training(by=acting()))


@resources.get("/scorings/<uuid:id>", ability="proposals.learning")
@resources.output(ScoringOut)
def scoring(id: uuid.UUID) -> Any:
    """One version, with its figures."""
    return _scoring(queries.reachable_scoring(acting(), id))


@resources.post("/scorings/<uuid:id>/serving", ability="proposals.serve")
@resources.output(ScoringOut)
def serve_scoring(id: uuid.UUID) -> Any:
    """Put an older version back."""
    actor = acting()
    return _scoring(service.serve(queries.reachable_scoring(actor, id), by=actor))


@resources.post("/scorings/<uuid:id>/retirement", ability="proposals.serve")
@resources.output(ScoringOut)
def retire_scoring(id: uuid.UUID) -> Any:
    """Go back to the weights as delivered."""
    actor = acting()
    return _scoring(service.retire(queries.reachable_scoring(actor, id), by=actor))


def _scoring(one: Scoring) -> ScoringOut:
    return ScoringOut(
        id=one.public_id, no=one.no, at=one.created_at, state=one.state, standing=one.standing, changed=one.changed, against=one.against,
        since=one.since, until=one.until, served_at=one.served_at, weights=one.weights, calibration=one.calibration, figures=one.figures,
    )  # fmt: skip


def _share(view: View) -> float | None:
    return view.share.share if view.share is not None else None


def _match(p: Position, match: Match | None, view: View) -> MatchOut:
    return MatchOut(
        position=p.public_id, title=p.title, enterprise=str(p.tenant.name), kind=p.kind, lawful=view.lawful, points=view.points, band=view.band,
        band_share=_share(view), proposed=bool(match and match.proposed), reasons=_reasons(view),
        parts=[PartOut(family=row.family, terms=row.terms, points=row.points) for row in view.parts],
    )  # fmt: skip


def _reasons(view: View) -> list[ReasonOut]:
    return [ReasonOut(state=item.state, text=item.text, source=item.source) for item in view.items]


def _run(run: Run) -> RunOut:
    return RunOut(
        id=run.public_id, at=run.created_at, state=run.state, phase=run.phase, n_students=run.n_students, n_positions=run.n_positions,
        n_chunks=run.n_chunks, n_done=run.n_done, seed=run.seed, snapshot_hash=run.snapshot_hash, digest=run.digest, report=run.report,
    )  # fmt: skip
