"""Tables of posts, what they ask for, and their seats."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.accounts.models import Person, Tenant
from consortium.organisations.models import PostFamily
from consortium.shared.db import Base, Instant, Json, Row, Versioned
from consortium.shared.holdings import aside
from consortium.skills.models import Skill


class Position(Row, Versioned, Base):
    """What an enterprise posts: an internship (岗位实习) or a job (就业)."""

    __tablename__ = "positions"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "family_id"], ["post_families.tenant_id", "post_families.id"]),
        sa.CheckConstraint("kind IN ('internship','job')", name="kind"),
        sa.CheckConstraint("end_on IS NULL OR start_on IS NULL OR start_on <= end_on", name="days"),
        sa.Index("ix_positions_state_kind", "state", "kind"),
        sa.Index("uq_positions_own_code", "tenant_id", "own_code", unique=True),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    family_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(20), default="draft")  # draft open paused closed
    own_code: Mapped[str | None] = mapped_column(sa.Text())  # the enterprise's own number of it, by which a file finds it again
    title: Mapped[str] = mapped_column(sa.String(80))
    duties: Mapped[str] = mapped_column(sa.String(4000), default="")
    tasks: Mapped[list[str]] = mapped_column(Json, default=list)  # typical tasks (R13)
    occupation_code: Mapped[str] = mapped_column(sa.String(12), default="")
    place_code: Mapped[str] = mapped_column(sa.String(12), default="")
    place_note: Mapped[str] = mapped_column(sa.String(200), default="")
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]
    closes_on: Mapped[date | None]  # the last day on which students may come
    warned_for: Mapped[date | None]  # the last day that its firm was already warned of
    closed_at: Mapped[datetime | None] = mapped_column(Instant())
    closed_reason: Mapped[str] = mapped_column(sa.Text(), default="")
    closed_note: Mapped[str] = mapped_column(sa.Text(), default="")
    copied_from: Mapped[uuid.UUID | None]  # the public id of the post it repeats
    level_least: Mapped[str] = mapped_column(sa.String(20), default="")
    # pay, a month
    pay_fen: Mapped[int | None]
    same_post_pay_fen: Mapped[int | None]
    lowest_grade_fen: Mapped[int | None]
    pay_to_student: Mapped[bool | None]
    pay_in_kind: Mapped[bool | None]
    pay_period_days: Mapped[int | None]
    board: Mapped[bool | None]
    lodging: Mapped[bool | None]
    fees: Mapped[bool | None]
    # time and conditions
    hours_per_day: Mapped[float | None]
    hours_per_week: Mapped[float | None]
    shifts: Mapped[list[str]] = mapped_column(Json, default=list)  # "08:00-16:30": when each begins and ends
    night: Mapped[bool | None]
    rest_days: Mapped[bool | None]
    overtime: Mapped[bool | None]
    hazards: Mapped[list[str]] = mapped_column(Json, default=list)
    labour_level: Mapped[int | None] = mapped_column(sa.SmallInteger())  # GB/T 3869 I–IV
    venue: Mapped[str] = mapped_column(sa.String(30), default="")
    pauses_holidays: Mapped[bool | None]  # no work on any statutory holiday (R25)
    filings: Mapped[list[str]] = mapped_column(Json, default=list)  # what an earlier release let a firm type; filings count in `compliance`
    contract_kind: Mapped[str] = mapped_column(sa.Text(), default="")  # fixed | open | project (jobs)
    contract_months: Mapped[int | None] = mapped_column(sa.SmallInteger())
    probation_months: Mapped[int | None] = mapped_column(sa.SmallInteger())
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    warnings_accepted: Mapped[dict[str, str]] = mapped_column(Json, default=dict)  # rule code, or "wording" → the firm's reason
    tenant: Mapped[Tenant] = relationship()
    family: Mapped[PostFamily | None] = relationship(
        primaryjoin="and_(Position.family_id == PostFamily.id, Position.tenant_id == PostFamily.tenant_id)",
        foreign_keys="Position.family_id",
        viewonly=True,
    )
    majors: Mapped[list[PositionMajor]] = relationship(cascade="all, delete-orphan")
    skills: Mapped[list[PositionSkill]] = relationship(cascade="all, delete-orphan")
    seats: Mapped[Seats] = relationship(back_populates="position", cascade="all, delete-orphan")


class PositionMajor(Row, Base):
    """A major, major class or major category that a post accepts; none means any."""

    __tablename__ = "position_majors"
    __table_args__ = (sa.UniqueConstraint("position_id", "depth", "code"),)

    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"))
    depth: Mapped[str] = mapped_column(sa.String(10))  # major | class | category
    code: Mapped[str] = mapped_column(sa.String(10))


class PositionSkill(Row, Base):
    """A skill or certificate that a post asks for."""

    __tablename__ = "position_skills"
    __table_args__ = (sa.UniqueConstraint("position_id", "skill_id"),)

    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"))
    skill_id: Mapped[int] = mapped_column(sa.ForeignKey("skills.id"), index=True)
    must: Mapped[bool] = mapped_column(default=False)
    level: Mapped[int] = mapped_column(sa.SmallInteger(), default=2)
    skill: Mapped[Skill] = relationship()


class Seats(Base):
    """How many a post takes and how many are taken: changed by one conditional UPDATE, never by counting."""

    __tablename__ = "seats"
    __table_args__ = (sa.CheckConstraint("taken >= 0 AND taken <= places", name="taken"),)

    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"), primary_key=True)
    places: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    position: Mapped[Position] = relationship(back_populates="seats")


class PositionTemplate(Row, Base):
    """A post that a firm keeps to write others from: what the form holds, without dates."""

    __tablename__ = "position_templates"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "name"),)

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    kept: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class CapOverride(Row, Base):
    """A firm asks a college to let a post pass the share of interns; who let it, why, until when, how many over."""

    __tablename__ = "cap_overrides"
    __table_args__ = (
        sa.CheckConstraint("state IN ('asked','granted','refused','replaced')", name="state"),
        sa.CheckConstraint("heads > 0", name="heads"),
        sa.CheckConstraint("state <> 'granted' OR (until_on IS NOT NULL AND answered_by_id IS NOT NULL AND answer <> '')", name="granted"),
        sa.Index(
            "uq_cap_overrides_live", "position_id", "state", unique=True, postgresql_where=sa.text("state IN ('asked','granted')"),
            sqlite_where=sa.text("state IN ('asked','granted')"),
        ),
        sa.Index("ix_cap_overrides_college_tenant_id_state", "college_tenant_id", "state"),
    )  # fmt: skip

    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"))
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    college_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    state: Mapped[str] = mapped_column(sa.String(20), default="asked")  # asked granted refused replaced
    rules: Mapped[list[str]] = mapped_column(Json, default=list)  # R10, R11: which share is passed
    heads: Mapped[int]  # places the post may have
    over: Mapped[int]  # how many of them are beyond the share, when it was asked
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(300))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    until_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(sa.String(300), default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant())
    position: Mapped[Position] = relationship()
    tenant: Mapped[Tenant] = relationship(foreign_keys=[tenant_id])
    college: Mapped[Tenant] = relationship(foreign_keys=[college_tenant_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])


class MinimumWage(Row, Base):
    """The lowest pay of a month that the zone's office entered, from a day on; it goes before the table that came with the product."""

    __tablename__ = "minimum_wages"
    __table_args__ = (sa.CheckConstraint("monthly_fen > 0", name="monthly_fen"), sa.UniqueConstraint("valid_from"))

    valid_from: Mapped[date]
    monthly_fen: Mapped[int]
    source: Mapped[str] = mapped_column(sa.String(200))
    set_by_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))


aside({"cap_overrides", "minimum_wages"}, "who asked, answered or entered for an office")
