"""Who may read and change organisations."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.organisations.models import Enterprise
from consortium.shared.access import (
    BUREAU,
    COLLEGE,
    COLLEGE_OFFICE,
    ENTERPRISE,
    ENTERPRISE_OFFICE,
    EVERYONE,
    ZONE,
    Actor,
    TenantKind,
    declare,
)  # fmt: skip

declare(
    {
        "organisations.own-enterprise": ENTERPRISE,
        "organisations.edit-enterprise": ENTERPRISE_OFFICE,
        "organisations.list-enterprises": ZONE | COLLEGE,
        "organisations.read-enterprise": ZONE | COLLEGE | ENTERPRISE,
        "organisations.verify": ZONE,
        "organisations.record-visit": COLLEGE_OFFICE,
        "organisations.typeahead": EVERYONE - BUREAU,
        "organisations.answer-check": ENTERPRISE_OFFICE,
        "organisations.checks": ZONE,
        "organisations.decide-check": ZONE,
        "organisations.zone-list": ZONE,
        "organisations.edit-zone-list": ZONE,
        "organisations.intents": ZONE,
        "organisations.ask-intents": ZONE,
        "organisations.own-intent": ENTERPRISE_OFFICE,
        "organisations.answer-intent": ENTERPRISE_OFFICE,
        "organisations.read-lists": ZONE | COLLEGE | ENTERPRISE,
        "organisations.write-list-form": ENTERPRISE_OFFICE,
        "organisations.write-list": ENTERPRISE_OFFICE,
        "organisations.export-lists": ZONE,
    }
)


def visible_to(actor: Actor) -> sa.Select[Enterprise]:
    """An enterprise sees itself; colleges and the zone see all; others none."""
    every = sa.select(Enterprise)
    if actor.tenant_kind in (TenantKind.ZONE, TenantKind.COLLEGE):
        return every
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        return every.where(Enterprise.tenant_id == actor.tenant_id)
    return every.where(sa.false())
