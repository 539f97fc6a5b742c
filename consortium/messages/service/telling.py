"""Telling one person or one number: the row in the product, and the rows that have to leave. Told twice, it leaves once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa

from consortium.messages import queries, rules, wording
from consortium.messages.models import Message, NumberItem, OutboxItem
from consortium.messages.wording import IN_APP, MAIL, SMS
from consortium.shared import clock, sealed
from consortium.shared.db import db, insert_ignoring
from consortium.shared.tasks import QUEUED, ring_after_commit

JOB: dict[str, Any] = {"state": QUEUED, "fence": 0, "attempts": 0, "trouble": ""}


_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quietly() -> Iterator[None]:
    """Within it nobody is told anything: what a file brings about is no news to anybody."""
    before = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(before)


def tell(
    person_id: int | None, kind: str, *, key: str, link: str = "", channels: tuple[str, ...] = (IN_APP,), **facts: Any
) -> None:
    """Tell one person once. `key` names the occasion. Mail that is not pressing waits for the person's digest, SMS for the morning."""
    if person_id is None or _quiet.get():
        return
    must = kind in wording.MANDATORY
    off = set() if must else queries.switched_off(person_id, kind)
    ways = [way for way in channels if way not in off]
    natural = _fitting(f"{kind}:{key}:{person_id}")
    gathers = MAIL in ways and IN_APP in ways and not must and queries.digest_of(person_id) != rules.EACH
    if IN_APP in ways:
        told = {
            "key": natural, "person_id": person_id, "kind": kind, "facts": facts, "link": link, "created_at": clock.now(),
            "in_digest": gathers and queries.digest_of(person_id) != rules.NEVER,
        }  # fmt: skip
        insert_ignoring(Message, [told], ["key"])
    for channel in (MAIL, SMS):
        if channel in ways and not (channel == MAIL and gathers):
            due = clock.now() if must else rules.not_before(clock.local(clock.now()))
            queue(person_id, kind, channel, f"{natural}:{channel}"[-160:], link, facts, due)
    db.session.flush()


def queue(person_id: int, kind: str, channel: str, key: str, link: str, facts: dict[str, Any], due: Any) -> bool:
    """Put one item into the outbox, unless its key is there already; rings after the commit."""
    row = {
        "key": key, "channel": channel, "person_id": person_id, "kind": kind, "facts": facts, "link": link, "due_at": due, "created_at": clock.now(),
        "subject": "", "body": "", **JOB,
    }  # fmt: skip
    if not insert_ignoring(OutboxItem, [row], ["key"]):
        return False
    number = db.session.scalar(sa.select(OutboxItem.id).where(OutboxItem.key == key))
    assert number is not None
    if due <= clock.now():
        ring_after_commit("messages.deliver", number)
    return True


def tell_number(number: str, kind: str, *, key: str, language: str, secret: str, **facts: Any) -> None:
    """Send an SMS to a number without an account, at once: somebody is waiting for it."""
    natural = _fitting(f"{kind}:{key}")
    row = {
        "key": natural, "sealed_number": sealed.seal(number, secret), "sealed_facts": sealed.seal(json.dumps(facts, ensure_ascii=False), secret),
        "number_hash": sealed.keyed_hash(number, secret), "kind": kind, "language": language, "due_at": clock.now(), "created_at": clock.now(), **JOB,
    }  # fmt: skip
    if insert_ignoring(NumberItem, [row], ["key"]):
        item = db.session.scalar(sa.select(NumberItem.id).where(NumberItem.key == natural))
        assert item is not None
        ring_after_commit("messages.deliver_to_number", item)
    db.session.flush()


def _fitting(natural: str) -> str:
    return natural if len(natural) <= 150 else hashlib.sha256(natural.encode()).hexdigest()
