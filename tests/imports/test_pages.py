"""Pages of imports: upload, wait with real counts, mend, import."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import tasks
from consortium.imports.models import Upload
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.spreadsheet import REASONS
from tests.imports.conftest import work
from tests.students.rosters import HEADER, PLACE, lawful
from tests.workbooks import cells, workbook

Sign = Callable[..., Any]


def test_an_officer_uploads_waits_mends_and_imports(app: Flask, signed_in_as: Sign, officer: Membership) -> None:
    office = signed_in_as(officer)
    data = workbook([HEADER, lawful(1), lawful(2, phone="1"), lawful(3, student_no=2024000003)])
    sent = office.post("/imports", {"file": (io.BytesIO(data), "名单.xlsx")})
    assert sent.status_code == 303
    where = sent.headers["Location"]
    number = db.session.query(Upload).one().id
    db.session.rollback()
    assert office.get(where + "/progress").get_json()["url"] is None
    assert "Waiting for a worker" in office.get(where).get_data(as_text=True)
    work(tasks.read_upload, number)
    read = db.session.query(Upload).one()
    assert (read.stage, read.refusal, read.trouble) == ("checked", {}, "")
    db.session.rollback()
    page = office.get(where).get_data(as_text=True)
    assert "Not a mainland mobile number" in page
    assert "row 3" in page
    assert "All rows or none" in page
    assert office.get(where + "/progress").get_json()["url"]
    mend = cells(office.get(where + "/rows-to-mend").get_data())
    assert mend[0] == [*HEADER, REASONS]
    assert len(mend) == 3
    assert "Row 3" in mend[1][-1]
    assert mend[2][PLACE["student_no"]] in ("", None)  # digits may be lost: as text it would pass for right
    assert office.post(where + "/application").status_code == 303
    assert office.get(where + "/progress").get_json()["total"] == 1
    work(tasks.apply_upload, number)
    assert "1 row was written" in office.get(where).get_data(as_text=True)
    mend[1][PLACE["phone"]], mend[2][PLACE["student_no"]] = "19900000002", "2024000003"
    again = office.post("/imports", {"file": (io.BytesIO(workbook(mend)), "mended.xlsx")})
    work(tasks.read_upload, number + 1)
    page = office.get(again.headers["Location"]).get_data(as_text=True)
    assert "What is to be mended" not in page
    assert "Import 2 rows" in page


def test_a_wrong_file_is_refused_on_the_form_in_words(app: Flask, signed_in_as: Sign, officer: Membership) -> None:
    office = signed_in_as(officer)
    answer = office.post("/imports", {"file": (io.BytesIO(b"%PDF-1.7"), "x.xlsx")})
    assert answer.status_code == 422
    assert "neither an .xlsx workbook nor a .csv" in answer.get_data(as_text=True)
    assert office.post("/imports").status_code == 422


def test_the_template_comes_down_and_an_unknown_one_does_not(app: Flask, signed_in_as: Sign, officer: Membership) -> None:
    office = signed_in_as(officer)
    assert cells(office.get("/imports/template/students").get_data())[0] == HEADER
    assert office.get("/imports/template/cows").status_code == 404


def test_another_college_finds_no_such_upload(app: Flask, signed_in_as: Sign, uploaded: Callable[..., Upload]) -> None:
    where = f"/imports/{uploaded([lawful(1)]).public_id}"
    db.session.rollback()
    other = signed_in_as(Role.COLLEGE_OFFICER)
    assert {other.get(where + end).status_code for end in ("", "/progress", "/rows-to-mend")} == {404}
    assert other.post(where + "/application").status_code == 404
    assert signed_in_as(Role.ENTERPRISE_HEAD).get(where).status_code == 404
    assert signed_in_as(Role.MENTOR).get("/imports").status_code == 403


def test_needed_columns_that_are_missing_are_named_before_anything_is_asked_and_another_file_is_offered(
    app: Flask, signed_in_as: Sign, officer: Membership, uploaded: Callable[..., Upload]
) -> None:
    header, row = list(HEADER), lawful(1)
    for field in ("class_name", "enrolled_on"):
        place = header.index(next(name for name in header if name.startswith({"class_name": "班级", "enrolled_on": "入学日期"}[field])))
        header.pop(place)
        row.pop(place)
    header[0] = "学号号码"
    upload = uploaded([row], header=header)
    assert upload.stage == "asking"
    page = signed_in_as(officer).get(f"/imports/{upload.public_id}").get_data(as_text=True)
    before = page.split("<select", 1)[0]
    assert "Needed, and not found under any known name: Class, Enrolled on." in before
    assert "Upload another file" in before
    assert "Download the template" in before


@pytest.mark.parametrize("data", [b"hello, this is a letter\nof two lines", "你好".encode("gb18030") * 30 + b"\xff"])
def test_a_plain_text_that_is_named_xlsx_is_told_so_with_the_way_out(app: Flask, uploaded: Callable[..., Upload], signed_in_as: Sign, officer: Membership, data: bytes) -> None:
    upload = uploaded(data)
    assert (upload.stage, upload.refusal["code"]) == ("refused", "not-xlsx")
    page = signed_in_as(officer).get(f"/imports/{upload.public_id}").get_data(as_text=True)
    assert "This is not an .xlsx workbook" in page
    assert "Upload another file" in page


def test_a_table_of_text_that_is_named_xlsx_is_read_all_the_same(uploaded: Callable[..., Upload]) -> None:
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in (HEADER, lawful(1)))
    assert uploaded(text.encode("utf-8-sig")).counts["new"] == 1


@pytest.mark.parametrize(("lang", "shown", "hidden"), [("en", "Mobile phone", "手机号"), ("zh", "手机号", "Mobile phone")])
def test_columns_are_called_in_the_reader_s_language(
    app: Flask, signed_in_as: Sign, officer: Membership, uploaded: Callable[..., Upload], lang: str, shown: str, hidden: str
) -> None:
    upload = uploaded([lawful(1, phone="1", sex="第三")])
    office = signed_in_as(officer, lang=lang)
    for path in ("", "/mending"):
        page = office.get(f"/imports/{upload.public_id}{path}").get_data(as_text=True)
        seen = page.split("<main", 1)[1].split("</details>")[-1]  # before it the form of columns shows the file's own names
        assert shown in seen
        assert hidden not in seen
