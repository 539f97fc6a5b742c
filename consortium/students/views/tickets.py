"""The school's queue of questions and requests, and the answers."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from consortium.shared import audit, clock
from consortium.shared.access import COLLEGE
from consortium.shared.errors import Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, service
from consortium.students.forms import AnswerForm
from consortium.students.models import Ticket
from consortium.students.views import pages
from consortium.students.wording import FIELDS, TICKETS
from consortium.web.forms import put
from consortium.web.gate import acting

pages.menu(_l("Questions"), "tickets_index", icon="question", order=70, roles=COLLEGE, count=queries.open_tickets, under=("students.index",))


@pages.get("/tickets", ability="students.tickets")
def tickets_index() -> Any:
    """What waits, the most urgent first."""
    state = request.args.get("state", "")
    listing = queries.tickets(acting(), request.args.get("page", 1, int), state=state if state in ("open", "answered", "refused") else "")
    audit.looked([(t.student_id, queries.is_minor(t.student)) for t in listing.rows if t.student is not None], by=acting(), what="list of students")
    return render_template("students/tickets.html", listing=listing, kinds=TICKETS, state_asked=state, today=clock.today())


@pages.get("/tickets/<uuid:id>", ability="students.tickets")
def ticket(id: uuid.UUID) -> Any:
    """One question, and the form to answer it."""
    return _ticket(queries.reachable_ticket(acting(), id), AnswerForm(formdata=None))


@pages.post("/tickets/<uuid:id>/answer", ability="students.answer-ticket")
def answer_ticket(id: uuid.UUID) -> Any:
    """Answer it; a granted correction of a plain fact is made with the answer."""
    found, form = queries.reachable_ticket(acting(), id), AnswerForm()
    if not form.validate():
        return _ticket(found, form), 422
    try:
        service.answer_ticket(found, form.answer.data, grant=form.grant.data == "yes", by=acting())
    except Invalid as refused:
        put(form, refused)
        return _ticket(found, form), 422
    flash(_("Answered."), "ok")
    return redirect(url_for("students.tickets_index"), 303)


def _ticket(found: Ticket, form: AnswerForm) -> str:
    if found.student is not None:
        audit.looked([(found.student.id, queries.is_minor(found.student))], by=acting(), what="student's page")
    return render_template("students/ticket.html", ticket=found, form=form, kinds=TICKETS, fields=FIELDS, made=service.READABLE)
