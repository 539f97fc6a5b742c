"""Destinations of graduates.

Why: the national register's result is taken back, so that nobody types twice where a graduate went.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "destinations",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("destination_kind", sa.String(length=10), nullable=False),
        sa.Column("employer", sa.String(length=120), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("industry", sa.String(length=80), nullable=False),
        sa.Column("employer_place", sa.String(length=120), nullable=False),
        sa.Column("post", sa.String(length=80), nullable=False),
        sa.Column("occupation", sa.String(length=80), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        *(
            sa.CheckConstraint(f"length({name}) <= {most}", name=op.f(f"ck_destinations_{name}_length"))
            for name, most in (
                ("destination_kind", 10), ("employer", 120), ("credit_code", 18), ("industry", 80), ("employer_place", 120), ("post", 80), ("occupation", 80),
            )
        ),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_destinations_version_range")),
        sa.ForeignKeyConstraint(["tenant_id", "student_id"], ["students.tenant_id", "students.id"], name=op.f("fk_destinations_tenant_id_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destinations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_destinations_public_id")),
        sa.UniqueConstraint("student_id", name=op.f("uq_destinations_student_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_destinations_tenant_id"), "destinations", ["tenant_id"])


def downgrade() -> None:
    op.drop_table("destinations")
