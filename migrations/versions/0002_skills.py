"""The one vocabulary of skills and certificates.

Why: Students and posts must speak of the same thing by the same code, or no match can be explained.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "skills",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("aliases", JSON, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('skill','certificate')", name=op.f("ck_skills_kind")),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_skills_code_length")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_skills_kind_length")),
        sa.CheckConstraint("length(name_en) <= 120", name=op.f("ck_skills_name_en_length")),
        sa.CheckConstraint("length(name_zh) <= 80", name=op.f("ck_skills_name_zh_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skills")),
        sa.UniqueConstraint("code", name=op.f("uq_skills_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_skills_public_id")),
    )
    op.create_index(op.f("ix_skills_kind"), "skills", ["kind"], unique=False)


def downgrade() -> None:
    op.drop_table("skills")
