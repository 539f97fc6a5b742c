"""Pages of exports: which columns, and the file."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for

from consortium.imports import queries as imports
from consortium.imports import service as uploads
from consortium.positions import queries, service
from consortium.positions.views.place import pages
from consortium.shared.errors import Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.spreadsheet import XLSX
from consortium.web.gate import acting

FILTERS = ("state", "kind", "query")


@pages.get("/positions/export", ability="positions.export")
def export() -> Any:
    """Exactly the list that the filter shows, with the chosen columns."""
    csv = request.args.get("format") == "csv"
    fields = imports.export_columns(acting(), "positions", service.EXPORTED, service.SHAPES, request.args)
    data = service.exported(acting(), queries.every(acting(), **asked_for()), fields, csv)
    return send_file(io.BytesIO(data), mimetype="text/csv" if csv else XLSX, as_attachment=True, download_name=f"posts.{'csv' if csv else 'xlsx'}")


@pages.get("/positions/exports", ability="positions.export")
def exports() -> Any:
    """Which columns an export has: ready-made, one's own, or chosen one by one."""
    return _exports([])


@pages.post("/positions/exports", ability="positions.save-columns")
def save_columns() -> Any:
    """Keep the chosen columns under a name, or download with them."""
    fields = imports.export_columns(acting(), "positions", service.EXPORTED, service.SHAPES, request.form)
    if not request.form.get("keep"):
        return redirect(url_for("positions.export", **imports.carried(request.form, fields, FILTERS)), 303)
    try:
        kept = uploads.save_columns(acting(), "positions", request.form.get("name", ""), fields)
    except Invalid as refused:
        return _exports([one for said in refused.fields.values() for one in said]), 422
    flash(_("Kept."), "ok")
    return redirect(url_for("positions.exports", set=kept.name), 303)


def asked_for() -> dict[str, str]:
    """By what the list is narrowed."""
    return {name: request.values.get(name, "").strip()[:80] for name in FILTERS}


def _exports(wrong: list[Any]) -> str:
    actor = acting()
    asked: dict[str, Any] = {name: value for name, value in asked_for().items() if value}
    fields = imports.export_columns(actor, "positions", service.EXPORTED, service.SHAPES, request.values)
    notes = {"list": (_("The list"), ""), "register": (_("Everything about these posts"), _("may be changed and uploaded again"))}
    return render_template(
        "imports/export.html", title=_("Posts"), list_url=url_for("positions.index", **asked), available=service.EXPORTED, asked=asked, wrong=wrong,
        chosen={field: (number, heading) for number, (field, heading) in enumerate(fields, 1)}, sets=imports.column_sets(actor, "positions"),
        shapes=[(url_for("positions.export", shape=name, **asked), *words) for name, words in notes.items()], endpoint="positions.export",
        page_endpoint="positions.exports", set_name=request.values.get("set", ""),
    )  # fmt: skip
