"""A student with an account, an enterprise's head, a post, and what stands between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from consortium.accounts.models import Membership, Tenant
from consortium.applications import service
from consortium.applications.models import Application
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

    @property
    def me(self) -> Actor:
        return self.learner.actor()

    @property
    def boss(self) -> Actor:
        return self.firm.actor()

    def applied(self) -> Application:
        return service.apply(self.student, self.position, by=self.me)

    def offered(self, **more: Any) -> Application:
        return service.offer(self.student, self.position, by=self.boss, **more)

    def another_student(self) -> tuple[Student, Actor]:
        student = builders.a_student(self.college)
        return student, builders.a_student_member(student).actor()

    def another_post(self, **given: Any) -> tuple[Position, Actor]:
        position = builders.a_position(builders.an_enterprise(), **{"venue": "factory", **given})
        return position, builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, position.tenant_id)).actor()


@pytest.fixture
def case(app) -> Case:
    college = builders.a_college()
    student = builders.a_student(college, name="李小明", phone="13800000001", email="li@example.org")
    learner = builders.a_student_member(student)
    enterprise = builders.an_enterprise()
    firm = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, enterprise.tenant_id))
    position = builders.a_position(enterprise, places=2, venue="factory")
    db.session.commit()
    return Case(college, student, learner, firm, position)
