"""Telling people: a row in the product, and an outbox row for what has to leave. Flushes; leaves after the commit."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import urlsplit

import sqlalchemy as sa

from consortium.accounts.models import Person
from consortium.messages import wording
from consortium.messages.models import Message, OutboxItem, Switch
from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.db import db, insert_ignoring
from consortium.shared.i18n import in_language
from consortium.shared.tasks import QUEUED, Claim, finish, ring_after_commit

IN_APP, MAIL, SMS = "in-app", "mail", "sms"


class Transport(Protocol):
    """A way out for one channel."""

    def send(self, person: Person, subject: str, body: str) -> None:
        """Send, or raise OSError to be tried again."""


def tell(
    person_id: int | None, kind: str, *, key: str, link: str = "", channels: tuple[str, ...] = (IN_APP,), **facts: Any
) -> None:
    """Tell one person once. `key` names the occasion: told twice, it leaves once."""
    if person_id is None:
        return
    off = set(
        db.session.scalars(
            sa.select(Switch.channel).where(Switch.person_id == person_id, Switch.kind == kind, Switch.on.is_(False))
        )
    )
    natural = f"{kind}:{key}:{person_id}"
    if len(natural) > 150:
        natural = hashlib.sha256(natural.encode()).hexdigest()
    if IN_APP in channels and IN_APP not in off:
        told = {"key": natural, "person_id": person_id, "kind": kind, "facts": facts, "link": link, "created_at": clock.now()}
        insert_ignoring(Message, [told], ["key"])
    for channel in (MAIL, SMS):
        if channel in channels and channel not in off:
            own = f"{natural}:{channel}"[-160:]
            row = {
                "key": own, "channel": channel, "person_id": person_id, "kind": kind, "facts": facts, "link": link,
                "state": QUEUED, "due_at": clock.now(), "created_at": clock.now(), "fence": 0, "attempts": 0,
                "subject": "", "body": "", "trouble": "",
            }  # fmt: skip
            if insert_ignoring(OutboxItem, [row], ["key"]):
                number = db.session.scalar(sa.select(OutboxItem.id).where(OutboxItem.key == own))
                assert number is not None
                ring_after_commit("messages.deliver", number)
    db.session.flush()


def deliver(held: Claim, transport_of: Callable[[str], Transport | None], public_url: str) -> None:
    """Put one item into words and send it; without a transport it stays readable on the outbox page."""
    item = db.session.get_one(OutboxItem, held.row_id)
    person = db.session.get_one(Person, item.person_id)
    with in_language(person.language):
        subject, body = wording.said(item.kind, item.facts)
    if item.link:
        body = f"{body}\n\n{public_url}{item.link}"
    channel = item.channel
    transport = transport_of(channel)
    db.session.expunge(person)
    db.session.rollback()
    if transport is not None:
        transport.send(person, subject, body)
    finish(held, subject=subject[:200], body=body)


def mark_read(actor: Actor) -> None:
    """All of one's messages are read now."""
    db.session.execute(
        sa.update(Message).where(Message.person_id == actor.person_id, Message.read_at.is_(None)).values(read_at=clock.now())
    )


class Smtp:
    """Mail by a server of ours: smtp://user:password@host:port."""

    def __init__(self, url: str, sender: str) -> None:
        self.parts, self.sender = urlsplit(url), sender

    def send(self, person: Person, subject: str, body: str) -> None:
        """One message; a person without an address is passed over."""
        if not person.email:
            return
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, person.email, subject
        mail.set_content(body)
        with smtplib.SMTP(self.parts.hostname or "localhost", self.parts.port or 25, timeout=10) as server:
            if self.parts.username:
                server.starttls()
                server.login(self.parts.username, self.parts.password or "")
            server.send_message(mail)
