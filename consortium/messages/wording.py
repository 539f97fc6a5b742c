"""What each kind of message says: subject and body, filled in when it is read, in the reader's language."""

from __future__ import annotations

from typing import Any

KINDS: dict[str, tuple[Any, Any]] = {}


def declare(kinds: dict[str, tuple[Any, Any]]) -> None:
    """Add a feature's kinds: name → (subject, body), lazy strings with %(placeholders)s."""
    KINDS.update(kinds)


def said(kind: str, facts: dict[str, Any]) -> tuple[str, str]:
    """Subject and body in the language in force; a kind of a newer release (or a removed one) is told by its name alone."""
    if kind not in KINDS:
        return kind, ""
    subject, body = KINDS[kind]
    known = _Facts(facts)
    return str(subject) % known, str(body) % known


class _Facts(dict[str, Any]):
    """A fact that an older message did not bring is a dash, not a fault."""

    def __missing__(self, name: str) -> str:
        return "–"
