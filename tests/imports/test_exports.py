"""Any list as a table: chosen columns, remembered by an organisation; only what the reader may see; text stays text; looks are written down."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.agreements import service as agreements
from consortium.applications import service as applications
from consortium.imports.kinds import EXPORTS
from consortium.shared import sealed
from consortium.shared.access import COLLEGE_OFFICE, ENTERPRISE_OFFICE, ZONE, Role
from consortium.shared.audit import AuditLine, Look
from consortium.shared.db import db
from tests import builders
from tests.conftest import check_html
from tests.workbooks import cells

LIVE = tuple("=+-@\t\r\n＝＋－＠")


class Pair:
    """A student who applied for a post, a college, a firm, and somebody of each."""

    def __init__(self) -> None:
        self.college, self.firm = builders.a_college(), builders.an_enterprise()
        school_class = builders.a_class(self.college)
        self.student = builders.a_student(self.college, name="=陈小燕", phone="19912345678", class_id=school_class.id, student_no="2024000777")
        self.learner = builders.a_student_member(self.student)
        self.post = builders.a_position(self.firm, title="+设备维修")
        self.boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=self.firm.tenant)
        self.officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=self.college.tenant)
        self.zone = builders.a_membership(Role.ZONE_OFFICER)
        db.session.commit()


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def _table(browser: Any, name: str, query: str = "shape=all") -> list[dict[str, Any]]:
    answer = browser.get(f"/exports/{name}/file?{query}")
    assert answer.status_code == 200
    rows = cells(answer.get_data())
    return [dict(zip(rows[0], [value or "" for value in row], strict=True)) for row in rows[1:]]


def test_an_enterprise_takes_along_a_name_and_a_contact_only_after_the_step_that_opens_them(pair: Pair, signed_in_as: Any) -> None:
    application = applications.apply(pair.student, pair.post, by=pair.learner.actor())
    db.session.commit()
    office = signed_in_as(pair.boss)
    (row,) = _table(office, "applications")
    assert row["Student"] != pair.student.name
    assert (row["Mobile phone"], row["Email"], row["Student number"], row["Class"]) == ("", "", "", "")
    assert row["Level"] == pair.student.level
    applications.offer(pair.student, pair.post, by=pair.boss.actor())
    applications.accept(application, by=pair.learner.actor())
    db.session.commit()
    (row,) = _table(office, "applications")
    assert (row["Student"], row["Mobile phone"], row["Student number"]) == (pair.student.name, "19912345678", "")
    looks = db.session.scalars(sa.select(Look).where(Look.student_id == pair.student.id, Look.tenant_id == pair.firm.tenant_id).order_by(Look.id)).all()
    assert [look.what for look in looks] == ["list of students", "name and contact"]
    assert {look.subject_kind for look in looks} == {"applications"}


def test_a_withdrawn_application_hides_again_what_it_had_opened(pair: Pair, signed_in_as: Any) -> None:
    application = applications.apply(pair.student, pair.post, by=pair.learner.actor())
    applications.withdraw(application, by=pair.learner.actor())
    db.session.commit()
    (row,) = _table(signed_in_as(pair.boss), "applications")
    assert (row["Student"] != pair.student.name, row["Level"], row["Mobile phone"]) == (True, "", "")


def test_a_college_takes_along_its_own_applications_and_agreements_and_an_outsider_none(pair: Pair, signed_in_as: Any) -> None:
    application = applications.offer(pair.student, pair.post, by=pair.boss.actor())
    applications.accept(application, by=pair.learner.actor())
    agreements.draft_from(application.id)
    db.session.commit()
    office = signed_in_as(pair.officer)
    assert [row["Student number"] for row in _table(office, "applications")] == ["2024000777"]
    assert [(row["Student"], row["State"]) for row in _table(office, "agreements", "")] == [(pair.student.name, "Drafted")]
    other = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=builders.a_college().tenant))
    assert _table(other, "applications") == []
    assert _table(other, "agreements", "") == []


def test_the_filter_of_the_list_is_the_filter_of_its_export(pair: Pair, signed_in_as: Any) -> None:
    applications.apply(pair.student, pair.post, by=pair.learner.actor())
    db.session.commit()
    office = signed_in_as(pair.officer)
    assert len(_table(office, "applications", "state=applied")) == 1
    assert _table(office, "applications", "state=ended") == []
    assert "state=applied" in office.get("/applications?state=applied").get_data(as_text=True).split("/exports/applications", 1)[1][:60]


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.COLLEGE_OFFICER, {"students", "classes", "looks", "positions", "applications", "agreements", "imports"}),
        (Role.ENTERPRISE_MEMBER, {"positions", "applications", "agreements", "imports"}),
        (Role.ZONE_OFFICER, {"positions", "rules", "enterprises"}),
    ],
    ids=["college", "enterprise", "zone"],
)
def test_each_role_is_offered_its_own_lists_and_is_refused_the_others(app: Flask, pair: Pair, signed_in_as: Any, role: Role, names: set[str]) -> None:
    tenants = {Role.COLLEGE_OFFICER: pair.college.tenant, Role.ENTERPRISE_MEMBER: pair.firm.tenant}
    browser = signed_in_as(builders.a_membership(role, tenant=tenants.get(role)))
    page = browser.get("/exports").get_data(as_text=True)
    known = set(EXPORTS)
    assert {name for name in known if f'/exports/{name}"' in page} >= names
    for name in known:
        allowed = f'/exports/{name}"' in page
        assert browser.get(f"/exports/{name}").status_code == (200 if allowed else 403)
        assert browser.get(f"/exports/{name}/file").status_code == (200 if allowed else 403)
        told = browser.client.get(f"/api/v1/exports/{name}")
        assert told.status_code == (200 if allowed else 403)
    assert browser.get("/exports/nothing").status_code == 404


def test_no_export_holds_a_live_formula_in_either_format(pair: Pair, signed_in_as: Any) -> None:
    applications.apply(pair.student, pair.post, by=pair.learner.actor())
    db.session.commit()
    for member, roles in ((pair.officer, COLLEGE_OFFICE), (pair.boss, ENTERPRISE_OFFICE), (pair.zone, ZONE)):
        browser = signed_in_as(member)
        assert Role(member.role) in roles
        for name in [one for one, export in EXPORTS.items() if member.actor().can(export.ability)]:
            book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/exports/{name}/file?shape=all").get_data()))
            assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row} <= {"s", "n"}, name
            assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None} <= {"s"}, name
            text = browser.get(f"/exports/{name}/file?shape=all&format=csv").get_data().decode("utf-8-sig")
            assert not [field for line in text.splitlines() for field in line.split(",") if field.strip('"').startswith(LIVE)], name


def test_columns_are_kept_for_the_organisation_and_offered_to_a_colleague(pair: Pair, signed_in_as: Any) -> None:
    office = signed_in_as(pair.officer)
    kept = office.post("/exports/applications", {"c": ["post", "state"], "h-post": "去处", "o-state": "1", "o-post": "2", "keep": "1", "name": "周报"})
    assert kept.status_code == 303
    colleague = signed_in_as(builders.a_membership(Role.COLLEGE_HEAD, tenant=pair.college.tenant))
    assert "周报" in colleague.get("/exports/applications").get_data(as_text=True)
    assert cells(colleague.get("/exports/applications/file?set=周报").get_data())[0] == ["State", "去处"]
    assert "周报" not in signed_in_as(pair.boss).get("/exports/applications").get_data(as_text=True)
    told = colleague.client.get("/api/v1/exports/applications").get_json()
    assert told["sets"] == [{"name": "周报", "columns": [["state", "State"], ["post", "去处"]]}]


def test_whole_identity_numbers_leave_only_by_a_recorded_act(app: Flask, pair: Pair, signed_in_as: Any) -> None:
    number = "440102200603121238"
    pair.student.identity_sealed, pair.student.identity_tail = sealed.seal(number, app.config["ID_KEY"]), sealed.masked(number)
    pair.student.identity_hash = sealed.keyed_hash(number, app.config["ID_KEY"])
    db.session.commit()
    office = signed_in_as(pair.officer)
    for query in ("shape=destinations", "c=identity&c=name"):
        led = office.get(f"/exports/students/file?{query}")
        assert led.status_code == 303
        assert number not in office.get(led.headers["Location"]).get_data(as_text=True)
    usual = office.get("/exports/students/file?shape=register")
    assert number not in str(cells(usual.get_data()))
    sent = office.post("/exports/students", {"c": ["student_no", "identity"], "format": "xlsx"})
    assert cells(sent.get_data()) == [["学号", "身份证号"], ["2024000777", number]]
    line = db.session.scalars(sa.select(AuditLine).where(AuditLine.act == "export-guarded")).one()
    assert line.facts == {"list": "students", "rows": 1, "columns": ["student_no", "identity"]}
    assert number not in str(line.facts)
    looks = db.session.scalars(sa.select(Look.what).where(Look.student_id == pair.student.id).order_by(Look.id)).all()
    assert looks[-1] == "whole identity number"
    assert "whole identity number" in signed_in_as(pair.learner).get("/me").get_data(as_text=True)
    adviser = signed_in_as(builders.a_membership(Role.CLASS_ADVISER, tenant=pair.college.tenant))
    assert adviser.post("/exports/students", {"c": ["identity"], "format": "xlsx"}).status_code == 403


def test_classes_history_rules_and_looks_say_what_their_pages_say(pair: Pair, signed_in_as: Any) -> None:
    office = signed_in_as(pair.officer)
    office.get(f"/students/{pair.student.public_id}")
    (one,) = _table(office, "classes", "")
    assert (one["Students"], one["Class"]) == ("1", pair.student.school_class.name)
    (look,) = _table(office, "looks", "who=all")
    assert (look["What was shown"], look["Role"]) == ("student's page", "College officer")
    assert _table(office, "looks", "") == []
    rules = _table(signed_in_as(pair.zone), "rules", "")
    assert {row["Code"] for row in rules} >= {"R10"}


def test_the_zone_takes_along_the_enterprises_that_its_filter_shows(pair: Pair, signed_in_as: Any) -> None:
    unverified = builders.an_enterprise(verified_at=None)
    db.session.commit()
    zone = signed_in_as(pair.zone)
    assert {row["Unified social credit code"] for row in _table(zone, "enterprises", "")} == {pair.firm.credit_code, unverified.credit_code}
    assert [(row["Unified social credit code"], row["State"]) for row in _table(zone, "enterprises", "state=unverified")] == [(unverified.credit_code, "To be verified")]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_pages_of_exports_are_whole_in_both_languages(pair: Pair, signed_in_as: Any, lang: str) -> None:
    office = signed_in_as(pair.officer, lang=lang)
    for path in ("/exports", *(f"/exports/{name}" for name in ("students", "applications", "agreements", "classes", "looks", "imports"))):
        check_html(office.get(path).get_data(as_text=True))


def test_the_history_of_imports_counts_as_the_page_does(pair: Pair, signed_in_as: Any, officer: Membership) -> None:
    from consortium.imports.models import Upload

    builders.saved(
        Upload(tenant_id=officer.tenant_id, person_id=officer.person_id, kind="students", stage="imported", state="done", filename="=名单.xlsx", sha256="2" * 64, size=1,
               choices={"mode": "snapshot"}, counts={"new": 3, "error": 1, "ended": 2})
    )  # fmt: skip
    db.session.commit()
    (row,) = _table(signed_in_as(officer), "imports", "")
    assert (row["Rows"], row["New"], row["Errors"], row["Not in the file"], row["State"]) == ("4", "3", "1", "2", "Imported")
