"""Abilities around one's own account and the people of one's organisation."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.accounts.models import Membership
from consortium.shared.access import EVERYONE, HEADS, STUDENT, Actor, declare

declare(
    {
        "signed-in": EVERYONE,
        "accounts.own": EVERYONE,
        "accounts.change-own": EVERYONE,
        "accounts.read-colleagues": HEADS,
        "accounts.invite": HEADS,
        "accounts.suspend": HEADS,
        "accounts.change-role": HEADS,
        "accounts.hand-over": HEADS,
        "accounts.leave": EVERYONE - STUDENT,
        "accounts.decide-join": HEADS,
    }
)


def visible_to(actor: Actor) -> sa.Select[Membership]:
    """Memberships of one's own organisation, students' left out (they are read through `students`)."""
    return sa.select(Membership).where(Membership.tenant_id == actor.tenant_id, Membership.role != "student")
