"""Resources of matches, candidates, runs, and scorings learnt from choices."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.matching.whatif import Change, Supply
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries, service, snapshot
from consortium.proposals.api import own
from consortium.proposals.api.blueprint import resources
from consortium.proposals.forms import CHOICES
from consortium.proposals.models import Run, Scoring
from consortium.proposals.queries import Match
from consortium.proposals.rules import Sieve, told_report
from consortium.proposals.schemas import (
    CandidateOut,
    CandidatesQuery,
    ChangeOut,
    ChoiceIn,
    DroppedOut,
    GapOut,
    GapQuery,
    LiftOut,
    MatchOut,
    OpeningOut,
    PartOut,
    ReasonOut,
    ReportOut,
    RunOut,
    ScoringOut,
    StandOut,
    SupplyOut,
    SupplyQuery,
)
from consortium.proposals.wording import FEW, HIDE_REASONS, View, item_words, looser, wider
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.web.gate import acting
from consortium.web.resources import PageQuery

__all__ = ["own", "resources"]

MOST_GAPS, MOST_MAJORS = 8, 20


@resources.get("/matches", ability="proposals.matches")
@resources.output(list[MatchOut])
def matches() -> Any:
    """The student's best posts, best first; by her own weights where she has any, and without those she hid."""
    student = students.student_of(acting())
    weights, hidden = queries.leanings_of(student.id), queries.hidden_of(student.id)
    found = [m for m in queries.matches_of_student(student) if m.position_id not in hidden][: None if weights else 20]
    posts = positions.by_ids(m.position_id for m in found)
    rows = list(zip(found, service.explained_all([(student, posts[m.position_id], m) for m in found], weights), strict=True))
    rows = sorted(rows, key=lambda row: -(row[1].points or 0)) if weights else rows
    return [_match(posts[m.position_id], m, view) for m, view in rows[:20]]


@resources.get("/matches/<uuid:id>", ability="proposals.matches")
@resources.output(MatchOut)
def match(id: uuid.UUID) -> Any:
    """Why this post, or why not."""
    actor = acting()
    student, position = students.student_of(actor), positions.reachable(actor, id)
    found = queries.matches_of_student(student)
    pair = next((m for m in found if m.position_id == position.id), None)
    stand = snapshot.stand(student, position) if position.state == "open" and queries.consenting(student.id) else None
    view = service.explained(student, position, pair, queries.leanings_of(student.id))
    enough = pair is None and view.lawful and queries.shown_to_enough(position, view.points, found)
    return _match(position, pair, view, _stand(stand), enough=enough)


@resources.get("/what-if", ability="proposals.matches")
@resources.output(list[OpeningOut])
def what_if() -> Any:
    """What would open more posts to the student, most first; empty before the first run and without consent."""
    student, names = students.student_of(acting()), skills.names()
    found = (snapshot.openings(student) or [])[:20] if queries.consenting(student.id) else []
    posts = positions.by_ids({number for one in found for number in one.position_ids})
    return [
        OpeningOut(
            **_change(one.change, wider(one.change, names)), opens=one.n_lawful, lists=one.n_listed,
            positions=[posts[number].public_id for number in one.position_ids],
        )
        for one in found
    ]  # fmt: skip


@resources.get("/supply", ability="proposals.supply")
@resources.input(SupplyQuery, location="query")
@resources.output(SupplyOut)
def supply(query_data: SupplyQuery) -> Any:
    """How many students fit what a post asks for, and what each requirement costs."""
    asked = {name: str(value) for name, value in query_data.model_dump().items()}
    return _supply(snapshot.supply(asked, [tag for tag in asked.pop("hazards").split(",") if tag]))


@resources.get("/positions/<uuid:id>/supply", ability="proposals.supply")
@resources.output(SupplyOut)
def supply_of(id: uuid.UUID) -> Any:
    """The same of a post as it stands."""
    return _supply(snapshot.supply_of(positions.reachable(acting(), id)))


@resources.get("/skill-gaps", ability="proposals.gaps")
@resources.input(GapQuery, location="query")
@resources.output(list[GapOut])
def skill_gaps(query_data: GapQuery) -> Any:
    """What posts ask for and a major lacks, and what it would add; majors of fewer than five students in the latest run are left out."""
    names, found = skills.names(), []
    of_major = students.in_matching_by_major(acting())
    for code in [query_data.major] if query_data.major else sorted(of_major)[:MOST_MAJORS]:
        rows, n_known = snapshot.added(of_major.get(code, []), MOST_GAPS) or ([], 0)
        found += [
            GapOut(
                what=one.what, which=one.skill, name=item_words(one.what, one.skill, names), major=code, posts=len(ids), have=one.have, of=n_known,
                opens=one.lawful, lists=one.listed,
            )
            for one, ids in rows
            if n_known >= FEW
        ]  # fmt: skip
    return found


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
@resources.input(CandidatesQuery, location="query")
@resources.output(list[CandidateOut])
def candidates(id: uuid.UUID, query_data: CandidatesQuery) -> Any:
    """Students who fit, best first, without names; a filter that fewer than five meet is refused, so that nobody can be recognised."""
    actor, q = acting(), query_data
    position = positions.reachable(actor, id)
    sieve = Sieve(college=q.college, major_class=q.major_class, certificate=q.certificate, place=q.place, band=q.band, zone="1" if q.zone else "", show=q.show)
    told = service.candidates(position, sieve)
    if told.few:
        raise Invalid({"college" if q.college else "place": [_l("Fewer than %(n)d candidates meet this filter. They are not shown, so that nobody can be recognised.", n=FEW)]})
    part = told.matches[(q.page - 1) * q.size : q.page * q.size]
    shown = service.shown_candidates(position, part, by=actor)
    placed = queries.placed([c.student.id for c in shown], position.kind)
    return [
        CandidateOut(
            alias=c.alias, points=c.view.points, band=c.view.band, band_share=_share(c.view), proposed=c.match.proposed,
            state="placed" if c.student.id in placed and c.stage != "accepted" else c.stage, reasons=_reasons(c.view),
        )
        for c in shown
    ]  # fmt: skip


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


def _change(change: Change, name: str) -> dict[str, str]:
    return {"what": change.what, "which": change.which, "name": name}


def _stand(stand: snapshot.Stand | None) -> StandOut | None:
    if stand is None:
        return None
    where, names = stand.standing, skills.names()
    return StandOut(
        rank=where.rank if where else None, of=where.of if where and where.of >= FEW else None, own_rank=where.own_rank if where else None,
        list_length=stand.n_shown, list_ends_at=stand.least, opened_by=[ChangeOut(**_change(c, wider(c, names))) for c in stand.opens],
        lifts=[LiftOut(**_change(c, wider(c, names)), rank=rank) for c, rank in where.lifts] if where else [],
        full=stand.refusal.level if stand.refusal else None, last_admitted=stand.last_points, own_points=stand.own_points,
    )  # fmt: skip


def _supply(found: Supply | None) -> SupplyOut:
    names = skills.names()
    if found is None:
        return SupplyOut(known=False, fit=None, zone=None, dropped=[])
    enough = [n if n == 0 or n >= FEW else None for n in (found.fit, found.zone)]
    dropped = [DroppedOut(**_change(c, looser(c, names)), more=n) for c, n in found.more if n >= FEW]
    return SupplyOut(known=True, fit=enough[0], zone=enough[1] if found.fit >= FEW else None, dropped=dropped)


def _match(p: Position, match: Match | None, view: View, stand: StandOut | None = None, *, enough: bool = False) -> MatchOut:
    return MatchOut(
        position=p.public_id, title=p.title, enterprise=str(p.tenant.name), kind=p.kind, lawful=view.lawful, points=view.points, band=view.band,
        band_share=_share(view), proposed=bool(match and match.proposed), shown_to_enough=enough, wished=view.wished, reasons=_reasons(view),
        parts=[PartOut(family=row.family, terms=row.terms, points=row.points) for row in view.parts], stand=stand,
    )  # fmt: skip


def _reasons(view: View) -> list[ReasonOut]:
    return [ReasonOut(state=item.state, text=item.text, source=item.source, key=item.key, stops=item.blocks) for item in view.items]


def _run(run: Run) -> RunOut:
    return RunOut(
        id=run.public_id, at=run.created_at, state=run.state, phase=run.phase, n_students=run.n_students, n_positions=run.n_positions,
        n_chunks=run.n_chunks, n_done=run.n_done, seed=run.seed, snapshot_hash=run.snapshot_hash, digest=run.digest,
        report=ReportOut.model_validate(told_report(run.report)) if run.report else None,
    )  # fmt: skip
