"""Rosters in, profiles kept, consents given and withdrawn, accounts activated. Flushes; the edge commits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app

from consortium.accounts import service as accounts
from consortium.accounts.models import Membership, Person
from consortium.imports.kinds import CONFLICT, ERROR, NEW, UNCHANGED, UPDATED, Checked, Problem
from consortium.organisations import queries as organisations
from consortium.reference import majors, places
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor, Role
from consortium.shared.db import INT_MAX, db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import Cell, write_workbook
from consortium.skills import queries as skills
from consortium.skills.models import Skill
from consortium.students import lifecycle, queries, roster, rules
from consortium.students.events import (
    consent_given,
    consent_withdrawn,
    student_changed,
    student_left,
    student_reminded,
    student_stepped,
    students_changed,
)
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill

PLAIN = ("name", "sex", "birth_on", "phone", "level", "enrolled_on", "graduates_on", "guardian_name", "guardian_phone", "courses", "wish", "wants_zone")
PROFILE = ("wish", "about", "wants_internship", "wants_job", "wants_zone", "shift_ok", "available_from", "available_until", "least_pay_fen", "places")
LONGEST = {"wish": 200, "about": 2000}
_FIELD_OF = {"major_code": "major"}
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
    for _, values, problems in parsed:
        if numbers[values.get("student_no")] > 1:
            problems.append(_problem("student_no", "number-twice", values["student_no"]))
        for field in ("skills", "certificates"):
            if values.get(field):
                values[field], strange = _picked(values[field], labels)
                problems += [_problem(field, "unknown-skill", name[:30]) for name in strange]
    told = [(number, values) for number, values, _ in parsed if values.get("student_no")]
    known = queries.existing(tenant_id, (values["student_no"] for _, values in told))
    conflicts = _conflicts(tenant_id, told, known, key)
    found = []
    for number, values, problems in parsed:
        student, conflict = known.get(values.get("student_no", "")), conflicts.get(number)
        notes = list(problems)
        if problems:
            verdict = ERROR
        elif conflict:
            verdict = CONFLICT
        elif student is None:
            verdict = NEW
        else:
            verdict = UPDATED if _differs(student, values) else UNCHANGED
            notes = [_problem(_FIELD_OF.get(name, name), "kept-own") for name in _kept(student, values)]
        found.append(Checked(number, verdict, _plain(values), (*notes, *([conflict] if conflict else []))))
    return found


def conflicts(tenant_id: int, rows: list[tuple[int, dict[str, Any]]]) -> dict[int, Problem]:
    """Rows that would overwrite a name or an identity number, judged against what is there now."""
    return _conflicts(tenant_id, rows, queries.existing(tenant_id, (values["student_no"] for _, values in rows)), id_key())


def _conflicts(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], known: dict[str, Student], key: str) -> dict[int, Problem]:
    hashes = {number: sealed.keyed_hash(values["identity"], key) for number, values in rows if values.get("identity")}
    owners = queries.identity_owners(tenant_id, hashes.values())
    within: dict[str, set[str]] = defaultdict(set)
    for number, values in rows:
        if number in hashes:
            within[hashes[number]].add(values["student_no"])
    found = {}
    for number, values in rows:
        own, told = values["student_no"], hashes.get(number)
        student = known.get(own)
        if student is not None and values.get("name") and student.name != values["name"]:
            found[number] = _problem("name", "name-differs", values["name"])
        elif told and (owners.get(told, own) != own or len(within[told]) > 1):
            found[number] = _problem("identity", "identity-twice", "***")
        elif told and student is not None and student.identity_hash and student.identity_hash != told:
            found[number] = _problem("identity", "identity-differs", "***")
    return found


def apply(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], by: Actor | None) -> None:
    """Write rows by (college, student number); what the student keeps stays; nobody is told. Twice gives the same."""
    key = id_key()
    known = queries.existing(tenant_id, (values["student_no"] for _, values in rows))
    by_code = skills.by_codes({code for _, v in rows for f in ("skills", "certificates") for code in v.get(f) or ()})
    classes = {c.name: c for c in db.session.scalars(sa.select(SchoolClass).where(SchoolClass.tenant_id == tenant_id))}
    for _, values in rows:
        if values["class_name"] not in classes:
            classes[values["class_name"]] = SchoolClass(
                tenant_id=tenant_id, name=values["class_name"], major_code=values["major"], cohort=int(str(values["enrolled_on"])[:4])
            )
            db.session.add(classes[values["class_name"]])
    db.session.flush()
    changed = []
    for _, values in rows:
        student = known.get(values["student_no"])
        if student is None:
            student = Student(
                tenant_id=tenant_id, student_no=values["student_no"], name=values["name"], wants_internship=True, skills=[], own_edits=[]
            )
            db.session.add(student)
            known[student.student_no] = student
        else:
            changed.append(student)
        _write(student, values, key)
        student.class_id = classes[values["class_name"]].id
        _set_skills(student, values, by_code)
    db.session.flush()
    audit.record("import-students", ("tenants", tenant_id), by=by, rows=len(rows))
    _mark_changed([student.id for student in changed])
    students_changed.announce(student_ids=[student.id for student in changed])


def save_profile(student: Student, values: dict[str, Any], named: list[str] | None, *, by: Actor) -> None:
    """What the student keeps; later imports leave it alone. Skills and places by code or name. Raises Invalid."""
    values, found = _profile(values, named)
    touched = [name for name in PROFILE if name in values and getattr(student, name) != values[name]]
    for name in touched:
        setattr(student, name, values[name])
    student.own_edits = sorted({*student.own_edits, *touched})
    if found is not None:
        mine = {one.skill.code: one for one in student.skills}
        for code, one in mine.items():
            if code not in found and one.source == "student":
                student.skills.remove(one)
        for code, skill in found.items():
            if code not in mine:
                student.skills.append(StudentSkill(skill=skill, source="student"))
    db.session.flush()
    audit.record("save-profile", student, by=by, fields=touched)
    _mark_changed([student.id])
    student_changed.announce(student_id=student.id)


def _mark_changed(ids: list[int]) -> None:
    """Also where only skills changed; a form that somebody has open stays fresh."""
    db.session.execute(
        sa.update(Student).where(Student.id.in_(ids)).values(changed_at=clock.now()).execution_options(synchronize_session=False)
    )


def _profile(values: dict[str, Any], named: list[str] | None) -> tuple[dict[str, Any], dict[str, Skill] | None]:
    faults: dict[str, list[Any]] = defaultdict(list)
    values = {name: roster.written(value) if name in LONGEST else value for name, value in values.items() if name in PROFILE}
    for name, most in LONGEST.items():
        if len(values.get(name) or "") > most:
            faults[name].append(_l("At most %(max)d characters.", max=most))
    if not 0 <= (values.get("least_pay_fen") or 0) <= INT_MAX:
        faults["least_pay_fen"].append(_l("An amount in yuan, such as 3500 or 3500.50."))
    begins, ends = values.get("available_from"), values.get("available_until")
    if begins and ends and ends < begins:
        faults["available_until"].append(_l("This is before the day you can begin."))
    if "places" in values:
        wanted = [(told, places.code_of(told)) for told in values["places"]]
        faults["places"] += [_l("Not a place: %(code)s. Type a name and pick from the list.", code=told[:30]) for told, code in wanted if not code]
        values["places"] = list(dict.fromkeys(code for _, code in wanted if code))
    found = None
    if named is not None:
        labels = skills.by_labels()
        faults["skills"] += [
            _l("Not a skill or certificate: %(code)s. Type a name and pick from the list.", code=told[:30])
            for told in named
            if told.lower() not in labels
        ]
        found = {skill.code: skill for told in named if (skill := labels.get(told.lower()))}
    if any(faults.values()):
        raise Invalid({name: said for name, said in faults.items() if said})
    return values, found


def step(student: Student, name: str, *, by: Actor) -> None:
    """Leave, resume, graduate, move or reinstate. Raises Forbidden, or Conflict where the state does not allow it.

    Who is on leave or moved is in no run, and what is open between her and enterprises is closed.
    """
    try:
        state = lifecycle.STUDENT.take(name, student.state, by)
    except Conflict:
        raise Conflict(
            _l("%(name)s: this step is not open now.", name=student.name), how=_l("Look at the student's present state; somebody may have changed it."),
            code="wrong-state", step=name, state=student.state,
        ) from None  # fmt: skip
    source, student.state, student.state_on = student.state, state, clock.today()
    db.session.flush()
    audit.record(f"{name}-student", student, by=by, source=source, target=state)
    student_stepped.announce(student_id=student.id)
    if state in lifecycle.MATCHED:
        student_changed.announce(student_id=student.id)
    else:
        student_left.announce(student_id=student.id)


def step_many(chosen: Sequence[Student], name: str, *, by: Actor) -> tuple[list[Student], list[Student]]:
    """The same for several: those who took the step, and those whose state does not allow it."""
    done, left = [], []
    for student in chosen:
        if lifecycle.STUDENT.may(name, student.state, by):
            step(student, name, by=by)
            done.append(student)
        else:
            left.append(student)
    return done, left


def remind(chosen: Sequence[Student], *, by: Actor) -> tuple[int, int]:
    """Tell students what they themselves can still fill in: (told, passed over). Once a day at most; who has no account cannot be told."""
    told = 0
    for student in chosen:
        own = [name for name in queries.lacks(student) if name in rules.OWN_LACKS]
        if student.person_id is not None and own:
            student_reminded.announce(student_id=student.id, lacking=own)
            told += 1
    audit.record("remind-students", ("tenants", by.tenant_id), by=by, told=told, of=len(chosen))
    return told, len(chosen) - told


def add_class(actor: Actor, values: dict[str, Any]) -> SchoolClass:
    """A class before its roster comes. Raises Invalid."""
    found = SchoolClass(tenant_id=actor.tenant_id)
    _fill_class(found, values, actor)
    db.session.add(found)
    db.session.flush()
    audit.record("add-class", found, by=actor)
    return found


def edit_class(school_class: SchoolClass, values: dict[str, Any], *, by: Actor) -> None:
    """Rename a class, or put its major or cohort right; students keep theirs. Raises Invalid."""
    _fill_class(school_class, values, by)
    db.session.flush()
    audit.record("edit-class", school_class, by=by, major_code=school_class.major_code, cohort=school_class.cohort)


def _fill_class(school_class: SchoolClass, values: dict[str, Any], by: Actor) -> None:
    name, code = roster.cleaned(values.get("name") or ""), values.get("major_code") or ""
    faults: dict[str, list[Any]] = defaultdict(list)
    if not name:
        faults["name"].append(_l("This is needed."))
    elif len(name) > 60:
        faults["name"].append(_l("At most %(max)d characters.", max=60))
    elif db.session.scalar(sa.select(SchoolClass.id).where(SchoolClass.tenant_id == by.tenant_id, SchoolClass.name == name, SchoolClass.id != school_class.id)):
        faults["name"].append(_l("Another class has this name. Choose a different one."))
    if code and majors.find(code) is None:
        faults["major_code"].append(_l("Not a major of the catalogue: %(code)s. Type a name and pick from the list.", code=code[:30]))
    cohort = values.get("cohort")
    if cohort is not None and not rules.YEARS[0] <= cohort <= rules.YEARS[1]:
        faults["cohort"].append(_l("A number from %(min)s to %(max)s.", min=rules.YEARS[0], max=rules.YEARS[1]))
    if faults:
        raise Invalid(dict(faults))
    school_class.name, school_class.major_code, school_class.cohort = name, code, cohort


def record_guardians(chosen: Sequence[Student], purpose: str, evidence: str, *, by: Actor) -> int:
    """Several guardians' papers at once, such as a class's: how many are new."""
    new = [student for student in chosen if queries.consent(student, purpose, "guardian") is None]
    for student in new:
        give_consent(student, purpose, by=by, given_by="guardian", evidence=evidence)
    return len(new)


def assign_adviser(school_class: SchoolClass, adviser: Membership | None, *, by: Actor) -> None:
    """Give a class to an adviser, who from then on sees its students, or to nobody; raises Invalid."""
    known = {one.id for one in queries.advisers(by)}
    if adviser is not None and (adviser.tenant_id != school_class.tenant_id or adviser.id not in known):
        raise Invalid({"adviser": [_l("Choose an active class adviser of your college.")]})
    school_class.adviser_id = adviser.id if adviser else None
    db.session.flush()
    audit.record("assign-adviser", school_class, by=by, adviser=school_class.adviser_id)


def give_consent(student: Student, purpose: str, *, by: Actor, given_by: str = "student", evidence: str = "") -> Consent:
    """Agree to one purpose in the present version. Raises Conflict where the guardian must come first."""
    if given_by == "student" and queries.guardian_is_missing(student, purpose):
        raise Conflict(
            _l("Up to the age of 14 a guardian must agree first."), how=_l("Ask the college office to record your guardian's consent.")
        )
    found = queries.consent(student, purpose, given_by)
    if found is None:
        _take_back(student, purpose, given_by)  # what was given in earlier words
        found = Consent(
            student_id=student.id, purpose=purpose, version=rules.CONSENT_VERSION, given_by=given_by, given_at=clock.now(), evidence=evidence[:200]
        )
        db.session.add(found)
        db.session.flush()
        db.session.refresh(student, ["consents"])
        audit.record("give-consent", student, by=by, purpose=purpose, version=rules.CONSENT_VERSION, given_by=given_by)
        if purpose == rules.MATCHING and given_by == "student":
            consent_given.announce(student_id=student.id)
    return found


def withdraw(student: Student, purpose: str, *, by: Actor) -> None:
    """Take one's own consent back: from now on this student is in no run, also in none that is queued."""
    if _take_back(student, purpose, "student"):
        audit.record("withdraw-consent", student, by=by, purpose=purpose)
        if purpose == rules.MATCHING:
            consent_withdrawn.announce(student_id=student.id)


def _take_back(student: Student, purpose: str, given_by: str) -> bool:
    gone = db.session.execute(
        sa.update(Consent)
        .where(Consent.student_id == student.id, Consent.purpose == purpose, Consent.given_by == given_by, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(student, ["consents"])
    return bool(gone.rowcount)  # type: ignore[attr-defined]


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


def exported(actor: Actor, students: Sequence[Student]) -> bytes:
    """A list of students as a workbook of text; identity numbers masked. The columns can be uploaded again."""
    header = ["学号", "姓名", "班级", "学历层次", "专业", "入学日期", "身份证号（部分）", "匹配授权", "账号"]
    rows = [
        [
            s.student_no, s.name, s.school_class.name if s.school_class else "", s.level, s.major_code, s.enrolled_on, s.identity_tail,
            "已同意" if queries.consent(s, rules.MATCHING) else "未同意", "已激活" if s.person_id else "未激活",
        ]
        for s in students
    ]  # fmt: skip
    audit.record("export-students", ("tenants", actor.tenant_id), by=actor, rows=len(rows))
    audit.looked([(s.id, queries.is_minor(s)) for s in students], by=actor, what="list of students")
    return write_workbook("学生名单", header, rows)


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


def _problem(field: str, code: str, found: str = "") -> Problem:
    return Problem(roster.BY_FIELD[field].name, code, found)


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """The columns of a student that a row speaks of, as they would be kept."""
    values = _typed(values)
    told = {n: ("" if values[n] is None and n in EMPTY_TEXT else values[n]) for n in PLAIN if n in values}
    if "major" in values:
        told["major_code"] = values["major"]
    return told


def _wanted(student: Student, values: dict[str, Any]) -> dict[str, Any]:
    """Columns that this row would change, without those the student keeps."""
    return {n: v for n, v in _told(values).items() if n not in (student.own_edits or ()) and getattr(student, n) != v}


def _kept(student: Student, values: dict[str, Any]) -> list[str]:
    """Columns that this row would change, had the student not changed them."""
    return sorted(n for n, v in _told(values).items() if n in (student.own_edits or ()) and getattr(student, n) != v)


def _differs(student: Student, values: dict[str, Any]) -> bool:
    if _wanted(student, values) or ("identity" in values and bool(values["identity"]) != bool(student.identity_hash)):
        return True
    if values.get("class_name") != (student.school_class.name if student.school_class else None):
        return True
    return any(_skills_to_change(student, values))


def _skills_to_change(student: Student, values: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Codes to add and codes to take away: a cell states what the college says; what the student added stays."""
    college = {one.skill.code: one for one in student.skills if one.source == "college"}
    other = {one.skill.code for one in student.skills if one.source != "college"}
    add: set[str] = set()
    gone: set[str] = set()
    for field, kind in (("skills", "skill"), ("certificates", "certificate")):
        if field in values:
            listed = set(values[field] or ())
            add |= listed - set(college) - other
            gone |= {code for code, one in college.items() if one.skill.kind == kind} - listed
    # a certificate named among the skills is still named
    return add, gone - set(values.get("skills") or ()) - set(values.get("certificates") or ())


def _write(student: Student, values: dict[str, Any], key: str) -> None:
    for name, value in _wanted(student, values).items():
        setattr(student, name, value)
    number = values.get("identity")
    if number and not student.identity_hash:
        student.identity_hash, student.identity_tail = sealed.keyed_hash(number, key), sealed.masked(number)
        student.identity_sealed = sealed.seal(number, key)
    elif "identity" in values and not number:
        student.identity_hash = student.identity_sealed = None
        student.identity_tail = ""


def _set_skills(student: Student, values: dict[str, Any], by_code: dict[str, Skill]) -> None:
    add, gone = _skills_to_change(student, values)
    for one in [one for one in student.skills if one.skill.code in gone]:
        student.skills.remove(one)
    for code in sorted(add & set(by_code)):
        student.skills.append(StudentSkill(skill=by_code[code], source="college"))
