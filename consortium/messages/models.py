"""Tables of what people are told, of what still has to leave, and of how each person wants to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared.db import Base, Instant, Json, Row
from consortium.shared.holdings import PERSON, hold
from consortium.shared.tasks import Job


class Message(Row, Base):
    """One thing told in the product; kept as kind and facts, put into words when it is read."""

    __tablename__ = "messages"
    __table_args__ = (
        sa.Index("ix_messages_person_read", "person_id", "read_at"),
        sa.UniqueConstraint("key"),
        sa.Index("ix_messages_in_digest", "in_digest", "mailed_at"),
    )

    key: Mapped[str] = mapped_column(sa.String(160))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    kind: Mapped[str] = mapped_column(sa.String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    link: Mapped[str] = mapped_column(sa.String(300), default="")
    read_at: Mapped[datetime | None] = mapped_column(Instant())
    in_digest: Mapped[bool] = mapped_column(default=False)  # to be told by the next mail that gathers such things
    mailed_at: Mapped[datetime | None] = mapped_column(Instant())


class OutboxItem(Row, Job, Base):
    """Something to leave by mail or SMS; its natural key makes it leave once."""

    __tablename__ = "outbox_items"

    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    channel: Mapped[str] = mapped_column(sa.String(10))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    link: Mapped[str] = mapped_column(sa.String(300), default="")
    subject: Mapped[str] = mapped_column(sa.String(200), default="")
    body: Mapped[str] = mapped_column(sa.Text(), default="")


class NumberItem(Row, Job, Base):
    """An SMS to a number that belongs to no account: a code, a guardian's link. Number and facts are sealed."""

    __tablename__ = "number_items"

    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    sealed_number: Mapped[str] = mapped_column(sa.Text())
    sealed_facts: Mapped[str] = mapped_column(sa.Text())
    number_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")


class Switch(Row, Base):
    """A person's wish not to be told of a kind of thing by a channel."""

    __tablename__ = "message_switches"
    __table_args__ = (sa.UniqueConstraint("person_id", "kind", "channel"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    kind: Mapped[str] = mapped_column(sa.String(60))  # a kind, or a topic
    channel: Mapped[str] = mapped_column(sa.String(10))
    on: Mapped[bool] = mapped_column("is_on", default=True)


class MessageSetting(Row, Base):
    """How often a person wants mail that is not pressing."""

    __tablename__ = "message_settings"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), unique=True)
    digest: Mapped[str] = mapped_column(sa.String(10), default="daily")  # each daily weekly never


hold("messages", "person_id", PERSON, hidden={"key"})
hold("outbox_items", "person_id", PERSON, hidden={"key"})
hold("message_switches", "person_id", PERSON)
hold("message_settings", "person_id", PERSON)
