"""Who waits for a place, in which order, and what the colleges' rules say of acceptances."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from consortium.applications import lifecycle
from consortium.applications.models import AcceptanceRule, Application
from consortium.applications.rules import Terms
from consortium.positions.models import Position, Seats
from consortium.shared.access import Actor
from consortium.shared.db import db

WAITS = sa.and_(Application.waits_since_at.is_not(None), Application.state.in_((lifecycle.WAITLISTED, *lifecycle.AWAITS_ENTERPRISE)))


def place_in_line(application: Application) -> tuple[int, int] | None:
    """Which one she is of how many who wait for this post; None for who does not wait."""
    if application.waits_since_at is None or application.state not in (lifecycle.WAITLISTED, *lifecycle.AWAITS_ENTERPRISE):
        return None
    inside = sa.select(sa.func.count()).where(Application.position_id == application.position_id, WAITS)
    earlier = sa.or_(
        Application.waits_since_at < application.waits_since_at, sa.and_(Application.waits_since_at == application.waits_since_at, Application.id < application.id)
    )
    return 1 + (db.session.scalar(inside.where(earlier)) or 0), db.session.scalar(inside) or 1


def next_waiting(position_id: int, n: int) -> list[Application]:
    """The next of the list who have not been told, those who wait longest first."""
    statement = sa.select(Application).where(Application.position_id == position_id, WAITS, Application.told_free_at.is_(None))
    return list(db.session.scalars(statement.order_by(Application.waits_since_at, Application.id).limit(n))) if n else []


def n_told_lately(position_id: int, since: datetime) -> int:
    """How many of the list were told of a free place since then and still wait."""
    return db.session.scalar(sa.select(sa.func.count()).where(Application.position_id == position_id, WAITS, Application.told_free_at > since)) or 0


def posts_with_place_and_waiting(told_since: datetime, limit: int) -> list[int]:
    """Open posts with more free places than people told of them lately, and somebody who has not been told."""
    lately = sa.select(sa.func.count()).where(Application.position_id == Position.id, WAITS, Application.told_free_at > told_since).scalar_subquery()
    untold = sa.select(Application.position_id).where(WAITS, Application.told_free_at.is_(None))
    statement = sa.select(Position.id).join(Seats, Seats.position_id == Position.id)
    statement = statement.where(Position.state == "open", Position.id.in_(untold), Seats.places - Seats.taken > lately)
    return list(db.session.scalars(statement.order_by(Position.id).limit(limit)))


def terms_of(college_tenant_id: int, kind: str) -> Terms:
    """What acceptance binds this college's students to; what is usual where it has said nothing."""
    found = db.session.scalar(sa.select(AcceptanceRule).where(AcceptanceRule.tenant_id == college_tenant_id, AcceptanceRule.kind == kind))
    return Terms(found.closes_other_kind, found.back_hours) if found is not None else Terms()


def rule_rows(actor: Actor) -> dict[str, AcceptanceRule]:
    """A college's own rows, by kind."""
    return {row.kind: row for row in db.session.scalars(sa.select(AcceptanceRule).where(AcceptanceRule.tenant_id == actor.tenant_id))}
