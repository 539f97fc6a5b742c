"""What the API tells of accounts."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from consortium.web.resources import Schema


class MembershipOut(Schema):
    """One organisation one may act for."""

    id: uuid.UUID
    organisation: str
    kind: str
    role: str
    current: bool


class MeOut(Schema):
    """Who is signed in."""

    name: str
    login: str
    language: str
    role: str
    organisation: str
    memberships: list[MembershipOut]


class ColleagueOut(Schema):
    """A colleague."""

    id: uuid.UUID
    name: str
    login: str
    role: str
    state: str


class InvitationIn(Schema):
    """Whom to invite as what."""

    name: str = Field(min_length=1, max_length=80)
    login: str = Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._@+-]+$")
    role: str = Field(max_length=30)
    email: str = Field(default="", max_length=160)


class SessionOut(Schema):
    """One open session of one's own."""

    device: str
    since: datetime
    seen: datetime
    current: bool


class InvitationOut(Schema):
    """The single-use link, told once."""

    link: str


class OpenInvitationOut(Schema):
    """A link that still works: for whom, as what, until when."""

    id: uuid.UUID
    name: str
    login: str
    role: str
    until: datetime


class RoleIn(Schema):
    """A role to give."""

    role: str = Field(max_length=30)


class JoinOut(Schema):
    """Somebody who asks to belong."""

    id: uuid.UUID
    name: str
    phone: str
    at: datetime


class JoinIn(Schema):
    """Let in, or not."""

    join: bool
