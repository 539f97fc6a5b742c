"""A student's rights over her data: a copy of everything, no to automatic matching, and to be forgotten. Flushes; the edge commits."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from consortium.organisations import queries as organisations
from consortium.shared import audit, clock, holdings
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.spreadsheet import write_workbook
from consortium.students.events import consent_withdrawn, data_asked_for, student_changed
from consortium.students.models import Student

Copy = dict[str, list[dict[str, Any]]]


def everything_about(student: Student) -> Copy:
    """Everything that is kept about a student, by kind: the declared tables, and what later stages tell in words."""
    found = holdings.gathered(student.id, student.person_id)
    for told in data_asked_for.announce(student_id=student.id):
        found |= told
    return dict(sorted((name, rows) for name, rows in found.items() if rows))


def as_json(student: Student, copy: Copy) -> bytes:
    """The copy for machines."""
    head = {"made_at": clock.now().isoformat(), "college": organisations.college_of(student.tenant_id).tenant.name_zh, "student_no": student.student_no}
    return json.dumps({**head, "data": copy}, ensure_ascii=False, indent=1, default=str).encode()


def as_workbook(copy: Copy, titles: Mapping[str, str]) -> bytes:
    """The copy as a table: kind, number, what, value."""
    lines = [
        [titles.get(kind, kind), str(number), name, "" if value is None else str(value)[:30_000]]
        for kind, rows in copy.items() for number, row in enumerate(rows, 1) for name, value in row.items()
    ]  # fmt: skip
    return write_workbook("我的数据", ["类别", "序号", "项目", "内容"], lines)


def as_zip(student: Student, copy: Copy, page: str, titles: Mapping[str, str]) -> bytes:
    """All three forms in one file: to be read, to be reckoned with, to be carried elsewhere."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("my-data.html", page)
        box.writestr("my-data.xlsx", as_workbook(copy, titles))
        box.writestr("my-data.json", as_json(student, copy))
    return whole.getvalue()


def object_to_matching(student: Student, *, by: Actor) -> None:
    """From now on in no run, also in none that is queued; what enterprises began and she never answered is taken back. She may still apply."""
    if student.objected_at is None:
        student.objected_at = clock.now()
        db.session.flush()
        audit.record("object-to-matching", student, by=by)
        consent_withdrawn.announce(student_id=student.id)


def allow_matching(student: Student, *, by: Actor) -> None:
    """Take the objection back."""
    if student.objected_at is not None:
        student.objected_at = None
        db.session.flush()
        audit.record("allow-matching", student, by=by)
        student_changed.announce(student_id=student.id)
