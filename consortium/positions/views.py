"""Pages of posts, and of the rules they are judged by."""

from __future__ import annotations

import io
import uuid
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for

from consortium.compliance import queries as mentors
from consortium.compliance import wording as compliance
from consortium.imports import queries as imports
from consortium.imports import service as uploads
from consortium.organisations import queries as organisations
from consortium.positions import queries, service
from consortium.positions.forms import PositionForm
from consortium.positions.lifecycle import OPEN
from consortium.positions.models import Position
from consortium.reference import law, majors, occupations, places
from consortium.shared.access import COLLEGE, ENTERPRISE, ZONE, Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import XLSX
from consortium.skills import queries as skills
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("positions", __name__)
FILTERS = ("state", "kind", "query")
pages.menu(_l("Posts"), "index", icon="post", order=20, roles=ENTERPRISE)
pages.menu(_l("Posts"), "index", icon="post", order=30, roles=ZONE | COLLEGE)


@pages.get("/positions", ability="positions.list")
def index() -> Any:
    """Posts within reach."""
    asked = _asked()
    listing = queries.listing(acting(), request.args.get("page", 1, int), **asked)  # type: ignore[arg-type]
    return render_template("positions/index.html", listing=listing, asked=asked, own=acting().tenant_kind is TenantKind.ENTERPRISE)


@pages.get("/positions/export", ability="positions.export")
def export() -> Any:
    """Exactly the list that the filter shows, with the chosen columns."""
    csv = request.args.get("format") == "csv"
    fields = imports.export_columns(acting(), "positions", service.EXPORTED, service.SHAPES, request.args)
    data = service.exported(acting(), queries.every(acting(), **_asked()), fields, csv)
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


@pages.get("/positions/new", ability="positions.write-form")
def new() -> Any:
    """A new post."""
    return _page(_form(), None)


@pages.post("/positions", ability="positions.write", creates=True)
def create() -> Any:
    """Save as a draft, or publish at once."""
    form = _form()
    if not form.validate():
        return _page(form, None), 422
    try:
        position = service.create(acting(), form.told())
        if request.form.get("publish"):
            service.publish(position, by=acting())
    except Invalid as error:
        db.session.rollback()
        return _page(_with_errors(form, error), None), 422
    flash(_("Published. Candidates are being worked out.") if position.state == OPEN else _("Saved as a draft."), "ok")
    return redirect(url_for("positions.show", id=position.public_id), 303)


@pages.get("/positions/<uuid:id>", ability="positions.read")
def show(id: uuid.UUID) -> Any:
    """One post; a student is led to why it fits."""
    actor, position = acting(), queries.reachable(acting(), id)
    if actor.role is Role.STUDENT:
        return redirect(url_for("proposals.match", id=id))
    judged = actor.tenant_kind in (TenantKind.ENTERPRISE, TenantKind.ZONE)
    order = {0: 0, -1: 1, 1: 2}
    rest = law.holidays_between(position.start_on, position.end_on) if position.kind == "internship" else []
    return render_template(
        "positions/show.html", p=position, enterprise=organisations.enterprise_of(position.tenant_id), occupations=occupations, places=places,
        law=law, lang=language(), verdicts=sorted(queries.judge(position), key=lambda v: order[v.state]) if judged else [],
        share=queries.share_of(position) if judged else None, labels=labels(position), source=compliance.source,
        when=queries.told_on([position])[position.id] if judged else {}, mentors=mentors.mentors_of_post(position.public_id) if judged else [], rest=rest,
    )  # fmt: skip


@pages.get("/positions/<uuid:id>/edit", ability="positions.write-form")
def edit_form(id: uuid.UUID) -> Any:
    """Change a post."""
    position = queries.reachable(acting(), id)
    return _page(_filled(position), position)


@pages.post("/positions/<uuid:id>/edit", ability="positions.write")
def edit(id: uuid.UUID) -> Any:
    """Save; a stale form gets both versions."""
    position, form = queries.reachable(acting(), id), _form()
    if not form.validate():
        return _page(form, position), 422
    form.refuse_if_stale(position)
    try:
        service.edit(position, form.told(), by=acting())
        if request.form.get("publish") and position.state != OPEN:
            service.publish(position, by=acting())
    except Invalid as error:
        db.session.rollback()
        return _page(_with_errors(form, error), queries.reachable(acting(), id)), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("positions.show", id=id), 303)


@pages.post("/positions/<uuid:id>/publication", ability="positions.write")
def publish(id: uuid.UUID) -> Any:
    """Open it to students; what the law forbids is told at the form, beside the fields."""
    position = queries.reachable(acting(), id)
    try:
        service.publish(position, by=acting())
    except Invalid as error:
        db.session.rollback()
        position = queries.reachable(acting(), id)
        return _page(_with_errors(_filled(position), error), position), 422
    flash(_("Published. Candidates are being worked out."), "ok")
    return redirect(url_for("positions.show", id=id), 303)


@pages.post("/positions/<uuid:id>/pause", ability="positions.write")
def pause(id: uuid.UUID) -> Any:
    """Take no more applications for now."""
    service.pause(queries.reachable(acting(), id), by=acting())
    return redirect(url_for("positions.show", id=id), 303)


@pages.post("/positions/<uuid:id>/closure", ability="positions.write")
def close(id: uuid.UUID) -> Any:
    """End it."""
    service.close(queries.reachable(acting(), id), by=acting())
    return redirect(url_for("positions.show", id=id), 303)


@pages.post("/positions/<uuid:id>/copies", ability="positions.write", creates=True)
def copy(id: uuid.UUID) -> Any:
    """A new draft like it."""
    made = service.copied(queries.reachable(acting(), id), by=acting())
    return redirect(url_for("positions.edit_form", id=made.public_id), 303)


def _names(form: PositionForm) -> dict[str, dict[str, str]]:
    """What the codes in a form mean, in the reader's language."""
    lang, known = language(), skills.by_codes([*(form.must.data or []), *(form.nice.data or [])])
    accepted = {code: code if ":" in code else f"M:{code}" for code in form.majors.data or []}
    occupation, place = form.occupation_code.data or "", form.place_code.data or ""
    return {
        "occupation_code": {occupation: occupations.name(occupation)},
        "place_code": {place: places.name(place)},
        "majors": {typed: majors.accepted_label(code, lang) for typed, code in accepted.items() if majors.category_of(code)},
        "must": {code: known[code].name.to(lang) for code in form.must.data or [] if code in known},
        "nice": {code: known[code].name.to(lang) for code in form.nice.data or [] if code in known},
    }


def labels(position: Position) -> dict[str, list[str]]:
    """Names of what a post accepts and asks for, in the reader's language."""
    lang = language()
    accepted = [{"major": "M:", "class": "C:", "category": "G:"}[m.depth] + m.code for m in position.majors]
    return {
        "majors": [majors.accepted_label(code, lang) for code in accepted],
        "level": [majors.LEVELS_EN.get(position.level_least, "") if lang == "en" else position.level_least],
        "must": [s.skill.name.to(lang) for s in position.skills if s.must],
        "nice": [s.skill.name.to(lang) for s in position.skills if not s.must],
        "hazards": [law.hazards()[tag].name(lang) for tag in position.hazards if tag in law.hazards()],
    }


def _asked() -> dict[str, str]:
    return {name: request.values.get(name, "").strip()[:80] for name in FILTERS}


def _exports(wrong: list[Any]) -> str:
    actor = acting()
    asked: dict[str, Any] = {name: value for name, value in _asked().items() if value}
    fields = imports.export_columns(actor, "positions", service.EXPORTED, service.SHAPES, request.values)
    notes = {"list": (_("The list"), ""), "register": (_("Everything about these posts"), _("may be changed and uploaded again"))}
    return render_template(
        "imports/export.html", title=_("Posts"), list_url=url_for("positions.index", **asked), available=service.EXPORTED, asked=asked, wrong=wrong,
        chosen={field: (number, heading) for number, (field, heading) in enumerate(fields, 1)}, sets=imports.column_sets(actor, "positions"),
        shapes=[(url_for("positions.export", shape=name, **asked), *words) for name, words in notes.items()], endpoint="positions.export",
        page_endpoint="positions.exports", set_name=request.values.get("set", ""),
    )  # fmt: skip


def _form() -> PositionForm:
    return PositionForm().offer(organisations.families_of(acting().tenant_id))


def _filled(position: Position) -> PositionForm:
    form = PositionForm(formdata=None, obj=position).offer(organisations.families_of(acting().tenant_id))
    return form.show(position)


def _with_errors(form: PositionForm, error: Invalid) -> PositionForm:
    for name, said in error.fields.items():
        field = form[name] if name in form else form.title  # noqa: SIM401 (a form has no get)
        field.errors = [*field.errors, *(str(s) for s in said)]
    return form


def _page(form: PositionForm, position: Position | None) -> str:
    form.explain(_names(form))
    families = organisations.families_of(acting().tenant_id)
    share = queries.share_of(position) if position else None
    return render_template(
        "positions/form.html", form=form, position=position, families=families, enterprise=organisations.enterprise_of(acting().tenant_id), share=share
    )
