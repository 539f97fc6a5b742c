"""Cohorts of classes and majors, and since when a student is in a state.

Why: A college says which majors it runs for which cohorts, and tells who is on leave, moved or graduated. A class gets the year in which
most of its students enrolled; what is added is empty or filled here, so the running release goes on beside it.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("school_classes", sa.Column("cohort", sa.SmallInteger(), nullable=True))
    op.add_column("college_majors", sa.Column("first_cohort", sa.SmallInteger(), nullable=True))
    op.add_column("college_majors", sa.Column("last_cohort", sa.SmallInteger(), nullable=True))
    op.add_column("students", sa.Column("state_on", sa.Date(), nullable=True))
    students = sa.table("students", sa.column("class_id", sa.BigInteger()), sa.column("enrolled_on", sa.Date()))
    classes = sa.table("school_classes", sa.column("id", sa.BigInteger()), sa.column("cohort", sa.SmallInteger()))
    years: dict[int, Counter[int]] = defaultdict(Counter)
    counted = sa.select(students.c.class_id, students.c.enrolled_on, sa.func.count()).group_by(students.c.class_id, students.c.enrolled_on)
    for class_id, enrolled_on, n in op.get_bind().execute(counted):
        if class_id is not None and enrolled_on is not None:
            years[class_id][enrolled_on.year] += n
    for class_id, told in years.items():
        op.execute(sa.update(classes).where(classes.c.id == class_id).values(cohort=told.most_common(1)[0][0]))


def downgrade() -> None:
    op.drop_column("students", "state_on")
    op.drop_column("college_majors", "last_cohort")
    op.drop_column("college_majors", "first_cohort")
    op.drop_column("school_classes", "cohort")
