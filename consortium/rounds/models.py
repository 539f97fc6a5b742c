"""Tables of rounds: what was announced, who takes part with which list, what was read, tried and published. Kept for ever."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.accounts.models import Tenant
from consortium.positions.models import Position
from consortium.shared.db import Base, Id, Instant, Json, Row, Versioned
from consortium.shared.holdings import KEEP, STUDENT, aside, hold
from consortium.shared.i18n import Bilingual
from consortium.shared.tasks import Job
from consortium.students.models import Student


class Round(Row, Versioned, Base):
    """A round as it was announced, and where it stands. Its lottery's secret is read only when numbers are asked for."""

    __tablename__ = "rounds"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('internship')", name="kind"),
        sa.CheckConstraint("start_on <= end_on", name="days"),
        sa.CheckConstraint("opens_at < lists_close_at AND lists_close_at <= orders_close_at AND orders_close_at < publish_at", name="calendar"),
        sa.CheckConstraint("most_ranked BETWEEN 1 AND 30", name="most_ranked"),
        sa.CheckConstraint("state NOT IN ('approved','published','ended') OR chosen_id IS NOT NULL", name="chosen"),
        sa.Index("ix_rounds_state_publish_at", "state", "publish_at"),
    )

    kind: Mapped[str] = mapped_column(sa.String(20), default="internship")
    state: Mapped[str] = mapped_column(sa.String(20), default="draft")  # see lifecycle
    name_zh: Mapped[str] = mapped_column(sa.String(80))
    name_en: Mapped[str] = mapped_column(sa.String(80), default="")
    first_id: Mapped[int | None] = mapped_column(sa.BigInteger(), unique=True)  # the round whose second one this is
    start_on: Mapped[date]
    end_on: Mapped[date]
    opens_at: Mapped[datetime] = mapped_column(Instant())
    lists_close_at: Mapped[datetime] = mapped_column(Instant())
    orders_close_at: Mapped[datetime] = mapped_column(Instant())
    publish_at: Mapped[datetime] = mapped_column(Instant())
    answer_hours: Mapped[int] = mapped_column(default=48)
    most_ranked: Mapped[int] = mapped_column(sa.SmallInteger(), default=10)
    majors: Mapped[list[str]] = mapped_column(Json, default=list)  # M:460301, C:4603, G:46; empty: any
    year_from: Mapped[int | None] = mapped_column(sa.SmallInteger())  # of enrolment
    year_to: Mapped[int | None] = mapped_column(sa.SmallInteger())
    commitment: Mapped[str] = mapped_column(sa.String(64), default="")
    committed_at: Mapped[datetime | None] = mapped_column(Instant())
    secret: Mapped[str] = mapped_column(sa.String(120), default="", deferred=True)  # seed:nonce, in decimal and hex
    frozen_at: Mapped[datetime | None] = mapped_column(Instant())
    chosen_id: Mapped[int | None] = mapped_column(sa.BigInteger())  # the run whose results are published
    chosen_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    ended_at: Mapped[datetime | None] = mapped_column(Instant())
    colleges: Mapped[list[RoundCollege]] = relationship(cascade="all, delete-orphan")
    codes: Mapped[list[RoundCode]] = relationship(cascade="all, delete-orphan", order_by="RoundCode.turn")

    @property
    def name(self) -> Bilingual:
        """In both languages."""
        return Bilingual(self.name_zh, self.name_en)


class RoundCollege(Base):
    """A college whose students may take part; a round without any is open to all colleges."""

    __tablename__ = "round_colleges"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), primary_key=True)
    tenant: Mapped[Tenant] = relationship()


class RoundCode(Row, Base):
    """Something declared beforehand that counts within the student's own list: a priority, or a joint class with seats of its own."""

    __tablename__ = "round_codes"
    __table_args__ = (sa.UniqueConstraint("round_id", "code"), sa.CheckConstraint("kind IN ('priority','seats')", name="kind"))

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    code: Mapped[str] = mapped_column(sa.String(30))
    kind: Mapped[str] = mapped_column(sa.String(10))  # priority | seats
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(60), default="")
    turn: Mapped[int] = mapped_column(sa.SmallInteger(), default=0)

    @property
    def name(self) -> Bilingual:
        """In both languages."""
        return Bilingual(self.name_zh, self.name_en)


class RoundBearer(Base):
    """A student of whom the college says that a code applies; the student sees it."""

    __tablename__ = "round_bearers"

    code_id: Mapped[int] = mapped_column(sa.ForeignKey("round_codes.id"), primary_key=True)
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), primary_key=True, index=True)
    by_membership_id: Mapped[int | None] = mapped_column(sa.BigInteger())


class RoundPost(Row, Versioned, Base):
    """A post that its enterprise put into a round, with how many places."""

    __tablename__ = "round_posts"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "position_id"),
        sa.ForeignKeyConstraint(["tenant_id", "position_id"], ["positions.tenant_id", "positions.id"]),
        sa.CheckConstraint("places >= 1", name="places"),
        sa.CheckConstraint("state IN ('takes_part','left')", name="state"),
    )

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    tenant_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    position_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="takes_part")
    places: Mapped[int]
    reserved: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # code → seats
    reserved_stay: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.String(30), default="")  # why it left
    changed_at: Mapped[datetime] = mapped_column(Instant())
    position: Mapped[Position] = relationship(
        primaryjoin="RoundPost.position_id == Position.id", foreign_keys="RoundPost.position_id", viewonly=True
    )


class RoundList(Row, Versioned, Base):
    """A student's own list in a round: that she takes part at all is her act alone."""

    __tablename__ = "round_lists"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "student_id"),
        sa.CheckConstraint("state IN ('begun','handed_in','taken_back','dropped')", name="state"),
        sa.Index("ix_round_lists_round_state", "round_id", "state"),
    )

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(20))
    fill: Mapped[bool] = mapped_column(default=False)  # the best matches may follow the own list
    reason: Mapped[str] = mapped_column(sa.String(30), default="")  # why it was dropped
    changed_at: Mapped[datetime] = mapped_column(Instant())
    student: Mapped[Student] = relationship(viewonly=True)
    choices: Mapped[list[RoundChoice]] = relationship(cascade="all, delete-orphan", order_by="RoundChoice.place")


class RoundChoice(Base):
    """One post of a list and its place in it, 1 first."""

    __tablename__ = "round_choices"
    __table_args__ = (
        sa.UniqueConstraint("list_id", "position_id"),
        sa.Index("ix_round_choices_round_position", "round_id", "position_id", "place"),
        sa.CheckConstraint("place BETWEEN 1 AND 30", name="place"),
    )

    list_id: Mapped[int] = mapped_column(sa.ForeignKey("round_lists.id"), primary_key=True)
    place: Mapped[int] = mapped_column(sa.SmallInteger(), primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"))


class RoundOrder(Base):
    """What an enterprise says of a candidate it knows by a pseudonym: a place in its own order, or not acceptable and why."""

    __tablename__ = "round_orders"
    __table_args__ = (sa.CheckConstraint("(place IS NULL) <> (refused = '')", name="one_of_two"),)

    post_id: Mapped[int] = mapped_column(sa.ForeignKey("round_posts.id"), primary_key=True)
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), primary_key=True, index=True)
    place: Mapped[int | None] = mapped_column(sa.SmallInteger())
    refused: Mapped[str] = mapped_column(sa.String(20), default="")


class RoundSnapshot(Row, Base):
    """All that a run of the round read, as arrays: numbers and keys, no names. Never changed, never deleted."""

    __tablename__ = "round_snapshots"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    frozen: Mapped[bool] = mapped_column(default=False)
    input_hash: Mapped[str] = mapped_column(sa.String(64))
    n_students: Mapped[int]
    n_positions: Mapped[int]
    versions: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    beside: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, deferred=True)  # what stood at each post, who was left out and why
    prepared: Mapped[bytes] = mapped_column(deferred=True)
    scored: Mapped[bytes] = mapped_column(deferred=True)  # everybody against every post, so that a further dry run need not


class RoundTrial(Row, Job, Base):
    """A piece of work: read (unless a snapshot is there already), then make the assignment under up to three scenarios."""

    __tablename__ = "round_trials"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    snapshot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("round_snapshots.id"))
    frozen: Mapped[bool] = mapped_column(default=False)
    scenarios: Mapped[list[str]] = mapped_column(Json, default=list)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))


class RoundRun(Row, Base):
    """The assignment of one snapshot under one scenario, with all that is needed to make it again. Never changed, never deleted."""

    __tablename__ = "round_runs"
    __table_args__ = (sa.UniqueConstraint("trial_id", "scenario"),)

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    trial_id: Mapped[int] = mapped_column(sa.ForeignKey("round_trials.id"))
    snapshot_id: Mapped[int] = mapped_column(sa.ForeignKey("round_snapshots.id"))
    scenario: Mapped[str] = mapped_column(sa.String(20))
    weights: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    versions: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    input_hash: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
    report: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    figures: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    kept: Mapped[bytes] = mapped_column(deferred=True)


class RoundResult(Base):
    """What the published run gave one student: an offer, or none; and what became of the offer's sending."""

    __tablename__ = "round_results"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "student_id"),
        sa.Index("ix_round_results_round_position", "round_id", "position_id"),
        sa.Index("ix_round_results_unsent", "round_id", sqlite_where=sa.text("told_at IS NULL"), postgresql_where=sa.text("told_at IS NULL")),
    )

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("round_runs.id"))
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), index=True)
    position_id: Mapped[int | None] = mapped_column(sa.ForeignKey("positions.id"))
    place: Mapped[int] = mapped_column(sa.SmallInteger(), default=0)  # in the own list
    basis: Mapped[str] = mapped_column(sa.String(60), default="")
    told_at: Mapped[datetime | None] = mapped_column(Instant())
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("applications.id"))
    trouble: Mapped[str] = mapped_column(sa.String(30), default="")  # why no offer could go out


hold("round_bearers", "student_id", STUDENT, hidden={"by_membership_id"})
hold(
    "round_lists", "student_id", STUDENT, on_erasure=KEEP, blank={"fill": False},
    stays={"round_id", "student_id", "state", "reason", "changed_at", "created_at", "public_id"},
)  # fmt: skip
hold("round_choices", "list_id", STUDENT, parent="round_lists", on_erasure=KEEP, stays={c.name for c in RoundChoice.__table__.columns})
hold("round_orders", "student_id", STUDENT, hidden={"place", "refused"})  # what an enterprise thought of her is the enterprise's
hold("round_results", "student_id", STUDENT, on_erasure=KEEP, stays={c.name for c in RoundResult.__table__.columns})
aside({"round_trials"}, "who asked for a dry run")
