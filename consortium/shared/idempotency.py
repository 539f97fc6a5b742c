"""A form sent twice has one effect: the key it carried, what was asked, and the answer given."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared import clock
from consortium.shared.db import Base, Id, Instant, db
from consortium.shared.holdings import aside

KEPT_FOR = timedelta(hours=24)


class SentForm(Base):
    """One creating request that succeeded; unique per person and key."""

    __tablename__ = "sent_forms"
    __table_args__ = (sa.UniqueConstraint("person_id", "key"),)

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(Instant(), default=clock.now, index=True)
    person_id: Mapped[int] = mapped_column(sa.BigInteger())
    key: Mapped[uuid.UUID]
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int] = mapped_column(default=0)
    location: Mapped[str] = mapped_column(sa.String(500), default="")
    mimetype: Mapped[str] = mapped_column(sa.String(80), default="")
    body: Mapped[str] = mapped_column(sa.Text(), default="")  # sealed: it may tell a link that is told once


def fingerprint(method: str, path: str, fields: list[tuple[str, str]]) -> str:
    """SHA-256 of what was asked, whatever the order of its fields."""
    told = "\n".join([method, path, *sorted(f"{name}={value}" for name, value in fields)])
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def earlier(person_id: int, key: uuid.UUID) -> SentForm | None:
    """The stored answer to this key, if it was sent within a day."""
    return db.session.scalar(
        sa.select(SentForm).where(
            SentForm.person_id == person_id, SentForm.key == key, SentForm.at > clock.now() - KEPT_FOR
        )
    )


def forget_old() -> None:
    """Remove what is older than a day."""
    db.session.execute(sa.delete(SentForm).where(SentForm.at <= clock.now() - KEPT_FOR))


def begin(person_id: int, key: uuid.UUID, request_hash: str) -> SentForm:
    """Claim the key inside the transaction of the act; a twin at the same instant breaks on the unique key."""
    db.session.execute(
        sa.delete(SentForm).where(
            SentForm.person_id == person_id, SentForm.key == key, SentForm.at <= clock.now() - KEPT_FOR
        )
    )
    form = SentForm(person_id=person_id, key=key, request_hash=request_hash)
    db.session.add(form)
    db.session.flush()
    return form


aside({"sent_forms"}, "answers to forms, sealed, for a day")
