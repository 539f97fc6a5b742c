"""What the API tells of organisations."""

from __future__ import annotations

import uuid

from consortium.web.resources import Schema


class EnterpriseOut(Schema):
    """An enterprise."""

    id: uuid.UUID
    name: str
    credit_code: str
    industry_code: str
    staff: int | None
    verified: bool


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
