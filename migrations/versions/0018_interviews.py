"""Interviews with their times, notes on candidates, warnings of posts whose applicants wait.

Why: a time is taken by one conditional UPDATE; an interview lives once for each application; a warning is told once for each step that waits.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "interview_slots",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("position_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("places", sa.SmallInteger(), nullable=False),
        sa.Column("taken", sa.SmallInteger(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(link) <= 300", name=op.f("ck_interview_slots_link_length")),
        sa.CheckConstraint("length(place) <= 200", name=op.f("ck_interview_slots_place_length")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_interview_slots_minutes")),
        sa.CheckConstraint("taken >= 0 AND taken <= places", name=op.f("ck_interview_slots_taken")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_interview_slots_version_range")),
        sa.ForeignKeyConstraint(["tenant_id", "position_id"], ["positions.tenant_id", "positions.id"], name=op.f("fk_interview_slots_tenant_id_position_id_positions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_slots")),
        sa.UniqueConstraint("public_id", name=op.f("uq_interview_slots_public_id"))
    )
    op.create_index("ix_interview_slots_position_start", "interview_slots", ["position_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_interview_slots_tenant_id"), "interview_slots", ["tenant_id"], unique=False)
    op.create_table(
        "candidate_notes",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("position_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("membership_id", BIG_ID, nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(text) <= 1000", name=op.f("ck_candidate_notes_text_length")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_candidate_notes_membership_id_memberships")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_candidate_notes_student_id_students")),
        sa.ForeignKeyConstraint(["tenant_id", "position_id"], ["positions.tenant_id", "positions.id"], name=op.f("fk_candidate_notes_tenant_id_position_id_positions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_notes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_candidate_notes_public_id"))
    )
    op.create_index("ix_candidate_notes_pair", "candidate_notes", ["position_id", "student_id"], unique=False)
    op.create_index(op.f("ix_candidate_notes_student_id"), "candidate_notes", ["student_id"], unique=False)
    op.create_index(op.f("ix_candidate_notes_tenant_id"), "candidate_notes", ["tenant_id"], unique=False)
    op.create_table(
        "interviews",
        sa.Column("enterprise_tenant_id", BIG_ID, nullable=False),
        sa.Column("application_id", BIG_ID, nullable=False),
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("slot_id", BIG_ID, nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'booked' OR slot_id IS NOT NULL", name=op.f("ck_interviews_slot")),
        sa.CheckConstraint("length(note) <= 500", name=op.f("ck_interviews_note_length")),
        sa.CheckConstraint("length(reason) <= 30", name=op.f("ck_interviews_reason_length")),
        sa.CheckConstraint("length(result) <= 20", name=op.f("ck_interviews_result_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_interviews_state_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_interviews_version_range")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_interviews_application_id_applications")),
        sa.ForeignKeyConstraint(["enterprise_tenant_id"], ["tenants.id"], name=op.f("fk_interviews_enterprise_tenant_id_tenants")),
        sa.ForeignKeyConstraint(["slot_id"], ["interview_slots.id"], name=op.f("fk_interviews_slot_id_interview_slots")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_interviews_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
        sa.UniqueConstraint("public_id", name=op.f("uq_interviews_public_id"))
    )
    op.create_index(op.f("ix_interviews_application_id"), "interviews", ["application_id"], unique=False)
    op.create_index("ix_interviews_enterprise_state", "interviews", ["enterprise_tenant_id", "state"], unique=False)
    op.create_index(op.f("ix_interviews_slot_id"), "interviews", ["slot_id"], unique=False)
    op.create_index("ix_interviews_student_state", "interviews", ["student_id", "state"], unique=False)
    op.create_index("uq_interviews_one_live", "interviews", ["application_id"], unique=True, sqlite_where=sa.text("state IN ('asked','booked')"), postgresql_where=sa.text("state IN ('asked','booked')"))
    op.create_table(
        "answer_notices",
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("step_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('warned','paused')", name=op.f("ck_answer_notices_kind")),
        sa.CheckConstraint("length(kind) <= 10", name=op.f("ck_answer_notices_kind_length")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_answer_notices_position_id_positions")),
        sa.ForeignKeyConstraint(["step_id"], ["application_steps.id"], name=op.f("fk_answer_notices_step_id_application_steps")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_notices")),
        sa.UniqueConstraint("public_id", name=op.f("uq_answer_notices_public_id")),
        sa.UniqueConstraint("step_id", "kind", name=op.f("uq_answer_notices_step_id_kind"))
    )
    op.create_index(op.f("ix_answer_notices_position_id"), "answer_notices", ["position_id"], unique=False)
    op.add_column("applications", sa.Column("meets_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("applications") as batch:
        batch.drop_column("meets_at")
    op.drop_table("answer_notices")
    op.drop_table("interviews")
    op.drop_table("candidate_notes")
    op.drop_table("interview_slots")
