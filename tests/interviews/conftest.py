"""An applicant, an enterprise with a post, and two times for an interview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from consortium.accounts.models import Membership, Tenant
from consortium.applications import service as applications
from consortium.applications.models import Application
from consortium.interviews import service
from consortium.interviews.models import Interview, Slot
from consortium.organisations.models import College
from consortium.positions.models import Position
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.students.models import Student
from tests import builders


@dataclass
class Case:
    """Everybody who takes part."""

    college: College
    student: Student
    learner: Membership
    firm: Membership
    position: Position
    application: Application
    slots: list[Slot]

    @property
    def me(self) -> Actor:
        return self.learner.actor()

    @property
    def boss(self) -> Actor:
        return self.firm.actor()

    def asked(self) -> Interview:
        return service.ask([self.application], by=self.boss).done[0]

    def booked(self) -> Interview:
        interview = self.asked()
        service.pick(interview, self.slots[0], by=self.me)
        return interview

    def another(self, **student: Any) -> tuple[Application, Actor, Membership]:
        """Another applicant for the same post."""
        she = builders.a_student(self.college, **student)
        member = builders.a_student_member(she)
        return applications.apply(she, self.position, by=member.actor()), member.actor(), member

    def elsewhere(self) -> tuple[Interview, Slot, Membership]:
        """The same student asked by another enterprise, with a time of its own."""
        position = builders.a_position(builders.an_enterprise(), venue="factory")
        boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, position.tenant_id))
        application = applications.apply(self.student, position, by=self.me)
        slot = builders.a_slot(position)
        return service.ask([application], by=boss.actor()).done[0], slot, boss


@pytest.fixture
def case(app: Any) -> Case:
    college = builders.a_college()
    student = builders.a_student(college, name="李小明", phone="13800000001", email="li@example.org")
    learner = builders.a_student_member(student)
    enterprise = builders.an_enterprise()
    firm = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, enterprise.tenant_id))
    position = builders.a_position(enterprise, places=2, venue="factory")
    application = applications.apply(student, position, by=learner.actor())
    first = builders.a_slot(position)
    second = builders.a_slot(position, starts_at=first.starts_at + timedelta(hours=2), place="", link="https://meet.example.org/x")
    db.session.commit()
    return Case(college, student, learner, firm, position, application, [first, second])
