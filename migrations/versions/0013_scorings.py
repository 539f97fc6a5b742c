"""Versions of the coefficients, learnt from what people chose.

Why: Weights and bands are swapped in only when better on held-out lists; every version stays and can be put back, as numbers, never as code.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "scorings",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("asked_by_id", BIG_ID, nullable=True),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("changed", sa.String(length=20), nullable=False),
        sa.Column("weights", JSON, nullable=False),
        sa.Column("calibration", JSON, nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_by_id", BIG_ID, nullable=True),
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
        sa.CheckConstraint("against BETWEEN -2147483647 AND 2147483647", name=op.f("ck_scorings_against_range")),
        sa.CheckConstraint("attempts BETWEEN -2147483647 AND 2147483647", name=op.f("ck_scorings_attempts_range")),
        sa.CheckConstraint("fence BETWEEN -2147483647 AND 2147483647", name=op.f("ck_scorings_fence_range")),
        sa.CheckConstraint("length(changed) <= 20", name=op.f("ck_scorings_changed_length")),
        sa.CheckConstraint("length(standing) <= 20", name=op.f("ck_scorings_standing_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_scorings_state_length")),
        sa.CheckConstraint("length(trouble) <= 200", name=op.f("ck_scorings_trouble_length")),
        sa.CheckConstraint("no BETWEEN -2147483647 AND 2147483647", name=op.f("ck_scorings_no_range")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["persons.id"], name=op.f("fk_scorings_asked_by_id_persons")),
        sa.ForeignKeyConstraint(["served_by_id"], ["persons.id"], name=op.f("fk_scorings_served_by_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorings")),
        sa.UniqueConstraint("no", name=op.f("uq_scorings_no")),
        sa.UniqueConstraint("public_id", name=op.f("uq_scorings_public_id")),
    )
    op.create_index(op.f("ix_scorings_state"), "scorings", ["state"], unique=False)
    op.create_index(
        "uq_scorings_one_serving", "scorings", ["standing"], unique=True,
        sqlite_where=sa.text("standing = 'serving'"), postgresql_where=sa.text("standing = 'serving'"),
    )  # fmt: skip
    op.create_index(
        "uq_scorings_one_training", "scorings", ["standing"], unique=True,
        sqlite_where=sa.text("state IN ('queued','running')"), postgresql_where=sa.text("state IN ('queued','running')"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("scorings")
