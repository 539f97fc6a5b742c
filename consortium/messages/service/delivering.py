"""Putting an item into words and handing it to its way out.

Exactly once in effect: the row is claimed by a fence, and whatever is handed over carries the row's key. A worker that dies between
handing over and `done` hands the same key over again, and a mail server or SMS gateway that knows the key drops the second.
"""

from __future__ import annotations

import hashlib
import json
import smtplib
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlsplit

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeSerializer

from consortium.accounts.models import Person
from consortium.messages import wording
from consortium.messages.models import Message, NumberItem, OutboxItem
from consortium.messages.wording import MAIL
from consortium.shared import sealed
from consortium.shared.db import db
from consortium.shared.i18n import in_language
from consortium.shared.tasks import Claim, finish


class Transport(Protocol):
    """A way out for one channel."""

    def send(self, address: str, subject: str, body: str, *, key: str, stop: str = "") -> None:
        """Send, or raise OSError to be tried again; the same key again is the same message, `stop` the address that ends such mails."""


def deliver(held: Claim, transport_of: Callable[[str], Transport | None], public_url: str, secret: str) -> None:
    """Put one item into words and send it; without a transport it stays readable on the outbox page."""
    item = db.session.get_one(OutboxItem, held.row_id)
    person = db.session.get_one(Person, item.person_id)
    stop = "" if item.kind in wording.MANDATORY else f"{public_url}/messages/unsubscribe/{unsubscribe_token(person, item.kind, secret)}"
    with in_language(person.language):
        subject, body = _digest(item, public_url) if item.kind == "digest" else wording.said(item.kind, item.facts)
        if item.link:
            body = f"{body}\n\n{public_url}{item.link}"
        if item.channel == MAIL:
            foot = [str(wording.FOOT["stop"]) % {"url": stop}] if stop else []
            body = "\n".join([body, "", "--", *foot, str(wording.FOOT["settings"]) % {"url": f"{public_url}/messages/settings"}])
    channel, key, address = item.channel, item.key, person.email if item.channel == MAIL else person.phone
    transport = transport_of(channel) if person.state == "active" and address and body else None
    db.session.rollback()  # the sending holds no transaction
    if transport is not None:
        transport.send(address, subject, body, key=key, stop=stop)
    finish(held, subject=subject[:200], body=body)


def deliver_to_number(held: Claim, transport: Transport | None, secret: str, *, keep: bool) -> None:
    """The same for a number without an account; what was sent is not kept, but in the demonstration."""
    item = db.session.get_one(NumberItem, held.row_id)
    number, facts = sealed.unseal(item.sealed_number, secret), json.loads(sealed.unseal(item.sealed_facts, secret))
    with in_language(item.language):
        subject, body = wording.said(item.kind, facts)
    key = item.key
    db.session.rollback()
    if transport is not None:
        transport.send(number, subject, body, key=key)
    finish(held, **({} if keep else {"sealed_facts": sealed.seal("{}", secret)}))


def unsubscribe_token(person: Person, kind: str, secret: str) -> str:
    """A signed address that ends mails of one topic to one person, and can do nothing else."""
    told = "digest" if kind == "digest" else wording.topic(kind)
    return str(URLSafeSerializer(secret, salt="unsubscribe").dumps([str(person.public_id), told]))


def read_unsubscribe(token: str, secret: str) -> tuple[str, str] | None:
    """The person's public id and the topic; None where the signature is not ours."""
    try:
        who, topic = URLSafeSerializer(secret, salt="unsubscribe").loads(token)
        return str(who), str(topic)
    except (BadSignature, ValueError, TypeError):
        return None


def _digest(item: OutboxItem, public_url: str) -> tuple[str, str]:
    """Everything that was gathered, as it would be told now; nothing where it is gone meanwhile."""
    found = db.session.scalars(sa.select(Message).where(Message.id.in_(item.facts.get("messages", [])), Message.person_id == item.person_id).order_by(Message.id))
    lines = []
    for one in found:
        subject, body = wording.said(one.kind, one.facts)
        lines.append(f"· {subject}\n  {body}" + (f"\n  {public_url}{one.link}" if one.link else ""))
    subject, _ = wording.said("digest", {"n": len(lines)})
    return subject, "\n\n".join([str(wording.FOOT["gathered"]), *lines]) if lines else ""


class Smtp:
    """Mail by a server of ours: smtp://user:password@host:port."""

    def __init__(self, url: str, sender: str) -> None:
        self.parts, self.sender = urlsplit(url), sender

    def send(self, address: str, subject: str, body: str, *, key: str, stop: str = "") -> None:
        """One message; its Message-ID is made of the key, so that servers drop a second one."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, address, subject
        mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{self.sender.rpartition('@')[2]}>"
        if stop:
            mail["List-Unsubscribe"] = f"<{stop}>"
        mail.set_content(body)
        with smtplib.SMTP(self.parts.hostname or "localhost", self.parts.port or 25, timeout=10) as server:
            if self.parts.username:
                server.starttls()
                server.login(self.parts.username, self.parts.password or "")
            server.send_message(mail)


class HttpSms:
    """SMS by a gateway that takes JSON: {"to", "text"} with the key as its Idempotency-Key."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, address: str, subject: str, body: str, *, key: str, stop: str = "") -> None:
        """One text; errors of the network are OSErrors."""
        told = json.dumps({"to": address, "text": body}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": hashlib.sha256(key.encode()).hexdigest()}
        with urllib.request.urlopen(urllib.request.Request(self.url, told, headers), timeout=10) as answer:  # noqa: S310 - the address is the operator's own
            answer.read()
