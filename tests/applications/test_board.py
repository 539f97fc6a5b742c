"""The enterprise's own side: the board, refusals taken back, candidates put aside, notes, and the same student twice."""

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.applications import queries, rules, service
from consortium.applications.models import Application, ApplicationStep, CandidateNote
from consortium.applications.queries import enterprise as read
from consortium.applications.service import enterprise
from consortium.messages.models import Message
from consortium.organisations.models import Enterprise
from consortium.proposals import queries as proposals
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.audit import AuditLine, Look
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid, NotFound
from tests import builders


def section(page, stage):
    return re.search(rf'id="stage-{stage}".*?</section>', page, re.S).group(0)


def every_stage(case):
    """One application at each stage: (stage, application)."""
    found = {"applied": case.applied()}
    for stage in ("invited", "agreed", "interview", "offered", "accepted", "declined", "withdrawn"):
        student, she = case.another_student()
        if stage in ("declined", "withdrawn", "interview"):
            one = service.apply(student, case.position, by=she)
            if stage == "declined":
                service.decline(one, by=case.boss, reason="skills")
            elif stage == "withdrawn":
                service.withdraw(one, by=she)
            else:
                one.meets_at = clock.now() + timedelta(days=2)
        elif stage in ("invited", "agreed"):
            one = service.invite(student, case.position, by=case.boss)
            if stage == "agreed":
                service.agree_to_invitation(one, by=she)
        else:
            one = service.offer(student, case.position, by=case.boss)
            if stage == "accepted":
                service.accept(one, by=she)
        found[stage] = one
    db.session.commit()
    return found


def test_every_application_stands_in_its_stage_with_counts_and_history(case, signed_in_as):
    found = every_stage(case)
    page = signed_in_as(case.firm).get(f"/applications/board?position={case.position.public_id}").get_data(as_text=True)
    for stage, one in found.items():
        assert f"/applications/{one.public_id}" in section(page, stage), stage
        assert page.count(f'href="/applications/{one.public_id}"') == 1
    assert case.firm.person.name in section(page, "declined"), "who"
    assert "Skills asked for are not there yet" in section(page, "declined"), "why"
    told = {c.stage: c.n for c in read.board(case.boss, case.position)}
    assert told == dict.fromkeys(found, 1) | {"expired": 0, "closed": 0, "waitlisted": 0}


def test_the_board_shows_of_each_stage_what_the_table_says(case, signed_in_as):
    found = every_stage(case)
    page = signed_in_as(case.firm).get("/applications/board").get_data(as_text=True)
    for stage, one in found.items():
        shown = rules.reveals(one.state, identity_open=one.identity_open, spoken=one.spoken)
        assert (one.student.name in section(page, stage)) is shown.name, stage
        assert one.student.student_no not in page
    assert case.student.phone not in page
    assert set(db.session.scalars(sa.select(Look.what))) == {"list of applications"}


def test_cards_move_on_by_buttons_and_lead_back_to_the_board(case, signed_in_as):
    application = case.applied()
    db.session.commit()
    firm = signed_in_as(case.firm)
    answer = firm.post("/applications/batch", {"step": "offer", "application": str(application.public_id), "back": "board", "position": str(case.position.public_id)})
    assert answer.location.endswith(f"/applications/board?position={case.position.public_id}")
    assert "1 offer is out." in firm.get(answer.location).get_data(as_text=True)
    assert str(application.public_id) in section(firm.get("/applications/board").get_data(as_text=True), "offered")


def test_the_board_asks_equally_often_for_one_and_for_many(case, signed_in_as):
    from tests.house.test_query_counts import asked

    firm = signed_in_as(case.firm)
    case.applied()
    db.session.commit()
    firm.get("/applications/board")
    one = asked(firm, "/applications/board")
    for _ in range(6):
        student, she = case.another_student()
        service.apply(student, case.position, by=she)
    db.session.commit()
    assert asked(firm, "/applications/board") == one


def test_a_refusal_is_taken_back_before_the_student_hears_of_it(case, signed_in_as):
    application = case.applied()
    service.decline(application, by=case.boss, reason="skills")
    db.session.commit()
    firm = signed_in_as(case.firm)
    assert "Take the refusal back" in firm.get(f"/applications/{application.public_id}").get_data(as_text=True)
    assert firm.post(f"/applications/{application.public_id}/reversal").status_code == 303
    db.session.refresh(application)
    assert (application.state, application.steps[-1].step) == ("applied", "reopen")
    enterprise.tell_refusals(clock.now() + rules.UNDO_WITHIN)
    assert "application-turn_down" not in set(db.session.scalars(sa.select(Message.kind)))
    assert "declined" not in proposals.choices_of_position(case.position.id)[case.student.id], "the learner forgets it too"


def test_an_agreed_invitation_returns_to_agreed(case):
    application = service.invite(case.student, case.position, by=case.boss)
    service.agree_to_invitation(application, by=case.me)
    service.decline(application, by=case.boss, reason="dates")
    assert enterprise.reopen(application, by=case.boss).state == "agreed"
    assert queries.revealed(application).name


def test_later_or_of_the_students_own_refusal_nothing_is_taken_back(case):
    application = case.applied()
    service.decline(application, by=case.boss, reason="skills")
    db.session.execute(sa.update(ApplicationStep).where(ApplicationStep.step == "turn_down").values(created_at=clock.now() - rules.UNDO_WITHIN))
    db.session.expire_all()
    with pytest.raises(Conflict) as refused:
        enterprise.reopen(application, by=case.boss)
    assert refused.value.code == "too-late"
    second, she = case.another_student()
    offered = service.offer(second, case.position, by=case.boss)
    service.decline(offered, by=she, reason="pay")
    with pytest.raises(Conflict):
        enterprise.reopen(offered, by=case.boss)


def test_candidates_are_put_aside_without_being_told_and_taken_up_again(case):
    applicant = case.applied()
    silent = builders.a_student(case.college)
    chosen = [("A-1", case.student), ("A-2", silent), ("A-3", None)]
    with pytest.raises(Invalid):
        enterprise.pass_over(case.position, chosen, by=case.boss, reason="")
    done, skipped = enterprise.pass_over(case.position, chosen, by=case.boss, reason="skills")
    assert (sorted(done), [who for who, _ in skipped]) == (["A-1", "A-2"], ["A-3"])
    assert applicant.state == "declined"
    assert "unsuitable" in proposals.choices_of_position(case.position.id)[silent.id]
    assert not db.session.scalar(sa.select(Application).where(Application.student_id == silent.id))
    assert sorted(enterprise.reconsider(case.position, chosen, by=case.boss)) == ["A-1", "A-2"]
    assert applicant.state == "applied"
    assert "unsuitable" not in proposals.choices_of_position(case.position.id)[silent.id]


def test_another_enterprise_puts_nobody_aside(case):
    _, stranger = case.another_post()
    for act in (lambda: enterprise.pass_over(case.position, [("A-1", case.student)], by=stranger, reason="skills"), lambda: enterprise.reconsider(case.position, [], by=stranger)):
        with pytest.raises(NotFound):
            act()


def test_notes_are_read_by_ones_own_enterprise_alone(case, signed_in_as):
    application = case.applied()
    second, _ = case.another_post()
    elsewhere = service.apply(case.student, second, by=case.me)
    db.session.commit()
    firm = signed_in_as(case.firm)
    url = f"/applications/{application.public_id}"
    assert firm.post(f"{url}/notes", {"text": ""}).status_code == 422
    assert firm.post(f"{url}/notes", {"text": "notecanary 手很巧"}).status_code == 303
    page = firm.get(url).get_data(as_text=True)
    assert "notecanary" in page
    assert case.firm.person.name in page
    assert "notecanary" in firm.get(f"/positions/{case.position.public_id}/notes").get_data(as_text=True)
    assert firm.client.get(f"/api/v1{url}/notes").get_json()[0]["text"].startswith("notecanary")
    note = db.session.scalar(sa.select(CandidateNote))
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, second.tenant_id))
    officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get_one(Tenant, case.college.tenant_id))
    db.session.commit()
    for member, there in ((case.learner, url), (officer, url), (boss, f"/applications/{elsewhere.public_id}")):
        browser = signed_in_as(member)
        assert "notecanary" not in browser.get(there).get_data(as_text=True)
        assert browser.post(f"/candidate-notes/{note.public_id}/removal").status_code in (403, 404)
    facts = json.dumps(list(db.session.scalars(sa.select(AuditLine.facts))), ensure_ascii=False)
    assert "notecanary" not in facts
    assert firm.post(f"/candidate-notes/{note.public_id}/removal", {"application": str(application.public_id)}).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CandidateNote)) == 0
    assert {"note-candidate", "remove-note"} <= set(db.session.scalars(sa.select(AuditLine.act)))


def test_notes_are_erased_when_the_time_of_the_application_is_over(case):
    application = case.applied()
    enterprise.add_note(case.position, case.student, "x", by=case.boss)
    later = clock.now() + rules.NOTES_KEPT + timedelta(days=1)
    assert enterprise.forget_notes(later) == 0, "the application lives"
    service.decline(application, by=case.boss, reason="skills")
    db.session.flush()
    assert enterprise.forget_notes(clock.now() + rules.NOTES_KEPT - timedelta(days=1)) == 0
    assert enterprise.forget_notes(later) == 1
    assert enterprise.forget_notes(later) == 0


def test_the_same_student_at_two_posts_of_a_firm_is_shown_by_pseudonym(case, signed_in_as):
    firm = db.session.scalar(sa.select(Enterprise).where(Enterprise.tenant_id == case.position.tenant_id))
    second = builders.a_position(firm, venue="factory")
    one, two = case.applied(), service.apply(case.student, second, by=case.me)
    stranger, she = case.another_student()
    third = service.apply(stranger, second, by=she)
    invited = service.invite(stranger, case.position, by=case.boss)
    db.session.commit()
    also = read.elsewhere([one, two, third, invited], case.boss)
    assert {k: [name for name, _ in rows] for k, rows in also.items()} == {one.id: [queries.alias(two)], two.id: [queries.alias(one)]}, "an invitation without an answer says nothing"
    browser = signed_in_as(case.firm)
    for url in ("/applications", "/applications/board", f"/applications/{one.public_id}"):
        page = browser.get(url).get_data(as_text=True)
        assert "The same person at your enterprise:" in page
        assert queries.alias(two) in page
        assert case.student.name not in page
