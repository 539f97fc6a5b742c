"""What people see of applications, and what they do not."""

import re
import uuid

import pytest
import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.applications import queries, service
from consortium.applications.models import Application
from consortium.organisations.models import Enterprise
from consortium.proposals import queries as proposals
from consortium.shared.access import Role
from consortium.shared.audit import Look
from consortium.shared.db import db
from tests import builders


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


def state_of(application_id):
    db.session.rollback()
    return db.session.scalar(sa.select(Application.state).where(Application.id == application_id))


def test_applying_says_what_is_shown_to_whom_and_leads_to_the_application(case, signed_in_as):
    browser = signed_in_as(case.learner)
    before = text_of(browser.get(f"/applications/new?position={case.position.public_id}"))
    assert "It does not see your name, phone or mail." in before
    answer = browser.post("/applications", {"position": str(case.position.public_id), "note": "请考虑我"})
    assert answer.status_code == 303
    page = text_of(browser.get(answer.location))
    assert "You have applied." in page
    assert "请考虑我" in page
    assert "The enterprise is next." in page


def test_an_unlawful_application_is_told_before_and_refused_after(case, signed_in_as):
    case.student.enrolled_on = case.position.start_on
    db.session.commit()
    browser = signed_in_as(case.learner)
    before = text_of(browser.get(f"/applications/new?position={case.position.public_id}"))
    assert "You cannot apply for this post now." in before
    answer = browser.post("/applications", {"position": str(case.position.public_id)})
    assert answer.status_code == 409
    assert "art. 16" in text_of(answer)


def test_a_double_click_on_apply_has_one_effect(case, signed_in_as):
    browser = signed_in_as(case.learner)
    sent = {"position": str(case.position.public_id), "form_key": str(uuid.uuid4())}
    first, second = browser.post("/applications", sent), browser.post("/applications", sent)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 1


def test_the_enterprise_sees_the_profile_of_an_applicant_without_name_and_contact(case, signed_in_as):
    builders.has_skill(case.student, builders.a_skill("钳工"))
    application = case.applied()
    db.session.commit()
    browser = signed_in_as(case.firm, lang="zh")
    for url in ("/applications", f"/applications/{application.public_id}"):
        page = browser.get(url).get_data(as_text=True)
        assert proposals.alias(case.student.public_id, case.position.public_id) in page
        for secret in (case.student.name, case.student.phone, case.student.email, case.student.student_no, str(case.student.public_id)):
            assert secret not in page
    assert "钳工" in page


def test_an_invited_candidate_stays_unknown_until_she_agrees(case, signed_in_as):
    application = service.invite(case.student, case.position, by=case.boss)
    db.session.commit()
    page = signed_in_as(case.firm).get(f"/applications/{application.public_id}").get_data(as_text=True)
    assert case.student.name not in page
    assert case.student.courses not in page
    answer = signed_in_as(case.learner).post(f"/applications/{application.public_id}/agreement-to-invitation")
    assert answer.status_code == 303
    page = signed_in_as(case.firm).get(f"/applications/{application.public_id}").get_data(as_text=True)
    assert case.student.name in page
    assert case.student.phone not in page


def test_acceptance_tells_before_the_click_how_many_will_be_withdrawn_and_opens_the_contact(case, signed_in_as):
    for _ in range(2):
        post, _boss = case.another_post()
        service.apply(case.student, post, by=case.me)
    application = case.offered()
    db.session.commit()
    browser = signed_in_as(case.learner)
    assert "2 other open applications are withdrawn at once" in text_of(browser.get(f"/applications/{application.public_id}"))
    answer = browser.post(f"/applications/{application.public_id}/acceptance")
    assert "2 other applications were withdrawn." in text_of(browser.get(answer.location))
    page = signed_in_as(case.firm).get(f"/applications/{application.public_id}").get_data(as_text=True)
    assert case.student.phone in page
    assert case.student.email in page


def test_a_late_acceptance_gets_a_page_with_kind_words(case, signed_in_as):
    application = case.offered()
    case.position.seats.taken = case.position.seats.places
    db.session.commit()
    browser = signed_in_as(case.learner)
    answer = browser.post(f"/applications/{application.public_id}/acceptance")
    assert answer.status_code == 409
    assert "Others accepted a moment earlier." in text_of(answer)
    assert state_of(application.id) == "offered"
    assert "you stay on the waiting list" in text_of(browser.get(f"/applications/{application.public_id}")).lower()


def test_a_second_tab_is_told_that_another_offer_was_accepted(case, signed_in_as):
    post, boss = case.another_post()
    first, second = case.offered(), service.offer(case.student, post, by=boss)
    db.session.commit()
    browser = signed_in_as(case.learner)
    assert browser.post(f"/applications/{first.public_id}/acceptance").status_code == 303
    answer = browser.post(f"/applications/{second.public_id}/acceptance")
    assert answer.status_code == 409
    assert "You have accepted an offer already." in text_of(answer)


def test_declining_needs_a_reason_and_keeps_the_page(case, signed_in_as):
    application = case.offered()
    db.session.commit()
    browser = signed_in_as(case.learner)
    answer = browser.post(f"/applications/{application.public_id}/declination", {"reason": ""})
    assert answer.status_code == 422
    assert "There is something to mend" in text_of(answer)
    assert browser.post(f"/applications/{application.public_id}/declination", {"reason": "pay"}).status_code == 303
    assert state_of(application.id) == "declined"


def test_the_deadline_is_shown_in_hours(case, signed_in_as):
    application = case.offered(hours=48)
    db.session.commit()
    for url in ("/applications", f"/applications/{application.public_id}"):
        assert "47 hours left" in text_of(signed_in_as(case.learner).get(url))


def test_the_student_sees_when_the_enterprise_opened_her_application(case, signed_in_as):
    application = case.applied()
    db.session.commit()
    learner, firm = signed_in_as(case.learner), signed_in_as(case.firm)
    firm.get("/applications")
    assert "Seen by the enterprise" not in text_of(learner.get("/applications"))
    firm.get(f"/applications/{application.public_id}")
    assert "Seen by the enterprise" in text_of(learner.get("/applications"))
    assert set(db.session.scalars(sa.select(Look.what))) == {"list of applications", "applicant without a name"}


def test_opening_one_application_marks_no_other_of_the_same_student_as_seen(case, signed_in_as):
    opened = case.applied()
    second = builders.a_position(db.session.scalar(sa.select(Enterprise).where(Enterprise.tenant_id == case.position.tenant_id)), venue="factory")
    other = service.apply(case.student, second, by=case.me)
    db.session.commit()
    signed_in_as(case.firm).get(f"/applications/{opened.public_id}")
    assert queries.seen_at(opened) is not None
    assert queries.seen_at(other) is None
    assert set(queries.seen([opened, other])) == {opened.id}


def test_the_board_filters_by_state_and_post(case, signed_in_as):
    application = case.applied()
    db.session.commit()
    firm = signed_in_as(case.firm)
    alias = proposals.alias(case.student.public_id, case.position.public_id)
    for query, there in (
        ("", True), ("?state=applied", True), ("?state=offered", False), (f"?position={case.position.public_id}", True),
        (f"?position={uuid.uuid4()}", False), ("?position=nonsense", False), ("?state=nonsense", True), ("?state=ended", False),
    ):  # fmt: skip
        assert (alias in firm.get(f"/applications{query}").get_data(as_text=True)) is there, query
    assert state_of(application.id) == "applied"


def test_bulk_offers_say_how_many_are_out_and_who_was_passed_over(case, signed_in_as):
    second, she = case.another_student()
    elsewhere, boss = case.another_post()
    chosen = [case.applied(), service.apply(second, case.position, by=she)]
    service.accept(service.offer(second, elsewhere, by=boss), by=she)
    db.session.commit()
    firm = signed_in_as(case.firm)
    answer = firm.post("/applications/batch", {"step": "offer", "application": [str(a.public_id) for a in chosen]})
    page = text_of(firm.get(answer.location))
    assert "1 offer is out." in page
    assert "1 done, 1 skipped:" in page
    assert "Has accepted another offer." in page
    assert state_of(chosen[0].id) == "offered"


def test_turning_down_several_needs_a_reason(case, signed_in_as):
    application = case.applied()
    db.session.commit()
    firm = signed_in_as(case.firm)
    sent = {"step": "turn_down", "application": str(application.public_id)}
    firm.post("/applications/batch", sent)
    assert state_of(application.id) == "applied"
    firm.post("/applications/batch", sent | {"reason": "skills"})
    assert state_of(application.id) == "declined"


def test_candidates_are_invited_by_pseudonym_and_strangers_passed_over(case, signed_in_as, monkeypatch):
    match = proposals.Match(case.student.id, case.position.id, 500_000, 1)
    monkeypatch.setattr(proposals, "matches_of_position", lambda position: [match])
    alias = proposals.alias(case.student.public_id, case.position.public_id)
    db.session.commit()
    firm = signed_in_as(case.firm)
    answer = firm.post(f"/positions/{case.position.public_id}/invitations", {"candidate": [alias, "A-00000"]})
    assert answer.location.endswith(f"/positions/{case.position.public_id}/candidates")
    page = text_of(firm.get("/applications"))
    assert "1 invitation is out." in page
    assert "A-00000: No longer among the candidates." in page
    assert case.student.name not in page


def test_the_college_reads_and_cannot_act(case, signed_in_as):
    application = case.applied()
    officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get_one(Tenant, case.college.tenant_id))
    db.session.commit()
    college = signed_in_as(officer)
    assert case.student.name in college.get("/applications").get_data(as_text=True)
    assert case.student.name in college.get(f"/applications/{application.public_id}").get_data(as_text=True)
    for step in ("acceptance", "declination", "withdrawal", "offer"):
        assert college.post(f"/applications/{application.public_id}/{step}").status_code == 403


@pytest.mark.parametrize("step", ["", "/acceptance", "/withdrawal", "/agreement-to-invitation", "/declination"])
def test_another_students_application_is_not_found(case, signed_in_as, step):
    application = case.offered()
    fellow = builders.a_student_member(builders.a_student(case.college))
    db.session.commit()
    browser = signed_in_as(fellow)
    url = f"/applications/{application.public_id}{step}"
    assert (browser.post(url, {"reason": "pay"}) if step else browser.get(url)).status_code == 404
    assert state_of(application.id) == "offered"


def test_lists_ask_the_database_equally_often_for_one_and_for_many(case, signed_in_as):
    asked = []

    def count(*_args):
        asked.append(1)

    def queries_for(who):
        browser = signed_in_as(who)
        browser.get("/applications")
        sa.event.listen(db.engine, "before_cursor_execute", count)
        asked.clear()
        browser.get("/applications")
        sa.event.remove(db.engine, "before_cursor_execute", count)
        return len(asked)

    case.applied()
    db.session.commit()
    one = {who: queries_for(who) for who in (case.learner, case.firm)}
    for _ in range(4):
        student, she = case.another_student()
        service.apply(student, case.position, by=she)
        post, _boss = case.another_post()
        service.apply(case.student, post, by=case.me)
    db.session.commit()
    assert {who: queries_for(who) for who in (case.learner, case.firm)} == one


def test_empty_lists_say_what_to_do_next(case, signed_in_as):
    assert "Look at your matches" in text_of(signed_in_as(case.learner).get("/applications"))
    assert "invite them there" in text_of(signed_in_as(case.firm).get("/applications"))
