"""Resources of interviews and times: every step of the pages."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response

from consortium.applications import queries as applications
from consortium.interviews import lifecycle, queries, rules, service
from consortium.interviews.models import Interview, Slot
from consortium.interviews.schemas import (
    AskedOut,
    AskIn,
    FreeSlotOut,
    InterviewOut,
    InterviewsQuery,
    MovedOut,
    PassedOver,
    PickIn,
    ReasonIn,
    ResultIn,
    SlotEditIn,
    SlotOut,
    SlotsIn,
)
from consortium.positions import queries as positions
from consortium.shared.access import Role, TenantKind
from consortium.shared.errors import Invalid, Stale
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import Resources

resources = Resources("interviews", __name__, tag="Interviews")


@resources.get("/interviews", ability="interviews.list")
@resources.input(InterviewsQuery, location="query")
@resources.output(list[InterviewOut])
def interviews(query_data: InterviewsQuery) -> Any:
    """Interviews within reach: what is agreed on by time, then what waits."""
    q, actor = query_data, acting()
    rows = queries.listing(actor, q.page, state=q.state, position=q.position, application=q.application, size=q.size).rows
    for one in rows:
        service.opened(one, by=actor)
    return [_out(one, times=False) for one in rows]


@resources.get("/interviews/<uuid:id>", ability="interviews.read")
@resources.output(InterviewOut)
def interview(id: uuid.UUID) -> Any:
    """One interview."""
    found = queries.reachable(acting(), id)
    service.opened(found, by=acting())
    return _out(found)


@resources.get("/applications/<uuid:id>/interviews", ability="interviews.read")
@resources.output(list[InterviewOut])
def of_application(id: uuid.UUID) -> Any:
    """The interviews of one application."""
    found = queries.of_application(acting(), id)
    for one in found:
        service.opened(one, by=acting())
    return [_out(one) for one in found]


@resources.get("/interviews/<uuid:id>/calendar", ability="interviews.read")
def calendar(id: uuid.UUID) -> Any:
    """The agreed time as an iCalendar file."""
    return Response(queries.calendar(queries.reachable(acting(), id)), mimetype="text/calendar")


@resources.post("/interviews", ability="interviews.offer", creates=True)
@resources.input(AskIn, location="json")
@resources.output(AskedOut, status_code=201)
def ask(json_data: AskIn) -> Any:
    """Ask applicants to pick a time; who cannot be asked is named with the reason."""
    chosen = applications.by_public_ids(acting(), json_data.applications)
    if not chosen:
        raise Invalid({"applications": [_l("Nothing was chosen.")]})
    outcome = service.ask(chosen, by=acting(), note=json_data.note)
    return AskedOut(done=[_out(one) for one in outcome.done], skipped=[PassedOver(candidate=who, why=str(why)) for who, why in outcome.skipped])


@resources.post("/interviews/<uuid:id>/booking", ability="interviews.pick", reach=queries.reachable)
@resources.input(PickIn, location="json")
@resources.output(InterviewOut)
def pick(id: uuid.UUID, json_data: PickIn) -> Any:
    """Pick a time, or move to another."""
    found = queries.reachable(acting(), id)
    if json_data.slot is None:
        raise Invalid({"slot": [_l("Pick one of the times.")]})
    service.pick(found, queries.slot_of_post(found.application.position_id, json_data.slot), by=acting())
    return _out(found)


@resources.post("/interviews/<uuid:id>/declination", ability="interviews.pick", reach=queries.reachable)
@resources.input(ReasonIn, location="json")
@resources.output(InterviewOut)
def decline(id: uuid.UUID, json_data: ReasonIn) -> Any:
    """Want no interview."""
    found = queries.reachable(acting(), id)
    service.decline(found, by=acting(), reason=json_data.reason)
    return _out(found)


@resources.post("/interviews/<uuid:id>/cancellation", ability="interviews.offer")
@resources.output(InterviewOut)
def cancel(id: uuid.UUID) -> Any:
    """Call an interview off."""
    found = queries.reachable(acting(), id)
    service.cancel(found, by=acting())
    return _out(found)


@resources.post("/interviews/<uuid:id>/result", ability="interviews.offer", reach=queries.reachable)
@resources.input(ResultIn, location="json")
@resources.output(InterviewOut)
def conclude(id: uuid.UUID, json_data: ResultIn) -> Any:
    """Say what came of it."""
    found = queries.reachable(acting(), id)
    service.conclude(found, by=acting(), result=json_data.result)
    return _out(found)


@resources.get("/positions/<uuid:id>/interview-times", ability="interviews.times")
@resources.output(list[SlotOut])
def times(id: uuid.UUID) -> Any:
    """A post's times and who comes in them."""
    slots = queries.slots_of(positions.reachable(acting(), id))
    booked = queries.booked_in([one.id for one in slots])
    for one in (one for those in booked.values() for one in those):
        service.opened(one, by=acting())
    return [_slot(slot, booked.get(slot.id, [])) for slot in slots]


@resources.post("/positions/<uuid:id>/interview-times", ability="interviews.offer", creates=True, reach=positions.reachable)
@resources.input(SlotsIn, location="json")
@resources.output(list[SlotOut], status_code=201)
def add_times(id: uuid.UUID, json_data: SlotsIn) -> Any:
    """Offer one time, or several in a row."""
    made = service.add_slots(positions.reachable(acting(), id), json_data.model_dump(), by=acting())
    return [_slot(one, []) for one in made]


@resources.get("/interview-times/<uuid:id>", ability="interviews.times")
@resources.output(SlotOut)
def time(id: uuid.UUID) -> Any:
    """One time."""
    slot = queries.reachable_slot(acting(), id)
    booked = queries.booked_in([slot.id]).get(slot.id, [])
    for one in booked:
        service.opened(one, by=acting())
    return _slot(slot, booked)


@resources.put("/interview-times/<uuid:id>", ability="interviews.offer", reach=queries.reachable_slot)
@resources.input(SlotEditIn, location="json")
@resources.output(MovedOut)
def edit_time(id: uuid.UUID, json_data: SlotEditIn) -> Any:
    """Move a time or its place; who agreed on it is told."""
    slot = queries.reachable_slot(acting(), id)
    if json_data.version != slot.version:
        raise Stale({}, {}, slot.version)
    told = service.edit_slot(slot, json_data.model_dump(exclude={"version"}), by=acting())
    return MovedOut(slot=_slot(slot, queries.booked_in([slot.id]).get(slot.id, [])), told=told)


@resources.post("/interview-times/<uuid:id>/cancellation", ability="interviews.offer")
@resources.output(MovedOut)
def cancel_time(id: uuid.UUID) -> Any:
    """Take a time back; who agreed on it is asked to pick another."""
    return MovedOut(slot=None, told=service.cancel_slot(queries.reachable_slot(acting(), id), by=acting()))


def _slot(slot: Slot, booked: list[Interview]) -> SlotOut:
    return SlotOut(
        id=slot.public_id, starts_at=slot.starts_at, minutes=slot.minutes, places=slot.places, taken=slot.taken, place=slot.place, link=slot.link,
        version=slot.version, who=[applications.called(one.application, acting()) for one in booked],
    )  # fmt: skip


def _out(one: Interview, *, times: bool = True) -> InterviewOut:
    actor, application, slot = acting(), one.application, one.slot
    may_pick = times and actor.role is Role.STUDENT and one.state in lifecycle.LIVE
    others = [o.slot for o in queries.booked_of_student(one.student_id, beside=one.id) if o.slot is not None] if may_pick else []
    return InterviewOut(
        id=one.public_id, state=one.state, application=application.public_id, title=application.position.title,
        enterprise=str(application.position.tenant.name), called=applications.called(application, actor), note=one.note,
        starts_at=slot.starts_at if slot else None, minutes=slot.minutes if slot else None, place=slot.place if slot else "", link=slot.link if slot else "",
        result=one.result if actor.tenant_kind is TenantKind.ENTERPRISE else "", version=one.version,
        times=[
            FreeSlotOut(
                id=f.public_id, starts_at=f.starts_at, minutes=f.minutes, place=f.place, link=f.link,
                clash=any(rules.overlap(f.starts_at, f.minutes, o.starts_at, o.minutes) for o in others),
            )
            for f in (queries.free_slots(application.position_id) if may_pick else [])
        ],
    )  # fmt: skip
