"""What each kind of message says: subject and body, filled in when it is read, in the reader's language; and which topics there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from consortium.shared.i18n import lazy_gettext as _l

IN_APP, MAIL, SMS = "in-app", "mail", "sms"
KINDS: dict[str, tuple[Any, Any]] = {}
MANDATORY: set[str] = set()
"""Kinds that carry a deadline or were asked for: they cannot be switched off, go at once and do not wait for the morning."""
TOPICS: dict[str, Any] = {
    "application": _l("Applications and their steps"), "agreement": _l("Agreements"), "register": _l("What the register says of me"),
    "profile": _l("My profile"), "matching": _l("New matches"), "round": _l("Rounds"), "ticket": _l("Questions to the school"), "rights": _l("My data and my rights"),
    "import": _l("Uploads"), "enterprise": _l("My enterprise"), "other": _l("Everything else"),
}  # fmt: skip
"""Topics that people may switch; a kind belongs to the topic that its name begins with."""


def declare(kinds: dict[str, tuple[Any, Any]]) -> None:
    """Add a feature's kinds: name → (subject, body), lazy strings with %(placeholders)s."""
    KINDS.update(kinds)


def press(kinds: Iterable[str]) -> None:
    """Name kinds that carry a deadline or were asked for."""
    MANDATORY.update(kinds)


def topic(kind: str) -> str:
    """The topic of a kind."""
    first = kind.partition("-")[0]
    return first if first in TOPICS else "other"


def topics_of(told: Iterable[str]) -> list[str]:
    """The topics that these kinds belong to, in their order."""
    there = {topic(kind) for kind in told}
    return [name for name in TOPICS if name in there]


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


declare({"digest": (_l("News for you: %(n)s"), "")})
FOOT = {
    "stop": _l("No more such mails: %(url)s"),
    "settings": _l("How you are told: %(url)s"),
    "gathered": _l("What happened around you since the last mail:"),
}
"""Lines below a mail."""
DIGESTS: dict[str, Any] = {
    "daily": _l("Once a day, at eight in the morning"), "weekly": _l("Once a week, on Monday morning"), "each": _l("Each at once"), "never": _l("Not at all"),
}  # fmt: skip
"""How often mail comes."""
