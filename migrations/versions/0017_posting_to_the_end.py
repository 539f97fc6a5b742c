"""How a post is closed, its shifts, contract and repetition; templates, shares of interns passed on purpose, minimum wages.

Why: a post is closed with a reason or by its last day, is written from a firm's own template or from last term's, and may pass the share
of interns only by a college's recorded word; the zone keeps the minimum wage that jobs are judged by.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "minimum_wages",
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("monthly_fen", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("set_by_id", BIG_ID, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(source) <= 200", name=op.f("ck_minimum_wages_source_length")),
        sa.CheckConstraint("monthly_fen > 0", name=op.f("ck_minimum_wages_monthly_fen")),
        sa.CheckConstraint(
            "monthly_fen BETWEEN -2147483647 AND 2147483647", name=op.f("ck_minimum_wages_monthly_fen_range")
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["persons.id"], name=op.f("fk_minimum_wages_set_by_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minimum_wages")),
        sa.UniqueConstraint("public_id", name=op.f("uq_minimum_wages_public_id")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_minimum_wages_valid_from")),
    )
    op.create_table(
        "position_templates",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kept", JSON, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_position_templates_name_length")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_position_templates_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_templates")),
        sa.UniqueConstraint("public_id", name=op.f("uq_position_templates_public_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_position_templates_tenant_id_name")),
    )
    op.create_table(
        "cap_overrides",
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("college_tenant_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("asked_by_id", BIG_ID, nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("answered_by_id", BIG_ID, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state <> 'granted' OR (until_on IS NOT NULL AND answered_by_id IS NOT NULL AND answer <> '')",
            name=op.f("ck_cap_overrides_granted"),
        ),
        sa.CheckConstraint("state IN ('asked','granted','refused','replaced')", name=op.f("ck_cap_overrides_state")),
        sa.CheckConstraint("heads > 0", name=op.f("ck_cap_overrides_heads")),
        sa.CheckConstraint("heads BETWEEN -2147483647 AND 2147483647", name=op.f("ck_cap_overrides_heads_range")),
        sa.CheckConstraint("length(answer) <= 300", name=op.f("ck_cap_overrides_answer_length")),
        sa.CheckConstraint("length(reason) <= 300", name=op.f("ck_cap_overrides_reason_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_cap_overrides_state_length")),
        sa.CheckConstraint("over BETWEEN -2147483647 AND 2147483647", name=op.f("ck_cap_overrides_over_range")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["persons.id"], name=op.f("fk_cap_overrides_answered_by_id_persons")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["persons.id"], name=op.f("fk_cap_overrides_asked_by_id_persons")),
        sa.ForeignKeyConstraint(
            ["college_tenant_id"], ["tenants.id"], name=op.f("fk_cap_overrides_college_tenant_id_tenants")
        ),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_cap_overrides_position_id_positions")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_cap_overrides_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_overrides")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cap_overrides_public_id")),
    )
    op.create_index(
        "ix_cap_overrides_college_tenant_id_state", "cap_overrides", ["college_tenant_id", "state"], unique=False
    )
    op.create_index(op.f("ix_cap_overrides_tenant_id"), "cap_overrides", ["tenant_id"], unique=False)
    op.create_index(
        "uq_cap_overrides_live",
        "cap_overrides",
        ["position_id", "state"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked','granted')"),
        sqlite_where=sa.text("state IN ('asked','granted')"),
    )
    op.add_column("positions", sa.Column("warned_for", sa.Date(), nullable=True))
    op.add_column("positions", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("positions", sa.Column("closed_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("positions", sa.Column("closed_note", sa.Text(), nullable=False, server_default=""))
    op.add_column("positions", sa.Column("copied_from", sa.Uuid(), nullable=True))
    op.add_column("positions", sa.Column("shifts", JSON, nullable=False, server_default="[]"))
    op.add_column("positions", sa.Column("contract_kind", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_table("cap_overrides")
    op.drop_table("position_templates")
    op.drop_table("minimum_wages")
    with op.batch_alter_table("positions") as table:
        for name in (
            "contract_kind",
            "shifts",
            "copied_from",
            "closed_note",
            "closed_reason",
            "closed_at",
            "warned_for",
        ):
            table.drop_column(name)
