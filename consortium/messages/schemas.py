"""What the API tells of messages."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from consortium.web.resources import Schema


class MessageOut(Schema):
    """One message in the reader's language."""

    id: uuid.UUID
    at: datetime
    subject: str
    body: str
    link: str
    read: bool


class SettingsOut(Schema):
    """How one is told: how often mail comes, and what is switched off, as topic:channel."""

    digest: str
    off: list[str]
    topics: list[str]


class SettingsIn(Schema):
    """The same, to be kept."""

    digest: str = Field(max_length=10)
    off: list[str] = Field(default=[], max_length=40)
