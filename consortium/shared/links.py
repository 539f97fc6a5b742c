"""Signed links: what they are for, what they name and until when, in the address itself; a link for one purpose opens no other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from consortium.shared import clock


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine link names, and whether its time is over."""

    facts: dict[str, Any]
    expires_at: datetime

    @property
    def expired(self) -> bool:
        """Whether it opens nothing any more."""
        return clock.now() >= self.expires_at


def sign(purpose: str, facts: dict[str, Any], expires_at: datetime, key: str) -> str:
    """The part of an address that `read` takes back."""
    return str(_signer(purpose, key).dumps([facts, int(expires_at.timestamp())]))


def read(purpose: str, token: str, key: str) -> Link | None:
    """What a link names, also after its time; None where it is not ours, or for another purpose."""
    try:
        facts, until = _signer(purpose, key).loads(token)
        return Link(dict(facts), datetime.fromtimestamp(int(until), UTC))
    except (BadData, ValueError, TypeError, OverflowError, json.JSONDecodeError):
        return None


def _signer(purpose: str, key: str) -> Any:
    return URLSafeSerializer(key, salt=f"consortium.link.{purpose}")
