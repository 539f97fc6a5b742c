"""Resources of imports."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, request

from consortium.imports import queries, service
from consortium.imports.models import Upload
from consortium.imports.schemas import ApplyIn, RowOut, UploadOut
from consortium.imports.wording import refusal
from consortium.shared.errors import Invalid
from consortium.shared.files import FileRefused
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("imports", __name__, tag="Imports")


@resources.get("/imports", ability="imports.read")
@resources.input(PageQuery, location="query")
@resources.output(list[UploadOut])
def uploads(query_data: PageQuery) -> Any:
    """Uploads of one's own organisation."""
    return [_out(row) for row in queries.uploads(acting(), query_data.page, query_data.size).rows]


@resources.post("/imports", ability="imports.upload", creates=True)
@resources.output(UploadOut, status_code=201)
def upload() -> Any:
    """Upload a roster of students as multipart field `file`."""
    sent = request.files.get("file")
    if sent is None:
        raise Invalid({"file": [_l("Choose a file first.")]})
    try:
        return _out(service.upload(acting(), "students", sent.filename or "", sent.read(), current_app.config["ID_KEY"]))
    except FileRefused as refused:
        raise Invalid({"file": [refusal(refused.code, refused.facts)]}) from None


@resources.get("/imports/<uuid:id>", ability="imports.read")
@resources.output(UploadOut)
def one(id: uuid.UUID) -> Any:
    """How far it is."""
    return _out(queries.reachable(acting(), id))


@resources.get("/imports/<uuid:id>/rows", ability="imports.read", reach=queries.reachable)
@resources.input(PageQuery, location="query")
@resources.output(list[RowOut])
def rows(id: uuid.UUID, query_data: PageQuery) -> Any:
    """Its rows: verdict and problems."""
    found = queries.rows(queries.reachable(acting(), id), "", query_data.page, query_data.size).rows
    return [RowOut(row_no=r.row_no, verdict=r.verdict, problems=r.problems) for r in found]


@resources.post("/imports/<uuid:id>/application", ability="imports.apply", reach=queries.reachable)
@resources.input(ApplyIn, location="json")
@resources.output({}, status_code=202)
def apply(id: uuid.UUID, json_data: ApplyIn) -> Any:
    """Import the good rows."""
    service.ask_to_apply(queries.reachable(acting(), id), all_or_none=json_data.all_or_none, by=acting())
    return ""


def _out(row: Upload) -> UploadOut:
    return UploadOut(
        id=row.public_id, filename=row.filename, at=row.created_at, stage=row.stage, state=row.state, counts=row.counts,
        refusal=refusal(row.refusal["code"], row.refusal.get("facts", {})) if row.refusal else "",
    )  # fmt: skip
