"""The draft that an accepted offer leaves."""

from datetime import timedelta

import sqlalchemy as sa

from consortium.agreements import queries, service
from consortium.agreements.models import Agreement
from consortium.applications import service as applications
from consortium.messages.models import Message
from consortium.organisations.models import SiteVisit
from consortium.shared import audit, clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.students import service as students
from tests import builders


def test_the_terms_are_the_facts_as_agreed_and_stay_so(case, draft):
    assert (draft.kind, draft.state, draft.version) == ("internship", "drafted", 1)
    assert draft.terms["student"] == case.student.name
    assert draft.terms["pay_fen"] == 350000
    assert draft.terms["start_on"] == case.position.start_on.isoformat()
    case.position.pay_fen = 1
    db.session.commit()
    db.session.refresh(draft)
    assert draft.terms["pay_fen"] == 350000


def test_no_identity_number_phone_or_mail_is_copied(case, draft):
    told = str(draft.terms)
    assert case.student.phone not in told
    assert case.student.email not in told


def test_a_grown_student_signs_with_enterprise_and_college(draft):
    assert [(s.party, s.turn, s.signed_at) for s in draft.signatures] == [("student", 1, None), ("enterprise", 2, None), ("college", 3, None)]


def test_a_minors_guardian_signs_too(case):
    case.student.birth_on = clock.today() - timedelta(days=17 * 365)
    db.session.flush()
    applications.accept(case.offered(), by=case.me)
    found = db.session.scalar(sa.select(Agreement))
    assert [s.party for s in found.signatures] == ["student", "guardian", "enterprise", "college"]


def test_a_job_becomes_an_offer_of_employment_of_two_without_the_rules_of_internships(case):
    post, boss = case.another_post(kind="job", contract_months=24)
    applications.accept(applications.offer(case.student, post, by=boss), by=case.me)
    found = db.session.scalar(sa.select(Agreement))
    assert (found.kind, [s.party for s in found.signatures]) == ("job", ["student", "enterprise"])
    assert {one.code for one in queries.checklist(found)} == {f"J0{n}" for n in range(1, 8)}


def test_drafting_twice_gives_the_same_draft(draft):
    assert service.draft_from(draft.application_id).id == draft.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Agreement)) == 1


def test_the_draft_and_the_acceptance_are_one_transaction(case):
    application = case.offered()
    db.session.commit()
    applications.accept(application, by=case.me)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Agreement)) == 0


def test_drafting_leaves_an_audit_line_and_tells_student_and_college(case):
    officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=case.student.tenant)
    applications.accept(case.offered(), by=case.me)
    assert db.session.scalar(sa.select(audit.AuditLine.result).where(audit.AuditLine.act == "draft-agreement")) == "done"
    told = db.session.scalars(sa.select(Message.person_id).where(Message.kind == "agreement-drafted"))
    assert set(told) == {case.student.person_id, officer.person_id}


def test_the_checklist_follows_the_records(case, draft):
    def states():
        return {one.code: one.state for one in queries.checklist(draft)}

    lacking = {code: state for code, state in states().items() if state != 1}
    assert lacking == {"R06": 0, "R08": 0, "R15": 0, "R16": 0, "R29": -1, "R30": 0}
    db.session.add(
        SiteVisit(
            college_tenant_id=draft.college_tenant_id, enterprise_tenant_id=draft.enterprise_tenant_id, visited_on=clock.today(),
            decided_on=clock.today(), published_on=clock.today(),
        )
    )
    students.give_consent(case.student, "internship", by=case.me)
    db.session.flush()
    assert states()["R06"] == 1
    assert next(one.facts for one in queries.checklist(draft) if one.code == "R08") == (("student", True), ("guardian", False))
