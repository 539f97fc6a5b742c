"""J6: the same file again finds nothing to do; a changed one keeps what students changed; the last import is taken back in two clicks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from consortium.shared.db import db
from consortium.students import roster
from consortium.students.models import Student
from tests.journeys.conftest import PHONE, House, Visitor
from tests.workbooks import workbook

NAMES = [roster.BY_FIELD[field].name for field in ("student_no", "name", "level", "major", "class_name", "enrolled_on", "courses", "wish")]


def _file(folder: Path, name: str, *rows: tuple[str, str, str, str], header: dict[str, str] | None = None, major: str = "机电一体化技术") -> Path:
    to = folder / name
    names = [(header or {}).get(one, one) for one in NAMES]
    to.write_bytes(workbook([names, *([number, who, "高职专科", major, "机电2602班", "2026-09-01", courses, wish] for number, who, courses, wish in rows)]))
    return to


def _upload(one: Visitor, file: Path) -> str:
    page = one.go("/imports")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    page.locator(".figures, .notice-warn").first.wait_for(timeout=60_000)
    return one.text()


def _import(one: Visitor, n: int) -> None:
    one.page.get_by_role("button", name=f"Import {n} rows").click()
    one.page.get_by_text(f"{n} rows were written.").wait_for(timeout=60_000)


def _facts() -> Any:
    return sorted((s.student_no, s.name, s.courses, s.wish) for s in db.session.scalars(sa.select(Student)))


def _edited_by_herself() -> None:
    student = db.session.scalars(sa.select(Student).where(Student.student_no == "2026980001")).one()
    student.wish, student.own_edits = "质检", ["wish"]
    db.session.commit()


@pytest.mark.worker
def test_the_same_file_again_then_a_changed_one_then_the_undo(at_work: House, tmp_path: Path) -> None:
    one = at_work.visit("college1")
    rows = [("2026980001", "新生甲", "焊接", "设备维修"), ("2026980002", "新生乙", "焊接", "设备维修")]
    odd = _file(tmp_path, "odd.xlsx", *rows, header={"学号": "学生学籍编号"}, major="机电一体化")
    assert "Some columns are not named as in the template" in _upload(one, odd)
    one.check()
    one.page.get_by_role("button", name="Keep and check").click()
    one.page.get_by_role("heading", name="Words that are not known").wait_for(timeout=60_000)
    one.check()
    one.page.locator("#picked-0").select_option("460301")
    one.page.get_by_role("button", name="Keep and check again").first.click()
    one.page.get_by_role("button", name="Import 2 rows").wait_for(timeout=60_000)
    _import(one, 2)
    one.check()
    before = at_work.ask(_facts)
    assert "There is nothing to import" in _upload(one, odd)  # column and word are remembered
    at_work.ask(_edited_by_herself)
    before = at_work.ask(_facts)
    changed = [("2026980001", "新生甲", "机械制图", "焊工"), ("2026980002", "新生乙", "焊接", "焊工"), ("2026980003", "新生丙", "焊接", "")]
    text = _upload(one, _file(tmp_path, "changed.xlsx", *changed))
    assert "Kept, because the student changed it" in text
    one.check()
    _import(one, 3)
    one.follow(one.page.get_by_role("link", name="Undo this import"))
    one.check()
    assert "Will be removed" in one.text()
    one.page.get_by_role("button", name="Undo it now").click()
    one.page.get_by_text("3 rows were taken back.").wait_for(timeout=60_000)
    one.check()
    assert at_work.ask(_facts) == before


def test_the_pages_of_import_and_export_fit_a_phone(house: House) -> None:
    one = house.visit("college1", size=PHONE)
    for path in ("/imports", "/exports/students"):
        one.go(path)
        one.check(narrow=True)
