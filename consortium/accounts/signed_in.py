"""Who flask-login holds to be here: a session's token read back as a person in a role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, has_request_context, request, session
from flask_login import UserMixin, login_user

from consortium.accounts import queries, service
from consortium.accounts.models import Membership, SignIn
from consortium.accounts.wording import role_name
from consortium.shared import clock
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.shared.errors import ConsortiumError
from consortium.shared.i18n import lazy_gettext as _l


class Colleagueship:
    """One of a person's organisations, for the switcher."""

    def __init__(self, membership: Membership, current: bool) -> None:
        self.public_id = membership.public_id
        self.organisation_name = str(membership.tenant.name)
        self.role_name = role_name(membership.role)
        self.current = current


class SignedIn(UserMixin):
    """The person of this request, in the role they act in."""

    def __init__(self, token: str, sign_in: SignIn) -> None:
        self.token = token
        self.sign_in_id = sign_in.id
        self.person_id = sign_in.person_id
        self.display_name = sign_in.person.name
        self.login = sign_in.person.login
        self.language = sign_in.person.language
        self._membership = sign_in.membership
        self.actor: Actor = sign_in.membership.actor()
        self.role = self.actor.role
        self.is_student = self.role is Role.STUDENT
        self._organisation = sign_in.membership.tenant.name

    def get_id(self) -> str:
        """flask-login keeps this in the browser's signed session: the token, never the person."""
        return self.token

    @property
    def organisation_name(self) -> str:
        """In the reader's language."""
        return str(self._organisation)

    @property
    def role_name(self) -> str:
        """In the reader's language."""
        return role_name(self.role.value)

    @property
    def memberships(self) -> list[Colleagueship]:
        """All organisations this person may act for."""
        return [Colleagueship(m, m.id == self.actor.membership_id) for m in queries.memberships_of(self.person_id)]


def signed_in(token: str) -> SignedIn | None:
    """The live session of this token, or None; notes at most every five minutes that it lives."""
    now = clock.now()
    found = queries.live_sign_in(
        service.token_hash(token),
        idle_since=now - _limit("SESSION_IDLE"),
        opened_since=now - _limit("SESSION_ABSOLUTE"),
    )
    if found is None:
        if has_request_context():
            session.pop("_user_id", None)
        return None
    if now - found.seen_at > service.SEEN_EVERY:
        number = found.id
        db.session().info.setdefault("touches", []).append(lambda: service.touch(number))
    return SignedIn(token, found)


def begin(membership: Membership) -> None:
    """A new session of this browser, with nothing of the old one left (no fixation)."""
    token = service.open_session(membership, device=request.user_agent.string)
    session.clear()
    session.permanent = True
    found = signed_in(token)
    if found is None:
        raise ConsortiumError(_l("This account cannot be entered."))
    login_user(found)


def _limit(name: str) -> Any:
    value = current_app.config[name]
    assert isinstance(value, timedelta)
    return value
