"""What a student chooses by: evidence of certificates, proposals to the vocabulary, own weights, doubts, alerts, waiting lists, rules of acceptance.

Why: Reasons are only worth reading if they can be put right, and an acceptance only if what it binds to is known before. All columns added
are empty or have a default, so the running release goes on beside them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "acceptance_rules",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("closes_other_kind", sa.Boolean(), nullable=False),
        sa.Column("back_hours", sa.SmallInteger(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('internship','job')", name=op.f("ck_acceptance_rules_kind")),
        sa.CheckConstraint("back_hours BETWEEN 0 AND 336", name=op.f("ck_acceptance_rules_back_hours")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_acceptance_rules_kind_length")),
        sa.CheckConstraint(
            "version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_acceptance_rules_version_range")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_acceptance_rules_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance_rules")),
        sa.UniqueConstraint("public_id", name=op.f("uq_acceptance_rules_public_id")),
        sa.UniqueConstraint("tenant_id", "kind", name=op.f("uq_acceptance_rules_tenant_id_kind")),
    )
    op.create_table(
        "skill_proposals",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("skill_id", BIG_ID, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('skill','certificate')", name=op.f("ck_skill_proposals_kind")),
        sa.CheckConstraint("state IN ('open','accepted','merged','declined')", name=op.f("ck_skill_proposals_state")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_skill_proposals_kind_length")),
        sa.CheckConstraint("length(name_en) <= 120", name=op.f("ck_skill_proposals_name_en_length")),
        sa.CheckConstraint("length(name_zh) <= 80", name=op.f("ck_skill_proposals_name_zh_length")),
        sa.CheckConstraint("length(reason) <= 300", name=op.f("ck_skill_proposals_reason_length")),
        sa.CheckConstraint("length(said) <= 300", name=op.f("ck_skill_proposals_said_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_skill_proposals_state_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_skill_proposals_version_range")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["persons.id"], name=op.f("fk_skill_proposals_decided_by_id_persons")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_skill_proposals_person_id_persons")),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_skill_proposals_skill_id_skills")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_skill_proposals_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_proposals")),
        sa.UniqueConstraint("person_id", "kind", "name_zh", name=op.f("uq_skill_proposals_person_id_kind_name_zh")),
        sa.UniqueConstraint("public_id", name=op.f("uq_skill_proposals_public_id")),
    )
    op.create_index("ix_skill_proposals_state_kind", "skill_proposals", ["state", "kind"], unique=False)
    op.create_index(op.f("ix_skill_proposals_tenant_id"), "skill_proposals", ["tenant_id"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_alerts_name_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_alerts_version_range")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_alerts_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alerts_public_id")),
        sa.UniqueConstraint("student_id", "name", name=op.f("uq_alerts_student_id_name")),
    )
    op.create_index("ix_alerts_on_id", "alerts", ["is_on", "id"], unique=False)
    op.create_table(
        "doubts",
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("what IN ('wrong-fact','not-important','not-for-me')", name=op.f("ck_doubts_what")),
        sa.CheckConstraint("length(about) <= 20", name=op.f("ck_doubts_about_length")),
        sa.CheckConstraint("length(item) <= 60", name=op.f("ck_doubts_item_length")),
        sa.CheckConstraint("length(said) <= 300", name=op.f("ck_doubts_said_length")),
        sa.CheckConstraint("length(what) <= 20", name=op.f("ck_doubts_what_length")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_doubts_position_id_positions")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_doubts_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_doubts_public_id")),
    )
    op.create_index(op.f("ix_doubts_about"), "doubts", ["about"], unique=False)
    op.create_index("ix_doubts_student", "doubts", ["student_id", "position_id"], unique=False)
    op.create_table(
        "leanings",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("family", sa.String(length=30), nullable=False),
        sa.Column("permille", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("length(family) <= 30", name=op.f("ck_leanings_family_length")),
        sa.CheckConstraint("permille BETWEEN 0 AND 1000", name=op.f("ck_leanings_permille")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_leanings_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leanings")),
        sa.UniqueConstraint("student_id", "family", name=op.f("uq_leanings_student_id_family")),
    )
    op.create_table(
        "certificate_evidence",
        sa.Column("student_skill_id", BIG_ID, nullable=False),
        sa.Column("college_tenant_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('submitted','verified','refused')", name=op.f("ck_certificate_evidence_state")),
        sa.CheckConstraint("length(filename) <= 120", name=op.f("ck_certificate_evidence_filename_length")),
        sa.CheckConstraint("length(kind) <= 10", name=op.f("ck_certificate_evidence_kind_length")),
        sa.CheckConstraint("length(reason) <= 300", name=op.f("ck_certificate_evidence_reason_length")),
        sa.CheckConstraint("length(sha256) <= 64", name=op.f("ck_certificate_evidence_sha256_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_certificate_evidence_state_length")),
        sa.CheckConstraint("size BETWEEN -2147483647 AND 2147483647", name=op.f("ck_certificate_evidence_size_range")),
        sa.CheckConstraint(
            "version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_certificate_evidence_version_range")
        ),
        sa.ForeignKeyConstraint(
            ["college_tenant_id"], ["tenants.id"], name=op.f("fk_certificate_evidence_college_tenant_id_tenants")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["persons.id"], name=op.f("fk_certificate_evidence_decided_by_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["student_skill_id"],
            ["student_skills.id"],
            name=op.f("fk_certificate_evidence_student_skill_id_student_skills"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_evidence")),
        sa.UniqueConstraint("public_id", name=op.f("uq_certificate_evidence_public_id")),
        sa.UniqueConstraint("student_skill_id", name=op.f("uq_certificate_evidence_student_skill_id")),
    )
    op.create_index(
        op.f("ix_certificate_evidence_college_tenant_id"), "certificate_evidence", ["college_tenant_id"], unique=False
    )
    op.add_column("applications", sa.Column("waits_since_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("applications", sa.Column("told_free_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("applications", sa.Column("back_until_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("students", sa.Column("industries", JSON, nullable=False, server_default="[]"))
    op.add_column("students", sa.Column("withheld", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("students", "withheld")
    op.drop_column("students", "industries")
    op.drop_column("applications", "back_until_at")
    op.drop_column("applications", "told_free_at")
    op.drop_column("applications", "waits_since_at")
    op.drop_index(op.f("ix_certificate_evidence_college_tenant_id"), table_name="certificate_evidence")
    op.drop_table("certificate_evidence")
    op.drop_table("leanings")
    op.drop_index("ix_doubts_student", table_name="doubts")
    op.drop_index(op.f("ix_doubts_about"), table_name="doubts")
    op.drop_table("doubts")
    op.drop_index("ix_alerts_on_id", table_name="alerts")
    op.drop_table("alerts")
    op.drop_index(op.f("ix_skill_proposals_tenant_id"), table_name="skill_proposals")
    op.drop_index("ix_skill_proposals_state_kind", table_name="skill_proposals")
    op.drop_table("skill_proposals")
    op.drop_table("acceptance_rules")
