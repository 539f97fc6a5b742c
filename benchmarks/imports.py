"""Rosters through the very steps of an import: read in the sandbox, checked, staged, written, uploaded again, taken back; peak memory of each size.

    python benchmarks/imports.py [--rows 5000] [--csv-rows 100000]

Each size runs in a process of its own, so that its peak of memory is its own. The workbook has 30 columns, of which the roster reads 26.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import record
import sqlalchemy as sa

from consortium.accounts.models import Membership, Person, Tenant
from consortium.app import create_app
from consortium.imports import service as imports
from consortium.imports import tasks
from consortium.imports.models import Upload, UploadRow
from consortium.shared.db import db
from consortium.shared.spreadsheet import write_csv, write_workbook
from consortium.skills import service as skills
from consortium.students import roster
from consortium.students.models import Student

COLUMNS = 30
WORKER_MOST = 512  # MB, for one upload


def main() -> int:
    """Measure both sizes and write the record."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=5000)
    asked.add_argument("--csv-rows", type=int, default=100_000)
    asked.add_argument("--one", choices=("xlsx", "csv"))
    given = asked.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.rows)))
        return 0
    rows = []
    for kind, n in (("xlsx", given.rows), ("csv", given.csv_rows // 10), ("csv", given.csv_rows)):
        told = subprocess.run([sys.executable, __file__, "--one", kind, "--rows", str(n)], check=True, capture_output=True, text=True)
        found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
        size = f"{n:,} × {COLUMNS} .{kind}"
        goals = {"checked": 15, "imported": 30, "again": 10} if kind == "xlsx" else {"checked": 540, "imported": 540, "again": 540}
        rows += [
            record.at_most(f"{size} read, checked and staged", found["checked"], "s", goals["checked"]),
            record.at_most(f"{size} imported", found["imported"], "s", goals["imported"]),
            record.at_most(f"{size} again, nothing to write", found["again"], "s", goals["again"]),
            record.at_most(f"{size} peak memory of the worker", found["peak"], "MB", WORKER_MOST),
        ]
        if kind == "xlsx":
            rows.append(record.at_most(f"{size} taken back", found["undone"], "s", 30))
    return 0 if record.write("imports", rows) else 1


def measure(kind: str, n: int) -> dict[str, float]:
    """One size: seconds of each step, and the peak of memory in MB."""
    header = [column.name for column in roster.COLUMNS] + [f"备用栏{k}" for k in range(COLUMNS - len(roster.COLUMNS))]
    lines = ([*(_cell(column.field, column.example, row) for column in roster.COLUMNS), *["备注"] * (COLUMNS - len(roster.COLUMNS))] for row in range(n))
    data = write_workbook("学生名单", header, lines) if kind == "xlsx" else write_slim(header, n)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            "testing", SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/imports.sqlite", REDIS_URL="redis://127.0.0.1:1/0", DATA_DIR=Path(folder)
        )
        with app.app_context():
            db.create_all()
            skills.load_vocabulary()
            tenant = Tenant(kind="college", name_zh="测量学院")
            person = Person(login="measure", name="测量")
            db.session.add_all([tenant, person])
            db.session.flush()
            member = Membership(person_id=person.id, tenant_id=tenant.id, role="college_officer", state="active")
            db.session.add(member)
            db.session.commit()
            actor = member.actor()
            key = app.config["ID_KEY"]
            found: dict[str, float] = {}

            def timed(name: str, task: Any, number: int) -> None:
                began = time.perf_counter()
                db.session.rollback()
                task(number)
                found[name] = time.perf_counter() - began

            number = imports.upload(actor, "students", f"x.{kind}", data, key).id
            db.session.commit()
            timed("checked", tasks.read_upload, number)
            upload = db.session.get_one(Upload, number)
            assert upload.counts["new"] == n, (upload.stage, upload.refusal, upload.counts)
            imports.ask_to_apply(upload, all_or_none=False, by=actor)
            db.session.commit()
            timed("imported", tasks.apply_upload, number)
            assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == n
            again = imports.upload(actor, "students", f"x.{kind}", data, key).id
            db.session.commit()
            timed("again", tasks.read_upload, again)
            assert db.session.get_one(Upload, again).counts["unchanged"] == n
            if kind == "xlsx":
                imports.ask_to_undo(db.session.get_one(Upload, number), by=actor)
                db.session.commit()
                timed("undone", tasks.apply_upload, number)
                assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == 0
            assert db.session.scalar(sa.select(sa.func.count()).select_from(UploadRow)) == 2 * n
    return found | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def write_slim(header: list[str], n: int) -> bytes:
    """A CSV within 10 MB: the columns of a real register's export, the others empty."""
    filled = {"student_no", "name", "level", "major", "class_name", "enrolled_on", "wants_zone"}
    return write_csv(header, ([_cell(c.field, c.example, row) if c.field in filled else "" for c in roster.COLUMNS] for row in range(n)))


def _cell(field: str, example: str, row: int) -> str:
    """The example of every column; the student's number and class are the row's own, an identity number stays empty."""
    own = {"student_no": f"2024{row:06d}", "class_name": f"机电24{row // 50:04d}班", "identity": "", "guardian_name": "", "guardian_phone": "", "major": "460301"}
    return own.get(field, example)


if __name__ == "__main__":
    raise SystemExit(main())
