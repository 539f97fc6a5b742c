"""The seats of a post: taken and given back by one conditional UPDATE each."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.compliance import service as mentoring
from consortium.organisations import service as organisations
from consortium.positions.events import place_freed
from consortium.positions.lifecycle import CLOSED, OPEN
from consortium.positions.models import Position, Seats
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l


def take_seat(position_id: int) -> None:
    """One seat, by one conditional UPDATE: never more than there are. Raises Conflict(code="full")."""
    taken = db.session.execute(
        sa.update(Seats)
        .where(Seats.position_id == position_id, Seats.taken < Seats.places)
        .values(taken=Seats.taken + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("All places of this post are taken."), code="full")


def give_back_seat(position_id: int) -> None:
    """The reverse; of a post that was full, who waits can be told."""
    given = db.session.execute(
        sa.update(Seats)
        .where(Seats.position_id == position_id, Seats.taken > 0)
        .values(taken=Seats.taken - 1)
        .execution_options(synchronize_session=False)
    )
    if given.rowcount != 1:  # type: ignore[attr-defined]
        return
    now = sa.select(Position.state, Seats.places, Seats.places - Seats.taken).join(Seats, Seats.position_id == Position.id).where(Position.id == position_id)
    state, places, free = db.session.execute(now).one()
    if state == OPEN and free == 1:
        place_freed.announce(position_id=position_id)
    elif state == CLOSED:  # its hold was shrunk to those who are there: one fewer now
        position = db.session.get_one(Position, position_id)
        organisations.keep_quota(position.tenant_id, position.public_id, places - free)
        mentoring.keep_mentors(position.public_id, places - free)
