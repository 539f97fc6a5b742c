"""Pages of posts: the list, one post, and the steps that a post takes."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from consortium.compliance import queries as mentors
from consortium.compliance import wording as compliance
from consortium.organisations import queries as organisations
from consortium.positions import queries, rules, service, wording
from consortium.positions.forms import CloseForm, TemplateForm
from consortium.positions.models import Position
from consortium.positions.views.place import pages
from consortium.positions.views.typing_in import filled, page_of, with_errors
from consortium.reference import law, majors, occupations, places
from consortium.shared import clock
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language, ngettext
from consortium.web.forms import put
from consortium.web.gate import acting


@pages.get("/positions", ability="positions.list")
def index() -> Any:
    """Posts within reach."""
    asked, actor = {name: request.values.get(name, "").strip()[:80] for name in queries.FILTERS}, acting()
    listing = queries.listing(actor, request.args.get("page", 1, int), **asked)  # type: ignore[arg-type]
    return render_template("positions/index.html", listing=listing, asked=asked, own=actor.tenant_kind is TenantKind.ENTERPRISE, today=clock.today(), last_day=rules.last_day)


@pages.get("/positions/<uuid:id>", ability="positions.read")
def show(id: uuid.UUID) -> Any:
    """One post; a student is led to why it fits."""
    if acting().role is Role.STUDENT:
        queries.reachable(acting(), id)
        return redirect(url_for("proposals.match", id=id))
    return _show(queries.reachable(acting(), id), CloseForm(formdata=None).offer(), TemplateForm(formdata=None))


@pages.post("/positions/<uuid:id>/publication", ability="positions.write")
def publish(id: uuid.UUID) -> Any:
    """Open it to students; what the law forbids is told at the form, beside the fields."""
    position = queries.reachable(acting(), id)
    try:
        service.publish(position, by=acting())
    except Invalid as error:
        db.session.rollback()
        position = queries.reachable(acting(), id)
        return page_of(with_errors(filled(position), error), position), 422
    flash(_("Published. Candidates are being worked out."), "ok")
    return redirect(url_for("positions.show", id=id), 303)


@pages.post("/positions/<uuid:id>/pause", ability="positions.write")
def pause(id: uuid.UUID) -> Any:
    """Take no more applications for now."""
    service.pause(queries.reachable(acting(), id), by=acting())
    return redirect(url_for("positions.show", id=id), 303)


@pages.post("/positions/<uuid:id>/closure", ability="positions.write")
def close(id: uuid.UUID) -> Any:
    """End it, and say why."""
    position, form = queries.reachable(acting(), id), CloseForm().offer()
    try:
        service.close(position, form.reason.data or "", form.note.data or "", by=acting())
    except Invalid as refused:
        put(form, refused)
        return _show(position, form, TemplateForm(formdata=None)), 422
    flash(_("Closed. Places nobody took went back to your share."), "ok")
    return redirect(url_for("positions.show", id=id), 303)


@pages.post("/positions/<uuid:id>/copies", ability="positions.write", creates=True)
def copy(id: uuid.UUID) -> Any:
    """A new draft like it."""
    made = service.copied(queries.reachable(acting(), id), by=acting())
    return redirect(url_for("positions.edit_form", id=made.public_id), 303)


@pages.post("/positions/<uuid:id>/removal", ability="positions.write")
def remove(id: uuid.UUID) -> Any:
    """Throw a draft away."""
    service.remove(queries.reachable(acting(), id), by=acting())
    flash(_("Thrown away."), "ok")
    return redirect(url_for("positions.index"), 303)


@pages.get("/positions/copies", ability="positions.repeat-form")
def repeat_form() -> Any:
    """Posts of the last terms, to be posted again a year later."""
    return _repeat([])


@pages.post("/positions/copies", ability="positions.write", creates=True)
def repeat() -> Any:
    """Draft all that are ticked again, their days a year later."""
    wanted = [uuid.UUID(one) for one in request.form.getlist("positions") if len(one) == 36 and not set(one) - set("0123456789abcdef-")]
    chosen = queries.own(acting(), wanted)
    if not chosen:
        return _repeat([_("Tick at least one post.")]), 422
    made, left = service.repeated(chosen, by=acting())
    said = ngettext("%(num)d draft was made.", "%(num)d drafts were made.", len(made))
    if left:
        said += " " + ngettext("%(num)d was left out: it has been posted again already.", "%(num)d were left out: they have been posted again already.", left)
    flash(said, "ok")
    return redirect(url_for("positions.index", state="draft"), 303)


@pages.post("/positions/<uuid:id>/template", ability="positions.write")
def keep_template(id: uuid.UUID) -> Any:
    """Keep it as a template of the firm."""
    position, form = queries.reachable(acting(), id), TemplateForm()
    try:
        kept = service.keep_template(position, form.name.data or "", by=acting())
    except Invalid as refused:
        put(form, refused)
        return _show(position, CloseForm(formdata=None).offer(), form), 422
    flash(_("Kept as the template \"%(name)s\".", name=kept.name), "ok")
    return redirect(url_for("positions.templates"), 303)


@pages.get("/post-templates", ability="positions.templates")
def templates() -> Any:
    """The firm's own templates."""
    return render_template("positions/templates.html", templates=queries.templates_of(acting()))


@pages.post("/post-templates/<uuid:id>/removal", ability="positions.write")
def drop_template(id: uuid.UUID) -> Any:
    """Throw a template away."""
    service.drop_template(queries.reachable_template(acting(), id), by=acting())
    flash(_("Thrown away."), "ok")
    return redirect(url_for("positions.templates"), 303)


def labels(position: Position) -> dict[str, list[str]]:
    """Names of what a post accepts and asks for, in the reader's language."""
    lang = language()
    accepted = [{"major": "M:", "class": "C:", "category": "G:"}[m.depth] + m.code for m in position.majors]
    return {
        "majors": [majors.accepted_label(code, lang) for code in accepted],
        "level": [majors.LEVELS_EN.get(position.level_least, "") if lang == "en" else position.level_least],
        "must": [_with_level(s.skill, s.level, lang) for s in position.skills if s.must],
        "nice": [_with_level(s.skill, s.level, lang) for s in position.skills if not s.must],
        "hazards": [law.hazards()[tag].name(lang) for tag in position.hazards if tag in law.hazards()],
    }


def _with_level(skill: Any, level: int, lang: str) -> str:
    """A certificate is there or not; a skill has a level."""
    return skill.name.to(lang) if skill.kind == "certificate" else _("%(skill)s (%(level)s)", skill=skill.name.to(lang), level=wording.LEVELS[level])


def _show(position: Position, close_form: CloseForm, template_form: TemplateForm) -> str:
    actor = acting()
    judged = actor.tenant_kind in (TenantKind.ENTERPRISE, TenantKind.ZONE)
    order = {0: 0, -1: 1, 1: 2}
    rest = law.holidays_between(position.start_on, position.end_on) if position.kind == "internship" else []
    return render_template(
        "positions/show.html", p=position, enterprise=organisations.enterprise_of(position.tenant_id), occupations=occupations, places=places,
        law=law, lang=language(), verdicts=sorted(queries.judge(position), key=lambda v: order[v.state]) if judged else [],
        share=queries.share_of(position) if judged else None, labels=labels(position), overrides=queries.overrides_of(position) if judged else [],
        source=compliance.source, when=queries.told_on([position])[position.id] if judged else {}, rest=rest,
        mentors=mentors.mentors_of_post(position.public_id) if judged else [],
        close_form=close_form, template_form=template_form, closing=wording.CLOSING, contracts=wording.CONTRACTS, last=rules.last_day(position.kind, position.start_on, position.closes_on),
        today=clock.today(), full=position.seats.places > 0 and position.seats.taken >= position.seats.places,
    )  # fmt: skip


def _repeat(wrong: list[str]) -> str:
    found = queries.last_terms(acting())
    return render_template("positions/repeat.html", posts=found, done=queries.repeated_already(found), wrong=wrong)
