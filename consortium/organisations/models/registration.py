"""Tables of the zone's list of enterprises, of registrations at the door, and of checks by hand with their licences."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.accounts.models import Person, Tenant
from consortium.shared.db import Base, Instant, Row, Versioned
from consortium.shared.holdings import PERSON, aside, hold


class ListedEnterprise(Row, Versioned, Base):
    """An enterprise the zone knows: who is on this list is verified at once."""

    __tablename__ = "listed_enterprises"

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))  # the zone that keeps the list
    credit_code: Mapped[str] = mapped_column(sa.String(18), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    industry_code: Mapped[str] = mapped_column(sa.String(8))
    phone: Mapped[str] = mapped_column(sa.String(20), default="")  # if known: only this number is verified at once


class Registration(Row, Base):
    """Somebody at the door: what was typed, and the code sent to the contact's phone. Short-lived; only hashes of token and code."""

    __tablename__ = "registrations"

    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    credit_code: Mapped[str] = mapped_column(sa.String(18), index=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    industry_code: Mapped[str] = mapped_column(sa.String(8), default="")
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    n_sent: Mapped[int] = mapped_column(default=0)
    code_sent_at: Mapped[datetime | None] = mapped_column(Instant())
    code_expires_at: Mapped[datetime | None] = mapped_column(Instant())
    n_wrong: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None] = mapped_column(Instant())
    proved_at: Mapped[datetime | None] = mapped_column(Instant())
    finished_at: Mapped[datetime | None] = mapped_column(Instant())
    expires_at: Mapped[datetime] = mapped_column(Instant())
    person: Mapped[Person | None] = relationship()


class Check(Row, Versioned, Base):
    """The zone's check of one enterprise by hand: where it stands and why."""

    __tablename__ = "enterprise_checks"
    __table_args__ = (
        sa.CheckConstraint("state IN ('lacking','waiting','asked','verified','refused')", name="state"),
        sa.Index("ix_enterprise_checks_state_queued", "state", "queued_at"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="lacking")
    queued_at: Mapped[datetime | None] = mapped_column(Instant())
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    tenant: Mapped[Tenant] = relationship()


class CheckNote(Row, Base):
    """One thing said about a check, by the firm or by the zone: what is asked for, why it was refused, what is answered."""

    __tablename__ = "check_notes"

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    check_id: Mapped[int] = mapped_column(sa.ForeignKey("enterprise_checks.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    side: Mapped[str] = mapped_column(sa.String(10))  # zone | firm
    step: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.String(500), default="")


class Licence(Row, Base):
    """A photo of the business licence, sealed; destroyed some time after the decision."""

    __tablename__ = "licences"

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    check_id: Mapped[int] = mapped_column(sa.ForeignKey("enterprise_checks.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(10))  # jpeg | png | pdf
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    sealed_content: Mapped[bytes | None] = mapped_column(sa.LargeBinary())


hold("registrations", "person_id", PERSON, hidden={"token_hash", "code_hash"})
aside({"check_notes"}, "what an office said to another about an enterprise")
