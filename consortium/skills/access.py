"""Everybody signed in may look skills up; who may miss one, and who keeps the vocabulary."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.shared.access import (
    COLLEGE_OFFICE,
    ENTERPRISE_OFFICE,
    EVERYONE,
    STUDENT,
    ZONE,
    Actor,
    TenantKind,
    declare,
)
from consortium.skills.models import SkillProposal

PROPOSERS = STUDENT | COLLEGE_OFFICE | ENTERPRISE_OFFICE

declare(
    {
        "skills.search": EVERYONE,
        "skills.proposals": PROPOSERS | ZONE,
        "skills.propose": PROPOSERS,
        "skills.decide": ZONE,
    }
)


def visible_to(actor: Actor) -> sa.Select[SkillProposal]:
    """The zone sees every proposal, anybody else her own."""
    every = sa.select(SkillProposal)
    return every if actor.tenant_kind is TenantKind.ZONE else every.where(SkillProposal.person_id == actor.person_id)
