"""What may be read of interviews and times, already narrowed to the reader."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from consortium.applications import queries as applications
from consortium.applications.models import Application
from consortium.interviews import access, lifecycle, rules, wording
from consortium.interviews.models import Interview, Slot
from consortium.positions.models import Position
from consortium.shared import clock, public_ids
from consortium.shared.access import Actor, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.listing import Listing, listed
from consortium.students.models import Student

WHOLE = (
    joinedload(Interview.slot),
    joinedload(Interview.application).joinedload(Application.position).joinedload(Position.tenant),
    joinedload(Interview.application).joinedload(Application.student).joinedload(Student.tenant),
    joinedload(Interview.application).selectinload(Application.steps),
)


def reachable(actor: Actor, public_id: uuid.UUID) -> Interview:
    """An interview this reader may see, or NotFound."""
    found = db.session.scalars(access.visible_to(actor).where(Interview.public_id == public_id).options(*WHOLE)).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def reachable_slot(actor: Actor, public_id: uuid.UUID) -> Slot:
    """A time of one's own enterprise, or NotFound."""
    found = db.session.scalar(access.slots_visible_to(actor).where(Slot.public_id == public_id).options(joinedload(Slot.position)))
    if found is None:
        raise NotFound
    return found


def listing(actor: Actor, page: int, *, state: str = "", position: str = "", application: str = "", size: int = 30) -> Listing:
    """Interviews: what is agreed on first, by time, then what waits; constant number of queries."""
    statement = access.visible_to(actor).join(Application, Application.id == Interview.application_id).outerjoin(Slot, Slot.id == Interview.slot_id)
    statement = statement.options(*WHOLE).order_by(
        sa.case({lifecycle.BOOKED: 0, lifecycle.ASKED: 1}, value=Interview.state, else_=2), Slot.starts_at, Interview.id.desc()
    )
    if state == "live":
        statement = statement.where(Interview.state.in_(lifecycle.LIVE))
    elif state == "ended":
        statement = statement.where(Interview.state.in_(lifecycle.ENDED))
    if position:
        statement = statement.join(Position, Position.id == Application.position_id).where(Position.public_id == (public_ids.read(position) or public_ids.NOBODYS))
    if application:
        statement = statement.where(Application.public_id == (public_ids.read(application) or public_ids.NOBODYS))
    return listed(statement, page, size)


def coming(actor: Actor, limit: int = 5) -> list[Interview]:
    """What is still to come, for a desk: to be picked by a student first, then by time."""
    statement = access.visible_to(actor).where(Interview.state.in_(lifecycle.LIVE)).outerjoin(Slot, Slot.id == Interview.slot_id).options(*WHOLE)
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        statement = statement.where(Interview.state == lifecycle.BOOKED)
    order = (sa.case({lifecycle.ASKED: 0}, value=Interview.state, else_=1), Slot.starts_at, Interview.id)
    return list(db.session.scalars(statement.order_by(*order).limit(limit)).unique())


def of_application(actor: Actor, public_id: uuid.UUID) -> list[Interview]:
    """An application's interviews, newest first; NotFound where the application is out of reach."""
    application = applications.reachable(actor, public_id)
    return list(db.session.scalars(access.visible_to(actor).where(Interview.application_id == application.id).options(*WHOLE).order_by(Interview.id.desc())).unique())


def slots_of(position: Position, *, since: datetime | None = None) -> list[Slot]:
    """A post's times in order, those that have begun too from `since` on."""
    statement = sa.select(Slot).where(Slot.position_id == position.id, Slot.cancelled_at.is_(None))
    if since is not None:
        statement = statement.where(Slot.starts_at >= since)
    return list(db.session.scalars(statement.order_by(Slot.starts_at, Slot.id).limit(200)))


def free_slots(position_id: int) -> list[Slot]:
    """Times of a post that can still be picked."""
    statement = sa.select(Slot).where(
        Slot.position_id == position_id, Slot.cancelled_at.is_(None), Slot.taken < Slot.places, Slot.starts_at >= clock.now() + rules.PICK_UNTIL
    )
    return list(db.session.scalars(statement.order_by(Slot.starts_at, Slot.id).limit(100)))


def slot_of_post(position_id: int, public_id: uuid.UUID) -> Slot:
    """A time of the post of the interview, or NotFound."""
    found = db.session.scalar(sa.select(Slot).where(Slot.public_id == public_id, Slot.position_id == position_id))
    if found is None:
        raise NotFound
    return found


def booked_of_student(student_id: int, *, beside: int = 0) -> list[Interview]:
    """Interviews that a student agreed on, of whatever enterprise: for the student's own eyes."""
    statement = sa.select(Interview).where(Interview.student_id == student_id, Interview.state == lifecycle.BOOKED, Interview.id != beside)
    return list(db.session.scalars(statement.options(*WHOLE)).unique())


def booked_in(slot_ids: Iterable[int]) -> dict[int, list[Interview]]:
    """Time → interviews that take place in it."""
    found: dict[int, list[Interview]] = {}
    statement = sa.select(Interview).where(Interview.slot_id.in_(list(slot_ids)), Interview.state.in_((lifecycle.BOOKED, lifecycle.HELD, lifecycle.MISSED)))
    for one in db.session.scalars(statement.options(*WHOLE).order_by(Interview.id)).unique():
        found.setdefault(one.slot_id or 0, []).append(one)
    return found


def live_of(application_id: int) -> Interview | None:
    """The interview of an application that is still to come, if any."""
    return db.session.scalar(sa.select(Interview).where(Interview.application_id == application_id, Interview.state.in_(lifecycle.LIVE)))


def soon(now: datetime) -> list[Interview]:
    """Interviews that begin within the time in which people are reminded."""
    statement = sa.select(Interview).join(Slot, Slot.id == Interview.slot_id).where(
        Interview.state == lifecycle.BOOKED, Slot.starts_at > now, Slot.starts_at <= now + rules.REMIND_BEFORE
    )
    return list(db.session.scalars(statement.options(*WHOLE).order_by(Interview.id).limit(1000)).unique())


def by_id(number: int) -> Interview:
    """One interview whole, for listeners of news."""
    return db.session.scalars(sa.select(Interview).where(Interview.id == number).options(*WHOLE)).unique().one()


def n_waiting(position_id: int) -> int:
    """How many of a post's applicants were asked and have not picked yet."""
    statement = sa.select(sa.func.count()).select_from(Interview).join(Application, Application.id == Interview.application_id)
    return db.session.scalar(statement.where(Application.position_id == position_id, Interview.state == lifecycle.ASKED)) or 0


def calendar(interview: Interview) -> str:
    """What was agreed on as an iCalendar file, or NotFound; no name of a person stands in it."""
    slot, position = interview.slot, interview.application.position
    if slot is None:
        raise NotFound
    return wording.calendar(
        uid=f"{interview.public_id}@consortium", starts_at=slot.starts_at, minutes=slot.minutes, place=slot.place, link=slot.link, now=clock.now(),
        title=_("Interview: %(title)s", title=f"{position.title} · {position.tenant.name}"),
    )  # fmt: skip



def links_of_student(student_id: int) -> list[str]:
    """The addresses under which people were told of this student's interviews."""
    return [f"/interviews/{public_id}" for public_id in db.session.scalars(sa.select(Interview.public_id).where(Interview.student_id == student_id))]
