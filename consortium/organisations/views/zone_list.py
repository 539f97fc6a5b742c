"""Pages of the zone's list of enterprises."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for

from consortium.organisations import wording
from consortium.organisations.forms import ListedForm, UploadForm
from consortium.organisations.models import ListedEnterprise
from consortium.organisations.queries import registration as queries
from consortium.organisations.service import zone_list as service
from consortium.organisations.views import pages
from consortium.reference import industries
from consortium.shared.db import reading
from consortium.shared.errors import Invalid
from consortium.shared.files import FileRefused
from consortium.shared.i18n import gettext as _
from consortium.shared.spreadsheet import XLSX
from consortium.web.forms import put
from consortium.web.gate import acting


@pages.get("/zone-list", ability="organisations.zone-list")
def zone_list() -> Any:
    """Who is verified at once; one more by a form, many by a workbook."""
    return _list(ListedForm(formdata=None), UploadForm(formdata=None))


@pages.post("/zone-list", ability="organisations.edit-zone-list", creates=True)
def put_on_list() -> Any:
    """One entry; a known code gets the new facts."""
    form = ListedForm()
    try:
        good = form.validate()
        if good:
            service.put(acting(), form.values())
    except Invalid as refused:
        good = False
        put(form, refused)
    if not good:
        return _list(form, UploadForm(formdata=None)), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("organisations.zone_list"), 303)


@pages.post("/zone-list/upload", ability="organisations.edit-zone-list", creates=True)
def upload_zone_list() -> Any:
    """Good rows are taken at once, the others named with their number and what is wrong."""
    form = UploadForm()
    if not form.validate() or not form.file.data:
        form.file.errors = [_("Choose a workbook.")]
        return _list(ListedForm(formdata=None), form), 422
    data = form.file.data.read()
    try:
        with reading():
            rows, faults = service.read(data)
    except FileRefused as bad:
        form.file.errors = [wording.TABLE.get(bad.code, wording.TABLE_OTHERWISE)]
        return _list(ListedForm(formdata=None), form), 422
    new, changed, same = service.put_many(acting(), rows)
    if not faults:
        flash(_("%(new)d new, %(changed)d changed, %(same)d unchanged.", new=new, changed=changed, same=same), "ok")
        return redirect(url_for("organisations.zone_list"), 303)
    return render_template("organisations/zone_list_result.html", new=new, changed=changed, same=same, faults=faults)


@pages.get("/zone-list/template", ability="organisations.zone-list")
def zone_list_template() -> Any:
    """An empty workbook with the columns that are read."""
    answer = make_response(service.template())
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = 'attachment; filename="zone-list.xlsx"'
    return answer


@pages.get("/zone-list/<uuid:id>", ability="organisations.zone-list")
def listed(id: uuid.UUID) -> Any:
    """One entry."""
    entry = queries.reachable_entry(acting(), id)
    return _entry(entry, ListedForm(formdata=None, obj=entry))


@pages.post("/zone-list/<uuid:id>", ability="organisations.edit-zone-list")
def edit_listed(id: uuid.UUID) -> Any:
    """Change an entry; a stale form gets both versions."""
    entry, form = queries.reachable_entry(acting(), id), ListedForm()
    if not form.validate():
        return _entry(entry, form), 422
    form.refuse_if_stale(entry)
    try:
        service.put(acting(), form.values(), entry)
    except Invalid as refused:
        put(form, refused)
        return _entry(entry, form), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("organisations.zone_list"), 303)


@pages.post("/zone-list/<uuid:id>/removal", ability="organisations.edit-zone-list")
def take_off(id: uuid.UUID) -> Any:
    """Take an entry off the list; a registered firm stays what it is."""
    service.take_off(queries.reachable_entry(acting(), id), by=acting())
    flash(_("Taken off the list."), "ok")
    return redirect(url_for("organisations.zone_list"), 303)


def _list(form: ListedForm, upload_form: UploadForm) -> str:
    query = request.args.get("q", "")
    listing = queries.zone_list(acting(), request.args.get("page", 1, int), query)
    _name(form)
    here = queries.registered_codes([one.credit_code for one in listing.rows])
    return render_template("organisations/zone_list.html", form=form, upload_form=upload_form, listing=listing, q=query, here=here, industries=industries)


def _entry(entry: ListedEnterprise, form: ListedForm) -> str:
    _name(form)
    return render_template("organisations/listed.html", form=form, entry=entry)


def _name(form: ListedForm) -> None:
    code = form.industry_code.data or ""
    form.industry_code.names = {code: industries.name(code)} if code in industries.names() else {}
