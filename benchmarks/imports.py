"""A roster of 5,000 rows through the very steps of an import: read in the sandbox, checked, written, uploaded again.

    python benchmarks/imports.py [--rows 5000]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import record
import sqlalchemy as sa

from consortium.app import create_app
from consortium.imports.kinds import NEW, UNCHANGED
from consortium.shared.db import db
from consortium.shared.spreadsheet import read_table, write_workbook
from consortium.skills import service as skills
from consortium.students import roster, service
from consortium.students.models import Student

BATCH = 500


def main() -> int:
    """Make the file, import it, import it again."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=5000)
    n = asked.parse_args().rows
    header = [column.name for column in roster.COLUMNS]
    data = write_workbook("学生名单", header, [[_cell(column.field, column.example, row) for column in roster.COLUMNS] for row in range(n)])
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            "testing", SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/imports.sqlite", REDIS_URL="redis://127.0.0.1:1/0", DATA_DIR=Path(folder)
        )
        with app.app_context():
            db.create_all()
            skills.load_vocabulary()
            from consortium.accounts.models import Tenant

            db.session.add(Tenant(kind="college", name_zh="测量学院"))
            db.session.commit()
            began = time.perf_counter()
            table = read_table(data, header)
            checked = service.check(1, table.header, table.rows)
            db.session.rollback()
            judged = time.perf_counter()
            assert {one.verdict for one in checked} == {NEW}, next(one.problems for one in checked if one.problems)
            for start in range(0, n, BATCH):
                service.apply(1, [(one.row_no, one.values) for one in checked[start : start + BATCH]], None)
                db.session.commit()
                db.session.expunge_all()
            written = time.perf_counter()
            again = service.check(1, table.header, table.rows)
            told = time.perf_counter()
            assert {one.verdict for one in again} == {UNCHANGED}
            assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == n
    size = f"{n:,} × {len(header)}"
    rows = [
        record.at_most(f"{size} read and checked", judged - began, "s", 15),
        record.at_most(f"{size} imported", written - judged, "s", 30),
        record.at_most(f"{size} checked again, nothing to write", told - written, "s", 10),
    ]
    return 0 if record.write("imports", rows) else 1


def _cell(field: str, example: str, row: int) -> str:
    """The example of every column; the student's number is the row's own, an identity number stays empty."""
    return {"student_no": f"2024{row:06d}", "identity": "", "guardian_name": "", "guardian_phone": ""}.get(field, example)


if __name__ == "__main__":
    raise SystemExit(main())
