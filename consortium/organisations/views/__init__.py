"""Pages of enterprises: one's own, the list, verification, site visits; and typeahead over the official lists."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for

from consortium.organisations import queries, service
from consortium.organisations.forms import EnterpriseForm, FamilyForm, VisitForm
from consortium.organisations.models import Enterprise
from consortium.reference import industries, places
from consortium.shared import clock
from consortium.shared.access import COLLEGE, ENTERPRISE, ZONE
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import put
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("organisations", __name__)
pages.menu(_l("Our enterprise"), "own", icon="building", order=60, roles=ENTERPRISE)
pages.menu(_l("Enterprises"), "index", icon="building", order=40, roles=ZONE | COLLEGE)

YEAR = timedelta(days=365)


@pages.get("/enterprise", ability="organisations.own-enterprise")
def own() -> Any:
    """One's own enterprise: facts, head-counts, kinds of posts, caps in use."""
    enterprise = queries.enterprise_of(acting().tenant_id)
    form = EnterpriseForm(obj=enterprise)
    return _own(enterprise, form, FamilyForm())


@pages.post("/enterprise", ability="organisations.edit-enterprise")
def edit() -> Any:
    """Save the facts; a stale form gets both versions."""
    enterprise = queries.enterprise_of(acting().tenant_id)
    form = EnterpriseForm()
    if not form.validate():
        return _own(enterprise, form, FamilyForm(formdata=None)), 422
    form.refuse_if_stale(enterprise)
    try:
        service.edit_enterprise(enterprise, form.values(), by=acting())
    except Invalid as refused:
        put(form, refused)
        return _own(enterprise, form, FamilyForm(formdata=None)), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("organisations.own"), 303)


@pages.post("/enterprise/families", ability="organisations.edit-enterprise", creates=True)
def add_family() -> Any:
    """A kind of post, or the new head-count of a known one."""
    form = FamilyForm()
    try:
        good = form.validate()
        if good:
            service.set_family(acting(), form.name.data, form.family_staff.data)
    except Invalid as refused:
        good = False
        put(form, refused)
    if not good:
        enterprise = queries.enterprise_of(acting().tenant_id)
        return _own(enterprise, EnterpriseForm(formdata=None, obj=enterprise), form), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("organisations.own"), 303)


@pages.get("/enterprises", ability="organisations.list-enterprises")
def index() -> Any:
    """All enterprises of the consortium."""
    query, state = request.args.get("q", ""), request.args.get("state", "")
    listing = queries.listing(acting(), request.args.get("page", 1, int), query, state)
    caps = {firm.tenant_id: (limit, used) for firm, limit, used in queries.caps_at_a_glance()}
    return render_template("organisations/index.html", listing=listing, caps=caps, q=query, state_filter=state, industries=industries)


@pages.get("/enterprises/<uuid:id>", ability="organisations.read-enterprise")
def show(id: uuid.UUID) -> Any:
    """One enterprise."""
    return _show(queries.reachable(acting(), id), VisitForm())


@pages.post("/enterprises/<uuid:id>/verification", ability="organisations.verify")
def verify(id: uuid.UUID) -> Any:
    """The zone verifies a host (R05)."""
    service.verify(queries.reachable(acting(), id), by=acting())
    flash(_("Verified."), "ok")
    return redirect(url_for("organisations.show", id=id), 303)


@pages.post("/enterprises/<uuid:id>/visits", ability="organisations.record-visit", creates=True)
def record_visit(id: uuid.UUID) -> Any:
    """A college records its visit (R06)."""
    enterprise, form = queries.reachable(acting(), id), VisitForm()
    if not form.validate():
        return _show(enterprise, form), 422
    try:
        service.record_visit(acting(), enterprise, form.visited_on.data, form.decided_on.data, form.published_on.data)
    except Invalid as refused:
        put(form, refused)
        return _show(enterprise, form), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("organisations.show", id=id), 303)


@pages.get("/lists/<name>", ability="organisations.typeahead")
def typeahead(name: str) -> Any:
    """Entries of an official list by code, name or pinyin."""
    if name not in queries.LISTS:
        raise NotFound
    found = queries.LISTS[name]().search(request.args.get("q", "")[:40], 12)
    return jsonify([{"code": e.code, "label": e.label, "hint": e.hint} for e in found])


def _own(enterprise: Enterprise, form: EnterpriseForm, family_form: FamilyForm) -> str:
    today = clock.today()
    families = queries.families_of(enterprise.tenant_id)
    room, by_family = queries.rooms(enterprise, families, today, today + YEAR)
    return render_template(
        "organisations/own.html", enterprise=enterprise, form=form, family_form=family_form, families=[(f, by_family[f.id]) for f in families],
        room=room, holds=queries.holds_of(enterprise.tenant_id, today), until=today + YEAR, industries=industries, places=places, today=today,
    )  # fmt: skip


def _show(enterprise: Enterprise, form: VisitForm) -> str:
    actor, today = acting(), clock.today()
    families = queries.families_of(enterprise.tenant_id)
    room, by_family = queries.rooms(enterprise, families, today, today + YEAR)
    visit = queries.visit(actor.tenant_id, enterprise.tenant_id)
    if visit is not None and not form.is_submitted():
        form = VisitForm(formdata=None, obj=visit)
    return render_template(
        "organisations/show.html", enterprise=enterprise, form=form, families=[(f, by_family[f.id]) for f in families], room=room, visit=visit,
        industries=industries, places=places,
    )  # fmt: skip


from consortium.organisations.views import checks, intents, lists, registration, zone_list  # noqa: E402, F401  (their routes stand on `pages`)
