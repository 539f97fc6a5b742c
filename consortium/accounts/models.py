"""Tables of people, organisations as tenants, memberships, sign-ins, invitations, requests to join and failed tries."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.db import Base, Id, Instant, Row, Versioned
from consortium.shared.holdings import KEEP, PERSON, aside, hold
from consortium.shared.i18n import Bilingual


class Tenant(Row, Base):
    """An organisation as the wall between data; what it *is* stands in `organisations`."""

    __tablename__ = "tenants"
    __table_args__ = (sa.CheckConstraint("kind IN ('zone','college','enterprise','bureau')", name="kind"),)

    kind: Mapped[str] = mapped_column(sa.String(20), index=True)
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(160), default="")
    state: Mapped[str] = mapped_column(sa.String(20), default="active")

    @property
    def name(self) -> Bilingual:
        """In both languages."""
        return Bilingual(self.name_zh, self.name_en)


class Person(Row, Versioned, Base):
    """Somebody who signs in; one person may belong to several organisations."""

    __tablename__ = "persons"

    login: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    email: Mapped[str] = mapped_column(sa.String(160), default="")
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    state: Mapped[str] = mapped_column(sa.String(20), default="active")
    memberships: Mapped[list[Membership]] = relationship(back_populates="person")


class Membership(Row, Base):
    """A person's role in one organisation."""

    __tablename__ = "memberships"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "tenant_id", "role"),
        sa.UniqueConstraint("tenant_id", "id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(30))
    state: Mapped[str] = mapped_column(sa.String(20), default="active")
    person: Mapped[Person] = relationship(back_populates="memberships")
    tenant: Mapped[Tenant] = relationship()

    def actor(self) -> Actor:
        """This membership as what use cases are given."""
        return Actor(self.person_id, self.id, self.tenant_id, TenantKind(self.tenant.kind), Role(self.role))


class SignIn(Base):
    """One server-side session: the browser holds a random token, we hold its hash."""

    __tablename__ = "sign_ins"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    membership_id: Mapped[int] = mapped_column(sa.ForeignKey("memberships.id"))
    created_at: Mapped[datetime] = mapped_column(Instant())
    seen_at: Mapped[datetime] = mapped_column(Instant())
    ended_at: Mapped[datetime | None] = mapped_column(Instant())
    device: Mapped[str] = mapped_column(sa.String(200), default="")
    person: Mapped[Person] = relationship()
    membership: Mapped[Membership] = relationship()


class Invitation(Row, Base):
    """A single-use link into an organisation; only the token's hash is kept."""

    __tablename__ = "invitations"

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(30))
    login: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(80))
    email: Mapped[str] = mapped_column(sa.String(160), default="")
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant())
    used_at: Mapped[datetime | None] = mapped_column(Instant())
    tenant: Mapped[Tenant] = relationship()


class JoinRequest(Row, Base):
    """Somebody with a proved phone asks to belong to an organisation that is here already; its head decides."""

    __tablename__ = "join_requests"
    __table_args__ = (
        sa.CheckConstraint("state IN ('asked','joined','refused')", name="state"),
        sa.Index(
            "uq_join_requests_open", "tenant_id", "person_id", unique=True,
            sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"),
        ),
    )  # fmt: skip

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    state: Mapped[str] = mapped_column(sa.String(20), default="asked")
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    person: Mapped[Person] = relationship()
    tenant: Mapped[Tenant] = relationship()


class FailedTries(Base):
    """Failures counted atomically, per account and per address, in windows."""

    __tablename__ = "failed_tries"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime] = mapped_column(Instant())


hold(
    "persons", "id", PERSON, on_erasure=KEEP, hidden={"password_hash"},
    blank={"name": "", "email": "", "phone": "", "password_hash": None, "state": "erased"}, stays={"login", "language", "created_at", "public_id"},
)  # fmt: skip
hold("memberships", "person_id", PERSON, on_erasure=KEEP, blank={"state": "suspended"}, stays={"person_id", "role", "created_at", "public_id"})
hold("sign_ins", "person_id", PERSON, hidden={"token_hash"})
hold("join_requests", "person_id", PERSON)
aside({"invitations"}, "who invited a colleague; what was accepted stands with the person")
