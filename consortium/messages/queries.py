"""What may be read of messages."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.messages import access
from consortium.messages.models import Message, OutboxItem
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.listing import Listing, listed


def mine(actor: Actor, page: int = 1) -> Listing:
    """One's messages, newest first."""
    return listed(access.visible_to(actor).order_by(Message.id.desc()), page, 30)


def unread(actor: Actor) -> int:
    """How many wait."""
    waiting = access.visible_to(actor).where(Message.read_at.is_(None)).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting)) or 0


def outbox(page: int = 1) -> Listing:
    """What left, for the demonstration's page only."""
    return listed(sa.select(OutboxItem).order_by(OutboxItem.id.desc()), page, 30)
