"""J6, the few wrong rows: an officer mends them in the page, and a full list ends nobody before the number is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from consortium.shared.db import db
from consortium.students.models import Student
from tests.journeys.conftest import House, Visitor
from tests.students.rosters import HEADER, PLACE, lawful
from tests.workbooks import workbook


def _upload(one: Visitor, path: Path, mode: str = "both") -> None:
    one.go("/imports")
    one.page.locator("input[type=file]").set_input_files(path)
    one.page.locator(f"input[name=mode][value={mode}]").check()
    one.page.get_by_role("button", name="Upload and check").click()
    one.page.locator(".figures").wait_for(timeout=40_000)


def _moved() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Student).where(Student.state == "moved")) or 0


def _names() -> set[str]:
    return set(db.session.scalars(sa.select(Student.student_no).where(Student.student_no.like("20240009%"))))


@pytest.mark.worker
def test_a_few_wrong_rows_are_mended_in_the_page_and_a_full_list_asks_before_it_ends_anybody(at_work: House, tmp_path: Path) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(workbook([HEADER, lawful(901), lawful(902, phone="1"), lawful(903, class_name="")]))
    one = at_work.visit("college1")
    _upload(one, file)
    one.follow(one.page.get_by_role("link", name="Mend here"))
    one.check()
    phone, class_name = (one.page.locator(f"#cell-{row}-{PLACE[field]}") for row, field in ((3, "phone"), (4, "class_name")))
    assert phone.input_value() == "1"
    phone.fill("19900000902")
    one.page.get_by_role("button", name="Check again").click()
    one.page.get_by_text("1 row is in order now.").wait_for()
    one.check()
    class_name.fill("机电2401班1")
    one.page.get_by_role("button", name="Check again").click()
    one.page.get_by_role("button", name="Import 3 rows").click()
    one.page.get_by_text("3 rows were written.").wait_for(timeout=60_000)
    assert at_work.ask(_names) == {"2024000901", "2024000902", "2024000903"}

    before = at_work.ask(_moved)
    _upload(one, file, "snapshot")
    one.check()
    one.page.get_by_role("button", name="and end").click()
    one.page.locator("#ending-error").wait_for()
    one.check()
    assert at_work.ask(_moved) == before
