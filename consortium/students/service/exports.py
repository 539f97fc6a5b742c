"""Students as tables of text, under chosen headings. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consortium.imports.columns import told_instant
from consortium.reference import majors
from consortium.shared import audit, sealed
from consortium.shared.access import Actor
from consortium.shared.spreadsheet import write_workbook
from consortium.students import queries, roster, rules
from consortium.students.events import destinations_asked_after
from consortium.students.models import Student
from consortium.students.roster import destinations as graduates
from consortium.students.service.register import cell, id_key

MOST_LOOKS = 20_000  # of an export: as many as a workbook may hold
EXPORTED: tuple[tuple[str, Any], ...] = (
    *((c.field, c.name) for c in roster.COLUMNS if c.field != "identity"), ("identity_tail", "身份证号（部分）"), ("identity", "身份证号"),
    ("major_code", "专业代码"), ("state", "学籍状态"), ("consent", "匹配授权"), ("account", "账号"), *((c.field, c.name) for c in graduates.COLUMNS if c.field not in ("student_no", "identity", "name")),
)  # fmt: skip
"""What an export of students may hold, under its usual headings; whole identity numbers only by a recorded act."""
SHAPES: dict[str, tuple[str, ...]] = {
    "list": ("student_no", "name", "class_name", "level", "major", "enrolled_on", "identity_tail", "consent", "account"),
    "register": tuple(c.field for c in roster.COLUMNS if c.field != "identity"),
    "destinations": (
        "student_no", "name", "sex", "identity", "level", "major_code", "major", "graduates_on", "phone", "destination_kind", "employer", "credit_code",
        "industry", "employer_place", "post", "occupation", "begins_on",
    ),
}  # fmt: skip
"""Ready-made sets: the list, the register as it may be uploaded again, the national register of graduates' destinations."""
NEEDED = tuple(c.field for c in roster.COLUMNS if c.needed)
WANTED = ("phone", "birth_on", "graduates_on", "courses", "skills", "wish", "wants_zone", "shift_ok", "available_from")
STATES = {"enrolled": "在籍", "on_leave": "休学", "moved": "转出", "graduated": "毕业"}
LATER = frozenset(c.field for c in graduates.COLUMNS) - {"student_no", "identity", "name"}


def export_lines(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """The students that the filter shows as cells; whoever is shown is noted."""
    return _lines(actor, queries.every(actor, **asked), names)


def exported_missing(actor: Actor, asked: Mapping[str, str]) -> bytes:
    """Only students of whom something is missing, with the columns that anybody lacks; empty cells are coloured, to be filled and uploaded as they are."""
    students = queries.every(actor, **asked)
    lacking = {s.id: [name for name in WANTED if not _value(s, name)] for s in students}
    some = [s for s in students if lacking[s.id]]
    wanted = [name for name in WANTED if any(name in lacking[s.id] for s in some)]
    names = [*NEEDED, *wanted]
    marked = {number: [names.index(name) for name in lacking[s.id]] for number, s in enumerate(some)}
    header = [roster.BY_FIELD[name].name for name in names]
    choices = {at: roster.BY_FIELD[name].choices for at, name in enumerate(names) if roster.BY_FIELD[name].choices}
    return write_workbook("待补充", header, _lines(actor, some, names), choices=choices, marked=marked, version=roster.VERSION)


def class_lines(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """The classes within reach as cells: figures, and the adviser."""
    advisers = {one.id: one.person.name for one in queries.advisers(actor)}
    found = []
    for row in queries.every_class(actor):
        major = majors.find(row.one.major_code)
        told = {
            "name": row.one.name, "cohort": str(row.one.cohort or ""), "major_code": row.one.major_code, "major": major.name if major else "",
            "level": major.level if major else "", "n": str(row.n), "agreed": str(row.agreed), "guardians": str(row.guardians), "no_account": str(row.no_account),
            "adviser": advisers.get(row.one.adviser_id or 0, ""),
        }  # fmt: skip
        found.append([told[name] for name in names])
    return found


def look_lines(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """Who was shown whose data, newest first; persons of other organisations stay unnamed."""
    found, page = [], 1
    while page <= MOST_LOOKS // 200:
        listing = queries.looks_within(actor, page, outside=asked.get("who") != "all", size=200)
        for one in listing.rows:
            own = one.look.tenant_id == actor.tenant_id
            told = {
                "at": told_instant(one.look.at), "student": one.student, "organisation": one.organisation.name, "person": one.person if own else "",
                "role": one.look.role, "what": one.look.what,
            }  # fmt: skip
            found.append([told[name] for name in names])
        if page >= listing.n_pages:
            break
        page += 1
    return found


def _lines(actor: Actor, students: Sequence[Student], names: Sequence[str]) -> list[list[str]]:
    found = destinations_told([s.id for s in students]) if LATER & set(names) else {}
    whole = "identity" in names
    audit.looked([(s.id, queries.is_minor(s)) for s in students], by=actor, what="whole identity number" if whole else "list of students")
    key = id_key() if whole else ""
    return [[_told_cell(s, name, found.get(s.id, {}), key) for name in names] for s in students]


def _told_cell(s: Student, name: str, destination: Mapping[str, str], key: str) -> str:
    if name in LATER:
        return destination.get(name, "")
    if name == "identity":
        return sealed.unseal(s.identity_sealed, key) if s.identity_sealed else ""
    return _value(s, name)


def destinations_told(student_ids: list[int]) -> dict[int, dict[str, str]]:
    """Where students went, as cells: what the national register said, and where it is silent what the platform knows."""
    found: dict[int, dict[str, str]] = {}
    for told in destinations_asked_after.announce(student_ids=student_ids):
        found |= {number: dict(cells) for number, cells in told.items()}
    for number, one in queries.destinations(student_ids).items():
        found[number] = found.get(number, {}) | {name: cell for name, cell in graduates.told(one).items() if cell}
    return found


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
