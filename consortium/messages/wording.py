"""What each kind of message says: subject and body, filled in when it is read, in the reader's language."""

from __future__ import annotations

from typing import Any

KINDS: dict[str, tuple[Any, Any]] = {}


def declare(kinds: dict[str, tuple[Any, Any]]) -> None:
    """Add a feature's kinds: name → (subject, body), lazy strings with %(placeholders)s."""
    KINDS.update(kinds)


def said(kind: str, facts: dict[str, Any]) -> tuple[str, str]:
    """Subject and body in the language in force."""
    subject, body = KINDS[kind]
    return str(subject) % facts, str(body) % facts
