"""The last place in a time under a crowd: exactly as many as there are, and never two times for one student at once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.applications.models import Application
from consortium.interviews import service
from consortium.interviews.models import Interview, Slot
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.db import db
from tests import builders
from tests.applications.test_last_seat import at_once

CROWD, PLACES = 60, 3


def an_interview(student, position):
    application = builders.saved(
        Application(
            college_tenant_id=student.tenant_id, enterprise_tenant_id=position.tenant_id, student_id=student.id, position_id=position.id,
            kind=position.kind, state="applied", begun_by="student", spoken=True,
        )
    )  # fmt: skip
    return builders.saved(
        Interview(enterprise_tenant_id=position.tenant_id, application_id=application.id, student_id=student.id, state="asked")
    )


def picking(number, slot, actor):
    return lambda: service.pick(db.session.get_one(Interview, number), db.session.get_one(Slot, slot), by=actor)


def test_sixty_students_for_three_places_in_a_time_are_exactly_three(app):
    college, enterprise = builders.a_college(), builders.an_enterprise()
    builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, enterprise.tenant_id))
    position = builders.a_position(enterprise, venue="factory")
    slot = builders.a_slot(position, places=PLACES).id
    acts = []
    for _ in range(CROWD):
        student = builders.a_student(college)
        acts.append(picking(an_interview(student, position).id, slot, Actor(1, 1, student.tenant_id, TenantKind.COLLEGE, Role.STUDENT)))
    db.session.commit()
    assert at_once(app, acts) == {"accepted": PLACES, "full": CROWD - PLACES}
    db.session.rollback()
    booked = sa.select(sa.func.count()).select_from(Interview).where(Interview.state == "booked")
    assert db.session.scalar(booked) == PLACES == db.session.scalar(sa.select(Slot.taken))


def test_of_two_overlapping_times_picked_at_once_by_one_student_one_wins(app):
    college = builders.a_college()
    acts = []
    for _ in range(8):
        student = builders.a_student(college)
        actor = Actor(1, 1, student.tenant_id, TenantKind.COLLEGE, Role.STUDENT)
        for late in (0, 15):
            position = builders.a_position(venue="factory")
            slot = builders.a_slot(position)
            slot.starts_at += timedelta(minutes=late)
            acts.append(picking(an_interview(student, position).id, slot.id, actor))
    db.session.commit()
    assert at_once(app, acts) == {"accepted": 8, "clash": 8}
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.sum(Slot.taken))) == 8


def test_picking_while_the_time_is_taken_back_leaves_nobody_in_it(app):
    college, enterprise = builders.a_college(), builders.an_enterprise()
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, enterprise.tenant_id)).actor()
    position = builders.a_position(enterprise, venue="factory")
    slot = builders.a_slot(position, places=20).id
    acts = []
    for _ in range(12):
        student = builders.a_student(college)
        acts.append(picking(an_interview(student, position).id, slot, Actor(1, 1, student.tenant_id, TenantKind.COLLEGE, Role.STUDENT)))
    db.session.commit()
    acts.insert(6, lambda: service.cancel_slot(db.session.get_one(Slot, slot), by=boss))
    ended = at_once(app, acts)
    assert set(ended) <= {"accepted", "gone", "full"}, ended
    db.session.rollback()
    assert db.session.scalar(sa.select(Slot.taken)) == 0
    assert db.session.scalars(sa.select(Interview.state).where(Interview.state == "booked")).all() == []
