"""Evidence of certificates, who sees what, and what the student edits stays hers."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Tenant
from consortium.applications import service as applications
from consortium.messages.models import Message
from consortium.proposals.wording import skill_sources
from consortium.shared.access import Role
from consortium.shared.audit import Look
from consortium.shared.db import db
from consortium.shared.files import MOST_PAPER_BYTES, FileRefused, inspect_paper
from consortium.shared.i18n import in_language
from consortium.students.models import Evidence, StudentSkill
from tests import builders

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40 + b"IEND\xaeB`\x82"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


class Case:
    def __init__(self) -> None:
        self.college = builders.a_college()
        self.student = builders.a_student(self.college, about="我会修数控机床", courses="电工基础")
        self.skill = builders.a_skill("低压电工证", kind="certificate")
        self.held = builders.has_skill(self.student, self.skill)
        self.held.source = "student"
        self.member = builders.a_student_member(self.student)
        tenant = db.session.get_one(Tenant, self.college.tenant_id)
        self.officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=tenant)
        self.tenant = tenant
        db.session.commit()

    def send(self, browser, data: bytes = PDF, name: str = "证书.pdf"):
        token = browser.csrf()
        return browser.client.post(
            f"/me/certificates/{self.skill.code}/evidence", data={"csrf_token": token, "file": (io.BytesIO(data), name)}, content_type="multipart/form-data"
        )


@pytest.fixture
def case(app: Flask) -> Case:
    return Case()


@pytest.mark.parametrize(("data", "kind"), [(PDF, "pdf"), (PNG, "png"), (b"\xff\xd8\xff" + b"x" * 20 + b"\xff\xd9", "jpg")])
def test_a_paper_is_known_by_its_bytes(data: bytes, kind: str) -> None:
    assert inspect_paper(data).kind == kind


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"), (b"PK\x03\x04" + b"x" * 50, "not-a-paper"), (b"<html>", "not-a-paper"), (b"%PDF-1.7 cut off", "not-a-paper"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), "active"), (PNG + b"x" * MOST_PAPER_BYTES, "too-large"),
    ],
)  # fmt: skip
def test_what_is_no_plain_paper_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        inspect_paper(data)
    assert refused.value.code == code


def test_from_the_paper_to_seen_by_the_college(case: Case, signed_in_as) -> None:
    student, officer = signed_in_as(case.member), signed_in_as(case.officer)
    assert "Without evidence" in text_of(student.get("/me"))
    assert case.send(student).status_code == 303
    paper = db.session.scalar(sa.select(Evidence))
    assert PDF not in paper.sealed_content, "it lies sealed"
    number = paper.public_id
    page = officer.get("/certificates").get_data(as_text=True)
    assert case.student.name in page
    got = officer.get(f"/certificates/{number}")
    assert (got.get_data(), got.mimetype, "attachment" in got.headers["Content-Disposition"]) == (PDF, "application/pdf", True)
    assert db.session.scalar(sa.select(Look.what).where(Look.student_id == case.student.id, Look.what == "certificate")) == "certificate"
    assert officer.post(f"/certificates/{number}/decision", {"verdict": "verified", "version": "1"}).status_code == 303
    assert "Seen by the college" in text_of(student.get("/me"))
    kinds = [m.kind for m in db.session.scalars(sa.select(Message).where(Message.person_id == case.member.person_id))]
    assert kinds == ["evidence-verified"]
    held = db.session.scalar(sa.select(StudentSkill).where(StudentSkill.student_id == case.student.id))
    with in_language("en"):
        assert skill_sources([held])[case.skill.code].startswith("certificate seen by the college")
    assert case.send(student).status_code == 409, "what is confirmed needs no other paper"


def test_a_refusal_needs_a_reason_and_another_paper_may_follow(case: Case, signed_in_as) -> None:
    student, officer = signed_in_as(case.member), signed_in_as(case.officer)
    case.send(student)
    number = db.session.scalar(sa.select(Evidence.public_id))
    wrong = officer.post(f"/certificates/{number}/decision", {"verdict": "refused"})
    assert wrong.status_code == 422
    assert "Say what is wrong with the paper" in text_of(wrong)
    officer.post(f"/certificates/{number}/decision", {"verdict": "refused", "reason": "看不清编号"})
    assert "看不清编号" in text_of(student.get("/me"))
    assert case.send(student, PNG, "a.png").status_code == 303
    stale = officer.post(f"/certificates/{number}/decision", {"verdict": "verified", "version": "1"})
    assert stale.status_code == 409, "another paper than the one that was looked at"
    found = db.session.scalar(sa.select(Evidence))
    assert (found.state, found.kind, found.reason) == ("submitted", "png", "")


def test_a_refused_file_says_what_to_send_and_changes_nothing(case: Case, signed_in_as) -> None:
    answer = case.send(signed_in_as(case.member), b"MZ not a paper", "virus.pdf")
    assert answer.status_code == 400
    assert "Send a scan or a photo of the certificate." in text_of(answer)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Evidence)) == 0


def test_nobody_else_reads_the_paper(case: Case, signed_in_as) -> None:
    case.send(signed_in_as(case.member))
    number = db.session.scalar(sa.select(Evidence.public_id))
    other = Case()
    for member, status in ((other.member, 404), (other.officer, 404), (builders.a_membership(Role.ENTERPRISE_HEAD), 403), (builders.a_membership(Role.ZONE_HEAD), 403)):
        assert signed_in_as(member).get(f"/certificates/{number}").status_code == status
    assert str(number) not in signed_in_as(other.officer).get("/certificates").get_data(as_text=True)


def test_what_is_withheld_is_read_only_after_acceptance(case: Case, signed_in_as) -> None:
    firm = builders.an_enterprise()
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, firm.tenant_id))
    post = builders.a_position(firm, places=2, venue="factory")
    browser = signed_in_as(case.member)
    assert browser.post("/me/visibility", {"withheld": ["about", "courses", "college"]}).status_code == 303
    application = applications.apply(case.student, post, by=case.member.actor())
    db.session.commit()
    hidden = ("我会修数控机床", "电工基础", case.tenant.name_zh)
    reader = signed_in_as(boss, lang="zh")
    page = reader.get(f"/applications/{application.public_id}").get_data(as_text=True)
    assert not [word for word in hidden if word in page]
    assert reader.get(f"/api/v1/applications/{application.public_id}").get_json()["college"] == ""
    applications.offer(case.student, post, by=boss.actor())
    applications.accept(application, by=case.member.actor())
    db.session.commit()
    page = reader.get(f"/applications/{application.public_id}").get_data(as_text=True)
    assert [word for word in hidden if word not in page] == []


def test_visibility_is_saved_apart_and_a_strange_part_is_refused(case: Case, signed_in_as) -> None:
    browser = signed_in_as(case.member)
    browser.post("/me/visibility", {"withheld": ["about"]})
    assert browser.get("/api/v1/me/visibility").get_json() == {"withheld": ["about"]}
    browser.post("/me", {"wish": "设备维修"})
    assert browser.get("/api/v1/me/visibility").get_json()["withheld"] == ["about"], "saving the profile does not touch it"
    assert browser.send_json("POST", "/api/v1/me/visibility", {"withheld": ["name"]}).status_code == 422


def test_what_is_edited_is_marked_as_her_own_so_that_imports_leave_it(case: Case, signed_in_as) -> None:
    browser = signed_in_as(case.member)
    browser.post("/me", {"wish": "焊接", "industries": ["新材料", "电子信息"], "shift_ok": "no", "skills": case.skill.code})
    db.session.refresh(case.student)
    assert (case.student.industries, case.student.wish) == (["新材料", "电子信息"], "焊接")
    assert {"industries", "wish", "shift_ok"} <= set(case.student.own_edits)
    assert browser.post("/me", {"industries": ["航天"]}).status_code == 422


def test_no_skill_is_added_without_a_click(case: Case, signed_in_as) -> None:
    other = builders.a_skill("电气识图")
    db.session.commit()
    page = text_of(signed_in_as(case.member).get(f"/me?add={other.code}"))
    assert "It counts only once you save." in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StudentSkill).where(StudentSkill.student_id == case.student.id)) == 1
