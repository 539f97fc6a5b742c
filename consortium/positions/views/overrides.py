"""Pages of shares passed on purpose: a firm asks, a college answers, the zone sees who, why, until when and how often."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from consortium.organisations import queries as organisations
from consortium.positions import queries, service
from consortium.positions.forms import AnswerForm, AskForm
from consortium.positions.models import Position
from consortium.positions.views.place import pages
from consortium.reference import law
from consortium.shared import public_ids
from consortium.shared.access import COLLEGE_OFFICE, TenantKind
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.web.forms import put
from consortium.web.gate import acting


@pages.get("/overrides", ability="positions.overrides")
def overrides() -> Any:
    """What was asked and answered, open questions first; for the zone also how often."""
    return _list(None, AnswerForm(formdata=None))


@pages.get("/positions/<uuid:id>/overrides", ability="positions.override-form")
def ask_form(id: uuid.UUID) -> Any:
    """Ask a college to let this post pass the share."""
    return _ask(queries.reachable(acting(), id), AskForm(formdata=None))


@pages.post("/positions/<uuid:id>/overrides", ability="positions.ask-override", creates=True)
def ask(id: uuid.UUID) -> Any:
    """Send the question."""
    position, form = queries.reachable(acting(), id), AskForm()
    college = public_ids.read(form.college.data) or public_ids.NOBODYS
    try:
        service.ask_override(position, college, form.reason.data or "", by=acting())
    except Invalid as refused:
        for name in set(refused.fields) - set(form.data):
            form.reason.errors = [*form.reason.errors, *(str(one) for one in refused.fields[name])]
        put(form, Invalid({name: said for name, said in refused.fields.items() if name in form}))
        return _ask(position, form), 422
    except Conflict as refused:
        form.reason.errors = [str(refused.what)]
        return _ask(position, form), 409
    flash(_("Asked. You are told when the college answers."), "ok")
    return redirect(url_for("positions.show", id=id), 303)


@pages.post("/overrides/<uuid:id>/answer", ability="positions.answer-override")
def answer(id: uuid.UUID) -> Any:
    """Let it pass until a day, or not, with a reason."""
    asked, form = queries.reachable_override(acting(), id), AnswerForm()
    form.validate()
    try:
        service.answer_override(asked, request.form.get("granted") == "1", form.answer.data or "", form.until_on.data, by=acting())
    except Invalid as refused:
        put(form, refused)
        return _list(asked.public_id, form), 422
    flash(_("Answered. The enterprise is told, and the zone sees it."), "ok")
    return redirect(url_for("positions.overrides"), 303)


def _ask(position: Position, form: AskForm) -> str:
    return render_template(
        "positions/ask_override.html", p=position, form=form.offer(organisations.colleges_by_name()), judged=service.judged_as_saved(position), law=law,
        lang=language(), asked=queries.overrides_of(position),
    )  # fmt: skip


def _list(tried: uuid.UUID | None, form: AnswerForm) -> str:
    actor = acting()
    return render_template(
        "positions/overrides.html", listing=queries.overrides(actor, request.args.get("page", 1, int)), form=form, tried=tried, law=law, lang=language(),
        may_answer=actor.role in COLLEGE_OFFICE, counted=queries.overrides_counted() if actor.tenant_kind is TenantKind.ZONE else {},
    )  # fmt: skip
