"""Pages of imports: template, upload, check, result."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, send_file, url_for

from consortium.imports import columns as cols
from consortium.imports import queries, service
from consortium.imports.access import OFFICES
from consortium.imports.forms import UploadForm
from consortium.imports.kinds import CONFLICT, KINDS, VERDICTS, ImportKind, Plan, kind_of
from consortium.imports.models import APPLYING, READING, UNDOING, Upload
from consortium.imports.wording import MODES, refusal, trouble
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.files import MOST_ROWS, FileRefused
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import joined, labelled, language, ngettext
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import REASONS, XLSX, plain, write_csv, write_workbook
from consortium.shared.tasks import QUARANTINED, QUEUED
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("imports", __name__)
pages.menu(_l("Import"), "index", icon="upload", order=30, roles=OFFICES)

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
        row = service.upload(acting(), _kind().name, sent.filename or "", sent.read(), current_app.config["ID_KEY"], form.mode.data or "both")
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
    """How far it is, what was found, what to decide."""
    return _show(queries.reachable(acting(), id), {})


@pages.post("/imports/<uuid:id>/plan", ability="imports.apply")
def plan(id: uuid.UUID) -> Any:
    """Decide about columns, unknown words, mode or own edits; the file is read again."""
    row = queries.reachable(acting(), id)
    try:
        service.decide(row, _decided(row), by=acting())
    except Invalid as refused:
        return _show(queries.reachable(acting(), id), refused.fields), 422
    return redirect(url_for("imports.show", id=id), 303)


@pages.post("/imports/<uuid:id>/decisions", ability="imports.apply")
def decisions(id: uuid.UUID) -> Any:
    """Decide rows in conflict: the file's values, or what is there."""
    row = queries.reachable(acting(), id)
    numbers = [int(told) for told in request.form.getlist("rows") if told.isdigit()]
    done, left = service.settle(row, numbers, take=request.form.get("take") == "file", key=current_app.config["ID_KEY"], by=acting())
    flash(ngettext("%(num)s row was decided.", "%(num)s rows were decided.", done), "ok")
    if left:
        flash(ngettext("%(num)s row can only be mended in the file.", "%(num)s rows can only be mended in the file.", left), "warn")
    return redirect(url_for("imports.show", id=id, verdict=CONFLICT) + "#rows", 303)


@pages.get("/imports/<uuid:id>/reversal", ability="imports.read")
def reversal(id: uuid.UUID) -> Any:
    """What an undo would do, before it is done."""
    row = queries.reachable(acting(), id)
    why = queries.why_not_undo(row)
    goes, returns, stay = service.undo_told(row, current_app.config["ID_KEY"]) if why is None else (0, 0, [])
    return render_template("imports/reversal.html", upload=row, why=why, goes=goes, returns=returns, stay=stay, say=KINDS[row.kind].say)


@pages.post("/imports/<uuid:id>/reversal", ability="imports.apply")
def undo(id: uuid.UUID) -> Any:
    """Take an import back."""
    service.ask_to_undo(queries.reachable(acting(), id), by=acting())
    return redirect(url_for("imports.show", id=id), 303)


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
    places = [place for place, name in enumerate(header) if plain(name) != plain(REASONS)]
    named = kind.named(header, service.plan_of(row))
    lines, marked, between = [], {}, "" if language() == "zh" else " "
    for number, one in enumerate(queries.faulty(row)):
        cells = service.original(one, current_app.config["ID_KEY"])
        lost = {p["column"] for p in one.problems if p["code"] in DIGITS_LOST}
        line = ["" if place >= len(cells) or named.get(place) in lost else cells[place] for place in places]
        told = joined((labelled(p["column"], f"{what}{between}{how}".strip()) for p in one.problems for what, how in [kind.say(p["code"])]), "; ")
        lines.append([*line, _("Row %(n)d: %(what)s", n=one.row_no, what=told)])
        faulty = {p["column"] for p in one.problems}
        marked[number] = [at for at, place in enumerate(places) if named.get(place) in faulty]
    names = [*(header[place] for place in places), REASONS]
    if len(lines) > MOST_ROWS:  # more than a workbook may bring back
        return send_file(io.BytesIO(write_csv(names, lines)), mimetype="text/csv", as_attachment=True, download_name="rows-to-mend.csv")
    return _file(write_workbook("待修改", names, lines, marked=marked), "rows-to-mend.xlsx")


@pages.post("/imports/<uuid:id>/application", ability="imports.apply")
def apply(id: uuid.UUID) -> Any:
    """Import the good rows (or all or none)."""
    row = queries.reachable(acting(), id)
    service.ask_to_apply(row, all_or_none=request.form.get("all_or_none") == "1", by=acting())
    flash(_("The import has begun. Nobody is notified by it."), "ok")
    return redirect(url_for("imports.show", id=id), 303)


def _waiting(row: Upload) -> bool:
    return row.stage in (READING, APPLYING, UNDOING) and row.state != QUARANTINED


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
    return kind_of(acting())


def _decided(row: Upload) -> dict[str, Any]:
    """What the form at hand decides: only what it names."""
    told: dict[str, Any] = {}
    about = request.form.get("about", "")
    if about == "columns":
        told["columns"] = {str(place): request.form.get(f"column-{place}", "") for place in range(len(row.columns.get("header", [])))}
    elif about == "answers":
        answers: dict[str, dict[str, str]] = {}
        for number, (field, key, _n) in enumerate(row.columns.get("asked", [])):
            typed = request.form.get(f"typed-{number}", "").strip() or request.form.get(f"picked-{number}", "")
            answers.setdefault(field, {})[key] = typed[:60]
        told["answers"] = answers
    elif about == "override":
        told["override"] = request.form.getlist("override")
    elif about == "mode":
        told["mode"] = request.form.get("mode", "")
    return told


def _index(form: UploadForm) -> str:
    return render_template(
        "imports/index.html", form=form, kind=_kind(), listing=queries.uploads(acting(), request.args.get("page", 1, int)),
        list_url=url_for(_kind().list_endpoint),
    )  # fmt: skip


def _show(row: Upload, wrong: dict[str, list[Any]]) -> str:
    kind, key = KINDS[row.kind], current_app.config["ID_KEY"]
    verdict = request.args.get("verdict", "")
    verdict = verdict if verdict in VERDICTS else ""
    waiting = _waiting(row)
    decided = service.plan_of(row)
    listing = queries.rows(row, verdict, request.args.get("page", 1, int))
    fields = {column.field: column for column in kind.schema}
    return render_template(
        "imports/show.html", upload=row, kind=kind, wrong=wrong, verdict=verdict, say=kind.say, trouble=trouble(row.trouble), rows=listing, fields=fields,
        groups=[(column, *kind.say(code), n, cases) for column, code, n, cases in queries.grouped(row)],
        differences=service.differences(row, listing.rows, key), modes=MODES, mode=decided.mode, override=decided.override,
        columns=_columns(kind, row, decided, key), asked=_asked(kind, row), undo_until=queries.undo_until(row),
        said=refusal(row.refusal["code"], row.refusal.get("facts", {})) if row.refusal else "", progress=queries.progress(row), waiting=waiting,
        pace=_pace(row) if waiting else "", sent=request.form, back=queries.taken_back(row), list_url=url_for(kind.list_endpoint),
    )  # fmt: skip


def _columns(kind: ImportKind, row: Upload, plan: Plan, key: str) -> list[tuple[int, str, str, bool, list[str]]]:
    """Each column of the file: place, name, field it is read as, whether that is only a suggestion, examples."""
    header, suggested = row.columns.get("header", []), row.columns.get("suggested", {})
    known = cols.mapping(kind.schema, header, plan.columns)
    sample = service.sample(row, key)
    found = []
    for place, name in enumerate(header):
        if plain(name) == plain(REASONS):
            continue
        guess = str(place) in suggested and place not in known and place not in plan.columns
        field = known[place].field if place in known else suggested[str(place)] if guess else ""
        masked = place in known and known[place].masked
        hidden = re.compile(r".*" if masked else r"\d{11}|\d{17}[\dXx]")  # phones and identity numbers, whatever the column is called
        examples = [line[place] for line in sample if place < len(line) and line[place]]
        found.append((place, name, field, guess, [one[:2] + "***" if hidden.fullmatch(one) else one for one in examples]))
    return found


def _asked(kind: ImportKind, row: Upload) -> list[tuple[int, Any, str, int, list[tuple[str, str]]]]:
    """Words that are not known: number, column, word, rows, what they may mean."""
    fields = {column.field: column for column in kind.schema}
    told = enumerate(row.columns.get("asked", []))
    return [(number, fields[field], key, n, kind.suggest(field, key)) for number, (field, key, n) in told if field in fields][:50]


def _file(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)
