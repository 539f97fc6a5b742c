"""The register's states, classes, majors, guardians' papers and the caseload: who may, what follows, what is told."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership, Tenant
from consortium.applications import service as applications
from consortium.messages.models import Message
from consortium.organisations.models import College, CollegeMajor
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.audit import AuditLine, Look
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Forbidden
from consortium.students import lifecycle, queries, rules, service
from consortium.students.models import Consent, SchoolClass, Student
from tests import builders

Sign = Callable[..., Any]


def the_office(college: College, role: Role = Role.COLLEGE_OFFICER) -> Membership:
    return builders.a_membership(role, tenant=db.session.get_one(Tenant, college.tenant_id))


@pytest.mark.parametrize(
    ("state", "step", "after"),
    [("enrolled", "leave", "on_leave"), ("on_leave", "resume", "enrolled"), ("enrolled", "graduate", "graduated"), ("on_leave", "move", "moved"),
     ("moved", "reinstate", "enrolled"), ("graduated", "reinstate", "enrolled")],
)  # fmt: skip
def test_each_step_of_the_register_leads_where_it_says(app: Flask, state: str, step: str, after: str) -> None:
    college = builders.a_college()
    student = builders.a_student(college, state=state)
    service.step(student, step, by=the_office(college).actor())
    assert (student.state, student.state_on) == (after, clock.today())


@pytest.mark.parametrize(("state", "step"), [("graduated", "leave"), ("enrolled", "resume"), ("enrolled", "reinstate"), ("moved", "graduate"), ("erased", "reinstate")])
def test_a_step_that_is_not_open_says_whose_it_is(app: Flask, state: str, step: str) -> None:
    college = builders.a_college()
    student = builders.a_student(college, state=state, name="甲同学")
    with pytest.raises(Conflict) as refused:
        service.step(student, step, by=the_office(college).actor())
    assert "甲同学" in str(refused.value.what)
    assert student.state == state


def test_an_adviser_may_not_change_the_register(app: Flask) -> None:
    college = builders.a_college()
    with pytest.raises(Forbidden):
        service.step(builders.a_student(college), "leave", by=the_office(college, Role.CLASS_ADVISER).actor())


def test_who_is_on_leave_is_in_no_run_and_nothing_stays_open(app: Flask) -> None:
    college, post = builders.a_college(), builders.a_position()
    student = builders.a_student(college)
    member = builders.a_student_member(student)
    application = applications.apply(student, post, by=member.actor())
    service.step(student, "leave", by=the_office(college).actor())
    assert queries.for_matching([student.id]) == []
    assert (application.state, application.spoken) == ("withdrawn", False)
    told = set(db.session.scalars(sa.select(Message.kind).where(Message.person_id == student.person_id)))
    assert "register-on_leave" in told
    service.step(student, "resume", by=the_office(college).actor())
    assert [s.id for s in queries.for_matching([student.id])] == [student.id]


def test_a_graduate_is_matched_with_jobs_alone(app: Flask) -> None:
    student = builders.a_student(state="graduated", wants_internship=True, wants_job=True)
    (row,) = queries.as_rows(queries.for_matching([student.id]))
    assert (row["wants_internship"], row["wants_job"]) == (False, True)


def test_a_batch_takes_the_step_for_those_it_is_open_to_and_tells_of_the_others(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    here, gone = builders.a_student(college), builders.a_student(college, state="moved")
    foreign = builders.a_student()
    office = signed_in_as(the_office(college))
    page = office.post("/students/batch", {"act": "graduate", "student": [str(s.public_id) for s in (here, gone, foreign)]}, follow_redirects=True)
    text = page.get_data(as_text=True)
    assert "Graduated: 1" in text
    assert "1 passed over" in text
    assert [db.session.get_one(Student, s.id).state for s in (here, gone, foreign)] == ["graduated", "moved", "enrolled"]
    assert "Tick at least one student" in office.post("/students/batch", {"act": "graduate"}, follow_redirects=True).get_data(as_text=True)


def test_an_adviser_reminds_but_neither_invites_nor_graduates(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    adviser = the_office(college, Role.CLASS_ADVISER)
    student = builders.a_student(college, class_id=builders.a_class(college, adviser_id=adviser.id).id, wish="", phone="")
    builders.a_student_member(student)
    browser = signed_in_as(adviser)
    for act in ("links", "graduate"):
        assert browser.post("/students/batch", {"act": act, "student": str(student.public_id)}).status_code == 403
    for _ in range(2):
        assert browser.post("/students/batch", {"act": "remind", "student": str(student.public_id)}).status_code == 303
    told = db.session.scalars(sa.select(Message).where(Message.kind == "profile-incomplete")).all()
    assert [(m.person_id, m.facts["n"]) for m in told] == [(student.person_id, 3)]  # once a day; phone, wish, skills


def lacking_student(college: College) -> dict[str, Student]:
    """One student who lacks exactly one thing, for each thing."""
    young = clock.today() - timedelta(days=17 * 365)

    def whole(n: int, **given: Any) -> Student:
        consented = given.pop("consented", True)
        guardian = given.pop("guardian", True)
        skilled = given.pop("skilled", True)
        active = given.pop("active", True)
        student = builders.a_student(
            college, consented=consented, **{"phone": f"1990000{n:04d}", "guardian_name": "监护人", "guardian_phone": "19900005678", **given}
        )
        if guardian:
            builders.saved(Consent(student_id=student.id, purpose="internship", version=rules.CONSENT_VERSION, given_by="guardian", given_at=clock.now()))
        if skilled:
            builders.has_skill(student, builders.a_skill())
        if active:
            builders.a_student_member(student)
        return student

    return {
        "account": whole(1, active=False), "consent": whole(2, consented=False), "guardian": whole(3, guardian=False),
        "guardian_contact": whole(4, birth_on=young, guardian_phone=""), "birth_on": whole(5, birth_on=None), "phone": whole(6, phone=""),
        "major_code": whole(7, major_code=""), "wish": whole(8, wish=""), "skills": whole(9, skilled=False), "": whole(10, wants_internship=False, guardian=False),
    }  # fmt: skip


def test_what_is_missing_is_said_alike_of_one_student_in_the_filter_and_in_the_counts(app: Flask) -> None:
    college = builders.a_college()
    found = lacking_student(college)
    actor = the_office(college).actor()
    db.session.commit()
    for name, student in found.items():
        assert queries.lacks(queries.reachable(actor, student.public_id)) == ([name] if name else [])
        if name:
            assert [s.id for s in queries.every(actor, lacks=name)] == [student.id]
    n, counts = queries.caseload(actor)
    assert n == len(found)
    assert counts == dict.fromkeys(rules.LACKS, 1)


def test_the_protection_page_counts_and_its_lists_are_as_long_as_its_figures(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    today = clock.today()
    builders.a_student(college, birth_on=date(today.year - 18, today.month, today.day) if (today.month, today.day) != (2, 29) else date(today.year - 18, 2, 28))
    builders.a_student(college, birth_on=today - timedelta(days=17 * 365), name="未成年同学")
    builders.a_student(college, birth_on=today - timedelta(days=14 * 365), guardian_name="甲", guardian_phone="19900001234")
    builders.a_student(college, birth_on=None)
    office = signed_in_as(the_office(college))
    actor = the_office(college).actor()
    figures = queries.protection(actor)
    assert (figures.minors, figures.up_to_14, figures.unknown_age, figures.no_contact, figures.no_guardian) == (3, 1, 1, 2, 4)
    assert queries.listing(actor, 1, {"minors": "yes", "state": "enrolled"}).total == figures.minors
    assert queries.listing(actor, 1, {"lacks": "guardian_contact"}).total == figures.no_contact
    assert queries.listing(actor, 1, {"lacks": "guardian"}).total == figures.no_guardian
    page = office.get("/protection").get_data(as_text=True)
    assert "未成年同学" in page


def test_papers_of_several_guardians_are_recorded_once_and_foreign_students_are_left_out(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    mine, other, foreign = builders.a_student(college), builders.a_student(college), builders.a_student()
    office = signed_in_as(the_office(college))
    ticked = {"purpose": "internship", "evidence": "家长会 2026-11-20，存档案室", "student": [str(s.public_id) for s in (mine, other, foreign)]}
    assert office.post("/protection/guardian-consents", ticked).status_code == 303
    assert office.post("/protection/guardian-consents", ticked).status_code == 303
    rows = db.session.execute(sa.select(Consent.student_id, Consent.evidence).where(Consent.given_by == "guardian")).all()
    assert sorted(rows) == sorted((s.id, "家长会 2026-11-20，存档案室") for s in (mine, other))
    refused = office.post("/protection/guardian-consents", {**ticked, "evidence": ""})
    assert refused.status_code == 422
    assert "This is needed" in refused.get_data(as_text=True)


def test_a_college_lists_majors_and_is_told_of_those_it_forgot(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    builders.a_student(college, major_code="460301", enrolled_on=date(2024, 9, 1))
    builders.a_student(college, major_code="460301", enrolled_on=date(2025, 9, 1))
    office = signed_in_as(the_office(college))
    page = office.get("/majors").get_data(as_text=True)
    assert "not on the list" in page
    assert "2024: 1 · 2025: 1" in " ".join(page.split())
    assert office.post("/majors", {"code": "M:460301", "first_cohort": "2020"}).status_code == 303
    assert "not on the list" not in office.get("/majors").get_data(as_text=True)
    made = db.session.scalars(sa.select(CollegeMajor)).one()
    assert (made.tenant_id, made.major_code, made.first_cohort, made.last_cohort) == (college.tenant_id, "460301", 2020, None)
    for wrong, said in (({"code": "999999"}, "Not a major of the catalogue: 999999"), ({"code": "460301", "first_cohort": "2024", "last_cohort": "2020"}, "before the first cohort")):
        refused = office.post("/majors", wrong)
        assert refused.status_code == 422
        assert said in refused.get_data(as_text=True)
        assert wrong["code"] in refused.get_data(as_text=True)
    assert office.post(f"/majors/{made.public_id}/removal").status_code == 303
    assert db.session.scalars(sa.select(CollegeMajor)).all() == []


def test_a_class_is_made_renamed_and_refused_with_what_was_typed(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    builders.a_class(college, name="机电2401班")
    office = signed_in_as(the_office(college))
    assert office.post("/classes", {"name": "机电2501班", "major_code": "M:460301", "cohort": "2025"}).status_code == 303
    made = db.session.scalars(sa.select(SchoolClass).where(SchoolClass.name == "机电2501班")).one()
    assert (made.major_code, made.cohort) == ("460301", 2025)
    refused = office.post(f"/classes/{made.public_id}", {"name": "机电2401班", "cohort": "2025"})
    assert refused.status_code == 422
    assert "Another class has this name" in refused.get_data(as_text=True)
    assert office.post("/classes", {"name": "", "major_code": "M:1"}).status_code == 422
    assert office.post(f"/classes/{made.public_id}", {"name": "机电2502班", "cohort": "1900"}).status_code == 422


def test_a_class_is_invited_at_once_and_who_has_an_account_is_left_out(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    own = builders.a_class(college, name="机电2401班")
    without = [builders.a_student(college, class_id=own.id, name=f"学生甲{n}") for n in range(3)]
    builders.a_student_member(builders.a_student(college, class_id=own.id, name="已激活"))
    builders.a_student(college, class_id=own.id, state="moved", name="已转出")
    office = signed_in_as(the_office(college))
    assert "Invite 3" in office.get("/classes").get_data(as_text=True)
    page = office.post(f"/classes/{own.public_id}/activation-links").get_data(as_text=True)
    assert page.count("/invitations/") == 3
    assert all(s.name in page for s in without)
    assert "已激活" not in page
    assert "已转出" not in page


def test_an_adviser_opens_her_own_classes_and_no_others(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    adviser = the_office(college, Role.CLASS_ADVISER)
    own, other = builders.a_class(college, adviser_id=adviser.id), builders.a_class(college)
    builders.a_student(college, class_id=own.id, name="甲同学")
    browser = signed_in_as(adviser)
    assert "甲同学" in browser.get(f"/classes/{own.public_id}").get_data(as_text=True)
    assert browser.get(f"/classes/{other.public_id}").status_code == 404
    assert browser.get(f"/classes/{uuid.uuid4()}").status_code == 404


def test_a_college_sees_who_looked_at_its_students_but_no_names_of_other_organisations(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    student, foreign = builders.a_student(college), builders.a_student()
    firm = builders.a_membership(Role.ENTERPRISE_HEAD, person=builders.a_person(name="企业里的人"))
    for one in (student, foreign):
        db.session.add(Look(student_id=one.id, person_id=firm.person_id, tenant_id=firm.tenant_id, role=firm.role, what="name and contact"))
    db.session.commit()
    office = signed_in_as(the_office(college))
    page = office.get("/looks").get_data(as_text=True)
    assert page.count("name and contact") == 1
    assert "企业里的人" not in page
    office.get(f"/students/{student.public_id}")
    assert "student&#39;s page" in office.get("/looks?who=all").get_data(as_text=True)
    assert "student&#39;s page" not in office.get("/looks").get_data(as_text=True)


def test_steps_leave_a_line_with_from_and_to(app: Flask) -> None:
    college = builders.a_college()
    service.step(builders.a_student(college), "move", by=the_office(college).actor())
    line = db.session.scalars(sa.select(AuditLine).where(AuditLine.act == "move-student")).one()
    assert line.facts == {"source": "enrolled", "target": "moved"}
    assert set(lifecycle.STEPS) == {"leave", "resume", "graduate", "move", "reinstate"}


@pytest.mark.parametrize(
    ("born", "on", "minor"), [(date(2008, 2, 29), date(2026, 2, 28), True), (date(2008, 2, 29), date(2026, 3, 1), False), (date(2008, 11, 24), date(2026, 11, 24), False)]
)
def test_the_lists_of_minors_and_the_law_mean_the_same_day(born: date, on: date, minor: bool) -> None:
    assert (born > rules.born_before(on, rules.OF_AGE)) is minor
    assert rules.minor(born, on) is minor
    of_age = rules.of_age_on(born)
    assert of_age is not None
    assert (on < of_age) is minor
