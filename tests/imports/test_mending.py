"""A few wrong rows are mended in the page: only their wrong cells, judged again by the same code, imported as the rest was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import queries, service, tasks
from consortium.imports.models import Upload, UploadRow
from consortium.shared import sealed
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import in_language
from consortium.students.models import Student
from tests import builders
from tests.imports.conftest import KEY, work
from tests.students.rosters import PLACE, lawful

Take = Callable[..., Upload]


def _mend(app: Flask, upload: Upload, officer: Membership, told: dict[int, dict[str, str]]) -> tuple[int, int]:
    cells = {number: {PLACE[field]: text for field, text in some.items()} for number, some in told.items()}
    found = service.mend(upload, cells, key=app.config[KEY], by=officer.actor())
    db.session.commit()
    return found


def _numbers() -> set[str]:
    return set(db.session.scalars(sa.select(Student.student_no)))


def test_wrong_cells_are_mended_and_the_rows_are_imported_with_the_rest(app: Flask, uploaded: Take, imported: Take, officer: Membership) -> None:
    upload = uploaded([lawful(1), lawful(2, phone="1", sex="第三"), lawful(3, major="炼丹")])
    faulty = service.to_mend(upload, app.config[KEY])
    assert [(one.row_no, [column.field for _, column, _, _ in one.cells]) for one in faulty] == [(3, ["sex", "phone"]), (4, ["major"])]
    assert _mend(app, upload, officer, {3: {"phone": "19900000002", "sex": ""}}) == (1, 1)
    assert (upload.counts["new"], upload.counts["error"]) == (2, 1)
    assert [field for field, _word, _n in upload.columns["asked"]] == ["major"]
    done = imported(upload)
    assert len(_numbers()) == 2
    two = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000002")).one()
    assert two.phone == "19900000002"
    assert _mend(app, done, officer, {4: {"major": "机电一体化技术"}}) == (1, 0)  # after the import: only these rows wait
    assert done.stage == "checked"
    assert queries.progress(done).done == 2
    again = imported(done)
    assert (again.stage, len(_numbers()), again.counts["new"]) == ("imported", 3, 3)


def test_an_import_with_mended_rows_is_undone_as_one(app: Flask, uploaded: Take, imported: Take, undone: Take, officer: Membership) -> None:
    done = imported(uploaded([lawful(1), lawful(2, phone="1")]))
    _mend(app, done, officer, {3: {"phone": "19900000002"}})
    with in_language("en"):
        assert "mended rows first" in str(queries.why_not_undo(done))
    undone(imported(done))
    assert _numbers() == set()


def test_what_is_still_wrong_stays_as_it_was_typed(app: Flask, uploaded: Take, officer: Membership, signed_in_as: Any) -> None:
    upload = uploaded([lawful(1), lawful(2, phone="1")])
    office, where = signed_in_as(officer), f"/imports/{upload.public_id}/mending"
    page = office.get(where).get_data(as_text=True)
    name = f"cell-3-{PLACE['phone']}"
    assert f'id="{name}"' in page
    assert f'aria-describedby="{name}-error"' in page
    assert "Not a mainland mobile number" in page
    assert "Mobile" in page or "phone" in page
    assert "手机号" not in page.split("<main", 1)[1]
    again = office.post(where, {name: "1990000000x"})
    assert again.status_code == 303
    assert 'value="1990000000x"' in office.get(again.headers["Location"]).get_data(as_text=True)
    done = office.post(where, {name: "19900000002"})
    assert done.headers["Location"].endswith(str(upload.public_id))


def test_a_tampered_form_touches_no_other_row_and_no_other_cell(app: Flask, uploaded: Take, officer: Membership) -> None:
    upload = uploaded([lawful(1), lawful(2, phone="1"), lawful(3)])
    before = {row.row_no: row.sealed_values for row in db.session.scalars(sa.select(UploadRow)) if row.row_no != 3}
    told = {2: {"name": "张三", "phone": "x"}, 3: {"name": "张三", "student_no": "2024000003", "phone": "19900000002"}, 4: {"student_no": "1"}, 99: {"name": "李四"}}
    assert _mend(app, upload, officer, told) == (1, 0)
    after = {row.row_no: row.sealed_values for row in db.session.scalars(sa.select(UploadRow))}
    assert {number: after[number] for number in before} == before
    assert len(after) == 3
    mended = sealed.unseal(after[3], app.config[KEY])
    assert lawful(2)[PLACE["name"]] in mended
    assert "张三" not in mended
    assert "19900000002" in mended


def test_a_mended_number_that_another_row_has_is_wrong_and_the_other_row_is_not(app: Flask, uploaded: Take, officer: Membership) -> None:
    upload = uploaded([lawful(1), lawful(2, student_no="2024/2")])
    assert _mend(app, upload, officer, {3: {"student_no": "2024000001"}}) == (0, 1)
    rows = {row.row_no: (row.verdict, [p["code"] for p in row.problems]) for row in db.session.scalars(sa.select(UploadRow))}
    assert rows == {2: ("new", []), 3: ("error", ["number-twice"])}


def test_two_rows_of_one_number_are_both_in_order_when_one_is_mended(app: Flask, uploaded: Take, officer: Membership) -> None:
    upload = uploaded([lawful(1), lawful(2, student_no="2024000001")])
    assert upload.counts["error"] == 2
    assert _mend(app, upload, officer, {3: {"student_no": "2024000002"}}) == (2, 0)


def test_a_number_cell_that_is_left_as_it_was_stays_wrong(app: Flask, uploaded: Take, officer: Membership) -> None:
    upload = uploaded([lawful(1), lawful(2, student_no=2024000002), lawful(3, phone="1", birth_on=38600, identity="")])
    offered = {one.row_no: one.cells[0][2] for one in service.to_mend(upload, app.config[KEY])}
    assert offered == {3: "", 4: "1"}
    assert _mend(app, upload, officer, {3: {"student_no": ""}, 4: {"phone": "19900000003"}}) == (1, 1)  # the day stays a number cell, and is read
    assert _mend(app, upload, officer, {3: {"student_no": "2024000002"}}) == (1, 0)


def test_more_than_fifty_rows_are_mended_in_the_workbook(app: Flask, uploaded: Take, officer: Membership, signed_in_as: Any) -> None:
    upload = uploaded([lawful(n, phone="1") for n in range(1, 52)])
    with pytest.raises(Conflict):
        _mend(app, upload, officer, {2: {"phone": "19900000001"}})
    db.session.rollback()
    office = signed_in_as(officer)
    page = office.get(f"/imports/{upload.public_id}").get_data(as_text=True)
    assert "Mend here" not in page
    assert "Download the rows to mend" in page
    assert "There is nothing to mend here" in office.get(f"/imports/{upload.public_id}/mending").get_data(as_text=True)


def test_a_file_that_was_imported_in_part_is_not_read_anew(app: Flask, uploaded: Take, imported: Take, officer: Membership) -> None:
    done = imported(uploaded([lawful(1), lawful(2, phone="1")]))
    _mend(app, done, officer, {3: {"phone": "19900000002"}})
    with pytest.raises(Conflict):
        service.decide(done, {"mode": "new"}, by=officer.actor())
    again = uploaded([lawful(1), lawful(2, phone="1")])  # the same bytes again are a file of their own
    assert again.id != done.id


def test_another_college_mends_nothing_here(app: Flask, uploaded: Take, signed_in_as: Any) -> None:
    upload = uploaded([lawful(1, phone="1")])
    other = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=builders.a_college().tenant))
    assert other.get(f"/imports/{upload.public_id}/mending").status_code == 404
    assert other.post(f"/imports/{upload.public_id}/mending", {f"cell-2-{PLACE['phone']}": "19900000001"}).status_code == 404


def test_mended_rows_are_imported_by_the_worker_as_the_others(app: Flask, uploaded: Take, officer: Membership) -> None:
    upload = uploaded([lawful(1, phone="1")])
    _mend(app, upload, officer, {2: {"phone": "19900000001"}})
    number = upload.id
    service.ask_to_apply(upload, all_or_none=True, by=officer.actor())
    db.session.commit()
    work(tasks.apply_upload, number)
    assert _numbers() == {"2024000001"}


def test_the_api_mends_the_same_cells_and_ends_only_with_the_number(app: Flask, uploaded: Take, imported: Take, officer: Membership, signed_in_as: Any) -> None:
    imported(uploaded([lawful(n) for n in range(1, 4)]))
    upload = uploaded([lawful(1), lawful(2, phone="1")], mode="snapshot")
    office = signed_in_as(officer)
    headers, where = {"X-CSRFToken": office.csrf()}, f"/api/v1/imports/{upload.public_id}"
    (row,) = office.client.get(where + "/mending").get_json()
    assert (row["row_no"], [cell["field"] for cell in row["cells"]]) == (3, ["phone"])
    sent = {"cells": [{"row_no": 3, "place": row["cells"][0]["place"], "value": "19900000002"}, {"row_no": 2, "place": 0, "value": "2024000009"}]}
    assert office.client.post(where + "/mending", json=sent, headers=headers).get_json() == {"good": 1, "left": 0}
    assert office.client.post(where + "/application", json={}, headers=headers).status_code == 422
    assert office.client.post(where + "/application", json={"ending": 1}, headers=headers).status_code == 202
    work(tasks.apply_upload, upload.id)
    states = dict(db.session.execute(sa.select(Student.student_no, Student.state)).all())
    assert states == {"2024000001": "enrolled", "2024000002": "enrolled", "2024000003": "moved"}
