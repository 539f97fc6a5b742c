"""Rosters in, profiles kept, consents given and withdrawn, accounts activated. Flushes; the edge commits."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app

from consortium.accounts import service as accounts
from consortium.accounts.models import Membership, Person
from consortium.imports.kinds import CONFLICT, ERROR, NEW, UNCHANGED, UPDATED, Checked, Problem
from consortium.organisations import queries as organisations
from consortium.reference import majors
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import Cell, write_workbook
from consortium.skills import queries as skills
from consortium.skills.models import Skill
from consortium.students import queries, roster, rules
from consortium.students.events import consent_given, consent_withdrawn, student_changed
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill

PLAIN = ("name", "sex", "birth_on", "phone", "level", "enrolled_on", "graduates_on", "guardian_name", "guardian_phone", "courses", "wish", "wants_zone")
PROFILE = ("wish", "about", "wants_internship", "wants_job", "wants_zone", "shift_ok", "available_from", "available_until", "least_pay_fen", "places")
EMPTY_TEXT = frozenset({"sex", "phone", "guardian_name", "guardian_phone", "courses", "wish"})


def id_key() -> str:
    """The key that seals identity numbers."""
    return str(current_app.config["ID_KEY"])


def template(lang: str) -> bytes:
    """The roster to fill in: the very columns that are read, drop-downs, notes, code lists."""
    header = [column.name + ("*" if column.needed else "") for column in roster.COLUMNS]
    choices = {place: column.choices for place, column in enumerate(roster.COLUMNS) if column.choices}
    notes = [(column.name, f"{'必填。' if column.needed else ''}{column.note} {('例：' + column.example) if column.example else ''}") for column in roster.COLUMNS]
    notes.append(("清空", f"留空表示保持原值；填写“{roster.CLEAR}”表示清空。"))
    catalogue = [(m.code, m.name, m.level) for m in majors.all_majors().values()]
    vocabulary = [(s.name_zh, "证书" if s.kind == "certificate" else "技能", s.name_en) for s in skills.all_skills()]
    return write_workbook(
        "学生名单", header, [[column.example for column in roster.COLUMNS]][:0], choices=choices, notes=notes,
        lists={"专业": catalogue, "技能证书": vocabulary}, version=roster.VERSION,
    )  # fmt: skip


def check(tenant_id: int, header: tuple[str, ...], rows: Sequence[tuple[int, tuple[Cell, ...]]]) -> list[Checked]:
    """Judge every row: all its faults, and whether it is new, changed or the same. Reads only."""
    columns = roster.mapping(header)
    labels = skills.by_labels()
    key = id_key()
    parsed = [(number, *roster.parse(cells, columns)) for number, cells in rows]
    numbers = Counter(values.get("student_no") for _, values, _ in parsed if values.get("student_no"))
    known = queries.existing(tenant_id, (n for n in numbers if n))
    hashes = {v["identity"]: sealed.keyed_hash(v["identity"], key) for _, v, _ in parsed if v.get("identity")}
    owners = queries.identity_owners(tenant_id, hashes.values())
    first: dict[str, str] = {}
    found = []
    for number, values, problems in parsed:
        problems = list(problems)
        own = values.get("student_no", "")
        if numbers[own] > 1:
            problems.append(Problem("学号", "number-twice", own))
        for field in ("skills", "certificates"):
            if values.get(field):
                picked, strange = _picked(values[field], labels)
                values[field] = picked
                problems += [Problem(roster.BY_FIELD[field].name, "unknown-skill", name[:30]) for name in strange]
        conflict = None
        if values.get("identity"):
            told = hashes[values["identity"]]
            owner = owners.get(told) or first.setdefault(told, own)
            if owner != own:
                conflict = Problem("身份证号", "identity-twice", "***")
        student = known.get(own)
        if student is not None and values.get("name") and student.name != values["name"]:
            conflict = Problem("姓名", "name-differs", values["name"])
        if problems:
            verdict = ERROR
        elif conflict:
            verdict = CONFLICT
        elif student is None:
            verdict = NEW
        else:
            verdict = UPDATED if _differs(student, values, key) else UNCHANGED
        found.append(Checked(number, verdict, _plain(values), (*problems, *([conflict] if conflict else []))))
    return found


def apply(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], by: Actor | None) -> None:
    """Write rows by (college, student number); what the student keeps stays; nobody is told. Twice gives the same."""
    key = id_key()
    known = queries.existing(tenant_id, (values["student_no"] for _, values in rows))
    by_code = skills.by_codes({code for _, v in rows for f in ("skills", "certificates") for code in v.get(f) or ()})
    classes = {c.name: c for c in db.session.scalars(sa.select(SchoolClass).where(SchoolClass.tenant_id == tenant_id))}
    changed = []
    for _, values in rows:
        student = known.get(values["student_no"])
        if student is None:
            student = Student(tenant_id=tenant_id, student_no=values["student_no"], name=values["name"], wants_internship=True, skills=[])
            db.session.add(student)
            known[student.student_no] = student
        else:
            changed.append(student)
        _write(student, values, key)
        name = values.get("class_name")
        if name:
            if name not in classes:
                classes[name] = SchoolClass(tenant_id=tenant_id, name=name, major_code=student.major_code)
                db.session.add(classes[name])
                db.session.flush()
            student.class_id = classes[name].id
        _give_skills(student, values, by_code)
    db.session.flush()
    audit.record("import-students", ("tenants", tenant_id), by=by, rows=len(rows))
    for student in changed:
        student_changed.announce(student_id=student.id)


def save_profile(student: Student, values: dict[str, Any], codes: list[str] | None, *, by: Actor) -> None:
    """What the student keeps; later imports leave it alone."""
    touched = [name for name in PROFILE if name in values and getattr(student, name) != values[name]]
    for name in touched:
        setattr(student, name, values[name])
    student.own_edits = sorted({*student.own_edits, *touched})
    if codes is not None:
        found = skills.by_codes(codes)
        mine = {one.skill.code: one for one in student.skills}
        for code, one in mine.items():
            if code not in found and one.source == "student":
                student.skills.remove(one)
        for code, skill in found.items():
            if code not in mine:
                student.skills.append(StudentSkill(skill=skill, source="student"))
    db.session.flush()
    audit.record("save-profile", student, by=by, fields=touched)
    student_changed.announce(student_id=student.id)


def give_consent(student: Student, purpose: str, *, by: Actor, given_by: str = "student", evidence: str = "") -> Consent:
    """Agree to one purpose in the present version. Raises Conflict where the guardian must come first."""
    if given_by == "student" and rules.needs_guardian_first(student.birth_on, clock.today()):
        raise Conflict(
            _l("Up to the age of 14 a guardian must agree first."), how=_l("Ask the college office to record your guardian's consent.")
        )
    found = queries.consent(student, purpose)
    if found is None:
        withdraw(student, purpose, by=by, quiet=True)
        found = Consent(
            student_id=student.id, purpose=purpose, version=rules.CONSENT_VERSION, given_by=given_by, given_at=clock.now(), evidence=evidence[:200]
        )
        db.session.add(found)
        db.session.flush()
        db.session.refresh(student, ["consents"])
        audit.record("give-consent", student, by=by, purpose=purpose, version=rules.CONSENT_VERSION, given_by=given_by)
        if purpose == rules.MATCHING:
            consent_given.announce(student_id=student.id)
    return found


def withdraw(student: Student, purpose: str, *, by: Actor, quiet: bool = False) -> None:
    """Take consent back: from now on this student is in no run, also in none that is queued."""
    gone = db.session.execute(
        sa.update(Consent)
        .where(Consent.student_id == student.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
    )
    db.session.refresh(student, ["consents"])
    if gone.rowcount and not quiet:  # type: ignore[attr-defined]
        audit.record("withdraw-consent", student, by=by, purpose=purpose)
        if purpose == rules.MATCHING:
            consent_withdrawn.announce(student_id=student.id)


def activation_links(actor: Actor, students: Sequence[Student]) -> list[tuple[Student, str, str]]:
    """A single-use link for each student without an account: (student, sign-in name, token). No shared password exists."""
    college = organisations.college_of(actor.tenant_id)
    found = []
    for student in students:
        if student.person_id is None and student.state == "enrolled":
            login = f"{college.moe_code}-{student.student_no}".lower()
            token = accounts.invite_into(actor.tenant_id, role=Role.STUDENT, login=login, name=student.name, by=actor)
            found.append((student, login, token))
    return found


def tie(membership: Membership) -> None:
    """A student's account was activated: tie it to the register's entry by college and number."""
    if membership.role != Role.STUDENT.value:
        return
    login = db.session.get_one(Person, membership.person_id).login
    number = login.partition("-")[2]
    student = db.session.scalar(
        sa.select(Student).where(
            Student.tenant_id == membership.tenant_id, sa.func.lower(Student.student_no) == number, Student.person_id.is_(None)
        )
    )
    if student is not None:
        student.person_id = membership.person_id
        db.session.flush()
        audit.record("activate-student", student, by=membership.actor())


def _picked(text: str, labels: dict[str, Skill]) -> tuple[list[str], list[str]]:
    found, strange = [], []
    for name in skills.split_labels(text):
        skill = labels.get(name.lower())
        (found.append(skill.code) if skill else strange.append(name))
    return found, strange


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    days = {"birth_on", "enrolled_on", "graduates_on"}
    return {n: date.fromisoformat(v) if n in days and isinstance(v, str) else v for n, v in values.items()}


def _wanted(student: Student, values: dict[str, Any], key: str) -> dict[str, Any]:
    """Columns that this row would change, without those the student keeps."""
    values = _typed(values)
    wanted = {n: ("" if values[n] is None and n in EMPTY_TEXT else values[n]) for n in PLAIN if n in values}
    if "major" in values:
        wanted["major_code"] = values["major"]
    for kept in set(student.own_edits or ()) & set(wanted):
        del wanted[kept]
    return {n: v for n, v in wanted.items() if getattr(student, n) != v}


def _differs(student: Student, values: dict[str, Any], key: str) -> bool:
    if student.row_hash == _row_hash(values):
        return False
    if _wanted(student, _plain(values), key):
        return True
    if values.get("identity") and student.identity_hash != sealed.keyed_hash(values["identity"], key):
        return True
    mine = {one.skill.code for one in student.skills}
    return not {*(values.get("skills") or ()), *(values.get("certificates") or ())} <= mine


def _write(student: Student, values: dict[str, Any], key: str) -> None:
    for name, value in _wanted(student, values, key).items():
        setattr(student, name, value)
    number = values.get("identity")
    if number:
        student.identity_hash, student.identity_tail = sealed.keyed_hash(number, key), sealed.masked(number)
        student.identity_sealed = sealed.seal(number, key)
    elif "identity" in values:
        student.identity_hash = student.identity_sealed = None
        student.identity_tail = ""
    student.row_hash = _row_hash(_typed(values))


def _give_skills(student: Student, values: dict[str, Any], by_code: dict[str, Skill]) -> None:
    mine = {one.skill.code for one in student.skills}
    for field in ("skills", "certificates"):
        for code in values.get(field) or ():
            if code in by_code and code not in mine:
                mine.add(code)
                student.skills.append(StudentSkill(skill=by_code[code], source="college"))


def _row_hash(values: dict[str, Any]) -> str:
    told = json.dumps(_plain(values), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(sealed.keyed_hash(told, id_key()).encode()).hexdigest()
