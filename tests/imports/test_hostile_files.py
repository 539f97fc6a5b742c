"""Whatever is uploaded, it ends read or refused in words: no worker dies, no row is lost from the count, nothing unread is stored."""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.imports import queries
from consortium.imports.models import Upload
from consortium.imports.wording import WORDS
from consortium.shared.db import db
from consortium.shared.files import FileRefused
from consortium.shared.i18n import in_language
from consortium.students.models import Student
from tests.students.rosters import HEADER, PLACE, lawful
from tests.workbooks import saved, workbook

Take = Callable[..., Upload]
MUTANTS = int(os.environ.get("HOSTILE_FILES", "60"))  # 10000 in `make audit`


def _mutants(seed: int, n: int) -> Iterator[tuple[str, bytes]]:
    draw = random.Random(seed)
    good = workbook([HEADER, *(lawful(number) for number in range(1, 6))])
    text = "\n".join(",".join(str(cell) for cell in row) for row in [HEADER, *(lawful(number) for number in range(1, 6))])
    encodings = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "big5")
    for _ in range(n):
        kind = draw.choice(("flip", "cut", "swap", "drop", "encoding", "noise", "html", "tail", "nul"))
        if kind == "flip":
            data = bytearray(good)
            for _ in range(draw.randint(1, 30)):
                data[draw.randrange(len(data))] = draw.randrange(256)
            yield kind, bytes(data)
        elif kind == "cut":
            yield kind, good[: draw.randint(1, len(good) - 1)]
        elif kind in ("swap", "drop"):
            yield kind, _rezipped(good, draw, kind)
        elif kind == "encoding":
            yield kind, text.encode(draw.choice(encodings), errors="replace")
        elif kind == "noise":
            yield kind, draw.randbytes(draw.randint(1, 4000))
        elif kind == "html":
            yield kind, b"<html><table><tr><td>" + text.encode()[: draw.randint(1, 400)]
        elif kind == "tail":
            yield kind, good + draw.randbytes(500)
        else:
            data = bytearray(text.encode())
            data[draw.randrange(len(data))] = 0
            yield kind, bytes(data)


def _rezipped(good: bytes, draw: random.Random, kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        one, other = draw.sample(names, 2)
        for name in names:
            if kind == "drop" and name == one:
                continue
            new.writestr(name, old.read({one: other, other: one}.get(name, name) if kind == "swap" else name))
    return out.getvalue()


def test_mutated_files_are_read_or_refused_in_words_of_both_languages(app: Flask, uploaded: Take) -> None:
    seen: set[str] = set()
    for kind, data in _mutants(20261128, MUTANTS):
        seen.add(kind)
        try:
            upload = uploaded(data)
        except FileRefused as refused:
            code = refused.code
        else:
            assert upload.stage in ("checked", "refused", "asking"), (kind, upload.stage)
            assert upload.state == "done"
            code = upload.refusal.get("code", "")
            if upload.stage == "checked":
                n = db.session.scalar(sa.text("SELECT count(*) FROM upload_rows WHERE upload_id = :id").bindparams(id=upload.id))
                assert sum(upload.counts.values()) == n
        if code:
            for lang in ("zh", "en"):
                with in_language(lang):
                    assert str(WORDS[code]).strip(), (kind, code)
        db.session.rollback()
    assert len(seen) >= min(MUTANTS, 7)


CORPUS: dict[str, str] = {
    "rtl": "\u202e李明", "zero width": "李\u200b明", "decomposed": "e\u0301cole", "full width": "１２３", "middle dot": "阿卜·杜拉", "one": "李",
    "fifty": "字" * 50, "long": "字" * 5000, "emoji": "李😀", "rare": "𠮷㛃", "formula": "=cmd|' /C calc'!A0", "svg": "<svg onload=alert(1)>", "template": "{{7*7}}",
    "percent": "%s%n", "quote": "' or 1=1 --", "line ends": "a\r\nb", "minus": "-1", "zero": "0", "2^31": str(2**31), "2^63": str(2**63), "1e309": "1e309", "nan": "NaN",
    "superscript": "²", "no leap day": "1900-02-29", "last day": "9999-12-31", "serial": "39448", "clear": "#清空",
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(PLACE))
def test_a_field_takes_or_refuses_every_text_and_the_page_shows_it_escaped(app: Flask, uploaded: Take, imported: Take, signed_in_as: Any, officer: Any, field: str) -> None:
    import csv

    out = io.StringIO()
    rows = [lawful(n, **({} if field == "identity" else {"identity": ""}), **{field: text}) for n, text in enumerate(CORPUS.values(), 1)]
    csv.writer(out).writerows([HEADER, *rows])
    upload = uploaded(out.getvalue().encode("utf-8-sig"))
    assert upload.stage == "checked", upload.refusal
    assert sum(upload.counts.values()) == len(CORPUS)
    office = signed_in_as(officer)
    page = office.get(f"/imports/{upload.public_id}").get_data(as_text=True)
    assert "<svg onload" not in page
    mending = office.get(f"/imports/{upload.public_id}/mending").get_data(as_text=True)
    assert "<svg onload" not in mending
    if upload.counts["new"]:
        imported(upload)
        for student in db.session.scalars(sa.select(Student)):
            value = getattr(student, field, None)
            assert not isinstance(value, str) or not set(value) & {"\x00", "\u202e", "\u200b"}
        listing = office.get("/students").get_data(as_text=True)
        assert "<svg onload" not in listing


def test_of_many_rows_exactly_the_wrong_ones_are_told_and_a_second_time_nothing_is_new(uploaded: Take, imported: Take) -> None:
    draw = random.Random(7)
    wrong = set(draw.sample(range(1, 601), 137))
    rows = [lawful(n, phone="1" if n in wrong else "") for n in range(1, 601)]
    upload = uploaded(rows)
    assert {row.row_no - 1 for row in queries.faulty(upload)} == wrong
    done = imported(upload)
    assert (done.counts["new"], done.counts["error"]) == (463, 137)
    again = uploaded(rows)
    assert (again.counts["new"], again.counts["updated"], again.counts["unchanged"], again.counts["error"]) == (0, 0, 463, 137)


def test_column_names_below_the_second_row_are_refused_in_words(uploaded: Take) -> None:
    upload = uploaded(workbook([["清远某学院"], ["2024级学生名单"], HEADER, lawful(1)]))
    assert (upload.stage, upload.refusal["code"]) == ("refused", "no-header")


def test_hidden_rows_and_columns_are_read_as_the_others(uploaded: Take) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([HEADER, lawful(1), lawful(2)])))
    sheet = book.worksheets[0]
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    assert uploaded(saved(book)).counts["new"] == 2


def test_blank_rows_between_are_passed_over_and_keep_the_row_numbers(uploaded: Take) -> None:
    upload = uploaded([lawful(1), [None] * len(HEADER), lawful(2, phone="1")])
    assert [row.row_no for row in queries.faulty(upload)] == [4]
    assert sum(upload.counts.values()) == 2
