"""Resources of applications: every step of the pages."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.applications import queries, rules, service, wording
from consortium.applications.models import AcceptanceRule, Application
from consortium.applications.queries import enterprise as read
from consortium.applications.rules import Record
from consortium.applications.schemas import (
    AcceptedOut,
    ApplicationOut,
    ApplicationsQuery,
    ApplyIn,
    AskIn,
    AskManyIn,
    BatchIn,
    BoardQuery,
    CandidateNoteIn,
    CandidateNoteOut,
    CandidatesIn,
    CardOut,
    DeclineIn,
    NoteIn,
    OutcomeOut,
    PairNoteIn,
    PairNoteOut,
    PassedOut,
    PassOverIn,
    RecordOut,
    RuleIn,
    RuleOut,
    ShownOut,
    Skipped,
    StageOut,
    StepOut,
    TermsOut,
    WaitIn,
)
from consortium.applications.service import enterprise
from consortium.organisations import queries as organisations
from consortium.positions import queries as positions
from consortium.shared import public_ids
from consortium.shared.access import ENTERPRISE_OFFICE, TenantKind
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

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


@resources.get("/applications/board", ability="applications.board")
@resources.input(BoardQuery, location="query")
@resources.output(list[StageOut])
def board(query_data: BoardQuery) -> Any:
    """Every application by its stage, of one post or of all."""
    actor = acting()
    position = positions.reachable(actor, public_ids.named(query_data.position)) if query_data.position else None
    columns = read.board(actor, position)
    cards = [one for column in columns for one in column.cards]
    for one in cards:
        service.opened(one, by=actor, page=False)
    also = read.elsewhere(cards, actor)
    return [
        StageOut(stage=c.stage, n=c.n, cards=[CardOut(application=_out(a), stage=c.stage, also=[o.public_id for _, o in also.get(a.id, [])]) for a in c.cards])
        for c in columns
    ]


@resources.post("/positions/<uuid:id>/refusals", ability="applications.offer", creates=True, reach=positions.reachable)
@resources.input(PassOverIn, location="json")
@resources.output(PassedOut)
def pass_over(id: uuid.UUID, json_data: PassOverIn) -> Any:
    """Candidates that do not suit, with one reason: who applied is turned down, who did not is put aside."""
    position = positions.reachable(acting(), id)
    if not json_data.candidates:
        raise Invalid({"candidates": [_l("Nobody was chosen.")]})
    done, skipped = enterprise.pass_over(position, queries.candidates(position, json_data.candidates), by=acting(), reason=json_data.reason)
    return PassedOut(done=done, skipped=[Skipped(candidate=who, why=str(why)) for who, why in skipped])


@resources.post("/positions/<uuid:id>/refusals/reversal", ability="applications.offer", reach=positions.reachable)
@resources.input(CandidatesIn, location="json")
@resources.output(PassedOut)
def reconsider(id: uuid.UUID, json_data: CandidatesIn) -> Any:
    """Take candidates up again who were put aside."""
    position = positions.reachable(acting(), id)
    done = enterprise.reconsider(position, queries.candidates(position, json_data.candidates), by=acting())
    return PassedOut(done=done, skipped=[])


@resources.post("/applications/<uuid:id>/reversal", ability="applications.offer")
@resources.output(ApplicationOut)
def reopen(id: uuid.UUID) -> Any:
    """Take a refusal of one's own back, soon after."""
    return _out(enterprise.reopen(queries.reachable(acting(), id), by=acting()))


@resources.get("/applications/<uuid:id>/notes", ability="applications.read-notes")
@resources.output(list[CandidateNoteOut])
def notes(id: uuid.UUID) -> Any:
    """One's own enterprise's notes about an applicant."""
    found = queries.reachable(acting(), id)
    return [
        CandidateNoteOut(id=note.public_id, at=note.created_at, by=who, text=note.text)
        for note, who in read.notes_of(acting(), found.position_id, [found.student_id]).get(found.student_id, [])
    ]


@resources.post("/applications/<uuid:id>/notes", ability="applications.note", creates=True, reach=queries.reachable)
@resources.input(CandidateNoteIn, location="json")
@resources.output({}, status_code=204)
def add_note(id: uuid.UUID, json_data: CandidateNoteIn) -> Any:
    """Write something down about an applicant."""
    found = queries.reachable(acting(), id)
    enterprise.add_note(found.position, found.student, json_data.text, by=acting())
    return ""


@resources.get("/positions/<uuid:id>/notes", ability="applications.read-notes")
@resources.output(list[PairNoteOut])
def candidate_notes(id: uuid.UUID) -> Any:
    """One's own enterprise's notes about everybody it thought of for a post."""
    return [
        PairNoteOut(id=note.public_id, at=note.created_at, by=who, text=note.text, candidate=name)
        for name, _application, rows in read.notes_of_post(acting(), positions.reachable(acting(), id))
        for note, who in rows
    ]


@resources.post("/positions/<uuid:id>/notes", ability="applications.note", creates=True, reach=positions.reachable)
@resources.input(PairNoteIn, location="json")
@resources.output({}, status_code=204)
def note_candidate(id: uuid.UUID, json_data: PairNoteIn) -> Any:
    """Write something down about a candidate, by the pseudonym."""
    position = positions.reachable(acting(), id)
    student = queries.candidates(position, [json_data.candidate])[0][1]
    if student is None:
        raise Invalid({"candidate": [_l("No longer among the candidates.")]})
    enterprise.add_note(position, student, json_data.text, by=acting())
    return ""


@resources.post("/candidate-notes/<uuid:id>/removal", ability="applications.note")
@resources.output({}, status_code=204)
def remove_note(id: uuid.UUID) -> Any:
    """Take a note away for good."""
    enterprise.remove_note(read.reachable_note(acting(), id), by=acting())
    return ""


@resources.get("/what-is-shown", ability="applications.shown")
@resources.output(list[ShownOut])
def what_is_shown() -> Any:
    """What an enterprise sees of a student at each step."""
    return [
        ShownOut(
            step=name, words=str(wording.STAGES[name]), profile=shown.profile, name=shown.name, contact=shown.contact,
            fields=[field for part, fields in rules.PARTS.items() if getattr(shown, part) for field in fields],
        )
        for name, shown in rules.table()
    ]  # fmt: skip


@resources.get("/positions/<uuid:id>/employer-record", ability="applications.record")
@resources.output(RecordOut)
def record(id: uuid.UUID) -> Any:
    """How the enterprise of a post dealt with students in the last year."""
    position = positions.reachable(acting(), id)
    return _record(str(position.tenant.name), read.record_of(position.tenant_id))


@resources.get("/employer-records", ability="applications.records")
@resources.input(PageQuery, location="query")
@resources.output(list[RecordOut])
def records(query_data: PageQuery) -> Any:
    """One's own enterprise's record; for the zone those of all."""
    actor = acting()
    if actor.role in ENTERPRISE_OFFICE:
        firm = organisations.enterprise_of(actor.tenant_id)
        return [_record(str(firm.tenant.name) if firm else "", read.record_of(actor.tenant_id))]
    rows = organisations.listing(actor, query_data.page, size=query_data.size).rows
    of = read.records_of([one.tenant_id for one in rows])
    return [_record(str(one.tenant.name), of[one.tenant_id]) for one in rows]


def _record(name: str, found: Record) -> RecordOut:
    few = rules.FEW
    return RecordOut(
        enterprise=name, asked=found.asked if found.asked >= few else None, in_time=found.in_time if found.asked >= few else None, answer_rate=found.answer_rate,
        median_days=found.days, offers=found.offers if found.offers >= few else None, honoured=found.honoured if found.offers >= few else None,
        honour_rate=found.honour_rate,
    )  # fmt: skip


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
