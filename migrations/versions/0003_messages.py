"""What people are told, and what still has to leave by mail or SMS.

Why: A message leaves after the commit, once: the outbox row with its natural key is written with the act that causes it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "message_switches",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(channel) <= 10", name=op.f("ck_message_switches_channel_length")),
        sa.CheckConstraint("length(kind) <= 60", name=op.f("ck_message_switches_kind_length")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_message_switches_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_switches")),
        sa.UniqueConstraint("person_id", "kind", "channel", name=op.f("uq_message_switches_person_id_kind_channel")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_switches_public_id")),
    )
    op.create_table(
        "messages",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(key) <= 160", name=op.f("ck_messages_key_length")),
        sa.CheckConstraint("length(kind) <= 60", name=op.f("ck_messages_kind_length")),
        sa.CheckConstraint("length(link) <= 300", name=op.f("ck_messages_link_length")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_messages_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_messages_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_messages_public_id")),
    )
    op.create_index("ix_messages_person_read", "messages", ["person_id", "read_at"], unique=False)
    op.create_table(
        "outbox_items",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
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
        sa.CheckConstraint("attempts BETWEEN -2147483647 AND 2147483647", name=op.f("ck_outbox_items_attempts_range")),
        sa.CheckConstraint("fence BETWEEN -2147483647 AND 2147483647", name=op.f("ck_outbox_items_fence_range")),
        sa.CheckConstraint("length(channel) <= 10", name=op.f("ck_outbox_items_channel_length")),
        sa.CheckConstraint("length(key) <= 160", name=op.f("ck_outbox_items_key_length")),
        sa.CheckConstraint("length(kind) <= 60", name=op.f("ck_outbox_items_kind_length")),
        sa.CheckConstraint("length(link) <= 300", name=op.f("ck_outbox_items_link_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_outbox_items_state_length")),
        sa.CheckConstraint("length(subject) <= 200", name=op.f("ck_outbox_items_subject_length")),
        sa.CheckConstraint("length(trouble) <= 200", name=op.f("ck_outbox_items_trouble_length")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_outbox_items_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_items")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_items_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outbox_items_public_id")),
    )
    op.create_index(op.f("ix_outbox_items_person_id"), "outbox_items", ["person_id"], unique=False)
    op.create_index(op.f("ix_outbox_items_state"), "outbox_items", ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("outbox_items")
    op.drop_table("messages")
    op.drop_table("message_switches")
