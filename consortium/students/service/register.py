"""Rosters in: judged row by row, written, compared, taken back. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from consortium.imports.columns import template_parts, told_yes, told_yuan
from consortium.imports.kinds import (
    BOTH,
    CONFLICT,
    ERROR,
    FILL,
    NEW,
    ONLY_NEW,
    SKIPPED,
    SNAPSHOT,
    UNCHANGED,
    UPDATED,
    Checked,
    Difference,
    Plan,
    Problem,
)
from consortium.messages import service as messages
from consortium.reference import majors
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.spreadsheet import Cell, write_workbook
from consortium.skills import queries as skills
from consortium.skills.models import Skill
from consortium.students import lifecycle, queries, roster
from consortium.students.events import (
    student_left,
    students_asked_after,
    students_changed,
)
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill
from consortium.students.service.profile import mark_changed

PLAIN = (
    "name", "sex", "birth_on", "phone", "email", "level", "enrolled_on", "stage_from", "graduates_on", "guardian_name", "guardian_phone", "courses", "wish",
    "wants_internship", "wants_job", "wants_zone", "shift_ok", "available_from", "available_until", "least_pay_fen", "places",
)  # fmt: skip
_FIELD_OF = {"major_code": "major"}
LEAVE_OUT = "-"  # a word that a person decided to leave out
_CLEARED: dict[str, Any] = dict.fromkeys(("sex", "phone", "email", "guardian_name", "guardian_phone", "courses", "wish"), "") | {"places": []}


def id_key() -> str:
    """The key that seals identity numbers."""
    return str(current_app.config["ID_KEY"])


def template(lang: str) -> bytes:
    """The roster to fill in: the very columns that are read, drop-downs, notes, code lists."""
    return write_workbook("学生名单", **template_parts(roster.COLUMNS, _lists()), version=roster.VERSION)


def _lists() -> dict[str, list[tuple[str, ...]]]:
    return {
        "专业": [(m.code, m.name, m.level) for m in majors.all_majors().values()],
        "技能证书": [(s.name_zh, "证书" if s.kind == "certificate" else "技能", s.name_en) for s in skills.all_skills()],
    }


class RosterJudge:
    """Judges a roster batch by batch: all faults of a row, and whether it is new, changed or the same. Reads only."""

    def __init__(self, tenant_id: int, header: tuple[str, ...], plan: Plan) -> None:
        self._tenant_id, self._plan, self._key = tenant_id, plan, id_key()
        self._columns = roster.mapping(header, plan.columns)
        self._labels = {label: s.code for label, s in skills.by_labels().items()}
        self._first: dict[str, int] = {}  # student number → its first row
        self._owner: dict[str, tuple[int, str]] = {}  # hash of an identity number → row and student number
        self._late: dict[int, tuple[str, Problem]] = {}
        self._erased: set[str] = set()

    def rows(self, batch: Sequence[tuple[int, tuple[Cell, ...]]]) -> list[Checked]:
        """Verdicts of the next rows."""
        answers = self._plan.answers
        parsed = [(number, *roster.parse(cells, self._columns, answers)) for number, cells in batch]
        for number, values, problems in parsed:
            own = values.get("student_no")
            if own and self._first.setdefault(own, number) != number:
                problems.append(_problem("student_no", "number-twice", own))
                self._late.setdefault(self._first[own], (ERROR, _problem("student_no", "number-twice", own)))
            for field in ("skills", "certificates"):
                if values.get(field):
                    values[field], strange = _picked(values[field], self._labels, answers.get(field, {}))
                    problems += [_problem(field, "unknown-skill", name[:30], name[:60]) for name in strange]
        told = [(number, values) for number, values, _ in parsed if values.get("student_no")]
        known = queries.existing(self._tenant_id, (values["student_no"] for _, values in told))
        self._erased = queries.erased_numbers(self._tenant_id, [values["student_no"] for _, values in told], self._key)
        conflicts = _conflicts(self._tenant_id, told, known, self._key) | self._twice(told)
        return [self._judged(number, values, problems, known, conflicts.get(number)) for number, values, problems in parsed]

    def late(self) -> dict[int, tuple[str, Problem]]:
        """Rows whose number or identity number came again later."""
        return self._late

    def remember(self, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Numbers of rows that were judged before."""
        for number, values in rows:
            if values.get("student_no"):
                self._first.setdefault(values["student_no"], number)
                if values.get("identity"):
                    self._owner.setdefault(sealed.keyed_hash(values["identity"], self._key), (number, values["student_no"]))

    def _twice(self, told: list[tuple[int, dict[str, Any]]]) -> dict[int, Problem]:
        """Identity numbers that an earlier row gave to another student number."""
        found = {}
        for number, values in told:
            if values.get("identity"):
                row, own = self._owner.setdefault(sealed.keyed_hash(values["identity"], self._key), (number, values["student_no"]))
                if own != values["student_no"]:
                    found[number] = _problem("identity", "identity-twice", "***")
                    self._late.setdefault(row, (CONFLICT, found[number]))
        return found

    def _judged(self, number: int, values: dict[str, Any], problems: list[Problem], known: dict[str, Student], conflict: Problem | None) -> Checked:
        student, mode = known.get(values.get("student_no", "")), self._plan.mode
        notes: list[Problem] = list(problems)
        if problems:
            verdict = ERROR
        elif student is None and values.get("student_no") in self._erased:
            verdict, conflict, notes = SKIPPED, None, [_problem("student_no", "erased")]
        elif student is None:
            verdict = CONFLICT if conflict else NEW if mode in (BOTH, ONLY_NEW, SNAPSHOT) else SKIPPED
        elif mode == ONLY_NEW:
            verdict, conflict = SKIPPED, None
        elif conflict:
            verdict = CONFLICT
        else:
            verdict = UPDATED if _differs(student, values, self._plan) else UNCHANGED
            notes = [_problem(_FIELD_OF.get(name, name), "kept-own") for name in _kept(student, values, self._plan)]
        return Checked(number, verdict, _plain(values), (*notes, *([conflict] if conflict else [])))


def check(
    tenant_id: int, header: tuple[str, ...], rows: Sequence[tuple[int, tuple[Cell, ...]]], plan: Plan = Plan()
) -> list[Checked]:
    """The same for all rows at once, for small files and the command line."""
    judge = RosterJudge(tenant_id, header, plan)
    found = judge.rows(rows)
    late = judge.late()
    return [
        replace(one, verdict=ERROR if one.verdict == ERROR else late[one.row_no][0], problems=(*one.problems, late[one.row_no][1]))
        if one.row_no in late and one.verdict != SKIPPED
        else one
        for one in found
    ]


def conflicts(tenant_id: int, rows: list[tuple[int, dict[str, Any]]]) -> dict[int, Problem]:
    """Rows that would overwrite a name or an identity number, or end who is not there any more, judged against what is there now."""
    known = queries.existing(tenant_id, (values["student_no"] for _, values in rows))
    stay = [(number, values) for number, values in rows if "ends" not in values]
    found = _conflicts(tenant_id, stay, known, id_key())
    for number, values in rows:
        student = known.get(values["student_no"])
        if "ends" in values and (student is None or student.state != values["ends"]):
            found[number] = _problem("student_no", "state-changed", values["student_no"])
    return found


def missing(tenant_id: int, numbers: set[str]) -> tuple[list[tuple[dict[str, Any], Problem]], int]:
    """Who studies here and is not named by a full list, and how many study here at all."""
    there = queries.present(tenant_id)
    told = [(dict(zip(("student_no", "name", "class_name", "ends"), one, strict=True)), _problem("student_no", "not-in-file", one[0])) for one in there if one[0] not in numbers]
    return [(values, problem) for values, problem in told], len(there)


def _end(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], by: Actor | None) -> dict[int, dict[str, Any]]:
    """Students whom a full list does not name count as moved; nothing is deleted, and what is open of theirs is closed."""
    known = queries.existing(tenant_id, (values["student_no"] for _, values in rows))
    before: dict[int, dict[str, Any]] = {}
    for number, values in rows:
        student = known[values["student_no"]]
        before[number] = {"ended": [student.state, student.state_on.isoformat() if student.state_on else None]}
        student.state, student.state_on = lifecycle.MOVED, clock.today()
        audit.record("move-student", student, by=by, source=values["ends"], target=lifecycle.MOVED, missing_in_file=True)
    db.session.flush()
    with messages.quietly():
        for student in known.values():
            student_left.announce(student_id=student.id)
    return before


def _resume(student: Student, was: list[Any], dry: bool) -> bool:
    """Give the state back that a full list took; tells whether it could."""
    if student.state != lifecycle.MOVED:
        return False
    if not dry:
        student.state, student.state_on = was[0], date.fromisoformat(was[1]) if was[1] else None
    return True


def _conflicts(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], known: dict[str, Student], key: str) -> dict[int, Problem]:
    hashes = {number: sealed.keyed_hash(values["identity"], key) for number, values in rows if values.get("identity")}
    owners = queries.identity_owners(tenant_id, hashes.values())
    found = {}
    for number, values in rows:
        own, told, agreed = values["student_no"], hashes.get(number), values.get("agreed", ())
        student = known.get(own)
        if student is not None and values.get("name") and student.name != values["name"] and "name" not in agreed:
            found[number] = _problem("name", "name-differs")
        elif told and owners.get(told, own) != own:
            found[number] = _problem("identity", "identity-twice", "***")
        elif told and student is not None and student.identity_hash and student.identity_hash != told and "identity" not in agreed:
            found[number] = _problem("identity", "identity-differs", "***")
    return found


def agree(values: dict[str, Any], codes: Iterable[str]) -> dict[str, Any] | None:
    """Values that may overwrite a name or an identity number, because a person decided so; None where nobody can."""
    fields = {"name-differs": "name", "identity-differs": "identity"}
    if not set(codes) <= set(fields):
        return None
    # whoever confirms a row in conflict confirms the whole row: its name and its identity number
    return values | {"agreed": sorted(fields.values())}


def apply(
    tenant_id: int, rows: list[tuple[int, dict[str, Any]]], by: Actor | None, plan: Plan = Plan()
) -> dict[int, dict[str, Any]]:
    """Write rows by (college, student number); what the student keeps stays; nobody is told. Twice gives the same. Tells what was there before."""
    key = id_key()
    ending = [(number, values) for number, values in rows if "ends" in values]
    rows = [(number, values) for number, values in rows if "ends" not in values]
    known = queries.existing(tenant_id, (values["student_no"] for _, values in rows))
    by_code = skills.by_codes({code for _, v in rows for f in ("skills", "certificates") for code in v.get(f) or ()})
    classes = {c.name: c for c in db.session.scalars(sa.select(SchoolClass).where(SchoolClass.tenant_id == tenant_id))}
    names = {c.id: c.name for c in classes.values()}
    before: dict[int, dict[str, Any]] = _end(tenant_id, ending, by) if ending else {}
    for number, values in rows:
        if values["class_name"] not in classes:
            classes[values["class_name"]] = SchoolClass(
                tenant_id=tenant_id, name=values["class_name"], major_code=values["major"], cohort=int(str(values["enrolled_on"])[:4]) if values.get("enrolled_on") else None
            )
            db.session.add(classes[values["class_name"]])
            before[number] = {"class_made": values["class_name"]}
    db.session.flush()
    changed = []
    for number, values in rows:
        student = known.get(values["student_no"])
        was = before.setdefault(number, {})
        if student is None:
            student = Student(
                tenant_id=tenant_id, student_no=values["student_no"], name=values["name"], wants_internship=True, skills=[], own_edits=[], places=[]
            )
            db.session.add(student)
            known[student.student_no] = student
            was["new"] = True
            _write(student, values, key, Plan())
        else:
            changed.append(student)
            was |= _write(student, values, key, plan)
            if student.class_id is not None and names.get(student.class_id) != values["class_name"] and plan.mode != FILL:
                was["class_name"] = names.get(student.class_id)
        if student.class_id is None or plan.mode != FILL:
            student.class_id = classes[values["class_name"]].id
        was |= _set_skills(student, values, by_code, plan)
    db.session.flush()
    audit.record("import-students", ("tenants", tenant_id), by=by, rows=len(rows))
    if changed:
        mark_changed([student.id for student in changed])
        students_changed.announce(student_ids=[student.id for student in changed])
    return before


def undo(tenant_id: int, rows: list[tuple[int, dict[str, Any], dict[str, Any]]], by: Actor | None, dry: bool = False) -> dict[int, Problem]:
    """Take rows back, the last first: new students go unless somebody has to do with them since, changed columns return unless changed again.

    Tells which rows stay, wholly or in part, and why. `dry`: only tells.
    """
    key = id_key()
    known = queries.existing(tenant_id, (values["student_no"] for _, values, _ in rows))
    new = [known[values["student_no"]] for _, values, was in rows if was.get("new") and values["student_no"] in known]
    used = _used(new)
    classes = {c.name: c for c in db.session.scalars(sa.select(SchoolClass).where(SchoolClass.tenant_id == tenant_id))}
    stay: dict[int, Problem] = {}
    gone, changed = [], []
    for number, values, was in rows:
        student = known.get(values["student_no"])
        if student is None:
            continue
        if "ended" in was:
            if not _resume(student, was["ended"], dry):
                stay[number] = _problem("student_no", "changed-since")
            changed.append(student)
            continue
        if was.get("new"):
            if student.id in used:
                stay[number] = _problem("student_no", "in-use")
            elif student.own_edits or any(getattr(student, name) != value for name, value in _told(values).items()):
                stay[number] = _problem("student_no", "changed-since")
            else:
                gone.append(student)
            continue
        moved = _restore(student, values, was, key, classes, dry)
        if moved:
            stay[number] = _problem(_FIELD_OF.get(moved[0], moved[0]), "changed-since")
        changed.append(student)
    if dry:
        return stay
    held = _remove(gone)
    stay |= {number: _problem("student_no", "in-use") for number, values, was in rows if was.get("new") and values["student_no"] in held}
    made = {was["class_made"] for _, _, was in rows if "class_made" in was}
    if made:
        filled = sa.select(Student.class_id).where(Student.tenant_id == tenant_id, Student.class_id.is_not(None))
        empty = (SchoolClass.tenant_id == tenant_id, SchoolClass.name.in_(made), SchoolClass.adviser_id.is_(None), SchoolClass.id.not_in(filled))
        db.session.execute(sa.delete(SchoolClass).where(*empty).execution_options(synchronize_session=False))
    audit.record("undo-import-students", ("tenants", tenant_id), by=by, rows=len(rows), removed=len(gone), kept=len(stay))
    if changed:
        mark_changed([student.id for student in changed])
        students_changed.announce(student_ids=[student.id for student in changed])
    return stay


def _remove(students: list[Student]) -> set[str]:
    """Delete them; tells the numbers of those whom the database holds back, because a row somewhere points to them."""
    try:
        with db.session.begin_nested():
            for student in students:
                db.session.delete(student)
    except IntegrityError:
        if len(students) == 1:
            return {students[0].student_no}
        half = len(students) // 2
        return _remove(students[:half]) | _remove(students[half:])
    return set()


def _used(students: list[Student]) -> set[int]:
    """Students who have an account, agreed to something, or of whom a later feature knows."""
    ids = [s.id for s in students]
    if not ids:
        return set()
    agreed = set(db.session.scalars(sa.select(Consent.student_id).where(Consent.student_id.in_(ids))))
    asked = students_asked_after.announce(student_ids=ids)
    return agreed.union({s.id for s in students if s.person_id is not None}, *asked)


def _restore(student: Student, values: dict[str, Any], was: dict[str, Any], key: str, classes: dict[str, SchoolClass], dry: bool) -> list[str]:
    """Put back what the import changed; tells the columns that somebody changed since, which stay."""
    moved = []
    wrote = _told(values)
    for name, old in _typed(was.get("fields", {})).items():
        if getattr(student, name) == wrote.get(name):
            if not dry:
                setattr(student, name, old)
        else:
            moved.append(name)
    if "identity" in was:
        now = sealed.keyed_hash(values["identity"], key) if values.get("identity") else None
        if student.identity_hash != now:
            moved.append("identity")
        elif not dry:
            student.identity_hash, student.identity_tail, student.identity_sealed = was["identity"]
    if "class_name" in was:
        if (student.school_class.name if student.school_class else None) != values["class_name"]:
            moved.append("class_name")
        elif not dry and was["class_name"] in classes:
            student.class_id = classes[was["class_name"]].id
    if not dry and ("skills_added" in was or "skills_gone" in was):
        mine = {one.skill.code: one for one in student.skills if one.source == "college"}
        for code in was.get("skills_added", ()):
            if code in mine:
                student.skills.remove(mine[code])
        back = skills.by_codes(set(was.get("skills_gone", ())) - {one.skill.code for one in student.skills})
        student.skills.extend(StudentSkill(skill=skill, source="college") for _, skill in sorted(back.items()))
    return moved


def differences(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], plan: Plan = Plan()) -> dict[int, list[Difference]]:
    """What each row would change: column, what is there, what the file says."""
    known = queries.existing(tenant_id, (values["student_no"] for _, values in rows if values.get("student_no")))
    wanted = {code for _, v in rows for f in ("skills", "certificates") for code in v.get(f) or ()}
    names = {code: s.name_zh for code, s in skills.by_codes(wanted).items()}
    found = {}
    for number, values in rows:
        student = known.get(values.get("student_no", ""))
        if student is not None:
            found[number] = _compared(student, values, plan, names)
    return found


def _compared(student: Student, values: dict[str, Any], plan: Plan, names: dict[str, str]) -> list[Difference]:
    told = []
    for name, value in _told(values).items():
        there = getattr(student, name)
        if there != value and (name in ("name",) or name in _wanted(student, values, plan) or name in (student.own_edits or ())):
            column = roster.BY_FIELD[_FIELD_OF.get(name, name)]
            told.append(Difference(column.name, cell(name, there), cell(name, value)))
    number = values.get("identity")
    if number and student.identity_hash != sealed.keyed_hash(number, id_key()):
        told.append(Difference(roster.BY_FIELD["identity"].name, student.identity_tail, sealed.masked(number)))
    there_class = student.school_class.name if student.school_class else ""
    if values.get("class_name") and there_class != values["class_name"] and plan.mode != FILL:
        told.append(Difference(roster.BY_FIELD["class_name"].name, there_class, values["class_name"]))
    add, gone = _skills_to_change(student, values, plan)
    if add or gone:
        here = {one.skill.code: one.skill.name_zh for one in student.skills}
        told.append(Difference(roster.BY_FIELD["skills"].name, "、".join(here[c] for c in sorted(gone)), "、".join(names.get(c, c) for c in sorted(add))))
    return told


def meant(tenant_id: int, field: str, key: str, told: str) -> str:
    """What a person says an unknown word of a column means: a major's code, a skill's code, one of the choices; raises Bad."""
    if field == "major":
        return roster.meant_major(key, told)
    if field in ("skills", "certificates"):
        if told == LEAVE_OUT:
            return ""
        skill = skills.by_labels().get(told.strip().lower())
        if skill is None:
            raise roster.Bad("unknown-skill")
        return skill.code
    column = roster.BY_FIELD.get(field)
    if column is None or told not in column.choices:
        raise roster.Bad("not-among-choices")
    return told


def likely(tenant_id: int, field: str, key: str) -> list[tuple[str, str]]:
    """What an unknown word of a column may mean: (value, label) pairs, the likeliest first."""
    if field == "major":
        return roster.likely_majors(key)
    if field in ("skills", "certificates"):
        return [(LEAVE_OUT, "不导入"), *skills.resembling(key)]
    return [(choice, choice) for choice in roster.BY_FIELD[field].choices] if field in roster.BY_FIELD else []


def _picked(text: str, labels: dict[str, str], meant: Mapping[str, str]) -> tuple[list[str], list[str]]:
    found: list[str] = []
    strange: list[str] = []
    for name in skills.split_labels(text):
        if name[:60] in meant:
            found += [code for code in (meant[name[:60]],) if code]
            continue
        code = labels.get(name.lower(), "")
        (found if code else strange).append(code or name)
    return found, strange


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    return {n: date.fromisoformat(v) if n in roster.DAYS and isinstance(v, str) else v for n, v in values.items()}


def _problem(field: str, code: str, found: str = "", key: str = "") -> Problem:
    return Problem(roster.BY_FIELD[field].name, code, found, key)


def cell(name: str, value: Any) -> str:
    """A column's value as a cell shows it."""
    if value is None or value == "":
        return ""
    if name == "sex":
        return {"M": "男", "F": "女"}.get(value, "")
    if name == "least_pay_fen":
        return told_yuan(value)
    if name == "places":
        return roster.codes_told(value)
    if name == "major_code":
        major = majors.find(value)
        return major.name if major else str(value)
    return told_yes(value) if isinstance(value, bool) else str(value)


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """The columns of a student that a row speaks of, as they would be kept."""
    values = _typed(values)
    told = {n: (_CLEARED.get(n) if values[n] is None else values[n]) for n in PLAIN if n in values}
    if "major" in values:
        told["major_code"] = values["major"]
    return told


def _wanted(student: Student, values: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Columns that this row would change, without those the student keeps and, when only gaps are filled, without those that hold something."""
    own = set(student.own_edits or ()) - plan.override
    fill = plan.mode == FILL
    return {n: v for n, v in _told(values).items() if n not in own and getattr(student, n) != v and not (fill and getattr(student, n) not in (None, "", []))}


def _kept(student: Student, values: dict[str, Any], plan: Plan) -> list[str]:
    """Columns that this row would change, had the student not changed them."""
    own = set(student.own_edits or ()) - plan.override
    return sorted(n for n, v in _told(values).items() if n in own and getattr(student, n) != v)


def _differs(student: Student, values: dict[str, Any], plan: Plan) -> bool:
    fill = plan.mode == FILL
    number = values.get("identity")
    if _wanted(student, values, plan) or ("identity" in values and bool(number) != bool(student.identity_hash) and (number or not fill)):
        return True
    if values.get("class_name") != (student.school_class.name if student.school_class else None) and not (fill and student.class_id):
        return True
    return any(_skills_to_change(student, values, plan))


def _skills_to_change(student: Student, values: dict[str, Any], plan: Plan) -> tuple[set[str], set[str]]:
    """Codes to add and codes to take away: a cell states what the college says; what the student added stays."""
    college = {one.skill.code: one for one in student.skills if one.source == "college"}
    other = {one.skill.code for one in student.skills if one.source != "college"}
    add: set[str] = set()
    gone: set[str] = set()
    for field, kind in (("skills", "skill"), ("certificates", "certificate")):
        if field in values:
            listed = set(values[field] or ())
            there = {code for code, one in college.items() if one.skill.kind == kind}
            if plan.mode == FILL and there:
                continue
            add |= listed - set(college) - other
            gone |= there - listed
    # a certificate named among the skills is still named
    return add, gone - set(values.get("skills") or ()) - set(values.get("certificates") or ())


def _write(student: Student, values: dict[str, Any], key: str, plan: Plan) -> dict[str, Any]:
    """Write a row; tells what was there before, as it can be stored."""
    was: dict[str, Any] = {}
    wanted = _wanted(student, values, plan)
    if wanted:
        was["fields"] = _plain({name: getattr(student, name) for name in wanted})
    for name, value in wanted.items():
        setattr(student, name, value)
    number = values.get("identity")
    earlier = [student.identity_hash, student.identity_tail or "", student.identity_sealed]
    if number and (not student.identity_hash or "identity" in values.get("agreed", ())):
        told = sealed.keyed_hash(number, key)
        if told != student.identity_hash:
            was["identity"] = earlier
            student.identity_hash, student.identity_tail = told, sealed.masked(number)
            student.identity_sealed = sealed.seal(number, key)
    elif "identity" in values and not number and student.identity_hash and plan.mode != FILL:
        was["identity"] = earlier
        student.identity_hash = student.identity_sealed = None
        student.identity_tail = ""
    return was


def _set_skills(student: Student, values: dict[str, Any], by_code: dict[str, Skill], plan: Plan) -> dict[str, Any]:
    add, gone = _skills_to_change(student, values, plan)
    for one in [one for one in student.skills if one.skill.code in gone]:
        student.skills.remove(one)
    for code in sorted(add & set(by_code)):
        student.skills.append(StudentSkill(skill=by_code[code], source="college"))
    return {name: sorted(codes) for name, codes in (("skills_added", add & set(by_code)), ("skills_gone", gone)) if codes}
