"""Students as tables of text, under chosen headings. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Sequence

from consortium.shared import audit
from consortium.shared.access import Actor
from consortium.shared.spreadsheet import write_csv, write_workbook
from consortium.students import queries, roster, rules
from consortium.students.events import (
    destinations_asked_after,
)
from consortium.students.models import Student
from consortium.students.service.register import cell

EXPORTED: tuple[tuple[str, str], ...] = (
    *((c.field, c.name) for c in roster.COLUMNS if c.field != "identity"), ("identity_tail", "身份证号（部分）"), ("major_code", "专业代码"), ("state", "学籍状态"),
    ("consent", "匹配授权"), ("account", "账号"), ("destination_kind", "毕业去向类别"), ("employer", "单位名称"), ("credit_code", "统一社会信用代码"),
    ("industry", "单位行业"), ("employer_place", "单位所在地"), ("post", "职位名称"), ("occupation", "工作职位类别"), ("begins_on", "报到日期"),
)  # fmt: skip
"""What an export of students may hold, under its usual headings; identity numbers only masked."""
SHAPES: dict[str, tuple[str, ...]] = {
    "list": ("student_no", "name", "class_name", "level", "major", "enrolled_on", "identity_tail", "consent", "account"),
    "register": tuple(c.field for c in roster.COLUMNS if c.field != "identity"),
    "destinations": (
        "student_no", "name", "sex", "level", "major_code", "major", "graduates_on", "phone", "destination_kind", "employer", "credit_code", "industry",
        "employer_place", "post", "occupation", "begins_on",
    ),
    "missing": tuple(c.field for c in roster.COLUMNS if c.needed),
}  # fmt: skip
"""Ready-made sets: the list, the register as it may be uploaded again, the national register of graduates' destinations, what is missing."""
WANTED = ("phone", "birth_on", "graduates_on", "courses", "skills", "wish", "wants_zone", "shift_ok", "available_from")
STATES = {"enrolled": "在籍", "on_leave": "休学", "moved": "转出", "graduated": "毕业"}


def exported(actor: Actor, students: Sequence[Student], fields: Sequence[tuple[str, str]] | None = None, *, csv: bool = False) -> bytes:
    """A list of students as a table of text under the chosen headings; identity numbers masked."""
    fields = shape("list") if fields is None else fields
    lines = _lines(actor, students, [name for name, _ in fields])
    header = [heading for _, heading in fields]
    return write_csv(header, lines) if csv else write_workbook("学生名单", header, lines)


def exported_missing(actor: Actor, students: Sequence[Student]) -> bytes:
    """Only students of whom something is missing, with the columns that anybody lacks; empty cells are coloured, to be filled and uploaded as they are."""
    lacking = {s.id: [name for name in WANTED if not _value(s, name)] for s in students}
    some = [s for s in students if lacking[s.id]]
    wanted = [name for name in WANTED if any(name in lacking[s.id] for s in some)]
    names = [*SHAPES["missing"], *wanted]
    marked = {number: [names.index(name) for name in lacking[s.id]] for number, s in enumerate(some)}
    header = [roster.BY_FIELD[name].name for name in names]
    choices = {at: roster.BY_FIELD[name].choices for at, name in enumerate(names) if roster.BY_FIELD[name].choices}
    return write_workbook("待补充", header, _lines(actor, some, names), choices=choices, marked=marked, version=roster.VERSION)


def shape(name: str) -> list[tuple[str, str]]:
    """The columns of a ready-made set, with their usual headings."""
    usual = dict(EXPORTED)
    return [(field, usual[field]) for field in SHAPES[name]]


def _lines(actor: Actor, students: Sequence[Student], names: Sequence[str]) -> list[list[str]]:
    later = {"destination_kind", "employer", "credit_code", "industry", "employer_place", "post", "occupation", "begins_on"}
    found: dict[int, dict[str, str]] = {}
    if later & set(names):
        for told in destinations_asked_after.announce(student_ids=[s.id for s in students]):
            found |= told
    audit.record("export-students", ("tenants", actor.tenant_id), by=actor, rows=len(students), columns=len(names))
    audit.looked([(s.id, queries.is_minor(s)) for s in students], by=actor, what="list of students")
    return [[found.get(s.id, {}).get(name, "") if name in later else _value(s, name) for name in names] for s in students]


def _value(s: Student, name: str) -> str:
    """A column of the register as a cell, which is read back as the same value."""
    if name == "class_name":
        return s.school_class.name if s.school_class else ""
    if name == "major":
        return cell("major_code", s.major_code)
    if name in ("skills", "certificates"):
        kind = "skill" if name == "skills" else "certificate"
        return "、".join(sorted(one.skill.name_zh for one in s.skills if one.skill.kind == kind and one.source == "college"))
    if name == "consent":
        return "已同意" if queries.consent(s, rules.MATCHING) else "未同意"
    if name == "account":
        return "已激活" if s.person_id else "未激活"
    if name == "state":
        return STATES.get(s.state, s.state)
    return str(getattr(s, name) or "") if name in ("identity_tail", "major_code") else cell(name, getattr(s, name))
