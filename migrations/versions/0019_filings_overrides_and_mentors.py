"""Filings, schools' overrides, mentors with the load they are bound to, lines entered over the law's files; a pause on holidays, a college stage.

Why: a filing counts with its number, authority, scope and days once the zone has verified it, a school's override is recorded and counted, no
place is offered without a mentor, and the law's lists change every year. What is added is empty, so the running release goes on beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "filings",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("authority", sa.String(length=120), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("covers_holidays", sa.Boolean(), nullable=False),
        sa.Column("families", JSON, nullable=False),
        sa.Column("posts", JSON, nullable=False),
        sa.Column("majors", JSON, nullable=False),
        sa.Column("colleges", JSON, nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("file_kind", sa.String(length=40), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("entered_by_id", BIG_ID, nullable=True),
        sa.Column("entered_tenant_id", BIG_ID, nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by_id", BIG_ID, nullable=True),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_on", sa.Date(), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("verified_at IS NULL OR refusal = ''", name=op.f("ck_filings_verdict")),
        sa.CheckConstraint("length(authority) <= 120", name=op.f("ck_filings_authority_length")),
        sa.CheckConstraint("length(file_kind) <= 40", name=op.f("ck_filings_file_kind_length")),
        sa.CheckConstraint("length(file_name) <= 120", name=op.f("ck_filings_file_name_length")),
        sa.CheckConstraint("length(file_sha256) <= 64", name=op.f("ck_filings_file_sha256_length")),
        sa.CheckConstraint("length(note) <= 300", name=op.f("ck_filings_note_length")),
        sa.CheckConstraint("length(number) <= 80", name=op.f("ck_filings_number_length")),
        sa.CheckConstraint("length(refusal) <= 300", name=op.f("ck_filings_refusal_length")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_filings_days")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_filings_version_range")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["persons.id"], name=op.f("fk_filings_entered_by_id_persons")),
        sa.ForeignKeyConstraint(
            ["entered_tenant_id"], ["tenants.id"], name=op.f("fk_filings_entered_tenant_id_tenants")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_filings_tenant_id_tenants")),
        sa.ForeignKeyConstraint(["verified_by_id"], ["persons.id"], name=op.f("fk_filings_verified_by_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_filings_public_id")),
    )
    op.create_index(op.f("ix_filings_valid_until"), "filings", ["valid_until"], unique=False)
    op.create_index(
        "uq_filings_number",
        "filings",
        ["tenant_id", "number"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL AND refusal = ''"),
        postgresql_where=sa.text("withdrawn_at IS NULL AND refusal = ''"),
    )
    op.create_table(
        "law_entries",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_on", sa.Date(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(key) <= 40", name=op.f("ck_law_entries_key_length")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_law_entries_kind_length")),
        sa.CheckConstraint("length(name_en) <= 160", name=op.f("ck_law_entries_name_en_length")),
        sa.CheckConstraint("length(name_zh) <= 120", name=op.f("ck_law_entries_name_zh_length")),
        sa.CheckConstraint("length(source) <= 200", name=op.f("ck_law_entries_source_length")),
        sa.CheckConstraint("length(value) <= 80", name=op.f("ck_law_entries_value_length")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_law_entries_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_law_entries_public_id")),
    )
    op.create_index("ix_law_entries_kind_key", "law_entries", ["kind", "key"], unique=False)
    op.create_table(
        "rule_overrides",
        sa.Column("college_tenant_id", BIG_ID, nullable=False),
        sa.Column("enterprise_tenant_id", BIG_ID, nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("families", JSON, nullable=False),
        sa.Column("posts", JSON, nullable=False),
        sa.Column("majors", JSON, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", BIG_ID, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", BIG_ID, nullable=True),
        sa.Column("withdrawal", sa.String(length=300), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(reason) <= 300", name=op.f("ck_rule_overrides_reason_length")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_rule_overrides_reason")),
        sa.CheckConstraint("length(rule) <= 10", name=op.f("ck_rule_overrides_rule_length")),
        sa.CheckConstraint("length(withdrawal) <= 300", name=op.f("ck_rule_overrides_withdrawal_length")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_rule_overrides_days")),
        sa.ForeignKeyConstraint(
            ["college_tenant_id"], ["tenants.id"], name=op.f("fk_rule_overrides_college_tenant_id_tenants")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_tenant_id"], ["tenants.id"], name=op.f("fk_rule_overrides_enterprise_tenant_id_tenants")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["persons.id"], name=op.f("fk_rule_overrides_recorded_by_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["persons.id"], name=op.f("fk_rule_overrides_withdrawn_by_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_overrides")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rule_overrides_public_id")),
    )
    op.create_index(op.f("ix_rule_overrides_college_tenant_id"), "rule_overrides", ["college_tenant_id"], unique=False)
    op.create_index(
        op.f("ix_rule_overrides_enterprise_tenant_id"), "rule_overrides", ["enterprise_tenant_id"], unique=False
    )
    op.create_index("ix_rule_overrides_rule", "rule_overrides", ["rule", "college_tenant_id"], unique=False)
    op.create_table(
        "mentors",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("load_limit", sa.SmallInteger(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.Column("families", JSON, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) <= 80", name=op.f("ck_mentors_name_length")),
        sa.CheckConstraint("load_limit BETWEEN 1 AND 500", name=op.f("ck_mentors_load_limit")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_mentors_version_range")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "membership_id"],
            ["memberships.tenant_id", "memberships.id"],
            name=op.f("fk_mentors_tenant_id_membership_id_memberships"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_mentors_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentors")),
        sa.UniqueConstraint("membership_id", name=op.f("uq_mentors_membership_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mentors_public_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_mentors_tenant_id_name")),
    )
    op.create_table(
        "mentor_holds",
        sa.Column("mentor_id", BIG_ID, nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_mentor_holds_days")),
        sa.CheckConstraint("heads > 0", name=op.f("ck_mentor_holds_heads")),
        sa.CheckConstraint("heads BETWEEN -2147483647 AND 2147483647", name=op.f("ck_mentor_holds_heads_range")),
        sa.CheckConstraint("length(label) <= 80", name=op.f("ck_mentor_holds_label_length")),
        sa.ForeignKeyConstraint(["mentor_id"], ["mentors.id"], name=op.f("fk_mentor_holds_mentor_id_mentors")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_holds")),
        sa.UniqueConstraint("mentor_id", "holder", name=op.f("uq_mentor_holds_mentor_id_holder")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mentor_holds_public_id")),
    )
    op.create_index(op.f("ix_mentor_holds_holder"), "mentor_holds", ["holder"], unique=False)
    op.add_column("positions", sa.Column("pauses_holidays", sa.Boolean(), nullable=True))
    op.add_column("students", sa.Column("stage_from", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("students", "stage_from")
    op.drop_column("positions", "pauses_holidays")
    op.drop_table("mentor_holds")
    op.drop_table("mentors")
    op.drop_table("rule_overrides")
    op.drop_table("law_entries")
    op.drop_table("filings")
