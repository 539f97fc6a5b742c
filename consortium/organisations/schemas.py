"""What the API tells of organisations."""

from __future__ import annotations

import uuid
from datetime import date

from pydantic import Field

from consortium.web.resources import Schema


class EnterpriseOut(Schema):
    """An enterprise."""

    id: uuid.UUID
    name: str
    credit_code: str
    industry_code: str
    staff: int | None
    verified: bool


class OwnEnterpriseOut(EnterpriseOut):
    """One's own enterprise, with what may be changed."""

    version: int
    staff_as_of: date | None
    address: str
    about: str


class OwnEnterpriseIn(Schema):
    """The firm's own facts, and the version they were read in."""

    version: int
    staff: int | None = Field(default=None, ge=0, le=1_000_000)
    staff_as_of: date | None = None
    address: str = Field(default="", max_length=200)
    about: str = Field(default="", max_length=2000)


class FamilyIn(Schema):
    """A kind of post and how many employees hold one."""

    name: str = Field(min_length=1, max_length=80)
    staff: int = Field(ge=0, le=1_000_000)


class FamilyOut(Schema):
    """A kind of post."""

    id: uuid.UUID
    name: str
    staff: int | None


class VisitIn(Schema):
    """A college's visit to a host."""

    visited_on: date
    decided_on: date | None = None
    published_on: date | None = None


class EntryOut(Schema):
    """An entry of an official list."""

    code: str
    label: str
    hint: str


class RoomOut(Schema):
    """Caps and use within the coming year."""

    cap: int | None
    used: int
    room: int | None
