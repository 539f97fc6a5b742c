"""Offering times, picking one, moving it, saying what came of it. Flushes; the edge commits.

Locks are taken in one order: the student's row, the interview, then times by id. A place in a time is one conditional UPDATE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from consortium.applications import queries as applications
from consortium.applications.models import Application
from consortium.applications.service import note_meeting
from consortium.interviews import lifecycle, queries, rules
from consortium.interviews.events import interview_moved, interview_stepped
from consortium.interviews.lifecycle import INTERVIEW
from consortium.interviews.models import Interview, Slot
from consortium.positions.models import Position
from consortium.shared import audit, clock
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict, ConsortiumError, Invalid, NotFound
from consortium.shared.i18n import day_words
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.students.models import Student


@dataclass(slots=True)
class Asked:
    """What became of asking several applicants: who was asked, and who was passed over and why."""

    done: list[Interview] = field(default_factory=list)
    skipped: list[tuple[str, Any]] = field(default_factory=list)


def add_slots(position: Position, values: dict[str, Any], *, by: Actor) -> list[Slot]:
    """One time, or several in a row; raises Invalid."""
    if position.tenant_id != by.tenant_id:
        raise NotFound
    _refuse_bad_slot(values)
    made = [
        Slot(
            tenant_id=position.tenant_id, position_id=position.id, starts_at=start, minutes=values["minutes"], place=values["place"], link=values["link"],
            places=values["places"], taken=0,
        )
        for start in rules.in_a_row(values["starts_at"], values["minutes"], values["times"])
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    for slot in made:
        audit.record("offer-time", slot, by=by)
    return made


def edit_slot(slot: Slot, values: dict[str, Any], *, by: Actor) -> int:
    """Move a time or its place; whoever agreed on it is told and may pick another. Returns how many were told. Raises Invalid."""
    held = _in_slot(slot)
    _refuse_gone(slot)
    _refuse_bad_slot(values)
    if values["places"] < slot.taken:
        raise Invalid({"places": [_l("%(n)d are in this time already.", n=slot.taken)]})
    moved = (slot.starts_at, slot.minutes, slot.place, slot.link) != (values["starts_at"], values["minutes"], values["place"], values["link"])
    for name in ("starts_at", "minutes", "place", "link", "places"):
        setattr(slot, name, values[name])
    db.session.flush()
    audit.record("move-time", slot, by=by, told=len(held) if moved else 0)
    for one in held if moved else []:
        note_meeting(one.application_id, "moved", slot.starts_at, by=by)
        interview_moved.announce(interview_id=one.id)
    return len(held) if moved else 0


def cancel_slot(slot: Slot, *, by: Actor) -> int:
    """Take a time back: whoever agreed on it is asked to pick another; returns how many."""
    held = _in_slot(slot)
    _refuse_gone(slot)
    slot.cancelled_at, slot.taken = clock.now(), 0
    db.session.flush()
    audit.record("cancel-time", slot, by=by, told=len(held))
    for one in held:
        one.slot_id = None
        _take("release", one, None)
    return len(held)


def ask(chosen: Sequence[Application], *, by: Actor, note: str = "") -> Asked:
    """Ask applicants to pick a time; who cannot be asked is passed over and named with the reason."""
    outcome = Asked()
    for application in sorted(chosen, key=lambda one: one.student_id):
        called = applications.called(application, by)
        try:
            outcome.done.append(_asked(application, by, note))
        except ConsortiumError as refused:  # raised before anything was written
            outcome.skipped.append((called, refused.what or _l("Not open to this step now.")))
    return outcome


def pick(interview: Interview, slot: Slot, *, by: Actor) -> None:
    """The student takes a place in a time, or moves to another. Raises Conflict: full, gone, too late, or at the same time as another interview."""
    _freshly(interview)
    INTERVIEW.take("book", interview.state, by)
    if slot.position_id != interview.application.position_id:
        raise NotFound
    before = interview.slot
    if before is not None and before.id == slot.id:
        return
    now = clock.now()
    if before is not None and not rules.may_pick(before.starts_at, now):
        raise Conflict(_l("It is too late to change the time."), how=_l("Ring the enterprise, or decline with a reason."), code="too-late")
    _refuse_clash(interview, slot)
    for number in sorted({slot.id, before.id if before is not None else slot.id}):
        if number == slot.id:
            _enter(slot, now)
        else:
            _leave(number)
    interview.slot_id = slot.id
    _take("book", interview, by, meets_at=slot.starts_at)


def decline(interview: Interview, *, by: Actor, reason: str, note: str = "") -> None:
    """The student wants no interview; the application stays as it is."""
    if reason not in rules.STUDENT_REASONS:
        raise Invalid({"reason": [_l("Choose a reason from the list.")]})
    _freshly(interview)
    INTERVIEW.take("decline", interview.state, by)
    interview.reason = reason
    _give_back(interview, "decline", by)


def cancel(interview: Interview, *, by: Actor) -> None:
    """The enterprise calls the interview off; the application stays as it is."""
    _freshly(interview)
    INTERVIEW.take("cancel", interview.state, by)
    _give_back(interview, "cancel", by)


def conclude(interview: Interview, *, by: Actor, result: str) -> None:
    """What came of it: one of `rules.RESULTS`, or `missed` for who did not come. Only after it began."""
    if result not in (*rules.RESULTS, "missed"):
        raise Invalid({"result": [_l("Choose what came of it.")]})
    _freshly(interview)
    step = "miss" if result == "missed" else "hold"
    INTERVIEW.take(step, interview.state, by)
    if interview.slot is None or interview.slot.starts_at > clock.now():
        raise Conflict(_l("The interview has not begun yet."), how=_l("Say what came of it afterwards."), code="not-yet")
    interview.result = "" if result == "missed" else result
    _take(step, interview, by)


def end_for(application_id: int) -> None:
    """The application has ended or the place is taken: an interview still to come is called off."""
    interview = queries.live_of(application_id)
    if interview is not None:
        _freshly(interview)
        if interview.state in lifecycle.LIVE:
            _give_back(interview, "end", None)


def opened(interview: Interview, *, by: Actor) -> None:
    """Log that an enterprise or college is being shown this student."""
    if by.role is Role.STUDENT:
        return
    shown = applications.revealed(interview.application)
    named = by.tenant_kind != "enterprise" or shown.name
    student = interview.application.student
    audit.looked([(student.id, students.is_minor(student))], by=by, what="name" if named else "applicant without a name", through=interview.application)


def _asked(application: Application, by: Actor, note: str) -> Interview:
    if application.enterprise_tenant_id != by.tenant_id:
        raise NotFound
    _lock([application.student_id])
    db.session.refresh(application, ["state"])
    if not applications.awaits_enterprise(application):
        raise Conflict(_l("Only who applied or agreed to an invitation can be asked to an interview."), code="wrong-state")
    if queries.live_of(application.id) is not None:
        raise Conflict(_l("Has been asked already."), code="twice")
    if not queries.free_slots(application.position_id):
        raise Conflict(_l("There is no free time for this post: offer times first."), code="no-times")
    interview = Interview(
        enterprise_tenant_id=application.enterprise_tenant_id, application_id=application.id, student_id=application.student_id, state=lifecycle.ASKED,
        note=note.strip()[:500],
    )  # fmt: skip
    db.session.add(interview)
    db.session.flush()
    audit.record("ask-interview", interview, by=by)
    note_meeting(application.id, "ask", None, by=by)
    interview_stepped.announce(interview_id=interview.id, step="ask")
    return interview


def _take(step: str, interview: Interview, by: Actor | None, meets_at: datetime | None = None) -> None:
    source = interview.state
    interview.state = INTERVIEW.take(step, source, by)
    db.session.flush()
    db.session.expire(interview, ["slot"])
    audit.record(f"{step}-interview", interview, by=by, source=source, target=interview.state)
    note_meeting(interview.application_id, step, meets_at, by=by)
    interview_stepped.announce(interview_id=interview.id, step=step)


def _give_back(interview: Interview, step: str, by: Actor | None) -> None:
    if interview.slot_id is not None:
        _leave(interview.slot_id)
        interview.slot_id = None
    _take(step, interview, by)


def _enter(slot: Slot, now: datetime) -> None:
    """Take a place, or say why not: one conditional UPDATE, so never more than there are."""
    if slot.cancelled_at is not None or not rules.may_pick(slot.starts_at, now):
        raise Conflict(_l("This time can no longer be picked."), how=_l("Pick another one."), code="gone")
    taken = db.session.execute(
        sa.update(Slot)
        .where(Slot.id == slot.id, Slot.taken < Slot.places, Slot.cancelled_at.is_(None), Slot.starts_at >= now + rules.PICK_UNTIL)
        .values(taken=Slot.taken + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("This time has just been taken."), how=_l("Pick another one."), code="full")
    db.session.expire(slot, ["taken"])


def _leave(slot_id: int) -> None:
    db.session.execute(
        sa.update(Slot).where(Slot.id == slot_id, Slot.taken > 0).values(taken=Slot.taken - 1).execution_options(synchronize_session=False)
    )
    known = db.session.identity_map.get(sa.orm.util.identity_key(Slot, slot_id))
    if known is not None:
        db.session.expire(known, ["taken"])


def _in_slot(slot: Slot) -> list[Interview]:
    """Interviews agreed on in this time: their students locked first, then the time, then read anew."""
    _lock([one.student_id for one in queries.booked_in([slot.id]).get(slot.id, []) if one.state == lifecycle.BOOKED])
    db.session.refresh(slot, with_for_update={"of": Slot})
    return [one for one in queries.booked_in([slot.id]).get(slot.id, []) if one.state == lifecycle.BOOKED]


def _lock(student_ids: Sequence[int]) -> None:
    """One step at a time for one student, whatever enterprise takes it (SQLite writes one at a time anyway)."""
    if student_ids:
        db.session.execute(sa.select(Student.id).where(Student.id.in_(student_ids)).order_by(Student.id).with_for_update(key_share=True))


def _freshly(interview: Interview) -> None:
    _lock([interview.student_id])
    db.session.refresh(interview, ["state", "slot_id", "result", "version"], with_for_update={"of": Interview})
    db.session.expire(interview, ["slot"])


def _refuse_gone(slot: Slot) -> None:
    if slot.cancelled_at is not None:
        raise Conflict(_l("This time was taken back."), code="gone")
    if slot.starts_at <= clock.now():
        raise Conflict(_l("This time has begun already."), code="begun")


def _refuse_clash(interview: Interview, slot: Slot) -> None:
    """The student may not promise two places at once, whatever enterprises they are."""
    for other in queries.booked_of_student(interview.student_id, beside=interview.id):
        if other.slot is not None and rules.overlap(slot.starts_at, slot.minutes, other.slot.starts_at, other.slot.minutes):
            begins = clock.local(other.slot.starts_at)
            raise Conflict(
                _l("You have another interview at that time."),
                why=_l("%(title)s, %(day)s %(time)s.", title=other.application.position.title, day=day_words(begins.date()), time=f"{begins:%H:%M}"),
                how=_l("Pick another time, or change the other interview first."),
                code="clash",
            )


def _refuse_bad_slot(values: dict[str, Any]) -> None:
    now, wrong = clock.now(), {}
    if values["starts_at"] <= now:
        wrong["starts_at"] = [_l("This lies in the past.")]
    elif values["starts_at"] - now > rules.FURTHEST:
        wrong["starts_at"] = [_l("At most %(n)d days ahead.", n=rules.FURTHEST.days)]
    if not values["place"] and not values["link"]:
        wrong["place"] = [_l("Say where, or give a link.")]
    if values["link"] and not values["link"].startswith("https://"):
        wrong["link"] = [_l("A link begins with https://.")]
    if wrong:
        raise Invalid(wrong)
