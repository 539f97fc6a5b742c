"""Every role's desk and main pages on the demonstration's data: median time and number of queries, warm; queries must not grow with rows.

    python benchmarks/pages.py [--students 3000] [--times 15]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import record
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from consortium.accounts import queries as accounts
from consortium.accounts import service as sessions
from consortium.app import create_app
from consortium.demonstration import generator, history
from consortium.proposals import service, tasks
from consortium.shared.db import db
from consortium.web.pages import MENU

SEED, LIMIT_MS = 7, 200


def main() -> int:
    """Fill, match, play, then ask each page again and again."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--students", type=int, default=3000)
    asked.add_argument("--times", type=int, default=15)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            "testing", SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/pages.sqlite", REDIS_URL="redis://127.0.0.1:1/0", DATA_DIR=Path(folder)
        )
        rows = [*_filled(app, told.students), *_asked(app, told.times)]
    return 0 if record.write("pages", rows, SEED) else 1


def _filled(app: Flask, students: int) -> list[record.Row]:
    with app.app_context():
        db.create_all()
        began = time.perf_counter()
        generator.fill(students=students, seed=SEED)
        filled = time.perf_counter()
        run = service.start(by=None, seed=SEED)
        db.session.commit()
        tasks.work_here(run.id)
        matched = time.perf_counter()
        history.play(SEED)
        db.session.commit()
        return [
            record.at_most(f"seed of {students} students", filled - began, "s", 10),
            record.at_most(f"matching of {students} students in one process", matched - filled, "s", 10),
        ]


def _asked(app: Flask, times: int) -> list[record.Row]:
    rows = []
    with app.app_context():
        doors = [(door.id, door.role) for door in accounts.doors()]
    for membership_id, role in doors:
        client = _signed_in(app, membership_id)
        with app.test_request_context():
            urls = sorted({"/", *(_url(place.endpoint) for place in MENU if role in place.roles)})
        for url in urls:
            median, n_queries = _timed(app, client, url, times)
            rows.append(record.at_most(f"{role} {url}", median, "ms", LIMIT_MS))
            rows.append(record.Row(f"{role} {url}, queries", n_queries, "queries"))
    return rows


def _timed(app: Flask, client: FlaskClient, url: str, times: int) -> tuple[float, int]:
    seen: list[Any] = []
    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    spans, counts = [], []
    for _ in range(times):
        seen.clear()
        began = time.perf_counter()
        client.get(url)
        spans.append((time.perf_counter() - began) * 1000)
        counts.append(len(seen))
    return statistics.median(spans), int(statistics.median(counts))


def _signed_in(app: Flask, membership_id: int) -> FlaskClient:
    from consortium.accounts.models import Membership

    with app.app_context():
        token = sessions.open_session(db.session.get_one(Membership, membership_id))
        db.session.commit()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    return client


def _url(endpoint: str) -> str:
    from flask import url_for

    return url_for(endpoint, _external=False)


if __name__ == "__main__":
    raise SystemExit(main())
