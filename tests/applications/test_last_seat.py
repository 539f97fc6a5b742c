"""The last seats under a crowd: exactly as many acceptances as places, never two of one student."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.agreements.models import Agreement
from consortium.applications import service
from consortium.applications.models import Application
from consortium.positions.models import Position, Seats
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import ConsortiumError
from consortium.students.models import Student
from tests import builders

CROWD, SEATS = 200, 5
ROUNDS = int(os.environ.get("LAST_SEAT_ROUNDS", "2"))  # 50 in `make audit`


def an_offer(student, position):
    return builders.saved(
        Application(
            college_tenant_id=student.tenant_id, enterprise_tenant_id=position.tenant_id, student_id=student.id, position_id=position.id,
            kind=position.kind, state="offered", begun_by="enterprise", answer_by=None,
        )
    )


def at_once(app, acts):
    """Run every act in a thread, an app context and a session of its own, all starting together; what each ended with."""
    start = Barrier(len(acts))

    def run(act):
        start.wait(60)
        with app.app_context():
            try:
                act()
                db.session.commit()
                return "accepted"
            except ConsortiumError as refused:
                db.session.rollback()
                return refused.code
            except Exception as error:
                db.session.rollback()
                return f"{type(error).__name__}: {error}"[:300]
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return Counter(crowd.map(run, acts))


def accepting(number, actor):
    return lambda: service.accept(db.session.get_one(Application, number), by=actor)


@pytest.fixture
def crowd(app):
    """200 students of one college, each with an offer for the same post of 5 seats."""
    college, enterprise = builders.a_college(), builders.an_enterprise()
    builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, enterprise.tenant_id))
    position = builders.a_position(enterprise, places=SEATS, venue="factory")
    offers = []
    for _ in range(CROWD):
        student = builders.a_student(college)
        actor = Actor(1, 1, student.tenant_id, TenantKind.COLLEGE, Role.STUDENT)
        offers.append((an_offer(student, position).id, actor))
    number = position.id
    db.session.commit()
    return number, offers


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_hundred_acceptances_for_five_seats_are_exactly_five(app, crowd, turn):
    position_id, offers = crowd
    ended = at_once(app, [accepting(number, actor) for number, actor in offers])
    assert ended == {"accepted": SEATS, "full": CROWD - SEATS}
    db.session.rollback()
    seats = db.session.get_one(Seats, position_id, populate_existing=True)
    assert (seats.taken, seats.places) == (SEATS, SEATS)
    count = sa.select(sa.func.count()).select_from(Application).where(Application.state == "accepted")
    assert db.session.scalar(count) == SEATS == db.session.scalar(sa.select(sa.func.count()).select_from(Agreement))


def test_of_two_offers_accepted_at_once_by_one_student_one_wins(app):
    college = builders.a_college()
    pairs = []
    for _ in range(8):
        student = builders.a_student(college)
        actor = Actor(1, 1, student.tenant_id, TenantKind.COLLEGE, Role.STUDENT)
        pairs.append([(an_offer(student, builders.a_position(places=3, venue="factory")).id, actor) for _ in range(2)])
    db.session.commit()
    ended = at_once(app, [accepting(number, actor) for pair in pairs for number, actor in pair])
    assert ended == {"accepted": 8, "placed": 8}
    db.session.rollback()
    twice = sa.select(Application.student_id).where(Application.state == "accepted").group_by(Application.student_id).having(sa.func.count() > 1)
    assert db.session.scalars(twice).all() == []
    assert db.session.scalar(sa.select(sa.func.sum(Seats.taken))) == 8


def test_accepting_while_the_post_is_closed_ends_in_one_of_the_two(app, crowd):
    position_id, offers = crowd
    db.session.execute(sa.update(Seats).values(places=CROWD))
    db.session.execute(sa.update(Application).where(Application.id.not_in([n for n, _actor in offers[:20]])).values(state="declined"))
    db.session.commit()
    acts = [accepting(number, actor) for number, actor in offers[:20]]
    acts.insert(10, lambda: service.close_for_position(position_id))
    ended = at_once(app, acts)
    assert set(ended) <= {"accepted", "wrong-state"}
    db.session.rollback()
    states = Counter(db.session.scalars(sa.select(Application.state)))
    assert states["accepted"] == db.session.scalar(sa.select(Seats.taken)) == ended["accepted"] - 1
    assert db.session.get_one(Position, position_id) is not None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == CROWD
