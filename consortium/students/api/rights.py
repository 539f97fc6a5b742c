"""Resources of one's own rights: a copy, corrections, objection, a person, erasure, and the first steps."""

from __future__ import annotations

import json
from typing import Any

from flask import current_app

from consortium.shared import retention
from consortium.shared.access import PUBLIC
from consortium.shared.i18n import language
from consortium.students import queries, rules, service
from consortium.students.api import resources
from consortium.students.models import Ticket
from consortium.students.schemas import (
    CorrectionIn,
    ErasureOut,
    FirstAnswersIn,
    MatterIn,
    ObjectionIn,
    PurposesIn,
    RetentionOut,
    TicketOut,
)
from consortium.web.gate import acting


@resources.get("/me/data", ability="students.rights")
def copy_of_my_data() -> Any:
    """Everything that is kept about oneself, by kind."""
    student = queries.student_of(acting())
    return json.loads(service.as_json(student, service.everything_about(student)))


@resources.get("/me/tickets", ability="students.rights")
@resources.output(list[TicketOut])
def my_tickets() -> Any:
    """What one asked the school."""
    return [told(one) for one in queries.tickets_about(queries.student_of(acting()))]


@resources.post("/me/corrections", ability="students.use-rights", creates=True)
@resources.input(CorrectionIn, location="json")
@resources.output(TicketOut, status_code=201)
def ask_for_correction(json_data: CorrectionIn) -> Any:
    """Ask the college to put a fact of the register right."""
    student = queries.student_of(acting())
    return told(service.ask_for_correction(student, json_data.about, json_data.wanted, json_data.reason, by=acting()))


@resources.post("/me/questions", ability="students.use-rights", creates=True)
@resources.input(MatterIn, location="json")
@resources.output(TicketOut, status_code=201)
def ask_a_person(json_data: MatterIn) -> Any:
    """Ask for a person to look."""
    return told(service.ask_a_person(queries.student_of(acting()), json_data.matter, by=acting()))


@resources.post("/me/objection", ability="students.use-rights")
@resources.input(ObjectionIn, location="json")
@resources.output({}, status_code=204)
def object_to_matching(json_data: ObjectionIn) -> Any:
    """Object to automatic matching, or take the objection back."""
    student = queries.student_of(acting())
    (service.object_to_matching if json_data.object else service.allow_matching)(student, by=acting())
    return ""


@resources.get("/me/erasure", ability="students.rights")
@resources.output(ErasureOut)
def erasing() -> Any:
    """What stands against erasing now."""
    against = [f"{why} {how}" for why, how in service.objections(queries.student_of(acting()))]
    return ErasureOut(against=against, backups_days=service.backups_until().days)


@resources.post("/me/erasure", ability="students.use-rights")
@resources.output({}, status_code=204)
def erase() -> Any:
    """Erase oneself, at once and for good."""
    service.erase(queries.student_of(acting()), by=acting())
    return ""


@resources.post("/welcome/consents", ability="students.consent")
@resources.input(PurposesIn, location="json")
@resources.output({}, status_code=204)
def decide(json_data: PurposesIn) -> Any:
    """The answers of the first page."""
    service.decide(queries.student_of(acting()), [one for one in json_data.purposes if one in rules.FIRST_PURPOSES], by=acting())
    return ""


@resources.post("/welcome/questions", ability="students.edit-own")
@resources.input(FirstAnswersIn, location="json")
@resources.output({}, status_code=204)
def answer(json_data: FirstAnswersIn) -> Any:
    """The three answers of the first sign-in."""
    service.answer_questions(queries.student_of(acting()), **json_data.model_dump(), by=acting())
    return ""


@resources.post("/welcome/guardian", ability="students.use-rights")
@resources.output({}, status_code=204)
def ask_guardian() -> Any:
    """Send the guardian a link again."""
    service.ask_guardian(queries.student_of(acting()), by=acting(), base_url=current_app.config["PUBLIC_URL"], language=language())
    return ""


@resources.get("/retention", ability=PUBLIC)
@resources.output(list[RetentionOut])
def kept() -> Any:
    """How long what is kept, and why."""
    return [RetentionOut(name=one.name, what=str(one.what), days=one.days, since=str(one.since), why=str(one.why)) for one in retention.TABLE]


def told(one: Ticket) -> TicketOut:
    """A question as the API tells it."""
    return TicketOut(
        id=one.public_id, kind=one.kind, state=one.state, about=one.about, wanted=one.wanted, reason=one.reason, due_on=one.due_on, answer=one.answer,
        asked_by=one.student.name if one.student else one.asker,
    )  # fmt: skip
