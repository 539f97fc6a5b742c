"""Pages of signing in, one's own account, colleagues and invitations."""

from __future__ import annotations

import contextlib
import uuid
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import (
    Response,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, logout_user

from consortium.accounts import queries, rules, service
from consortium.accounts.forms import AcceptForm, InviteForm, PasswordForm, SignInForm
from consortium.accounts.models import Membership
from consortium.accounts.service import belonging
from consortium.accounts.signed_in import SignedIn, begin
from consortium.accounts.wording import ROLE_NAMES, device_name, role_name
from consortium.shared import clock, public_ids, retention
from consortium.shared.access import HEADS, PUBLIC, ROLES_OF, Role
from consortium.shared.db import db, reading
from consortium.shared.errors import Conflict, Invalid, NotFound, TooMany
from consortium.shared.i18n import LANGUAGES
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.tasks import broker_answers
from consortium.web.forms import options
from consortium.web.frame import LANGUAGE_COOKIE, THEME_COOKIE, THEMES
from consortium.web.gate import acting, current_actor
from consortium.web.pages import Pages

pages = Pages("accounts", __name__)
pages.menu(_l("Colleagues"), "colleagues", icon="people", order=90, roles=HEADS, count=queries.n_join_requests, under=("organisations.own",))

A_YEAR = 365 * 24 * 3600


@pages.get("/sign-in", ability=PUBLIC)
def sign_in() -> Any:
    """The door."""
    if current_actor() is not None:
        return redirect(_inside(request.args.get("next")))
    return _door(SignInForm())


@pages.post("/sign-in", ability=PUBLIC)
def enter() -> Any:
    """Name and password; every try is counted before it is made."""
    form = SignInForm()
    if not form.validate():
        return _door(form), 422
    login, address = form.login.data, request.remote_addr or "-"
    try:
        service.count_try(login, address)
    except TooMany as error:
        db.session.commit()
        minutes = -(-error.seconds // 60)
        form.login.errors = [_("Too many tries. Try again in %(minutes)d minutes.", minutes=minutes)]
        answer = make_response(_door(form), 429)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    db.session.commit()
    with reading():
        membership = service.verified_membership(login, form.password.data)
        number = membership.id if membership else None
    if number is None:
        refused = service.refused_sign_in(login)
        db.session.commit()
        return _door(_with_errors(form, refused)), 422
    service.forget_tries(login, address)
    return _begin(db.session.get_one(Membership, number), request.args.get("next"))


@pages.post("/enter", ability=PUBLIC)
def enter_as() -> Any:
    """The demonstration's way in, by role and without a password; elsewhere there is no such door."""
    if not current_app.config["DEMO"]:
        raise NotFound
    wanted = request.form.get("membership", "")
    for door in queries.doors():
        if str(door.public_id) == wanted:
            return _begin(door, None)
    raise NotFound


@pages.post("/sign-out", ability=PUBLIC)
def sign_out() -> Any:
    """Ends the session on the server: replaying the cookie opens nothing."""
    if isinstance(current_user, SignedIn) or getattr(current_user, "token", None):
        service.sign_out(current_user.token, by=current_actor())
    logout_user()
    session.clear()
    return redirect(url_for("accounts.sign_in"), 303)


@pages.post("/language", ability=PUBLIC)
def set_language() -> Any:
    """Chinese or English, kept for the browser and the person."""
    chosen = request.form.get("language", "")
    answer = redirect(_inside(request.form.get("next")), 303)
    if chosen in LANGUAGES:
        _keep(answer, LANGUAGE_COOKIE, chosen)
        actor = current_actor()
        if actor is not None:
            service.set_language(actor.person_id, chosen)
    return answer


@pages.post("/theme", ability=PUBLIC)
def set_theme() -> Any:
    """Light, dark, or as the system has it."""
    chosen = request.form.get("theme", "")
    answer = redirect(_inside(request.form.get("next")), 303)
    if chosen in THEMES:
        _keep(answer, THEME_COOKIE, chosen)
    return answer


@pages.get("/account", ability="accounts.own")
def account() -> Any:
    """One's own account: sessions and password."""
    return _account(PasswordForm())


@pages.post("/account/password", ability="accounts.change-own")
def change_password() -> Any:
    """A new password ends every other session."""
    form = PasswordForm()
    if not form.validate():
        return _account(form), 422
    actor, token = acting(), current_user.token
    try:
        with reading():
            proof = service.new_password(actor, form.old.data, form.new.data)
    except Invalid as error:
        return _account(_with_errors(form, error)), 422
    service.change_password(actor, proof, token=token)
    flash(_("The password is changed. All other sessions have ended."), "ok")
    return redirect(url_for("accounts.account"), 303)


@pages.post("/account/organisation", ability="accounts.change-own")
def switch_organisation() -> Any:
    """Act for another of one's organisations."""
    return _begin(service.switch(current_user.token, acting(), public_ids.named(request.form.get("membership"))), None)


@pages.post("/account/sessions", ability="accounts.change-own")
def end_other_sessions() -> Any:
    """End every session but this one."""
    service.end_other_sessions(acting(), token=current_user.token)
    flash(_("All other sessions have ended."), "ok")
    return redirect(url_for("accounts.account"), 303)


@pages.get("/colleagues", ability="accounts.read-colleagues")
def colleagues() -> Any:
    """People of one's organisation and the form to invite another."""
    return _colleagues(_invite_form())


@pages.post("/colleagues", ability="accounts.invite", creates=True)
def invite() -> Any:
    """A single-use link, shown once."""
    form = _invite_form()
    if not form.validate():
        return _colleagues(form), 422
    values = form.values()
    token = service.invite(
        acting(), role=Role(values["role"]), login=values["login"], name=values["name"], email=values["email"] or ""
    )
    link = current_app.config["PUBLIC_URL"] + url_for("accounts.invitation", token=token)
    flash(_("Give this link to %(name)s. It works once, for 48 hours: %(link)s", name=values["name"], link=link), "ok")
    return redirect(url_for("accounts.colleagues"), 303)


@pages.post("/colleagues/<uuid:id>/suspension", ability="accounts.suspend")
def suspend(id: uuid.UUID) -> Any:
    """End a colleague's access at once."""
    service.suspend(queries.reachable_colleague(acting(), id), by=acting())
    return redirect(url_for("accounts.colleagues"), 303)


@pages.post("/colleagues/<uuid:id>/restoration", ability="accounts.suspend")
def restore(id: uuid.UUID) -> Any:
    """Undo a suspension."""
    service.restore(queries.reachable_colleague(acting(), id), by=acting())
    return redirect(url_for("accounts.colleagues"), 303)


@pages.post("/colleagues/<uuid:id>/role", ability="accounts.change-role")
def change_role(id: uuid.UUID) -> Any:
    """Another role for a colleague."""
    found = queries.reachable_colleague(acting(), id)
    try:
        role = Role(request.form.get("role", ""))
    except ValueError:
        raise Invalid({"role": [_l("There is no such role.")]}) from None
    belonging.change_role(found, role, by=acting())
    flash(_("%(name)s is now %(role)s.", name=found.person.name, role=role_name(role.value)), "ok")
    return redirect(url_for("accounts.colleagues"), 303)


@pages.post("/colleagues/<uuid:id>/headship", ability="accounts.hand-over")
def hand_over(id: uuid.UUID) -> Any:
    """Hand the head's role over; one's own becomes an ordinary one."""
    found = queries.reachable_colleague(acting(), id)
    belonging.hand_over(found, by=acting())
    flash(_("%(name)s is head now.", name=found.person.name), "ok")
    return redirect(url_for("dashboards.desk"), 303)


@pages.post("/joins/<uuid:id>/decision", ability="accounts.decide-join")
def decide_join(id: uuid.UUID) -> Any:
    """Let somebody in who asked, or not."""
    found = queries.reachable_join(acting(), id)
    join = request.form.get("decision") == "join"
    belonging.decide_join(found, join=join, by=acting())
    flash(_("%(name)s belongs to us now and was told so.", name=found.person.name) if join else _("Not let in. It was told."), "ok")
    return redirect(url_for("accounts.colleagues"), 303)


@pages.post("/open-invitations/<uuid:id>/withdrawal", ability="accounts.invite")
def withdraw_invitation(id: uuid.UUID) -> Any:
    """A link that was given out opens nothing any more."""
    service.withdraw_invitation(queries.reachable_invitation(acting(), id), by=acting())
    flash(_("The link no longer works."), "ok")
    return redirect(url_for("accounts.colleagues"), 303)


@pages.post("/account/departure", ability="accounts.leave")
def leave() -> Any:
    """Leave the organisation one acts for; go on in another one, or be signed out."""
    try:
        following = belonging.leave(acting())
    except Conflict as refused:
        db.session.rollback()
        flash(" ".join(str(told) for told in (refused.what, refused.why, refused.how) if told), "stop")
        return redirect(url_for("accounts.account"), 303)
    if following is not None:
        return _begin(following, None)
    logout_user()
    session.clear()
    flash(_("You have left the organisation."), "ok")
    return redirect(url_for("accounts.sign_in"), 303)


@pages.get("/invitations/<token>", ability=PUBLIC)
def invitation(token: str) -> Any:
    """What one is invited to."""
    return _invitation(token, AcceptForm())


@pages.post("/invitations/<token>", ability=PUBLIC)
def accept_invitation(token: str) -> Any:
    """Choose a password, enter."""
    form = AcceptForm()
    if not form.validate():
        return _invitation(token, form), 422
    try:
        service.count_try("invitation:" + service.token_hash(token), request.remote_addr or "-")
    except TooMany as error:
        db.session.commit()
        form.password.errors = [_("Too many tries. Try again in %(minutes)d minutes.", minutes=-(-error.seconds // 60))]
        answer = make_response(_invitation(token, form), 429)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    db.session.commit()
    try:
        with reading():
            proof = service.prove(token, form.password.data)
    except Invalid as error:
        return _invitation(token, _with_errors(form, error)), 422
    return _begin(service.accept_invitation(token, proof), None)


@pages.get("/privacy", ability=PUBLIC)
def privacy() -> Any:
    """What is kept, who sees it, how long."""
    return render_template("accounts/privacy.html", retention=retention.TABLE)


@pages.get("/livez", ability=PUBLIC)
def live() -> Any:
    """This process answers."""
    return jsonify(state="ok")


@pages.get("/readyz", ability=PUBLIC)
def ready() -> Any:
    """The database answers; the broker's absence is a degradation, no failure."""
    try:
        db.session.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return jsonify(state="down"), 503
    return jsonify(state="ok" if broker_answers() else "degraded")


def _door(form: SignInForm) -> str:
    doors = queries.doors() if current_app.config["DEMO"] else []
    return render_template("accounts/sign_in.html", form=form, doors=doors, role_names=ROLE_NAMES)


def _account(form: PasswordForm) -> str:
    now, config = clock.now(), current_app.config
    sessions = queries.own_sign_ins(
        acting().person_id, idle_since=now - config["SESSION_IDLE"], opened_since=now - config["SESSION_ABSOLUTE"]
    )
    return render_template(
        "accounts/account.html", form=form, sessions=sessions, this=current_user.sign_in_id, device=device_name
    )


def _colleagues(form: InviteForm) -> str:
    actor = acting()
    return render_template(
        "accounts/colleagues.html", form=form, colleagues=queries.colleagues(actor), role_names=ROLE_NAMES, joins=queries.join_requests(actor),
        invitations=queries.open_invitations(actor), head=actor.role.value,
        roles=[(role.value, ROLE_NAMES[role.value]) for role in ROLES_OF[actor.tenant_kind] if rules.may_become(actor.role, actor.tenant_kind, role)],
    )  # fmt: skip


def _invite_form() -> InviteForm:
    actor = acting()
    form = InviteForm()
    offered = [r for r in ROLES_OF[actor.tenant_kind] if rules.may_invite(actor.role, actor.tenant_kind, r)]
    form.role.choices = options((r.value, ROLE_NAMES[r.value]) for r in offered)
    return form


def _invitation(token: str, form: AcceptForm) -> str:
    found = queries.open_invitation(service.token_hash(token))
    if found is None:
        raise NotFound(
            _l("This link no longer works"),
            why=_l("It was used already, or its 48 hours have passed."),
            how=_l("Ask whoever sent it for a new one."),
        )
    return render_template("accounts/invitation.html", form=form, invitation=found, role_names=ROLE_NAMES)


def _begin(membership: Membership, target: str | None) -> Response:
    begin(membership)
    return make_response(redirect(_inside(target), 303))


def _inside(target: str | None) -> str:
    """A path of ours, never another site's."""
    if target and target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable():
        with contextlib.suppress(ValueError):
            parts = urlsplit(target)
            if not parts.scheme and not parts.netloc:
                return target
    return url_for("dashboards.desk")


def _keep(answer: Any, name: str, value: str) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=secure, httponly=True)


def _with_errors(form: Any, error: Invalid) -> Any:
    for name, said in error.fields.items():
        form[name].errors = [str(s) for s in said]
    return form


