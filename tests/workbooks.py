"""Workbooks for tests: made cell by cell, so that hostile ones need no binary fixtures."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl

SHEET = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def workbook(rows: Iterable[Sequence[Any]], *, epoch_1904: bool = False, formats: dict[str, str] | None = None) -> bytes:
    """An .xlsx of plain cells; `formats` gives cells a number format."""
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(xml: str | bytes, **others: bytes) -> bytes:
    """A workbook whose first sheet is this XML; further members by name (dots as `__`)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["学号"]]))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            body = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                body = xml.encode() if isinstance(xml, str) else xml
            new.writestr(member.filename, body)
        for name, body in others.items():
            new.writestr(name.replace("__", "."), body)
    return out.getvalue()


def cells(data: bytes) -> list[list[Any]]:
    """The first sheet's values."""
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]
