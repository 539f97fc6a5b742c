"""Pages of imports: template, upload, check, result."""

from __future__ import annotations

import io
import uuid
from typing import Any

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, send_file, url_for

from consortium.imports import queries, service
from consortium.imports.forms import UploadForm
from consortium.imports.kinds import KINDS, VERDICTS, ImportKind
from consortium.imports.models import APPLYING, READING, Upload
from consortium.imports.wording import refusal, trouble
from consortium.shared.access import COLLEGE_OFFICE
from consortium.shared.errors import NotFound
from consortium.shared.files import FileRefused
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import joined, labelled, language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import REASONS, XLSX, write_workbook
from consortium.shared.tasks import QUARANTINED, QUEUED
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("imports", __name__)
pages.menu(_l("Import"), "index", icon="upload", order=30, roles=COLLEGE_OFFICE)

DIGITS_LOST = frozenset({"number-cell", "formula"})  # as text such a cell would pass for right: it comes back empty


@pages.get("/imports", ability="imports.read")
def index() -> Any:
    """Upload a roster; earlier uploads."""
    return _index(UploadForm())


@pages.post("/imports", ability="imports.upload", creates=True)
def upload() -> Any:
    """Take the file in; the worker reads it."""
    form = UploadForm()
    if not form.validate():
        return _index(form), 422
    sent = form.file.data
    try:
        row = service.upload(acting(), _kind().name, sent.filename or "", sent.read(), current_app.config["ID_KEY"])
    except FileRefused as refused:
        form.file.errors = [refusal(refused.code, refused.facts)]
        return _index(form), 422
    return redirect(url_for("imports.show", id=row.public_id), 303)


@pages.get("/imports/template/<kind>", ability="imports.read")
def template(kind: str) -> Any:
    """The workbook to fill in, made from the schema that the reader uses."""
    if kind not in KINDS:
        raise NotFound
    return _file(KINDS[kind].template(language()), f"consortium-{kind}.xlsx")


@pages.get("/imports/<uuid:id>", ability="imports.read")
def show(id: uuid.UUID) -> Any:
    """How far it is, what was found, what to do."""
    row = queries.reachable(acting(), id)
    kind = KINDS[row.kind]
    verdict = request.args.get("verdict", "")
    verdict = verdict if verdict in VERDICTS else ""
    waiting = _waiting(row)
    return render_template(
        "imports/show.html", upload=row, groups=[(column, *kind.say(code), n, cases) for column, code, n, cases in queries.grouped(row)],
        rows=queries.rows(row, verdict, request.args.get("page", 1, int)), verdict=verdict, say=kind.say, trouble=trouble(row.trouble),
        said=refusal(row.refusal["code"], row.refusal.get("facts", {})) if row.refusal else "",
        progress=queries.progress(row), waiting=waiting, pace=_pace(row) if waiting else "",
    )  # fmt: skip


@pages.get("/imports/<uuid:id>/progress", ability="imports.read")
def progress(id: uuid.UUID) -> Any:
    """For the page that waits: real counts of rows, the pace, and where to go when it is over."""
    row = queries.reachable(acting(), id)
    now = queries.progress(row)
    waiting = _waiting(row)
    return jsonify(
        done=now.done, total=now.total, state=row.stage, label=_pace(row) if waiting else None, url=None if waiting else url_for("imports.show", id=id)
    )


@pages.get("/imports/<uuid:id>/rows-to-mend", ability="imports.read")
def rows_to_mend(id: uuid.UUID) -> Any:
    """The faulty rows as they came, with what is wrong; may be uploaded again once they are mended."""
    row = queries.reachable(acting(), id)
    kind = KINDS[row.kind]
    header = row.columns.get("header", [])
    places = [place for place, name in enumerate(header) if name != REASONS]
    named = kind.named(header)
    lines, marked, between = [], {}, "" if language() == "zh" else " "
    for number, one in enumerate(queries.faulty(row)):
        cells = service.original(one, current_app.config["ID_KEY"])
        lost = {p["column"] for p in one.problems if p["code"] in DIGITS_LOST}
        line = ["" if place >= len(cells) or named.get(place) in lost else cells[place] for place in places]
        told = joined((labelled(p["column"], f"{what}{between}{how}".strip()) for p in one.problems for what, how in [kind.say(p["code"])]), "; ")
        lines.append([*line, _("Row %(n)d: %(what)s", n=one.row_no, what=told)])
        faulty = {p["column"] for p in one.problems}
        marked[number] = [at for at, place in enumerate(places) if named.get(place) in faulty]
    return _file(write_workbook("待修改", [*(header[place] for place in places), REASONS], lines, marked=marked), "rows-to-mend.xlsx")


@pages.post("/imports/<uuid:id>/application", ability="imports.apply")
def apply(id: uuid.UUID) -> Any:
    """Import the good rows (or all or none)."""
    row = queries.reachable(acting(), id)
    service.ask_to_apply(row, all_or_none=request.form.get("all_or_none") == "1", by=acting())
    flash(_("The import has begun. Nobody is notified by it."), "ok")
    return redirect(url_for("imports.show", id=id), 303)


def _waiting(row: Upload) -> bool:
    return row.stage in (READING, APPLYING) and row.state != QUARANTINED


def _pace(row: Upload) -> str:
    now = queries.progress(row)
    if row.state == QUEUED and not now.done:
        return _("Waiting for a worker.")
    if row.stage == READING:
        return _("The rows are being checked.")
    if now.per_second is None or now.seconds_left is None:
        return _("The rows are being written.")
    return _("%(n)s rows a second, about %(s)s s left.", n=round(now.per_second), s=now.seconds_left)


def _kind() -> ImportKind:
    return KINDS["students"]


def _index(form: UploadForm) -> str:
    return render_template("imports/index.html", form=form, kind=_kind(), listing=queries.uploads(acting(), request.args.get("page", 1, int)))


def _file(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)


