"""What is refused before anything parses it: the corpus of bombs and disguises is built here."""

from __future__ import annotations

import io
import resource
import struct
import sys
import zipfile
from collections.abc import Callable

import pytest

from consortium.shared.files import MOST_BYTES, FileRefused, column_number, inspect
from consortium.shared.spreadsheet import read_table
from tests.workbooks import SHEET, with_sheet, workbook


def _zip(members: dict[str, bytes], level: int = 9) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as box:
        for name, body in members.items():
            box.writestr(name, body)
    return out.getvalue()


def _deflate_bomb() -> bytes:
    return with_sheet(SHEET.format("<row><c><v>1</v></c></row>" * 3_000_000))


def _one_huge_string() -> bytes:
    return with_sheet(SHEET.format(""), **{"xl/sharedStrings__xml": b"<sst><si><t>" + b"A" * 100_000_000 + b"</t></si></sst>"})


def _many_members() -> bytes:
    return _zip({"xl/workbook.xml": b"<workbook/>"} | {f"x{n}": b"" for n in range(60_000)}, level=0)


def _lying_size() -> bytes:
    data = bytearray(_zip({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b"<row/>" * 20_000_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)  # the directory says: a hundred bytes
    return bytes(data)


def _nested() -> bytes:
    inner = _zip({"a": b"\0" * 200_000_000})
    return _zip({"xl/workbook.xml": b"<workbook/>", "xl/embeddings/in.zip": inner * 40})


def _far_cell() -> bytes:
    return with_sheet(SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def _laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return with_sheet(f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{levels}]><worksheet>&l9;</worksheet>')


def _laughs_in_utf16() -> bytes:
    return with_sheet('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'.encode("utf-16"))


def _external_entity() -> bytes:
    return with_sheet('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>')


def _encrypted_member() -> bytes:
    data = bytearray(workbook([["学号"]]))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


CORPUS: list[tuple[str, Callable[[], bytes], str]] = [
    ("rows that deflate to nothing", _deflate_bomb, "inflates"),
    ("one string of 100 MB", _one_huge_string, "inflates"),
    ("sixty thousand members", _many_members, "too-many-members"),
    ("a member that lies about its size", _lying_size, "broken"),
    ("a zip of forty zips", _nested, "not-read"),
    ("a cell in the farthest corner", _far_cell, "far-cells"),
    ("a cell beyond the grid", lambda: with_sheet(SHEET.format('<row><c t="n" r="XFE7"><v>1</v></c></row>')), "far-cells"),
    ("billion laughs", _laughs, "entities"),
    ("laughs in UTF-16", _laughs_in_utf16, "entities"),
    ("an external entity", _external_entity, "entities"),
    ("macros", lambda: with_sheet(SHEET.format(""), **{"xl/vbaProject__bin": b"x"}), "macros"),
    ("an encrypted member", _encrypted_member, "old-excel"),
    ("a password-protected or old workbook", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "old-excel"),
    ("a web page as .xls", lambda: "\ufeff<html><table><tr><td>学号</td></tr></table></html>".encode(), "html"),
    ("an OpenDocument table", lambda: _zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}), "not-a-table"),
    ("a PDF", lambda: b"%PDF-1.7 ...", "not-a-table"),
    ("a picture", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "not-a-table"),
    ("nothing", lambda: b"", "empty"),
    ("only blanks", lambda: b" \r\n \t", "empty"),
    ("more than 10 MB", lambda: b"a,b\n" * (MOST_BYTES // 4 + 1), "too-large"),
    ("half a workbook", lambda: workbook([["学号"]])[:-400], "broken"),
    ("a swapped byte", lambda: workbook([["学号"] * 50]).replace(b"PK\x01\x02", b"PK\x01\x03", 1), "broken"),
]


@pytest.mark.parametrize(("build", "code"), [(b, c) for _, b, c in CORPUS], ids=[name for name, _, _ in CORPUS])
def test_a_hostile_file_is_refused_without_eating_memory(build: Callable[[], bytes], code: str) -> None:
    data = build()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileRefused) as refused:
        read_table(data, ["学号", "姓名"])
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 256  # MB more than before
    assert code in (refused.value.code, "not-read")


def test_an_ordinary_workbook_and_an_ordinary_csv_pass() -> None:
    assert inspect(workbook([["学号", "姓名"]])).kind == "xlsx"
    assert inspect("学号,姓名\n1,李\n".encode()).kind == "csv"
    assert inspect("学号,姓名\n1,李\n".encode("utf-16")).kind == "csv"


def test_the_kind_is_told_by_bytes_and_the_hash_by_content() -> None:
    one, two = inspect(b"a,b\n"), inspect(b"a,c\n")
    assert one.sha256 != two.sha256
    assert one.sha256 == inspect(b"a,b\n").sha256


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("z", 26), ("AA", 27), ("CV", 100), ("XFD", 16_384)])
def test_column_letters_are_counted(letters: str, number: int) -> None:
    assert column_number(letters) == number


def test_nothing_of_the_parser_is_loaded_into_this_process_by_looking() -> None:
    inspect(workbook([["学号"]]))
    assert "consortium.shared.sheet_reader" not in sys.modules
