"""Who may see rounds and take part in them."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.rounds import lifecycle
from consortium.rounds.models import Round, RoundCollege
from consortium.shared.access import (
    COLLEGE,
    COLLEGE_OFFICE,
    ENTERPRISE_OFFICE,
    STUDENT,
    ZONE,
    Actor,
    TenantKind,
    declare,
)

SIDES = STUDENT | COLLEGE | ENTERPRISE_OFFICE | ZONE

declare(
    {
        "rounds.list": SIDES,
        "rounds.read": SIDES,
        "rounds.write-form": ZONE,
        "rounds.write": ZONE,
        "rounds.steer": ZONE,
        "rounds.verify": ZONE,
        "rounds.rank": STUDENT,
        "rounds.result": STUDENT,
        "rounds.take-part": ENTERPRISE_OFFICE,
        "rounds.candidates": ENTERPRISE_OFFICE,
        "rounds.order": ENTERPRISE_OFFICE,
        "rounds.bear": COLLEGE_OFFICE,
        "rounds.results": COLLEGE | ENTERPRISE_OFFICE | ZONE,
        "rounds.export": COLLEGE_OFFICE | ZONE,
    }
)


def announced() -> sa.Select[Round]:
    """What everybody may know of."""
    return sa.select(Round).where(Round.state.in_(lifecycle.KNOWN))


def visible_to(actor: Actor) -> sa.Select[Round]:
    """The zone all, enterprises what is announced, colleges and students what is announced to their college; nobody else any."""
    if actor.role in ZONE:
        return sa.select(Round)
    if actor.tenant_kind is TenantKind.COLLEGE:
        any_college = ~sa.exists().where(RoundCollege.round_id == Round.id)
        own = sa.exists().where(RoundCollege.round_id == Round.id, RoundCollege.tenant_id == actor.tenant_id)
        return announced().where(sa.or_(any_college, own))
    return announced() if actor.role in ENTERPRISE_OFFICE else sa.select(Round).where(sa.false())
