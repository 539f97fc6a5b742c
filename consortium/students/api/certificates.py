"""Resources about the papers of certificates, and about who may see what."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, request

from consortium.shared import audit
from consortium.shared.access import Role
from consortium.shared.errors import Invalid
from consortium.shared.files import FileRefused
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, service
from consortium.students.api import resources
from consortium.students.models import Evidence
from consortium.students.schemas import PaperDecisionIn, PaperOut, VisibilityIn
from consortium.students.wording import paper_refusal
from consortium.web.gate import acting
from consortium.web.resources import PageQuery


@resources.post("/me/certificates/<code>/evidence", ability="students.edit-own")
@resources.output(PaperOut, status_code=201)
def send_evidence(code: str) -> Any:
    """Send the paper of one of one's certificates as multipart field `file`."""
    actor, sent = acting(), request.files.get("file")
    if sent is None:
        raise Invalid({"file": [_l("Choose a file first.")]})
    try:
        return _out(service.send_evidence(queries.student_of(actor), code, sent.filename or "", sent.read(), current_app.config["ID_KEY"], by=actor))
    except FileRefused as refused:
        raise Invalid({"file": [paper_refusal(refused.code)]}) from None


@resources.get("/me/visibility", ability="students.own")
@resources.output(VisibilityIn)
def seen() -> Any:
    """Who may see what, as it stands."""
    student = queries.student_of(acting())
    return VisibilityIn(withheld=student.withheld)


@resources.post("/me/visibility", ability="students.edit-own")
@resources.input(VisibilityIn, location="json")
@resources.output(VisibilityIn)
def visibility(json_data: VisibilityIn) -> Any:
    """Who may see what."""
    actor = acting()
    student = queries.student_of(actor)
    service.show(student, withheld=json_data.withheld, by=actor)
    return VisibilityIn(withheld=student.withheld)


@resources.get("/certificates", ability="students.papers")
@resources.input(PageQuery, location="query")
@resources.output(list[PaperOut])
def papers(query_data: PageQuery) -> Any:
    """Papers that wait for the college."""
    return [_out(one) for one in queries.papers(acting(), query_data.page, size=query_data.size).rows]


@resources.get("/certificates/<uuid:id>", ability="students.read-paper")
@resources.output(PaperOut)
def paper(id: uuid.UUID) -> Any:
    """What is known of one paper; a look of the college is logged."""
    actor = acting()
    found = queries.reachable_evidence(actor, id)
    if actor.role is not Role.STUDENT:
        student = found.held.student
        audit.looked([(student.id, queries.is_minor(student))], by=actor, what="certificate", through=found)
    return _out(found)


@resources.post("/certificates/<uuid:id>/decision", ability="students.decide-paper", reach=queries.reachable_evidence)
@resources.input(PaperDecisionIn, location="json")
@resources.output(PaperOut)
def decide_paper(id: uuid.UUID, json_data: PaperDecisionIn) -> Any:
    """Verified, or refused with a reason."""
    found = queries.reachable_evidence(acting(), id)
    service.decide_evidence(found, json_data.verdict, by=acting(), reason=json_data.reason, version=json_data.version)
    return _out(found)


def _out(one: Evidence) -> PaperOut:
    return PaperOut(
        id=one.public_id, student=one.held.student.public_id, skill=one.held.skill.code, state=one.state, kind=one.kind, size=one.size, reason=one.reason,
        version=one.version,
    )  # fmt: skip
