"""Who may read and record what makes a rule give way."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.compliance.models import Filing, Mentor, Override
from consortium.shared.access import (
    COLLEGE,
    COLLEGE_OFFICE,
    ENTERPRISE,
    ENTERPRISE_OFFICE,
    ZONE,
    Actor,
    Role,
    TenantKind,
    declare,
)

declare(
    {
        "compliance.filings": ENTERPRISE_OFFICE | COLLEGE | ZONE,
        "compliance.filing-form": ENTERPRISE_OFFICE | COLLEGE_OFFICE,
        "compliance.file": ENTERPRISE_OFFICE | COLLEGE_OFFICE,
        "compliance.verify-filing": ZONE,
        "compliance.overrides": ENTERPRISE_OFFICE | COLLEGE | ZONE,
        "compliance.override-form": COLLEGE_OFFICE,
        "compliance.override": COLLEGE_OFFICE,
        "compliance.mentors": ENTERPRISE,
        "compliance.edit-mentors": ENTERPRISE_OFFICE,
        "compliance.law-tables": ZONE,
        "compliance.edit-law-tables": frozenset({Role.ZONE_HEAD}),
    }
)


def filings_visible_to(actor: Actor) -> sa.Select[Filing]:
    """An enterprise its own; colleges and the zone all; others none."""
    every = sa.select(Filing)
    if actor.tenant_kind in (TenantKind.ZONE, TenantKind.COLLEGE):
        return every
    return every.where(Filing.tenant_id == actor.tenant_id if actor.tenant_kind is TenantKind.ENTERPRISE else sa.false())


def overrides_visible_to(actor: Actor) -> sa.Select[Override]:
    """A college what it recorded, an enterprise what is about it, the zone all."""
    every = sa.select(Override)
    if actor.tenant_kind is TenantKind.ZONE:
        return every
    if actor.tenant_kind is TenantKind.COLLEGE:
        return every.where(Override.college_tenant_id == actor.tenant_id)
    return every.where(Override.enterprise_tenant_id == actor.tenant_id if actor.tenant_kind is TenantKind.ENTERPRISE else sa.false())


def mentors_visible_to(actor: Actor) -> sa.Select[Mentor]:
    """An enterprise its own."""
    return sa.select(Mentor).where(Mentor.tenant_id == actor.tenant_id if actor.tenant_kind is TenantKind.ENTERPRISE else sa.false())
