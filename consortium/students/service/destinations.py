"""Where graduates went: the national register's file taken back, so that nobody types twice. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app

from consortium.imports.columns import mapping, template_parts
from consortium.imports.columns import parse as parse_cells
from consortium.imports.kinds import (
    BOTH,
    CONFLICT,
    ERROR,
    FILL,
    NEW,
    ONLY_NEW,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    Checked,
    Difference,
    Plan,
    Problem,
)
from consortium.shared import audit, sealed
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.spreadsheet import Cell, write_workbook
from consortium.students import queries
from consortium.students.events import destinations_asked_after
from consortium.students.models import Destination, Student
from consortium.students.roster import destinations as shape

Rows = list[tuple[int, dict[str, Any]]]


def template(lang: str) -> bytes:
    """The file to fill in where no export of the register is at hand."""
    return write_workbook("毕业去向", **template_parts(shape.COLUMNS, {"毕业去向类别": list(shape.KINDS.items())}), version=shape.VERSION)


@dataclass(frozen=True, slots=True)
class Known:
    """What is there of the students that a batch names: by number, by identity number, their destinations, and what the platform knows."""

    by_number: Mapping[str, Student]
    by_hash: Mapping[str, Student]
    kept: Mapping[int, Destination]
    platform: Mapping[int, Mapping[str, str]]


class DestinationJudge:
    """Judges the register's file batch by batch. Reads only."""

    def __init__(self, tenant_id: int, header: tuple[str, ...], plan: Plan) -> None:
        self._tenant_id, self._plan = tenant_id, plan
        self._columns = mapping(shape.COLUMNS, header, plan.columns)
        self._first: dict[str, int] = {}
        self._late: dict[int, tuple[str, Problem]] = {}

    def rows(self, batch: Sequence[tuple[int, tuple[Cell, ...]]]) -> list[Checked]:
        """Verdicts of the next rows."""
        parsed = []
        for number, cells in batch:
            values, problems = parse_cells(cells, self._columns, self._plan.answers)
            parsed.append((number, values, problems + shape.together(values, problems)))
        known = _known(self._tenant_id, [values for _, values, _ in parsed])
        return [self._judged(number, values, problems, known) for number, values, problems in parsed]

    def late(self) -> dict[int, tuple[str, Problem]]:
        """Rows whose student came again later."""
        return self._late

    def remember(self, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Students of rows that were judged before."""
        for number, values in rows:
            if values.get("student_no"):
                self._first.setdefault(values["student_no"], number)

    def _judged(self, number: int, values: dict[str, Any], problems: list[Problem], known: Known) -> Checked:
        student, fault = _who(values, known)
        problems = [*problems, *([fault] if fault and (values.get("student_no") or values.get("identity")) else [])]
        if student is not None:
            values["student_no"] = student.student_no
            if self._first.setdefault(student.student_no, number) != number:
                problems.append(_problem("student_no", "number-twice", student.student_no))
                self._late.setdefault(self._first[student.student_no], (ERROR, problems[-1]))
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items() if name != "identity"}
        if problems or student is None:
            return Checked(number, ERROR, plain, tuple(problems))
        verdict, conflict = self._verdict(student, plain, known)
        return Checked(number, verdict, plain, (conflict,) if conflict else ())

    def _verdict(self, student: Student, values: dict[str, Any], known: Known) -> tuple[str, Problem | None]:
        kept, mode = known.kept.get(student.id), self._plan.mode
        if (kept is None and mode not in (BOTH, ONLY_NEW)) or (kept is not None and mode == ONLY_NEW):
            return SKIPPED, None
        if kept is not None and not _changes(kept, values, mode == FILL):
            return UNCHANGED, None
        conflict = _conflict(student, values, kept, known)
        return (CONFLICT if conflict else NEW if kept is None else UPDATED), conflict


def _known(tenant_id: int, rows: Sequence[Mapping[str, Any]]) -> Known:
    key = current_app.config["ID_KEY"]
    by_number = queries.existing(tenant_id, [v["student_no"] for v in rows if v.get("student_no")])
    by_hash = queries.by_identity(tenant_id, [sealed.keyed_hash(v["identity"], key) for v in rows if v.get("identity")])
    ids = sorted({s.id for s in (*by_number.values(), *by_hash.values())})
    platform: dict[int, Mapping[str, str]] = {}
    for told in destinations_asked_after.announce(student_ids=ids) if ids else ():
        platform |= told
    return Known(by_number, by_hash, queries.destinations(ids), platform)


def _who(values: Mapping[str, Any], known: Known) -> tuple[Student | None, Problem | None]:
    own, number = values.get("student_no"), values.get("identity")
    told = sealed.keyed_hash(number, current_app.config["ID_KEY"]) if number else ""
    student = known.by_number.get(own) if own else known.by_hash.get(told)
    if student is None:
        return None, _problem("student_no" if own or not number else "identity", "no-such-student", own or "***")
    if told and student.identity_hash and student.identity_hash != told:
        return None, _problem("identity", "another-student", "***")
    return student, None


def _conflict(student: Student, values: Mapping[str, Any], kept: Destination | None, known: Known) -> Problem | None:
    """Another name, or another employer than the one whose offer the student accepted here: a person decides."""
    agreed = values.get("agreed", ())
    if values.get("name") and values["name"] != student.name and "name" not in agreed:
        return _problem("name", "name-differs")
    there, employer = known.platform.get(student.id, {}), values.get("employer")
    same = {there.get("employer"), kept.employer if kept else None}
    if there.get("employer") and employer is not None and employer not in same and "employer" not in agreed and not _same_code(values, there):
        return _problem("employer", "employer-differs", there["employer"])
    if there.get("employer") and values.get("destination_kind") not in shape.EMPLOYED and kept is None and "employer" not in agreed:
        return _problem("destination_kind", "employer-differs", there["employer"])
    return None


def _same_code(values: Mapping[str, Any], there: Mapping[str, str]) -> bool:
    return bool(values.get("credit_code")) and values["credit_code"] == there.get("credit_code")


def conflicts(tenant_id: int, rows: Rows) -> dict[int, Problem]:
    """The same, looked at again right before the writing."""
    known = _known(tenant_id, [values for _, values in rows])
    found = {}
    for number, values in rows:
        student = known.by_number.get(values["student_no"])
        fault = _problem("student_no", "no-such-student", values["student_no"]) if student is None else _conflict(student, values, known.kept.get(student.id), known)
        if fault is not None:
            found[number] = fault
    return found


def agree(values: dict[str, Any], codes: Iterable[str]) -> dict[str, Any] | None:
    """What the register says stands, because a person decided so."""
    return values | {"agreed": ["employer", "name"]} if set(codes) <= {"name-differs", "employer-differs"} else None


def apply(tenant_id: int, rows: Rows, by: Actor | None, plan: Plan) -> dict[int, dict[str, Any]]:
    """Write destinations by student; twice gives the same. Tells what was there before."""
    known = queries.existing(tenant_id, [values["student_no"] for _, values in rows])
    kept = queries.destinations([s.id for s in known.values()])
    before: dict[int, dict[str, Any]] = {}
    for number, values in rows:
        student = known[values["student_no"]]
        one = kept.get(student.id)
        if one is None:
            one = kept[student.id] = Destination(tenant_id=tenant_id, student_id=student.id, employer="", credit_code="", industry="", employer_place="", post="", occupation="")
            db.session.add(one)
            before[number] = {"new": True}
            changes = _told(values)
        else:
            changes = _changes(one, values, plan.mode == FILL)
            before[number] = {"fields": {name: _stored(getattr(one, name)) for name in changes}}
        for name, value in changes.items():
            setattr(one, name, value)
    db.session.flush()
    audit.record("import-destinations", ("tenants", tenant_id), by=by, rows=len(rows))
    return before


def undo(tenant_id: int, rows: list[tuple[int, dict[str, Any], dict[str, Any]]], by: Actor | None, dry: bool = False) -> dict[int, Problem]:
    """Take destinations back, unless somebody changed them since."""
    known = queries.existing(tenant_id, [values["student_no"] for _, values, _ in rows])
    kept = queries.destinations([s.id for s in known.values()])
    stay: dict[int, Problem] = {}
    for number, values, was in rows:
        student = known.get(values["student_no"])
        one = kept.get(student.id) if student else None
        if one is None:
            continue
        wrote, fields = _told(values), _typed(was.get("fields", {}))
        if any(getattr(one, name) != wrote.get(name) for name in (wrote if was.get("new") else fields)):
            stay[number] = _problem("destination_kind", "changed-since")
        elif not dry and was.get("new"):
            db.session.delete(one)
        elif not dry:
            for name, value in fields.items():
                setattr(one, name, value)
    if not dry:
        db.session.flush()
        audit.record("undo-import-destinations", ("tenants", tenant_id), by=by, rows=len(rows), kept=len(stay))
    return stay


def differences(tenant_id: int, rows: Rows, plan: Plan) -> dict[int, list[Difference]]:
    """What each row would change: column, what is there (here, or by an accepted offer), what the file says."""
    known = _known(tenant_id, [values for _, values in rows if values.get("student_no")])
    found = {}
    for number, values in rows:
        student = known.by_number.get(values.get("student_no", ""))
        if student is None:
            continue
        one = known.kept.get(student.id)
        there = shape.told(one) if one else dict(known.platform.get(student.id, {}))
        told = {name: shape.cell(name, value) for name, value in _told(values).items()}
        found[number] = [Difference(shape.BY_FIELD[n].name, there.get(n, ""), cell) for n, cell in told.items() if there.get(n, "") != cell]
        if values.get("name") and values["name"] != student.name:
            found[number].insert(0, Difference(shape.BY_FIELD["name"].name, student.name, values["name"]))
    return found


def meant(tenant_id: int, field: str, key: str, told: str) -> str:
    """What a person says an unknown kind of destination means; raises Bad."""
    return shape.meant(key, told)


def likely(tenant_id: int, field: str, key: str) -> list[tuple[str, str]]:
    """Which kinds of destination an unknown word may mean."""
    return shape.likely(key)


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    cleared = {"begins_on": None}
    return {name: cleared.get(name, "") if value is None else value for name, value in _typed(values).items() if name in shape.KEPT}


def _changes(one: Destination, values: Mapping[str, Any], fill: bool) -> dict[str, Any]:
    return {n: v for n, v in _told(values).items() if getattr(one, n) != v and not (fill and getattr(one, n))}


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: date.fromisoformat(v) if n == "begins_on" and isinstance(v, str) else v for n, v in values.items()}


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _problem(field: str, code: str, found: str = "") -> Problem:
    return Problem(shape.BY_FIELD[field].name, code, found)


