"""Pages of the three lists: the firm's own rows, what colleges may read, and the zone's view over all."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for

from consortium.organisations import queries as organisations
from consortium.organisations import wording
from consortium.organisations.forms import ListForm, classes_by_category
from consortium.organisations.lifecycle import EDITABLE
from consortium.organisations.models import ListItem
from consortium.organisations.queries import lists as queries
from consortium.organisations.rules import lists as rules
from consortium.organisations.service import lists as service
from consortium.organisations.views import pages
from consortium.reference import industries, majors
from consortium.shared.access import COLLEGE, ENTERPRISE, ZONE
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import XLSX
from consortium.web.forms import options, put
from consortium.web.gate import acting

pages.menu(_l("Three lists"), "lists", icon="post", order=65, roles=ZONE | COLLEGE | ENTERPRISE, under=("organisations.own", "organisations.index",))
FILTERS = ("kind", "state", "industry", "class_key", "q")


@pages.get("/three-lists", ability="organisations.read-lists")
def lists() -> Any:
    """Core products, technology needs, talent needs."""
    actor, asked, lang = acting(), _asked(), language()
    listing = queries.listing(actor, asked, request.args.get("page", 1, int))
    return render_template(
        "organisations/lists.html", listing=listing, asked=asked, counts=queries.counts(actor), kinds=rules.KINDS, wording=wording, majors=majors, lang=lang,
        industries=[(key, industries.leading_name(key, lang)) for key in industries.LEADING], classes=classes_by_category(_("All")), level=service.level_name,
        firms=organisations.enterprises([one.tenant_id for one in listing.rows]), leading=industries.leading, leading_name=industries.leading_name,
    )  # fmt: skip


@pages.get("/three-lists/export", ability="organisations.export-lists")
def export_lists() -> Any:
    """The rows of the present filter as a workbook."""
    answer = make_response(service.exported(queries.every(acting(), _asked()), language()))
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = 'attachment; filename="three-lists.xlsx"'
    return answer


@pages.get("/three-lists/new", ability="organisations.write-list-form")
def new_row() -> Any:
    """A new row of one of the lists."""
    kind = _kind(request.args.get("kind", rules.PRODUCT))
    return _form(kind, _fields(kind, ListForm(formdata=None)), None)


@pages.post("/three-lists", ability="organisations.write-list", creates=True)
def add_row() -> Any:
    """Keep it as a draft, or publish it at once."""
    kind = request.form.get("kind", "")
    if kind not in rules.KINDS:
        raise Invalid({"kind": [wording.PROBLEMS["choose"]]})
    form = _fields(kind, ListForm())
    try:
        good = form.validate()
        if good:
            service.add(acting(), kind, form.values(), publish=request.form.get("then") == "publish")
    except Invalid as refused:
        good = False
        put(form, refused)
    if not good:
        return _form(kind, form, None), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("organisations.lists", kind=kind), 303)


@pages.get("/three-lists/<uuid:id>", ability="organisations.read-lists")
def row(id: uuid.UUID) -> Any:
    """One row."""
    found = queries.reachable(acting(), id)
    firm = organisations.enterprise_of(found.tenant_id)
    return render_template(
        "organisations/list_row.html", item=found, firm=firm, wording=wording, majors=majors, lang=language(), level=service.level_name,
        mine=found.tenant_id == acting().tenant_id, editable=found.state in EDITABLE,
    )  # fmt: skip


@pages.get("/three-lists/<uuid:id>/edit", ability="organisations.write-list-form")
def edit_row_form(id: uuid.UUID) -> Any:
    """The row's form."""
    found = queries.own(acting(), id)
    return _form(found.kind, _fields(found.kind, ListForm(formdata=None, obj=found)), found)


@pages.post("/three-lists/<uuid:id>/edit", ability="organisations.write-list")
def edit_row(id: uuid.UUID) -> Any:
    """Save it; a stale form gets both versions."""
    found = queries.own(acting(), id)
    form = _fields(found.kind, ListForm())
    if not form.validate():
        return _form(found.kind, form, found), 422
    form.refuse_if_stale(found)
    try:
        service.edit(found, form.values(), by=acting())
    except Invalid as refused:
        put(form, refused)
        return _form(found.kind, form, found), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("organisations.row", id=id), 303)


@pages.post("/three-lists/<uuid:id>/publication", ability="organisations.write-list")
def publish_row(id: uuid.UUID) -> Any:
    """Colleges and the zone may read it."""
    service.step(queries.own(acting(), id), "publish", by=acting())
    flash(_("Published."), "ok")
    return redirect(url_for("organisations.row", id=id), 303)


@pages.post("/three-lists/<uuid:id>/closure", ability="organisations.write-list")
def end_row(id: uuid.UUID) -> Any:
    """It holds no longer; it stays as history."""
    service.step(queries.own(acting(), id), "end", by=acting())
    flash(_("Ended."), "ok")
    return redirect(url_for("organisations.row", id=id), 303)


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "")[:80] for name in FILTERS}


def _kind(told: str) -> str:
    if told not in rules.KINDS:
        raise NotFound
    return told


def _fields(kind: str, form: ListForm) -> ListForm:
    """Only the fields of this kind stay."""
    lang = language()
    for name in [n for n in form._fields if n not in (*rules.FIELDS[kind], "version", "form_key", "csrf_token")]:
        del form[name]
    if "class_key" in form:
        form.class_key.choices = classes_by_category(_("Choose"))
        form.level.choices = options([("", _("Any level")), *((one, service.level_name(one, lang)) for one in majors.LEVELS)])
    return form


def _form(kind: str, form: ListForm, item: ListItem | None) -> str:
    return render_template("organisations/list_form.html", form=form, kind=kind, item=item, wording=wording, fields=rules.FIELDS[kind], kinds=rules.KINDS)
