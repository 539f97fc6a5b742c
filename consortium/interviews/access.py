"""Who may read interviews, offer times, pick one, and say what came of it."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.applications import access as applications
from consortium.applications.models import Application
from consortium.interviews.models import Interview, Slot
from consortium.shared.access import COLLEGE, ENTERPRISE_OFFICE, STUDENT, Actor, declare

declare(
    {
        "interviews.list": STUDENT | ENTERPRISE_OFFICE | COLLEGE,
        "interviews.read": STUDENT | ENTERPRISE_OFFICE | COLLEGE,
        "interviews.pick": STUDENT,
        "interviews.times": ENTERPRISE_OFFICE,
        "interviews.offer": ENTERPRISE_OFFICE,
    }
)


def visible_to(actor: Actor) -> sa.Select[Interview]:
    """Whoever may read the application may read its interviews."""
    mine = applications.visible_to(actor).with_only_columns(Application.id)
    return sa.select(Interview).where(Interview.application_id.in_(mine))


def slots_visible_to(actor: Actor) -> sa.Select[Slot]:
    """An enterprise's office its own times; a student reads times through her interview alone."""
    every = sa.select(Slot)
    return every.where(Slot.tenant_id == actor.tenant_id) if actor.role in ENTERPRISE_OFFICE else every.where(sa.false())
