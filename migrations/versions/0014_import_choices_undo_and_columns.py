"""What people decide about an upload, what a row replaced, what an organisation's words mean, and its sets of export columns.

Why: an import can be taken back for seven days, a question about a column or a word is asked once, and posts get a number of the
enterprise's own, so that the same file updates what it made.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("uploads", sa.Column("choices", JSON, nullable=False, server_default="{}"))
    op.add_column("upload_rows", sa.Column("sealed_before", sa.Text(), nullable=True))
    op.add_column("upload_rows", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("positions", sa.Column("own_code", sa.Text(), nullable=True))
    op.create_index("uq_positions_own_code", "positions", ["tenant_id", "own_code"], unique=True)
    op.create_table(
        "import_memories",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("told", sa.String(length=120), nullable=False),
        sa.Column("meant", sa.String(length=60), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(field) <= 40", name=op.f("ck_import_memories_field_length")),
        sa.CheckConstraint("length(kind) <= 30", name=op.f("ck_import_memories_kind_length")),
        sa.CheckConstraint("length(meant) <= 60", name=op.f("ck_import_memories_meant_length")),
        sa.CheckConstraint("length(told) <= 120", name=op.f("ck_import_memories_told_length")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_import_memories_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_memories")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_memories_public_id")),
        sa.UniqueConstraint("tenant_id", "kind", "field", "told", name=op.f("uq_import_memories_tenant_id_kind_field_told")),
    )
    op.create_table(
        "column_sets",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(kind) <= 30", name=op.f("ck_column_sets_kind_length")),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_column_sets_name_length")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_column_sets_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_sets")),
        sa.UniqueConstraint("public_id", name=op.f("uq_column_sets_public_id")),
        sa.UniqueConstraint("tenant_id", "kind", "name", name=op.f("uq_column_sets_tenant_id_kind_name")),
    )


def downgrade() -> None:
    op.drop_table("column_sets")
    op.drop_table("import_memories")
    op.drop_index("uq_positions_own_code", "positions")
    with op.batch_alter_table("positions") as table:
        table.drop_column("own_code")
    with op.batch_alter_table("upload_rows") as table:
        table.drop_column("undone_at")
        table.drop_column("sealed_before")
    with op.batch_alter_table("uploads") as table:
        table.drop_column("choices")
