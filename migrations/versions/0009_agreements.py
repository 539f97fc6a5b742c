"""Agreements and their signatures.

Why: Drafted from an accepted offer; the terms are a copy of the facts as they were agreed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("application_id", BIG_ID, nullable=False),
        sa.Column("college_tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("enterprise_tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("position_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_agreements_kind_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_agreements_state_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_agreements_version_range")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_agreements_application_id_applications")),
        sa.ForeignKeyConstraint(
            ["college_tenant_id", "student_id"],
            ["students.tenant_id", "students.id"],
            name=op.f("fk_agreements_college_tenant_id_student_id_students"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_tenant_id", "position_id"],
            ["positions.tenant_id", "positions.id"],
            name=op.f("fk_agreements_enterprise_tenant_id_position_id_positions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("application_id", name=op.f("uq_agreements_application_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_agreements_public_id")),
    )
    op.create_index(op.f("ix_agreements_college_tenant_id"), "agreements", ["college_tenant_id"], unique=False)
    op.create_index(op.f("ix_agreements_enterprise_tenant_id"), "agreements", ["enterprise_tenant_id"], unique=False)
    op.create_index(op.f("ix_agreements_student_id"), "agreements", ["student_id"], unique=False)
    op.create_table(
        "signatures",
        sa.Column("agreement_id", BIG_ID, nullable=False),
        sa.Column("party", sa.String(length=20), nullable=False),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by_id", BIG_ID, nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(party) <= 20", name=op.f("ck_signatures_party_length")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_signatures_agreement_id_agreements")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["persons.id"], name=op.f("fk_signatures_signed_by_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("agreement_id", "party", name=op.f("uq_signatures_agreement_id_party")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signatures_public_id")),
    )


def downgrade() -> None:
    op.drop_table("signatures")
    op.drop_table("agreements")
