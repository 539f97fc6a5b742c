"""Classes, students, what they can, and what they agreed to.

Why: The supply. A student belongs to one college by a composite key, so that no row can point across the wall between colleges;
one live consent for each purpose, by a partial unique index.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "school_classes",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("major_code", sa.String(length=10), nullable=False),
        sa.Column("adviser_id", sa.BigInteger(), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(major_code) <= 10", name=op.f("ck_school_classes_major_code_length")),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_school_classes_name_length")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "adviser_id"],
            ["memberships.tenant_id", "memberships.id"],
            name=op.f("fk_school_classes_tenant_id_adviser_id_memberships"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_school_classes_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_classes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_school_classes_public_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_school_classes_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_school_classes_tenant_id_name")),
    )
    op.create_table(
        "students",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("student_no", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("birth_on", sa.Date(), nullable=True),
        sa.Column("identity_sealed", sa.String(length=200), nullable=True),
        sa.Column("identity_hash", sa.String(length=64), nullable=True),
        sa.Column("identity_tail", sa.String(length=30), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=160), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("major_code", sa.String(length=10), nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=True),
        sa.Column("graduates_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("guardian_name", sa.String(length=80), nullable=False),
        sa.Column("guardian_phone", sa.String(length=20), nullable=False),
        sa.Column("courses", sa.String(length=1000), nullable=False),
        sa.Column("wish", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=2000), nullable=False),
        sa.Column("wants_internship", sa.Boolean(), nullable=True),
        sa.Column("wants_job", sa.Boolean(), nullable=True),
        sa.Column("wants_zone", sa.Boolean(), nullable=True),
        sa.Column("shift_ok", sa.Boolean(), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("available_until", sa.Date(), nullable=True),
        sa.Column("least_pay_fen", sa.Integer(), nullable=True),
        sa.Column("places", JSON, nullable=False),
        sa.Column("own_edits", JSON, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("least_pay_fen BETWEEN -2147483647 AND 2147483647", name=op.f("ck_students_least_pay_fen_range")),
        sa.CheckConstraint("length(about) <= 2000", name=op.f("ck_students_about_length")),
        sa.CheckConstraint("length(courses) <= 1000", name=op.f("ck_students_courses_length")),
        sa.CheckConstraint("length(email) <= 160", name=op.f("ck_students_email_length")),
        sa.CheckConstraint("length(guardian_name) <= 80", name=op.f("ck_students_guardian_name_length")),
        sa.CheckConstraint("length(guardian_phone) <= 20", name=op.f("ck_students_guardian_phone_length")),
        sa.CheckConstraint("length(identity_hash) <= 64", name=op.f("ck_students_identity_hash_length")),
        sa.CheckConstraint("length(identity_sealed) <= 200", name=op.f("ck_students_identity_sealed_length")),
        sa.CheckConstraint("length(identity_tail) <= 30", name=op.f("ck_students_identity_tail_length")),
        sa.CheckConstraint("length(level) <= 20", name=op.f("ck_students_level_length")),
        sa.CheckConstraint("length(major_code) <= 10", name=op.f("ck_students_major_code_length")),
        sa.CheckConstraint("length(name) <= 80", name=op.f("ck_students_name_length")),
        sa.CheckConstraint("length(phone) <= 20", name=op.f("ck_students_phone_length")),
        sa.CheckConstraint("length(sex) <= 1", name=op.f("ck_students_sex_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_students_state_length")),
        sa.CheckConstraint("length(student_no) <= 30", name=op.f("ck_students_student_no_length")),
        sa.CheckConstraint("length(wish) <= 200", name=op.f("ck_students_wish_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_students_version_range")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_students_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "class_id"],
            ["school_classes.tenant_id", "school_classes.id"],
            name=op.f("fk_students_tenant_id_class_id_school_classes"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_students_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_students")),
        sa.UniqueConstraint("person_id", name=op.f("uq_students_person_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_students_public_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_students_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "identity_hash", name=op.f("uq_students_tenant_id_identity_hash")),
        sa.UniqueConstraint("tenant_id", "student_no", name=op.f("uq_students_tenant_id_student_no")),
    )
    op.create_index(op.f("ix_students_major_code"), "students", ["major_code"], unique=False)
    op.create_index("ix_students_tenant_id_state", "students", ["tenant_id", "state"], unique=False)
    op.create_table(
        "consents",
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("given_by", sa.String(length=20), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(evidence) <= 200", name=op.f("ck_consents_evidence_length")),
        sa.CheckConstraint("length(given_by) <= 20", name=op.f("ck_consents_given_by_length")),
        sa.CheckConstraint("length(purpose) <= 30", name=op.f("ck_consents_purpose_length")),
        sa.CheckConstraint("length(version) <= 20", name=op.f("ck_consents_version_length")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_consents_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint("public_id", name=op.f("uq_consents_public_id")),
    )
    op.create_index(op.f("ix_consents_student_id"), "consents", ["student_id"], unique=False)
    op.create_index(
        "uq_consents_live",
        "consents",
        ["student_id", "purpose", "given_by"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "student_skills",
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("skill_id", BIG_ID, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(source) <= 20", name=op.f("ck_student_skills_source_length")),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_student_skills_skill_id_skills")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_student_skills_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_skills")),
        sa.UniqueConstraint("public_id", name=op.f("uq_student_skills_public_id")),
        sa.UniqueConstraint("student_id", "skill_id", name=op.f("uq_student_skills_student_id_skill_id")),
    )
    op.create_index(op.f("ix_student_skills_skill_id"), "student_skills", ["skill_id"], unique=False)


def downgrade() -> None:
    op.drop_table("student_skills")
    op.drop_table("consents")
    op.drop_table("students")
    op.drop_table("school_classes")
