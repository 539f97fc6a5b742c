"""The waiting list: kept in order of time, told when a place is free, each once; in pages, API and a crowd."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from consortium.applications import queries, service
from consortium.applications.models import Application
from consortium.applications.tasks import tell_next
from consortium.messages.models import Message
from consortium.positions import service as positions
from consortium.positions.models import Seats
from consortium.shared import clock
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import in_language
from tests import builders


def told(person_id):
    return [m.kind for m in db.session.scalars(sa.select(Message).where(Message.person_id == person_id).order_by(Message.id))]


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


@pytest.fixture
def full(case):
    """The post has one place, and somebody else took it; two more wait, the student of the case first."""
    case.position.seats.places = 1
    winner, he = case.another_student()
    application = service.offer(winner, case.position, by=case.boss)
    service.accept(application, by=he)
    second, she = case.another_student()
    first = service.wait(case.student, case.position, by=case.me)
    later = service.wait(second, case.position, by=she)
    db.session.commit()
    return case, (application, he), (first, case.me), (later, she)


def test_who_joins_shows_nothing_and_stands_in_order_of_time(full):
    case, _winner, (first, _me), (later, _she) = full
    assert (first.state, first.spoken, queries.revealed(first).profile) == ("waitlisted", False, False)
    assert queries.place_in_line(first) == (1, 2)
    assert queries.place_in_line(later) == (2, 2)
    assert told(case.firm.person_id)[-1] == "application-accept", "a place in the line is no application yet"


def test_a_post_with_a_free_place_has_no_waiting_list(case):
    with pytest.raises(Conflict) as refused:
        service.wait(case.student, case.position, by=case.me)
    assert refused.value.code == "not-full"


def test_waiting_twice_is_refused_and_so_is_waiting_after_an_acceptance(full):
    case, (_application, he), _first, _later = full
    with pytest.raises(Conflict) as refused:
        service.wait(case.student, case.position, by=case.me)
    assert refused.value.code == "twice"
    other, _boss = case.another_post(places=1)
    other.seats.taken = 1
    student = db.session.get_one(Application, _application.id).student
    with pytest.raises(Conflict) as refused:
        service.wait(student, other, by=he)
    assert refused.value.code == "placed"


def test_a_place_given_back_is_told_to_the_next_alone_and_once(full):
    case, (application, he), (first, _me), (_later, she) = full
    service.take_back(application, by=he)
    assert told(case.student.person_id) == ["application-free_place"]
    assert "application-free_place" not in told(she.person_id)
    assert service.tell_next(case.position.id) == 0, "one place, one who was told"
    assert service.tell_next_everywhere() == 0
    assert service.apply(case.student, case.position, by=case.me).id == first.id
    assert (first.state, first.waits_since_at) == ("applied", None)


def test_after_two_days_the_next_is_told_as_well(full, monkeypatch):
    _case, (application, he), _first, (_later, she) = full
    service.take_back(application, by=he)
    db.session.commit()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=47))
    assert service.tell_next_everywhere() == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=49))
    tell_next.run()
    tell_next.run()
    assert told(she.person_id) == ["application-free_place"]


def test_the_sweep_finds_a_place_that_somebody_else_freed(full):
    case, _winner, _first, _later = full
    db.session.execute(sa.update(Seats).where(Seats.position_id == case.position.id).values(taken=Seats.taken - 1))  # no news of it
    db.session.commit()
    assert service.tell_next_everywhere() == 1
    assert told(case.student.person_id) == ["application-free_place"]


def test_when_the_place_is_taken_again_whoever_was_told_may_be_told_again(full):
    case, (application, he), (first, _me), (_later, she) = full
    service.take_back(application, by=he)
    third, another = case.another_student()
    again = service.offer(third, case.position, by=case.boss)
    service.accept(again, by=another)
    db.session.refresh(first)
    assert first.told_free_at is None
    service.take_back(again, by=another)
    assert told(case.student.person_id) == ["application-free_place"] * 2
    assert told(she.person_id) == []


def test_closed_in_between_is_kept_and_told_when_the_post_opens_again(case):
    application = case.offered()
    application.spoken = True
    since = application.created_at
    positions.close(case.position, "filled", by=case.boss)
    assert (application.state, application.answer_by) == ("waitlisted", None)
    assert application.waits_since_at >= since
    with pytest.raises(Conflict) as refused:
        service.accept(application, by=case.me)
    with in_language("en"):
        assert "closed" in str(refused.value.what)
    positions.publish(case.position, by=case.boss)
    assert told(case.student.person_id)[-2:] == ["application-keep_waiting", "application-free_place"]


def test_accepting_elsewhere_ends_the_waiting_too(full):
    case, _winner, (first, _me), _later = full
    post, boss = case.another_post()
    offer = service.offer(case.student, post, by=boss)
    assert service.closed_by_acceptance(offer) == [first]
    assert service.accept(offer, by=case.me) == [first]
    assert first.state == "withdrawn"


def test_who_applied_while_it_was_full_waits_in_the_line_too(case):
    case.position.seats.places = 1
    mine = case.applied()
    other, he = case.another_student()
    offer = service.offer(other, case.position, by=case.boss)
    service.accept(offer, by=he)
    assert queries.place_in_line(mine) == (1, 1)
    service.take_back(offer, by=he)
    assert told(case.student.person_id)[-1] == "application-free_place_applied"


def test_joining_leaving_and_the_place_in_line_on_the_pages(full, signed_in_as):
    case, _winner, (first, _me), _later = full
    browser = signed_in_as(case.learner)
    page = text_of(browser.get(f"/applications/{first.public_id}"))
    assert "Number 1 of 2 on the waiting list" in page
    assert "On the waiting list" in text_of(browser.get("/applications"))
    told_by_api = browser.get(f"/api/v1/applications/{first.public_id}").get_json()
    assert (told_by_api["state"], told_by_api["waits_since_at"] is not None) == ("waitlisted", True)
    assert browser.post(f"/applications/{first.public_id}/withdrawal").status_code == 303
    new = text_of(browser.get(f"/applications/new?position={case.position.public_id}"))
    assert "Only join the waiting list" in new
    answer = browser.post("/waiting-lists", {"position": str(case.position.public_id)})
    assert answer.status_code == 303
    db.session.expire_all()
    assert queries.place_in_line(db.session.get_one(Application, first.id)) == (2, 2), "who leaves loses the place"


def test_the_firm_reads_of_the_line_without_a_name(full, signed_in_as):
    case, _winner, (first, _me), _later = full
    page = signed_in_as(case.firm).get(f"/applications/{first.public_id}").get_data(as_text=True)
    for secret in (case.student.name, case.student.phone, case.student.courses):
        assert not secret or secret not in page
    assert "On the waiting list" in page


def test_a_place_given_back_is_told_at_once_to_the_next(full):
    case, _winner, _first, _later = full
    positions.give_back_seat(case.position.id)
    assert told(case.student.person_id) == ["application-free_place"]


def test_one_free_place_under_many_sweeps_at_once_is_told_once(full, app):
    case, _winner, _first, _later = full
    db.session.execute(sa.update(Seats).where(Seats.position_id == case.position.id).values(taken=Seats.taken - 1))  # no news of it
    number, start = case.position.id, Barrier(8)
    db.session.commit()

    def sweep(_):
        with app.app_context():
            start.wait(30)
            n = service.tell_next(number)
            db.session.commit()
            db.session.remove()
            return n

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(sweep, range(8))) == 1
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(Message.kind == "application-free_place")) == 1


def test_the_law_is_asked_before_waiting_as_before_applying(case):
    case.position.seats.taken = case.position.seats.places
    certificate = builders.a_skill("低压电工证", kind="certificate")
    post, _boss = case.another_post(must=(certificate,))
    post.seats.taken = post.seats.places
    with pytest.raises(Conflict) as refused:
        service.wait(case.student, post, by=case.me)
    assert refused.value.facts["rules"] == ["H01"]


def test_who_applies_again_at_a_post_that_opened_again_is_without_a_name_again(case):
    asked = service.invite(case.student, case.position, by=case.boss)
    service.agree_to_invitation(asked, by=case.me)
    assert queries.revealed(asked).name
    positions.close(case.position, "filled", by=case.boss)
    positions.publish(case.position, by=case.boss)
    again = service.apply(case.student, case.position, by=case.me)
    assert (again.state, queries.revealed(again).name) == ("applied", False)
