"""Questions and requests to the school: opened by students and by who cannot sign in, answered within their clock. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from consortium.accounts import service as accounts
from consortium.imports.columns import Bad
from consortium.messages import service as messages
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import Cell
from consortium.students import queries, roster, rules
from consortium.students.events import student_changed, ticket_answered, ticket_opened
from consortium.students.models import Student, Ticket
from consortium.students.service.profile import mark_changed
from consortium.students.service.register import id_key

STRANGERS, WINDOW = 5, timedelta(hours=1)
READABLE = ("name", "sex", "birth_on", "phone", "level", "enrolled_on", "graduates_on", "guardian_name", "guardian_phone", "courses", "major_code")
"""Facts that can be put right from the request itself; others the college changes in its roster."""


def open_ticket(tenant_id: int, kind: str, *, student: Student | None = None, **told: Any) -> Ticket:
    """A question with its clock, in the queue of the class adviser where the class is known."""
    class_id = told.pop("class_id", student.class_id if student else None)
    ticket = Ticket(
        tenant_id=tenant_id, kind=kind, student_id=student.id if student else None, class_id=class_id,
        due_on=clock.today() + timedelta(days=rules.TICKETS[kind]), **told,
    )  # fmt: skip
    db.session.add(ticket)
    db.session.flush()
    return ticket


def tell_school(tenant_id: int, kind: str, student: Student | None, told: Mapping[str, str], address: str) -> Ticket:
    """Who cannot sign in tells the school: not in its list, or with a wrong phone. Raises Invalid, TooMany."""
    faults = {name: [_l("This is needed.")] for name in ("asker", "asker_no") if not told.get(name, "").strip()}
    if faults:
        raise Invalid(dict(faults))
    accounts.count_guess("ticket:" + address, STRANGERS, WINDOW, _l("Too many questions from here."))
    class_id = student.class_id if student else queries.class_named(tenant_id, told.get("class_name", ""))
    ticket = open_ticket(
        tenant_id, kind, student=student, class_id=class_id, asker=told["asker"].strip()[:80], asker_no=told["asker_no"].strip()[:30],
        asker_phone=told.get("asker_phone", "").strip()[:20], wanted=told.get("class_name", "").strip()[:500], reason=told.get("reason", "").strip()[:1000],
    )  # fmt: skip
    audit.record("open-ticket", ticket, by=None, kind=kind)
    ticket_opened.announce(ticket_id=ticket.id)
    return ticket


def ask_for_correction(student: Student, field: str, wanted: str, reason: str, *, by: Actor) -> Ticket:
    """Ask the college to put a fact of the register right. Raises Invalid, Conflict where the same is asked already."""
    faults: dict[str, list[Any]] = {}
    if field not in rules.CORRECTABLE:
        faults["about"] = [_l("Choose one.")]
    if not wanted.strip():
        faults["wanted"] = [_l("Write what it should be.")]
    elif field in READABLE and _read(field, wanted, student) is None:
        faults["wanted"] = [_l("This cannot be read as such a value. A day is written as 2006-03-12, a phone has eleven digits.")]
    if not reason.strip():
        faults["reason"] = [_l("Write why, and what proves it.")]
    if faults:
        raise Invalid(faults)
    return _ask(student, rules.CORRECTION, by, about=field, wanted=wanted.strip()[:500], reason=reason.strip()[:1000])


def ask_a_person(student: Student, reason: str, *, by: Actor) -> Ticket:
    """Ask for somebody to look instead of, or after, the machine. Raises Invalid, Conflict."""
    if not reason.strip():
        raise Invalid({"matter": [_l("Write what somebody should look at.")]})
    return _ask(student, rules.HUMAN, by, reason=reason.strip()[:1000])


def answer(ticket: Ticket, said: str, *, grant: bool, by: Actor) -> None:
    """The school answers; a granted correction of a plain fact is made with it, and the old value is kept, sealed, in the record of acts.

    Raises Invalid, Conflict where it was answered already.
    """
    if ticket.state != "open":
        raise Conflict(_l("This was answered already."), how=_l("Look at the answer; a new question opens a new one."))
    if not said.strip():
        raise Invalid({"answer": [_l("Write an answer; the student reads it.")]})
    facts: dict[str, Any] = {"kind": ticket.kind, "granted": grant}
    if grant and ticket.kind == rules.CORRECTION and ticket.student is not None and ticket.about in READABLE:
        facts |= _put_right(ticket)
    ticket.state, ticket.answer = ("answered" if grant else "refused"), said.strip()[:1000]
    ticket.answered_at, ticket.answered_by_id = clock.now(), by.person_id
    db.session.flush()
    audit.record("answer-ticket", ticket, by=by, **facts)
    ticket_answered.announce(ticket_id=ticket.id)


def tell_asker(ticket: Ticket) -> None:
    """Who asked without an account is answered by SMS."""
    if ticket.asker_phone and (ticket.student is None or ticket.student.person_id is None):
        messages.tell_number(ticket.asker_phone, "code-ticket-answered", key=str(ticket.public_id), language="zh", secret=id_key(), answer=ticket.answer)


def _ask(student: Student, kind: str, by: Actor, **told: Any) -> Ticket:
    if queries.open_ticket_about(student, kind, told.get("about", "")) is not None:
        raise Conflict(_l("You have asked this already, and it is not answered yet."), how=_l("The answer comes as a message; the day by which it is due stands beside it."))
    ticket = open_ticket(student.tenant_id, kind, student=student, **told)
    audit.record("open-ticket", ticket, by=by, kind=kind, about=told.get("about", ""))
    ticket_opened.announce(ticket_id=ticket.id)
    return ticket


def _put_right(ticket: Ticket) -> dict[str, Any]:
    student = ticket.student
    assert student is not None
    value = _read(ticket.about, ticket.wanted, student)
    if value is None:
        return {}
    old = getattr(student, ticket.about)
    setattr(student, ticket.about, value)
    db.session.flush()
    mark_changed([student.id])
    student_changed.announce(student_id=student.id)
    return {"field": ticket.about, "old": sealed.seal(str(old if old is not None else ""), id_key())}


def _read(field: str, told: str, student: Student) -> Any:
    """The value as an upload would read it, or None."""
    if field == "major_code":
        return roster.major_code(told.strip().removeprefix("M:"), student.level)
    try:
        return roster.BY_FIELD[field].read(Cell("text", told.strip()))
    except (Bad, ValueError):
        return None
