"""The posting form: four blocks, drafts kept while typing, the law told while typing, and saving or publishing it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup

from consortium.organisations import queries as organisations
from consortium.positions import queries, service, wording
from consortium.positions.forms import PositionForm
from consortium.positions.lifecycle import DRAFT, OPEN
from consortium.positions.models import Position
from consortium.positions.views.place import pages
from consortium.reference import law, majors, occupations, places
from consortium.shared import clock
from consortium.shared.access import ENTERPRISE_OFFICE
from consortium.shared.db import db
from consortium.shared.errors import Invalid, Malformed, Stale
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.skills import queries as skills
from consortium.web.gate import acting


@pages.get("/positions/new", ability="positions.write-form")
def new() -> Any:
    """A new post, empty or from a template."""
    told = request.args.get("template", "")
    if not told:
        return page_of(_form(), None)
    template = queries.reachable_template(acting(), _id(told))
    return page_of(_form(typed=False).fill_in(service.values_of(template)), None)


@pages.post("/positions", ability="positions.write", creates=True)
def create() -> Any:
    """Save as a draft, or publish at once."""
    form = _form()
    if not form.validate():
        return page_of(form, None), 422
    try:
        position = service.create(acting(), form.told())
        if form.publishing:
            service.publish(position, by=acting())
    except Invalid as error:
        db.session.rollback()
        return page_of(with_errors(form, error), None), 422
    flash(_("Published. Candidates are being worked out.") if position.state == OPEN else _("Saved as a draft."), "ok")
    return redirect(url_for("positions.show", id=position.public_id), 303)


@pages.post("/positions/drafts", ability="positions.write", creates=True)
def draft() -> Any:
    """Keep what is being typed of a new post; answers with where it is now."""
    return _kept(None)


@pages.post("/positions/<uuid:id>/draft", ability="positions.write")
def keep_draft(id: uuid.UUID) -> Any:
    """Keep what is being typed of a draft; a version that somebody else saved is said, never overwritten."""
    return _kept(queries.reachable(acting(), id))


@pages.post("/positions/judgement", ability="positions.write")
def judgement() -> Any:
    """What the law says of what is typed so far: a fragment; nothing is kept."""
    told = request.form.get("position", "")
    position = queries.reachable(acting(), _id(told)) if told else None
    form = _form(position)
    form.validate()
    return _judgement(service.judged(form.told(), position, form.unreadable(), by=acting()), form, position)


@pages.get("/positions/<uuid:id>/edit", ability="positions.write-form")
def edit_form(id: uuid.UUID) -> Any:
    """Change a post."""
    position = queries.reachable(acting(), id)
    return page_of(filled(position), position)


@pages.post("/positions/<uuid:id>/edit", ability="positions.write")
def edit(id: uuid.UUID) -> Any:
    """Save; a stale form gets both versions."""
    position = queries.reachable(acting(), id)
    form = _form(position)
    if not form.validate():
        return page_of(form, position), 422
    form.refuse_if_stale(position)
    try:
        service.edit(position, form.told(), by=acting())
        if form.publishing and position.state != OPEN and request.form.get("publish"):
            service.publish(position, by=acting())
    except Invalid as error:
        db.session.rollback()
        return page_of(with_errors(form, error), queries.reachable(acting(), id)), 422
    flash(_("Published. Candidates are being worked out.") if request.form.get("publish") else _("Saved."), "ok")
    return redirect(url_for("positions.show", id=id), 303)


def page_of(form: PositionForm, position: Position | None) -> str:
    """The page of the form, with what the law says of it as it stands."""
    form.explain(_names(form))
    families = organisations.families_of(acting().tenant_id)
    judged = service.judged(form.told(), position, {}, by=acting())
    return render_template(
        "positions/form.html", form=form, position=position, families=families, templates=queries.templates_of(acting()),
        judged=Markup(_judgement(judged, form, position)),  # noqa: S704 (a template of ours, escaped there)
        levels=[(str(n), str(word)) for n, word in wording.LEVELS.items()],
    )  # fmt: skip


def filled(position: Position) -> PositionForm:
    """The form with what is saved."""
    form = PositionForm(formdata=None, obj=position).offer(organisations.families_of(acting().tenant_id))
    return form.show(position)


def with_errors(form: PositionForm, error: Invalid) -> PositionForm:
    """The form with what a use case refused, at its fields."""
    for name, said in error.fields.items():
        field = form[name] if name in form else form.title  # noqa: SIM401 (a form has no get)
        field.errors = [*field.errors, *(str(s) for s in said)]
    return form


def _form(position: Position | None = None, *, typed: bool = True) -> PositionForm:
    form = PositionForm() if typed else PositionForm(formdata=None)
    form.publishing = bool(request.form.get("publish")) or (position is not None and position.state != DRAFT)
    return form.offer(organisations.families_of(acting().tenant_id))


def _id(told: str) -> uuid.UUID:
    try:
        return uuid.UUID(told)
    except ValueError:
        raise Malformed from None


def _kept(position: Position | None) -> Any:
    form = _form()
    form.validate()
    unreadable = form.unreadable()
    if position is not None and form.version.data is not None and form.version.data != position.version:
        raise Stale({}, {}, position.version)
    told = {name: value for name, value in form.told().items() if name not in unreadable}
    kept, left_out = service.keep(position, told, by=acting())
    missing = {name: form[name].label.text for name in {**unreadable, **left_out} if name in form}
    return jsonify(
        id=str(kept.public_id), version=kept.version, saved=_("Saved %(time)s", time=f"{clock.local(clock.now()):%H:%M}"),
        left_out=_("Not kept yet: %(fields)s", fields=", ".join(str(one) for one in missing.values())) if missing else "", fields=sorted(missing),
        edit_url=url_for("positions.edit_form", id=kept.public_id), draft_url=url_for("positions.keep_draft", id=kept.public_id), form_key=str(uuid.uuid4()),
    )  # fmt: skip


def _judgement(judged: service.Judgement, form: PositionForm, position: Position | None) -> str:
    blocking = {one.code for one in judged.lines if one.blocks}
    order = {0: 0, -1: 1, 1: 2}
    return render_template(
        "positions/judgement.html", judged=judged, form=form, position=position, law=law, lang=language(), blocking=blocking,
        lines=sorted(judged.lines, key=lambda one: (order[one.state], one.code)), thresholds=queries.limits(clock.today()),
        kind=form.kind.data, may_ask=acting().role in ENTERPRISE_OFFICE,
    )  # fmt: skip


def _names(form: PositionForm) -> dict[str, dict[str, str]]:
    """What the codes in a form mean, in the reader's language."""
    lang = language()
    must, nice = ([one.rpartition(":")[0] if one[-2:-1] == ":" else one for one in field.data or []] for field in (form.must, form.nice))
    known = skills.by_codes([*must, *nice])
    accepted = {code: code if ":" in code else f"M:{code}" for code in form.majors.data or []}
    occupation, place = form.occupation_code.data or "", form.place_code.data or ""
    return {
        "occupation_code": {occupation: occupations.name(occupation)},
        "place_code": {place: places.name(place)},
        "majors": {typed: majors.accepted_label(code, lang) for typed, code in accepted.items() if majors.category_of(code)},
        "must": {code: known[code].name.to(lang) for code in must if code in known},
        "nice": {code: known[code].name.to(lang) for code in nice if code in known},
    }
