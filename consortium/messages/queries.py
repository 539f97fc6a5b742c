"""What may be read of messages, and how a person wants to be told."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from consortium.messages import access, rules, wording
from consortium.messages.models import Message, MessageSetting, NumberItem, OutboxItem, Switch
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed


def mine(actor: Actor, page: int = 1) -> Listing:
    """One's messages, newest first."""
    return listed(access.visible_to(actor).order_by(Message.id.desc()), page, 30)


def reachable(actor: Actor, public_id: uuid.UUID) -> Message:
    """One of one's own messages, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(Message.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def unread(actor: Actor) -> int:
    """How many wait."""
    waiting = access.visible_to(actor).where(Message.read_at.is_(None)).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting)) or 0


def outbox(page: int = 1) -> Listing:
    """What left, for the demonstration's page only."""
    return listed(sa.select(OutboxItem).order_by(OutboxItem.id.desc()), page, 30)


def to_numbers(limit: int = 30) -> list[NumberItem]:
    """The latest SMS to numbers without an account, for the demonstration's page only."""
    return list(db.session.scalars(sa.select(NumberItem).order_by(NumberItem.id.desc()).limit(limit)))


def digest_of(person_id: int) -> str:
    """How often this person wants mail that is not pressing."""
    return db.session.scalar(sa.select(MessageSetting.digest).where(MessageSetting.person_id == person_id)) or rules.DAILY


def switched_off(person_id: int, kind: str) -> set[str]:
    """Channels by which this person does not want to be told of a kind, or of its topic."""
    told = (Switch.person_id == person_id, Switch.kind.in_((kind, wording.topic(kind))), Switch.on.is_(False))
    return set(db.session.scalars(sa.select(Switch.channel).where(*told)))


def switches(person_id: int) -> set[tuple[str, str]]:
    """(topic, channel) pairs that are switched off."""
    rows = db.session.execute(sa.select(Switch.kind, Switch.channel).where(Switch.person_id == person_id, Switch.on.is_(False)))
    return {(kind, channel) for kind, channel in rows}


def waiting_for_digest(limit: int) -> list[tuple[int, str]]:
    """Persons for whom something was gathered, and how often they want it; by number."""
    rows = db.session.execute(
        sa.select(Message.person_id, sa.func.coalesce(sa.func.min(MessageSetting.digest), rules.DAILY))
        .outerjoin(MessageSetting, MessageSetting.person_id == Message.person_id)
        .where(Message.in_digest.is_(True), Message.mailed_at.is_(None))
        .group_by(Message.person_id)
        .order_by(sa.func.min(Message.id))
        .limit(limit)
    )
    return [(person_id, how) for person_id, how in rows]
