"""Voluntary rounds: what was announced, who handed in which list, every snapshot, dry run and result.

Why: A round must be checkable for ever by those it concerns, so what it read and what it gave are rows that nothing changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lists_close_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("orders_close_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_hours", sa.Integer(), nullable=False),
        sa.Column("most_ranked", sa.SmallInteger(), nullable=False),
        sa.Column("majors", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("year_from", sa.SmallInteger(), nullable=True),
        sa.Column("year_to", sa.SmallInteger(), nullable=True),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("secret", sa.String(length=120), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chosen_id", sa.BigInteger(), nullable=True),
        sa.Column("chosen_reason", sa.String(length=500), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('internship')", name=op.f("ck_rounds_kind")),
        sa.CheckConstraint(
            "state NOT IN ('approved','published','ended') OR chosen_id IS NOT NULL", name=op.f("ck_rounds_chosen")
        ),
        sa.CheckConstraint(
            "answer_hours BETWEEN -2147483647 AND 2147483647", name=op.f("ck_rounds_answer_hours_range")
        ),
        sa.CheckConstraint("length(chosen_reason) <= 500", name=op.f("ck_rounds_chosen_reason_length")),
        sa.CheckConstraint("length(commitment) <= 64", name=op.f("ck_rounds_commitment_length")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_rounds_kind_length")),
        sa.CheckConstraint("length(name_en) <= 80", name=op.f("ck_rounds_name_en_length")),
        sa.CheckConstraint("length(name_zh) <= 80", name=op.f("ck_rounds_name_zh_length")),
        sa.CheckConstraint("length(secret) <= 120", name=op.f("ck_rounds_secret_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_rounds_state_length")),
        sa.CheckConstraint("most_ranked BETWEEN 1 AND 30", name=op.f("ck_rounds_most_ranked")),
        sa.CheckConstraint(
            "opens_at < lists_close_at AND lists_close_at <= orders_close_at AND orders_close_at < publish_at",
            name=op.f("ck_rounds_calendar"),
        ),
        sa.CheckConstraint("start_on <= end_on", name=op.f("ck_rounds_days")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_rounds_version_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("first_id", name=op.f("uq_rounds_first_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rounds_public_id")),
    )
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.create_index("ix_rounds_state_publish_at", ["state", "publish_at"], unique=False)

    op.create_table(
        "round_codes",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('priority','seats')", name=op.f("ck_round_codes_kind")),
        sa.CheckConstraint("length(code) <= 30", name=op.f("ck_round_codes_code_length")),
        sa.CheckConstraint("length(kind) <= 10", name=op.f("ck_round_codes_kind_length")),
        sa.CheckConstraint("length(name_en) <= 60", name=op.f("ck_round_codes_name_en_length")),
        sa.CheckConstraint("length(name_zh) <= 60", name=op.f("ck_round_codes_name_zh_length")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_codes_round_id_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_codes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_round_codes_public_id")),
        sa.UniqueConstraint("round_id", "code", name=op.f("uq_round_codes_round_id_code")),
    )
    op.create_table(
        "round_colleges",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_colleges_round_id_rounds")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_round_colleges_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("round_id", "tenant_id", name=op.f("pk_round_colleges")),
    )
    op.create_table(
        "round_snapshots",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("n_students", sa.Integer(), nullable=False),
        sa.Column("n_positions", sa.Integer(), nullable=False),
        sa.Column("versions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("beside", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("prepared", sa.LargeBinary(), nullable=False),
        sa.Column("scored", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(input_hash) <= 64", name=op.f("ck_round_snapshots_input_hash_length")),
        sa.CheckConstraint(
            "n_positions BETWEEN -2147483647 AND 2147483647", name=op.f("ck_round_snapshots_n_positions_range")
        ),
        sa.CheckConstraint(
            "n_students BETWEEN -2147483647 AND 2147483647", name=op.f("ck_round_snapshots_n_students_range")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_snapshots_round_id_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_snapshots")),
        sa.UniqueConstraint("public_id", name=op.f("uq_round_snapshots_public_id")),
    )
    with op.batch_alter_table("round_snapshots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_snapshots_round_id"), ["round_id"], unique=False)

    op.create_table(
        "round_trials",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("scenarios", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.CheckConstraint("attempts BETWEEN -2147483647 AND 2147483647", name=op.f("ck_round_trials_attempts_range")),
        sa.CheckConstraint("fence BETWEEN -2147483647 AND 2147483647", name=op.f("ck_round_trials_fence_range")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_round_trials_state_length")),
        sa.CheckConstraint("length(trouble) <= 200", name=op.f("ck_round_trials_trouble_length")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["persons.id"], name=op.f("fk_round_trials_asked_by_id_persons")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_trials_round_id_rounds")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["round_snapshots.id"], name=op.f("fk_round_trials_snapshot_id_round_snapshots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_trials")),
        sa.UniqueConstraint("public_id", name=op.f("uq_round_trials_public_id")),
    )
    with op.batch_alter_table("round_trials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_trials_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_trials_state"), ["state"], unique=False)

    op.create_table(
        "round_posts",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("position_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reserved_stay", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('takes_part','left')", name=op.f("ck_round_posts_state")),
        sa.CheckConstraint("length(reason) <= 30", name=op.f("ck_round_posts_reason_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_round_posts_state_length")),
        sa.CheckConstraint("places >= 1", name=op.f("ck_round_posts_places")),
        sa.CheckConstraint("places BETWEEN -2147483647 AND 2147483647", name=op.f("ck_round_posts_places_range")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_round_posts_version_range")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_posts_round_id_rounds")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "position_id"],
            ["positions.tenant_id", "positions.id"],
            name=op.f("fk_round_posts_tenant_id_position_id_positions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_posts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_round_posts_public_id")),
        sa.UniqueConstraint("round_id", "position_id", name=op.f("uq_round_posts_round_id_position_id")),
    )
    with op.batch_alter_table("round_posts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_posts_position_id"), ["position_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_posts_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "round_runs",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trial_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scenario", sa.String(length=20), nullable=False),
        sa.Column("weights", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("versions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("report", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(digest) <= 64", name=op.f("ck_round_runs_digest_length")),
        sa.CheckConstraint("length(input_hash) <= 64", name=op.f("ck_round_runs_input_hash_length")),
        sa.CheckConstraint("length(scenario) <= 20", name=op.f("ck_round_runs_scenario_length")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_runs_round_id_rounds")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["round_snapshots.id"], name=op.f("fk_round_runs_snapshot_id_round_snapshots")
        ),
        sa.ForeignKeyConstraint(["trial_id"], ["round_trials.id"], name=op.f("fk_round_runs_trial_id_round_trials")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_runs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_round_runs_public_id")),
        sa.UniqueConstraint("trial_id", "scenario", name=op.f("uq_round_runs_trial_id_scenario")),
    )
    with op.batch_alter_table("round_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_runs_round_id"), ["round_id"], unique=False)

    op.create_table(
        "round_bearers",
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("student_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_membership_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["code_id"], ["round_codes.id"], name=op.f("fk_round_bearers_code_id_round_codes")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_round_bearers_student_id_students")),
        sa.PrimaryKeyConstraint("code_id", "student_id", name=op.f("pk_round_bearers")),
    )
    with op.batch_alter_table("round_bearers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_bearers_student_id"), ["student_id"], unique=False)

    op.create_table(
        "round_lists",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("student_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("fill", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('begun','handed_in','taken_back','dropped')", name=op.f("ck_round_lists_state")),
        sa.CheckConstraint("length(reason) <= 30", name=op.f("ck_round_lists_reason_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_round_lists_state_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_round_lists_version_range")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_lists_round_id_rounds")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_round_lists_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_lists")),
        sa.UniqueConstraint("public_id", name=op.f("uq_round_lists_public_id")),
        sa.UniqueConstraint("round_id", "student_id", name=op.f("uq_round_lists_round_id_student_id")),
    )
    with op.batch_alter_table("round_lists", schema=None) as batch_op:
        batch_op.create_index("ix_round_lists_round_state", ["round_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_lists_student_id"), ["student_id"], unique=False)

    op.create_table(
        "round_orders",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("student_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=True),
        sa.Column("refused", sa.String(length=20), nullable=False),
        sa.CheckConstraint("(place IS NULL) <> (refused = '')", name=op.f("ck_round_orders_one_of_two")),
        sa.CheckConstraint("length(refused) <= 20", name=op.f("ck_round_orders_refused_length")),
        sa.ForeignKeyConstraint(["post_id"], ["round_posts.id"], name=op.f("fk_round_orders_post_id_round_posts")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_round_orders_student_id_students")),
        sa.PrimaryKeyConstraint("post_id", "student_id", name=op.f("pk_round_orders")),
    )
    with op.batch_alter_table("round_orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_orders_student_id"), ["student_id"], unique=False)

    op.create_table(
        "round_choices",
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 30", name=op.f("ck_round_choices_place")),
        sa.ForeignKeyConstraint(["list_id"], ["round_lists.id"], name=op.f("fk_round_choices_list_id_round_lists")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_round_choices_position_id_positions")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_choices_round_id_rounds")),
        sa.PrimaryKeyConstraint("list_id", "place", name=op.f("pk_round_choices")),
        sa.UniqueConstraint("list_id", "position_id", name=op.f("uq_round_choices_list_id_position_id")),
    )
    with op.batch_alter_table("round_choices", schema=None) as batch_op:
        batch_op.create_index("ix_round_choices_round_position", ["round_id", "position_id", "place"], unique=False)

    op.create_table(
        "round_results",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("student_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("basis", sa.String(length=60), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("trouble", sa.String(length=30), nullable=False),
        sa.CheckConstraint("length(basis) <= 60", name=op.f("ck_round_results_basis_length")),
        sa.CheckConstraint("length(trouble) <= 30", name=op.f("ck_round_results_trouble_length")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_round_results_application_id_applications")
        ),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_round_results_position_id_positions")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_results_round_id_rounds")),
        sa.ForeignKeyConstraint(["run_id"], ["round_runs.id"], name=op.f("fk_round_results_run_id_round_runs")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_round_results_student_id_students")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_results")),
        sa.UniqueConstraint("round_id", "student_id", name=op.f("uq_round_results_round_id_student_id")),
    )
    with op.batch_alter_table("round_results", schema=None) as batch_op:
        batch_op.create_index("ix_round_results_round_position", ["round_id", "position_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_results_student_id"), ["student_id"], unique=False)
        batch_op.create_index(
            "ix_round_results_unsent",
            ["round_id"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("round_results", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_round_results_unsent",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_round_results_student_id"))
        batch_op.drop_index("ix_round_results_round_position")

    op.drop_table("round_results")
    with op.batch_alter_table("round_choices", schema=None) as batch_op:
        batch_op.drop_index("ix_round_choices_round_position")

    op.drop_table("round_choices")
    with op.batch_alter_table("round_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_orders_student_id"))

    op.drop_table("round_orders")
    with op.batch_alter_table("round_lists", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_lists_student_id"))
        batch_op.drop_index("ix_round_lists_round_state")

    op.drop_table("round_lists")
    with op.batch_alter_table("round_bearers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_bearers_student_id"))

    op.drop_table("round_bearers")
    with op.batch_alter_table("round_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_runs_round_id"))

    op.drop_table("round_runs")
    with op.batch_alter_table("round_posts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_posts_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_round_posts_position_id"))

    op.drop_table("round_posts")
    with op.batch_alter_table("round_trials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_trials_state"))
        batch_op.drop_index(batch_op.f("ix_round_trials_round_id"))

    op.drop_table("round_trials")
    with op.batch_alter_table("round_snapshots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_snapshots_round_id"))

    op.drop_table("round_snapshots")
    op.drop_table("round_colleges")
    op.drop_table("round_codes")
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.drop_index("ix_rounds_state_publish_at")

    op.drop_table("rounds")
