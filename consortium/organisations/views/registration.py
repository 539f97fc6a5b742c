"""The door for enterprises: code, contact, proof of the phone; nobody is signed in yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, jsonify, make_response, redirect, render_template, request, url_for

from consortium.accounts import service as accounts
from consortium.accounts.models import Membership
from consortium.accounts.signed_in import begin
from consortium.organisations import notify, wording
from consortium.organisations.forms import CodeForm, ContactForm, DoorForm
from consortium.organisations.models import Registration
from consortium.organisations.queries import registration as queries
from consortium.organisations.rules import registration as rules
from consortium.organisations.service import registration as service
from consortium.organisations.views import pages
from consortium.reference import identity, industries, law
from consortium.shared.access import PUBLIC
from consortium.shared.db import db, reading
from consortium.shared.errors import Conflict, ConsortiumError, Invalid, NotFound, TooMany
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import put
from consortium.web.gate import current_actor

DOORS = (30, timedelta(minutes=10))
"""Codes that one address may ask about: enough for an office, too few to list the zone."""
SMS_OF_PHONE = (6, timedelta(hours=24))
SMS_OF_ADDRESS = (20, timedelta(hours=1))


@pages.get("/registration", ability=PUBLIC)
def register() -> Any:
    """The credit code."""
    return _door_page(DoorForm())


@pages.get("/registration/hint", ability=PUBLIC)
def hint() -> Any:
    """What can be said while somebody types: the check digit, and what is closed to an industry; asks no database."""
    code = identity.normalised(request.args.get("credit_code", "")[:60])
    industry = request.args.get("industry_code", "").strip().upper()
    return render_template(
        "organisations/hint.html", code=code, problem=wording.CREDIT.get(identity.credit_problem(code) or ""), rule=_closed(industry), lang=language(),
    )  # fmt: skip


@pages.get("/registration/industries", ability=PUBLIC)
def industry_list() -> Any:
    """Typeahead over the official list of industries."""
    return jsonify([{"code": e.code, "label": e.label, "hint": e.hint} for e in industries.index().search(request.args.get("q", "")[:40], 12)])


@pages.post("/registration", ability=PUBLIC)
def begin_registration() -> Any:
    """On with a good code; tries are counted by address, so that nobody lists who is here."""
    form = DoorForm()
    if not form.validate():
        return _door_page(form), 422
    try:
        token = service.begin(form.credit_code.data)
    except Invalid as refused:
        put(form, refused)
        return _door_page(form), 422
    try:
        accounts.spend(f"door:{request.remote_addr or '-'}", *DOORS)
    except TooMany as often:
        form.credit_code.errors = [_wait(often)]
        return _too_often(_door_page(form), often)
    return redirect(url_for("organisations.contact", token=token), 303)


@pages.get("/registration/<token>", ability=PUBLIC)
def contact(token: str) -> Any:
    """What is known of the firm, and who speaks for it."""
    door = _door(token)
    if door.finished_at is not None:
        return _after(door)
    form = ContactForm(formdata=None, firm_name=door.name, industry_code=door.industry_code, address=door.address,
                       contact=door.person.name if door.person else "", phone=door.person.phone if door.person else "")  # fmt: skip
    return _contact_page(door, token, form)


@pages.post("/registration/<token>", ability=PUBLIC)
def name_contact(token: str) -> Any:
    """Facts and contact; the code leaves by SMS."""
    door, form = _door(token), ContactForm()
    if not form.validate():
        return _contact_page(door, token, form), 422
    try:
        code = service.name_contact(door, token, form.values())
        _send(door, code)
    except Invalid as refused:
        put(form, refused)
        return _contact_page(door, token, form), 422
    except (TooMany, Conflict) as refused:
        return _refused_code(token, form, form.phone, refused, _contact_page)
    return redirect(url_for("organisations.code", token=token), 303)


@pages.get("/registration/<token>/code", ability=PUBLIC)
def code(token: str) -> Any:
    """The code from the SMS, and a password."""
    door = _door(token)
    if door.finished_at is not None:
        return _after(door)
    if door.person is None:
        return redirect(url_for("organisations.contact", token=token), 303)
    return _code_page(door, token, CodeForm())


@pages.post("/registration/<token>/codes", ability=PUBLIC)
def send_again(token: str) -> Any:
    """Another code."""
    door, form = _door(token), CodeForm(formdata=None)
    try:
        _send(door, service.send_again(door, token))
    except (TooMany, Conflict) as refused:
        if door.person is None:
            raise
        return _refused_code(token, form, form.code, refused, _code_page)
    return redirect(url_for("organisations.code", token=token), 303)


@pages.post("/registration/<token>/code", ability=PUBLIC)
def prove(token: str) -> Any:
    """The right code and a password: the firm is here, or its administrator is asked."""
    door, form = _door(token), CodeForm()
    if door.person is None:
        raise Conflict(_l("Give the contact first."))
    if not form.validate():
        return _code_page(door, token, form), 422
    try:
        service.try_code(door, token, form.code.data or "")
    except (Invalid, TooMany) as refused:
        db.session.commit()  # the try counts
        return _refused_code(token, form, form.code, refused, _code_page)
    db.session.commit()
    try:
        with reading():
            proof = service.prove(_door(token), form.password.data)
    except Invalid as refused:
        put(form, refused)
        return _code_page(_door(token), token, form), 422
    outcome = service.finish(_door(token), proof)
    if isinstance(outcome, Membership):
        begin(outcome)
        return redirect(url_for("organisations.own_check"), 303)
    return redirect(url_for("organisations.asked_to_join"), 303)


@pages.get("/registration/asked", ability=PUBLIC)
def asked_to_join() -> Any:
    """The administrator was asked; what happens next."""
    return render_template("organisations/asked.html")


def _door(token: str) -> Registration:
    try:
        return queries.at_door(accounts.token_hash(token))
    except NotFound:
        raise NotFound(
            _l("This registration is not open"), why=_l("The address is incomplete, or more than a day has passed."), how=_l("Begin again with the credit code.")
        ) from None


def _after(door: Registration) -> Any:
    if current_actor() is not None:
        return redirect(url_for("organisations.own_check"), 303)
    return redirect(url_for("accounts.sign_in"), 303)


def _send(door: Registration, code: str) -> None:
    assert door.person is not None
    accounts.spend(f"sms:{door.person.phone}", *SMS_OF_PHONE)
    accounts.spend(f"sms-from:{request.remote_addr or '-'}", *SMS_OF_ADDRESS)
    notify.send_code(door.person.id, code, key=f"{door.public_id}:{door.n_sent}")


def _refused_code(token: str, form: Any, field: Any, refused: ConsortiumError, page: Any) -> Any:
    """What was typed stays; the reason stands at the field, a wait in seconds."""
    if isinstance(refused, Invalid):
        put(form, refused)
        return page(_door(token), token, form), 422
    db.session.rollback()
    if isinstance(refused, TooMany):
        field.errors = [_wait(refused)]
        return _too_often(page(_door(token), token, form), refused)
    field.errors = [" ".join(str(told) for told in (refused.what, refused.how) if told)]
    return page(_door(token), token, form), 409


def _wait(often: TooMany) -> str:
    if often.seconds > 600:
        return _("Too often. Try again in %(minutes)d minutes.", minutes=-(-often.seconds // 60))
    return _("%(what)s Try again in %(seconds)d seconds.", what=often.what, seconds=often.seconds)


def _too_often(page: str, often: TooMany) -> Any:
    answer = make_response(page, 429)
    answer.headers["Retry-After"] = str(often.seconds)
    return answer


def _closed(industry: str) -> law.LawRule | None:
    """The rule that closes internships to this industry, None for most."""
    return law.rule("R22") if rules.is_agency(industry) else None


def _door_page(form: DoorForm) -> str:
    return render_template("organisations/door.html", form=form)


def _contact_page(door: Registration, token: str, form: ContactForm) -> str:
    there = queries.enterprise_by_code(door.credit_code)
    known = queries.on_list(door.credit_code)
    industry = form.industry_code.data or ""
    form.industry_code.names = {industry: industries.name(industry)} if industry in industries.names() else {}
    return render_template(
        "organisations/contact.html", form=form, door=door, token=token, there=there, known=known, administrator=queries.administrator(there.tenant_id) if there else "",
        industries=industries, rule=_closed(known.industry_code if known else ""), lang=language(),
    )  # fmt: skip


def _code_page(door: Registration, token: str, form: CodeForm) -> str:
    there = queries.enterprise_by_code(door.credit_code)
    phone = door.person.phone if door.person else ""
    return render_template(
        "organisations/code.html", form=form, door=door, token=token, there=there, phone=f"{phone[:3]}****{phone[-4:]}", name=door.name,
        rule=None if there else _closed(door.industry_code), lang=language(), inbox=current_app.config["DEMO"],
    )  # fmt: skip
