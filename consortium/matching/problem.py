"""Students and positions as equal-length columns, checked once at the door.

Rows are kept in the order of their keys, so that no result depends on the order of input.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

TEXT, CODES, DAY, TRI, INT, FLOAT = "text", "codes", "day", "tri", "int", "float"
YES, NO, UNKNOWN = 1, 0, -1

STUDENT_COLUMNS: Mapping[str, str] = {
    "wish": TEXT,  # wanted work, in the student's words
    "text": TEXT,  # courses, projects, self-description
    "skills": CODES,
    "certificates": CODES,
    "major": TEXT,  # code of the catalogue, '' unknown
    "major_class": TEXT,
    "major_category": TEXT,
    "occupations": CODES,  # occupation groups related to the major
    "level": TEXT,  # 中职 高职专科 高职本科
    "college": TEXT,  # whose student: filings and overrides may hold for some colleges only; never for scores
    "birth_on": DAY,
    "enrolled_on": DAY,
    "stage_from": DAY,  # 3+2 and five-year programmes: when the college stage began
    "sex": TEXT,  # F, M or '': read by rules R20 and J03 alone
    "consents": TRI,
    "wants_internship": TRI,
    "wants_job": TRI,
    "wants_zone": TRI,
    "shift_ok": TRI,
    "available_from": DAY,
    "available_until": DAY,
    "least_pay_fen": INT,
    "places": CODES,  # division codes; empty: anywhere
    "ranking": CODES,  # keys of positions in the student's own order
    "own_list_only": TRI,  # yes: nothing but the own ranking is proposed; otherwise the best scored follow it
    "priority": CODES,  # codes that a round declares and its officers check, such as a joint class; read by the orders of posts alone
    "refused": CODES,  # keys of positions never to propose to her again: declined, hidden
    "fixed": CODES,  # keys of positions held already (accepted offers, continuing placements); `places` and caps count them
}
POSITION_COLUMNS: Mapping[str, str] = {
    "enterprise": TEXT,
    "family": TEXT,  # posts of the same kind within the enterprise
    "sector": TEXT,  # leading industry: for figures, never for scores
    "title": TEXT,
    "text": TEXT,
    "skills_must": CODES,
    "skills_nice": CODES,
    "certificates_must": CODES,
    "majors": CODES,  # accepted, as M:460301, C:0603 or G:06; empty: any
    "major_categories": CODES,  # category keys of the accepted majors
    "occupation": TEXT,  # small group, such as 6-31-01
    "kind": TEXT,  # internship | job
    "places": INT,  # seats still free
    "start_on": DAY,
    "end_on": DAY,
    "level_least": TEXT,
    "place": TEXT,  # division code
    "in_zone": TRI,
    "pay_fen": INT,  # a month
    "same_post_pay_fen": INT,
    "lowest_grade_fen": INT,
    "pay_to_student": TRI,
    "pay_in_kind": TRI,
    "pay_period_days": INT,
    "fees": TRI,
    "hours_per_day": FLOAT,
    "hours_per_week": FLOAT,
    "night": TRI,
    "rest_days": TRI,
    "overtime": TRI,
    "hazards": CODES,
    "labour_level": INT,
    "venue": TEXT,
    "host_type": TEXT,
    "host_registered": TRI,
    "host_verified": TRI,
    "n_tasks": INT,
    "contract_months": INT,  # jobs
    "probation_months": INT,
    "holidays": INT,  # statutory holidays from the first day to the last
    "pauses_holidays": TRI,  # declared: no work on any of them
    "mentor_places": INT,  # interns that mentors of the enterprise are bound to look after in this post; -1: no mentor is declared at all
    "filings": CODES,  # rule codes filed with the authority: R26, or R26/C:4603+G:46/12 for some majors and colleges only
    "overrides": CODES,  # rule codes overridden by a school, with a recorded reason; likewise
    "firm_room": INT,  # interns the enterprise may still take in the window; -1 unknown
    "family_room": INT,
    "firm_left": INT,  # what is left to all posts of a run together: the cap without what others hold; -1: take the room
    "family_left": INT,
    "priority_codes": CODES,  # in order: who bears the first one comes first
    "reserved": CODES,  # seats of joint classes, as code=seats: offered first to students who bear the code
    "ranking": CODES,  # keys of students in the post's own order, after what is declared: who stands here comes before who does not
    "reserved_stay": TRI,  # yes: reserved seats that no member takes stay empty; otherwise everybody may have them
}
_DTYPE: dict[str, Any] = {TEXT: object, CODES: object, DAY: "datetime64[D]", TRI: np.int8, INT: np.int64, FLOAT: np.float64}
_EMPTY: Mapping[str, Any] = {TEXT: "", CODES: (), DAY: np.datetime64("NaT"), TRI: UNKNOWN, INT: -1, FLOAT: np.nan}


class BadProblem(ValueError):
    """A column that cannot be taken; the message names the side, the column and the row."""


@dataclass(frozen=True)
class Columns:
    """One side: `key` (n,) and a dict of (n,) columns; attribute access by column name."""

    side: str
    key: np.ndarray
    data: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.key)

    def __getattr__(self, name: str) -> np.ndarray:
        try:
            return object.__getattribute__(self, "data")[name]
        except KeyError:
            raise AttributeError(name) from None

    def take(self, rows: np.ndarray | slice, names: Iterable[str] | None = None) -> Columns:
        """The same columns, or those named, for some rows, in that order."""
        stored = getattr(self.data, "take", None)  # columns that are read from bytes when they are asked for
        if stored and names is None:
            return Columns(self.side, self.key[rows], stored(rows))
        return Columns(self.side, self.key[rows], {name: self.data[name][rows] for name in (self.data if names is None else names)})


def columns(side: str, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Columns from mappings with `key` (text, whole number or UUID) and any known column; what is missing is unknown. Raises BadProblem."""
    kinds = STUDENT_COLUMNS if side == "students" else POSITION_COLUMNS
    keys = [_key(row, f"{side}, row {number}") for number, row in enumerate(rows, 1)]
    for number, (key, row) in enumerate(zip(keys, rows, strict=True), 1):
        if not key:
            raise BadProblem(f"{side}, row {number}: no key")
        strange = set(row) - set(kinds) - {"key"}
        if strange:
            raise BadProblem(f"{side}, row {number}: unknown column {sorted(strange)[0]!r}")
    if len(set(keys)) != len(keys):
        twice = Counter(keys).most_common(1)[0][0]
        raise BadProblem(f"{side}: key {twice!r} stands twice")
    order = sorted(range(len(keys)), key=keys.__getitem__)
    data: dict[str, np.ndarray] = {}
    for name, kind in kinds.items():
        values = [rows[number].get(name) for number in order]
        column = _plain(values, kind)
        if column is None:
            column = np.empty(len(keys), dtype=_DTYPE[kind])
            for place, number in enumerate(order):
                column[place] = _value(values[place], kind, f"{side}, row {number + 1}, column {name}")
        data[name] = column
    for place, number in enumerate(order):
        if side == "positions" and data["reserved"][place]:
            reserved_seats(data["reserved"][place], f"{side}, row {number + 1}, column reserved")
    return Columns(side, np.array([keys[i] for i in order], dtype=object), data)


def reserved_seats(codes: Sequence[str], where: str = "reserved") -> list[tuple[str, int]]:
    """Code and number of seats of entries such as `joint-1=3`. Raises BadProblem, also for a code that stands twice."""
    found: dict[str, int] = {}
    for entry in codes:
        code, sign, seats = entry.rpartition("=")
        if not (sign and code and seats.isascii() and seats.isdigit() and len(seats) < 10):
            raise BadProblem(f"{where}: {entry!r} is not code=seats, such as joint-1=3")
        if code in found:
            raise BadProblem(f"{where}: code {code!r} stands twice; add its seats up in one entry")
        found[code] = int(seats)
    return list(found.items())


_PLAIN: Mapping[str, frozenset[type]] = {
    TEXT: frozenset({str, type(None)}),
    CODES: frozenset({list, tuple, type(None)}),
    DAY: frozenset({date, type(None)}),
    TRI: frozenset({bool, type(None)}),
    INT: frozenset({int, type(None)}),
    FLOAT: frozenset({float, int, type(None)}),
}


def _plain(values: list[Any], kind: str) -> np.ndarray | None:
    """A whole column at once where every value is of the plainest type and beyond doubt; None leaves it to `_value`, value by value."""
    if not _PLAIN[kind].issuperset(map(type, values)):
        return None
    if kind in (TEXT, CODES):
        told: list[Any] = ["" if v is None else v for v in values] if kind == TEXT else [tuple(v or ()) for v in values]
        texts = told if kind == TEXT else [code for codes in told for code in codes]
        if not all(type(text) is str and len(text) <= MOST_TEXT for text in texts) or not _is_clean("".join(texts)):
            return None
        return objects(told)
    if kind == DAY:
        return np.array(values, dtype="datetime64[D]")
    filled = np.array([_EMPTY[kind] if v is None else v for v in values], dtype=object)
    try:
        numbers = filled.astype(_DTYPE[kind])
    except OverflowError:
        return None
    doubtful = (np.abs(numbers) > _INT_MOST) if kind == INT else np.isinf(numbers)
    return None if doubtful.any() else numbers


def joined(side: str, parts: Sequence[Columns]) -> tuple[Columns, np.ndarray]:
    """One side from several parts in any order, and the place of each of its rows among theirs. Raises BadProblem."""
    if not parts:
        return columns(side, []), np.zeros(0, dtype=np.int64)
    keys = np.concatenate([part.key for part in parts])
    order = np.argsort(keys, kind="stable")
    twice = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if len(twice):
        raise BadProblem(f"{side}: key {keys[order][twice[0]]!r} stands twice")
    return Columns(side, keys[order], {name: np.concatenate([part.data[name] for part in parts])[order] for name in parts[0].data}), order


def _key(row: Any, where: str) -> str:
    if not isinstance(row, Mapping):
        raise BadProblem(f"{where}: a mapping of columns expected, {type(row).__name__} found")
    raw = row.get("key")
    if raw is None:
        return ""
    if isinstance(raw, bool) or not isinstance(raw, str | int | np.integer | UUID):
        raise BadProblem(f"{where}, column key: a text, a whole number or a UUID expected, {type(raw).__name__} found")
    _clean(str(raw), f"{where}, column key")
    return str(raw)


def _value(raw: Any, kind: str, where: str) -> Any:
    if raw is None:
        return _EMPTY[kind]
    if kind == TEXT:
        if not isinstance(raw, str):
            raise BadProblem(f"{where}: text expected, {type(raw).__name__} found")
        _clean(raw, where)
        return raw
    if kind == CODES:
        if isinstance(raw, str | bytes) or not isinstance(raw, Iterable):
            raise BadProblem(f"{where}: a list of codes expected, {type(raw).__name__} found")
        codes = tuple(str(code) for code in raw)
        if isinstance(raw, AbstractSet):
            codes = tuple(sorted(codes))  # a set has no order of its own: it differs from process to process
        for code in codes:
            _clean(code, where)
        return codes
    try:
        return _number(raw, kind, where)
    except (TypeError, ValueError, OverflowError) as wrong:
        if isinstance(wrong, BadProblem):
            raise
        raise BadProblem(f"{where}: {raw!r} cannot be read as {_READ_AS[kind]}") from None


_READ_AS = {DAY: "a day", TRI: "yes, no or unknown", INT: "a whole number", FLOAT: "a number"}
_INT_MOST = 2**53
MOST_TEXT = 10_000_000
"""Characters of one text: read in seconds and in less than 1 GB, since terms are taken in time and memory linear in the text."""


def _number(raw: Any, kind: str, where: str) -> Any:
    if kind == DAY:
        return np.datetime64(raw, "D") if _is_day(raw) else _refuse(where, "a day such as 2027-03-01")
    if kind == TRI:
        return int(raw) if isinstance(raw, bool) or raw in (-1, 0, 1) else _refuse(where, "yes, no or unknown")
    if kind == INT:
        if isinstance(raw, float) and raw != raw:
            _refuse(where, "a whole number (NaN found)")
        number = int(raw)
        if isinstance(raw, float) and raw != number:
            _refuse(where, f"a whole number ({raw!r} found)")
        return number if abs(number) <= _INT_MOST else _refuse(where, "a whole number within 2^53")
    amount = float(raw)
    return amount if abs(amount) != float("inf") else _refuse(where, "a finite number")


def _is_day(raw: Any) -> bool:
    """Whether it is a day, or begins like one; neither "today" nor a number of days."""
    return isinstance(raw, date | np.datetime64) or (isinstance(raw, str) and (raw[:4].isdecimal() or raw == "NaT"))


def _clean(text: str, where: str) -> None:
    """Refuse what could not be stored or would split a row of terms: NUL, the separator, lone surrogates."""
    if len(text) <= MOST_TEXT and _is_clean(text):
        return
    if "\x00" in text:
        _refuse(where, "a text without NUL characters")
    if "\x1f" in text:
        _refuse(where, "a text without unit separators")
    if len(text) > MOST_TEXT:
        _refuse(where, f"at most {MOST_TEXT:,} characters ({len(text):,} found)")
    _refuse(where, "well-formed text (a lone surrogate found)")


def _is_clean(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text and "\x1f" not in text


def _refuse(where: str, expected: str) -> Any:
    raise BadProblem(f"{where}: {expected} expected")


@dataclass(frozen=True)
class Problem:
    """What one run is about: both sides, the day it is judged on, the lottery's seed."""

    students: Columns
    positions: Columns
    on: date
    seed: int = 0
    open_to_all: bool = False  # plain files: every pair is lawful

    @staticmethod
    def of(
        students: Sequence[Mapping[str, Any]], positions: Sequence[Mapping[str, Any]], on: date, seed: int = 0
    ) -> Problem:
        """A problem from two lists of mappings. Raises BadProblem."""
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise BadProblem(f"seed: a whole number expected, {seed!r} found")
        return Problem(columns("students", students), columns("positions", positions), on, seed)


def to_json(value: Any) -> np.ndarray:
    """A JSON value as bytes in an array, (n,) uint8."""
    return np.frombuffer(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), dtype=np.uint8)


def unjson(array: np.ndarray) -> Any:
    """What `to_json` put into bytes."""
    return json.loads(array.tobytes().decode())


def objects(values: Sequence[Any]) -> np.ndarray:
    """(n,) of any values, also of tuples."""
    column = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        column[place] = value
    return column


def no_codes(n: int) -> np.ndarray:
    """(n,) object: rows without codes."""
    return objects([()] * n)


def unknown_column(kind: str, n: int) -> np.ndarray:
    """(n,) of one kind, every value unknown."""
    return objects([_EMPTY[kind]] * n).astype(_DTYPE[kind])
