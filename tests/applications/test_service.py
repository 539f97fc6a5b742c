"""Every step with all that belongs to it, and each refusal."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from consortium.agreements.models import Agreement
from consortium.applications import queries, rules, service
from consortium.applications.models import Application, ApplicationStep
from consortium.applications.service import enterprise
from consortium.applications.tasks import expire_overdue
from consortium.messages.models import Message, OutboxItem
from consortium.positions import service as positions
from consortium.positions.models import Seats
from consortium.proposals.models import Choice
from consortium.shared import audit, clock, tasks
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Forbidden, Invalid, NotFound
from consortium.students import service as students
from tests import builders


def told(person_id):
    return [m.kind for m in db.session.scalars(sa.select(Message).where(Message.person_id == person_id).order_by(Message.id))]


def taken(position):
    return db.session.scalar(sa.select(Seats.taken).where(Seats.position_id == position.id))


def test_a_step_leaves_the_row_its_step_an_audit_line_a_choice_and_a_message(case):
    application = case.applied()

    assert (application.state, application.spoken, application.identity_open) == ("applied", True, False)
    step = db.session.scalar(sa.select(ApplicationStep))
    assert (step.step, step.source, step.target, step.by_role, step.by_membership_id) == ("apply", "", "applied", "student", case.learner.id)
    line = db.session.scalar(sa.select(audit.AuditLine).where(audit.AuditLine.act == "apply-application"))
    assert (line.person_id, line.subject_id, line.facts["target"]) == (case.student.person_id, application.id, "applied")
    choice = db.session.scalar(sa.select(Choice))
    assert (choice.student_id, choice.position_id, choice.what, choice.by_role) == (case.student.id, case.position.id, "applied", "student")
    assert told(case.firm.person_id) == ["application-apply"]


def test_a_message_to_the_enterprise_holds_no_name_before_it_is_open(case):
    case.applied()
    message = db.session.scalar(sa.select(Message).where(Message.person_id == case.firm.person_id))
    assert "李小明" not in str(message.facts)
    assert message.facts["who"].startswith("A-")


def test_who_began_of_her_own_will_needs_no_consent_to_matching(case):
    students.withdraw(case.student, "matching", by=case.me)
    assert case.applied().state == "applied"


def test_without_consent_to_matching_nobody_can_be_invited_or_offered(case):
    students.withdraw(case.student, "matching", by=case.me)
    for ask in (service.invite, service.offer):
        with pytest.raises(Conflict) as refused:
            ask(case.student, case.position, by=case.boss)
        assert refused.value.code == "no-consent"


def test_a_student_who_applied_can_be_offered_the_place_without_consent_to_matching(case):
    case.applied()
    students.withdraw(case.student, "matching", by=case.me)
    assert case.offered().state == "offered"


def test_applying_twice_is_refused(case):
    case.applied()
    with pytest.raises(Conflict) as refused:
        case.applied()
    assert refused.value.code == "twice"


def test_a_withdrawn_application_may_be_begun_again(case):
    application = service.withdraw(case.applied(), by=case.me)
    assert (application.state, queries.revealed(application).profile) == ("withdrawn", False)
    assert case.applied().id == application.id
    assert [s.step for s in application.steps] == ["apply", "withdraw", "apply"]


@pytest.mark.parametrize("state", ["draft", "paused", "closed"])
def test_only_an_open_post_takes_applications(case, state):
    case.position.state = state
    with pytest.raises(Conflict) as refused:
        case.applied()
    assert refused.value.code == "post-closed"


def test_an_unlawful_application_is_refused_with_the_words_of_the_rule(case):
    case.student.enrolled_on = clock.today() - timedelta(days=30)
    case.position.start_on = clock.today() + timedelta(days=10)
    db.session.flush()
    with pytest.raises(Conflict) as refused:
        case.applied()
    assert refused.value.facts["rules"] == ["R17"]
    assert "第16条" in str(refused.value.why) or "16" in str(refused.value.why)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 0


def test_an_offer_asks_the_law_again_for_the_pair_as_it_is_now(case):
    case.applied()
    case.position.hazards = ["toxic"]
    case.student.birth_on = clock.today() - timedelta(days=17 * 365)
    db.session.flush()
    with pytest.raises(Conflict) as refused:
        case.offered()
    assert {"R19", "R24"} <= set(refused.value.facts["rules"])


def test_a_student_may_overrule_her_own_wishes_but_not_a_required_certificate(case):
    case.student.wants_internship = False
    db.session.flush()
    assert case.applied().state == "applied"
    certificate = builders.a_skill("低压电工证", kind="certificate")
    post, _boss = case.another_post(must=(certificate,))
    with pytest.raises(Conflict) as refused:
        service.apply(case.student, post, by=case.me)
    assert refused.value.facts["rules"] == ["H01"]


def test_an_enterprise_cannot_offer_the_place_of_another(case):
    post, _boss = case.another_post()
    with pytest.raises(NotFound):
        service.offer(case.student, post, by=case.boss)


def test_an_invitation_opens_the_name_only_when_the_student_agrees(case):
    application = service.invite(case.student, case.position, by=case.boss)
    assert queries.revealed(application).profile is False
    service.agree_to_invitation(application, by=case.me)
    shown = queries.revealed(application)
    assert (application.state, shown.profile, shown.name, shown.contact) == ("agreed", True, True, False)


def test_acceptance_takes_a_seat_opens_the_contact_and_drafts_the_agreement(case):
    application = case.offered()
    assert service.accept(application, by=case.me) == []
    assert application.state == "accepted"
    assert queries.revealed(application).contact
    assert taken(case.position) == 1
    assert db.session.scalar(sa.select(Agreement.state).where(Agreement.application_id == application.id)) == "drafted"
    assert told(case.firm.person_id)[-1] == "application-accept"


def test_acceptance_withdraws_the_other_open_applications_of_the_student_and_tells_their_enterprises(case):
    post, boss = case.another_post()
    other = service.apply(case.student, post, by=case.me)
    application = case.offered()
    assert service.accept(application, by=case.me) == [other]
    assert (other.state, other.steps[-1].reason) == ("withdrawn", "accepted-elsewhere")
    assert told(boss.person_id) == ["application-apply", "application-set_aside"]


def test_after_an_acceptance_a_second_offer_cannot_be_accepted_applied_for_or_made(case):
    post, boss = case.another_post()
    service.accept(case.offered(), by=case.me)
    for act in (lambda: service.apply(case.student, post, by=case.me), lambda: service.offer(case.student, post, by=boss)):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "placed"


def test_a_job_may_follow_an_internship_and_neither_acceptance_touches_the_other(case):
    job, boss = case.another_post(kind="job", end_on=None)
    asked = service.apply(case.student, job, by=case.me)
    assert service.accept(case.offered(), by=case.me) == []
    assert (asked.kind, asked.state) == ("job", "applied")
    offer = service.offer(case.student, job, by=boss)
    other, other_boss = case.another_post(kind="job", end_on=None)
    second = service.offer(case.student, other, by=other_boss)
    assert service.accept(offer, by=case.me) == [second]
    assert sorted(db.session.scalars(sa.select(Application.kind).where(Application.state == "accepted"))) == ["internship", "job"]
    with pytest.raises(Conflict) as refused:
        service.apply(case.student, other, by=case.me)
    assert refused.value.code == "placed"


def test_when_all_seats_are_taken_an_offer_waits_and_is_told_so(case):
    case.position.seats.places = 1
    db.session.flush()
    second, she = case.another_student()
    late = service.offer(second, case.position, by=case.boss)
    service.accept(case.offered(), by=case.me)
    assert told(she.person_id) == ["application-offer", "application-waiting"]
    with pytest.raises(Conflict) as refused:
        service.accept(late, by=she)
    assert refused.value.code == "full"
    assert (late.state, taken(case.position)) == ("offered", 1)


def test_no_offer_is_made_when_no_place_is_free(case):
    case.position.seats.taken = case.position.seats.places
    db.session.flush()
    with pytest.raises(Conflict) as refused:
        case.offered()
    assert refused.value.code == "full"


def test_an_overdue_offer_cannot_be_accepted_even_before_the_sweep(case):
    application = case.offered()
    application.answer_by = clock.now() - timedelta(seconds=1)
    db.session.flush()
    with pytest.raises(Conflict) as refused:
        service.accept(application, by=case.me)
    assert refused.value.code == "overdue"


def test_either_side_declines_with_a_reason_of_its_own(case):
    application = case.offered()
    with pytest.raises(Invalid):
        service.decline(application, by=case.me, reason="skills")
    service.decline(application, by=case.me, reason="pay", note="更近的地方")
    assert (application.state, application.steps[-1].reason, application.steps[-1].note) == ("declined", "pay", "更近的地方")
    second, she = case.another_student()
    applied = service.apply(second, case.position, by=she)
    service.decline(applied, by=case.boss, reason="skills")
    assert applied.steps[-1].step == "turn_down"
    assert told(she.person_id) == [], "a refusal can still be taken back"
    later = clock.now() + rules.UNDO_WITHIN
    assert [enterprise.tell_refusals(later), enterprise.tell_refusals(later)] == [1, 1]
    assert told(she.person_id) == ["application-turn_down"]


def test_an_enterprise_may_not_turn_down_an_offer_that_stands(case):
    application = case.offered()
    with pytest.raises(Conflict):
        service.decline(application, by=case.boss, reason="skills")


def test_a_student_may_not_make_herself_an_offer(case):
    with pytest.raises((Forbidden, NotFound)):
        service.offer(case.student, case.position, by=case.me)


def test_the_sweep_ends_what_is_overdue_once_and_tells_both_sides(case, monkeypatch):
    application, now = case.offered(), clock.now()
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=71))
    assert service.expire_overdue() == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=73))
    assert service.expire_overdue() == 1
    assert service.expire_overdue() == 0
    assert (application.state, application.steps[-1].by_role) == ("expired", "")
    assert told(case.student.person_id)[-1] == told(case.firm.person_id)[-1] == "application-expire"


def test_the_periodic_task_is_on_the_schedule_and_runs_once_a_period(case, monkeypatch):
    assert tasks.CELERY_SETTINGS["beat_schedule"]["applications.expire_overdue"]["schedule"] == 300
    application, now = case.offered(), clock.now()
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=80))
    expire_overdue.run()
    expire_overdue.run()
    db.session.refresh(application)
    assert application.state == "expired"
    assert [s.step for s in application.steps] == ["offer", "expire"]


def test_closing_the_post_keeps_who_had_spoken_on_its_list_and_ends_what_was_only_asked(case):
    application = case.applied()
    second, she = case.another_student()
    asked = service.invite(second, case.position, by=case.boss)
    positions.close(case.position, "filled", by=case.boss)
    assert (application.state, application.steps[-1].reason) == ("waitlisted", "position-closed")
    assert (asked.state, asked.steps[-1].reason) == ("closed", "position-closed")
    assert queries.revealed(application).profile is False
    assert told(case.student.person_id) == ["application-keep_waiting"]
    assert told(she.person_id) == ["application-invite", "application-close"]


def test_closing_the_post_leaves_an_accepted_one(case):
    application = case.offered()
    service.accept(application, by=case.me)
    positions.close(case.position, "filled", by=case.boss)
    assert application.state == "accepted"


def test_withdrawing_consent_takes_back_what_was_not_answered_and_leaves_what_she_began(case):
    invited = service.invite(case.student, case.position, by=case.boss)
    post, _boss = case.another_post()
    own = service.apply(case.student, post, by=case.me)
    students.withdraw(case.student, "matching", by=case.me)
    assert (invited.state, own.state) == ("withdrawn", "applied")


def test_a_bulk_offer_goes_through_for_whom_it_can_and_names_the_others(case):
    second, she = case.another_student()
    elsewhere, boss = case.another_post()
    service.accept(service.offer(second, elsewhere, by=boss), by=she)
    outcome = service.ask_many("offer", case.position, [("A-1", case.student), ("A-2", second), ("A-3", None)], by=case.boss)
    assert [a.student_id for a in outcome.done] == [case.student.id]
    assert {who for who, _why in outcome.skipped} == {"A-2", "A-3"}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application).where(Application.position_id == case.position.id)) == 1


def test_a_bulk_step_has_a_limit(case):
    with pytest.raises(Conflict):
        service.ask_many("invite", case.position, [("A", None)] * 51, by=case.boss)


def test_an_offer_also_leaves_by_mail_and_sms_and_waits_in_the_outbox(case):
    case.offered()
    assert set(db.session.scalars(sa.select(OutboxItem.channel).where(OutboxItem.person_id == case.student.person_id))) == {"mail", "sms"}


def test_the_database_itself_refuses_a_second_acceptance_of_one_student(case):
    post, boss = case.another_post()
    first, second = case.offered(), service.offer(case.student, post, by=boss)
    assert first.kind == second.kind == "internship"
    first.state = second.state = "accepted"
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()
