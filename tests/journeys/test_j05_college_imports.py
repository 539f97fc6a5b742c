"""J5: a college uploads a roster; good rows go in, bad rows are told by row, column and cause, and come back in a workbook."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from consortium.shared.db import db
from consortium.students.models import Student
from tests.journeys.conftest import House


@pytest.mark.worker
def test_a_roster_goes_in_and_bad_rows_come_back(at_work: House, tmp_path: Path) -> None:
    before = at_work.ask(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Student)))
    one = at_work.visit("college1")
    page = one.go("/imports")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the template").first.click()
    template = tmp_path / "template.xlsx"
    waiting.value.save_as(template)
    page.locator("input[type=file]").set_input_files(_filled(template, tmp_path / "roster.xlsx"))
    page.get_by_role("button", name="Upload and check").click()
    page.locator(".figures").wait_for(timeout=40_000)
    text = one.text()
    assert page.get_by_role("button", name="Import 3 rows").count() == 1, text
    one.check()
    assert "There is no such day." in text
    assert "2006-13-45" in text
    page.get_by_role("button", name="Import 3 rows").click()
    page.get_by_text("3 rows were written.").wait_for(timeout=40_000)
    one.check()
    after = at_work.ask(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Student)))
    assert after == before + 3
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the rows to mend").first.click()
    mend = tmp_path / "mend.xlsx"
    waiting.value.save_as(mend)
    rows = list(openpyxl.load_workbook(mend).worksheets[0].iter_rows(values_only=True))
    assert "错误原因" in rows[0]
    assert any("2006-13-45" in str(cell) for cell in rows[1])


@pytest.mark.worker
def test_what_is_no_table_is_refused_in_its_own_sentence(at_work: House, tmp_path: Path) -> None:
    one = at_work.visit("college1")
    page = one.go("/imports")
    wrong = tmp_path / "roster.xlsx"
    wrong.write_text("<html><table><tr><td>学号</td></tr></table></html>")
    page.locator("input[type=file]").set_input_files(wrong)
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_text("This is a web page, not a workbook.").first.wait_for(timeout=40_000)
    one.check()


def _filled(template: Path, to: Path) -> Path:
    """The college's own template with three good rows and one impossible day."""
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    header = next(row for row in range(1, 4) if any("学号" in str(cell.value or "") for cell in sheet[row]))
    names = {str(cell.value).rstrip("*＊ "): cell.column for cell in sheet[header] if cell.value}
    sheet.delete_rows(header + 1, sheet.max_row)
    for n in range(4):
        values = {"学号": f"2026990{n:03d}", "姓名": f"新生{'甲乙丙丁'[n]}", "学历层次": "高职专科", "专业": "机电一体化技术", "专业代码": "460301", "班级": "机电2601班",
                  "入学日期": "2026-09-01", "出生日期": "2006-13-45" if n == 3 else f"2006-0{n + 1}-12"}  # fmt: skip
        for name, column in names.items():
            if name in values:
                sheet.cell(header + 1 + n, column, values[name]).number_format = "@"
    book.save(to)
    return to
