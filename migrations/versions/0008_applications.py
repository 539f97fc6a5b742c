"""Applications and every step they took.

Why: A student accepts one internship and one job at a time: a partial unique index says so on both databases.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("college_tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("enterprise_tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("position_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("begun_by", sa.String(length=20), nullable=False),
        sa.Column("spoken", sa.Boolean(), nullable=False),
        sa.Column("identity_open", sa.Boolean(), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("begun_by IN ('student','enterprise')", name=op.f("ck_applications_begun_by")),
        sa.CheckConstraint("length(begun_by) <= 20", name=op.f("ck_applications_begun_by_length")),
        sa.CheckConstraint("kind IN ('internship','job')", name=op.f("ck_applications_kind")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_applications_kind_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_applications_state_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_applications_version_range")),
        sa.ForeignKeyConstraint(
            ["college_tenant_id", "student_id"],
            ["students.tenant_id", "students.id"],
            name=op.f("fk_applications_college_tenant_id_student_id_students"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_tenant_id", "position_id"],
            ["positions.tenant_id", "positions.id"],
            name=op.f("fk_applications_enterprise_tenant_id_position_id_positions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("public_id", name=op.f("uq_applications_public_id")),
        sa.UniqueConstraint("student_id", "position_id", name=op.f("uq_applications_student_id_position_id")),
    )
    op.create_index("ix_applications_college_state", "applications", ["college_tenant_id", "state"], unique=False)
    op.create_index("ix_applications_enterprise_state", "applications", ["enterprise_tenant_id", "state"], unique=False)
    op.create_index("ix_applications_position_state", "applications", ["position_id", "state"], unique=False)
    op.create_index("ix_applications_state_answer_by", "applications", ["state", "answer_by"], unique=False)
    op.create_index(
        "uq_applications_one_accepted",
        "applications",
        ["student_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_table(
        "application_steps",
        sa.Column("application_id", BIG_ID, nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("by_role", sa.String(length=30), nullable=False),
        sa.Column("by_membership_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(by_role) <= 30", name=op.f("ck_application_steps_by_role_length")),
        sa.CheckConstraint("length(note) <= 500", name=op.f("ck_application_steps_note_length")),
        sa.CheckConstraint("length(reason) <= 30", name=op.f("ck_application_steps_reason_length")),
        sa.CheckConstraint("length(source) <= 20", name=op.f("ck_application_steps_source_length")),
        sa.CheckConstraint("length(step) <= 20", name=op.f("ck_application_steps_step_length")),
        sa.CheckConstraint("length(target) <= 20", name=op.f("ck_application_steps_target_length")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_application_steps_application_id_applications")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_steps")),
        sa.UniqueConstraint("public_id", name=op.f("uq_application_steps_public_id")),
    )
    op.create_index(op.f("ix_application_steps_application_id"), "application_steps", ["application_id"], unique=False)


def downgrade() -> None:
    op.drop_table("application_steps")
    op.drop_table("applications")
