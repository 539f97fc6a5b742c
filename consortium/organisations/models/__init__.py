"""Tables of enterprises, colleges and bureaus, and of each firm's dated intern quota."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.accounts.models import Tenant
from consortium.organisations.models.intents import IntentAnswer, IntentAsk, IntentRound, IntentWish
from consortium.organisations.models.lists import ListItem
from consortium.organisations.models.registration import Check, CheckNote, Licence, ListedEnterprise, Registration
from consortium.shared.db import Base, Instant, Row, Versioned

__all__ = [
    "BureauReach", "Check", "CheckNote", "College", "CollegeMajor", "Enterprise", "IntentAnswer", "IntentAsk", "IntentRound", "IntentWish", "Licence",
    "ListItem", "ListedEnterprise", "PostFamily", "QuotaHold", "Registration", "SiteVisit",
]  # fmt: skip


class Enterprise(Row, Versioned, Base):
    """A firm: who it is, how many work there, and whether it may host."""

    __tablename__ = "enterprises"

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), unique=True)
    credit_code: Mapped[str] = mapped_column(sa.String(18), unique=True)  # 统一社会信用代码
    industry_code: Mapped[str] = mapped_column(sa.String(8))  # GB/T 4754-2017
    host_type: Mapped[str] = mapped_column(sa.String(30), default="enterprise")
    place_code: Mapped[str] = mapped_column(sa.String(12), default="")  # statistical division
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    about: Mapped[str] = mapped_column(sa.String(2000), default="")
    staff: Mapped[int | None]  # 在岗职工总数
    staff_as_of: Mapped[date | None]
    verified_at: Mapped[datetime | None] = mapped_column(Instant())
    credit_checked_on: Mapped[date | None]
    ledger_turn: Mapped[int] = mapped_column(default=0)  # raised by every change of the ledger: its row lock
    tenant: Mapped[Tenant] = relationship()


class PostFamily(Row, Versioned, Base):
    """Posts of the same kind within a firm (同类岗位) and how many employees hold one."""

    __tablename__ = "post_families"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "name"), sa.UniqueConstraint("tenant_id", "id"))

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    staff: Mapped[int | None]
    staff_as_of: Mapped[date | None]


class QuotaHold(Row, Base):
    """Interns that a post reserves, or that are there, from a day to a day; counted over all colleges."""

    __tablename__ = "quota_holds"
    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "family_id"], ["post_families.tenant_id", "post_families.id"]),
        sa.CheckConstraint("heads > 0", name="heads"),
        sa.CheckConstraint("from_on <= to_on", name="days"),
        sa.Index("ix_quota_holds_tenant_id_days", "tenant_id", "from_on", "to_on"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    family_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    holder: Mapped[uuid.UUID] = mapped_column(unique=True)  # opaque: a post's or an internship's public id
    kind: Mapped[str] = mapped_column(sa.String(20))  # reserved | occupied
    heads: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date]
    override_reason: Mapped[str] = mapped_column(sa.String(300), default="")


class College(Row, Versioned, Base):
    """A college or its campus in the city."""

    __tablename__ = "colleges"

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), unique=True)
    moe_code: Mapped[str] = mapped_column(sa.String(10), unique=True)
    level: Mapped[str] = mapped_column(sa.String(20))
    tenant: Mapped[Tenant] = relationship()


class CollegeMajor(Row, Base):
    """A major of the national catalogue that a college runs, and for which cohorts; no last one: still enrolling."""

    __tablename__ = "college_majors"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "major_code"),)

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    major_code: Mapped[str] = mapped_column(sa.String(10))
    first_cohort: Mapped[int | None] = mapped_column(sa.SmallInteger())
    last_cohort: Mapped[int | None] = mapped_column(sa.SmallInteger())


class SiteVisit(Row, Base):
    """A college's visit to a new host, its decision and publication (R06)."""

    __tablename__ = "site_visits"
    __table_args__ = (sa.UniqueConstraint("college_tenant_id", "enterprise_tenant_id"),)

    college_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    enterprise_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    visited_on: Mapped[date]
    decided_on: Mapped[date | None]
    published_on: Mapped[date | None]


class BureauReach(Row, Base):
    """Whose figures a bureau's observers may see."""

    __tablename__ = "bureau_reaches"
    __table_args__ = (sa.UniqueConstraint("bureau_tenant_id", "tenant_id"),)

    bureau_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
