"""A run from the database to stored lists, cold and with kept feature rows; then one new post and one changed student, as a worker does them.

    python benchmarks/runs.py [--students 20000] [--positions 2000] [--database sqlite,postgresql] [--workers 2]

Texts are the demonstration's, mixed anew so that hardly two are alike. PostgreSQL: TEST_POSTGRES_URL. FULL=1: 200,000 × 20,000.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import record
import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.app import create_app
from consortium.demonstration import generator
from consortium.matching import eligibility, newcomer
from consortium.matching.loops import warm
from consortium.matching.problem import columns
from consortium.matching.similarity import Rows
from consortium.organisations.models import Enterprise, PostFamily
from consortium.positions import queries as positions
from consortium.positions.models import Position, PositionMajor, PositionSkill, Seats
from consortium.proposals import queries, service, snapshot, tasks
from consortium.proposals.models import Run, RunChunk
from consortium.proposals.snapshot.kept import crowds_of
from consortium.proposals.snapshot.newcomers import lawful_of
from consortium.reference import law
from consortium.shared import clock
from consortium.shared.db import db
from consortium.students import queries as students
from consortium.students.models import Consent, Student, StudentSkill

Values = dict[str, Any]
POSTS_A_FIRM = 10


def main() -> int:
    """Fill a database, measure, print, write."""
    full = os.environ.get("FULL") == "1"
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--students", type=int, default=200_000 if full else 20_000)
    asked.add_argument("--positions", type=int, default=20_000 if full else 2_000)
    asked.add_argument("--database", default="sqlite,postgresql")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--chunks", help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.chunks:
        return _child(json.loads(told.chunks))
    rows: list[record.Row] = []
    for kind in told.database.split(","):
        if kind == "postgresql" and not os.environ.get("TEST_POSTGRES_URL"):
            print("NOT RUN: PostgreSQL: no TEST_POSTGRES_URL")
            continue
        with tempfile.TemporaryDirectory() as folder, _database(kind, Path(folder)) as url:
            rows += measured(kind, url, Path(folder), told)
    return 0 if record.write("runs", rows, told.seed) else 1


def measured(kind: str, url: str, folder: Path, told: argparse.Namespace) -> list[record.Row]:
    """All figures on one database."""
    n, m = told.students, told.positions
    label, big = f"{kind}, {n:,} × {m:,}", n * m > 10**9
    settings = {"url": url, "folder": str(folder)}
    with _app(settings).app_context():
        db.create_all()
        if kind == "postgresql":
            for table, column in (("run_parts", "students"), ("run_parts", "rows"), ("run_snapshots", "prepared"), ("run_chunks", "result")):
                db.session.execute(sa.text(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL"))
        db.session.commit()
        began = time.perf_counter()
        fill(n, m, told.seed)
        if kind == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("ANALYZE"))
        print(f"{label}: filled in {time.perf_counter() - began:.0f} s")
        warm()
        rows = []
        for name, limit in (("cold", 480), ("with kept feature rows", 90)):
            worked = _cpu()
            steps = whole_run(settings, told.workers)
            worked = _cpu() - worked
            rows.append(record.at_most(f"{label}: whole run, {name}, {told.workers} workers", sum(steps.values()), "s", limit if big else limit / 4))
            rows += [record.Row(f"  of it: {step}", round(took, 3), "s") for step, took in steps.items()]
            rows.append(record.Row("  processor time of all processes but the database", round(worked, 2), "s"))
            found = db.session.get_one(Run, queries.latest_run().id)  # type: ignore[union-attr]
            print(name, {k: v for k, v in found.report.items() if k in ("students", "positions", "acceptable_pairs", "placed", "blocking_pairs")})
        rows += newcomers(label)
    size = 1024**2  # KB on Linux
    rows.append(record.Row(f"{label}: peak memory, this process", round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / size, 2), "GB"))
    rows.append(record.Row(f"{label}: peak memory, a worker", round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / size, 2), "GB"))
    return rows


def whole_run(settings: dict[str, str], workers: int) -> dict[str, float]:
    """Seconds of each step; the chunks are dealt to so many processes."""
    run_id = service.start(by=None, seed=1).id
    db.session.commit()
    clock_ = time.perf_counter
    began = clock_()
    tasks._work(Run, run_id, service.advance)
    read = clock_()
    ids = queries.chunk_ids(run_id)
    db.session.rollback()
    hands = [ids[hand::workers] for hand in range(workers)]
    children = [_start(settings, hand) for hand in hands[1:] if hand]
    _score(hands[0])
    assert all(child.wait() == 0 for child in children)
    scored = clock_()
    tasks._work(Run, run_id, service.advance)
    done = db.session.get_one(Run, run_id)
    assert done.state == "done", (done.state, done.trouble)
    db.session.rollback()
    return {"read, words, posts, stored in parts": read - began, "chunks: words, law, scores, both top lists": scored - read, "gathered, assigned, lists stored": clock_() - scored}


def _cpu() -> float:
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def newcomers(label: str) -> list[record.Row]:
    """One post and one student, changed and followed: the first in a process, a later one, and of it the method alone."""
    rows = []
    post = db.session.scalars(sa.select(Position).where(Position.state == "open").limit(1)).one().id
    student = db.session.scalars(sa.select(Student.id).where(Student.id.in_(students.consented_ids())).limit(1)).one()
    for scope, subject in (("position", post), ("student", student)):
        took = []
        for turn in range(4):
            table, values = (Student, {"wish": f"数控编程与操作{turn}"}) if scope == "student" else (Position, {"version": Position.version + 1, "title": f"数控编程员{turn}"})
            db.session.execute(sa.update(table).where(table.id == subject).values(**values))
            run_id = service.start(scope, subject, by=None).id
            db.session.commit()
            began = time.perf_counter()
            tasks._work(Run, run_id, service.advance)
            took.append(time.perf_counter() - began)
            assert db.session.get_one(Run, run_id).state == "done"
            db.session.rollback()
        rows.append(record.at_most(f"{label}: one {scope}, the first in a process", took[0], "s", 30))
        rows.append(record.at_most(f"{label}: one {scope}, from claim to stored lists", sorted(took[1:])[1], "s", 3))
        rows.append(record.at_most("  of it: words, law, scores, the best of all", 1000 * min(_method(scope, subject) for _ in range(5)), "ms", 100))
    return rows


def _method(scope: str, subject: int) -> float:
    base = queries.latest_run()
    assert base is not None
    whole, crowds, limits = snapshot.prepared_of(base), crowds_of(base.public_id, base.seed), law.thresholds(clock.today())
    if scope == "position":
        own = columns("positions", positions.as_rows(positions.open_positions([subject])))
    else:
        own = columns("students", students.as_rows(students.for_matching([subject])))
    began = time.process_time()  # the method alone: other processes of the machine do not count
    row = Rows.of(whole.vocabulary.transform(own))
    if scope == "position":
        crowd, allowed = crowds[0], eligibility.lawful_pairs(crowds[0].columns, own, limits)[:, 0]
    else:
        crowd = crowds[1]
        allowed = eligibility.open_pairs(own, crowd.columns, limits)[0] & lawful_of(crowd.columns, limits)
    newcomer.meet(row, [(crowd, allowed)], base.seed, 500)
    return time.process_time() - began


def fill(n: int, m: int, seed: int) -> None:
    """The demonstration's people and firms, and as many more like them as are missing."""
    generator.fill(students=min(n, 3000), seed=seed)
    draw = np.random.default_rng(seed)
    _more_students(n, draw)
    _more_posts(m, draw)
    db.session.commit()


def _more_students(n: int, draw: np.random.Generator) -> None:
    base = [s for s in _all(Student) if s["state"] == "enrolled"]
    held: dict[int, list[Values]] = {}
    for one in _all(StudentSkill):
        held.setdefault(one["student_id"], []).append(one)
    first = 1 + max(one["id"] for one in _all(Student))
    now = clock.now()
    for start in range(len(base), n, 10_000):
        students, skills, consents = [], [], []
        for number in range(start, min(start + 10_000, n)):
            like, *texts = (base[int(at)] for at in draw.integers(0, len(base), 4))
            row_id = first + number
            students.append(
                like | {"id": row_id, "public_id": uuid.UUID(bytes=draw.bytes(16), version=4), "student_no": f"B{number:08d}", "person_id": None,
                        "identity_hash": None, "identity_sealed": None, "wish": texts[0]["wish"], "courses": texts[1]["courses"], "about": texts[2]["about"]}
            )  # fmt: skip
            skills += [{"student_id": row_id, "skill_id": one["skill_id"], "level": one["level"], "source": one["source"], "created_at": now} for one in held.get(like["id"], [])]
            consents.append({"student_id": row_id, "purpose": "matching", "version": "2026-11", "given_by": "student", "given_at": now - timedelta(days=30), "evidence": "", "created_at": now})
        for table, rows in ((Student, students), (StudentSkill, skills), (Consent, consents)):
            _add(table, rows)
        db.session.commit()


def _more_posts(m: int, draw: np.random.Generator) -> None:
    base = [p for p in _all(Position) if p["state"] == "open"]
    parts = {table: _by(table, "position_id") for table in (Seats, PositionMajor, PositionSkill)}
    firms, families, tenants = _by(Enterprise, "tenant_id"), _by(PostFamily, "tenant_id"), _by(Tenant, "id")
    next_id = {table: 1 + max(one["id"] for one in _all(table)) for table in (Tenant, PostFamily, Position)}
    made: dict[Any, list[Values]] = {table: [] for table in (Tenant, Enterprise, PostFamily, Position, Seats, PositionMajor, PositionSkill)}
    owner = {family["id"]: tenant_id for tenant_id, own in families.items() for family in own}
    by_firm: dict[int, list[Values]] = {}
    for one in base:
        by_firm.setdefault(one["tenant_id"], []).append(one)
    n_made = len(base)
    while n_made < m:
        like = list(by_firm)[int(draw.integers(0, len(by_firm)))]
        tenant_id = next_id[Tenant]
        next_id[Tenant] += 1
        made[Tenant].append(tenants[like][0] | {"id": tenant_id, "public_id": _uuid(draw)})
        made[Enterprise] += [
            {k: v for k, v in one.items() if k != "id"} | {"tenant_id": tenant_id, "credit_code": f"B{tenant_id:017d}", "public_id": _uuid(draw), "staff": 5000}
            for one in firms[like]
        ]
        of = {}
        for family in families.get(like, []):
            of[family["id"]] = next_id[PostFamily]
            made[PostFamily].append(family | {"id": next_id[PostFamily], "tenant_id": tenant_id, "public_id": _uuid(draw), "staff": 2000})
            next_id[PostFamily] += 1
        for _ in range(POSTS_A_FIRM):
            post = by_firm[like][int(draw.integers(0, len(by_firm[like])))]
            other = base[int(draw.integers(0, len(base)))]
            row_id = next_id[Position]
            next_id[Position] += 1
            made[Position].append(
                post | {"id": row_id, "tenant_id": tenant_id, "public_id": _uuid(draw), "family_id": of.get(post["family_id"]),
                        "duties": f"{post['duties']}\n{other['title']} {n_made}"}
            )  # fmt: skip
            for table in (Seats, PositionMajor, PositionSkill):
                made[table] += [_unnamed(one) | {"position_id": row_id} for one in parts[table].get(post["id"], [])]
            n_made += 1
    assert set(owner)
    for seat in made[Seats]:
        seat["taken"] = 0
    for table, rows in made.items():
        for start in range(0, len(rows), 10_000):
            _add(table, rows[start : start + 10_000])
    db.session.commit()


def _unnamed(row: Values) -> Values:
    return {name: value for name, value in row.items() if name not in ("id", "public_id")}


def _uuid(draw: np.random.Generator) -> uuid.UUID:
    return uuid.UUID(bytes=draw.bytes(16), version=4)


def _all(table: Any) -> list[Values]:
    return [dict(row) for row in db.session.execute(sa.select(table.__table__)).mappings()]


def _by(table: Any, name: str) -> dict[int, list[Values]]:
    found: dict[int, list[Values]] = {}
    for row in _all(table):
        found.setdefault(row[name], []).append(row)
    return found


def _add(table: Any, rows: Sequence[Values]) -> None:
    if rows:
        db.session.connection().execute(sa.insert(table.__table__), rows)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/runs.sqlite"
        return
    url = sa.make_url(os.environ["TEST_POSTGRES_URL"]).set(drivername="postgresql+psycopg")
    name = f"consortium_runs_{uuid.uuid4().hex[:8]}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


def _app(settings: dict[str, str]) -> Any:
    folder = Path(settings["folder"])
    return create_app("testing", SQLALCHEMY_DATABASE_URI=settings["url"], REDIS_URL="redis://127.0.0.1:1/0", DATA_DIR=folder)


def _start(settings: dict[str, str], ids: list[int]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, "--chunks", json.dumps(settings | {"ids": ids})])


def _child(told: dict[str, Any]) -> int:
    with _app(told).app_context():
        _score(told["ids"])
    return 0


def _score(ids: list[int]) -> None:
    for chunk_id in ids:
        tasks._work(RunChunk, chunk_id, service.score)


if __name__ == "__main__":
    raise SystemExit(main())
