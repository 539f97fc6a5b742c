"""What an acceptance binds to: each college's rule, shown before the click, kept after it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.agreements.models import Agreement, Signature
from consortium.applications import queries, service
from consortium.applications.models import AcceptanceRule, Application
from consortium.positions.models import Seats
from consortium.proposals import queries as proposals
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict, ConsortiumError, Forbidden
from consortium.shared.i18n import in_language
from tests import builders


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


def rule(case, kind="internship", **given):
    return builders.saved(AcceptanceRule(tenant_id=case.student.tenant_id, kind=kind, **{"closes_other_kind": False, "back_hours": 24, **given}))


def taken(position):
    return db.session.scalar(sa.select(Seats.taken).where(Seats.position_id == position.id))


def test_within_its_hours_an_acceptance_may_be_taken_back_and_leaves_nothing_behind(case):
    application = case.offered()
    service.accept(application, by=case.me)
    service.take_back(application, by=case.me)
    assert (application.state, application.identity_open, queries.revealed(application).contact) == ("withdrawn", False, False)
    assert taken(case.position) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Agreement)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Signature)) == 0
    again = service.apply(case.student, case.position, by=case.me)
    assert again.state == "applied"


def test_after_its_hours_or_where_the_rule_forbids_it_stays_and_says_whom_to_ask(case, monkeypatch):
    application = case.offered()
    service.accept(application, by=case.me)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    with pytest.raises(Conflict) as refused:
        service.take_back(application, by=case.me)
    assert refused.value.code == "overdue"
    with in_language("en"):
        assert "class adviser" in str(refused.value.how)
    application.back_until_at = None
    with pytest.raises(Conflict) as refused:
        service.take_back(application, by=case.me)
    assert refused.value.code == "binding"
    assert taken(case.position) == 1


def test_what_was_shown_before_the_click_holds_although_the_rule_changes_later(case):
    told = rule(case, back_hours=72)
    application = case.offered()
    service.accept(application, by=case.me)
    told.back_hours = 0
    db.session.flush()
    assert service.take_back(application, by=case.me).state == "withdrawn"


def test_once_somebody_has_signed_it_cannot_be_taken_back(case):
    application = case.offered()
    service.accept(application, by=case.me)
    db.session.scalars(sa.select(Signature)).first().signed_at = clock.now()
    db.session.flush()
    with pytest.raises(Conflict) as refused:
        service.take_back(application, by=case.me)
    assert refused.value.code == "signed"


@pytest.mark.parametrize(("closes", "state"), [(False, "offered"), (True, "withdrawn")])
def test_a_colleges_rule_decides_what_becomes_of_job_offers(case, closes, state):
    rule(case, closes_other_kind=closes)
    job, boss = case.another_post(kind="job", end_on=None)
    offer = service.offer(case.student, job, by=boss)
    internship = case.offered()
    expected = [offer] if closes else []
    assert service.closed_by_acceptance(internship) == expected
    assert service.accept(internship, by=case.me) == expected
    assert offer.state == state


def test_the_rule_of_another_college_does_not_count(case):
    builders.saved(AcceptanceRule(tenant_id=builders.a_college().tenant_id, kind="internship", closes_other_kind=True, back_hours=0))
    assert queries.terms_of(case.student.tenant_id, "internship").back_hours == 24


def test_the_page_tells_all_of_it_before_the_click_and_so_does_the_api(case, signed_in_as):
    rule(case, closes_other_kind=True, back_hours=48)
    job, boss = case.another_post(kind="job", end_on=None)
    other = service.offer(case.student, job, by=boss)
    application = case.offered()
    db.session.commit()
    browser = signed_in_as(case.learner)
    page = text_of(browser.get(f"/applications/{application.public_id}"))
    assert "1 other open application is withdrawn at once" in page
    assert job.title in page
    assert "your open applications and offers for jobs end too" in page
    assert "within 48 hours" in page
    assert "You may decline at any time. It counts for nothing against you" in page
    told = browser.get(f"/api/v1/applications/{application.public_id}/acceptance-terms").get_json()
    assert (told["withdraws"], told["closes_other_kind"], told["back_hours"]) == ([str(other.public_id)], True, 48)
    assert browser.post(f"/applications/{application.public_id}/acceptance").status_code == 303
    after = text_of(browser.get(f"/applications/{application.public_id}"))
    assert "Take the acceptance back" in after
    assert browser.post(f"/applications/{application.public_id}/taking-back").status_code == 303
    assert "in time" in text_of(browser.get(f"/applications/{application.public_id}"))


def test_the_head_of_a_college_writes_the_rule_and_an_officer_reads_it(case, signed_in_as):
    tenant = db.session.get_one(Tenant, case.student.tenant_id)
    head = signed_in_as(builders.a_membership(Role.COLLEGE_HEAD, tenant=tenant))
    assert "within 24 hours" in text_of(head.get("/acceptance-rules"))
    assert head.post("/acceptance-rules/job", {"job-back_hours": "0", "job-closes_other_kind": "y"}).status_code == 303
    assert "an acceptance cannot be taken back" in text_of(head.get("/acceptance-rules"))
    wrong = head.post("/acceptance-rules/job", {"job-back_hours": "999"})
    assert wrong.status_code == 422
    assert "A number from 0 to 336." in text_of(wrong)
    stale = head.post("/acceptance-rules/job", {"job-back_hours": "5", "job-version": "77"})
    assert stale.status_code == 409
    officer = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=tenant))
    assert "The head of the college changes this." in text_of(officer.get("/acceptance-rules"))
    assert officer.post("/acceptance-rules/job", {"job-back_hours": "5"}).status_code == 403
    rows = {row["kind"]: row for row in officer.get("/api/v1/acceptance-rules").get_json()}
    assert (rows["job"]["back_hours"], rows["job"]["closes_other_kind"], rows["internship"]["version"]) == (0, True, None)


def test_only_the_student_takes_an_acceptance_back(case):
    application = case.offered()
    service.accept(application, by=case.me)
    with pytest.raises(Forbidden):
        service.take_back(application, by=case.boss)


def test_declining_changes_no_list_and_no_score(case):
    from consortium.proposals import service as matching
    from consortium.proposals import tasks

    run = matching.start(by=None, seed=5)
    number = run.id
    db.session.commit()
    tasks.work_here(number)
    before = [(m.position_id, m.points) for m in proposals.matches_of_student(case.student)]
    service.decline(case.offered(), by=case.me, reason="personal")
    db.session.commit()
    assert before
    assert [(m.position_id, m.points) for m in proposals.matches_of_student(case.student)] == before


@pytest.mark.parametrize("by", ["sweep", "clock"])
def test_an_offer_whose_time_has_passed_says_so_on_page_and_api(case, signed_in_as, by):
    application = case.offered()
    application.answer_by = clock.now() - timedelta(minutes=1)
    if by == "sweep":
        db.session.flush()
        service.expire_overdue()
    db.session.commit()
    browser = signed_in_as(case.learner)
    answer = browser.post(f"/applications/{application.public_id}/acceptance")
    assert answer.status_code == 409
    assert "The time to answer has passed." in text_of(answer)
    told = browser.post(f"/api/v1/applications/{application.public_id}/acceptance")
    assert told.status_code == 409
    assert browser.get(f"/applications/{application.public_id}").status_code == 200


def test_accepting_and_taking_back_at_once_leaves_seats_and_states_together(case, app):
    """Eight students accept two places and take them back, all at once: taken seats are the accepted ones, never more than places."""
    people = [case.another_student() for _ in range(8)]
    numbers = [(service.offer(student, case.position, by=case.boss).id, actor) for student, actor in people]
    db.session.commit()
    start = Barrier(16)

    def act(one):
        (number, actor), step = one
        with app.app_context():
            start.wait(30)
            try:
                getattr(service, step)(db.session.get_one(Application, number), by=actor)
                db.session.commit()
            except ConsortiumError:
                db.session.rollback()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(16) as crowd:
        list(crowd.map(act, [(one, step) for one in numbers for step in ("accept", "take_back")]))
    db.session.rollback()
    accepted = db.session.scalar(sa.select(sa.func.count()).select_from(Application).where(Application.state == "accepted"))
    assert taken(case.position) == accepted <= 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Agreement)) == accepted


def test_the_status_line_names_each_instant_and_the_hours_that_are_left(case, signed_in_as):
    application = case.applied()
    db.session.commit()
    signed_in_as(case.firm).get(f"/applications/{application.public_id}")
    service.offer(case.student, case.position, by=case.boss, hours=47)
    db.session.commit()
    page = signed_in_as(case.learner).get(f"/applications/{application.public_id}").get_data(as_text=True)
    line = re.search(r'<ol class="steps">.*?</ol>', page, re.S).group(0)
    assert line.count("<time>") == 3, "applied, seen and offered each with its instant; accepted not yet"
    assert re.search(r"Offer \(4[67] hours left\)", line)
