"""Template → fill → import → export → import: the second time nothing is left to write, for students and for posts."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import queries
from consortium.imports import service as imports
from consortium.imports.kinds import EXPORTS
from consortium.imports.models import Upload
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from consortium.students import service
from consortium.students.models import Student
from tests import builders
from tests.students.rosters import HEADER, PLACE, lawful
from tests.workbooks import cells, saved, workbook

Take = Callable[..., Upload]


def table_of(officer: Membership, shape: str, *, csv: bool = False) -> bytes:
    found = EXPORTS["students"]
    usual = dict(found.usual())
    return imports.export_table(officer.actor(), found, [(name, usual[name]) for name in found.shapes[shape]], {}, csv=csv, word=str)


def _filled(template: bytes, rows: list[list[Any]]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(template))
    for number, row in enumerate(rows, 2):
        for place, value in enumerate(row, 1):
            book.worksheets[0].cell(number, place, value)
    return saved(book)


@pytest.mark.parametrize("csv", [False, True])
def test_a_register_that_is_exported_and_uploaded_again_changes_nothing(uploaded: Take, imported: Take, officer: Membership, csv: bool) -> None:
    builders.a_skill("PLC编程")
    builders.a_skill("低压电工作业证", kind="certificate")
    rows = [lawful(n, skills="PLC编程", certificates="低压电工作业证", courses="+机械制图、焊接", places="清城区、广州市", wants_job="") for n in range(1, 21)]
    done = imported(uploaded(_filled(service.template("zh"), rows)))
    assert done.counts["new"] == 20
    data = table_of(officer, "register", csv=csv)
    db.session.rollback()
    again = uploaded(data)
    assert (again.stage, again.refusal) == ("checked", {})
    assert again.counts == {"new": 0, "updated": 0, "unchanged": 20, "error": 0, "conflict": 0, "skipped": 0}, queries.faulty(again)[:1]


def test_only_what_is_missing_is_downloaded_filled_and_uploaded(uploaded: Take, imported: Take, officer: Membership) -> None:
    builders.a_skill("PLC编程")
    full = lawful(1, skills="PLC编程")
    imported(uploaded([full, lawful(2, wish="", skills="PLC编程"), lawful(3, skills="PLC编程", shift_ok="", available_from="", available_until="")]))
    data = service.exported_missing(officer.actor(), {})
    db.session.rollback()
    table = cells(data)
    assert table[0] == ["学号", "姓名", "学历层次", "专业", "班级", "入学日期", "意向岗位", "可倒班", "可到岗日期"]
    assert [row[0] for row in table[1:]] == ["2024000002", "2024000003"]
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [sheet.cell(2, place).fill.fgColor.rgb == sheet.cell(3, place + 1).fill.fgColor.rgb for place in (7,)] == [True]
    table[1][6], table[2][7], table[2][8] = "质检", "是", "2027-02-01"
    done = imported(uploaded(workbook(table)))
    assert (done.counts["updated"], done.counts["new"]) == (2, 0)
    assert service.exported_missing(officer.actor(), {})
    two = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000002")).one()
    assert two.wish == "质检"


def test_an_export_has_the_chosen_columns_in_the_chosen_order_under_the_chosen_headings(
    signed_in_as: Any, officer: Membership, uploaded: Take, imported: Take
) -> None:
    imported(uploaded([lawful(1)]))
    office = signed_in_as(officer)
    assert "Destinations of graduates" in office.get("/exports/students").get_data(as_text=True)
    sent = office.post("/exports/students", {"c": ["name", "phone", "student_no"], "h-phone": "联系电话", "o-phone": "1", "o-name": "2", "format": "xlsx"})
    assert sent.status_code == 303
    table = cells(office.get(sent.headers["Location"]).get_data())
    assert table == [["联系电话", "姓名", "学号"], ["19900000001", lawful(1)[PLACE["name"]], "2024000001"]]
    kept = office.post("/exports/students", {"c": ["name", "phone"], "h-name": "学生", "keep": "1", "name": "通讯录"})
    assert kept.status_code == 303
    assert cells(office.get("/exports/students/file?set=通讯录").get_data())[0] == ["学生", "手机号"]
    assert office.post("/exports/students", {"c": ["name"], "keep": "1", "name": " "}).status_code == 422
    assert "通讯录" in office.get("/exports/students?set=通讯录").get_data(as_text=True)
    text = office.get("/exports/students/file?c=name&format=csv").get_data()
    assert text.startswith(b"\xef\xbb\xbf")


def test_the_register_of_destinations_tells_who_accepted_which_job(app: Flask, officer: Membership, uploaded: Take, imported: Take) -> None:
    from consortium.applications.models import Application

    imported(uploaded([lawful(1), lawful(2)]))
    one = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000001")).one()
    firm = builders.an_enterprise()
    post = builders.a_position(firm, kind="job", title="设备维修技师")
    builders.saved(
        Application(
            college_tenant_id=one.tenant_id, enterprise_tenant_id=post.tenant_id, student_id=one.id, position_id=post.id, kind="job", state="accepted",
            begun_by="student", spoken=True,
        )
    )  # fmt: skip
    db.session.commit()
    table = cells(table_of(officer, "destinations"))
    told = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    assert [row["职位名称"] for row in told] == ["设备维修技师", ""]
    assert told[0]["统一社会信用代码"] == firm.credit_code
    assert told[0]["身份证号"] == lawful(1)[PLACE["identity"]]


def test_a_set_of_columns_belongs_to_one_college(officer: Membership) -> None:
    imports.save_columns(officer.actor(), "students", "通讯录", [("name", "学生")])
    other = builders.a_membership(Role.COLLEGE_OFFICER, tenant=builders.a_college().tenant)
    assert queries.column_sets(other.actor(), "students") == []
    with pytest.raises(Invalid):
        imports.save_columns(officer.actor(), "students", "", [("name", "学生")])


def test_the_template_s_columns_are_the_parser_s(app: Flask, uploaded: Take) -> None:
    assert cells(service.template("zh"))[0] == HEADER
    assert uploaded(_filled(service.template("zh"), [lawful(1)])).columns["unknown"] == []
