"""Resources of the school's queue of questions, and of guardians' numbers."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app

from consortium.shared import audit
from consortium.shared.i18n import language
from consortium.students import queries, service
from consortium.students.api import resources
from consortium.students.api.rights import told
from consortium.students.schemas import AnswerIn, GuardianIn, TicketOut
from consortium.web.gate import acting
from consortium.web.resources import PageQuery


@resources.get("/tickets", ability="students.tickets")
@resources.input(PageQuery, location="query")
@resources.output(list[TicketOut])
def tickets(query_data: PageQuery) -> Any:
    """What waits for an answer, the most urgent first."""
    rows = queries.tickets(acting(), query_data.page, size=query_data.size).rows
    audit.looked([(t.student_id, queries.is_minor(t.student)) for t in rows if t.student is not None], by=acting(), what="list of students")
    return [told(one) for one in rows]


@resources.get("/tickets/<uuid:id>", ability="students.tickets")
@resources.output(TicketOut)
def ticket(id: uuid.UUID) -> Any:
    """One question."""
    found = queries.reachable_ticket(acting(), id)
    if found.student is not None:
        audit.looked([(found.student.id, queries.is_minor(found.student))], by=acting(), what="student's page")
    return told(found)


@resources.post("/tickets/<uuid:id>/answer", ability="students.answer-ticket", reach=queries.reachable_ticket)
@resources.input(AnswerIn, location="json")
@resources.output(TicketOut)
def answer_ticket(id: uuid.UUID, json_data: AnswerIn) -> Any:
    """Answer it; a granted correction of a plain fact is made with the answer."""
    found = queries.reachable_ticket(acting(), id)
    service.answer_ticket(found, json_data.answer, grant=json_data.grant, by=acting())
    return told(found)


@resources.post("/students/<uuid:id>/guardian", ability="students.guardian", reach=queries.reachable)
@resources.input(GuardianIn, location="json")
@resources.output({}, status_code=204)
def correct_guardian(id: uuid.UUID, json_data: GuardianIn) -> Any:
    """Put a guardian's name and number right, and ask again."""
    student = queries.reachable(acting(), id)
    told_ = (json_data.guardian_name, json_data.guardian_phone)
    service.correct_guardian(student, *told_, by=acting(), base_url=current_app.config["PUBLIC_URL"], language=language())
    return ""
