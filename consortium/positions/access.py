"""Who may read and change posts."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.positions.models import CapOverride, Position
from consortium.shared.access import (
    COLLEGE,
    COLLEGE_OFFICE,
    ENTERPRISE,
    ENTERPRISE_OFFICE,
    STUDENT,
    ZONE,
    Actor,
    TenantKind,
    declare,
)

declare(
    {
        "positions.list": ENTERPRISE | COLLEGE | ZONE,
        "positions.read": ENTERPRISE | COLLEGE | ZONE | STUDENT,
        "positions.write": ENTERPRISE_OFFICE,
        "positions.export": ENTERPRISE_OFFICE | COLLEGE_OFFICE | ZONE,
        "positions.write-form": ENTERPRISE_OFFICE,
        "positions.verdicts": ENTERPRISE | ZONE,
        "positions.rules": ZONE,
        "positions.templates": ENTERPRISE_OFFICE,
        "positions.repeat-form": ENTERPRISE_OFFICE,
        "positions.overrides": ENTERPRISE_OFFICE | COLLEGE_OFFICE | ZONE,
        "positions.override-form": ENTERPRISE_OFFICE,
        "positions.ask-override": ENTERPRISE_OFFICE,
        "positions.answer-override": COLLEGE_OFFICE,
        "positions.minimum-wages": ENTERPRISE | ZONE,
        "positions.set-minimum-wage": ZONE,
    }
)


def visible_to(actor: Actor) -> sa.Select[Position]:
    """An enterprise sees its own; students and colleges what is or was open; the zone all but drafts."""
    every = sa.select(Position)
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        return every.where(Position.tenant_id == actor.tenant_id)
    if actor.tenant_kind in (TenantKind.COLLEGE, TenantKind.ZONE):
        return every.where(Position.state != "draft")
    return every.where(sa.false())


def overrides_visible_to(actor: Actor) -> sa.Select[CapOverride]:
    """A firm sees what it asked, a college what it was asked, the zone all."""
    every = sa.select(CapOverride)
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        return every.where(CapOverride.tenant_id == actor.tenant_id)
    if actor.tenant_kind is TenantKind.COLLEGE:
        return every.where(CapOverride.college_tenant_id == actor.tenant_id)
    if actor.tenant_kind is TenantKind.ZONE:
        return every
    return every.where(sa.false())
