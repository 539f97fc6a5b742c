"""Consents by purpose, first steps, guardians' links, questions to the school, erasures, digests, and codes by SMS.

Why: A student signs in with a code sent to her phone and decides purpose by purpose; a guardian answers by a link; requests have a clock;
whoever is erased stays erased. Until now the consent to matching spoke of both, so its givers also agreed to be shown to enterprises, and
that is written down; nobody has agreed to statistics yet. Lines older than three years may be deleted from the two append-only tables.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("audit_lines", "looks")


def upgrade() -> None:
    op.create_table(
        "entry_codes",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(code_hash) <= 64", name=op.f("ck_entry_codes_code_hash_length")),
        sa.CheckConstraint("length(key) <= 64", name=op.f("ck_entry_codes_key_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_codes")),
        sa.UniqueConstraint("key", name=op.f("uq_entry_codes_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_entry_codes_public_id")),
    )
    op.create_table(
        "number_items",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("sealed_number", sa.Text(), nullable=False),
        sa.Column("sealed_facts", sa.Text(), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts BETWEEN -2147483647 AND 2147483647", name=op.f("ck_number_items_attempts_range")),
        sa.CheckConstraint("fence BETWEEN -2147483647 AND 2147483647", name=op.f("ck_number_items_fence_range")),
        sa.CheckConstraint("length(key) <= 160", name=op.f("ck_number_items_key_length")),
        sa.CheckConstraint("length(kind) <= 60", name=op.f("ck_number_items_kind_length")),
        sa.CheckConstraint("length(language) <= 5", name=op.f("ck_number_items_language_length")),
        sa.CheckConstraint("length(number_hash) <= 64", name=op.f("ck_number_items_number_hash_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_number_items_state_length")),
        sa.CheckConstraint("length(trouble) <= 200", name=op.f("ck_number_items_trouble_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_items")),
        sa.UniqueConstraint("key", name=op.f("uq_number_items_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_number_items_public_id")),
    )
    op.create_index(op.f("ix_number_items_number_hash"), "number_items", ["number_hash"], unique=False)
    op.create_index(op.f("ix_number_items_state"), "number_items", ["state"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("student_key", sa.String(length=36), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.String(length=20), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(asked_by) <= 20", name=op.f("ck_erasures_asked_by_length")),
        sa.CheckConstraint("length(number_hash) <= 64", name=op.f("ck_erasures_number_hash_length")),
        sa.CheckConstraint("length(student_key) <= 36", name=op.f("ck_erasures_student_key_length")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_erasures_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_erasures_public_id")),
        sa.UniqueConstraint("student_key", name=op.f("uq_erasures_student_key")),
    )
    op.create_index(op.f("ix_erasures_number_hash"), "erasures", ["number_hash"], unique=False)
    op.create_table(
        "message_settings",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("digest", sa.String(length=10), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(digest) <= 10", name=op.f("ck_message_settings_digest_length")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_message_settings_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_settings")),
        sa.UniqueConstraint("person_id", name=op.f("uq_message_settings_person_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_settings_public_id")),
    )
    op.create_table(
        "guardian_links",
        sa.Column("student_id", BIG_ID, nullable=False),
        sa.Column("purposes", JSON, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("number_tail", sa.String(length=20), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signer", sa.String(length=80), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(answer) <= 20", name=op.f("ck_guardian_links_answer_length")),
        sa.CheckConstraint("length(number_tail) <= 20", name=op.f("ck_guardian_links_number_tail_length")),
        sa.CheckConstraint("length(signer) <= 80", name=op.f("ck_guardian_links_signer_length")),
        sa.CheckConstraint("length(token_hash) <= 64", name=op.f("ck_guardian_links_token_hash_length")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_guardian_links_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_links")),
        sa.UniqueConstraint("public_id", name=op.f("uq_guardian_links_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_guardian_links_token_hash")),
    )
    op.create_index(op.f("ix_guardian_links_student_id"), "guardian_links", ["student_id"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=True),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asker", sa.String(length=80), nullable=False),
        sa.Column("asker_no", sa.String(length=30), nullable=False),
        sa.Column("asker_phone", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=30), nullable=False),
        sa.Column("wanted", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", BIG_ID, nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(about) <= 30", name=op.f("ck_tickets_about_length")),
        sa.CheckConstraint("length(answer) <= 1000", name=op.f("ck_tickets_answer_length")),
        sa.CheckConstraint("length(asker) <= 80", name=op.f("ck_tickets_asker_length")),
        sa.CheckConstraint("length(asker_no) <= 30", name=op.f("ck_tickets_asker_no_length")),
        sa.CheckConstraint("length(asker_phone) <= 20", name=op.f("ck_tickets_asker_phone_length")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_tickets_kind_length")),
        sa.CheckConstraint("length(reason) <= 1000", name=op.f("ck_tickets_reason_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_tickets_state_length")),
        sa.CheckConstraint("length(wanted) <= 500", name=op.f("ck_tickets_wanted_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_tickets_version_range")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["persons.id"], name=op.f("fk_tickets_answered_by_id_persons")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "class_id"],
            ["school_classes.tenant_id", "school_classes.id"],
            name=op.f("fk_tickets_tenant_id_class_id_school_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "student_id"],
            ["students.tenant_id", "students.id"],
            name=op.f("fk_tickets_tenant_id_student_id_students"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_tickets_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tickets_public_id")),
    )
    op.create_index(op.f("ix_tickets_student_id"), "tickets", ["student_id"], unique=False)
    op.create_index("ix_tickets_tenant_state", "tickets", ["tenant_id", "state"], unique=False)
    op.add_column("messages", sa.Column("in_digest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("messages", sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_messages_in_digest", "messages", ["in_digest", "mailed_at"], unique=False)
    op.add_column("students", sa.Column("welcomed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("students", sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True))
    _triggers(three_years=True)
    _split_consents()


def downgrade() -> None:
    _triggers(three_years=False)
    op.drop_column("students", "objected_at")
    op.drop_column("students", "welcomed_at")
    op.drop_index("ix_messages_in_digest", table_name="messages")
    op.drop_column("messages", "mailed_at")
    op.drop_column("messages", "in_digest")
    op.drop_index("ix_tickets_tenant_state", table_name="tickets")
    op.drop_index(op.f("ix_tickets_student_id"), table_name="tickets")
    op.drop_table("tickets")
    op.drop_index(op.f("ix_guardian_links_student_id"), table_name="guardian_links")
    op.drop_table("guardian_links")
    op.drop_table("message_settings")
    op.drop_index(op.f("ix_erasures_number_hash"), table_name="erasures")
    op.drop_table("erasures")
    op.drop_index(op.f("ix_number_items_state"), table_name="number_items")
    op.drop_index(op.f("ix_number_items_number_hash"), table_name="number_items")
    op.drop_table("number_items")
    op.drop_table("entry_codes")


def _split_consents() -> None:
    consents = sa.table(
        "consents", *(sa.column(name) for name in ("student_id", "purpose", "version", "given_by", "evidence")),
        sa.column("given_at", sa.DateTime(timezone=True)), sa.column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.column("created_at", sa.DateTime(timezone=True)), sa.column("public_id", sa.Uuid()),
    )  # fmt: skip
    live = consents.c.withdrawn_at.is_(None)
    shown = sa.select(consents.c.student_id, consents.c.given_by).where(consents.c.purpose == "showing")
    there = {tuple(row) for row in op.get_bind().execute(shown)}
    wanted = sa.select(
        consents.c.student_id, consents.c.version, consents.c.given_by, consents.c.given_at, consents.c.evidence
    )
    rows = [
        {"student_id": student, "purpose": "showing", "version": version, "given_by": by, "evidence": evidence, "given_at": given,
         "withdrawn_at": None, "created_at": datetime.now(UTC), "public_id": uuid.uuid4()}
        for student, version, by, given, evidence in op.get_bind().execute(wanted.where(consents.c.purpose == "matching", live))
        if (student, by) not in there
    ]  # fmt: skip
    for start in range(0, len(rows), 5000):
        op.bulk_insert(consents, rows[start : start + 5000])


def _triggers(*, three_years: bool) -> None:
    if op.get_bind().dialect.name == "postgresql":
        young = (
            "IF TG_OP = 'DELETE' AND OLD.at < now() - interval '1096 days' THEN RETURN OLD; END IF; "
            if three_years
            else ""
        )
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ BEGIN "
            f"{young}RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
        )
        return
    when = "WHEN OLD.at >= datetime('now', '-1096 days') " if three_years else ""
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER IF EXISTS {table}_append_only_delete")
        op.execute(
            f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE ON {table} {when}BEGIN SELECT RAISE(ABORT, 'append-only table'); END"
        )
