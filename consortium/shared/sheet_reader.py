"""The disposable child that parses one upload: bytes on standard input, JSON on standard output, nothing else allowed.

Started as `python -I …/sheet_reader.py KIND` with an empty environment and hard limits on memory and time; imports nothing of ours.
"""

from __future__ import annotations

import csv
import io
import json
import resource
import sys
from datetime import date, datetime, time
from typing import Any

MEMORY, CPU_SECONDS = 512 * 1024 * 1024, 20


def main() -> int:
    """Read, parse, print; exit code 0, or 3 with a refusal's code on standard output."""
    kind, most_rows, most_columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    data = sys.stdin.buffer.read()
    _limit()
    try:
        found = _workbook(data, most_rows, most_columns) if kind == "xlsx" else _csv(data, most_rows, most_columns)
    except _Refused as refused:
        print(json.dumps({"refused": refused.args[0]}))
        return 3
    except MemoryError:
        return 4
    except Exception:  # whatever a parser throws at a hostile file is one thing to us: broken
        print(json.dumps({"refused": "broken"}))
        return 3
    json.dump(found, sys.stdout, ensure_ascii=True, separators=(",", ":"))
    return 0


class _Refused(Exception):
    pass


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _workbook(data: bytes, most_rows: int, most_columns: int) -> dict[str, Any]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    rows, last = [], 0
    for number, cells in enumerate(sheet.iter_rows(max_col=most_columns), 1):
        row = [_cell(cell) for cell in cells]
        while row and row[-1][0] == "empty":
            row.pop()
        if row:
            if number > most_rows + 2:
                raise _Refused("too-many-rows")
            last = number
            rows.append([number, row])
        elif number - last > 200_000:
            break
    return {"sheet": sheet.title, "sheets": len(book.worksheets), "rows": rows}


def _cell(cell: Any) -> list[str]:
    value = cell.value
    if value is None:
        return ["empty", ""]
    if cell.data_type == "f" or (isinstance(value, str) and cell.data_type != "s" and value.startswith("=")):
        return ["formula", str(value)[:200]]
    if cell.data_type == "e":
        return ["error", str(value)]
    if isinstance(value, bool):
        return ["bool", "1" if value else "0"]
    if isinstance(value, datetime):
        return ["date", value.date().isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, time):
        return ["text", value.isoformat()]
    if isinstance(value, int | float):
        return ["number", repr(int(value)) if float(value).is_integer() and abs(value) < 1e21 else repr(value)]
    text = str(value)
    return ["text", text] if text.strip() else ["empty", ""]


def _csv(data: bytes, most_rows: int, most_columns: int) -> dict[str, Any]:
    text = _decoded(data)
    sample = text[:20_000].splitlines()[:5]
    separator = max(",;\t", key=lambda mark: sum(line.count(mark) for line in sample))
    csv.field_size_limit(100_000)
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for cells in reader:
        row = [["text", cell] if cell.strip() else ["empty", ""] for cell in cells[:most_columns]]
        while row and row[-1][0] == "empty":
            row.pop()
        if row:
            rows.append([reader.line_num, row])
        if len(rows) > most_rows + 2:
            raise _Refused("too-many-rows")
    return {"sheet": "", "sheets": 1, "rows": rows}


def _decoded(data: bytes) -> str:
    """UTF-8 strictly, then GB18030 strictly (never gbk: it lacks letters of real names), UTF-16 by its mark; else refused."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text or any("\ue000" <= c <= "\uf8ff" for c in text):
            continue
        return text
    raise _Refused("encoding")


if __name__ == "__main__":
    sys.exit(main())
