"""A job longer than its lease keeps it while it works: however many look, one commits."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.messages.models import OutboxItem
from consortium.shared import tasks
from consortium.shared.db import db
from tests import builders


def an_item() -> int:
    row = builders.saved(OutboxItem(key="long", channel="mail", person_id=builders.a_person().id, kind="x"))
    db.session.commit()
    return int(row.id)


def look_again_and_again(app: Flask, number: int, stop: threading.Event, claims: list[tasks.Claim]) -> None:
    with app.app_context():
        while not stop.wait(0.1):
            found = tasks.claim(OutboxItem, number)
            if found is not None:
                claims.append(found)


@pytest.mark.parametrize("kept", [True, False])
def test_only_a_kept_lease_outlasts_the_work(kept: bool, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "LEASE", timedelta(seconds=1.2))
    monkeypatch.setattr(tasks, "RENEW_EVERY", 0.2)
    number = an_item()
    held = tasks.claim(OutboxItem, number)
    assert held is not None
    stop, claims = threading.Event(), []
    other = threading.Thread(target=look_again_and_again, args=(app, number, stop, claims))
    other.start()
    try:
        if kept:
            with tasks.lease_kept(app, held):
                time.sleep(3)
                tasks.finish(held, subject="of the first")
        else:
            time.sleep(3)
            with pytest.raises(tasks.LeaseLost):
                tasks.finish(held, subject="of the first")
    finally:
        stop.set()
        other.join()
    db.session.rollback()
    subject, attempts, state = db.session.execute(sa.select(OutboxItem.subject, OutboxItem.attempts, OutboxItem.state)).one()
    if kept:
        assert (claims, subject, attempts, state) == ([], "of the first", 1, "done")
    else:
        assert claims
        assert subject == ""


def test_the_sweeper_leaves_a_job_alone_whose_lease_is_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(tasks, "RENEW_EVERY", 0.2)
    monkeypatch.setattr(tasks, "_silent_until", float("inf"))
    number = an_item()
    db.session.execute(sa.update(OutboxItem).values(attempts=tasks.MOST_ATTEMPTS - 1))
    db.session.commit()
    held = tasks.claim(OutboxItem, number)
    assert held is not None
    with tasks.lease_kept(app, held):
        time.sleep(1.8)
        tasks.sweep_once()
        tasks.finish(held)
    assert db.session.scalar(sa.select(OutboxItem.state)) == "done"
