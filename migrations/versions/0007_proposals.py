"""Runs of the matcher, their chunks, what they leave, and what people chose.

Why: A run and its chunks are rows with lease and fence; the message to the worker is only a doorbell. Matches are packed, one row a student.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("asked_by_id", BIG_ID, nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("top", sa.SmallInteger(), nullable=False),
        sa.Column("top_positions", sa.SmallInteger(), nullable=False),
        sa.Column("weights", JSON, nullable=False),
        sa.Column("versions", JSON, nullable=False),
        sa.Column("snapshot_hash", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("n_students", sa.Integer(), nullable=False),
        sa.Column("n_positions", sa.Integer(), nullable=False),
        sa.Column("n_chunks", sa.Integer(), nullable=False),
        sa.Column("n_done", sa.Integer(), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts BETWEEN -2147483647 AND 2147483647", name=op.f("ck_runs_attempts_range")),
        sa.CheckConstraint("fence BETWEEN -2147483647 AND 2147483647", name=op.f("ck_runs_fence_range")),
        sa.CheckConstraint("length(digest) <= 64", name=op.f("ck_runs_digest_length")),
        sa.CheckConstraint("length(phase) <= 20", name=op.f("ck_runs_phase_length")),
        sa.CheckConstraint("length(scope) <= 20", name=op.f("ck_runs_scope_length")),
        sa.CheckConstraint("length(snapshot_hash) <= 64", name=op.f("ck_runs_snapshot_hash_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_runs_state_length")),
        sa.CheckConstraint("length(trouble) <= 200", name=op.f("ck_runs_trouble_length")),
        sa.CheckConstraint("n_chunks BETWEEN -2147483647 AND 2147483647", name=op.f("ck_runs_n_chunks_range")),
        sa.CheckConstraint("n_done BETWEEN -2147483647 AND 2147483647", name=op.f("ck_runs_n_done_range")),
        sa.CheckConstraint("n_positions BETWEEN -2147483647 AND 2147483647", name=op.f("ck_runs_n_positions_range")),
        sa.CheckConstraint("n_students BETWEEN -2147483647 AND 2147483647", name=op.f("ck_runs_n_students_range")),
        sa.CheckConstraint("seed BETWEEN -2147483647 AND 2147483647", name=op.f("ck_runs_seed_range")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["persons.id"], name=op.f("fk_runs_asked_by_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_runs_public_id")),
    )
    op.create_index("ix_runs_scope_state", "runs", ["scope", "state"], unique=False)
    op.create_index("ix_runs_scope_subject", "runs", ["scope", "subject_id"], unique=False)
    op.create_index(op.f("ix_runs_state"), "runs", ["state"], unique=False)
    op.create_index(
        "uq_runs_one_whole",
        "runs",
        ["scope"],
        unique=True,
        sqlite_where=sa.text("scope = 'all' AND state IN ('queued','running')"),
        postgresql_where=sa.text("scope = 'all' AND state IN ('queued','running')"),
    )
    op.create_table(
        "run_chunks",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts BETWEEN -2147483647 AND 2147483647", name=op.f("ck_run_chunks_attempts_range")),
        sa.CheckConstraint("fence BETWEEN -2147483647 AND 2147483647", name=op.f("ck_run_chunks_fence_range")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_run_chunks_state_length")),
        sa.CheckConstraint("length(trouble) <= 200", name=op.f("ck_run_chunks_trouble_length")),
        sa.CheckConstraint("no BETWEEN -2147483647 AND 2147483647", name=op.f("ck_run_chunks_no_range")),
        sa.CheckConstraint("start BETWEEN -2147483647 AND 2147483647", name=op.f("ck_run_chunks_start_range")),
        sa.CheckConstraint("stop BETWEEN -2147483647 AND 2147483647", name=op.f("ck_run_chunks_stop_range")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_chunks_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_chunks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_run_chunks_public_id")),
        sa.UniqueConstraint("run_id", "no", name=op.f("uq_run_chunks_run_id_no")),
    )
    op.create_index(op.f("ix_run_chunks_state"), "run_chunks", ["state"], unique=False)
    op.create_table(
        "run_snapshots",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("prepared", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_snapshots_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_snapshots")),
    )
    op.create_table(
        "position_matches",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.Column("n_lawful", sa.Integer(), nullable=False),
        sa.CheckConstraint("n_lawful BETWEEN -2147483647 AND 2147483647", name=op.f("ck_position_matches_n_lawful_range")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_position_matches_position_id_positions")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_position_matches_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_matches")),
        sa.UniqueConstraint("run_id", "position_id", name=op.f("uq_position_matches_run_id_position_id")),
    )
    op.create_index(op.f("ix_position_matches_position_id"), "position_matches", ["position_id"], unique=False)
    op.create_table(
        "choices",
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("by_role", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(by_role) <= 30", name=op.f("ck_choices_by_role_length")),
        sa.CheckConstraint("length(reason) <= 40", name=op.f("ck_choices_reason_length")),
        sa.CheckConstraint("length(what) <= 20", name=op.f("ck_choices_what_length")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_choices_position_id_positions")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_choices_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choices")),
        sa.UniqueConstraint("public_id", name=op.f("uq_choices_public_id")),
    )
    op.create_index("ix_choices_pair", "choices", ["student_id", "position_id"], unique=False)
    op.create_index(op.f("ix_choices_position_id"), "choices", ["position_id"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("place_in_list", sa.SmallInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_proposals_position_id_positions")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_proposals_run_id_runs")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_proposals_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_proposals_public_id")),
        sa.UniqueConstraint("run_id", "student_id", name=op.f("uq_proposals_run_id_student_id")),
    )
    op.create_index("ix_proposals_run_post", "proposals", ["run_id", "position_id"], unique=False)
    op.create_index(op.f("ix_proposals_student_id"), "proposals", ["student_id"], unique=False)
    op.create_table(
        "student_matches",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_student_matches_run_id_runs")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_student_matches_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_matches")),
        sa.UniqueConstraint("run_id", "student_id", name=op.f("uq_student_matches_run_id_student_id")),
    )
    op.create_index(op.f("ix_student_matches_student_id"), "student_matches", ["student_id"], unique=False)


def downgrade() -> None:
    op.drop_table("student_matches")
    op.drop_table("proposals")
    op.drop_table("choices")
    op.drop_table("position_matches")
    op.drop_table("run_snapshots")
    op.drop_table("run_chunks")
    op.drop_table("runs")
