"""Who may read and change students."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.shared.access import COLLEGE, COLLEGE_OFFICE, STUDENT, ZONE, Actor, Role, TenantKind, declare
from consortium.students.models import SchoolClass, Student

declare(
    {
        "students.list": COLLEGE,
        "students.read": COLLEGE,
        "students.export": COLLEGE_OFFICE,
        "students.invite": COLLEGE_OFFICE,
        "students.record-consent": COLLEGE_OFFICE,
        "students.protection": COLLEGE,
        "students.looks": COLLEGE,
        "students.twice": COLLEGE_OFFICE | ZONE,
        "students.remind": COLLEGE,
        "students.step": COLLEGE_OFFICE,
        "students.majors": COLLEGE,
        "students.edit-majors": COLLEGE_OFFICE,
        "students.classes": COLLEGE_OFFICE,
        "students.class": COLLEGE,
        "students.edit-classes": COLLEGE_OFFICE,
        "students.assign-adviser": COLLEGE_OFFICE,
        "students.count": ZONE,
        "students.own": STUDENT,
        "students.edit-own": STUDENT,
        "students.consent": STUDENT,
        "students.papers": COLLEGE_OFFICE,
        "students.decide-paper": COLLEGE_OFFICE,
        "students.read-paper": COLLEGE_OFFICE | STUDENT,
    }
)


def classes_of(actor: Actor) -> sa.Select[SchoolClass]:
    """An adviser reaches her own classes, the office all of its college; nobody else any."""
    every = sa.select(SchoolClass).where(SchoolClass.tenant_id == actor.tenant_id)
    if actor.role is Role.CLASS_ADVISER:
        return every.where(SchoolClass.adviser_id == actor.membership_id)
    return every if actor.role in COLLEGE_OFFICE else every.where(sa.false())


def visible_to(actor: Actor) -> sa.Select[Student]:
    """A student sees only herself, an adviser her classes, the college office its own students; nobody else anyone."""
    every = sa.select(Student).where(Student.tenant_id == actor.tenant_id, Student.state != "erased")
    if actor.role is Role.STUDENT:
        return every.where(Student.person_id == actor.person_id)
    if actor.role is Role.CLASS_ADVISER:
        own = sa.select(SchoolClass.id).where(SchoolClass.tenant_id == actor.tenant_id, SchoolClass.adviser_id == actor.membership_id)
        return every.where(Student.class_id.in_(own))
    if actor.tenant_kind is TenantKind.COLLEGE:
        return every
    return every.where(sa.false())
