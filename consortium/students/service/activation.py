"""Accounts of students: the single-use links, and the tie to the register. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from consortium.accounts import service as accounts
from consortium.accounts.models import Membership, Person
from consortium.organisations import queries as organisations
from consortium.shared import audit
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.students.models import Student


def activation_links(actor: Actor, students: Sequence[Student]) -> list[tuple[Student, str, str]]:
    """A single-use link for each student without an account: (student, sign-in name, token). No shared password exists."""
    college = organisations.college_of(actor.tenant_id)
    found = []
    for student in students:
        if student.person_id is None and student.state == "enrolled":
            login = f"{college.moe_code}-{student.student_no}".lower()
            token = accounts.invite_into(actor.tenant_id, role=Role.STUDENT, login=login, name=student.name, by=actor)
            found.append((student, login, token))
    return found


def tie(membership: Membership) -> None:
    """A student's account was activated: tie it to the register's entry by college and number."""
    if membership.role != Role.STUDENT.value:
        return
    login = db.session.get_one(Person, membership.person_id).login
    number = login.partition("-")[2]
    student = db.session.scalar(
        sa.select(Student).where(
            Student.tenant_id == membership.tenant_id, sa.func.lower(Student.student_no) == number, Student.person_id.is_(None)
        )
    )
    if student is not None:
        student.person_id = membership.person_id
        db.session.flush()
        audit.record("activate-student", student, by=membership.actor())
