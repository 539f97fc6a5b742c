"""The roster's schema as a table of cases: what a cell may be, and that every column's fault is caught."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.reference import identity
from consortium.shared.spreadsheet import Cell
from consortium.students import roster
from tests.students.rosters import HEADER, PLACE, lawful

COLUMNS = roster.mapping(HEADER)


def _cell(value: Any) -> Cell:
    return value if isinstance(value, Cell) else Cell("text", value) if value else Cell("empty", "")


def _parsed(**changed: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    values, problems = roster.parse([_cell(v) for v in lawful(7, **changed)], COLUMNS)
    return values, [(p.column, p.code) for p in problems]


def test_a_lawful_row_has_no_fault() -> None:
    values, problems = _parsed()
    assert problems == []
    assert values["major"] == "460301"
    assert values["sex"] == "F"
    assert values["wants_zone"] is True


WRONG = [
    ("student_no", "20 24/01", "number-shape"), ("student_no", "x" * 31, "too-long"), ("student_no", Cell("number", "2024000007"), "number-cell"),
    ("student_no", "2.02E+09", "number-cell"), ("student_no", "", "needed"), ("student_no", "#清空", "needed"), ("student_no", Cell("date", "2024-01-01"), "number-cell"),
    ("name", "", "needed"), ("name", "李" * 81, "too-long"), ("name", Cell("number", "5"), "name-shape"), ("name", "\u200b", "needed"), ("name", Cell("formula", "=A1"), "formula"),
    ("sex", "X", "not-among-choices"), ("sex", "男", "sex-differs"),
    ("identity", Cell("number", "440001200508080141"), "number-cell"), ("identity", "4.40E+17", "number-cell"), ("identity", "123", "identity-shape"),
    ("identity", "110101900101123", "identity-shape"), ("identity", "440000209913011236", "identity-birth"), ("identity", "440000200508080011", "identity-check"),
    ("birth_on", "2005-13-01", "no-such-day"), ("birth_on", "2005-02-30", "no-such-day"), ("birth_on", "gestern", "day-shape"), ("birth_on", "1900-02-29", "no-such-day"),
    ("birth_on", "9999-12-31", "no-such-day"), ("birth_on", "2005-01-02", "birth-differs"), ("birth_on", Cell("number", "200501"), "day-shape"),
    ("phone", "12345678901", "phone-shape"), ("phone", Cell("number", "19900000007"), "number-cell"), ("phone", "1990000000", "phone-shape"),
    ("level", "博士", "not-among-choices"), ("level", "", "needed"), ("level", "中职", "unknown-major"),
    ("major", "占星术", "unknown-major"), ("major", "", "needed"), ("major", "660301", "unknown-major"), ("major", Cell("error", "#N/A"), "formula"),
    ("class_name", "", "needed"), ("class_name", "班" * 61, "too-long"),
    ("enrolled_on", "", "needed"), ("enrolled_on", "二〇二四年", "day-shape"), ("enrolled_on", "2010-09-01", "too-young"),
    ("stage_from", "2024-08-01", "stage-before"), ("graduates_on", "2024-09-01", "ends-before"), ("graduates_on", "2027/6/31", "no-such-day"),
    ("guardian_name", "李" * 81, "too-long"), ("guardian_phone", "0763-1234567", "phone-shape"),
    ("courses", "课" * 1001, "too-long"), ("skills", "s" * 501, "too-long"), ("certificates", Cell("formula", "=cmd|' /C calc'!A0"), "formula"),
    ("wish", "想" * 201, "too-long"), ("wants_zone", "也许", "not-among-choices"), ("email", "li@", "email-shape"), ("email", "x" * 160 + "@a.cn", "email-shape"),
    ("wants_internship", "看情况", "not-among-choices"), ("wants_job", "?", "not-among-choices"), ("shift_ok", "夜", "not-among-choices"),
    ("available_from", "明年", "day-shape"), ("available_until", "2027-01-03", "until-before"), ("least_pay_fen", "面议", "not-a-number"),
    ("least_pay_fen", "-1", "not-a-number"), ("places", "火星", "unknown-place"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "code"), WRONG, ids=[f"{f}: {c}" for f, _, c in WRONG])
def test_a_wrong_cell_is_told_by_column_and_reason(field: str, value: Any, code: str) -> None:
    _, problems = _parsed(**{field: value})
    column = {"unknown-major": "专业", "too-young": "出生日期"}.get(code, roster.BY_FIELD[field].name)
    assert (column, code) in problems


def test_every_column_stands_among_the_wrong_ones() -> None:
    assert {field for field, _, _ in WRONG} == set(PLACE)


def test_all_faults_of_a_row_are_told_at_once() -> None:
    _, problems = _parsed(phone="1", birth_on="x", sex="?", wants_zone="?")
    assert {code for _, code in problems} == {"phone-shape", "day-shape", "not-among-choices"}
    assert len(problems) == 4


@pytest.mark.parametrize(
    "written",
    ["2006-03-12", "2006.3.12", "2006/3/12", "2006年3月12日", "20060312", "２００６年３月１２日", Cell("date", "2006-03-12"), Cell("number", "20060312"),
     Cell("number", "38788"), Cell("number-1904", "37326"), "2006-03-12 00:00:00", " 2006 - 3 - 12 "],
)  # fmt: skip
def test_days_are_read_as_people_write_them(written: Any) -> None:
    assert _parsed(birth_on=written, identity="")[0]["birth_on"] == date(2006, 3, 12)


@pytest.mark.parametrize(
    ("field", "written", "kept"),
    [
        ("name", " 李\u3000小 明 ", "李小明"), ("name", "买买提•艾力", "买买提·艾力"), ("name", "John  Smith", "John Smith"), ("name", "李\u202e小明", "李小明"),
        ("name", "王𬭎", "王𬭎"), ("name", "e\u0301", "é"), ("student_no", " ２０２４ ００１ ", "2024001"), ("student_no", "0012", "0012"), ("student_no", "a-1", "A-1"),
        ("phone", "+86 199-0000-0007", "19900000007"), ("phone", "１９９００００００ ０７", "19900000007"),
        ("level", "大专", "高职专科"), ("wish", "<svg onload=alert(1)>", "<svg onload=alert(1)>"), ("courses", "a\x01b", "ab"),
        ("major", "460301", "460301"), ("major", "机电一体化技术专业", "460301"), ("major", "机电一体化技术（智能制造方向）", "460301"),
    ],
)  # fmt: skip
def test_a_cell_is_kept_in_one_form(field: str, written: str, kept: str) -> None:
    values, problems = _parsed(**{field: written})
    assert problems == []
    assert values[field] == kept


def test_a_blank_cell_is_not_there_and_the_mark_clears() -> None:
    values, problems = _parsed(phone="", wish="#清空", skills=" #清空 ")
    assert problems == []
    assert "phone" not in values
    assert values["wish"] is None
    assert values["skills"] is None


def test_the_birthday_comes_from_the_identity_number_where_it_is_not_given() -> None:
    assert _parsed(birth_on="")[0]["birth_on"] == identity.birth_of(lawful(7)[PLACE["identity"]])


def test_masked_columns_are_not_repeated_in_reports() -> None:
    shown = roster.parse([_cell(v) for v in lawful(7, identity="440000200508080011", phone="12345678901")], COLUMNS)[1]
    assert all(len(p.found) <= 5 for p in shown)
    assert shown


@pytest.mark.parametrize(
    ("header", "fields"),
    [(["学籍号", "学生姓名"], ["student_no", "name"]), (["Student number*", "NAME"], ["student_no", "name"]), (["student_no", "备注", "联系电话"], ["student_no", "phone"]),
     (["手机号", "电话"], ["phone"])],
)  # fmt: skip
def test_columns_are_found_by_name_english_name_field_and_alias(header: list[str], fields: list[str]) -> None:
    assert [column.field for column in roster.mapping(header).values()] == fields


def test_columns_that_are_not_read_and_those_that_are_missing_are_named() -> None:
    header = ["学号", "姓名", "备注", "错误原因", "电话", "手机"]
    assert roster.unknown(header) == ["备注", "手机"]
    assert roster.missing(header) == ["学历层次", "专业", "班级", "入学日期"]


def test_the_template_names_no_two_columns_alike() -> None:
    assert len(COLUMNS) == len(roster.COLUMNS) == 27


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(PLACE)), st.sampled_from(["text", "number", "number-1904", "date", "bool", "error", "formula"]), st.text(max_size=80))
def test_no_cell_whatever_breaks_the_reading(field: str, kind: str, text: str) -> None:
    values, _ = _parsed(**{field: Cell(kind, text)})
    for value in values.values():
        assert not isinstance(value, str) or not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in value)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 17), st.integers(1, 9))
def test_a_wrong_digit_in_an_identity_number_is_always_caught(number: int, at: int, by: int) -> None:
    right = lawful(number)[PLACE["identity"]]
    wrong = right[:at] + "0123456789X"[("0123456789X".index(right[at]) + by) % (11 if at == 17 else 10)] + right[at + 1 :]
    assert identity.identity_problem(right) is None
    assert identity.identity_problem(wrong) is not None
