"""The door for enterprises, the quarterly question, the three lists, and requests to join.

Why: a firm registers itself and is verified at once or by hand, tells in a minute whom it could take, keeps the lists the 2024 notice asks for,
and whoever comes second asks its administrator instead of founding a second one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "enterprise_checks",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('lacking','waiting','asked','verified','refused')", name=op.f("ck_enterprise_checks_state")
        ),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_enterprise_checks_state_length")),
        sa.CheckConstraint(
            "version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_enterprise_checks_version_range")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_enterprise_checks_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_checks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_enterprise_checks_public_id")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_enterprise_checks_tenant_id")),
    )
    op.create_index("ix_enterprise_checks_state_queued", "enterprise_checks", ["state", "queued_at"], unique=False)
    op.create_table(
        "intent_rounds",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("quarter BETWEEN -2147483647 AND 2147483647", name=op.f("ck_intent_rounds_quarter_range")),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_intent_rounds_quarter")),
        sa.CheckConstraint("year BETWEEN -2147483647 AND 2147483647", name=op.f("ck_intent_rounds_year_range")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_intent_rounds_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent_rounds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_intent_rounds_public_id")),
        sa.UniqueConstraint("year", "quarter", name=op.f("uq_intent_rounds_year_quarter")),
    )
    op.create_table(
        "join_requests",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('asked','joined','refused')", name=op.f("ck_join_requests_state")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_join_requests_state_length")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_join_requests_person_id_persons")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_join_requests_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_requests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_join_requests_public_id")),
    )
    op.create_index(op.f("ix_join_requests_tenant_id"), "join_requests", ["tenant_id"], unique=False)
    op.create_index(
        "uq_join_requests_open",
        "join_requests",
        ["tenant_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "list_items",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("about", sa.String(length=1000), nullable=False),
        sa.Column("standing", sa.String(length=200), nullable=False),
        sa.Column("cooperation", sa.String(length=20), nullable=False),
        sa.Column("budget_fen", sa.Integer(), nullable=True),
        sa.Column("class_key", sa.String(length=4), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('product','technology','talent')", name=op.f("ck_list_items_kind")),
        sa.CheckConstraint("state IN ('draft','open','closed')", name=op.f("ck_list_items_state")),
        sa.CheckConstraint(
            "budget_fen BETWEEN -2147483647 AND 2147483647", name=op.f("ck_list_items_budget_fen_range")
        ),
        sa.CheckConstraint("budget_fen IS NULL OR budget_fen >= 0", name=op.f("ck_list_items_budget")),
        sa.CheckConstraint("heads BETWEEN -2147483647 AND 2147483647", name=op.f("ck_list_items_heads_range")),
        sa.CheckConstraint("heads IS NULL OR heads > 0", name=op.f("ck_list_items_heads")),
        sa.CheckConstraint("length(about) <= 1000", name=op.f("ck_list_items_about_length")),
        sa.CheckConstraint("length(class_key) <= 4", name=op.f("ck_list_items_class_key_length")),
        sa.CheckConstraint("length(cooperation) <= 20", name=op.f("ck_list_items_cooperation_length")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_list_items_kind_length")),
        sa.CheckConstraint("length(level) <= 20", name=op.f("ck_list_items_level_length")),
        sa.CheckConstraint("length(standing) <= 200", name=op.f("ck_list_items_standing_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_list_items_state_length")),
        sa.CheckConstraint("length(title) <= 120", name=op.f("ck_list_items_title_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_list_items_version_range")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_list_items_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_items")),
        sa.UniqueConstraint("public_id", name=op.f("uq_list_items_public_id")),
    )
    op.create_index("ix_list_items_tenant_kind", "list_items", ["tenant_id", "kind"], unique=False)
    op.create_table(
        "listed_enterprises",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("industry_code", sa.String(length=8), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(address) <= 200", name=op.f("ck_listed_enterprises_address_length")),
        sa.CheckConstraint("length(credit_code) <= 18", name=op.f("ck_listed_enterprises_credit_code_length")),
        sa.CheckConstraint("length(industry_code) <= 8", name=op.f("ck_listed_enterprises_industry_code_length")),
        sa.CheckConstraint("length(name) <= 120", name=op.f("ck_listed_enterprises_name_length")),
        sa.CheckConstraint("length(phone) <= 20", name=op.f("ck_listed_enterprises_phone_length")),
        sa.CheckConstraint(
            "version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_listed_enterprises_version_range")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_listed_enterprises_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_enterprises")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_listed_enterprises_credit_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_listed_enterprises_public_id")),
    )
    op.create_table(
        "registrations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("industry_code", sa.String(length=8), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("n_sent", sa.Integer(), nullable=False),
        sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("n_wrong", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(address) <= 200", name=op.f("ck_registrations_address_length")),
        sa.CheckConstraint("length(code_hash) <= 64", name=op.f("ck_registrations_code_hash_length")),
        sa.CheckConstraint("length(credit_code) <= 18", name=op.f("ck_registrations_credit_code_length")),
        sa.CheckConstraint("length(industry_code) <= 8", name=op.f("ck_registrations_industry_code_length")),
        sa.CheckConstraint("length(name) <= 120", name=op.f("ck_registrations_name_length")),
        sa.CheckConstraint("length(token_hash) <= 64", name=op.f("ck_registrations_token_hash_length")),
        sa.CheckConstraint("n_sent BETWEEN -2147483647 AND 2147483647", name=op.f("ck_registrations_n_sent_range")),
        sa.CheckConstraint("n_wrong BETWEEN -2147483647 AND 2147483647", name=op.f("ck_registrations_n_wrong_range")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_registrations_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_registrations_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_registrations_token_hash")),
    )
    op.create_index(op.f("ix_registrations_credit_code"), "registrations", ["credit_code"], unique=False)
    op.create_index(op.f("ix_registrations_person_id"), "registrations", ["person_id"], unique=False)
    op.create_table(
        "check_notes",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("check_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(side) <= 10", name=op.f("ck_check_notes_side_length")),
        sa.CheckConstraint("length(step) <= 20", name=op.f("ck_check_notes_step_length")),
        sa.CheckConstraint("length(text) <= 500", name=op.f("ck_check_notes_text_length")),
        sa.ForeignKeyConstraint(
            ["check_id"], ["enterprise_checks.id"], name=op.f("fk_check_notes_check_id_enterprise_checks")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_check_notes_person_id_persons")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_check_notes_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_notes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_check_notes_public_id")),
    )
    op.create_index(op.f("ix_check_notes_check_id"), "check_notes", ["check_id"], unique=False)
    op.create_table(
        "intent_answers",
        sa.Column("round_id", BIG_ID, nullable=False),
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("remark", sa.String(length=300), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("answer IN ('yes','perhaps','no')", name=op.f("ck_intent_answers_answer")),
        sa.CheckConstraint("length(answer) <= 10", name=op.f("ck_intent_answers_answer_length")),
        sa.CheckConstraint("length(remark) <= 300", name=op.f("ck_intent_answers_remark_length")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_intent_answers_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["intent_rounds.id"], name=op.f("fk_intent_answers_round_id_intent_rounds")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_intent_answers_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent_answers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_intent_answers_public_id")),
    )
    op.create_index(op.f("ix_intent_answers_tenant_id"), "intent_answers", ["tenant_id"], unique=False)
    op.create_index(
        "uq_intent_answers_current",
        "intent_answers",
        ["round_id", "tenant_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "intent_asks",
        sa.Column("round_id", BIG_ID, nullable=False),
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("n_sent", sa.Integer(), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("n_sent BETWEEN -2147483647 AND 2147483647", name=op.f("ck_intent_asks_n_sent_range")),
        sa.ForeignKeyConstraint(["round_id"], ["intent_rounds.id"], name=op.f("fk_intent_asks_round_id_intent_rounds")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_intent_asks_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent_asks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_intent_asks_public_id")),
        sa.UniqueConstraint("round_id", "tenant_id", name=op.f("uq_intent_asks_round_id_tenant_id")),
    )
    op.create_index(op.f("ix_intent_asks_tenant_id"), "intent_asks", ["tenant_id"], unique=False)
    op.create_table(
        "licences",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("check_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(kind) <= 10", name=op.f("ck_licences_kind_length")),
        sa.CheckConstraint("length(sha256) <= 64", name=op.f("ck_licences_sha256_length")),
        sa.CheckConstraint("size BETWEEN -2147483647 AND 2147483647", name=op.f("ck_licences_size_range")),
        sa.ForeignKeyConstraint(
            ["check_id"], ["enterprise_checks.id"], name=op.f("fk_licences_check_id_enterprise_checks")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_licences_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
        sa.UniqueConstraint("public_id", name=op.f("uq_licences_public_id")),
    )
    op.create_index(op.f("ix_licences_check_id"), "licences", ["check_id"], unique=False)
    op.create_table(
        "intent_wishes",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("answer_id", BIG_ID, nullable=False),
        sa.Column("class_key", sa.String(length=4), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('internship','job')", name=op.f("ck_intent_wishes_kind")),
        sa.CheckConstraint("heads > 0", name=op.f("ck_intent_wishes_heads")),
        sa.CheckConstraint("heads BETWEEN -2147483647 AND 2147483647", name=op.f("ck_intent_wishes_heads_range")),
        sa.CheckConstraint("length(class_key) <= 4", name=op.f("ck_intent_wishes_class_key_length")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_intent_wishes_kind_length")),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["intent_answers.id"], name=op.f("fk_intent_wishes_answer_id_intent_answers")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_intent_wishes_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent_wishes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_intent_wishes_public_id")),
    )
    op.create_index(op.f("ix_intent_wishes_answer_id"), "intent_wishes", ["answer_id"], unique=False)


def downgrade() -> None:
    op.drop_table("intent_wishes")
    op.drop_table("licences")
    op.drop_table("intent_asks")
    op.drop_table("intent_answers")
    op.drop_table("check_notes")
    op.drop_table("registrations")
    op.drop_table("listed_enterprises")
    op.drop_table("list_items")
    op.drop_table("join_requests")
    op.drop_table("intent_rounds")
    op.drop_table("enterprise_checks")
