"""Who may start and read runs, and who sees which matches."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.proposals.models import Run
from consortium.shared.access import COLLEGE, ENTERPRISE, ENTERPRISE_OFFICE, STUDENT, ZONE, Actor, TenantKind, declare

declare(
    {
        "proposals.matches": STUDENT,
        "proposals.choose": STUDENT,
        "proposals.candidates": ENTERPRISE,
        "proposals.supply": ENTERPRISE_OFFICE,
        "proposals.gaps": COLLEGE,
        "proposals.runs": ZONE,
        "proposals.start": ZONE,
    }
)


def visible_to(actor: Actor) -> sa.Select[Run]:
    """The zone sees the runs over everything; nobody else any."""
    every = sa.select(Run).where(Run.scope == "all")
    return every if actor.tenant_kind is TenantKind.ZONE else every.where(sa.false())
