"""Tables in: encodings, separators, headers, shapes of sheets. Tables out: text stays text."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.shared.files import FileRefused
from consortium.shared.spreadsheet import CELL_MOST, Cell, csv_cell, plain, read_table, safe_text, write_workbook
from tests.workbooks import cells, saved, workbook

KNOWN = ["学号", "姓名", "班级", "专业"]
RARE = "䶮𬭎㛃"


def _texts(data: bytes) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row) for _, row in read_table(data, KNOWN).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_in_every_encoding_separator_and_line_end(encoding: str, separator: str, line_end: str) -> None:
    text = line_end.join(separator.join(row) for row in (["学号", "姓名"], ["2024001", "王" + RARE], ["2024002", "李，四"])) + line_end
    assert _texts(text.encode(encoding)) == [("2024001", "王" + RARE), ("2024002", "李，四")]


def test_more_semicolons_in_cells_than_commas_between_them_do_not_mislead() -> None:
    assert _texts("学号,姓名\n1,a;b;c;d\n".encode()) == [("1", "a;b;c;d")]


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x81 \x82 \xff\xff\n", "学号\n李\ufffd\n".encode(), "学号\n\ue000\n".encode("gb18030")])
def test_characters_that_cannot_be_right_are_refused(data: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        read_table(data, KNOWN)
    assert refused.value.code in ("encoding", "no-rows", "no-header")


@pytest.mark.parametrize("before", [[], [["学生名单 2024"]]])
def test_the_header_is_found_in_row_one_or_two(before: list[list[str]]) -> None:
    table = read_table(workbook([*before, ["学号", "姓名"], ["1", "李"]]), KNOWN)
    assert table.header == ("学号", "姓名")
    assert table.header_row == len(before) + 1
    assert [number for number, _ in table.rows] == [len(before) + 2]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["a"], ["b"], ["学号", "姓名"], ["1", "李"]], "no-header"),
        ([["学号", "姓名", "班级"], ["学号", "姓名", "班级"], ["1", "李", "一班"]], "two-headers"),
        ([["学号", "姓名"]], "no-rows"),
        ([[]], "no-rows"),
    ],
)
def test_a_table_without_a_usable_header_or_row_is_refused(rows: list[list[str]], code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_table(workbook(rows), KNOWN)
    assert refused.value.code == code


def test_row_numbers_are_those_the_spreadsheet_shows() -> None:
    table = read_table(workbook([["学号", "姓名"], ["1", "李"], [], [None, None], ["2", "王"]]), KNOWN)
    assert [number for number, _ in table.rows] == [2, 5]
    table = read_table('学号,姓名\n1,"两\n行"\n\n2,王\n'.encode(), KNOWN)
    assert [number for number, _ in table.rows] == [2, 4]


def test_ten_thousand_blank_rows_at_the_end_are_ignored() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["学号", "姓名"])
    sheet.append(["1", "李"])
    for number in range(3, 10_003):
        sheet.cell(number, 1).number_format = "@"
    assert len(read_table(saved(book), KNOWN).rows) == 1


def test_more_rows_than_allowed_are_refused_by_number() -> None:
    with pytest.raises(FileRefused) as refused:
        read_table(b"\xef\xbb\xbf" + "学号\n".encode() + b"1\n" * 100_001, KNOWN)
    assert refused.value.code == "too-many-rows"
    assert refused.value.facts["rows"] == 100_000


def test_every_kind_of_cell_is_told_apart() -> None:
    rows = [["学号", "姓名", "a", "b", "c", "d", "e"], ["007", 20240101, 1.5, True, date(2006, 3, 12), "=A2&B2", None], ["x", "#N/A"]]
    table = read_table(workbook(rows), KNOWN)
    assert table.rows[0][1] == (
        Cell("text", "007"), Cell("number", "20240101"), Cell("number", "1.5"), Cell("bool", "1"), Cell("date", "2006-03-12"), Cell("formula", "=A2&B2"),
    )  # fmt: skip
    assert table.rows[1][1][1].kind == "error"


def test_days_of_the_1904_calendar_are_the_days_that_are_shown() -> None:
    data = workbook([["学号", "姓名"], [38061, 38061]], epoch_1904=True, formats={"A2": "yyyy-mm-dd"})
    assert read_table(data, KNOWN).rows[0][1] == (Cell("date", "2008-03-16"), Cell("number-1904", "38061"))


def test_of_merged_cells_only_the_first_counts() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([["学号", "姓名", "班级"], ["1", "李", "一班"], ["2", "王", "一班"]])))
    book.worksheets[0].merge_cells("C2:C3")
    assert [tuple(row) for row in _texts(saved(book))] == [("1", "李", "一班"), ("2", "王")]


def test_a_hidden_first_sheet_is_passed_over() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([["x"]])))
    sheet = book.create_sheet("名单")
    sheet.append(["学号", "姓名"])
    sheet.append(["1", "李"])
    book.worksheets[0].sheet_state = "hidden"
    assert _texts(saved(book)) == [("1", "李")]


def test_a_lying_dimension_is_ignored() -> None:
    data = workbook([["学号", "姓名"], ["1", "李"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member).replace(b"A1:B2", b"A1:XFD1048576"))
    assert _texts(out.getvalue()) == [("1", "李")]


@pytest.mark.parametrize(
    ("written", "same"),
    [("学号*", "学号"), (" 学 号 ", "学号"), ("姓名（必填）", "姓名"), ("姓名(必填)", "姓名"), ("Student number", "studentnumber"), ("ＮＡＭＥ", "name"), ("学号\n", "学号")],
)
def test_column_names_are_compared_without_their_dress(written: str, same: str) -> None:
    assert plain(written) == same


LIVE = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", LIVE)
def test_an_export_holds_no_live_formula(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook("名单", ["列"], [[text], ["110101199003070012"]])))
    first = book.worksheets[0]["A2"]
    assert first.data_type == "s"
    assert first.number_format == "@"
    assert book.worksheets[0]["A3"].value == "110101199003070012"
    assert csv_cell(text).startswith("'")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_whatever_text_goes_out_comes_back_without_what_a_cell_cannot_hold(text: str) -> None:
    back = cells(write_workbook("名单", ["列"], [[text]]))[1][0] or ""
    assert back.replace("\r", "\n").strip() == safe_text(text).replace("\r", "\n").replace("_x000D_", "\n").strip() or "_x" in text or "\r" in text


def test_control_characters_surrogates_and_overlong_texts_do_not_break_an_export() -> None:
    assert safe_text("a\x00b\ud800c\x1f") == "abc"
    assert len(safe_text("x" * 40_000)) == CELL_MOST
    assert cells(write_workbook("x" * 40, ["列"], [["a\x00b"], [None], [5]]))[1:] == [["ab"], [""], ["5"]]
