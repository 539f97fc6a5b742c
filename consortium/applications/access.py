"""Who may read applications and take part in them."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.applications.models import Application, CandidateNote
from consortium.shared.access import (
    COLLEGE,
    COLLEGE_OFFICE,
    ENTERPRISE_OFFICE,
    STUDENT,
    ZONE,
    Actor,
    Role,
    TenantKind,
    declare,
)
from consortium.students import access as students
from consortium.students.models import Student

declare(
    {
        "applications.list": STUDENT | ENTERPRISE_OFFICE | COLLEGE,
        "applications.read": STUDENT | ENTERPRISE_OFFICE | COLLEGE,
        "applications.apply-form": STUDENT,
        "applications.apply": STUDENT,
        "applications.answer": STUDENT,
        "applications.decline": STUDENT | ENTERPRISE_OFFICE,
        "applications.offer": ENTERPRISE_OFFICE,
        "applications.rules": COLLEGE_OFFICE,
        "applications.edit-rules": {Role.COLLEGE_HEAD},
        "applications.export": ENTERPRISE_OFFICE | COLLEGE_OFFICE,
        "applications.board": ENTERPRISE_OFFICE,
        "applications.read-notes": ENTERPRISE_OFFICE,
        "applications.note": ENTERPRISE_OFFICE,
        "applications.shown": STUDENT | ENTERPRISE_OFFICE | COLLEGE | ZONE,
        "applications.record": STUDENT | ENTERPRISE_OFFICE | COLLEGE | ZONE,
        "applications.records": ENTERPRISE_OFFICE | ZONE,
    }
)


def visible_to(actor: Actor) -> sa.Select[Application]:
    """A student's own, a firm's office those of its posts, a college its students' (an adviser her classes'); nobody else any."""
    every = sa.select(Application)
    if actor.tenant_kind is TenantKind.COLLEGE:
        mine = students.visible_to(actor).with_only_columns(Student.id)
        return every.where(Application.college_tenant_id == actor.tenant_id, Application.student_id.in_(mine))
    if actor.role in (Role.ENTERPRISE_MEMBER, Role.ENTERPRISE_HEAD):
        return every.where(Application.enterprise_tenant_id == actor.tenant_id)
    return every.where(sa.false())


def notes_visible_to(actor: Actor) -> sa.Select[CandidateNote]:
    """An enterprise's office its own notes; nobody else any."""
    every = sa.select(CandidateNote)
    return every.where(CandidateNote.tenant_id == actor.tenant_id) if actor.role in ENTERPRISE_OFFICE else every.where(sa.false())
