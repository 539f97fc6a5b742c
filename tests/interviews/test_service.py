"""Asking, picking, moving, and what came of it, each with all that belongs to it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from consortium.applications import service as applications
from consortium.applications.models import Application
from consortium.interviews import notify, service
from consortium.interviews.models import Interview, Slot
from consortium.interviews.tasks import remind
from consortium.messages.models import Message, OutboxItem
from consortium.positions import service as positions
from consortium.shared import clock
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Forbidden, Invalid, NotFound
from consortium.shared.i18n import in_language


def told(person_id):
    return [m.kind for m in db.session.scalars(sa.select(Message).where(Message.person_id == person_id).order_by(Message.id)) if m.kind.startswith("interview")]


def taken(slot):
    return db.session.scalar(sa.select(Slot.taken).where(Slot.id == slot.id))


def test_an_applicant_is_asked_picks_and_both_sides_are_told(case):
    interview = case.asked()
    assert told(case.learner.person_id) == ["interview-ask"]
    service.pick(interview, case.slots[0], by=case.me)
    assert (interview.state, interview.slot_id, taken(case.slots[0])) == ("booked", case.slots[0].id, 1)
    assert told(case.firm.person_id) == ["interview-book"]
    application = db.session.get_one(Application, case.application.id)
    assert application.meets_at == case.slots[0].starts_at
    assert [s.step for s in application.steps] == ["apply", "meet_ask", "meet_book"]
    assert {"ask-interview", "book-interview"} <= set(db.session.scalars(sa.select(AuditLine.act)))


def test_agreeing_on_a_time_does_not_open_the_name(case):
    case.booked()
    assert not case.application.identity_open
    facts = db.session.scalar(sa.select(Message.facts).where(Message.kind == "interview-book"))
    assert case.student.name not in str(facts)
    assert facts["who"].startswith("A-")


def test_who_has_not_spoken_cannot_be_asked_and_nobody_is_asked_twice(case):
    from tests import builders

    silent = builders.a_student(case.college)
    invited = applications.invite(silent, case.position, by=case.boss)
    outcome = service.ask([case.application, invited, case.application], by=case.boss)
    assert len(outcome.done) == 1
    assert len(outcome.skipped) == 2


def test_without_a_free_time_nobody_is_asked(case):
    db.session.execute(sa.update(Slot).values(cancelled_at=clock.now()))
    outcome = service.ask([case.application], by=case.boss)
    assert not outcome.done
    with in_language("en"):
        assert "offer times first" in str(outcome.skipped[0][1])


def test_another_enterprise_cannot_ask_and_another_post_has_no_time_here(case):
    interview, slot, boss = case.elsewhere()
    assert service.ask([case.application], by=boss.actor()).done == []
    with pytest.raises(NotFound):
        service.pick(interview, case.slots[0], by=case.me)
    with pytest.raises(NotFound):
        service.add_slots(case.position, {}, by=boss.actor())
    assert slot.taken == 0


def test_moving_to_another_time_gives_the_first_back(case):
    interview = case.booked()
    service.pick(interview, case.slots[1], by=case.me)
    assert [taken(s) for s in case.slots] == [0, 1]
    service.pick(interview, case.slots[1], by=case.me)
    assert [taken(s) for s in case.slots] == [0, 1]
    service.pick(interview, case.slots[0], by=case.me)
    assert [taken(s) for s in case.slots] == [1, 0]


def test_a_full_time_is_refused_and_nothing_changes(case):
    case.booked()
    application, she, _ = case.another()
    second = service.ask([application], by=case.boss).done[0]
    with pytest.raises(Conflict) as refused:
        service.pick(second, case.slots[0], by=she)
    assert refused.value.code == "full"
    assert (second.state, taken(case.slots[0])) == ("asked", 1)


def test_a_time_at_which_the_student_is_elsewhere_is_told_and_refused(case):
    case.booked()
    interview, slot, _ = case.elsewhere()
    with pytest.raises(Conflict) as refused:
        service.pick(interview, slot, by=case.me)
    assert refused.value.code == "clash"
    assert case.position.title in str(refused.value.why)
    assert slot.taken == 0
    slot.starts_at += timedelta(minutes=30)
    db.session.flush()
    service.pick(interview, slot, by=case.me)
    assert interview.state == "booked"


def test_a_time_that_begins_within_the_hour_is_neither_picked_nor_given_back(case):
    interview = case.booked()
    case.slots[0].starts_at = clock.now() + timedelta(minutes=30)
    db.session.flush()
    with pytest.raises(Conflict) as refused:
        service.pick(interview, case.slots[1], by=case.me)
    assert refused.value.code == "too-late"


def test_declining_frees_the_place_and_leaves_the_application(case):
    interview = case.booked()
    with pytest.raises(Invalid):
        service.decline(interview, by=case.me, reason="nonsense")
    service.decline(interview, by=case.me, reason="no-time")
    assert (interview.state, taken(case.slots[0]), case.application.state) == ("declined", 0, "applied")
    assert db.session.get_one(Application, case.application.id).meets_at is None
    again = service.ask([case.application], by=case.boss)
    assert len(again.done) == 1, "asked anew"


def test_moving_a_time_tells_who_agreed_on_it(case):
    interview = case.booked()
    slot, later = case.slots[0], case.slots[0].starts_at + timedelta(days=1)
    n = service.edit_slot(slot, {"starts_at": later, "minutes": 30, "place": "别处", "link": "", "places": 1}, by=case.boss)
    assert n == 1
    assert told(case.learner.person_id)[-1] == "interview-moved"
    assert (interview.state, db.session.get_one(Application, case.application.id).meets_at) == ("booked", later)
    assert service.edit_slot(slot, {"starts_at": later, "minutes": 30, "place": "别处", "link": "", "places": 3}, by=case.boss) == 0, "more places is no move"
    with pytest.raises(Invalid):
        service.edit_slot(slot, {"starts_at": later, "minutes": 30, "place": "", "link": "", "places": 3}, by=case.boss)


def test_taking_a_time_back_asks_for_another(case):
    interview = case.booked()
    assert service.cancel_slot(case.slots[0], by=case.boss) == 1
    assert (interview.state, interview.slot_id, taken(case.slots[0])) == ("asked", None, 0)
    assert told(case.learner.person_id)[-1] == "interview-release"
    with pytest.raises(Conflict):
        service.pick(interview, case.slots[0], by=case.me)
    service.pick(interview, case.slots[1], by=case.me)
    assert interview.state == "booked"


def test_what_came_of_it_is_said_afterwards_and_only_by_the_enterprise(case):
    interview = case.booked()
    with pytest.raises(Conflict) as refused:
        service.conclude(interview, by=case.boss, result="further")
    assert refused.value.code == "not-yet"
    case.slots[0].starts_at = clock.now() - timedelta(hours=1)
    db.session.flush()
    with pytest.raises(Forbidden):
        service.conclude(interview, by=case.me, result="further")
    service.conclude(interview, by=case.boss, result="further")
    assert (interview.state, interview.result) == ("held", "further")
    assert "interview-miss" not in told(case.learner.person_id)


def test_who_did_not_come_is_told_so(case):
    interview = case.booked()
    case.slots[0].starts_at = clock.now() - timedelta(hours=1)
    db.session.flush()
    service.conclude(interview, by=case.boss, result="missed")
    assert interview.state == "missed"
    assert told(case.learner.person_id)[-1] == "interview-miss"


@pytest.mark.parametrize("end", ["withdraw", "turn_down", "accept"])
def test_an_interview_ends_with_its_application(case, end):
    interview = case.booked()
    if end == "withdraw":
        applications.withdraw(case.application, by=case.me)
    elif end == "turn_down":
        applications.decline(case.application, by=case.boss, reason="skills")
    else:
        applications.accept(applications.offer(case.student, case.position, by=case.boss), by=case.me)
    db.session.refresh(interview)
    assert (interview.state, taken(case.slots[0])) == ("cancelled", 0)


def test_both_sides_are_reminded_a_day_before_and_once(case):
    case.booked()
    assert notify.remind() == 0
    case.slots[0].starts_at = clock.now() + timedelta(hours=20)
    db.session.commit()
    assert [notify.remind(), notify.remind()] == [1, 1]
    kinds = [told(case.learner.person_id), told(case.firm.person_id)]
    assert [k.count("interview-reminder") + k.count("interview-reminder-firm") for k in kinds] == [1, 1]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxItem).where(OutboxItem.kind == "interview-reminder")) == 2  # mail and SMS
    db.session.commit()
    remind()
    remind()
    assert [told(case.learner.person_id), told(case.firm.person_id)] == kinds


def test_a_moved_time_is_reminded_of_anew(case):
    case.booked()
    case.slots[0].starts_at = clock.now() + timedelta(hours=20)
    db.session.flush()
    notify.remind()
    case.slots[0].starts_at = clock.now() + timedelta(hours=22)
    db.session.flush()
    notify.remind()
    assert told(case.learner.person_id).count("interview-reminder") == 2


def test_one_live_interview_for_an_application_even_in_the_database(case):
    case.asked()
    with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
        db.session.add(Interview(enterprise_tenant_id=case.position.tenant_id, application_id=case.application.id, student_id=case.student.id, state="asked"))
        db.session.flush()


def test_a_post_that_closes_ends_the_interview_too(case):
    interview = case.booked()
    positions.close(case.position, "filled", by=case.boss)
    assert case.application.state == "waitlisted"
    db.session.refresh(interview)
    assert interview.state == "cancelled"
