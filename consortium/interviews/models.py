"""Tables of interview times and of the interviews that take place in them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.applications.models import Application
from consortium.positions.models import Position
from consortium.shared.db import Base, Instant, Row, Versioned
from consortium.shared.holdings import KEEP, STUDENT, hold


class Slot(Row, Versioned, Base):
    """A time that an enterprise offers for a post; how many are in it changes by one conditional UPDATE, never by counting."""

    __tablename__ = "interview_slots"
    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "position_id"], ["positions.tenant_id", "positions.id"]),
        sa.CheckConstraint("taken >= 0 AND taken <= places", name="taken"),
        sa.CheckConstraint("minutes > 0", name="minutes"),
        sa.Index("ix_interview_slots_position_start", "position_id", "starts_at"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    position_id: Mapped[int] = mapped_column(sa.BigInteger())
    starts_at: Mapped[datetime] = mapped_column(Instant())
    minutes: Mapped[int] = mapped_column(sa.SmallInteger())
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    link: Mapped[str] = mapped_column(sa.String(300), default="")
    places: Mapped[int] = mapped_column(sa.SmallInteger())
    taken: Mapped[int] = mapped_column(sa.SmallInteger(), default=0)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant())
    position: Mapped[Position] = relationship(primaryjoin="Slot.position_id == Position.id", foreign_keys="Slot.position_id", viewonly=True)


class Interview(Row, Versioned, Base):
    """An applicant who was asked to pick a time, and what came of it."""

    __tablename__ = "interviews"
    __table_args__ = (
        sa.Index(
            "uq_interviews_one_live", "application_id", unique=True,
            sqlite_where=sa.text("state IN ('asked','booked')"), postgresql_where=sa.text("state IN ('asked','booked')"),
        ),
        sa.CheckConstraint("state <> 'booked' OR slot_id IS NOT NULL", name="slot"),
        sa.Index("ix_interviews_enterprise_state", "enterprise_tenant_id", "state"),
        sa.Index("ix_interviews_student_state", "student_id", "state"),
    )  # fmt: skip

    enterprise_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("applications.id"), index=True)
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"))
    slot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("interview_slots.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="asked")  # see lifecycle
    note: Mapped[str] = mapped_column(sa.String(500), default="")  # said with the asking
    reason: Mapped[str] = mapped_column(sa.String(30), default="")  # of a student who declined
    result: Mapped[str] = mapped_column(sa.String(20), default="")  # a code of `rules.RESULTS`; the enterprise's own
    application: Mapped[Application] = relationship()
    slot: Mapped[Slot | None] = relationship()


hold(
    "interviews", "student_id", STUDENT, on_erasure=KEEP, blank={"note": "", "reason": "", "result": ""},
    stays={"enterprise_tenant_id", "application_id", "student_id", "slot_id", "state", "created_at", "public_id"},
)  # fmt: skip
