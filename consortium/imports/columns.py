"""What a column of any roster is, how a cell becomes a value, and which column of a file means which. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from consortium.shared import clock
from consortium.shared.i18n import language
from consortium.shared.spreadsheet import EMPTY, REASONS, Cell, plain

CLEAR = "#清空"
ALIKE = 0.6  # from which likeness on a column's name is suggested
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
_HAN = "[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_AS_IT_IS = re.compile("[!-~\u4e00-\u9fff、，。；：（）·]*")  # most cells: nothing to compose, no blank, nothing unseen


class Bad(Exception):
    """A cell that cannot be taken; the argument is the reason's code."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a cell: which column, which reason, what was found (masked where it must be).

    `key`: where a person may say once, for all rows that hold the same, what is meant.
    """

    column: str
    code: str
    found: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: field, names, whether it is needed, how a cell becomes a value, what the notes say.

    `coded`: an official list stands behind it, so that a person may say what an unknown word means. `sheet`: the code list of the template that its drop-down offers, and which of that list's columns.
    """

    field: str
    name: str
    name_en: str
    aliases: tuple[str, ...]
    read: Callable[[Cell], Any]
    needed: bool = False
    note: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    masked: bool = False
    sheet: tuple[str, int] | None = None
    coded: bool = False

    @property
    def title(self) -> str:
        """What it is called in the reader's language."""
        return self.name if language() == "zh" else self.name_en


# ── which column is which ────────────────────────────────────────────────────────────────────────


def names_of(columns: Sequence[Column]) -> list[str]:
    """All names under which the columns are known."""
    return [name for c in columns for name in (c.name, c.name_en, c.field, *c.aliases)]


def mapping(columns: Sequence[Column], header: Sequence[str], chosen: Mapping[int, str] | None = None) -> dict[int, Column]:
    """Which place of a header is which column: what a person chose, else the exact name, else an alias; the first of two wins."""
    by_field = {column.field: column for column in columns}
    found = {place: by_field[field] for place, field in (chosen or {}).items() if field in by_field and place < len(header)}
    for wanted in (lambda c: (c.name, c.name_en, c.field), lambda c: c.aliases):
        names = {plain(name): column for column in reversed(columns) for name in wanted(column)}
        for place, name in enumerate(header):
            meant = names.get(plain(name))
            if meant is not None and place not in found and place not in (chosen or {}) and meant not in found.values():
                found[place] = meant
    return dict(sorted(found.items()))


def unread(columns: Sequence[Column], header: Sequence[str], chosen: Mapping[int, str] | None = None) -> dict[int, str]:
    """Places of the file that are not read, with their names."""
    known = mapping(columns, header, chosen)
    return {place: name for place, name in enumerate(header) if name and place not in known and plain(name) != plain(REASONS)}


def missing(columns: Sequence[Column], header: Sequence[str], chosen: Mapping[int, str] | None = None) -> list[str]:
    """Needed columns that the file has not."""
    there = {column.field for column in mapping(columns, header, chosen).values()}
    return [column.name for column in columns if column.needed and column.field not in there]


def suggestions(columns: Sequence[Column], header: Sequence[str], chosen: Mapping[int, str] | None = None) -> dict[int, str]:
    """Places that nobody decided about and that may mean a column: place → field. To be shown as suggestions, never taken as known."""
    taken = mapping(columns, header, chosen)
    open_places = [place for place in unread(columns, header, chosen) if place not in (chosen or {})]
    there = {column.field for column in taken.values()}
    scored = sorted(
        ((_alike(header[place], column), place, column.field) for place in open_places for column in columns),
        key=lambda one: (-one[0], one[1]),
    )
    found: dict[int, str] = {}
    for likeness, place, field in scored:
        twice = field in there and likeness == 1  # the file has two columns of this name: which of the two?
        if likeness >= ALIKE and place not in found and (twice or field not in there | set(found.values())):
            found[place] = field
    return found


def _alike(name: str, column: Column) -> float:
    told = plain(name)
    best = 0.0
    for other in (column.name, column.name_en, *column.aliases):
        known = plain(other)
        if told == known:
            return 1.0
        if len(known) > 1 and len(told) > 1 and (known in told or told in known):
            best = max(best, 0.75)
        best = max(best, SequenceMatcher(None, told, known, autojunk=False).ratio())
    return min(best, 0.99)


def template_parts(columns: Sequence[Column], lists: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, Any]:
    """What `write_workbook` needs for the file to fill in: header, drop-downs, notes, code lists."""
    choices: dict[int, Sequence[str] | str] = {place: column.choices for place, column in enumerate(columns) if column.choices}
    for place, column in enumerate(columns):
        if column.sheet is not None:
            name, at = column.sheet
            choices[place] = f"='{name}'!${chr(65 + at)}$1:${chr(65 + at)}${max(len(lists[name]), 1)}"
    notes = [(c.name, f"{'必填。' if c.needed else ''}{c.note} {('例：' + c.example) if c.example else ''}".strip()) for c in columns]
    notes += [("清空", f"留空表示保持原值；填写“{CLEAR}”表示清空。"), ("公式", "请粘贴为数值；公式单元格不读取。")]
    header = [column.name + ("*" if column.needed else "") for column in columns]
    return {"header": header, "rows": [], "choices": choices, "notes": notes, "lists": lists}


def headed(available: Sequence[tuple[str, str]], wanted: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """Those of the wanted (field, heading) pairs that exist, under their usual heading where none is given."""
    usual = dict(available)
    return [(field, heading or usual[field]) for field, heading in wanted if field in usual]


def picked(available: Sequence[tuple[str, str]], fields: Sequence[str], headings: Mapping[str, str], order: Mapping[str, str]) -> list[tuple[str, str]]:
    """The columns of an export that a person chose: those that exist, under her headings, in her order; ties stay as they are offered."""
    found = [(field, headings.get(field, "").strip()[:60] or name) for field, name in available if field in set(fields)]
    place = {field: int(told) if told.isdigit() and len(told) < 4 else 999 for field, told in order.items()}
    return sorted(found, key=lambda one: place.get(one[0], 999))


# ── from cells to values ─────────────────────────────────────────────────────────────────────────


def parse(
    cells: Sequence[Cell], columns: Mapping[int, Column], answers: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """A row's values by field (blank: not there; #清空: None) and all that is wrong with its cells; `answers`: field → what was found → what is meant."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for place, column in columns.items():
        cell = cells[place] if place < len(cells) else EMPTY
        told = "" if cell.kind == "empty" else cleaned(cell.text)
        clears = told == CLEAR
        if not told or clears:
            if column.needed:
                problems.append(Problem(column.name, "needed"))
            elif clears:
                values[column.field] = None
            continue
        if cell.kind in ("formula", "error"):
            problems.append(Problem(column.name, "formula", shown(column, told)))
            continue
        if (column.choices or column.coded) and answers and told[:60] in answers.get(column.field, {}):
            cell = Cell("text", answers[column.field][told[:60]])
        try:
            values[column.field] = column.read(cell)
        except Bad as bad:
            asked = told if (bad.args[0] == "not-among-choices" or column.coded) and len(told) <= 60 and not column.masked else ""
            problems.append(Problem(column.name, bad.args[0], shown(column, told), asked))
    return values, problems


def shown(column: Column, found: str) -> str:
    """What a report may show of a cell."""
    return found[:2] + "***" if column.masked else found[:30]


def cleaned(raw: str) -> str:
    """Text as it is kept: composed, one line's blanks, no control, zero-width or direction marks; no blank between two Chinese characters."""
    if _AS_IT_IS.fullmatch(raw):
        return raw
    value = unicodedata.normalize("NFC", raw)
    value = "".join(c for c in re.sub(r"[\s\u3000]+", " ", value) if unicodedata.category(c) not in _UNSEEN)
    return re.sub(rf"(?<={_HAN}) (?={_HAN})", "", value.strip())


def written(raw: str | None) -> str:
    """What somebody wrote in several lines: composed, lines kept, no control, zero-width or direction marks."""
    lines = unicodedata.normalize("NFC", raw or "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c for c in line if c == "\t" or unicodedata.category(c) not in _UNSEEN).rstrip() for line in lines).strip()


def text(most: int) -> Callable[[Cell], str]:
    """One line of text."""
    return _kept(cleaned, most)


def lines(most: int) -> Callable[[Cell], str]:
    """Text of several lines."""
    return _kept(written, most)


def _kept(clean: Callable[[str], str], most: int) -> Callable[[Cell], str]:
    def read(cell: Cell) -> str:
        value = clean(cell.text)
        if len(value) > most:
            raise Bad("too-long")
        return value

    return read


def day(cell: Cell) -> date:
    """2001-03-12, 2001.3.12, 2001/3/12, 2001年3月12日, 20010312, a date cell, or a spreadsheet's day number."""
    raw = unicodedata.normalize("NFKC", cell.text).strip()
    found = re.fullmatch(r"(\d{4})\s*[-./年]\s*(\d{1,2})(?:\s*[-./月]\s*(\d{1,2})\s*日?)?\s*月?(?:\s+0?0:00(?::00)?)?", raw)
    try:
        if found:
            told = date(int(found[1]), int(found[2]), int(found[3] or 1))
        elif re.fullmatch(r"\d{8}", raw):
            told = date(int(raw[:4]), int(raw[4:6]), int(raw[6:]))
        elif cell.is_number and re.fullmatch(r"\d{5}", raw):
            told = (date(1899, 12, 30) if cell.kind == "number" else date(1904, 1, 1)) + timedelta(days=int(raw))
        else:
            raise Bad("day-shape")
    except ValueError:
        raise Bad("no-such-day") from None
    if not 1900 <= told.year <= 2100:
        raise Bad("no-such-day")
    return told


YES_NO = {
    "是": True, "愿意": True, "能": True, "有": True, "y": True, "yes": True, "1": True,
    "否": False, "不愿意": False, "不能": False, "无": False, "n": False, "no": False, "0": False,
}  # fmt: skip


def one_of(words: Mapping[str, Any]) -> Callable[[Cell], Any]:
    """One of these words, in small letters."""

    def read(cell: Cell) -> Any:
        told = cleaned(cell.text).lower()
        if told not in words:
            raise Bad("not-among-choices")
        return words[told]

    return read


def whole(low: int, high: int) -> Callable[[Cell], int]:
    """A whole number within limits."""

    def read(cell: Cell) -> int:
        raw = unicodedata.normalize("NFKC", cell.text).strip().replace(",", "")
        if not re.fullmatch(r"\d{1,9}(\.0+)?", raw):
            raise Bad("not-a-number")
        value = int(float(raw))
        if not low <= value <= high:
            raise Bad("out-of-range")
        return value

    return read


def decimal(low: float, high: float) -> Callable[[Cell], float]:
    """A number within limits."""

    def read(cell: Cell) -> float:
        raw = unicodedata.normalize("NFKC", cell.text).strip()
        if not re.fullmatch(r"\d{1,4}(\.\d{1,2})?", raw):
            raise Bad("not-a-number")
        if not low <= float(raw) <= high:
            raise Bad("out-of-range")
        return float(raw)

    return read


def yuan(cell: Cell) -> int:
    """Money in yuan, kept in fen: 3500, 3,500.50, 3500元."""
    raw = re.sub(r"[\s,¥元]|/月|每月", "", unicodedata.normalize("NFKC", cell.text))
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", raw):
        raise Bad("not-a-number")
    units, _, rest = raw.partition(".")
    return int(units) * 100 + int((rest + "00")[:2])


def told_day(value: date | None) -> str:
    """A day as a cell."""
    return value.isoformat() if value else ""


def told_instant(value: datetime | None) -> str:
    """An instant as a cell, as people here read it."""
    return f"{clock.local(value):%Y-%m-%d %H:%M}" if value else ""


def told_yes(value: bool | None) -> str:
    """Yes or no as a cell; blank where nothing was said."""
    return {True: "是", False: "否", None: ""}[value]


def told_yuan(fen: int | None) -> str:
    """An amount as a cell."""
    if fen is None:
        return ""
    return f"{fen // 100}" + (f".{fen % 100:02d}" if fen % 100 else "")
