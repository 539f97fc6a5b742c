"""Tables of the quarterly question to enterprises: whether they can take people, which, or why not."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.accounts.models import Tenant
from consortium.shared.db import Base, Instant, Row
from consortium.shared.holdings import aside


class IntentRound(Row, Base):
    """One quarter's question (接收意愿季报), asked by the zone."""

    __tablename__ = "intent_rounds"
    __table_args__ = (sa.UniqueConstraint("year", "quarter"), sa.CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"))

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    year: Mapped[int]
    quarter: Mapped[int]
    closes_on: Mapped[date]
    closed_at: Mapped[datetime | None] = mapped_column(Instant())


class IntentAsk(Row, Base):
    """That one enterprise is asked, and how often it was told so."""

    __tablename__ = "intent_asks"
    __table_args__ = (sa.UniqueConstraint("round_id", "tenant_id"),)

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("intent_rounds.id"))
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    n_sent: Mapped[int] = mapped_column(default=0)
    last_sent_at: Mapped[datetime | None] = mapped_column(Instant())


class IntentAnswer(Row, Base):
    """An answer; a later one supersedes it and it stays as history."""

    __tablename__ = "intent_answers"
    __table_args__ = (
        sa.CheckConstraint("answer IN ('yes','perhaps','no')", name="answer"),
        sa.Index(
            "uq_intent_answers_current", "round_id", "tenant_id", unique=True,
            sqlite_where=sa.text("superseded_at IS NULL"), postgresql_where=sa.text("superseded_at IS NULL"),
        ),
    )  # fmt: skip

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("intent_rounds.id"))
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    answer: Mapped[str] = mapped_column(sa.String(10))
    reasons: Mapped[list[str]] = mapped_column(default=list)
    remark: Mapped[str] = mapped_column(sa.String(300), default="")
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))  # none: by the link
    superseded_at: Mapped[datetime | None] = mapped_column(Instant())
    tenant: Mapped[Tenant] = relationship()
    wishes: Mapped[list[IntentWish]] = relationship(back_populates="answer", order_by="IntentWish.id")


class IntentWish(Row, Base):
    """Roughly how many people of which class of majors, for what."""

    __tablename__ = "intent_wishes"
    __table_args__ = (sa.CheckConstraint("heads > 0", name="heads"), sa.CheckConstraint("kind IN ('internship','job')", name="kind"))

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("intent_answers.id"), index=True)
    class_key: Mapped[str] = mapped_column(sa.String(4))
    heads: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(20))
    answer: Mapped[IntentAnswer] = relationship(back_populates="wishes")


aside({"intent_answers"}, "who answered for an enterprise")
