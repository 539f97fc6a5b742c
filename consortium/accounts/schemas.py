"""What the API tells of accounts."""

from __future__ import annotations

import uuid

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

    name: str
    login: str
    role: str
    email: str = ""


class InvitationOut(Schema):
    """The single-use link, told once."""

    link: str
