"""An employer's record, and posts that pause when their applicants wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from consortium.applications import rules, service, tasks
from consortium.applications.models import AnswerNotice, ApplicationStep
from consortium.applications.queries import enterprise as read
from consortium.applications.rules import Taken, record
from consortium.applications.service import enterprise
from consortium.messages.models import Message, OutboxItem
from consortium.positions import service as positions
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from tests import builders

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
FIRM, STUDENT = "enterprise_head", "student"


def steps(*told, number=1):
    """`(step, by, days ago[, source[, reason]])` of one application."""
    return [Taken(number, step, (more[0] if more else ""), by, (more[1] if len(more) > 1 else ""), NOW - timedelta(days=ago)) for step, by, ago, *more in told]


@pytest.mark.parametrize(
    ("told", "asked", "in_time", "answered"),
    [
        ([("apply", STUDENT, 10), ("offer", FIRM, 4)], 1, 1, 1),
        ([("apply", STUDENT, 20), ("offer", FIRM, 4)], 1, 0, 1),
        ([("apply", STUDENT, 8)], 1, 0, 0),
        ([("apply", STUDENT, 6)], 0, 0, 0),
        ([("apply", STUDENT, 10), ("meet_ask", FIRM, 9)], 1, 1, 1),
        ([("apply", STUDENT, 10), ("withdraw", STUDENT, 5)], 0, 0, 0),
        ([("apply", STUDENT, 20), ("withdraw", STUDENT, 5)], 1, 0, 0),
        ([("apply", STUDENT, 20), ("close", "", 5, "applied", "position-closed")], 1, 0, 0),
        ([("apply", STUDENT, 6), ("keep_waiting", "", 5, "applied", "position-closed")], 0, 0, 0),
        ([("invite", FIRM, 20), ("agree", STUDENT, 19), ("turn_down", FIRM, 18)], 1, 1, 1),
        ([("apply", STUDENT, 20), ("invite", FIRM, 19), ("agree", STUDENT, 3)], 1, 1, 1),
        ([("apply", STUDENT, 20), ("turn_down", FIRM, 19), ("reopen", FIRM, 19)], 1, 0, 0),
        ([("invite", FIRM, 20)], 0, 0, 0),
    ],
)
def test_what_waited_for_an_answer_is_counted_once_it_is_answered_or_due(told, asked, in_time, answered):
    found = record(steps(*told), NOW)
    assert (found.asked, found.in_time, found.answered) == (asked, in_time, answered)


@pytest.mark.parametrize(
    ("told", "offers", "honoured"),
    [
        ([("offer", FIRM, 9), ("accept", STUDENT, 8, "offered")], 1, 1),
        ([("offer", FIRM, 9), ("keep_waiting", "", 8, "offered", "position-closed")], 1, 0),
        ([("offer", FIRM, 9), ("decline", STUDENT, 8, "offered")], 1, 1),
        ([("offer", FIRM, 9), ("expire", "", 6, "offered", "deadline")], 1, 1),
        ([("offer", FIRM, 9), ("close", "", 8, "offered", "position-closed")], 1, 0),
        ([("offer", FIRM, 9), ("set_aside", "", 8, "offered", "accepted-elsewhere")], 1, 1),
        ([("offer", FIRM, 9), ("meet_cancel", FIRM, 8, "offered")], 1, 1),
    ],
)
def test_an_offer_is_kept_unless_the_enterprise_takes_it_back(told, offers, honoured):
    found = record(steps(*told), NOW)
    assert (found.offers, found.honoured) == (offers, honoured)


def test_a_rate_of_fewer_than_five_says_nothing():
    four = [s for n in range(4) for s in steps(("apply", STUDENT, 10), ("offer", FIRM, 8), number=n)]
    found = record(four, NOW)
    assert (found.answer_rate, found.days, found.honour_rate) == (None, None, None)
    five = record([*four, *steps(("apply", STUDENT, 30), ("offer", FIRM, 20), number=9)], NOW)
    assert (five.answer_rate, five.days, five.honour_rate) == (0.8, 2.0, 1.0)


def test_no_single_score_stands_anywhere():
    assert not [name for name in vars(rules.Record) if re.search("score|stars|grade|index", name)]


def backdate(days):
    db.session.execute(sa.update(ApplicationStep).values(created_at=clock.now() - timedelta(days=days)))
    db.session.commit()


def test_the_record_stands_beside_the_post_for_the_student_the_firm_and_the_zone(case, signed_in_as):
    for _ in range(5):
        student, she = case.another_student()
        service.apply(student, case.position, by=she)
        service.offer(student, case.position, by=case.boss)
    zone = builders.a_membership(Role.ZONE_OFFICER)
    db.session.commit()
    url = f"/positions/{case.position.public_id}/employer-record"
    learner = signed_in_as(case.learner)
    for page in (learner.get(url), learner.client.get(f"{url}?part=1"), signed_in_as(case.firm).get("/employer-records"), signed_in_as(zone).get("/employer-records")):
        text = page.get_data(as_text=True)
        assert "100%" in text
        assert "5 out of 5" in text
    assert f"{url}?part=1" in learner.get(f"/matches/{case.position.public_id}").get_data(as_text=True)
    told = learner.client.get(f"/api/v1{url}").get_json()
    assert (told["answer_rate"], told["offers"]) == (1.0, 5)
    assert set(told) == {"enterprise", "asked", "in_time", "answer_rate", "median_days", "offers", "honoured", "honour_rate"}


def test_a_small_record_is_told_as_too_few(case, signed_in_as):
    case.offered()
    db.session.commit()
    told = signed_in_as(case.learner).client.get(f"/api/v1/positions/{case.position.public_id}/employer-record").get_json()
    assert told["offers"] is None
    assert told["honour_rate"] is None


def kinds(member):
    return [m.kind for m in db.session.scalars(sa.select(Message).where(Message.person_id == member.person_id).order_by(Message.id)) if m.kind.startswith("post-")]


def test_a_post_is_warned_first_then_pauses_and_is_resumed_once_all_is_answered(case, signed_in_as):
    application = case.applied()
    backdate(8)
    assert [enterprise.mind_unanswered(clock.now()), enterprise.mind_unanswered(clock.now())] == [(1, 0), (0, 0)]
    assert kinds(case.firm) == ["post-warned"]
    assert case.position.state == "open"
    later = clock.now() + timedelta(days=7)
    assert [enterprise.mind_unanswered(later), enterprise.mind_unanswered(later)] == [(0, 1), (0, 0)]
    assert (case.position.state, kinds(case.firm)) == ("paused", ["post-warned", "post-paused"])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxItem).where(OutboxItem.kind == "post-paused")) == 1
    db.session.commit()
    firm = signed_in_as(case.firm)
    page = firm.get("/applications/board").get_data(as_text=True)
    assert "is paused: applicants waited too long." in page
    assert "Resume the post" not in page
    assert firm.post("/applications/batch", {"step": "offer", "application": str(application.public_id), "back": "board"}).status_code == 303, "who waits can be answered"
    page = firm.get("/applications/board").get_data(as_text=True)
    assert "Resume the post" in page
    assert firm.post(f"/positions/{case.position.public_id}/publication").status_code == 303
    db.session.refresh(case.position)
    assert case.position.state == "open"
    assert read.paused_of(case.boss) == []


def test_who_was_never_warned_is_warned_before_the_post_pauses_however_long_the_worker_slept(case):
    case.applied()
    backdate(60)
    now = clock.now()
    assert enterprise.mind_unanswered(now) == (1, 0)
    assert enterprise.mind_unanswered(now + rules.LEAST_NOTICE - timedelta(hours=1)) == (0, 0)
    assert enterprise.mind_unanswered(now + rules.LEAST_NOTICE + timedelta(hours=1)) == (0, 1)


@pytest.mark.parametrize("act", ["answer", "interview", "withdraw", "fresh", "paused"])
def test_what_does_not_wait_for_the_enterprise_is_not_warned_of(case, act):
    application = case.applied()
    backdate(3 if act == "fresh" else 9)
    if act == "answer":
        service.offer(case.student, case.position, by=case.boss)
    elif act == "interview":
        service.note_meeting(application.id, "ask", None, by=case.boss)
    elif act == "withdraw":
        service.withdraw(application, by=case.me)
    elif act == "paused":
        positions.pause(case.position, by=case.boss)
    db.session.flush()
    assert enterprise.mind_unanswered(clock.now()) == (0, 0)


def test_a_second_applicant_who_waits_is_warned_of_once_more_and_the_first_is_not(case):
    case.applied()
    backdate(8)
    enterprise.mind_unanswered(clock.now())
    student, she = case.another_student()
    service.apply(student, case.position, by=she)
    later = clock.now() + timedelta(days=4)
    assert enterprise.mind_unanswered(later) == (0, 0)
    db.session.execute(sa.update(ApplicationStep).where(ApplicationStep.created_at > clock.now() - timedelta(days=1)).values(created_at=clock.now() - timedelta(days=8)))
    db.session.expire_all()
    assert enterprise.mind_unanswered(clock.now()) == (1, 0)
    assert kinds(case.firm) == ["post-warned"] * 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AnswerNotice)) == 2


def test_the_task_may_ring_twice(case):
    case.applied()
    backdate(8)
    tasks.mind_unanswered()
    tasks.mind_unanswered()
    tasks.tell_refusals()
    assert kinds(case.firm) == ["post-warned"]


def test_a_paused_post_begins_nothing_new(case):
    application = case.applied()
    positions.pause(case.position, by=None)
    stranger, she = case.another_student()
    with pytest.raises(Conflict):
        service.apply(stranger, case.position, by=she)
    with pytest.raises(Conflict):
        service.invite(stranger, case.position, by=case.boss)
    assert service.invite(case.student, case.position, by=case.boss).id == application.id
