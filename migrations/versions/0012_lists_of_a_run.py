"""The lists of a whole run, kept as rows of what it read.

Why: why-not and what-if ask the run again, from exactly what it gave; older runs have none and say so.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "run_lists",
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("lists", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_lists_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_lists")),
    )


def downgrade() -> None:
    op.drop_table("run_lists")
