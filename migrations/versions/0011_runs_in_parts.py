"""Runs in parts.

Why: A whole run over hundreds of thousands of students is stored stretch by stretch, and what it worked out is taken over by the next
one; `students.changed_at` tells which rows a run that ended before has not seen.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "run_parts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("students", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("no BETWEEN -2147483647 AND 2147483647", name=op.f("ck_run_parts_no_range")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_parts_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_parts")),
        sa.UniqueConstraint("run_id", "no", name=op.f("uq_run_parts_run_id_no")),
    )
    if op.get_bind().dialect.name == "postgresql":  # numbers hardly shrink, and shrinking them takes longer than writing them
        for table, column in (("run_parts", "students"), ("run_parts", "rows"), ("run_snapshots", "prepared"), ("run_chunks", "result")):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.add_column("runs", sa.Column("base_id", sa.BigInteger(), nullable=True))
    op.add_column("runs", sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("students", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_students_changed_at"), "students", ["changed_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_students_changed_at"), "students")
    op.drop_column("students", "changed_at")
    op.drop_column("runs", "again")
    op.drop_column("runs", "base_id")
    op.drop_table("run_parts")
