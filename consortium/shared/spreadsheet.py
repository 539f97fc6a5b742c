"""Tables in and out of spreadsheets: uploads read in a disposable child, workbooks written so that text stays text."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from consortium.shared.files import MOST_COLUMNS, MOST_CSV_ROWS, MOST_ROWS, REFUSALS, FileRefused, inspect

READER = Path(__file__).with_name("sheet_reader.py")
WALL_SECONDS = 30
MOST_TOLD = 320 * 1024 * 1024  # bytes the child may say: a Chinese character is six of them
CELL_MOST = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REASONS = "错误原因"  # the column that a workbook of rows to mend has more than the upload
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
_LIVE = tuple("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's kind (text number number-1904 date bool empty formula error) and its value as text."""

    kind: str
    text: str

    @property
    def is_number(self) -> bool:
        """A number cell: digits of a name written as a number may be lost."""
        return self.kind in ("number", "number-1904")


EMPTY = Cell("empty", "")


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it; row numbers as the spreadsheet shows them."""

    header: tuple[str, ...]
    header_row: int
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_table(data: bytes, known: Iterable[str] = ()) -> Table:
    """The table of an upload; raises FileRefused. `known` column names tell which of the first two rows is the header."""
    seen = inspect(data)
    rows = _in_a_child(data, seen.kind)
    if not rows:
        raise FileRefused("no-rows")
    names = {plain(name) for name in known}
    hits = [sum(plain(cell.text) in names for cell in row) for _, row in rows[:2]]
    if names and max(hits) == 0:
        raise FileRefused("no-header")
    if len(hits) == 2 and min(hits) >= 3:
        raise FileRefused("two-headers")
    at = hits.index(max(hits)) if names else 0
    number, header = rows[at]
    body = tuple(rows[at + 1 :])
    if not body:
        raise FileRefused("no-rows")
    most = MOST_ROWS if seen.kind == "xlsx" else MOST_CSV_ROWS
    if len(body) > most:
        raise FileRefused("too-many-rows", rows=most)
    return Table(tuple(cell.text.strip() for cell in header), number, body)


def plain(name: str) -> str:
    """A column name as it is compared: narrow and small letters; no blanks, no stars, nothing in brackets."""
    narrow = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[\s*]", "", re.sub(r"\(.*$", "", narrow, flags=re.DOTALL))


def _in_a_child(data: bytes, kind: str) -> list[tuple[int, tuple[Cell, ...]]]:
    """Parse in a child without environment, open files, network, memory beyond 512 MB or time beyond 20 s; its death is a refusal."""
    most = MOST_ROWS if kind == "xlsx" else MOST_CSV_ROWS
    command = [sys.executable, "-I", str(READER), kind, str(most), str(MOST_COLUMNS)]
    with (
        tempfile.TemporaryDirectory(prefix="reader-") as empty,
        subprocess.Popen(  # noqa: S603 (our own file, no shell)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"OPENPYXL_LXML": "False"}, cwd=empty
        ) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        deadline = threading.Timer(WALL_SECONDS, child.kill)
        feeder = threading.Thread(target=_feed, args=(child.stdin, data), daemon=True)
        deadline.start()
        feeder.start()
        told = child.stdout.read(MOST_TOLD + 1)  # a child gone wild cannot fill this process either
        if len(told) > MOST_TOLD:
            child.kill()
        code = child.wait()
        deadline.cancel()
        feeder.join()
    lines = told.splitlines()
    if code == 3 and lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            refused = json.loads(lines[-1])["refused"]
            raise FileRefused(refused if refused in REFUSALS else "broken", rows=most, columns=MOST_COLUMNS)
    if code != 0 or len(told) > MOST_TOLD:
        raise FileRefused("reader-died")
    try:
        return [(int(number), tuple(EMPTY if name == "empty" else Cell(name, text) for name, text in cells)) for number, cells in map(json.loads, lines)]
    except (ValueError, TypeError):
        raise FileRefused("reader-died") from None


def _feed(pipe: Any, data: bytes) -> None:
    with contextlib.suppress(OSError):  # a child that died early
        pipe.write(data)
    with contextlib.suppress(OSError):
        pipe.close()


def safe_text(value: Any) -> str:
    """What a cell may hold: no control characters, no lone surrogates, no more than a cell takes."""
    return _CONTROL.sub("", "" if value is None else str(value))[:CELL_MOST]


def write_workbook(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    choices: Mapping[int, Sequence[str]] | None = None,
    notes: Sequence[tuple[str, str]] = (),
    lists: Mapping[str, Sequence[Sequence[str]]] | None = None,
    marked: Mapping[int, Sequence[int]] | None = None,
    version: str = "",
) -> bytes:
    """An .xlsx whose cells are all text (never a live formula).

    choices: column → drop-down; notes: a second sheet (field, note); lists: further sheets; marked: row (0-based) → columns to colour.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"num_format": "@", "bold": True, "bg_color": "#E4EFEA", "bottom": 1})
    wrong = book.add_format({"num_format": "@", "bg_color": "#F7DCD6"})
    if version:
        book.set_properties({"comments": version})
    sheet = book.add_worksheet(title[:31])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(header) - 1, 0), 16, text)
    for column, name in enumerate(header):
        sheet.write_string(0, column, safe_text(name), head)
    n_rows = 0
    for number, row in enumerate(rows):
        n_rows += 1
        colour = set((marked or {}).get(number, ()))
        for column, value in enumerate(row):
            sheet.write_string(number + 1, column, safe_text(value), wrong if column in colour else text)
    for column, offered in (choices or {}).items():
        sheet.data_validation(1, column, max(n_rows, MOST_ROWS), column, {"validate": "list", "source": list(offered)})
    if notes:
        page = book.add_worksheet("填写说明")
        page.set_column(0, 0, 18)
        page.set_column(1, 1, 90)
        for number, (name, note) in enumerate(notes):
            page.write_string(number, 0, safe_text(name), head)
            page.write_string(number, 1, safe_text(note), text)
    for name, entries in (lists or {}).items():
        page = book.add_worksheet(name[:31])
        page.set_column(0, 3, 24)
        for number, entry in enumerate(entries):
            for column, value in enumerate(entry):
                page.write_string(number, column, safe_text(value), text)
    book.close()
    return out.getvalue()


def csv_cell(value: Any) -> str:
    """A CSV cell that no spreadsheet takes for a formula."""
    text = safe_text(value)
    return "'" + text if text.startswith(_LIVE) else text
