"""Tables of applications and of every step they took."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.positions.models import Position
from consortium.shared.db import Base, Instant, Row, Versioned
from consortium.shared.holdings import KEEP, STUDENT, aside, hold
from consortium.students.models import Student


class Application(Row, Versioned, Base):
    """A student and a post that have something to do with each other, whoever began it."""

    __tablename__ = "applications"
    __table_args__ = (
        sa.UniqueConstraint("student_id", "position_id"),
        sa.ForeignKeyConstraint(["college_tenant_id", "student_id"], ["students.tenant_id", "students.id"]),
        sa.ForeignKeyConstraint(["enterprise_tenant_id", "position_id"], ["positions.tenant_id", "positions.id"]),
        sa.Index(
            "uq_applications_one_accepted",
            "student_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("state = 'accepted'"),
            postgresql_where=sa.text("state = 'accepted'"),
        ),
        sa.Index("ix_applications_position_state", "position_id", "state"),
        sa.Index("ix_applications_enterprise_state", "enterprise_tenant_id", "state"),
        sa.Index("ix_applications_college_state", "college_tenant_id", "state"),
        sa.Index("ix_applications_state_answer_by", "state", "answer_by"),
        sa.CheckConstraint("begun_by IN ('student','enterprise')", name="begun_by"),
        sa.CheckConstraint("kind IN ('internship','job')", name="kind"),
    )

    college_tenant_id: Mapped[int] = mapped_column(sa.BigInteger())
    enterprise_tenant_id: Mapped[int] = mapped_column(sa.BigInteger())
    student_id: Mapped[int] = mapped_column(sa.BigInteger())
    position_id: Mapped[int] = mapped_column(sa.BigInteger())
    kind: Mapped[str] = mapped_column(sa.String(20))  # the post's: a student may accept one internship and one job
    state: Mapped[str] = mapped_column(sa.String(20))  # see lifecycle
    begun_by: Mapped[str] = mapped_column(sa.String(20))  # student | enterprise
    spoken: Mapped[bool] = mapped_column(default=False)  # the student applied or agreed: the profile may be shown
    identity_open: Mapped[bool] = mapped_column(default=False)  # the student agreed to be named to this enterprise
    answer_by: Mapped[datetime | None] = mapped_column(Instant())
    waits_since_at: Mapped[datetime | None] = mapped_column(Instant())  # since when it waits for a place of a full or closed post
    told_free_at: Mapped[datetime | None] = mapped_column(Instant())  # when it was told that a place had become free
    back_until_at: Mapped[datetime | None] = mapped_column(Instant())  # an acceptance: until when it may be taken back, as was shown before
    meets_at: Mapped[datetime | None] = mapped_column(Instant())  # the interview agreed on; written by the later stage
    student: Mapped[Student] = relationship(
        primaryjoin="Application.student_id == Student.id", foreign_keys="Application.student_id", viewonly=True
    )
    position: Mapped[Position] = relationship(
        primaryjoin="Application.position_id == Position.id", foreign_keys="Application.position_id", viewonly=True
    )
    steps: Mapped[list[ApplicationStep]] = relationship(order_by="ApplicationStep.id")


class ApplicationStep(Row, Base):
    """One step: from where to where, who took it, and what they said."""

    __tablename__ = "application_steps"

    application_id: Mapped[int] = mapped_column(sa.ForeignKey("applications.id"), index=True)
    step: Mapped[str] = mapped_column(sa.String(20))
    source: Mapped[str] = mapped_column(sa.String(20), default="")
    target: Mapped[str] = mapped_column(sa.String(20))
    by_role: Mapped[str] = mapped_column(sa.String(30), default="")  # empty: the system
    by_membership_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    reason: Mapped[str] = mapped_column(sa.String(30), default="")  # a code of `rules`, told in `wording`
    note: Mapped[str] = mapped_column(sa.String(500), default="")


class AcceptanceRule(Row, Versioned, Base):
    """What a college's students bind themselves to by accepting an internship, or a job."""

    __tablename__ = "acceptance_rules"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "kind"),
        sa.CheckConstraint("kind IN ('internship','job')", name="kind"),
        sa.CheckConstraint("back_hours BETWEEN 0 AND 336", name="back_hours"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    closes_other_kind: Mapped[bool] = mapped_column(default=False)  # applications for the other kind end with it
    back_hours: Mapped[int] = mapped_column(sa.SmallInteger(), default=24)  # for so long it may be taken back; 0: not at all


class CandidateNote(Row, Base):
    """What an enterprise writes down for itself about a student and a post: no other side ever reads it."""

    __tablename__ = "candidate_notes"
    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "position_id"], ["positions.tenant_id", "positions.id"]),
        sa.Index("ix_candidate_notes_pair", "position_id", "student_id"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    position_id: Mapped[int] = mapped_column(sa.BigInteger())
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), index=True)
    membership_id: Mapped[int] = mapped_column(sa.ForeignKey("memberships.id"))
    text: Mapped[str] = mapped_column(sa.String(1000))


class AnswerNotice(Row, Base):
    """An enterprise was warned, or its post paused, because one step of a student waited too long: once for each step."""

    __tablename__ = "answer_notices"
    __table_args__ = (
        sa.UniqueConstraint("step_id", "kind"),
        sa.CheckConstraint("kind IN ('warned','paused')", name="kind"),
    )

    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"), index=True)
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("application_steps.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))


hold(
    "applications", "student_id", STUDENT, on_erasure=KEEP, blank={"spoken": False, "identity_open": False, "answer_by": None, "waits_since_at": None, "told_free_at": None, "back_until_at": None, "meets_at": None},
    stays={"college_tenant_id", "enterprise_tenant_id", "student_id", "position_id", "kind", "state", "begun_by", "created_at", "public_id"},
)  # fmt: skip
hold(
    "application_steps", "application_id", STUDENT, parent="applications", on_erasure=KEEP, blank={"note": "", "by_membership_id": None},
    stays={"application_id", "step", "source", "target", "by_role", "reason", "created_at", "public_id"},
)  # fmt: skip
hold("candidate_notes", "student_id", STUDENT, hidden={"membership_id", "text"})  # an enterprise's own words: they go, but are nobody else's to read
aside({"answer_notices"}, "that an enterprise was told to answer")
