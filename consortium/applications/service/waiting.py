"""The waiting list of a full or closed post: joined in order of time, told when a place becomes free. Flushes; the edge commits."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.applications import lifecycle, queries, rules
from consortium.applications.events import application_stepped
from consortium.applications.models import Application
from consortium.applications.service.steps import begun, begun_before, free_seats, lock, refuse_unlawful, take
from consortium.positions.models import Position, Seats
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students.models import Student

POSTS_A_SWEEP = 200


def wait(student: Student, position: Position, *, by: Actor) -> Application:
    """The student joins the waiting list of a post that is full or takes no applications now. Raises Conflict where she could simply apply."""
    lock(student.id)
    if position.state == "open" and free_seats(position.id) > 0:
        raise Conflict(_l("This post has a free place."), how=_l("You need not wait: apply for it."), code="not-full")
    found = begun_before(student, position, lifecycle.LIVE)
    refuse_unlawful(student, position, by_student=True)
    return take("wait", found or begun(student, position, "student"), by, spoken=False, identity_open=False, waits_since_at=clock.now(), told_free_at=None)


def keep_waiting(application: Application) -> Application:
    """The post was closed in between: who had applied, or agreed, keeps her place in the order of time."""
    since = next((s.created_at for s in reversed(application.steps) if s.step in ("apply", "agree", "accept")), application.created_at)
    return take(
        "keep_waiting", application, None, reason="position-closed", answer_by=None, identity_open=False, waits_since_at=application.waits_since_at or since, told_free_at=None
    )  # fmt: skip


def note_filled(position_id: int) -> None:
    """The last place was taken: who has applied waits from when she applied, and whoever was told of a free place may be told again.

    Whoever is accepting this very moment is passed over: she waits for the seat that this transaction holds, and her offer stands anyway.
    """
    here = sa.select(Application.id).where(Application.position_id == position_id).order_by(Application.id).with_for_update(skip_locked=True)
    told = list(db.session.scalars(here.where(Application.told_free_at.is_not(None))))
    spoken = list(db.session.scalars(here.where(Application.state.in_(lifecycle.OPEN), Application.spoken, Application.waits_since_at.is_(None))))
    for ids, values in ((told, {"told_free_at": None}), (spoken, {"waits_since_at": Application.created_at})):
        if ids:
            db.session.execute(sa.update(Application).where(Application.id.in_(ids)).values(**values).execution_options(synchronize_session="fetch"))


def tell_next(position_id: int) -> int:
    """Tell the next on the list of a place that is free; returns how many. Twice is safe: the seats are locked, and each is told once."""
    seats = db.session.scalar(
        sa.select(Seats).where(Seats.position_id == position_id).with_for_update().execution_options(populate_existing=True)
    )
    position = db.session.get(Position, position_id)
    if seats is None or position is None or position.state != "open":
        return 0
    now = clock.now()
    lately = queries.n_told_lately(position_id, now - rules.TOLD_FOR)
    n = 0
    for application in queries.next_waiting(position_id, rules.n_to_tell(seats.places - seats.taken, lately)):
        claimed = db.session.execute(
            sa.update(Application)
            .where(Application.id == application.id, Application.told_free_at.is_(None))
            .values(told_free_at=now)
            .execution_options(synchronize_session=False)
        )
        if claimed.rowcount == 1:  # type: ignore[attr-defined]
            db.session.refresh(application, ["told_free_at"])
            audit.record("tell-free-place", application, by=None)
            application_stepped.announce(application_id=application.id, step="free_place")
            n += 1
    return n


def tell_next_everywhere() -> int:
    """The same for every open post with a free place and somebody who waits and was not told; returns how many were told."""
    return sum(tell_next(number) for number in queries.posts_with_place_and_waiting(clock.now() - rules.TOLD_FOR, POSTS_A_SWEEP))
