"""Who may read agreements."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.agreements.models import Agreement
from consortium.shared.access import (
    COLLEGE,
    COLLEGE_OFFICE,
    ENTERPRISE_OFFICE,
    STUDENT,
    Actor,
    Role,
    TenantKind,
    declare,
)
from consortium.students import access as students
from consortium.students.models import Student

READERS = STUDENT | ENTERPRISE_OFFICE | COLLEGE

declare({"agreements.list": READERS, "agreements.read": READERS, "agreements.export": ENTERPRISE_OFFICE | COLLEGE_OFFICE})


def visible_to(actor: Actor) -> sa.Select[Agreement]:
    """The parties' own: the student's, the enterprise office's, the college's (an adviser's: her classes'); nobody else any."""
    every = sa.select(Agreement)
    if actor.tenant_kind is TenantKind.COLLEGE:
        mine = students.visible_to(actor).with_only_columns(Student.id)
        return every.where(Agreement.college_tenant_id == actor.tenant_id, Agreement.student_id.in_(mine))
    if actor.role in (Role.ENTERPRISE_MEMBER, Role.ENTERPRISE_HEAD):
        return every.where(Agreement.enterprise_tenant_id == actor.tenant_id)
    return every.where(sa.false())
