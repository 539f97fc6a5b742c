"""A worker killed without a word in the middle of an import: its successor ends where an undisturbed one would; large tables stay small in memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import queries, service, tasks
from consortium.imports.models import Upload, UploadRow
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.spreadsheet import open_table
from consortium.students import roster
from consortium.students.models import SchoolClass, Student
from tests import builders
from tests.imports.conftest import KEY, work
from tests.students.rosters import HEADER, lawful
from tests.workbooks import workbook

Take = Callable[..., Upload]
WORKER = """
import sys
from pathlib import Path
from consortium.app import create_app
from consortium.imports import service, tasks
service.BATCH, service.PAUSE = 10, 0.1
app = create_app("testing", SQLALCHEMY_DATABASE_URI=sys.argv[1], REDIS_URL="redis://127.0.0.1:1/0", DATA_DIR=Path(sys.argv[2]))
with app.app_context():
    tasks.apply_upload(int(sys.argv[3]))
"""


def _register(tenant_id: int) -> list[Any]:
    rows = db.session.scalars(sa.select(Student).where(Student.tenant_id == tenant_id).order_by(Student.student_no)).all()
    classes = {c.id: c.name for c in db.session.scalars(sa.select(SchoolClass))}
    skip = ("id", "tenant_id", "public_id", "created_at", "class_id", "identity_sealed", "identity_hash", "changed_at")
    columns = [c.name for c in Student.__table__.columns if c.name not in skip]
    return [[*(getattr(s, name) for name in columns), classes.get(s.class_id)] for s in rows]


def test_a_worker_killed_in_mid_import_leaves_the_same_end_as_one_that_was_not(
    app: Flask, uploaded: Take, imported: Take, officer: Membership, tmp_path: Path
) -> None:
    rows = [lawful(n) for n in range(120)]
    upload = uploaded(rows)
    number, mine = upload.id, officer.tenant_id
    service.ask_to_apply(upload, all_or_none=False, by=officer.actor())
    db.session.commit()
    url = db.engine.url.render_as_string(hide_password=False)
    db.session.remove()
    child = subprocess.Popen([sys.executable, "-c", WORKER, url, str(tmp_path), str(number)], cwd=Path(__file__).parents[2], start_new_session=True)
    written = 0
    for _ in range(1200):
        time.sleep(0.05)
        written = db.session.scalar(sa.select(sa.func.count()).where(UploadRow.applied_at.is_not(None))) or 0
        db.session.rollback()
        if written >= 20 or child.poll() is not None:
            break
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert 0 < written < 120
    db.session.execute(sa.update(Upload).values(lease_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    work(tasks.apply_upload, number)
    db.session.expire_all()
    done = db.session.get_one(Upload, number)
    assert (done.stage, done.counts["new"], queries.applied(done)) == ("imported", 120, 120)
    other = builders.a_membership(Role.COLLEGE_OFFICER, tenant=builders.a_college().tenant)
    twin = service.upload(other.actor(), "students", "x.xlsx", workbook([HEADER, *rows]), app.config[KEY])
    twin_id, tenant_id = twin.id, other.tenant_id
    db.session.commit()
    work(tasks.read_upload, twin_id)
    service.ask_to_apply(db.session.get_one(Upload, twin_id), all_or_none=False, by=other.actor())
    db.session.commit()
    work(tasks.apply_upload, twin_id)
    assert _register(mine) == _register(tenant_id)
    told = db.session.scalars(sa.select(AuditLine).where(AuditLine.act == "import-students", AuditLine.tenant_id == mine))
    assert sum(line.facts["rows"] for line in told) == 120  # no row was written twice


def test_a_hundred_thousand_rows_are_read_in_little_memory() -> None:
    line = ",".join(["{}", "李小明", "高职专科", "460301", "机电2401班", "2024-09-01"])
    data = ("学号,姓名,学历层次,专业,班级,入学日期\n" + "\n".join(line.format(2024000000 + n) for n in range(100_000))).encode()
    tracemalloc.start()
    try:
        table = open_table(data, [column.name for column in roster.COLUMNS])
        assert sum(len(batch) for batch in table.batches(500)) == table.n_rows == 100_000
        assert tracemalloc.get_traced_memory()[1] < 25_000_000
    finally:
        tracemalloc.stop()
