"""Tables of filings, schools' overrides, mentors with the load they are bound to, and what the zone has entered over the law's files."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from consortium.accounts.models import Person, Tenant
from consortium.shared.db import Base, Instant, Json, Row, Versioned
from consortium.shared.holdings import aside


class Filing(Row, Versioned, Base):
    """What an enterprise or a college has filed with the authority (R24–R26), for whom and until when; it counts once the zone has verified it.

    Scopes are lists, empty for all: kinds of posts, posts (public ids), majors (M: C: G:), colleges (tenant ids).
    """

    __tablename__ = "filings"
    __table_args__ = (
        sa.Index(
            "uq_filings_number",
            "tenant_id",
            "number",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL AND refusal = ''"),
            postgresql_where=sa.text("withdrawn_at IS NULL AND refusal = ''"),
        ),
        sa.CheckConstraint("valid_from <= valid_until", name="days"),
        sa.CheckConstraint("verified_at IS NULL OR refusal = ''", name="verdict"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    rules: Mapped[list[str]] = mapped_column(Json, default=list)
    number: Mapped[str] = mapped_column(sa.String(80))
    authority: Mapped[str] = mapped_column(sa.String(120))
    filed_on: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date] = mapped_column(index=True)
    covers_holidays: Mapped[bool] = mapped_column(default=False)
    families: Mapped[list[int]] = mapped_column(Json, default=list)
    posts: Mapped[list[str]] = mapped_column(Json, default=list)
    majors: Mapped[list[str]] = mapped_column(Json, default=list)
    colleges: Mapped[list[int]] = mapped_column(Json, default=list)
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    file_name: Mapped[str] = mapped_column(sa.String(120), default="")
    file_kind: Mapped[str] = mapped_column(sa.String(40), default="")
    file_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    file: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary()))
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    entered_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    verified_at: Mapped[datetime | None] = mapped_column(Instant())
    verified_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    refusal: Mapped[str] = mapped_column(sa.String(300), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant())
    warned_on: Mapped[date | None]  # of its end
    tenant: Mapped[Tenant] = relationship(foreign_keys=[tenant_id])
    entered_by: Mapped[Person | None] = relationship(foreign_keys=[entered_by_id])
    entered_tenant: Mapped[Tenant] = relationship(foreign_keys=[entered_tenant_id])


class Override(Row, Base):
    """A school lets a rule pass at a host, for its own students, with a reason that the zone sees and counts."""

    __tablename__ = "rule_overrides"
    __table_args__ = (
        sa.CheckConstraint("valid_from <= valid_until", name="days"),
        sa.CheckConstraint("length(reason) > 0", name="reason"),
        sa.Index("ix_rule_overrides_rule", "rule", "college_tenant_id"),
    )

    college_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    enterprise_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    rule: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.String(300))
    families: Mapped[list[int]] = mapped_column(Json, default=list)
    posts: Mapped[list[str]] = mapped_column(Json, default=list)
    majors: Mapped[list[str]] = mapped_column(Json, default=list)
    valid_from: Mapped[date]  # for internships that begin from here on …
    valid_until: Mapped[date]  # … to here
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant())
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    withdrawal: Mapped[str] = mapped_column(sa.String(300), default="")
    college: Mapped[Tenant] = relationship(foreign_keys=[college_tenant_id])
    enterprise: Mapped[Tenant] = relationship(foreign_keys=[enterprise_tenant_id])
    recorded_by: Mapped[Person | None] = relationship(foreign_keys=[recorded_by_id])


class Mentor(Row, Versioned, Base):
    """Somebody of an enterprise who looks after interns: how many at a time, in which kinds of posts, trained when."""

    __tablename__ = "mentors"
    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "membership_id"], ["memberships.tenant_id", "memberships.id"]),
        sa.UniqueConstraint("tenant_id", "name"),
        sa.UniqueConstraint("membership_id"),
        sa.CheckConstraint("load_limit BETWEEN 1 AND 500", name="load_limit"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    membership_id: Mapped[int | None] = mapped_column(sa.BigInteger())  # who has no account may be a mentor too
    name: Mapped[str] = mapped_column(sa.String(80))
    load_limit: Mapped[int] = mapped_column(sa.SmallInteger())
    trained_on: Mapped[date | None]
    families: Mapped[list[int]] = mapped_column(Json, default=list)  # kinds of posts; empty: any
    ended_at: Mapped[datetime | None] = mapped_column(Instant())


class MentorHold(Row, Base):
    """Interns of one post that a mentor is bound to look after, from a day to a day."""

    __tablename__ = "mentor_holds"
    __table_args__ = (
        sa.UniqueConstraint("mentor_id", "holder"),
        sa.CheckConstraint("heads > 0", name="heads"),
        sa.CheckConstraint("from_on <= to_on", name="days"),
    )

    mentor_id: Mapped[int] = mapped_column(sa.ForeignKey("mentors.id"))
    holder: Mapped[uuid.UUID] = mapped_column(index=True)  # opaque: a post's public id
    label: Mapped[str] = mapped_column(sa.String(80), default="")  # what the holder is called
    heads: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date]


class LawEntry(Row, Base):
    """A line that the zone has entered over the law's files: never changed, only followed by a newer one."""

    __tablename__ = "law_entries"
    __table_args__ = (sa.Index("ix_law_entries_kind_key", "kind", "key"),)

    kind: Mapped[str] = mapped_column(sa.String(20))  # threshold holiday make-up hazard
    key: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[str] = mapped_column(sa.String(80), default="")
    name_zh: Mapped[str] = mapped_column(sa.String(120), default="")
    name_en: Mapped[str] = mapped_column(sa.String(160), default="")
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(sa.String(200))
    source_on: Mapped[date | None]
    gone: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))


aside({"filings", "rule_overrides", "mentors", "law_entries"}, "who entered, verified or withdrew a paper of an office; a mentor is named for her work")
