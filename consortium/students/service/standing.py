"""A student leaves, resumes, graduates or moves; is reminded of what is missing. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Sequence

from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import lifecycle, queries, rules
from consortium.students.events import (
    student_changed,
    student_left,
    student_reminded,
    student_stepped,
)
from consortium.students.models import Student


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
