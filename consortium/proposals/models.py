"""Tables of runs, their chunks, the packed matches they leave, what people chose, and the scorings learnt from that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared.db import Base, Id, Instant, Json, Row, Versioned
from consortium.shared.holdings import STUDENT, aside, hold
from consortium.shared.tasks import Job


class Run(Row, Job, Base):
    """One run of the matcher: what it read, with which settings, and what came out. Kept for ever.

    `phase`: snapshot → scoring → done. A run over everything has scope 'all'; a new post or student asks for a small one.
    """

    __tablename__ = "runs"
    __table_args__ = (
        sa.Index("ix_runs_scope_state", "scope", "state"),
        sa.Index("ix_runs_scope_subject", "scope", "subject_id"),
        sa.Index(
            "uq_runs_one_whole",
            "scope",
            unique=True,
            sqlite_where=sa.text("scope = 'all' AND state IN ('queued','running')"),
            postgresql_where=sa.text("scope = 'all' AND state IN ('queued','running')"),
        ),
    )

    scope: Mapped[str] = mapped_column(sa.String(20), default="all")  # all | position | student
    subject_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    phase: Mapped[str] = mapped_column(sa.String(20), default="snapshot")
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    seed: Mapped[int] = mapped_column(default=0)
    top: Mapped[int] = mapped_column(sa.SmallInteger(), default=20)  # posts kept for each student
    top_positions: Mapped[int] = mapped_column(sa.SmallInteger(), default=50)  # students kept for each post
    weights: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    versions: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    snapshot_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    n_students: Mapped[int] = mapped_column(default=0)
    n_positions: Mapped[int] = mapped_column(default=0)
    n_chunks: Mapped[int] = mapped_column(default=0)
    n_done: Mapped[int] = mapped_column(default=0)  # chunks; raised under the run's row lock, so the last one wakes the run
    report: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    base_id: Mapped[int | None] = mapped_column(sa.BigInteger())  # the whole run whose vocabulary and feature rows this one took over
    again: Mapped[bool] = mapped_column(default=False)  # much changed while it was under way: another whole run follows


class RunSnapshot(Base):
    """What a run read, as arrays: numbers and keys, no names. Pages explain from it, so what is shown is what was scored.

    A whole run's students stand in its parts.
    """

    __tablename__ = "run_snapshots"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id"), primary_key=True)
    prepared: Mapped[bytes]


class RunLists(Base):
    """The lists of a whole run as rows of what it read, so that it can be asked again: numbers only."""

    __tablename__ = "run_lists"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id"), primary_key=True)
    lists: Mapped[bytes]


class RunPart(Base):
    """A stretch of a whole run's students, as they were read and as they were scored: what the latest run keeps is not worked out again."""

    __tablename__ = "run_parts"
    __table_args__ = (sa.UniqueConstraint("run_id", "no"),)

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id"))
    no: Mapped[int]
    students: Mapped[bytes]
    rows: Mapped[bytes | None]


class RunChunk(Row, Job, Base):
    """A stretch of students of one run; its result and `done` are committed together."""

    __tablename__ = "run_chunks"
    __table_args__ = (sa.UniqueConstraint("run_id", "no"),)

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id"))
    no: Mapped[int]
    start: Mapped[int]
    stop: Mapped[int]
    result: Mapped[bytes | None]


class StudentMatches(Base):
    """The best posts of one student in one run, packed: ids (int64) and points (int64), best first."""

    __tablename__ = "student_matches"
    __table_args__ = (sa.UniqueConstraint("run_id", "student_id"),)

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id"))
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), index=True)
    ids: Mapped[bytes]
    points: Mapped[bytes]


class PositionMatches(Base):
    """The best students of one post in one run, packed likewise."""

    __tablename__ = "position_matches"
    __table_args__ = (sa.UniqueConstraint("run_id", "position_id"),)

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id"))
    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"), index=True)
    ids: Mapped[bytes]
    points: Mapped[bytes]
    n_lawful: Mapped[int] = mapped_column(default=0)


class Proposal(Row, Base):
    """What the stable assignment of a run proposes: an offer to look at, never an assignment."""

    __tablename__ = "proposals"
    __table_args__ = (sa.UniqueConstraint("run_id", "student_id"), sa.Index("ix_proposals_run_post", "run_id", "position_id"))

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id"))
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), index=True)
    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"))
    place_in_list: Mapped[int] = mapped_column(sa.SmallInteger())
    points: Mapped[int] = mapped_column(sa.BigInteger())


class Choice(Row, Base):
    """Something a person did about a pair (saved, hidden, applied, invited, offered, accepted, declined …): for learning later."""

    __tablename__ = "choices"
    __table_args__ = (sa.Index("ix_choices_pair", "student_id", "position_id"),)

    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"))
    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(20))
    by_role: Mapped[str] = mapped_column(sa.String(30))
    reason: Mapped[str] = mapped_column(sa.String(40), default="")


class Leaning(Base):
    """What a kind of evidence counts for one student, in thousandths: hers alone, in what she is shown."""

    __tablename__ = "leanings"
    __table_args__ = (sa.UniqueConstraint("student_id", "family"), sa.CheckConstraint("permille BETWEEN 0 AND 1000", name="permille"))

    id: Mapped[Id]
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"))
    family: Mapped[str] = mapped_column(sa.String(30))
    permille: Mapped[int] = mapped_column(sa.SmallInteger())


class Doubt(Row, Base):
    """A reason that a student called not right: a wrong fact, not important, or not for her."""

    __tablename__ = "doubts"
    __table_args__ = (
        sa.CheckConstraint("what IN ('wrong-fact','not-important','not-for-me')", name="what"),
        sa.Index("ix_doubts_student", "student_id", "position_id"),
    )

    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"))
    position_id: Mapped[int] = mapped_column(sa.ForeignKey("positions.id"))
    item: Mapped[str] = mapped_column(sa.String(60))  # the reason's key: skill:…, major, shift, rule:R17 …
    about: Mapped[str] = mapped_column(sa.String(20), index=True)  # the key's kind, by which the zone counts
    what: Mapped[str] = mapped_column(sa.String(20))
    said: Mapped[str] = mapped_column(sa.String(300), default="")


class Alert(Row, Versioned, Base):
    """A search that a student keeps: new posts that it finds are told once a day."""

    __tablename__ = "alerts"
    __table_args__ = (sa.UniqueConstraint("student_id", "name"), sa.Index("ix_alerts_on_id", "is_on", "id"))

    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    asked: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    on: Mapped[bool] = mapped_column("is_on", default=True)
    since_at: Mapped[datetime] = mapped_column(Instant())  # posts published after this instant are new to it


class Scoring(Row, Job, Base):
    """A version of the coefficients: learnt in one piece of work, judged on held-out lists, and serving, retired or refused.

    With none serving the weights are those of the release, and the bands uncalibrated. Rows are kept: an older version can be put back.
    """

    __tablename__ = "scorings"
    __table_args__ = (
        sa.Index(
            "uq_scorings_one_serving", "standing", unique=True,
            sqlite_where=sa.text("standing = 'serving'"), postgresql_where=sa.text("standing = 'serving'"),
        ),
        sa.Index(
            "uq_scorings_one_training", "standing", unique=True,
            sqlite_where=sa.text("state IN ('queued','running')"), postgresql_where=sa.text("state IN ('queued','running')"),
        ),
    )  # fmt: skip

    no: Mapped[int] = mapped_column(unique=True)  # what people call the version
    standing: Mapped[str] = mapped_column(sa.String(20), default="candidate")  # candidate serving retired refused
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    against: Mapped[int] = mapped_column(default=0)  # the version that served while it was learnt; 0: as delivered
    changed: Mapped[str] = mapped_column(sa.String(20), default="")  # what it would change: weights | bands
    weights: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    calibration: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    figures: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # verdict, held-out comparison, propensity, counts
    since: Mapped[datetime | None] = mapped_column(Instant())  # first and last event that taught it
    until: Mapped[datetime | None] = mapped_column(Instant())
    served_at: Mapped[datetime | None] = mapped_column(Instant())
    served_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))


hold("student_matches", "student_id", STUDENT, hidden={"ids", "points"})  # packed; handed out in words by `handlers`
hold("proposals", "student_id", STUDENT)
hold("choices", "student_id", STUDENT)
hold("alerts", "student_id", STUDENT)
hold("doubts", "student_id", STUDENT)
hold("leanings", "student_id", STUDENT)
aside({"runs", "scorings"}, "who started a piece of work")
