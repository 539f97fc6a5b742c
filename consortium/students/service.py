"""Rosters in, profiles kept, consents given and withdrawn, accounts activated. Flushes; the edge commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from consortium.accounts import service as accounts
from consortium.accounts.models import Membership, Person
from consortium.imports.columns import template_parts, told_yes, told_yuan
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
from consortium.organisations import queries as organisations
from consortium.reference import majors, places
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor, Role
from consortium.shared.db import INT_MAX, db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import Cell, write_csv, write_workbook
from consortium.skills import queries as skills
from consortium.skills.models import Skill
from consortium.students import lifecycle, queries, roster, rules
from consortium.students.events import (
    consent_given,
    consent_withdrawn,
    destinations_asked_after,
    student_changed,
    student_left,
    student_reminded,
    student_stepped,
    students_asked_after,
    students_changed,
)
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill

PLAIN = (
    "name", "sex", "birth_on", "phone", "email", "level", "enrolled_on", "stage_from", "graduates_on", "guardian_name", "guardian_phone", "courses", "wish",
    "wants_internship", "wants_job", "wants_zone", "shift_ok", "available_from", "available_until", "least_pay_fen", "places",
)  # fmt: skip
PROFILE = ("wish", "about", "wants_internship", "wants_job", "wants_zone", "shift_ok", "available_from", "available_until", "least_pay_fen", "places")
LONGEST = {"wish": 200, "about": 2000}
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
        conflicts = _conflicts(self._tenant_id, told, known, self._key) | self._twice(told)
        return [self._judged(number, values, problems, known, conflicts.get(number)) for number, values, problems in parsed]

    def late(self) -> dict[int, tuple[str, Problem]]:
        """Rows whose number or identity number came again later."""
        return self._late

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
        elif student is None:
            verdict = CONFLICT if conflict else NEW if mode in (BOTH, ONLY_NEW) else SKIPPED
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
    """Rows that would overwrite a name or an identity number, judged against what is there now."""
    return _conflicts(tenant_id, rows, queries.existing(tenant_id, (values["student_no"] for _, values in rows)), id_key())


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
    known = queries.existing(tenant_id, (values["student_no"] for _, values in rows))
    by_code = skills.by_codes({code for _, v in rows for f in ("skills", "certificates") for code in v.get(f) or ()})
    classes = {c.name: c for c in db.session.scalars(sa.select(SchoolClass).where(SchoolClass.tenant_id == tenant_id))}
    names = {c.id: c.name for c in classes.values()}
    before: dict[int, dict[str, Any]] = {}
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
        _mark_changed([student.id for student in changed])
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
        _mark_changed([student.id for student in changed])
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
            told.append(Difference(column.name, _cell(name, there), _cell(name, value)))
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


def meant(field: str, key: str, told: str) -> str:
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


def likely(field: str, key: str) -> list[tuple[str, str]]:
    """What an unknown word of a column may mean: (value, label) pairs, the likeliest first."""
    if field == "major":
        return roster.likely_majors(key)
    if field in ("skills", "certificates"):
        names = {s.name_zh: s.code for s in skills.all_skills()}
        inside = [name for name in names if key in name or name in key]
        return [(LEAVE_OUT, "不导入"), *((names[name], name) for name in list(dict.fromkeys([*inside, *get_close_matches(key, names, n=6, cutoff=0.34)]))[:6])]
    return [(choice, choice) for choice in roster.BY_FIELD[field].choices] if field in roster.BY_FIELD else []


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
        return _cell("major_code", s.major_code)
    if name in ("skills", "certificates"):
        kind = "skill" if name == "skills" else "certificate"
        return "、".join(sorted(one.skill.name_zh for one in s.skills if one.skill.kind == kind and one.source == "college"))
    if name == "consent":
        return "已同意" if queries.consent(s, rules.MATCHING) else "未同意"
    if name == "account":
        return "已激活" if s.person_id else "未激活"
    if name == "state":
        return STATES.get(s.state, s.state)
    return str(getattr(s, name) or "") if name in ("identity_tail", "major_code") else _cell(name, getattr(s, name))


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


def _cell(name: str, value: Any) -> str:
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
