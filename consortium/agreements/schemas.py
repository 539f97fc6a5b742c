"""What the API tells of agreements."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from consortium.web.resources import Schema


class SignatureOut(Schema):
    """One party's line."""

    party: str
    turn: int
    signed_at: datetime | None


class AwaitedOut(Schema):
    """Something the law wants to be there: 1 there, 0 not there, -1 not recorded."""

    rule: str
    stage: str
    state: int
    blocks: bool
    overridden: bool
    words: str


class AgreementOut(Schema):
    """An agreement: its terms as copied, what they lack, who signs, and what must still be there."""

    id: uuid.UUID
    kind: str
    state: str
    version: int
    application: uuid.UUID
    terms: dict[str, Any]
    missing: dict[str, list[str]]
    signatures: list[SignatureOut]
    awaited: list[AwaitedOut]


class AgreementLine(Schema):
    """An agreement in a list."""

    id: uuid.UUID
    kind: str
    state: str
    version: int
    title: str
    student: str
    enterprise: str
    next_party: str | None
