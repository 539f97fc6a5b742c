"""Tables in and out of spreadsheets: uploads read in a disposable child, workbooks written so that text stays text."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import re
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
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


class OpenTable:
    """A table that was read but lies packed: its rows are told one after the other, as often as asked, so that memory stays flat."""

    def __init__(self, header: tuple[str, ...], header_row: int, n_rows: int, told: _Told, skip: int) -> None:
        self.header, self.header_row, self.n_rows = header, header_row, n_rows
        self._told, self._skip = told, skip

    def rows(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Row number and cells; raises FileRefused where the reader lied."""
        return islice(self._told.rows(), self._skip, None)

    def batches(self, size: int) -> Iterator[list[tuple[int, tuple[Cell, ...]]]]:
        """The same in batches."""
        rows = self.rows()
        while batch := list(islice(rows, size)):
            yield batch


def open_table(data: bytes, known: Iterable[str] = ()) -> OpenTable:
    """The table of an upload; raises FileRefused. `known` column names tell the sheet, and which of the first two rows is the header."""
    seen = inspect(data)
    names = {plain(name) for name in known}
    told = _in_a_child(data, seen.kind, names)
    first = list(islice(told.rows(), 2))
    if not first:
        raise FileRefused("no-rows")
    hits = [sum(plain(cell.text) in names for cell in row) for _, row in first]
    if names and max(hits) == 0:
        raise FileRefused("no-header")
    if len(hits) == 2 and min(hits) >= 3:
        raise FileRefused("two-headers")
    at = hits.index(max(hits)) if names else 0
    n_rows = told.n - at - 1
    if n_rows < 1:
        raise FileRefused("no-rows")
    most = MOST_ROWS if seen.kind == "xlsx" else MOST_CSV_ROWS
    if n_rows > most:
        raise FileRefused("too-many-rows", rows=most)
    number, header = first[at]
    return OpenTable(tuple(cell.text.strip() for cell in header), number, n_rows, told, at + 1)


def read_table(data: bytes, known: Iterable[str] = ()) -> Table:
    """The same, with all its rows at hand."""
    found = open_table(data, known)
    return Table(found.header, found.header_row, tuple(found.rows()))


def plain(name: str) -> str:
    """A column name as it is compared: narrow and small letters; no blanks, no stars, nothing in brackets."""
    narrow = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[\s*]", "", re.sub(r"\(.*$", "", narrow, flags=re.DOTALL))


class _Told:
    """What the child said, one JSON row a line, kept packed: a hundred thousand rows are a few megabytes."""

    def __init__(self) -> None:
        self._box = io.BytesIO()
        self._packer = gzip.GzipFile(fileobj=self._box, mode="wb", compresslevel=1)
        self.n = self.size = 0
        self.last = b""

    def take(self, piece: bytes) -> None:
        self.n += piece.count(b"\n")
        self.size += len(piece)
        self.last = (self.last + piece)[-500:]
        self._packer.write(piece)

    def close(self) -> None:
        self._packer.close()

    def rows(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        with gzip.GzipFile(fileobj=io.BytesIO(self._box.getbuffer())) as lines:
            for line in lines:
                try:
                    number, cells = json.loads(line)
                    yield int(number), tuple(EMPTY if name == "empty" else Cell(name, text) for name, text in cells)
                except (ValueError, TypeError):
                    raise FileRefused("reader-died") from None


def _in_a_child(data: bytes, kind: str, names: Iterable[str]) -> _Told:
    """Parse in a child without environment, open files, network, memory beyond 512 MB or time beyond 20 s; its death is a refusal."""
    most = MOST_ROWS if kind == "xlsx" else MOST_CSV_ROWS
    command = [sys.executable, "-I", str(READER), kind, str(most), str(MOST_COLUMNS), json.dumps(sorted(names))]
    told = _Told()
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
        while piece := child.stdout.read(256 * 1024):
            told.take(piece)
            if told.size > MOST_TOLD:  # a child gone wild cannot fill this process either
                child.kill()
                break
        code = child.wait()
        deadline.cancel()
        feeder.join()
    told.close()
    if code == 3 and told.n:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            refused = json.loads(told.last.splitlines()[-1])["refused"]
            raise FileRefused(refused if refused in REFUSALS else "broken", rows=most, columns=MOST_COLUMNS)
    if code != 0 or told.size > MOST_TOLD:
        raise FileRefused("reader-died")
    return told


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
    choices: Mapping[int, Sequence[str] | str] | None = None,
    notes: Sequence[tuple[str, str]] = (),
    lists: Mapping[str, Sequence[Sequence[str]]] | None = None,
    marked: Mapping[int, Sequence[int]] | None = None,
    version: str = "",
) -> bytes:
    """An .xlsx whose cells are all text (never a live formula).

    choices: column → drop-down (words that must be kept to, or the range of a list that offers them); notes: a second sheet (field, note); lists: further sheets; marked: row (0-based) → columns to colour.
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
        strict = not isinstance(offered, str)
        rule = {"validate": "list", "source": list(offered) if strict else offered, "show_error": strict}
        sheet.data_validation(1, column, max(n_rows, MOST_ROWS), column, rule)
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


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV in UTF-8 with its mark, as Excel reads it; no cell is taken for a formula, and our reader takes the sign off again."""
    out = io.StringIO()
    table = csv.writer(out)
    for row in (header, *rows):
        table.writerow([csv_cell(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
