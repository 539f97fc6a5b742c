"""Typeahead over the vocabulary, and the proposals to it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for

from consortium.shared.access import ZONE
from consortium.shared.errors import Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries, service
from consortium.skills.forms import DecisionForm, ProposalForm
from consortium.skills.lifecycle import PROPOSAL
from consortium.skills.wording import KINDS
from consortium.web.forms import put
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("skills", __name__)
pages.menu(_l("Skills"), "proposals", icon="check", order=60, roles=ZONE, count=queries.n_open)


@pages.get("/skills/search", ability="skills.search")
def search() -> Any:
    """Skills or certificates by name, alias or pinyin."""
    found = queries.search(request.args.get("q", "")[:40], request.args.get("kind", ""))
    return jsonify([{"code": e.code, "label": e.label, "hint": ""} for e in found])


@pages.get("/skills/proposals", ability="skills.proposals")
def proposals() -> Any:
    """What people miss in the vocabulary: one's own, or all for the zone to decide about."""
    form = ProposalForm(formdata=None, data={"name_zh": request.args.get("name", "")[:80], "kind": request.args.get("kind", "skill")})
    return _page(form)


@pages.post("/skills/proposals", ability="skills.propose", creates=True)
def propose() -> Any:
    """Propose one."""
    form = ProposalForm()
    if not form.validate():
        return _page(form), 422
    try:
        service.propose(acting(), form.kind.data, form.name_zh.data, form.name_en.data or "", form.said.data or "")
    except Invalid as refused:
        put(form, refused)
        return _page(form), 422
    flash(_("Thank you. The zone decides, and you are told."), "ok")
    return redirect(url_for("skills.proposals"), 303)


@pages.post("/skills/proposals/<uuid:id>/decision", ability="skills.decide")
def decide(id: uuid.UUID) -> Any:
    """Accept as new, merge into an entry, or decline."""
    actor = acting()
    proposal, form = queries.reachable_proposal(actor, id), DecisionForm()
    if not form.validate():
        return _page(None, wrong=(id, form)), 422
    try:
        service.decide(
            proposal, form.step.data, by=actor, code=form.code.data or "", name_zh=form.name_zh.data or "", name_en=form.name_en.data or "",
            reason=form.reason.data or "", version=form.version.data,
        )  # fmt: skip
    except Invalid as refused:
        put(form, refused)
        return _page(None, wrong=(id, form)), 422
    flash(_("Decided. Whoever proposed it has been told."), "ok")
    return redirect(url_for("skills.proposals"), 303)


def _page(form: ProposalForm | None, wrong: tuple[uuid.UUID, DecisionForm] | None = None) -> str:
    actor = acting()
    state = request.args.get("state", "")
    listing = queries.proposals(actor, request.args.get("page", 1, int), state=state if state in PROPOSAL.states else "")
    may_decide = actor.can("skills.decide")
    forms = {}
    for one in listing.rows if may_decide else ():
        mine = wrong[1] if wrong is not None and wrong[0] == one.public_id else None
        forms[one.id] = mine or DecisionForm(formdata=None, data={"name_zh": one.name_zh, "name_en": one.name_en, "version": one.version})
    alike = {one.id: queries.alike(one.name_zh) for one in listing.rows[:20] if may_decide and one.state == "open"}
    return render_template(
        "skills/proposals.html", listing=listing, form=form if actor.can("skills.propose") else None, forms=forms, kinds=KINDS, alike=alike, state_asked=state,
        may_decide=may_decide,
    )  # fmt: skip
