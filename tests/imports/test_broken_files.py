"""The files that colleges really send: what is right goes in, what is wrong is told with its row, and none of them breaks anything."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.imports import queries
from consortium.imports.models import Upload
from consortium.messages import models as messages
from consortium.shared.db import Base, db
from consortium.shared.files import FileRefused
from consortium.shared.spreadsheet import plain
from consortium.students import roster
from consortium.students.models import Student
from tests.students.rosters import HEADER, PLACE, lawful
from tests.workbooks import saved, workbook

Take = Callable[..., Upload]

FAULTS: list[tuple[str, Any, str]] = [
    ("birth_on", "2006-13-45", "no-such-day"), ("major", "占星术", "unknown-major"), ("phone", "12345", "phone-shape"), ("student_no", "", "needed"),
    ("identity", "440000200508080011", "identity-check"), ("level", "博士", "not-among-choices"), ("enrolled_on", "二〇二四", "day-shape"), ("name", "", "needed"),
    ("skills", "摸鱼", "unknown-skill"), ("class_name", "班" * 61, "too-long"), ("least_pay_fen", "面议", "not-a-number"), ("student_no", 2024000999, "number-cell"),
]  # fmt: skip


def _n_students() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Student)) or 0


def _csv(rows: list[list[Any]], encoding: str = "utf-8") -> bytes:
    return "\n".join(",".join(str(cell) for cell in row) for row in rows).encode(encoding)


def test_1_a_good_file_goes_in_whole(uploaded: Take, imported: Take) -> None:
    done = imported(uploaded([lawful(n) for n in range(300)]))
    assert (done.counts["new"], sum(done.counts.values()), _n_students()) == (300, 300, 300)


def test_2_twelve_kinds_of_faults_are_told_by_row_column_and_reason_and_the_others_go_in(uploaded: Take, imported: Take) -> None:
    rows = [lawful(n) for n in range(240)]
    wrong = {20 * number + 3: fault for number, fault in enumerate(FAULTS)}
    for number, (field, value, _) in wrong.items():
        rows[number][PLACE[field]] = value
    upload = uploaded(rows)
    told = {row.row_no: [(p["column"], p["code"]) for p in row.problems] for row in queries.faulty(upload)}
    assert told == {number + 2: [(roster.BY_FIELD[field].name, code)] for number, (field, _, code) in wrong.items()}
    assert [(code, n) for _, code, n, _ in queries.grouped(upload) if code == "needed"] == [("needed", 1), ("needed", 1)]
    done = imported(upload)
    assert (done.counts["new"], done.counts["error"], sum(done.counts.values()), _n_students()) == (228, 12, 240, 228)


def test_3_a_chinese_csv_of_windows_is_read(uploaded: Take) -> None:
    upload = uploaded(_csv([HEADER, lawful(7), lawful(14)], "gb18030"))
    assert upload.counts["new"] == 2


def test_4_merged_cells_tell_which_rows_are_empty(uploaded: Take) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([HEADER, lawful(1), lawful(2), lawful(3)])))
    letter = openpyxl.utils.get_column_letter(PLACE["class_name"] + 1)
    book.worksheets[0].merge_cells(f"{letter}2:{letter}4")
    upload = uploaded(saved(book))
    assert (upload.counts["new"], upload.counts["error"]) == (1, 2)
    assert {(row.row_no, row.problems[0]["column"], row.problems[0]["code"]) for row in queries.faulty(upload)} == {(3, "班级", "needed"), (4, "班级", "needed")}


def test_5_formulas_are_never_computed(uploaded: Take) -> None:
    upload = uploaded([lawful(1, name="=A2&B2"), lawful(2)])
    assert (upload.counts["new"], [row.problems[0]["code"] for row in queries.faulty(upload)]) == (1, ["formula"])


def test_6_dates_as_numbers_are_the_days_they_show(uploaded: Take, imported: Take) -> None:
    imported(uploaded([lawful(1, birth_on=38388, enrolled_on=date(2024, 9, 1), identity="", available_from=20270104)]))
    student = db.session.scalars(sa.select(Student)).one()
    assert (student.birth_on, student.enrolled_on, student.available_from) == (date(2005, 2, 5), date(2024, 9, 1), date(2027, 1, 4))


def test_7_a_student_number_twice_lets_neither_row_in(uploaded: Take) -> None:
    upload = uploaded([lawful(1), lawful(2), lawful(1, phone="")])
    assert (upload.counts["new"], [row.row_no for row in queries.faulty(upload)]) == (1, [2, 4])


def test_8_rare_characters_and_emoji_come_through(uploaded: Take, imported: Take) -> None:
    names = ["𠮷田", "㛃", "䶮𬭎", "李😀", "买买提•艾力"]
    imported(uploaded([lawful(n, name=name) for n, name in enumerate(names)]))
    assert set(db.session.scalars(sa.select(Student.name))) == {"𠮷田", "㛃", "䶮𬭎", "李😀", "买买提·艾力"}


def test_9_ten_thousand_blank_rows_at_the_end_are_nothing(uploaded: Take) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([HEADER, lawful(1)])))
    for number in range(3, 10_003):
        book.worksheets[0].cell(number, 1).number_format = "@"
    assert sum(uploaded(saved(book)).counts.values()) == 1


def test_10_a_command_in_a_cell_is_text_or_told_and_never_runs(uploaded: Take, imported: Take) -> None:
    imported(uploaded(_csv([HEADER, lawful(1, courses="=cmd|' /C calc'!A0", wish="@SUM(1)")])))
    student = db.session.scalars(sa.select(Student)).one()
    assert (student.courses, student.wish) == ("=cmd|' /C calc'!A0", "@SUM(1)")


def test_11_a_file_of_another_college_touches_nothing_of_that_college(app: Flask, uploaded: Take, imported: Take) -> None:
    from tests import builders

    theirs = builders.a_student(builders.a_college(), student_no="2024000001", name="别校学生")
    db.session.commit()
    done = imported(uploaded([lawful(1)]))
    assert done.counts["new"] == 1
    db.session.refresh(theirs)
    assert theirs.name == "别校学生"
    assert _n_students() == 2


def test_12_two_rows_of_column_names_are_refused_in_words(uploaded: Take) -> None:
    upload = uploaded([[plain(name) for name in HEADER], lawful(1)])
    assert (upload.stage, upload.refusal["code"]) == ("refused", "two-headers")


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"%PDF-1.7 x", "not-a-table"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "old-excel"), (b"", "empty"), (b"a,b\n" * 3_000_000, "too-large")],
)  # fmt: skip
def test_what_is_no_table_is_refused_at_once(uploaded: Take, data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        uploaded(data)
    assert refused.value.code == code


def test_of_several_sheets_the_one_with_known_columns_is_read(uploaded: Take) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.append(["2024级学生名单", "请勿改动"])
    sheet = book.create_sheet("名单")
    for row in (HEADER, lawful(1), lawful(2)):
        sheet.append(row)
    assert uploaded(saved(book)).counts["new"] == 2


def test_no_import_tells_anybody_anything(uploaded: Take, imported: Take) -> None:
    names = {m.__tablename__ for m in vars(messages).values() if hasattr(m, "__tablename__")}
    tables = [t for t in Base.metadata.sorted_tables if t.name in names]
    imported(uploaded([lawful(1), lawful(2)]))
    imported(uploaded([lawful(1, courses="焊接")]))
    assert Counter({t.name: db.session.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables}).total() == 0
    assert tables
