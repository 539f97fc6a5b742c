"""Who may start and read runs, who sees which matches, and who decides by which coefficients."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.proposals.models import Run, Scoring
from consortium.shared.access import (
    COLLEGE,
    ENTERPRISE,
    ENTERPRISE_OFFICE,
    STUDENT,
    ZONE,
    Actor,
    Role,
    TenantKind,
    declare,
)

declare(
    {
        "proposals.matches": STUDENT,
        "proposals.choose": STUDENT,
        "proposals.candidates": ENTERPRISE,
        "proposals.supply": ENTERPRISE_OFFICE,
        "proposals.gaps": COLLEGE,
        "proposals.runs": ZONE,
        "proposals.start": ZONE,
        "proposals.learning": ZONE,
        "proposals.serve": {Role.ZONE_HEAD},
        "proposals.doubts": ZONE,
    }
)


def visible_to(actor: Actor) -> sa.Select[Run]:
    """The zone sees the runs over everything; nobody else any."""
    every = sa.select(Run).where(Run.scope == "all")
    return every if actor.tenant_kind is TenantKind.ZONE else every.where(sa.false())


def scorings_visible_to(actor: Actor) -> sa.Select[Scoring]:
    """The zone sees every version of the coefficients; nobody else any."""
    every = sa.select(Scoring)
    return every if actor.tenant_kind is TenantKind.ZONE else every.where(sa.false())
