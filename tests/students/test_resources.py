"""What the pages of students do, by the API."""

from __future__ import annotations

from flask import Flask

from consortium.accounts.models import Tenant
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.students.models import Consent
from tests import builders


def test_activation_links_are_made_for_students_without_an_account_and_told_once(app: Flask, signed_in_as) -> None:
    college = builders.a_college()
    tenant = db.session.get_one(Tenant, college.tenant_id)
    without, known = builders.a_student(college), builders.a_student(college)
    builders.a_student_member(known)
    browser = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=tenant))
    answer = browser.send_json("POST", "/api/v1/students/activation-links", {})
    assert answer.status_code == 201
    (link,) = answer.get_json()
    assert link["student"] == str(without.public_id)
    assert link["link"].startswith("http://localhost/invitations/")


def test_a_guardians_consent_names_what_is_missing(app: Flask, signed_in_as) -> None:
    college = builders.a_college()
    student = builders.a_student(college, consented=False)
    browser = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get_one(Tenant, college.tenant_id)))
    url = f"/api/v1/students/{student.public_id}/guardian-consents"
    refused = browser.send_json("POST", url, {"purpose": "selling", "evidence": " "})
    assert (refused.status_code, set(refused.get_json()["errors"])) == (422, {"purpose", "evidence"})
    assert browser.send_json("POST", url, {"purpose": "internship", "evidence": "纸质件第3号"}).status_code == 204
    found = db.session.query(Consent).filter_by(student_id=student.id).one()
    assert (found.purpose, found.given_by, found.evidence) == ("internship", "guardian", "纸质件第3号")
