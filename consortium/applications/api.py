"""Resources of applications: every step of the pages."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.applications import queries, rules, service
from consortium.applications.models import AcceptanceRule, Application
from consortium.applications.schemas import (
    AcceptedOut,
    ApplicationOut,
    ApplicationsQuery,
    ApplyIn,
    AskIn,
    AskManyIn,
    BatchIn,
    DeclineIn,
    NoteIn,
    OutcomeOut,
    RuleIn,
    RuleOut,
    Skipped,
    StepOut,
    TermsOut,
    WaitIn,
)
from consortium.positions import queries as positions
from consortium.shared.access import TenantKind
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.web.gate import acting
from consortium.web.resources import Resources

resources = Resources("applications", __name__, tag="Applications")
KINDS = ("internship", "job")


@resources.get("/applications", ability="applications.list")
@resources.input(ApplicationsQuery, location="query")
@resources.output(list[ApplicationOut])
def applications(query_data: ApplicationsQuery) -> Any:
    """Applications within reach, what waits first."""
    q = query_data
    rows = queries.listing(acting(), q.page, state=q.state, position=q.position, size=q.size).rows
    for one in rows:
        service.opened(one, by=acting(), page=False)
    return [_out(one) for one in rows]


@resources.get("/applications/<uuid:id>", ability="applications.read")
@resources.output(ApplicationOut)
def application(id: uuid.UUID) -> Any:
    """One application."""
    found = queries.reachable(acting(), id)
    service.opened(found, by=acting())
    return _out(found)


@resources.post("/applications", ability="applications.apply", creates=True)
@resources.input(ApplyIn, location="json")
@resources.output(ApplicationOut, status_code=201)
def apply(json_data: ApplyIn) -> Any:
    """Apply for a post, or be told by which rule not."""
    position = positions.reachable(acting(), json_data.position)
    return _out(service.apply(students.student_of(acting()), position, by=acting(), note=json_data.note))


@resources.post("/applications/<uuid:id>/acceptance", ability="applications.answer")
@resources.output(AcceptedOut)
def accept(id: uuid.UUID) -> Any:
    """Accept an offer; the student's other open applications are withdrawn."""
    found = queries.reachable(acting(), id)
    others = service.accept(found, by=acting())
    return AcceptedOut(application=_out(found), withdrawn=len(others))


@resources.get("/applications/<uuid:id>/acceptance-terms", ability="applications.answer")
@resources.output(TermsOut)
def terms(id: uuid.UUID) -> Any:
    """What accepting would do, before it is done."""
    found = queries.reachable(acting(), id)
    rule = queries.terms_of(found.college_tenant_id, found.kind)
    return TermsOut(
        withdraws=[one.public_id for one in service.closed_by_acceptance(found)], closes_other_kind=rule.closes_other_kind, back_hours=rule.back_hours,
        answer_by=found.answer_by,
    )  # fmt: skip


@resources.post("/applications/<uuid:id>/taking-back", ability="applications.answer", reach=queries.reachable)
@resources.input(NoteIn, location="json")
@resources.output(ApplicationOut)
def take_back(id: uuid.UUID, json_data: NoteIn) -> Any:
    """Take an acceptance back, as long as the college's rule allows."""
    return _out(service.take_back(queries.reachable(acting(), id), by=acting(), note=json_data.note))


@resources.post("/waiting-lists", ability="applications.apply", creates=True)
@resources.input(WaitIn, location="json")
@resources.output(ApplicationOut, status_code=201)
def wait(json_data: WaitIn) -> Any:
    """Join the waiting list of a full or closed post."""
    actor = acting()
    return _out(service.wait(students.student_of(actor), positions.reachable(actor, json_data.position), by=actor))


@resources.get("/acceptance-rules", ability="applications.rules")
@resources.output(list[RuleOut])
def acceptance_rules() -> Any:
    """What the college's students bind themselves to by accepting."""
    rows = queries.rule_rows(acting())
    return [_rule(kind, rows.get(kind)) for kind in KINDS]


@resources.put("/acceptance-rules/<kind>", ability="applications.edit-rules")
@resources.input(RuleIn, location="json")
@resources.output(RuleOut)
def save_rule(kind: str, json_data: RuleIn) -> Any:
    """Change it for one kind of offer."""
    if kind not in KINDS:
        raise NotFound
    values = json_data.model_dump()
    return _rule(kind, service.save_rule(acting(), kind, values, values.pop("version")))


@resources.post("/applications/<uuid:id>/declination", ability="applications.decline", reach=queries.reachable)
@resources.input(DeclineIn, location="json")
@resources.output(ApplicationOut)
def decline(id: uuid.UUID, json_data: DeclineIn) -> Any:
    """Say no, with a reason of one's own side."""
    found = queries.reachable(acting(), id)
    return _out(service.decline(found, by=acting(), reason=json_data.reason, note=json_data.note))


@resources.post("/applications/<uuid:id>/withdrawal", ability="applications.answer", reach=queries.reachable)
@resources.input(NoteIn, location="json")
@resources.output(ApplicationOut)
def withdraw(id: uuid.UUID, json_data: NoteIn) -> Any:
    """Take an application back."""
    return _out(service.withdraw(queries.reachable(acting(), id), by=acting(), note=json_data.note))


@resources.post("/applications/<uuid:id>/agreement-to-invitation", ability="applications.answer")
@resources.output(ApplicationOut)
def agree(id: uuid.UUID) -> Any:
    """Agree to an invitation; the name opens to the enterprise."""
    return _out(service.agree_to_invitation(queries.reachable(acting(), id), by=acting()))


@resources.post("/applications/<uuid:id>/offer", ability="applications.offer", reach=queries.reachable)
@resources.input(AskIn, location="json")
@resources.output(ApplicationOut)
def offer(id: uuid.UUID, json_data: AskIn) -> Any:
    """Offer the place to an applicant."""
    found = queries.reachable(acting(), id)
    return _out(service.offer(found.student, found.position, by=acting(), hours=json_data.hours, note=json_data.note))


@resources.post("/applications/<uuid:id>/invitation", ability="applications.offer", reach=queries.reachable)
@resources.input(AskIn, location="json")
@resources.output(ApplicationOut)
def invite_applicant(id: uuid.UUID, json_data: AskIn) -> Any:
    """Ask an applicant to be named."""
    found = queries.reachable(acting(), id)
    return _out(service.invite(found.student, found.position, by=acting(), hours=json_data.hours, note=json_data.note))


@resources.post("/positions/<uuid:id>/invitations", ability="applications.offer", creates=True, reach=positions.reachable)
@resources.input(AskManyIn, location="json")
@resources.output(OutcomeOut, status_code=201)
def invite(id: uuid.UUID, json_data: AskManyIn) -> Any:
    """Invite candidates by their pseudonyms; who cannot be asked is named with the reason."""
    return _ask_many("invite", id, json_data)


@resources.post("/positions/<uuid:id>/offers", ability="applications.offer", creates=True, reach=positions.reachable)
@resources.input(AskManyIn, location="json")
@resources.output(OutcomeOut, status_code=201)
def offer_candidates(id: uuid.UUID, json_data: AskManyIn) -> Any:
    """Offer places to candidates by their pseudonyms; who cannot be asked is named with the reason."""
    return _ask_many("offer", id, json_data)


@resources.post("/applications/batch", ability="applications.offer", creates=True)
@resources.input(BatchIn, location="json")
@resources.output(OutcomeOut)
def batch(json_data: BatchIn) -> Any:
    """One step for several applications of one's own posts; who is passed over is named with the reason."""
    actor = acting()
    chosen = queries.by_public_ids(actor, json_data.applications)
    if not chosen:
        raise Invalid({"applications": [_l("Nothing was chosen.")]})
    if json_data.step == "turn_down":
        return _told(service.turn_down_many(chosen, by=actor, reason=json_data.reason, note=json_data.note))
    if json_data.step in ("offer", "invite"):
        return _told(service.ask_applicants(json_data.step, chosen, by=actor, hours=json_data.hours, note=json_data.note))
    raise Invalid({"step": [_l("One of %(choices)s.", choices="turn_down, invite, offer")]})


def _rule(kind: str, row: AcceptanceRule | None) -> RuleOut:
    terms = row or rules.Terms()
    return RuleOut(kind=kind, closes_other_kind=terms.closes_other_kind, back_hours=terms.back_hours, version=row.version if row else None)


def _ask_many(step: str, id: uuid.UUID, told: AskManyIn) -> OutcomeOut:
    position = positions.reachable(acting(), id)
    if not told.candidates:
        raise Invalid({"candidates": [_l("Nobody was chosen.")]})
    outcome = service.ask_many(step, position, queries.candidates(position, told.candidates), by=acting(), hours=told.hours, note=told.note)
    return _told(outcome)


def _told(outcome: service.Outcome) -> OutcomeOut:
    return OutcomeOut(done=[_out(one) for one in outcome.done], skipped=[Skipped(candidate=who, why=str(why)) for who, why in outcome.skipped])


def _out(one: Application) -> ApplicationOut:
    actor = acting()
    firm = actor.tenant_kind is TenantKind.ENTERPRISE
    shown = queries.revealed(one)
    contact = shown.contact or not firm
    return ApplicationOut(
        id=one.public_id, state=one.state, begun_by=one.begun_by, position=one.position.public_id, title=one.position.title,
        enterprise=str(one.position.tenant.name), called=queries.called(one, actor), named=shown.name or not firm,
        college=str(one.student.tenant.name) if not firm or queries.told(one, "college") else "", phone=one.student.phone if contact else "",
        email=one.student.email if contact else "", answer_by=one.answer_by, created_at=one.created_at, version=one.version,
        back_until_at=one.back_until_at, waits_since_at=one.waits_since_at,
        steps=[
            StepOut(at=s.created_at, step=s.step, source=s.source, target=s.target, by_role=s.by_role, reason=s.reason, note=s.note) for s in one.steps
        ],
    )  # fmt: skip
