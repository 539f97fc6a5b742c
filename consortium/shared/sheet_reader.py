"""The disposable child that parses one upload: bytes on standard input, one JSON row a line on standard output, nothing else allowed.

Started as `python -I …/sheet_reader.py KIND ROWS COLUMNS NAMES` with an empty environment, in an empty folder; imports nothing of ours. Before a
byte is parsed it gives up memory, time, the writing of files, and the opening of anything at all: files and sockets alike.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import resource
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

MEMORY, CPU_SECONDS = 512 * 1024 * 1024, 20
MOST_TOLD = 48 * 1024 * 1024  # characters of all cells: one long text may be shared by a million cells
CELL_MOST = 32_767
BEFOREHAND = ("encodings.cp437", "encodings.gb18030", "encodings.utf_8_sig", "encodings.utf_16")  # nothing can be imported later: nothing can be opened
MOST_SHEETS = 20  # among which the table is looked for
LIVE = frozenset("=+-@\t\r\n＝＋－＠")
BLANKS_MOST = 200_000  # empty rows after the last that holds something


def main() -> int:
    """Read, parse, print; exit code 0, or 3 with a refusal's code as the last line."""
    kind, most_rows, most_columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    names = frozenset(json.loads(sys.argv[4])) if len(sys.argv) > 4 else frozenset()
    data = sys.stdin.buffer.read()
    for name in BEFOREHAND:
        importlib.import_module(name)
    if kind == "xlsx":
        sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would take it along: 0.2 s and 100 MB for nothing
        importlib.import_module("openpyxl.reader.excel")
    _limit()
    told = 0
    try:
        for number, row in _workbook(data, most_rows, most_columns, names) if kind == "xlsx" else _csv(data, most_rows, most_columns):
            told += sum(len(text) for _, text in row)
            if told > MOST_TOLD:
                raise _Refused("inflates")
            json.dump([number, row], sys.stdout, ensure_ascii=True, separators=(",", ":"))
            sys.stdout.write("\n")
    except _Refused as refused:
        print(json.dumps({"refused": refused.args[0]}))
        return 3
    except MemoryError:
        return 4
    except Exception:  # whatever a parser throws at a hostile file is one thing to us: broken
        print(json.dumps({"refused": "broken"}))
        return 3
    return 0


class _Refused(Exception):
    pass


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),  # no file and no socket can be opened from here on
    ):
        resource.setrlimit(what, (most, most))


def _workbook(data: bytes, most_rows: int, most_columns: int, names: frozenset[str]) -> Iterator[tuple[int, list[list[str]]]]:
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    for one in book.worksheets:
        one.reset_dimensions()
    visible = [one for one in book.worksheets[:MOST_SHEETS] if one.sheet_state == "visible"] or book.worksheets[:1]
    sheet = max(visible, key=lambda one: _known(one, most_columns, names)) if names and len(visible) > 1 else visible[0]
    number_kind = "number-1904" if book.epoch == CALENDAR_MAC_1904 else "number"
    last = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=most_columns), 1):
        row = _trimmed([_cell(cell, number_kind) for cell in cells])
        if row:
            if number > most_rows + 2:
                raise _Refused("too-many-rows")
            last = number
            yield number, row
        elif number - last > BLANKS_MOST:
            break


def _known(sheet: Any, most_columns: int, names: frozenset[str]) -> int:
    """How many known column names stand in one of the first two rows; of several sheets the first with most is read."""
    rows = sheet.iter_rows(max_row=2, max_col=most_columns, values_only=True)
    return max((sum(_plain(str(value)) in names for value in row if value is not None) for row in rows), default=0)


def _plain(name: str) -> str:
    """As `spreadsheet.plain` compares names."""
    narrow = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[\s*]", "", re.sub(r"\(.*$", "", narrow, flags=re.DOTALL))


def _cell(cell: Any, number_kind: str) -> list[str]:
    value = cell.value
    if value is None:
        return ["empty", ""]
    if cell.data_type == "f" or (isinstance(value, str) and cell.data_type != "s" and value.startswith("=")):
        return ["formula", str(value)[:200]]
    if cell.data_type == "e":
        return ["error", str(value)[:200]]
    if isinstance(value, bool):
        return ["bool", "1" if value else "0"]
    if isinstance(value, datetime):
        return ["date", value.date().isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, time):
        return ["text", value.isoformat()]
    if isinstance(value, int | float):
        return [number_kind, repr(int(value)) if float(value).is_integer() and abs(value) < 1e21 else repr(value)]
    text = str(value)[:CELL_MOST]
    return ["text", text] if text.strip() else ["empty", ""]


def _csv(data: bytes, most_rows: int, most_columns: int) -> Iterator[tuple[int, list[list[str]]]]:
    text = _decoded(data)
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:2]
    separator = max(",;\t", key=lambda mark: [line.count(mark) for line in lines])  # a title may stand above the names
    csv.field_size_limit(100_000)
    told = 0
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
        row = _trimmed([["text", _unquoted(cell)] if cell.strip() else ["empty", ""] for cell in cells[:most_columns]])
        if row:
            told += 1
            if told > most_rows + 2:
                raise _Refused("too-many-rows")
            yield number, row


def _unquoted(cell: str) -> str:
    """Without the sign that our own files put before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[0] == "'" and cell[1:2] in LIVE else cell


def _trimmed(row: list[list[str]]) -> list[list[str]]:
    while row and row[-1][0] == "empty":
        row.pop()
    return row


def _decoded(data: bytes) -> str:
    """UTF-8 strictly, then GB18030 strictly (never gbk: it lacks letters of real names), UTF-16 by its mark; else refused."""
    names = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if any(c == "\x00" or c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text):  # damaged before it came here
            continue
        return text
    raise _Refused("encoding")


if __name__ == "__main__":
    sys.exit(main())
