"""The pages of filings, overrides, mentors and the law's tables, and one page per rule: one happy path and each refusal."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Tenant
from consortium.agreements import service as drafting
from consortium.applications.models import Application
from consortium.compliance.models import Filing, LawEntry, Mentor, Override
from consortium.dashboards import queries as dashboards
from consortium.matching.eligibility import BY_CODE
from consortium.reference import law
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders

Sign = Callable[..., Any]
DAYS = {"valid_from": clock.today().isoformat(), "valid_until": (clock.today() + timedelta(days=365)).isoformat()}
FILING = {"rules": "R26", "number": "清教备7", "authority": "清远市教育局", "filed_on": clock.today().isoformat(), **DAYS}


def test_a_firm_enters_a_filing_with_its_paper_and_the_zone_verifies_it(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise()
    boss, zone = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant)), signed_in_as(Role.ZONE_OFFICER)
    assert "Enter a filing" in boss.get("/filings/new").get_data(as_text=True)
    wrong = boss.post("/filings", FILING | {"number": "", "rules": "R26"})
    assert wrong.status_code == 422
    assert "清远市教育局" in wrong.get_data(as_text=True)  # nothing typed is lost
    sent = boss.post("/filings", FILING | {"file": (io.BytesIO(b"%PDF-1.7 paper"), "批文.pdf")}, content_type="multipart/form-data")
    assert sent.status_code == 303
    where = sent.headers["Location"]
    page = zone.get(where).get_data(as_text=True)
    assert "清教备7" in page and "Mark as verified" in page and "批文.pdf" in page
    paper = zone.get(where + "/file")
    assert (paper.data, paper.mimetype) == (b"%PDF-1.7 paper", "application/pdf")
    assert paper.headers["Content-Disposition"].startswith("attachment")
    assert boss.post(where + "/verification").status_code == 403
    assert zone.post(where + "/refusal", {"reason": ""}).status_code == 422
    assert zone.post(where + "/verification").status_code == 303
    assert zone.post(where + "/verification").status_code == 409
    assert "In force" in boss.get("/filings?rule=R26").get_data(as_text=True)
    assert "清教备7" not in boss.get("/filings?rule=R24").get_data(as_text=True)
    assert "清教备7" in zone.get("/rules/R26").get_data(as_text=True)
    rival = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=builders.an_enterprise().tenant))
    assert rival.get(where).status_code == rival.get(where + "/file").status_code == 404
    assert boss.post(where + "/withdrawal").status_code == 303


def test_a_paper_that_is_none_is_refused_beside_its_field(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise()
    boss = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))
    answer = boss.post("/filings", FILING | {"file": (io.BytesIO(b"<html>"), "a.pdf")}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "PDF, PNG or JPEG" in answer.get_data(as_text=True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Filing)) == 0


def test_a_college_files_for_an_enterprise_it_names(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise()
    college = builders.a_college()
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=college.tenant))
    assert "Unified social credit code" in office.get("/filings/new").get_data(as_text=True)
    assert firm.tenant.name_en in office.get(f"/filings/new?enterprise={firm.credit_code}").get_data(as_text=True)
    assert office.post("/filings", FILING).status_code == 422
    assert office.post("/filings", FILING | {"enterprise": str(firm.public_id)}).status_code == 303
    found = db.session.scalars(sa.select(Filing)).one()
    assert (found.tenant_id, found.colleges) == (firm.tenant_id, [college.tenant_id])


def test_a_school_records_an_override_and_zone_and_firm_see_it(app: Flask, signed_in_as: Sign) -> None:
    firm, college = builders.an_enterprise(), builders.a_college()
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=college.tenant))
    other = signed_in_as(Role.COLLEGE_OFFICER)
    boss, zone = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant)), signed_in_as(Role.ZONE_HEAD)
    told = {"enterprise": str(firm.public_id), "rule": "R13", "reason": "护理专业按培养方案实习八个月。", **DAYS}
    assert office.get(f"/rule-overrides/new?enterprise={firm.public_id}&rule=R13").status_code == 200
    assert office.post("/rule-overrides", told | {"rule": "R10"}).status_code == 422  # how many above the share?
    sent = office.post("/rule-overrides", told)
    assert sent.status_code == 303
    where = sent.headers["Location"]
    for reader in (office, boss, zone):
        assert "护理专业按培养方案实习八个月。" in reader.get(where).get_data(as_text=True)
    assert other.get(where).status_code == 404
    page = zone.get("/rules/R13").get_data(as_text=True)
    assert "护理专业按培养方案实习八个月。" in page and str(college.tenant.name_en) in page
    assert "护理专业按培养方案实习八个月。" in zone.get("/rule-overrides").get_data(as_text=True)
    assert boss.post("/rule-overrides", told).status_code == zone.post("/rule-overrides", told).status_code == 403
    assert office.post(where + "/withdrawal", {"reason": ""}).status_code == 422
    assert office.post(where + "/withdrawal", {"reason": "不再需要"}).status_code == 303
    assert office.post(where + "/withdrawal", {"reason": "不再需要"}).status_code == 409
    assert db.session.scalars(sa.select(Override.withdrawal)).one() == "不再需要"


def test_a_firm_declares_changes_and_ends_mentors(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise(mentored=False)
    boss = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))
    assert "No mentor yet" in boss.get("/mentors").get_data(as_text=True)
    assert boss.post("/mentors", {"name": "王师傅", "load_limit": "3"}).status_code == 303
    mentor = db.session.scalars(sa.select(Mentor)).one()
    where, version = f"/mentors/{mentor.public_id}", mentor.version
    db.session.rollback()
    assert "王师傅" in boss.get(f"/mentors?mentor={mentor.public_id}").get_data(as_text=True)
    assert boss.post(where, {"name": "王师傅", "load_limit": "0", "version": version}).status_code == 422
    assert boss.post(where, {"name": "王师傅", "load_limit": "6", "version": version}).status_code == 303
    assert boss.post(where, {"name": "王师傅", "load_limit": "7", "version": version}).status_code == 409
    db.session.expire_all()
    assert mentor.load_limit == 6
    db.session.rollback()
    rival = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=builders.an_enterprise().tenant))
    assert rival.post(where + "/end").status_code == 404
    assert signed_in_as(builders.a_membership(Role.MENTOR, tenant=firm.tenant)).post("/mentors", {"name": "x"}).status_code == 403
    assert boss.post(where + "/end").status_code == 303
    assert "ended on" in boss.get("/mentors").get_data(as_text=True)


def test_the_desk_says_which_open_posts_lack_a_mentor(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise(mentored=False)
    builders.a_position(firm, title="无导师的岗位")
    boss = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))
    assert "1 open post lacks a mentor" in boss.get("/").get_data(as_text=True)
    builders.a_mentor(firm, load_limit=3)
    assert "lacks a mentor" not in boss.get("/").get_data(as_text=True)


def test_tables_of_the_law_are_read_by_the_zone_and_changed_by_its_head(app: Flask, signed_in_as: Sign) -> None:
    officer, head = signed_in_as(Role.ZONE_OFFICER), signed_in_as(Role.ZONE_HEAD)
    page = officer.get("/law-tables").get_data(as_text=True)
    for told in ("firm_share", "0.10", "2027-02-06", "dust", "《劳动法》第36条"):
        assert told in page
    line = {"kind": "make-up", "key": "2027-02-14", "name_zh": "春节调休", "source": "国办发明电〔2026〕9号"}
    assert officer.post("/law-tables", line).status_code == 403
    assert head.post("/law-tables", line | {"key": "2027-02-15"}).status_code == 422  # a Monday
    assert head.post("/law-tables", line).status_code == 303
    assert "国办发明电〔2026〕9号" in officer.get("/law-tables").get_data(as_text=True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LawEntry)) == 1


@pytest.mark.parametrize("code", sorted(law.rules()))
def test_every_rule_has_its_page_and_its_lists_are_as_long_as_its_counts(code: str, app: Flask, signed_in_as: Sign) -> None:
    _some_of_everything()
    zone = signed_in_as(Role.ZONE_OFFICER)
    page = zone.get(f"/rules/{code}").get_data(as_text=True)
    assert law.rule(code).words("en") in page.replace("&#39;", "'").replace("&#34;", '"')
    told = zone.get(f"/api/v1/rules/{code}").get_json()
    cases = zone.get(f"/api/v1/rules/{code}/cases").get_json()
    posts = [c["state"] for c in cases if c["kind"] == "post"]
    drafts = [c["state"] for c in cases if c["kind"] == "agreement"]
    in_drafts = told["agreements"] or {"met": 0, "not_met": 0, "not_known": 0}
    for state, name in ((1, "met"), (0, "not_met"), (-1, "not_known")):
        assert posts.count(state) == (told[name] or 0)
        assert drafts.count(state) == in_drafts[name]
    assert page.count('<li><a href="/positions/') == len(posts)
    book = zone.get(f"/rules/{code}/export")
    with zipfile.ZipFile(io.BytesIO(book.data)) as inside:
        assert inside.read("xl/worksheets/sheet1.xml").count(b"<row ") == 1 + len(cases)


def test_of_what_a_rule_says_of_a_person_the_zone_reads_only_whose_college_is_to_be_asked(app: Flask, signed_in_as: Sign) -> None:
    agreement = _some_of_everything()
    for one in dashboards.cases_of("R18"):
        assert (one.post, one.enterprise) == ("", "")
        assert str(one.college) == str(agreement.application.student.tenant.name)
    page = signed_in_as(Role.ZONE_HEAD).get("/rules/R18").get_data(as_text=True)
    assert agreement.terms["student"] not in page
    assert agreement.terms["title"] not in page
    assert BY_CODE["R18"].scope == "pair"


def _some_of_everything() -> Any:
    firm, student = builders.an_enterprise(), builders.a_student(name="不可见之名")
    post = builders.a_position(firm, title="协议中的岗位", night=True, state="closed")
    builders.a_position(builders.an_enterprise(verified_at=None), rest_days=None)
    builders.a_position(firm, kind="job", end_on=None)
    application = builders.saved(
        Application(
            college_tenant_id=student.tenant_id, enterprise_tenant_id=firm.tenant_id, student_id=student.id, position_id=post.id, kind="internship",
            state="accepted", begun_by="student", spoken=True,
        )
    )  # fmt: skip
    made = drafting.draft_from(application.id)
    assert db.session.get(Tenant, firm.tenant_id)
    db.session.commit()
    return made
