"""Resources of imports."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, request

from consortium.imports import queries, service
from consortium.imports.columns import headed
from consortium.imports.kinds import BOTH, Export, exportable, kind_of
from consortium.imports.models import Upload
from consortium.imports.schemas import (
    ApplyIn,
    AskedOut,
    ColumnSetIn,
    ColumnSetOut,
    DecisionIn,
    DecisionOut,
    ExportOut,
    FaultyCellOut,
    FaultyOut,
    KeptOut,
    MendIn,
    MendOut,
    PlanIn,
    ReversalOut,
    RowOut,
    UploadOut,
)
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
    """Upload students (colleges) or posts (enterprises) as multipart field `file`, perhaps with a `mode` and a `kind` (students, destinations, positions)."""
    sent = request.files.get("file")
    if sent is None:
        raise Invalid({"file": [_l("Choose a file first.")]})
    try:
        mode = request.form.get("mode", BOTH)
        return _out(service.upload(acting(), kind_of(acting(), request.form.get("kind", "")).name, sent.filename or "", sent.read(), current_app.config["ID_KEY"], mode))
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


@resources.post("/imports/<uuid:id>/plan", ability="imports.apply", reach=queries.reachable)
@resources.input(PlanIn, location="json")
@resources.output({}, status_code=202)
def plan(id: uuid.UUID, json_data: PlanIn) -> Any:
    """Decide about columns, unknown words, mode and own edits; the file is read again."""
    service.decide(queries.reachable(acting(), id), json_data.model_dump(exclude_none=True), by=acting())
    return ""


@resources.post("/imports/<uuid:id>/decisions", ability="imports.apply", reach=queries.reachable)
@resources.input(DecisionIn, location="json")
@resources.output(DecisionOut)
def decisions(id: uuid.UUID, json_data: DecisionIn) -> Any:
    """Decide rows in conflict."""
    found = queries.reachable(acting(), id)
    done, left = service.settle(found, json_data.rows, take=json_data.take, key=current_app.config["ID_KEY"], by=acting())
    return DecisionOut(decided=done, left=left)


@resources.get("/imports/<uuid:id>/mending", ability="imports.read", reach=queries.reachable)
@resources.output(list[FaultyOut])
def mending(id: uuid.UUID) -> Any:
    """The wrong cells of the rows to mend; none where there are more than fifty."""
    found = queries.reachable(acting(), id)
    return [
        FaultyOut(row_no=one.row_no, cells=[FaultyCellOut(place=place, field=column.field, value=text, problems=problems) for place, column, text, problems in one.cells])
        for one in service.to_mend(found, current_app.config["ID_KEY"])
    ]


@resources.post("/imports/<uuid:id>/mending", ability="imports.apply", reach=queries.reachable)
@resources.input(MendIn, location="json")
@resources.output(MendOut)
def mend(id: uuid.UUID, json_data: MendIn) -> Any:
    """Judge the rows to mend again with other texts in their wrong cells; other cells are not touched."""
    told: dict[int, dict[int, str]] = {}
    for cell in json_data.cells:
        told.setdefault(cell.row_no, {})[cell.place] = cell.value
    good, left = service.mend(queries.reachable(acting(), id), told, key=current_app.config["ID_KEY"], by=acting())
    return MendOut(good=good, left=left)


@resources.get("/exports", ability="imports.export")
@resources.output(list[ExportOut])
def exports() -> Any:
    """The lists that may be exported."""
    return [_export(one) for one in exportable(acting())]


@resources.get("/exports/<name>", ability="imports.export")
@resources.output(ExportOut)
def export(name: str) -> Any:
    """One of them: its columns, its ready-made sets, and one's own."""
    return _export(queries.export(acting(), name))


@resources.post("/exports/<name>", ability="imports.save-columns")
@resources.input(ColumnSetIn, location="json")
@resources.output(ColumnSetOut)
def save_columns(name: str, json_data: ColumnSetIn) -> Any:
    """Keep a set of columns of a list; the same name again replaces it."""
    found = queries.export(acting(), name)
    return ColumnSetOut.model_validate(service.save_columns(acting(), found.name, json_data.name, headed(found.usual(), json_data.columns)))


@resources.get("/imports/<uuid:id>/reversal", ability="imports.read", reach=queries.reachable)
@resources.output(ReversalOut)
def reversal(id: uuid.UUID) -> Any:
    """What taking this import back would do."""
    found = queries.reachable(acting(), id)
    why = queries.why_not_undo(found)
    if why is not None:
        return ReversalOut(possible=False, why=str(why), removed=0, restored=0, kept=[])
    goes, returns, stay = service.undo_told(found, current_app.config["ID_KEY"])
    return ReversalOut(possible=True, why="", removed=goes, restored=returns, kept=[KeptOut(row_no=n, column=p.column, code=p.code) for n, p in stay])


@resources.post("/imports/<uuid:id>/reversal", ability="imports.apply", reach=queries.reachable)
@resources.output({}, status_code=202)
def undo(id: uuid.UUID) -> Any:
    """Take this import back; rows used since stay."""
    service.ask_to_undo(queries.reachable(acting(), id), by=acting())
    return ""


@resources.post("/imports/<uuid:id>/application", ability="imports.apply", reach=queries.reachable)
@resources.input(ApplyIn, location="json")
@resources.output({}, status_code=202)
def apply(id: uuid.UUID, json_data: ApplyIn) -> Any:
    """Import the good rows."""
    service.ask_to_apply(queries.reachable(acting(), id), all_or_none=json_data.all_or_none, by=acting(), ending=json_data.ending)
    return ""


def _export(found: Export) -> ExportOut:
    return ExportOut(
        name=found.name, title=str(found.title), columns=found.usual(), shapes={name: list(fields) for name, fields in found.shapes.items()},
        sets=[ColumnSetOut.model_validate(one) for one in queries.column_sets(acting(), found.name)],
    )  # fmt: skip


def _out(row: Upload) -> UploadOut:
    return UploadOut(
        id=row.public_id, filename=row.filename, at=row.created_at, stage=row.stage, state=row.state, counts=row.counts,
        refusal=refusal(row.refusal["code"], row.refusal.get("facts", {})) if row.refusal else "", kind=row.kind,
        mode=row.choices.get("mode", BOTH), columns=row.columns.get("header", []), unread=row.columns.get("unknown", []),
        suggested=row.columns.get("suggested", {}), asked=[AskedOut(field=f, told=t, rows=n) for f, t, n in row.columns.get("asked", [])],
        kept=row.columns.get("kept", {}),
    )  # fmt: skip
