"""Uploads and their rows.

Why: A file is read by a worker and judged row by row before anything is written; rows are kept sealed so that a killed import goes on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("refusal", JSON, nullable=False),
        sa.Column("all_or_none", sa.Boolean(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.CheckConstraint("attempts BETWEEN -2147483647 AND 2147483647", name=op.f("ck_uploads_attempts_range")),
        sa.CheckConstraint("fence BETWEEN -2147483647 AND 2147483647", name=op.f("ck_uploads_fence_range")),
        sa.CheckConstraint("length(filename) <= 200", name=op.f("ck_uploads_filename_length")),
        sa.CheckConstraint("length(kind) <= 30", name=op.f("ck_uploads_kind_length")),
        sa.CheckConstraint("length(sha256) <= 64", name=op.f("ck_uploads_sha256_length")),
        sa.CheckConstraint("length(stage) <= 20", name=op.f("ck_uploads_stage_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_uploads_state_length")),
        sa.CheckConstraint("length(trouble) <= 200", name=op.f("ck_uploads_trouble_length")),
        sa.CheckConstraint("size BETWEEN -2147483647 AND 2147483647", name=op.f("ck_uploads_size_range")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_uploads_person_id_persons")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_uploads_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("public_id", name=op.f("uq_uploads_public_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_uploads_tenant_id_id")),
    )
    op.create_index(op.f("ix_uploads_state"), "uploads", ["state"], unique=False)
    op.create_index("ix_uploads_tenant_sha", "uploads", ["tenant_id", "sha256"], unique=False)
    op.create_table(
        "upload_rows",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("sealed_values", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(verdict) <= 20", name=op.f("ck_upload_rows_verdict_length")),
        sa.CheckConstraint("row_no BETWEEN -2147483647 AND 2147483647", name=op.f("ck_upload_rows_row_no_range")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upload_id"], ["uploads.tenant_id", "uploads.id"], name=op.f("fk_upload_rows_tenant_id_upload_id_uploads")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_rows")),
        sa.UniqueConstraint("public_id", name=op.f("uq_upload_rows_public_id")),
        sa.UniqueConstraint("upload_id", "row_no", name=op.f("uq_upload_rows_upload_id_row_no")),
    )
    op.create_index("ix_upload_rows_upload_verdict", "upload_rows", ["upload_id", "verdict"], unique=False)


def downgrade() -> None:
    op.drop_table("upload_rows")
    op.drop_table("uploads")
