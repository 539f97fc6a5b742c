"""Pages of posts, and of the rules they are judged by."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from consortium.matching.eligibility import AGREEMENT, PAIR, POST, RULES
from consortium.organisations import queries as organisations
from consortium.positions import queries, service
from consortium.positions.forms import PositionForm
from consortium.positions.lifecycle import OPEN
from consortium.positions.models import Position
from consortium.reference import law, majors, occupations, places
from consortium.shared.access import COLLEGE, ENTERPRISE, ZONE, Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries as skills
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("positions", __name__)
pages.menu(_l("Posts"), "index", icon="post", order=20, roles=ENTERPRISE)
pages.menu(_l("Posts"), "index", icon="post", order=30, roles=ZONE | COLLEGE)
pages.menu(_l("Rules"), "rules", icon="law", order=50, roles=ZONE)


@pages.get("/positions", ability="positions.list")
def index() -> Any:
    """Posts within reach."""
    asked = _asked()
    listing = queries.listing(acting(), request.args.get("page", 1, int), **asked)  # type: ignore[arg-type]
    return render_template("positions/index.html", listing=listing, asked=asked, own=acting().tenant_kind is TenantKind.ENTERPRISE)


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
    return render_template(
        "positions/show.html", p=position, enterprise=organisations.enterprise_of(position.tenant_id), occupations=occupations, places=places,
        law=law, lang=language(), verdicts=sorted(queries.judge(position), key=lambda v: order[v.state]) if judged else [],
        share=queries.share_of(position) if judged else None, labels=labels(position),
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


@pages.get("/rules", ability="positions.rules")
def rules() -> Any:
    """Every rule: its words, and where open posts stand now."""
    return render_template("positions/rules.html", rules=law.rules(), now=queries.rules_counted(), lang=language(), scopes=_scopes())


@pages.get("/rules/<code>", ability="positions.rules")
def rule(code: str) -> Any:
    """One rule and the posts behind its counts."""
    if code not in law.rules():
        raise NotFound
    now = queries.rules_now().get(code, {1: [], 0: [], -1: []})
    return render_template("positions/rule.html", rule=law.rule(code), now=now, lang=language(), scope=_scopes().get(code, ""), code=code)


def _scopes() -> dict[str, str]:
    """What each rule is about, in words."""
    words = {POST: _("each post"), PAIR: _("each student and post"), AGREEMENT: _("each agreement")}
    return {one.code: words[one.scope] for one in RULES}


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
    return {name: request.values.get(name, "").strip()[:80] for name in queries.FILTERS}


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
