"""What one has read, how one wants to be told, and what is forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from consortium.accounts.models import Person
from consortium.messages import rules, wording
from consortium.messages.models import Message, MessageSetting, NumberItem, OutboxItem, Switch
from consortium.messages.service.delivering import read_unsubscribe
from consortium.messages.wording import MAIL, SMS
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db, upsert
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.tasks import DONE, QUARANTINED


def mark_read(actor: Actor) -> None:
    """All of one's messages are read now."""
    db.session.execute(
        sa.update(Message).where(Message.person_id == actor.person_id, Message.read_at.is_(None)).values(read_at=clock.now())
    )


def mark_one_read(message: Message) -> None:
    """This one is read."""
    message.read_at = message.read_at or clock.now()
    db.session.flush()


def save_settings(actor: Actor, digest: str, on: Mapping[tuple[str, str], bool]) -> None:
    """How often mail comes, and which topics by which way: (topic, channel) → yes or no. Raises Invalid."""
    if digest not in rules.DIGESTS:
        raise Invalid({"digest": [_l("Choose one.")]})
    _set_digest(actor.person_id, digest)
    for (topic, channel), wanted in on.items():
        if topic in wording.TOPICS and channel in (MAIL, SMS):
            _set_switch(actor.person_id, topic, channel, wanted)
    db.session.flush()
    audit.record("set-messages", ("persons", actor.person_id), by=actor, digest=digest)


def unsubscribe(token: str, secret: str) -> tuple[Person, str]:
    """End mails of the topic that a signed address names; raises NotFound. Twice is once."""
    person, topic = subscriber(token, secret)
    if topic == "digest":
        _set_digest(person.id, rules.NEVER)
    else:
        _set_switch(person.id, topic, MAIL, False)
    audit.record("unsubscribe", ("persons", person.id), by=None, topic=topic)
    return person, topic


def subscriber(token: str, secret: str) -> tuple[Person, str]:
    """Whose address it is, and for which topic; raises NotFound."""
    found = read_unsubscribe(token, secret)
    if found is None or (found[1] != "digest" and found[1] not in wording.TOPICS):
        raise NotFound
    person = db.session.scalar(sa.select(Person).where(Person.public_id == uuid.UUID(found[0]), Person.state == "active"))
    if person is None:
        raise NotFound
    return person, found[1]


def forget_words(links: Iterable[str], names: Iterable[str]) -> None:
    """A person is gone: what others were told of her keeps its occasion and loses her name."""
    there, gone = list(links), set(names)
    for message in db.session.scalars(sa.select(Message).where(Message.link.in_(there))):
        message.facts = {name: told for name, told in message.facts.items() if name not in gone}
    for item in db.session.scalars(sa.select(OutboxItem).where(OutboxItem.link.in_(there))):
        item.facts = {name: told for name, told in item.facts.items() if name not in gone}
        if item.state == DONE:
            item.subject = item.body = ""
    for item in db.session.scalars(sa.select(OutboxItem).where(OutboxItem.kind == "digest", OutboxItem.body != "")):
        told = set(item.facts.get("messages", []))
        if told and db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(Message.id.in_(told), Message.link.in_(there))):
            item.subject = item.body = ""
    db.session.flush()


def forget_number(number_hash: str) -> None:
    """What was sent to a number without an account."""
    db.session.execute(sa.delete(NumberItem).where(NumberItem.number_hash == number_hash))


def forget_messages(before: datetime) -> int:
    """Messages of more than a year ago."""
    return int(db.session.execute(sa.delete(Message).where(Message.created_at < before)).rowcount)  # type: ignore[attr-defined]


def forget_sent(before: datetime) -> int:
    """What left, or could not leave, more than a month ago."""
    n = 0
    for kind in (OutboxItem, NumberItem):
        old = sa.delete(kind).where(kind.state.in_((DONE, QUARANTINED)), kind.created_at < before)
        n += int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
    return n


def _set_digest(person_id: int, digest: str) -> None:
    row = {"person_id": person_id, "digest": digest, "created_at": clock.now(), "public_id": uuid.uuid4()}
    db.session.execute(upsert(MessageSetting).values(**row).on_conflict_do_update(index_elements=["person_id"], set_={"digest": digest}))
    if digest == rules.NEVER:
        db.session.execute(
            sa.update(Message).where(Message.person_id == person_id, Message.in_digest.is_(True), Message.mailed_at.is_(None)).values(in_digest=False)
        )


def _set_switch(person_id: int, topic: str, channel: str, wanted: bool) -> None:
    row = {"person_id": person_id, "kind": topic, "channel": channel, "is_on": wanted, "created_at": clock.now(), "public_id": uuid.uuid4()}
    statement = upsert(Switch.__table__).values(**row)
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id", "kind", "channel"], set_={"is_on": wanted}))


__all__ = [
    "forget_messages", "forget_number", "forget_sent", "forget_words", "mark_one_read", "mark_read", "save_settings", "subscriber", "unsubscribe",
]  # fmt: skip
