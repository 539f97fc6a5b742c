"""One voluntary round whose lists are open: posts put in by their enterprises, lists handed in by some students, all through the real services."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from consortium.accounts.models import Membership
from consortium.demonstration.dice import Dice
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.rounds import queries, service
from consortium.rounds.models import Round
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import ConsortiumError
from consortium.students import queries as students
from consortium.students.models import Student

POSTS, STUDENTS, LISTED = 24, 40, 6


def play(seed: int) -> dict[str, int]:
    """Play it and commit; the student to enter as has noted nothing yet, so that there is something to try."""
    dice = Dice(seed, "rounds")
    zone = db.session.scalars(sa.select(Membership).where(Membership.role == Role.ZONE_HEAD.value).order_by(Membership.id)).first()
    wanted = sa.select(Position).where(Position.kind == "internship", Position.state == "open", Position.start_on.is_not(None), Position.end_on.is_not(None))
    open_posts = list(db.session.scalars(wanted.order_by(Position.id).limit(POSTS * 2)))
    if zone is None or not open_posts:
        return {}
    found = service.create(_values(open_posts), by=zone.actor())
    service.announce(found, by=zone.actor())
    db.session.commit()
    n_posts = sum(_takes_part(found.id, post.id) for post in open_posts[:POSTS])
    n_lists = sum(_hands_in(dice, found.id, number) for number in _students())
    return {"posts in a round": n_posts, "lists in it": n_lists}


def _values(open_posts: list[Position]) -> dict[str, object]:
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    instants = {"opens_at": now - timedelta(days=2), "lists_close_at": now + timedelta(days=5), "orders_close_at": now + timedelta(days=7), "publish_at": now + timedelta(days=10)}
    first, last = min(post.start_on for post in open_posts if post.start_on), max(post.end_on for post in open_posts if post.end_on)
    return {
        "name_zh": "春季实习自愿轮次", "name_en": "Voluntary spring round", "start_on": first, "end_on": last, "answer_hours": 48, "most_ranked": 8, "majors": [],
        "year_from": None, "year_to": None, "colleges": [], "codes": [{"code": "p1", "kind": "priority", "name_zh": "家庭经济困难", "name_en": "financial hardship"}], **instants,
    }  # fmt: skip


def _takes_part(round_id: int, position_id: int) -> bool:
    post = positions.by_ids([position_id])[position_id]
    heads = sa.select(Membership).where(Membership.tenant_id == post.tenant_id, Membership.role == Role.ENTERPRISE_HEAD.value)
    head = db.session.scalars(heads.order_by(Membership.id)).first()
    if head is None:
        return False
    try:
        service.take_part(db.session.get_one(Round, round_id), post, places=min(post.seats.places - post.seats.taken, 3) or 1, reserved={}, reserved_stay=False, by=head.actor())
        db.session.commit()
    except ConsortiumError:  # full, or a cap is reached: as in life, it stays out
        db.session.rollback()
        return False
    return True


def _students() -> list[int]:
    """Who may act, without the first: the door to enter by."""
    joined = sa.and_(Membership.person_id == Student.person_id, Membership.role == Role.STUDENT.value)
    return list(db.session.scalars(sa.select(Student.id).join(Membership, joined).where(Student.state == "enrolled").order_by(Membership.id).offset(1).limit(STUDENTS)))


def _hands_in(dice: Dice, round_id: int, student_id: int) -> bool:
    found, student = db.session.get_one(Round, round_id), students.by_ids([student_id])[student_id]
    member = db.session.scalars(sa.select(Membership).where(Membership.person_id == student.person_id, Membership.tenant_id == student.tenant_id)).one()
    own = [option.post.position_id for option in queries.options(found, student)[1].rows if option.open]
    try:
        service.hand_in(found, student, dice.some(own, 1, LISTED)[: found.most_ranked], fill=dice.chance(0.3), by=member.actor())
        db.session.commit()
    except (ConsortiumError, ValueError):  # no consent, placed already, nothing open to her: she stays out
        db.session.rollback()
        return False
    return True
