"""Who may see which desk, and whose figures."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.organisations.models import BureauReach
from consortium.shared.access import BUREAU, EVERYONE, ZONE, Actor, TenantKind, declare

declare(
    {
        "dashboards.desk": EVERYONE,
        "dashboards.figures": ZONE | BUREAU,
        "dashboards.supply-demand": ZONE,
        "dashboards.rules": ZONE,
    }
)


def visible_to(actor: Actor) -> sa.Select[int]:
    """Ids of the tenants whose figures this reader may see: the zone all, a bureau its reach, others their own."""
    if actor.tenant_kind is TenantKind.ZONE:
        return sa.select(Tenant.id)
    if actor.tenant_kind is TenantKind.BUREAU:
        return sa.select(BureauReach.tenant_id).where(BureauReach.bureau_tenant_id == actor.tenant_id)
    return sa.select(Tenant.id).where(Tenant.id == actor.tenant_id)
