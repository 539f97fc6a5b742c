"""Posts, what they ask for, and their seats.

Why: The demand. Seats are a row of their own: taken by one conditional UPDATE under a CHECK, never counted.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "positions",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("duties", sa.String(length=4000), nullable=False),
        sa.Column("tasks", JSON, nullable=False),
        sa.Column("occupation_code", sa.String(length=12), nullable=False),
        sa.Column("place_code", sa.String(length=12), nullable=False),
        sa.Column("place_note", sa.String(length=200), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("level_least", sa.String(length=20), nullable=False),
        sa.Column("pay_fen", sa.Integer(), nullable=True),
        sa.Column("same_post_pay_fen", sa.Integer(), nullable=True),
        sa.Column("lowest_grade_fen", sa.Integer(), nullable=True),
        sa.Column("pay_to_student", sa.Boolean(), nullable=True),
        sa.Column("pay_in_kind", sa.Boolean(), nullable=True),
        sa.Column("pay_period_days", sa.Integer(), nullable=True),
        sa.Column("board", sa.Boolean(), nullable=True),
        sa.Column("lodging", sa.Boolean(), nullable=True),
        sa.Column("fees", sa.Boolean(), nullable=True),
        sa.Column("hours_per_day", sa.Double(), nullable=True),
        sa.Column("hours_per_week", sa.Double(), nullable=True),
        sa.Column("night", sa.Boolean(), nullable=True),
        sa.Column("rest_days", sa.Boolean(), nullable=True),
        sa.Column("overtime", sa.Boolean(), nullable=True),
        sa.Column("hazards", JSON, nullable=False),
        sa.Column("labour_level", sa.SmallInteger(), nullable=True),
        sa.Column("venue", sa.String(length=30), nullable=False),
        sa.Column("filings", JSON, nullable=False),
        sa.Column("contract_months", sa.SmallInteger(), nullable=True),
        sa.Column("probation_months", sa.SmallInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warnings_accepted", JSON, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('internship','job')", name=op.f("ck_positions_kind")),
        sa.CheckConstraint("end_on IS NULL OR start_on IS NULL OR start_on <= end_on", name=op.f("ck_positions_days")),
        sa.CheckConstraint("length(duties) <= 4000", name=op.f("ck_positions_duties_length")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_positions_kind_length")),
        sa.CheckConstraint("length(level_least) <= 20", name=op.f("ck_positions_level_least_length")),
        sa.CheckConstraint("length(occupation_code) <= 12", name=op.f("ck_positions_occupation_code_length")),
        sa.CheckConstraint("length(place_code) <= 12", name=op.f("ck_positions_place_code_length")),
        sa.CheckConstraint("length(place_note) <= 200", name=op.f("ck_positions_place_note_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_positions_state_length")),
        sa.CheckConstraint("length(title) <= 80", name=op.f("ck_positions_title_length")),
        sa.CheckConstraint("length(venue) <= 30", name=op.f("ck_positions_venue_length")),
        sa.CheckConstraint("lowest_grade_fen BETWEEN -2147483647 AND 2147483647", name=op.f("ck_positions_lowest_grade_fen_range")),
        sa.CheckConstraint("pay_fen BETWEEN -2147483647 AND 2147483647", name=op.f("ck_positions_pay_fen_range")),
        sa.CheckConstraint("pay_period_days BETWEEN -2147483647 AND 2147483647", name=op.f("ck_positions_pay_period_days_range")),
        sa.CheckConstraint("same_post_pay_fen BETWEEN -2147483647 AND 2147483647", name=op.f("ck_positions_same_post_pay_fen_range")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_positions_version_range")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "family_id"],
            ["post_families.tenant_id", "post_families.id"],
            name=op.f("fk_positions_tenant_id_family_id_post_families"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_positions_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_positions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_positions_public_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_positions_tenant_id_id")),
    )
    op.create_index("ix_positions_state_kind", "positions", ["state", "kind"], unique=False)
    op.create_index(op.f("ix_positions_tenant_id"), "positions", ["tenant_id"], unique=False)
    op.create_table(
        "position_majors",
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("depth", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(code) <= 10", name=op.f("ck_position_majors_code_length")),
        sa.CheckConstraint("length(depth) <= 10", name=op.f("ck_position_majors_depth_length")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_position_majors_position_id_positions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_majors")),
        sa.UniqueConstraint("position_id", "depth", "code", name=op.f("uq_position_majors_position_id_depth_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_position_majors_public_id")),
    )
    op.create_table(
        "position_skills",
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("skill_id", BIG_ID, nullable=False),
        sa.Column("must", sa.Boolean(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_position_skills_position_id_positions")),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_position_skills_skill_id_skills")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_skills")),
        sa.UniqueConstraint("position_id", "skill_id", name=op.f("uq_position_skills_position_id_skill_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_position_skills_public_id")),
    )
    op.create_index(op.f("ix_position_skills_skill_id"), "position_skills", ["skill_id"], unique=False)
    op.create_table(
        "seats",
        sa.Column("position_id", BIG_ID, nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("places BETWEEN -2147483647 AND 2147483647", name=op.f("ck_seats_places_range")),
        sa.CheckConstraint("taken >= 0 AND taken <= places", name=op.f("ck_seats_taken")),
        sa.CheckConstraint("taken BETWEEN -2147483647 AND 2147483647", name=op.f("ck_seats_taken_range")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_seats_position_id_positions")),
        sa.PrimaryKeyConstraint("position_id", name=op.f("pk_seats")),
    )


def downgrade() -> None:
    op.drop_table("seats")
    op.drop_table("position_skills")
    op.drop_table("position_majors")
    op.drop_table("positions")
