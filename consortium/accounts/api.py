"""Resources of one's own account and of colleagues."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, url_for
from flask_login import current_user

from consortium.accounts import queries, service
from consortium.accounts.schemas import (
    ColleagueOut,
    InvitationIn,
    InvitationOut,
    JoinIn,
    JoinOut,
    MembershipOut,
    MeOut,
    OpenInvitationOut,
    RoleIn,
    SessionOut,
)
from consortium.accounts.service import belonging
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
    token = service.invite(acting(), role=_role(json_data.role), login=json_data.login, name=json_data.name, email=json_data.email)
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


@resources.post("/colleagues/<uuid:id>/role", ability="accounts.change-role", reach=queries.reachable_colleague)
@resources.input(RoleIn, location="json")
@resources.output({}, status_code=204)
def change_role(id: uuid.UUID, json_data: RoleIn) -> Any:
    """Another role for a colleague."""
    belonging.change_role(queries.reachable_colleague(acting(), id), _role(json_data.role), by=acting())
    return ""


@resources.post("/colleagues/<uuid:id>/headship", ability="accounts.hand-over")
@resources.output({}, status_code=204)
def hand_over(id: uuid.UUID) -> Any:
    """Hand the head's role over to a colleague."""
    belonging.hand_over(queries.reachable_colleague(acting(), id), by=acting())
    return ""


@resources.get("/joins", ability="accounts.read-colleagues")
@resources.output(list[JoinOut])
def joins() -> Any:
    """Who asks to belong to one's own organisation."""
    return [JoinOut(id=one.public_id, name=one.person.name, phone=one.person.phone, at=one.created_at) for one in queries.join_requests(acting())]


@resources.post("/joins/<uuid:id>/decision", ability="accounts.decide-join", reach=queries.reachable_join)
@resources.input(JoinIn, location="json")
@resources.output({}, status_code=204)
def decide_join(id: uuid.UUID, json_data: JoinIn) -> Any:
    """Let somebody in who asked, or not."""
    belonging.decide_join(queries.reachable_join(acting(), id), join=json_data.join, by=acting())
    return ""


@resources.get("/open-invitations", ability="accounts.read-colleagues")
@resources.output(list[OpenInvitationOut])
def open_invitations() -> Any:
    """Links into one's own organisation that still work (the links themselves are told once)."""
    return [OpenInvitationOut(id=one.public_id, name=one.name, login=one.login, role=one.role, until=one.expires_at) for one in queries.open_invitations(acting())]


@resources.post("/open-invitations/<uuid:id>/withdrawal", ability="accounts.invite")
@resources.output({}, status_code=204)
def withdraw_invitation(id: uuid.UUID) -> Any:
    """A link that was given out opens nothing any more."""
    service.withdraw_invitation(queries.reachable_invitation(acting(), id), by=acting())
    return ""


def _role(told: str) -> Role:
    try:
        return Role(told)
    except ValueError:
        raise Invalid({"role": [_l("There is no such role.")]}) from None
