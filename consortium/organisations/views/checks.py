"""Pages of the check by hand: the firm's own, and the zone's queue."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, flash, make_response, redirect, render_template, request, url_for

from consortium.organisations import queries as organisations
from consortium.organisations import wording
from consortium.organisations.forms import CheckForm, DecisionForm
from consortium.organisations.models import Check
from consortium.organisations.queries import registration as queries
from consortium.organisations.rules import registration as rules
from consortium.organisations.service import checks as service
from consortium.organisations.views import pages
from consortium.reference import industries, law
from consortium.shared.access import ZONE
from consortium.shared.errors import Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import put
from consortium.web.gate import acting

pages.menu(_l("To verify"), "checks", icon="check", order=42, roles=ZONE, count=queries.n_waiting, under=("organisations.index",))
TYPES = {"jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
STATES = ("waiting", "asked", "refused", "verified", "lacking")


@pages.get("/enterprise/check", ability="organisations.own-enterprise")
def own_check() -> Any:
    """Verified and may post; or the place in the queue, what was said, and what can be handed in."""
    return _own(CheckForm())


@pages.post("/enterprise/check", ability="organisations.answer-check")
def hand_in() -> Any:
    """The licence, an answer, or something more."""
    form = CheckForm()
    if not form.validate():
        return _own(form), 422
    picture = form.licence.data.read() if form.licence.data else None
    try:
        service.hand_in(service.check_for(acting()), form.text.data or "", picture, key=current_app.config["ID_KEY"], by=acting())
    except Invalid as refused:
        put(form, refused)
        return _own(form), 422
    flash(_("Handed in."), "ok")
    return redirect(url_for("organisations.own_check"), 303)


@pages.get("/checks", ability="organisations.checks")
def checks() -> Any:
    """The queue: who has waited longest stands first."""
    state = request.args.get("state", "waiting")
    listing = queries.checks(state if state in STATES else "", request.args.get("page", 1, int))
    firms = organisations.enterprises([c.tenant_id for c in listing.rows])
    return render_template(
        "organisations/checks.html", listing=listing, firms=firms, state_filter=state, states=STATES, wording=wording, industries=industries
    )


@pages.get("/checks/<uuid:id>", ability="organisations.checks")
def check(id: uuid.UUID) -> Any:
    """One firm's papers and what was said."""
    return _check(queries.reachable_check(acting(), id), DecisionForm())


@pages.post("/checks/<uuid:id>/decision", ability="organisations.decide-check")
def decide(id: uuid.UUID) -> Any:
    """Approve, ask for more, or refuse with a reason."""
    found, form = queries.reachable_check(acting(), id), DecisionForm()
    if not form.validate():
        return _check(found, form), 422
    try:
        service.decide(found, request.form.get("step", ""), form.text.data or "", by=acting())
    except Invalid as refused:
        form.text.errors = [one for said in refused.fields.values() for one in said]
        return _check(found, form), 422
    flash({"approve": _("Verified. The firm was told."), "ask": _("The firm was asked."), "refuse": _("Refused. The firm was told why.")}[request.form["step"]], "ok")
    return redirect(url_for("organisations.checks"), 303)


@pages.get("/checks/<uuid:id>/licence", ability="organisations.checks")
def licence(id: uuid.UUID) -> Any:
    """The newest photo that is kept; only the zone sees it."""
    found = queries.newest_licence(queries.reachable_check(acting(), id))
    answer = make_response(service.picture_of(found, current_app.config["ID_KEY"]))
    answer.mimetype = TYPES[found.kind]
    answer.headers["Content-Disposition"] = f'{"attachment" if found.kind == "pdf" else "inline"}; filename="licence.{found.kind}"'
    return answer


def _own(form: CheckForm) -> str:
    enterprise = organisations.enterprise_of(acting().tenant_id)
    found = queries.check_of(enterprise.tenant_id)
    state = "verified" if enterprise.verified_at else found.state if found else "lacking"
    return render_template(
        "organisations/own_check.html", form=form, enterprise=enterprise, state_now=state, chip=wording.CHECK_CHIPS[state], place=queries.place_in_queue(found) if found else None,
        notes=queries.notes_of(found) if found else [], licences=queries.licences_of(found) if found else [], wording=wording,
        rule=law.rule("R22") if rules.is_agency(enterprise.industry_code) else None, lang=language(),
    )  # fmt: skip


def _check(found: Check, form: DecisionForm) -> str:
    enterprise = organisations.enterprise_of(found.tenant_id)
    licences = queries.licences_of(found)
    return render_template(
        "organisations/check.html", form=form, check=found, enterprise=enterprise, notes=queries.notes_of(found), licences=licences, wording=wording,
        shown=licences[0] if queries.licence_is_there(found) and licences else None, industries=industries, place=queries.place_in_queue(found),
        rule=law.rule("R22") if rules.is_agency(enterprise.industry_code) else None, lang=language(), entry=queries.on_list(enterprise.credit_code),
        steps=[step for step in service.STEPS if service.may(found, step, acting())],
    )  # fmt: skip
