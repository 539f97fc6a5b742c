"""Pages of students: who sees whom, the profile that keeps what was typed, consents in plain words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Flask

from consortium.shared.access import Role
from consortium.shared.audit import Look
from consortium.shared.db import db
from consortium.students.models import Consent, Student
from tests import builders

Sign = Callable[..., Any]


def test_an_adviser_sees_only_her_classes_and_the_office_all(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    adviser = builders.a_membership(Role.CLASS_ADVISER, tenant=college.tenant)
    mine = builders.a_student(college, class_id=builders.a_class(college, adviser_id=adviser.id).id, name="甲同学")
    other = builders.a_student(college, class_id=builders.a_class(college).id, name="乙同学")
    page = signed_in_as(adviser).get("/students").get_data(as_text=True)
    assert "甲同学" in page
    assert "乙同学" not in page
    assert signed_in_as(adviser).get(f"/students/{other.public_id}").status_code == 404
    assert signed_in_as(adviser).get(f"/students/{mine.public_id}").status_code == 200
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=college.tenant))
    assert all(name in office.get("/students").get_data(as_text=True) for name in ("甲同学", "乙同学"))
    assert office.get("/exports/students/file").mimetype.endswith("sheet")
    assert office.get(f"/students/{uuid.uuid4()}").status_code == 404
    assert signed_in_as(Role.COLLEGE_OFFICER).get(f"/students/{mine.public_id}").status_code == 404


def test_every_look_is_recorded_and_shown_to_the_student(app: Flask, signed_in_as: Sign) -> None:
    student = builders.a_student()
    member = builders.a_student_member(student)
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=student.tenant))
    office.get(f"/students/{student.public_id}")
    office.get("/students")
    assert sorted(db.session.scalars(sa.select(Look.what))) == ["list of students", "student's page"]
    assert "student&#39;s page" in signed_in_as(member).get("/me").get_data(as_text=True)


def test_filters_narrow_the_list(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    builders.a_student(college, name="甲同学")
    builders.a_student(college, name="乙同学", consented=False)
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=college.tenant))
    assert "乙同学" not in office.get("/students?consent=yes").get_data(as_text=True)
    assert "甲同学" not in office.get("/students?consent=no").get_data(as_text=True)
    assert "No student fits this filter" in office.get("/students?account=yes").get_data(as_text=True)
    assert "甲同学" in office.get("/students?query=甲&page=0").get_data(as_text=True)


def test_a_refused_profile_keeps_what_was_typed(app: Flask, signed_in_as: Sign) -> None:
    me = signed_in_as(builders.a_student_member())
    version = str(db.session.scalar(sa.select(Student.version)))
    db.session.rollback()
    answer = me.post("/me", {"version": version, "wish": "新的心愿", "places": "Atlantis", "least_pay_fen": "3500"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "新的心愿" in page
    assert "Atlantis" in page
    assert "3500" in page


def test_a_profile_is_saved_and_a_stale_one_shows_both(app: Flask, signed_in_as: Sign) -> None:
    builders.a_skill("PLC编程", name_en="PLC programming")
    me = signed_in_as(builders.a_student_member())
    version = str(db.session.scalar(sa.select(Student.version)))
    db.session.rollback()
    assert me.post("/me", {"version": version, "wish": "焊接", "skills": "PLC编程", "wants_zone": "no"}).status_code == 303
    answer = me.post("/me", {"version": version, "wish": "质检", "wants_zone": "yes"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "焊接" in page
    assert "质检" in page
    assert "PLC programming" in page
    assert "wants_zone" not in page
    assert "About yourself" not in page, "what is the same on both sides is left out"
    assert "None" not in page


def test_consent_is_one_click_and_so_is_its_end(app: Flask, signed_in_as: Sign) -> None:
    me = signed_in_as(builders.a_student_member(builders.a_student(consented=False)))
    assert "How long" in me.get("/me").get_data(as_text=True)
    assert me.post("/me/consents/matching", {"answer": "yes"}).status_code == 303
    assert "Withdraw" in me.get("/me").get_data(as_text=True)
    me.post("/me/consents/matching", {"answer": "no"})
    assert db.session.scalars(sa.select(Consent.withdrawn_at)).one() is not None
    assert me.post("/me/consents/anything", {"answer": "yes"}).status_code == 404


def test_a_child_sees_that_the_guardian_comes_first(app: Flask, signed_in_as: Sign) -> None:
    student = builders.a_student(consented=False, birth_on=date.today().replace(year=date.today().year - 13, day=1))
    me = signed_in_as(builders.a_student_member(student))
    page = me.get("/me").get_data(as_text=True)
    assert "a guardian must agree first" in page
    assert 'value="yes"> I agree' not in page
    assert me.post("/me/consents/matching", {"answer": "yes"}).status_code == 409
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=student.tenant))
    where = f"/students/{student.public_id}/guardian-consents"
    assert office.post(where, {"purpose": "matching"}).status_code == 422
    assert office.post(where, {"purpose": "matching", "evidence": "父亲签字，学工办存档"}).status_code == 303
    assert "父亲签字" in office.get(f"/students/{student.public_id}").get_data(as_text=True)
    assert me.post("/me/consents/matching", {"answer": "yes"}).status_code == 303


def test_activation_links_are_shown_once(app: Flask, signed_in_as: Sign) -> None:
    student = builders.a_student()
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=student.tenant))
    page = office.post("/students/batch?account=no", {"act": "links", "student": str(student.public_id)}).get_data(as_text=True)
    assert page.count("<code>") == 1
    assert student.student_no in page
    assert "<code>" not in office.get("/students?account=no").get_data(as_text=True)


def test_the_profile_is_a_resource_too(app: Flask, signed_in_as: Sign) -> None:
    me = signed_in_as(builders.a_student_member())
    body = me.get("/api/v1/me/profile").get_json()
    kept = {n: v for n, v in body.items() if n not in ("name", "major_code")}
    assert me.send_json("PUT", "/api/v1/me/profile", {**kept, "wish": "焊接"}).status_code == 200
    assert me.send_json("PUT", "/api/v1/me/profile", {**kept, "wish": "质检"}).status_code == 409
    assert me.send_json("PUT", "/api/v1/me/profile", {**kept, "version": body["version"] + 1, "places": ["Atlantis"]}).status_code == 422


def test_the_office_gives_a_class_to_an_adviser_who_then_sees_it(app: Flask, signed_in_as: Sign) -> None:
    college = builders.a_college()
    adviser = builders.a_membership(Role.CLASS_ADVISER, tenant=college.tenant)
    stranger = builders.a_membership(Role.CLASS_ADVISER, tenant=builders.a_college().tenant)
    school_class = builders.a_class(college, name="24焊接1班")
    builders.a_student(college, class_id=school_class.id, name="甲同学")
    builders.a_student(college, class_id=school_class.id, name="乙同学", consented=False)
    empty = builders.a_class(college, name="24空班")
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=college.tenant))
    page = office.get("/classes").get_data(as_text=True)
    assert "24焊接1班" in page
    assert empty.name in page
    listed = {one["name"]: (one["students"], one["agreed"], one["adviser"]) for one in office.get("/api/v1/classes").json}
    assert listed == {"24焊接1班": (2, 1, None), "24空班": (0, 0, None)}
    url = f"/classes/{school_class.public_id}/adviser"
    assert office.post(url, {"adviser": str(stranger.public_id)}).status_code == 422
    assert office.send_json("PUT", f"/api/v1{url}", {"adviser": str(stranger.public_id)}).status_code == 422
    assert "甲同学" not in signed_in_as(adviser).get("/students").get_data(as_text=True)
    assert office.post(url, {"adviser": str(adviser.public_id)}).status_code == 303
    assert "甲同学" in signed_in_as(adviser).get("/students").get_data(as_text=True)
    assert office.send_json("PUT", f"/api/v1{url}", {"adviser": None}).status_code == 204
    assert "甲同学" not in signed_in_as(adviser).get("/students").get_data(as_text=True)
    assert signed_in_as(adviser).get("/classes").status_code == 403


def test_codes_in_a_profile_stand_beside_their_names(app: Flask, signed_in_as: Sign) -> None:
    student = builders.a_student(places=["441802"])
    builders.has_skill(student, builders.a_skill("数控车削"))
    page = signed_in_as(builders.a_student_member(student)).get("/me").get_data(as_text=True)
    named = page.split('id="places"')[1].split("</div>")[1]
    assert "清城" in named
    assert "441802" not in named
