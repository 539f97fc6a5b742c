"""Abilities around messages."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.messages.models import Message
from consortium.shared.access import EVERYONE, Actor, declare

declare({"messages.read": EVERYONE, "messages.mark": EVERYONE, "messages.settings": EVERYONE, "messages.set": EVERYONE})


def visible_to(actor: Actor) -> sa.Select[Message]:
    """One's own."""
    return sa.select(Message).where(Message.person_id == actor.person_id)
