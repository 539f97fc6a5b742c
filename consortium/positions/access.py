"""Who may read and change posts."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.positions.models import Position
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
        "positions.save-columns": ENTERPRISE_OFFICE | COLLEGE_OFFICE | ZONE,
        "positions.write-form": ENTERPRISE_OFFICE,
        "positions.verdicts": ENTERPRISE | ZONE,
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
