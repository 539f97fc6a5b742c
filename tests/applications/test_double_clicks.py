"""F15: every form of the student's side sent twice at once, and again after a lost reply, has one effect and never a fault."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from consortium.applications import service
from consortium.applications.models import Application, ApplicationStep
from consortium.positions.models import Seats
from consortium.proposals.models import Alert, Choice
from consortium.shared.db import db

AT_ONCE = 2


def twice(app, browser, url, fields, *, keyed=True):
    """Send one form twice at the same moment, then once more; the three statuses."""
    sent = {**fields, "csrf_token": browser.csrf(), **({"form_key": str(uuid.uuid4())} if keyed else {})}
    cookies = {c.key: c.value for c in browser.client._cookies.values()}
    start = Barrier(AT_ONCE)
    db.session.commit()
    db.session.remove()

    def once(_):
        client = app.test_client()
        for name, value in cookies.items():
            client.set_cookie(name, value)
        start.wait(20)
        return client.post(url, data=sent).status_code

    with ThreadPoolExecutor(AT_ONCE) as two:
        statuses = list(two.map(once, range(AT_ONCE)))
    return [*statuses, browser.client.post(url, data=sent).status_code]


def steps(name):
    return db.session.scalar(sa.select(sa.func.count()).select_from(ApplicationStep).where(ApplicationStep.step == name))


@pytest.fixture
def sender(app, case, signed_in_as):
    browser = signed_in_as(case.learner)
    return lambda url, fields=None, **more: twice(app, browser, url, fields or {}, **more)


def told(statuses, allowed):
    assert all(status in allowed for status in statuses), statuses
    assert any(status == 303 for status in statuses), statuses


def test_applying(case, sender):
    told(sender("/applications", {"position": str(case.position.public_id)}), {303, 409})
    assert (steps("apply"), db.session.scalar(sa.select(sa.func.count()).select_from(Application))) == (1, 1)


def test_accepting(case, sender):
    number, public = (one := case.offered()).id, one.public_id
    position_id = case.position.id
    told(sender(f"/applications/{public}/acceptance", keyed=False), {303, 409})
    assert steps("accept") == 1
    assert db.session.scalar(sa.select(Seats.taken).where(Seats.position_id == position_id)) == 1
    assert db.session.get_one(Application, number).state == "accepted"


def test_taking_back(case, sender):
    application = case.offered()
    service.accept(application, by=case.me)
    position_id, url = case.position.id, f"/applications/{application.public_id}/taking-back"
    told(sender(url, keyed=False), {303, 409})
    assert steps("take_back") == 1
    assert db.session.scalar(sa.select(Seats.taken).where(Seats.position_id == position_id)) == 0


def test_joining_a_waiting_list(case, sender):
    case.position.seats.taken = case.position.seats.places
    told(sender("/waiting-lists", {"position": str(case.position.public_id)}), {303, 409})
    assert steps("wait") == 1


def test_declining_and_withdrawing(case, sender):
    application = case.offered()
    told(sender(f"/applications/{application.public_id}/declination", {"reason": "pay"}, keyed=False), {303, 409})
    assert steps("decline") == 1


def test_keeping_a_search(case, sender):
    told(sender("/alerts", {"name": "园区", "kind": "job"}), {303, 409})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Alert)) == 1


def test_saving_a_post_twice_leaves_it_saved(case, sender):
    told(sender(f"/matches/{case.position.public_id}/choices", {"what": "saved"}, keyed=False), {303})
    assert set(db.session.scalars(sa.select(Choice.what))) == {"saved"}
