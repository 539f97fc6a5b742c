"""What a student keeps of the profile. Flushes; the edge commits."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from consortium.reference import industries, places
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import INT_MAX, db
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries as skills
from consortium.skills.models import Skill
from consortium.students import roster
from consortium.students.events import (
    student_changed,
)
from consortium.students.models import Student, StudentSkill

PROFILE = ("wish", "about", "wants_internship", "wants_job", "wants_zone", "shift_ok", "available_from", "available_until", "least_pay_fen", "places", "industries")
LONGEST = {"wish": 200, "about": 2000}


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
    mark_changed([student.id])
    student_changed.announce(student_id=student.id)


def mark_changed(ids: list[int]) -> None:
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
    if "industries" in values:
        faults["industries"] += [_l("Not an industry of the zone: %(code)s.", code=str(told)[:30]) for told in values["industries"] if told not in industries.LEADING]
        values["industries"] = [one for one in industries.LEADING if one in values["industries"]]
    found = None
    if named is not None:
        labels = skills.by_labels()
        faults["skills"] += [
            _l("Not a skill or certificate: %(code)s. Type a name and pick from the list, or propose it to the zone.", code=told[:30])
            for told in named
            if told.lower() not in labels
        ]
        found = {skill.code: skill for told in named if (skill := labels.get(told.lower()))}
    if any(faults.values()):
        raise Invalid({name: said for name, said in faults.items() if said})
    return values, found
