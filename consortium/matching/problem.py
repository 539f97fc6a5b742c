"""Students and positions as equal-length columns, checked once at the door.

Rows are kept in the order of their keys, so that no result depends on the order of input.
"""

from __future__ import annotations

import io
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
    "filings": CODES,  # rule codes filed with the authority
    "overrides": CODES,  # rule codes overridden by a school, with a recorded reason
    "firm_room": INT,  # interns the enterprise may still take in the window; -1 unknown
    "family_room": INT,
    "firm_left": INT,  # what is left to all posts of a run together: the cap without what others hold; -1: take the room
    "family_left": INT,
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

    def take(self, rows: np.ndarray | slice) -> Columns:
        """The same columns for some rows, in that order."""
        return Columns(self.side, self.key[rows], {name: column[rows] for name, column in self.data.items()})


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
        column = np.empty(len(keys), dtype=_DTYPE[kind])
        for place, number in enumerate(order):
            column[place] = _value(rows[number].get(name), kind, f"{side}, row {number + 1}, column {name}")
        data[name] = column
    return Columns(side, np.array([keys[i] for i in order], dtype=object), data)


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
    if "\x00" in text:
        _refuse(where, "a text without NUL characters")
    if "\x1f" in text:
        _refuse(where, "a text without unit separators")
    if len(text) > MOST_TEXT:
        _refuse(where, f"at most {MOST_TEXT:,} characters ({len(text):,} found)")
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse(where, "well-formed text (a lone surrogate found)")


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


def packed(problem: Problem) -> dict[str, np.ndarray]:
    """The problem as plain arrays for `numpy.savez` without pickle."""
    arrays: dict[str, np.ndarray] = {
        "problem": to_json({"on": problem.on.isoformat(), "seed": problem.seed, "open": problem.open_to_all})
    }
    for side in (problem.students, problem.positions):
        arrays[f"{side.side}.key"] = to_json(list(side.key))
        for name, column in side.data.items():
            if column.dtype == object:
                arrays[f"{side.side}.{name}"] = to_json([list(v) if isinstance(v, tuple) else v for v in column])
            else:
                arrays[f"{side.side}.{name}"] = column
    return arrays


def unpacked(arrays: Mapping[str, np.ndarray]) -> Problem:
    """The inverse of `packed`."""
    told = unjson(arrays["problem"])
    sides = []
    for side, kinds in (("students", STUDENT_COLUMNS), ("positions", POSITION_COLUMNS)):
        key = _objects(unjson(arrays[f"{side}.key"]))
        data = {}
        for name, kind in kinds.items():
            raw = arrays[f"{side}.{name}"]
            if kind == TEXT:
                data[name] = _objects(unjson(raw))
            elif kind == CODES:
                data[name] = _objects([tuple(v) for v in unjson(raw)])
            else:
                data[name] = raw
        sides.append(Columns(side, key, data))
    return Problem(sides[0], sides[1], date.fromisoformat(told["on"]), told["seed"], told["open"])


def to_json(value: Any) -> np.ndarray:
    """A JSON value as bytes in an array, (n,) uint8."""
    return np.frombuffer(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), dtype=np.uint8)


def unjson(array: np.ndarray) -> Any:
    """What `to_json` put into bytes."""
    return json.loads(array.tobytes().decode())


def _objects(values: Sequence[Any]) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        column[place] = value
    return column


def saved(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as bytes (npz, never pickle)."""
    out = io.BytesIO()
    np.savez_compressed(out, **dict(arrays))  # type: ignore[arg-type]
    return out.getvalue()


def loaded(raw: bytes) -> dict[str, np.ndarray]:
    """The inverse of `saved`; refuses pickles."""
    with np.load(io.BytesIO(raw), allow_pickle=False) as box:
        return {name: box[name] for name in box.files}
