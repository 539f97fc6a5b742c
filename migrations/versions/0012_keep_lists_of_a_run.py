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


def upgrade() -> None:
    op.add_column("run_snapshots", sa.Column("lists", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("run_snapshots", "lists")
