"""J12, its first part: the zone starts a run, watches it, and reads the report."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from consortium.proposals.models import Run
from consortium.shared.db import db
from tests.journeys.conftest import House


@pytest.mark.worker
def test_a_run_is_started_watched_and_read(at_work: House) -> None:
    one = at_work.visit("zone")
    page = one.go("/")
    page.get_by_role("button", name="Start a matching run").click()
    page.wait_for_url("**/runs/*")
    page.locator(".figure-label", has_text="Blocking pairs").wait_for(timeout=60_000)
    one.check()
    blocking = page.locator(".figure", has_text="Blocking pairs").locator(".figure-value").inner_text()
    assert blocking == "0"
    runs = at_work.ask(lambda: list(db.session.execute(sa.select(Run.state, Run.digest).where(Run.scope == "all"))))
    assert [state for state, _ in runs] == ["done", "done"]
    one.go("/")
    assert "Last run" in one.page.inner_text(".page-head")
