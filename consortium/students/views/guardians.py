"""The guardian's page, without an account; and the school's correction of a wrong number."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from consortium.accounts import service as accounts
from consortium.shared import audit
from consortium.shared.access import PUBLIC
from consortium.shared.db import db
from consortium.shared.errors import Invalid, NotFound, TooMany
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, rules, service
from consortium.students.forms import CorrectGuardianForm, GuardianForm, SignAsGuardianForm
from consortium.students.models import GuardianLink
from consortium.students.views import _show, pages
from consortium.students.wording import NOTICES
from consortium.web.forms import put
from consortium.web.gate import acting


@pages.get("/guardian/<token>", ability=PUBLIC)
def guardian(token: str) -> Any:
    """Who asks, about whom (name half hidden), for what; sign, decline, or say that it is the wrong number."""
    return _page(_link(token), SignAsGuardianForm(formdata=None), token)


@pages.post("/guardian/<token>/code", ability=PUBLIC)
def send_guardian_code(token: str) -> Any:
    """A code to the number the link went to."""
    link = _link(token)
    if link.answer:
        return _page(link, SignAsGuardianForm(formdata=None), token)
    try:
        service.send_guardian_code(link, language())
    except TooMany as error:
        db.session.rollback()
        return _wait(_link(token), SignAsGuardianForm(formdata=None), token, error)
    flash(_("The code is on its way to %(number)s.", number=link.number_tail), "ok")
    return redirect(url_for("students.guardian", token=token, sent=1), 303)


@pages.post("/guardian/<token>", ability=PUBLIC)
def answer_as_guardian(token: str) -> Any:
    """Sign or decline with the code; “not my child” needs none."""
    link, form, said = _link(token), SignAsGuardianForm(), request.form.get("answer", "")
    if said == "not-mine" and not link.answer:
        service.not_my_child(link)
        return _page(link, form, token)
    if not form.validate() or said not in ("sign", "decline"):
        return _page(link, form, token), 422
    purpose = service.guardian_purpose(link)
    try:
        nth = _counted(lambda: service.count_code(purpose))
        _judged(link, form, said, purpose, nth)
    except TooMany as error:
        audit.record("enter-code", link, by=None, result="refused")
        db.session.commit()
        return _wait(_link(token), form, token, error)
    except Invalid as refused:
        if "code" in refused.fields:
            audit.record("enter-code", link, by=None, result="refused")
            db.session.commit()
        else:
            db.session.rollback()
        wrong = [str(one) for one in refused.fields.pop("purposes", [])]
        put(form, refused)
        return _page(_link(token), form, token, wrong), 422
    return _page(_link(token), form, token)


@pages.post("/students/<uuid:id>/guardian", ability="students.guardian")
def correct_guardian(id: uuid.UUID) -> Any:
    """The school puts name and number right; a new link leaves, what was signed before stays."""
    student, form = queries.reachable(acting(), id), CorrectGuardianForm()
    if not form.validate():
        return _show(student, GuardianForm(formdata=None), form), 422
    told = (form.guardian_name.data, form.guardian_phone.data)
    try:
        link = service.correct_guardian(student, *told, by=acting(), base_url=current_app.config["PUBLIC_URL"], language=language())
    except Invalid as refused:
        put(form, refused)
        return _show(student, GuardianForm(formdata=None), form), 422
    flash(_("Saved. A link is on its way to the guardian.") if link else _("Saved. There is nothing to ask the guardian now."), "ok")
    return redirect(url_for("students.show", id=id, _anchor="guardian"), 303)


def _judged(link: GuardianLink, form: SignAsGuardianForm, said: str, purpose: str, nth: int) -> None:
    """Code and answer in one transaction: a code is not spent by an answer that was refused."""
    service.use_code(purpose, form.code.data, nth)
    if said == "sign":
        service.sign_as_guardian(link, form.signer.data or "", request.form.getlist("purpose"))
    else:
        service.decline_as_guardian(link)


def _counted(count: Any) -> int:
    try:
        return int(count())
    finally:
        db.session.commit()


def _link(token: str) -> GuardianLink:
    found = queries.guardian_link(accounts.token_hash(token))
    if found is None:
        raise NotFound(
            _l("This link no longer works"), why=_l("It was replaced by a newer one, or its seven days have passed."), how=_l("Ask the school for a new one.")
        )
    return found


def _wait(link: GuardianLink, form: FlaskForm, token: str, error: TooMany) -> Any:
    form["code"].errors = [f"{error.what} " + _("Try again in %(seconds)d seconds.", seconds=error.seconds)]
    answer = make_response(_page(link, form, token), 429)
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _page(link: GuardianLink, form: Any, token: str, wrong: list[str] | None = None) -> str:
    return render_template(
        "students/guardian.html", link=link, form=form, token=token, wrong=wrong or [], notices=NOTICES, who=rules.masked_name(link.student.name),
        college=link.student.tenant.name, sent=bool(request.args.get("sent") or request.method == "POST"), chosen=request.form.getlist("purpose"),
        first=queries.guardian_is_missing(link.student, rules.MATCHING),
    )  # fmt: skip
