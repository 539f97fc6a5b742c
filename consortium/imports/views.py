"""Pages of imports: template, upload, check, result."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, send_file, url_for

from consortium.accounts.wording import ROLE_NAMES, role_name
from consortium.imports import columns as cols
from consortium.imports import queries, service
from consortium.imports.access import OFFICES
from consortium.imports.forms import UploadForm
from consortium.imports.kinds import (
    CONFLICT,
    ENDED,
    KINDS,
    VERDICTS,
    Export,
    ImportKind,
    Plan,
    exportable,
    kind_of,
    kinds_of,
)
from consortium.imports.models import APPLYING, READING, UNDOING, Upload
from consortium.imports.wording import MODES, refusal, trouble
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.files import MOST_ROWS, FileRefused
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import joined, labelled, language, ngettext
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import REASONS, XLSX, plain, write_csv, write_workbook
from consortium.shared.tasks import QUARANTINED, QUEUED
from consortium.web.filters import state_word
from consortium.web.forms import put
from consortium.web.frame import look_words
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("imports", __name__)
pages.menu(_l("Import"), "index", icon="upload", order=30, roles=OFFICES, under=("students.index", "positions.index",))


@pages.get("/imports", ability="imports.read")
def index() -> Any:
    """Upload a roster; earlier uploads."""
    return _index(UploadForm(formdata=None))


@pages.post("/imports", ability="imports.upload", creates=True)
def upload() -> Any:
    """Take the file in; the worker reads it."""
    form = UploadForm().offer(_kind().modes)
    if not form.validate():
        return _index(form), 422
    sent = form.file.data
    try:
        row = service.upload(acting(), _kind().name, sent.filename or "", sent.read(), current_app.config["ID_KEY"], form.mode.data or "both")
    except FileRefused as refused:
        form.file.errors = [refusal(refused.code, refused.facts)]
        return _index(form), 422
    except Invalid as refused:
        put(form, refused)
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


@pages.get("/imports/<uuid:id>/mending", ability="imports.read")
def mending(id: uuid.UUID) -> Any:
    """The wrong cells of a few rows, to be mended in the page."""
    return _mending(queries.reachable(acting(), id))


@pages.post("/imports/<uuid:id>/mending", ability="imports.apply")
def mend(id: uuid.UUID) -> Any:
    """Judge these rows again with what was typed; what is still wrong stays on the page as it was typed."""
    row = queries.reachable(acting(), id)
    told: dict[int, dict[int, str]] = {}
    for name, typed in request.form.items():
        found = re.fullmatch(r"cell-(\d{1,7})-(\d{1,3})", name)
        if found:
            told.setdefault(int(found[1]), {})[int(found[2])] = typed
    good, left = service.mend(row, told, key=current_app.config["ID_KEY"], by=acting())
    if good:
        flash(ngettext("%(num)s row is in order now.", "%(num)s rows are in order now.", good), "ok")
    if left:
        flash(ngettext("%(num)s row is still to be mended.", "%(num)s rows are still to be mended.", left), "warn")
        return redirect(url_for("imports.mending", id=id), 303)
    return redirect(url_for("imports.show", id=id), 303)


@pages.get("/imports/<uuid:id>/reversal", ability="imports.read")
def reversal(id: uuid.UUID) -> Any:
    """What an undo would do, before it is done."""
    row = queries.reachable(acting(), id)
    why = queries.why_not_undo(row)
    goes, returns, stay = service.undo_told(row, current_app.config["ID_KEY"]) if why is None else (0, 0, [])
    return render_template("imports/reversal.html", upload=row, why=why, goes=goes, returns=returns, stay=stay, say=KINDS[row.kind].say, named=_named(KINDS[row.kind]))


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
        lost = {p["column"] for p in one.problems if p["code"] in service.DIGITS_LOST}
        line = ["" if place >= len(cells) or named.get(place) in lost else cells[place] for place in places]
        told = joined((labelled(_named(kind)(p["column"]), f"{what}{between}{how}".strip()) for p in one.problems for what, how in [kind.say(p["code"])]), "; ")
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
    typed = request.form.get("ending", "").strip().replace(",", "")
    try:
        ending = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else None
        service.ask_to_apply(row, all_or_none=request.form.get("all_or_none") == "1", by=acting(), ending=ending)
    except Invalid as refused:
        return _show(queries.reachable(acting(), id), refused.fields), 422
    flash(_("The import has begun. Nobody is notified by it."), "ok")
    return redirect(url_for("imports.show", id=id), 303)


@pages.get("/exports", ability="imports.export")
def exports() -> Any:
    """The lists that may be taken along."""
    actor = acting()
    return render_template("imports/exports.html", exports=[(one, queries.column_sets(actor, one.name)) for one in exportable(actor)])


@pages.get("/exports/<name>", ability="imports.export")
def export(name: str) -> Any:
    """Which columns an export has: ready-made, one's own, or chosen one by one."""
    return _export(queries.export(acting(), name), [])


@pages.post("/exports/<name>", ability="imports.save-columns")
def save_columns(name: str) -> Any:
    """Keep the chosen columns under a name, or download with them; guarded columns come with this very answer, for it is recorded."""
    actor = acting()
    found = queries.export(actor, name)
    fields = queries.export_columns(actor, found, request.form)
    if not request.form.get("keep"):
        if found.guarded & {field for field, _heading in fields}:
            return _table(found, fields, request.form)
        return redirect(url_for("imports.export_file", name=name, **queries.carried(request.form, found.usual(), found.filters)), 303)
    try:
        kept = service.save_columns(actor, name, request.form.get("name", ""), fields)
    except Invalid as refused:
        return _export(found, [one for said in refused.fields.values() for one in said]), 422
    flash(_("Kept."), "ok")
    there: dict[str, Any] = {"name": name, "set": kept.name, **_filters(found)}
    return redirect(url_for("imports.export", **there), 303)


@pages.get("/exports/<name>/file", ability="imports.export")
def export_file(name: str) -> Any:
    """Exactly the list that the filter shows, with the chosen columns."""
    actor = acting()
    found, shape = queries.export(actor, name), request.args.get("shape", "")
    if shape in found.files:
        return _file(found.files[shape](actor, _filters(found)), f"{name}-{shape}.xlsx")
    fields = queries.export_columns(actor, found, request.args)
    if found.guarded & {field for field, _heading in fields}:
        flash(_("These columns leave only with the button below: the download is recorded."), "warn")
        there: dict[str, Any] = {**request.args.to_dict(False), "name": name}
        return redirect(url_for("imports.export", **there), 303)
    return _table(found, fields, request.args)


def _filters(found: Export) -> dict[str, str]:
    return {one: told for one in found.filters if (told := request.values.get(one, "")[:80])}


def _table(found: Export, fields: list[tuple[str, str]], asked: Any) -> Any:
    csv = asked.get("format") == "csv"
    data = service.export_table(acting(), found, fields, _filters(found), csv=csv, word=_word)
    return send_file(io.BytesIO(data), mimetype="text/csv" if csv else XLSX, as_attachment=True, download_name=f"{found.name}.{'csv' if csv else 'xlsx'}")


def _word(code: str) -> str:
    """What a state, a role or a look is called in the reader's language."""
    return role_name(code) if code in ROLE_NAMES else look_words(code) if state_word(code) == code else state_word(code)


def _export(found: Export, wrong: list[Any]) -> str:
    actor, asked = acting(), _filters(found)
    fields = queries.export_columns(actor, found, request.values)
    shapes = [(shape, *(found.notes.get(shape) or (_("The list"), ""))) for shape in [*found.shapes, *found.files]]
    return render_template(
        "imports/export.html", export=found, asked=asked, wrong=wrong, available=found.usual(), sets=queries.column_sets(actor, found.name), shapes=shapes,
        chosen={field: (number, heading) for number, (field, heading) in enumerate(fields, 1)}, set_name=request.values.get("set", "") or request.form.get("name", ""),
        guarded=lambda names: bool(found.guarded & set(names)),
    )  # fmt: skip


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
    return kind_of(acting(), request.values.get("kind", ""))


def _named(kind: ImportKind) -> Callable[[str], str]:
    """A column, which reports call by its Chinese name, in the reader's language."""
    titles = {column.name: column.title for column in kind.schema}
    return lambda name: titles.get(name, name)


def _lacking(kind: ImportKind, row: Upload) -> list[str]:
    """Needed columns that the file has not, and that no column of it looks like."""
    likely = set(row.columns.get("suggested", {}).values())
    return [column.title for column in kind.schema if column.name in row.columns.get("missing", []) and column.field not in likely]


def _mending(row: Upload) -> str:
    kind = KINDS[row.kind]
    return render_template(
        "imports/mending.html", upload=row, rows=service.to_mend(row, current_app.config["ID_KEY"]), say=kind.say, named=_named(kind),
        key=next(column.title for column in kind.schema if column.field == kind.key), most=service.MOST_MENDED,
    )  # fmt: skip


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
    form.offer(_kind().modes)
    return render_template(
        "imports/index.html", form=form, kind=_kind(), kinds=kinds_of(acting()), listing=queries.uploads(acting(), request.args.get("page", 1, int)),
        list_url=url_for(_kind().list_endpoint),
    )  # fmt: skip


def _show(row: Upload, wrong: dict[str, list[Any]]) -> str:
    kind, key = KINDS[row.kind], current_app.config["ID_KEY"]
    verdict = request.args.get("verdict", "")
    verdict = verdict if verdict in (*VERDICTS, ENDED) else ""
    waiting = _waiting(row)
    decided = service.plan_of(row)
    listing = queries.rows(row, verdict, request.args.get("page", 1, int), of_file=True)
    fields = {column.field: column for column in kind.schema}
    return render_template(
        "imports/show.html", upload=row, kind=kind, wrong=wrong, verdict=verdict, say=kind.say, trouble=trouble(row.trouble), rows=listing, fields=fields,
        named=_named(kind), ended=service.ended(row, listing.rows, key), asks_number=service.asks_for_number(row), n_rows=sum(n for name, n in row.counts.items() if name != ENDED),
        can_mend=queries.mendable(row, service.MOST_MENDED), lacking=_lacking(kind, row),
        groups=[(column, *kind.say(code), n, cases) for column, code, n, cases in queries.grouped(row)],
        differences=service.differences(row, listing.rows, key), modes={name: MODES[name] for name in kind.modes}, mode=decided.mode, override=decided.override,
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
    return [(number, fields[field], key, n, kind.suggest(row.tenant_id, field, key)) for number, (field, key, n) in told if field in fields][:50]


def _file(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)
