"""Tables of what people are told and of what still has to leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared.db import Base, Instant, Json, Row
from consortium.shared.tasks import Job


class Message(Row, Base):
    """One thing told in the product; kept as kind and facts, put into words when it is read."""

    __tablename__ = "messages"
    __table_args__ = (sa.Index("ix_messages_person_read", "person_id", "read_at"), sa.UniqueConstraint("key"))

    key: Mapped[str] = mapped_column(sa.String(160))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    kind: Mapped[str] = mapped_column(sa.String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    link: Mapped[str] = mapped_column(sa.String(300), default="")
    read_at: Mapped[datetime | None] = mapped_column(Instant())


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


class Switch(Row, Base):
    """A person's wish not to be told of a kind of thing by a channel."""

    __tablename__ = "message_switches"
    __table_args__ = (sa.UniqueConstraint("person_id", "kind", "channel"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    kind: Mapped[str] = mapped_column(sa.String(60))
    channel: Mapped[str] = mapped_column(sa.String(10))
    on: Mapped[bool] = mapped_column("is_on", default=True)
