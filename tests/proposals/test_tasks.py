"""A real worker on a real broker: a run ends, also when the worker is killed in its midst, with the same digest."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from consortium.proposals import queries, service
from consortium.proposals.models import Run, RunChunk, StudentMatches
from consortium.shared import clock
from consortium.shared.db import db
from tests import builders
from tests.proposals.conftest import Market


def many(market: Market, n: int = 1200) -> None:
    college = builders.a_college()
    for _ in range(n):
        builders.a_student(college)
    db.session.commit()


def started() -> int:
    db.session.rollback()
    run = service.start(by=None, seed=7)
    db.session.commit()
    return run.id


@pytest.mark.worker
def test_the_worker_ends_a_killed_run_with_the_digest_of_an_undisturbed_one(market: Market, worker) -> None:
    many(market)
    first = started()
    worker.wait(lambda: db.session.get(Run, first).state == "done", seconds=60)
    alone = db.session.get_one(Run, first).digest
    run_id = started()
    worker.wait(lambda: db.session.get(Run, run_id).phase != "snapshot")
    worker.kill()
    # what the dead worker held is free as soon as its lease has ended: not to wait half a minute, end it now
    past = clock.now() - timedelta(seconds=1)
    db.session.execute(sa.update(RunChunk).where(RunChunk.state == "running").values(lease_until=past))
    db.session.execute(sa.update(Run).where(Run.state == "running").values(lease_until=past))
    db.session.commit()
    worker.start()
    worker.wait(lambda: db.session.get(Run, run_id).state == "done", seconds=60)
    assert db.session.get_one(Run, run_id).digest == alone
    rows, owners = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.distinct(StudentMatches.student_id))).where(StudentMatches.run_id == run_id)
    ).one()
    assert rows == owners == 1208


@pytest.mark.worker
def test_a_new_profile_is_matched_within_seconds(market: Market, worker) -> None:
    whole = started()
    worker.wait(lambda: db.session.get(Run, whole).state == "done")
    service.follow("student", [market.students[0].id])
    db.session.commit()
    worker.wait(lambda: db.session.scalar(sa.select(sa.func.count()).where(Run.scope == "student", Run.state == "done")) == 1, seconds=20)
    assert queries.matches_of_student(market.students[0])
