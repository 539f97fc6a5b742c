"""How long each kind of data is kept, and why: one table, shown on the page about privacy and kept by one daily task.

A feature hands in, by name, the function that deletes what is over its time; twice deletes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from consortium.shared import audit, clock
from consortium.shared.db import db
from consortium.shared.i18n import lazy_gettext as _l

Purge = Callable[[datetime], int]
"""Deletes what is older than an instant; tells how many rows went."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data: what it is, how many days it is kept, from when on they count, and why so long."""

    name: str
    what: Any
    days: int
    since: Any
    why: Any


TABLE: tuple[Kept, ...] = (
    Kept("uploads", _l("Uploaded lists"), 30, _l("from the upload"), _l("So that an import can be checked and taken back.")),
    Kept("codes", _l("Codes sent by SMS"), 1, _l("from sending"), _l("They are valid for five minutes.")),
    Kept("outbox", _l("Mails and SMS that were sent"), 30, _l("from sending"), _l("So that a complaint about a message can be looked into.")),
    Kept("guardian-links", _l("Links sent to guardians"), 190, _l("from sending"), _l("To show when and how a guardian was asked. The consent itself is kept with the student.")),
    Kept("sign-ins", _l("Sign-ins"), 190, _l("from the end of the session"), _l("Network logs are kept at least six months (Cybersecurity Law, art. 23).")),
    Kept("messages", _l("Messages in the product"), 365, _l("from telling"), _l("One school year, to read again.")),
    Kept("tickets", _l("Questions to the school"), 365, _l("from the answer"), _l("To show that a request was answered in time.")),
    Kept("moved", _l("Students who moved to another college"), 365, _l("from the day of moving"), _l("The college no longer looks after them.")),
    Kept("graduates", _l("Graduates"), 1096, _l("from graduation"), _l("Employment is followed for three years; then only numbers stay.")),
    Kept("looks", _l("Who looked at whose data"), 1096, _l("from the look"), _l("At least three years (Network Data Security Regulation, art. 12).")),
    Kept("audit", _l("Who did what"), 1096, _l("from the act"), _l("So that every step can be accounted for; without names.")),
)  # fmt: skip
"""The whole clock. Whatever is not in it stays until its purpose ends or the person erases it."""
PURGES: dict[str, Purge] = {}


def purges(name: str) -> Callable[[Purge], Purge]:
    """Decorator: this function deletes that kind of data."""
    if name not in {one.name for one in TABLE}:
        raise ValueError(f"{name!r} has no line in the table of retention")

    def keep(purge: Purge) -> Purge:
        PURGES[name] = purge
        return purge

    return keep


def of(name: str) -> Kept:
    """One line of the table."""
    return next(one for one in TABLE if one.name == name)


def run() -> dict[str, int]:
    """Delete all that is over its time, kind after kind, each committed on its own; tells how many of each."""
    gone = {}
    for one in TABLE:
        n = PURGES[one.name](clock.now() - timedelta(days=one.days))
        if n:
            gone[one.name] = n
            audit.record("purge", ("retention", None), by=None, kind=one.name, n=n)
        db.session.commit()
    return gone


purges("looks")(audit.forget_looks)
purges("audit")(audit.forget_lines)
