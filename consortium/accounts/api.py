"""Resources of one's own account and of colleagues."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, url_for
from flask_login import current_user

from consortium.accounts import queries, service
from consortium.accounts.schemas import ColleagueOut, InvitationIn, InvitationOut, MembershipOut, MeOut, SessionOut
from consortium.accounts.wording import device_name
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import Resources

resources = Resources("accounts", __name__, tag="Accounts")


@resources.get("/me", ability="accounts.own")
@resources.output(MeOut)
def me() -> Any:
    """Who is signed in, and for which organisation."""
    actor = acting()
    return MeOut(
        name=current_user.display_name,
        login=current_user.login,
        language=current_user.language,
        role=actor.role.value,
        organisation=current_user.organisation_name,
        memberships=[
            MembershipOut(
                id=m.public_id,
                organisation=str(m.tenant.name),
                kind=m.tenant.kind,
                role=m.role,
                current=m.id == actor.membership_id,
            )
            for m in queries.memberships_of(actor.person_id)
        ],
    )


@resources.get("/me/sessions", ability="accounts.own")
@resources.output(list[SessionOut])
def sessions() -> Any:
    """One's own open sessions, newest first."""
    now, config = clock.now(), current_app.config
    return [
        SessionOut(device=device_name(s.device), since=s.created_at, seen=s.seen_at, current=s.id == current_user.sign_in_id)
        for s in queries.own_sign_ins(
            acting().person_id, idle_since=now - config["SESSION_IDLE"], opened_since=now - config["SESSION_ABSOLUTE"]
        )
    ]


@resources.delete("/me/sessions", ability="accounts.change-own")
@resources.output({}, status_code=204)
def end_other_sessions() -> Any:
    """End every session but this one."""
    service.end_other_sessions(acting(), token=current_user.token)
    return ""


@resources.get("/colleagues", ability="accounts.read-colleagues")
@resources.output(list[ColleagueOut])
def colleagues() -> Any:
    """People of one's own organisation."""
    return [
        ColleagueOut(id=m.public_id, name=m.person.name, login=m.person.login, role=m.role, state=m.state)
        for m in queries.colleagues(acting())
    ]


@resources.post("/colleagues", ability="accounts.invite", creates=True)
@resources.input(InvitationIn, location="json")
@resources.output(InvitationOut, status_code=201)
def invite(json_data: InvitationIn) -> Any:
    """Invite a colleague by a single-use link."""
    try:
        role = Role(json_data.role)
    except ValueError:
        raise Invalid({"role": [_l("There is no such role.")]}) from None
    token = service.invite(acting(), role=role, login=json_data.login, name=json_data.name, email=json_data.email)
    return InvitationOut(link=current_app.config["PUBLIC_URL"] + url_for("accounts.invitation", token=token))


@resources.post("/colleagues/<uuid:id>/suspension", ability="accounts.suspend")
@resources.output({}, status_code=204)
def suspend(id: uuid.UUID) -> Any:
    """End a colleague's access at once."""
    service.suspend(queries.reachable_colleague(acting(), id), by=acting())
    return ""


@resources.post("/colleagues/<uuid:id>/restoration", ability="accounts.suspend")
@resources.output({}, status_code=204)
def restore(id: uuid.UUID) -> Any:
    """Undo a suspension."""
    service.restore(queries.reachable_colleague(acting(), id), by=acting())
    return ""
