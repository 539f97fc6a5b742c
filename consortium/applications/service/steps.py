"""One step of an application with all that belongs to it, the locks it takes, and the refusals that several use cases share."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from consortium.applications import lifecycle, queries, rules, wording
from consortium.applications.events import application_stepped
from consortium.applications.lifecycle import APPLICATION
from consortium.applications.models import Application, ApplicationStep
from consortium.positions.models import Position, Seats
from consortium.proposals import service as proposals
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.students.models import Student

CHOICES = {
    "apply": "applied", "invite": "invited", "offer": "offered", "accept": "accepted", "decline": "declined", "turn_down": "declined",
    "withdraw": "withdrawn", "set_aside": "withdrawn", "take_back": "withdrawn", "offer_by_round": "offered", "reopen": "reopened", "reopen_agreed": "reopened",
}  # fmt: skip


def begun(student: Student, position: Position, begun_by: str) -> Application:
    """What a student and a post begin to have to do with each other, before its first step."""
    application = Application(
        college_tenant_id=student.tenant_id, enterprise_tenant_id=position.tenant_id, student_id=student.id, position_id=position.id,
        kind=position.kind, state=lifecycle.NOTHING, begun_by=begun_by, steps=[],
    )  # fmt: skip
    db.session.add(application)
    return application


def take(step: str, application: Application, by: Actor | None, *, reason: str = "", note: str = "", **changes: Any) -> Application:
    """One step: everything that belongs to it, in this order."""
    source = application.state
    application.state = APPLICATION.take(step, source, by)
    for name, value in changes.items():
        setattr(application, name, value)
    application.steps.append(
        ApplicationStep(
            step=step, source=source, target=application.state, by_role=by.role.value if by else "",
            by_membership_id=by.membership_id if by else None, reason=reason, note=note.strip()[:500],
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(f"{step.replace('_', '-')}-application", application, by=by, source=source, target=application.state, reason=reason)
    if step in CHOICES:
        proposals.note_choice(application.student_id, application.position_id, CHOICES[step], by=by, reason=reason)
    application_stepped.announce(application_id=application.id, step=step)
    return application


def lock(student_id: int) -> None:
    """One step at a time for one student, whatever enterprise takes it (SQLite writes one at a time anyway)."""
    db.session.execute(sa.select(Student.id).where(Student.id == student_id).with_for_update(key_share=True))


def freshly(application: Application) -> None:
    """Read the row again under the locks."""
    lock(application.student_id)
    db.session.refresh(application, ["state", "answer_by", "identity_open", "spoken", "waits_since_at", "told_free_at", "back_until_at", "version"], with_for_update={"of": Application})


def consents(student: Student) -> bool:
    """Whether her consent to matching is in force."""
    return db.session.scalar(students.shown_ids().where(Student.id == student.id)) is not None


def free_seats(position_id: int) -> int:
    """Places of a post that nobody has taken, as the database has it now."""
    places, taken = db.session.execute(sa.select(Seats.places, Seats.taken).where(Seats.position_id == position_id)).one()
    return int(places - taken)


def begun_before(student: Student, position: Position, busy: Collection[str]) -> Application | None:
    """What stands between a student and a post already. Raises Conflict where she has accepted, was declined, or is `busy` with it."""
    if queries.accepted_of(student.id, position.kind) is not None:
        raise Conflict(_l("You have accepted an offer already."), how=_l("See your agreement for what comes next."), code="placed")
    found = queries.between(student.id, position.id)
    if found is not None and found.state == lifecycle.DECLINED:
        raise Conflict(_l("This application has ended: one side declined."), how=_l("Other posts are among your matches."), code="declined")
    if found is not None and found.state in busy:
        raise Conflict(_l("You have an open application for this post."), how=_l("See it among your applications."), code="twice")
    return found


def refuse_unless_open(position: Position, found: Application | None = None) -> None:
    """A paused post begins nothing new, but whoever waits there may be answered."""
    waits = found is not None and found.state in lifecycle.OPEN and position.state == "paused"
    """Only an open post takes applications."""
    if position.state != "open" and not waits:
        raise Conflict(_l("This post takes no applications now."), how=_l("Other posts are among your matches."), code="post-closed")


def refuse_overdue(application: Application) -> None:
    """What nobody answered in time cannot be answered any more, whether or not the sweep has been there."""
    if rules.overdue(application.answer_by, clock.now()):
        raise overdue()


def overdue() -> Conflict:
    """The refusal in words."""
    return Conflict(
        _l("The time to answer has passed."), how=_l("If you are still interested, apply again or ask the enterprise to renew it."), code="overdue"
    )


def refuse_unlawful(student: Student, position: Position, *, by_student: bool) -> None:
    """Raise Conflict with the words of every rule that stops this pair."""
    codes = queries.stopping_rules(student, position, by_student=by_student)
    if codes:
        raise Conflict(_l("This may not be: a rule stops it."), why=wording.rule_words(codes), how=" ", code="unlawful", rules=codes)
