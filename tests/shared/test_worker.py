"""A real worker on a real broker: what is rung is done once, whatever is lost, doubled, slow or deadly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.messages import service
from consortium.messages.models import OutboxItem
from consortium.shared import clock, tasks
from consortium.shared.db import db
from tests import builders
from tests.conftest import Worker

pytestmark = pytest.mark.worker


def an_item(key: str = "one", kind: str = "students.guardian") -> int:
    """An outbox item that is due; not yet rung for."""
    person = builders.a_person(language="en")
    row = OutboxItem(key=key, channel="mail", person_id=person.id, kind=kind, facts={"name": "X"}, subject="", body="", due_at=clock.now())
    db.session.add(row)
    db.session.commit()
    return row.id


def states() -> list[str]:
    return list(db.session.scalars(sa.select(OutboxItem.state).order_by(OutboxItem.id)))


def test_what_is_told_leaves_by_the_worker_at_the_bell(worker: Worker) -> None:
    person = builders.a_person(language="en")
    service.tell(person.id, "code-ticket-answered", key="a", channels=("mail",), answer="X")
    db.session.commit()
    worker.wait(lambda: states() == ["done"], 8)  # sooner than the sweeper's turn: the bell was heard


def test_one_message_delivered_many_times_at_once_has_one_effect(worker: Worker) -> None:
    number = an_item()
    for _ in range(10):
        assert tasks.ring("messages.deliver", number)
    worker.wait(lambda: states() == ["done"], 10)
    last = an_item("last")
    tasks.ring("messages.deliver", last)
    worker.wait(lambda: states() == ["done", "done"], 10)
    row = db.session.get_one(OutboxItem, number)
    assert (row.attempts, row.fence) == (1, 1)


def test_the_sweeper_does_what_no_ring_announced(worker: Worker) -> None:
    an_item()
    worker.wait(lambda: states() == ["done"], 25)


def test_a_job_that_kills_its_process_is_quarantined_after_three_attempts_and_others_go_on(app: Flask, database_url: str, tmp_path: Any) -> None:
    one = Worker(app, database_url, tmp_path, include="tests.shared.poison")
    one.start_broker()
    try:
        one.start()
        deadly = an_item("deadly")
        for attempt in range(1, tasks.MOST_ATTEMPTS + 1):
            assert tasks.ring("tests.poison", deadly)
            one.wait(lambda n=attempt: db.session.get_one(OutboxItem, deadly, populate_existing=True).attempts == n, 20)
            healthy = an_item(f"healthy-{attempt}")
            tasks.ring("messages.deliver", healthy)
            one.wait(lambda h=healthy: db.session.get_one(OutboxItem, h, populate_existing=True).state == "done", 20)
            _let_the_lease_end(deadly)
        assert tasks.ring("tests.poison", deadly)
        tasks.sweep_once()
        one.wait(lambda: db.session.get_one(OutboxItem, deadly, populate_existing=True).state == tasks.QUARANTINED, 25)
        assert db.session.get_one(OutboxItem, deadly).attempts == tasks.MOST_ATTEMPTS
    finally:
        one.stop()


def test_a_worker_killed_in_the_middle_loses_nothing(worker: Worker) -> None:
    worker.kill()
    number = an_item()
    assert tasks.ring("messages.deliver", number)
    assert states() == ["queued"]
    worker.start()
    worker.wait(lambda: states() == ["done"], 30)


def _let_the_lease_end(number: int) -> None:
    db.session.execute(sa.update(OutboxItem).where(OutboxItem.id == number).values(lease_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()
