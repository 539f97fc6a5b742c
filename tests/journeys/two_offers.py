"""Two offers in one student's hands."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.accounts.models import Membership, Person
from consortium.applications import service
from consortium.applications.models import Application
from consortium.positions.models import Position
from consortium.proposals.queries import matches_of_student
from consortium.shared.db import db
from consortium.students.models import Student


def make() -> None:
    """Posts of two enterprises offer a place to student2."""
    student = db.session.scalar(sa.select(Student).join(Person, Person.id == Student.person_id).where(Person.login == "student2"))
    assert student is not None
    posts = {p.tenant_id: p for p in (db.session.get_one(Position, m.position_id) for m in matches_of_student(student))}
    for tenant_id, post in sorted(posts.items())[:2]:
        member = db.session.scalar(sa.select(Membership).where(Membership.tenant_id == tenant_id))
        assert member is not None
        service.offer(student, post, by=member.actor())
    db.session.commit()


def paths() -> list[str]:
    """Where they stand."""
    return [f"/applications/{one}" for one in db.session.scalars(sa.select(Application.public_id).order_by(Application.id))]
