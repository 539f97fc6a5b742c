"""People, organisations and what stands under everything: the audit, who looked, forms sent once.

Why: Nothing else can exist before somebody may sign in for an organisation. The audit and the log of looks refuse change from the first
day, by triggers, because a rule kept only by the application is not kept. Each firm's dated intern quota lies here too: later stages write
into it, earlier ones read it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("audit_lines", "looks")


def upgrade() -> None:
    op.create_table(
        "audit_lines",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("tenant_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(length=30), nullable=True),
        sa.Column("act", sa.String(length=80), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.CheckConstraint("length(act) <= 80", name=op.f("ck_audit_lines_act_length")),
        sa.CheckConstraint("length(address) <= 45", name=op.f("ck_audit_lines_address_length")),
        sa.CheckConstraint("length(request_id) <= 40", name=op.f("ck_audit_lines_request_id_length")),
        sa.CheckConstraint("length(result) <= 40", name=op.f("ck_audit_lines_result_length")),
        sa.CheckConstraint("length(role) <= 30", name=op.f("ck_audit_lines_role_length")),
        sa.CheckConstraint("length(subject_kind) <= 40", name=op.f("ck_audit_lines_subject_kind_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_lines")),
    )
    op.create_index(op.f("ix_audit_lines_at"), "audit_lines", ["at"], unique=False)
    op.create_index("ix_audit_lines_subject", "audit_lines", ["subject_kind", "subject_id"], unique=False)
    op.create_index(op.f("ix_audit_lines_tenant_id"), "audit_lines", ["tenant_id"], unique=False)
    op.create_table(
        "failed_tries",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) <= 64", name=op.f("ck_failed_tries_key_length")),
        sa.CheckConstraint("n BETWEEN -2147483647 AND 2147483647", name=op.f("ck_failed_tries_n_range")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_failed_tries")),
    )
    op.create_table(
        "looks",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(role) <= 30", name=op.f("ck_looks_role_length")),
        sa.CheckConstraint("length(subject_kind) <= 40", name=op.f("ck_looks_subject_kind_length")),
        sa.CheckConstraint("length(what) <= 80", name=op.f("ck_looks_what_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
    )
    op.create_index("ix_looks_student_at", "looks", ["student_id", "at"], unique=False)
    op.create_table(
        "periods",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_periods_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_periods")),
        sa.UniqueConstraint("name", "period", name=op.f("uq_periods_name_period")),
    )
    op.create_table(
        "persons",
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=160), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(email) <= 160", name=op.f("ck_persons_email_length")),
        sa.CheckConstraint("length(language) <= 5", name=op.f("ck_persons_language_length")),
        sa.CheckConstraint("length(login) <= 80", name=op.f("ck_persons_login_length")),
        sa.CheckConstraint("length(name) <= 80", name=op.f("ck_persons_name_length")),
        sa.CheckConstraint("length(password_hash) <= 200", name=op.f("ck_persons_password_hash_length")),
        sa.CheckConstraint("length(phone) <= 20", name=op.f("ck_persons_phone_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_persons_state_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_persons_version_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("login", name=op.f("uq_persons_login")),
        sa.UniqueConstraint("public_id", name=op.f("uq_persons_public_id")),
    )
    op.create_table(
        "sent_forms",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("mimetype", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("length(location) <= 500", name=op.f("ck_sent_forms_location_length")),
        sa.CheckConstraint("length(mimetype) <= 80", name=op.f("ck_sent_forms_mimetype_length")),
        sa.CheckConstraint("length(request_hash) <= 64", name=op.f("ck_sent_forms_request_hash_length")),
        sa.CheckConstraint("status BETWEEN -2147483647 AND 2147483647", name=op.f("ck_sent_forms_status_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_forms")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_sent_forms_person_id_key")),
    )
    op.create_index(op.f("ix_sent_forms_at"), "sent_forms", ["at"], unique=False)
    op.create_table(
        "tenants",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('zone','college','enterprise','bureau')", name=op.f("ck_tenants_kind")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_tenants_kind_length")),
        sa.CheckConstraint("length(name_en) <= 160", name=op.f("ck_tenants_name_en_length")),
        sa.CheckConstraint("length(name_zh) <= 120", name=op.f("ck_tenants_name_zh_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_tenants_state_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tenants_public_id")),
    )
    op.create_index(op.f("ix_tenants_kind"), "tenants", ["kind"], unique=False)
    op.create_table(
        "bureau_reaches",
        sa.Column("bureau_tenant_id", BIG_ID, nullable=False),
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bureau_tenant_id"], ["tenants.id"], name=op.f("fk_bureau_reaches_bureau_tenant_id_tenants")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_bureau_reaches_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_reaches")),
        sa.UniqueConstraint("bureau_tenant_id", "tenant_id", name=op.f("uq_bureau_reaches_bureau_tenant_id_tenant_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bureau_reaches_public_id")),
    )
    op.create_table(
        "college_majors",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("major_code", sa.String(length=10), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(major_code) <= 10", name=op.f("ck_college_majors_major_code_length")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_college_majors_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_college_majors")),
        sa.UniqueConstraint("public_id", name=op.f("uq_college_majors_public_id")),
        sa.UniqueConstraint("tenant_id", "major_code", name=op.f("uq_college_majors_tenant_id_major_code")),
    )
    op.create_table(
        "colleges",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("moe_code", sa.String(length=10), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(level) <= 20", name=op.f("ck_colleges_level_length")),
        sa.CheckConstraint("length(moe_code) <= 10", name=op.f("ck_colleges_moe_code_length")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_colleges_version_range")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_colleges_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleges")),
        sa.UniqueConstraint("moe_code", name=op.f("uq_colleges_moe_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_colleges_public_id")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_colleges_tenant_id")),
    )
    op.create_table(
        "enterprises",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("industry_code", sa.String(length=8), nullable=False),
        sa.Column("host_type", sa.String(length=30), nullable=False),
        sa.Column("place_code", sa.String(length=12), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=2000), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("staff_as_of", sa.Date(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("credit_checked_on", sa.Date(), nullable=True),
        sa.Column("ledger_turn", sa.Integer(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ledger_turn BETWEEN -2147483647 AND 2147483647", name=op.f("ck_enterprises_ledger_turn_range")),
        sa.CheckConstraint("length(about) <= 2000", name=op.f("ck_enterprises_about_length")),
        sa.CheckConstraint("length(address) <= 200", name=op.f("ck_enterprises_address_length")),
        sa.CheckConstraint("length(credit_code) <= 18", name=op.f("ck_enterprises_credit_code_length")),
        sa.CheckConstraint("length(host_type) <= 30", name=op.f("ck_enterprises_host_type_length")),
        sa.CheckConstraint("length(industry_code) <= 8", name=op.f("ck_enterprises_industry_code_length")),
        sa.CheckConstraint("length(place_code) <= 12", name=op.f("ck_enterprises_place_code_length")),
        sa.CheckConstraint("staff BETWEEN -2147483647 AND 2147483647", name=op.f("ck_enterprises_staff_range")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_enterprises_version_range")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_enterprises_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprises")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_enterprises_credit_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_enterprises_public_id")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_enterprises_tenant_id")),
    )
    op.create_table(
        "invitations",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=160), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by_id", BIG_ID, nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(email) <= 160", name=op.f("ck_invitations_email_length")),
        sa.CheckConstraint("length(login) <= 80", name=op.f("ck_invitations_login_length")),
        sa.CheckConstraint("length(name) <= 80", name=op.f("ck_invitations_name_length")),
        sa.CheckConstraint("length(role) <= 30", name=op.f("ck_invitations_role_length")),
        sa.CheckConstraint("length(token_hash) <= 64", name=op.f("ck_invitations_token_hash_length")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["persons.id"], name=op.f("fk_invitations_invited_by_id_persons")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_invitations_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitations_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(op.f("ix_invitations_tenant_id"), "invitations", ["tenant_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(role) <= 30", name=op.f("ck_memberships_role_length")),
        sa.CheckConstraint("length(state) <= 20", name=op.f("ck_memberships_state_length")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_memberships_person_id_persons")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_memberships_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("person_id", "tenant_id", "role", name=op.f("uq_memberships_person_id_tenant_id_role")),
        sa.UniqueConstraint("public_id", name=op.f("uq_memberships_public_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_memberships_tenant_id_id")),
    )
    op.create_index(op.f("ix_memberships_person_id"), "memberships", ["person_id"], unique=False)
    op.create_index(op.f("ix_memberships_tenant_id"), "memberships", ["tenant_id"], unique=False)
    op.create_table(
        "post_families",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("staff_as_of", sa.Date(), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) <= 80", name=op.f("ck_post_families_name_length")),
        sa.CheckConstraint("staff BETWEEN -2147483647 AND 2147483647", name=op.f("ck_post_families_staff_range")),
        sa.CheckConstraint("version BETWEEN -2147483647 AND 2147483647", name=op.f("ck_post_families_version_range")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_post_families_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_families")),
        sa.UniqueConstraint("public_id", name=op.f("uq_post_families_public_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_post_families_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_post_families_tenant_id_name")),
    )
    op.create_table(
        "site_visits",
        sa.Column("college_tenant_id", BIG_ID, nullable=False),
        sa.Column("enterprise_tenant_id", BIG_ID, nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["college_tenant_id"], ["tenants.id"], name=op.f("fk_site_visits_college_tenant_id_tenants")),
        sa.ForeignKeyConstraint(["enterprise_tenant_id"], ["tenants.id"], name=op.f("fk_site_visits_enterprise_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_visits")),
        sa.UniqueConstraint(
            "college_tenant_id", "enterprise_tenant_id", name=op.f("uq_site_visits_college_tenant_id_enterprise_tenant_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_site_visits_public_id")),
    )
    op.create_index(op.f("ix_site_visits_enterprise_tenant_id"), "site_visits", ["enterprise_tenant_id"], unique=False)
    op.create_table(
        "quota_holds",
        sa.Column("tenant_id", BIG_ID, nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=True),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("override_reason", sa.String(length=300), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_quota_holds_days")),
        sa.CheckConstraint("heads > 0", name=op.f("ck_quota_holds_heads")),
        sa.CheckConstraint("heads BETWEEN -2147483647 AND 2147483647", name=op.f("ck_quota_holds_heads_range")),
        sa.CheckConstraint("length(kind) <= 20", name=op.f("ck_quota_holds_kind_length")),
        sa.CheckConstraint("length(override_reason) <= 300", name=op.f("ck_quota_holds_override_reason_length")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "family_id"],
            ["post_families.tenant_id", "post_families.id"],
            name=op.f("fk_quota_holds_tenant_id_family_id_post_families"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_quota_holds_tenant_id_tenants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_holds")),
        sa.UniqueConstraint("holder", name=op.f("uq_quota_holds_holder")),
        sa.UniqueConstraint("public_id", name=op.f("uq_quota_holds_public_id")),
    )
    op.create_index("ix_quota_holds_tenant_id_days", "quota_holds", ["tenant_id", "from_on", "to_on"], unique=False)
    op.create_table(
        "sign_ins",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("membership_id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.CheckConstraint("length(device) <= 200", name=op.f("ck_sign_ins_device_length")),
        sa.CheckConstraint("length(token_hash) <= 64", name=op.f("ck_sign_ins_token_hash_length")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_sign_ins_membership_id_memberships")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_sign_ins_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"], unique=False)
    refuse_change()


def downgrade() -> None:
    op.drop_table("sign_ins")
    op.drop_table("quota_holds")
    op.drop_table("site_visits")
    op.drop_table("post_families")
    op.drop_table("memberships")
    op.drop_table("invitations")
    op.drop_table("enterprises")
    op.drop_table("colleges")
    op.drop_table("college_majors")
    op.drop_table("bureau_reaches")
    op.drop_table("tenants")
    op.drop_table("sent_forms")
    op.drop_table("persons")
    op.drop_table("periods")
    op.drop_table("looks")
    op.drop_table("failed_tries")
    op.drop_table("audit_lines")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def refuse_change() -> None:
    """The two logs take new lines and nothing else."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ "
            "BEGIN RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
        )
        for table in APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
        return
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'append-only table'); END"
            )
