"""Work in the background: job rows with lease, fence and attempts; Celery carries only the doorbell.

Why: a broker loses messages when it restarts, and a killed task never reaches its own except block. So the row is the job,
the message only says "look"; a sweeper looks anyway, and a fence number lets only the newest claim commit.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import redis
import sqlalchemy as sa
from celery import Celery, Task, signals
from flask import Flask, current_app
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared import clock, idempotency
from consortium.shared.db import Base, Id, Instant, after_commit, db, insert_ignoring

LEASE = timedelta(seconds=30)
RENEW_EVERY = 10.0  # seconds
SWEEP_EVERY = 10.0  # seconds
MOST_ATTEMPTS = 3
BREAKER_PAUSE = 30.0  # seconds without ringing after one failed ring

QUEUED, RUNNING, DONE, QUARANTINED = "queued", "running", "done", "quarantined"

log = logging.getLogger(__name__)

CELERY_SETTINGS: dict[str, Any] = {
    "broker_transport_options": {
        "visibility_timeout": 900,  # more than three times the longest chunk
        "unacked_restore_throttle": 1,  # kombu ≥ 5.7; else redelivery waits 100 s more
        "socket_timeout": 2,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.2,
    },
    "visibility_timeout": 900,
    "result_expires": None,  # no backend, so no nightly clean-up of one
    "task_ignore_result": True,  # progress and "all done" are rows: no result backend
    "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2},
    "broker_connection_timeout": 1,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_acks_late": False,  # with rows and leases late acks gain nothing and bring re-run loops
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 500,
    "worker_max_memory_per_child": 600_000,  # KB
    "task_soft_time_limit": 120,
    "task_time_limit": 150,
    "worker_soft_shutdown_timeout": 20,
    "worker_hijack_root_logger": False,
    "timezone": "UTC",
    "beat_schedule": {"sweep": {"task": "shared.sweep", "schedule": SWEEP_EVERY}},
}


def every(seconds: float, task_name: str) -> None:
    """Have the scheduler start a task every so many seconds (called beside the task's definition)."""
    CELERY_SETTINGS["beat_schedule"][task_name] = {"task": task_name, "schedule": seconds}


class Job:
    """Columns of a row that is a piece of work (mix into a model beside `Row`)."""

    state: Mapped[str] = mapped_column(sa.String(20), default=QUEUED, index=True)
    due_at: Mapped[datetime] = mapped_column(Instant(), default=clock.now)
    lease_until: Mapped[datetime | None] = mapped_column(Instant())
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(sa.String(200), default="")
    started_at: Mapped[datetime | None] = mapped_column(Instant())
    finished_at: Mapped[datetime | None] = mapped_column(Instant())


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one row until the lease ends; only this fence number may commit."""

    model: Any
    row_id: int
    fence: int


class LeaseLost(RuntimeError):
    """Somebody else holds the row now: roll back and leave."""


class Period(Base):
    """One tick of a periodic job: two schedulers, one effect."""

    __tablename__ = "periods"
    __table_args__ = (sa.UniqueConstraint("name", "period"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(60))
    period: Mapped[int] = mapped_column(sa.BigInteger())


def claim(model: Any, row_id: int) -> Claim | None:
    """Take the row if it is due and free; counts the attempt before the work. Commits. None: leave it."""
    now = clock.now()
    fence = db.session.execute(
        sa.update(model)
        .where(
            model.id == row_id,
            model.due_at <= now,
            model.attempts < MOST_ATTEMPTS,
            sa.or_(model.state == QUEUED, sa.and_(model.state == RUNNING, model.lease_until < now)),
        )
        .values(
            state=RUNNING,
            fence=model.fence + 1,
            attempts=model.attempts + 1,
            lease_until=now + LEASE,
            started_at=sa.func.coalesce(model.started_at, now),
        )
        .returning(model.fence)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    db.session.commit()
    return Claim(model, row_id, fence) if fence is not None else None


def _close(held: Claim, **values: Any) -> None:
    model = held.model
    closed = db.session.execute(
        sa.update(model)
        .where(model.id == held.row_id, model.fence == held.fence, model.state == RUNNING)
        .values(lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        db.session.rollback()
        raise LeaseLost(f"{model.__tablename__} {held.row_id}")


def hold(held: Claim, **values: Any) -> None:
    """Before a commit in mid-work: prolong the lease, perhaps note progress; raises LeaseLost (rolled back) where the fence has moved on."""
    model = held.model
    still = db.session.execute(
        sa.update(model)
        .where(model.id == held.row_id, model.fence == held.fence, model.state == RUNNING)
        .values(lease_until=clock.now() + LEASE, **values)
        .execution_options(synchronize_session=False)
    )
    if still.rowcount != 1:  # type: ignore[attr-defined]
        db.session.rollback()
        raise LeaseLost(f"{model.__tablename__} {held.row_id}")


def finish(held: Claim, **values: Any) -> None:
    """Results and `done` in one commit, or neither; raises LeaseLost (rolled back) where the fence has moved on."""
    _close(held, state=DONE, finished_at=clock.now(), **values)
    db.session.commit()


def release(held: Claim, *, again_in: timedelta = timedelta(0), trouble: str = "") -> None:
    """Give the row back to be tried again later (the attempt counts)."""
    _close(held, state=QUEUED, due_at=clock.now() + again_in, trouble=trouble[:200])
    db.session.commit()


def park(held: Claim, *, again_in: timedelta, **values: Any) -> None:
    """Lay the row aside while others work for it: waiting is no failure, so attempts begin again. Commits."""
    _close(held, state=QUEUED, attempts=0, due_at=clock.now() + again_in, **values)
    db.session.commit()


@contextmanager
def lease_kept(app: Flask, held: Claim) -> Iterator[None]:
    """Renew the lease every 10 s from a thread of its own while the block runs."""
    stop = Event()

    def renew() -> None:
        with app.app_context():
            model = held.model
            while not stop.wait(RENEW_EVERY):
                try:
                    db.session.execute(
                        sa.update(model)
                        .where(model.id == held.row_id, model.fence == held.fence, model.state == RUNNING)
                        .values(lease_until=clock.now() + LEASE)
                        .execution_options(synchronize_session=False)
                    )
                    db.session.commit()
                except sa.exc.SQLAlchemyError as busy:  # the next turn comes well before the lease ends
                    db.session.rollback()
                    log.warning("lease not renewed: %s", type(busy).__name__)

    thread = Thread(target=renew, daemon=True, name=f"lease-{held.row_id}")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


# ── the doorbell ─────────────────────────────────────────────────────────────────────────────────

_silent_until = 0.0


def ring(task_name: str, row_id: int) -> bool:
    """Tell a worker to look at a row now; a failure is no error, the sweeper looks within seconds."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.extensions["celery"].send_task(task_name, args=[row_id], ignore_result=True)
    except Exception as gone:  # kombu, redis and socket errors share no base
        _silent_until = time.monotonic() + BREAKER_PAUSE
        log.warning("doorbell failed: %s", type(gone).__name__)
        return False
    return True


def broker_answers() -> bool:
    """Whether the doorbell could be rung now; asks for half a second at most."""
    try:
        with redis.Redis.from_url(current_app.config["REDIS_URL"], socket_timeout=0.5, socket_connect_timeout=0.5) as broker:
            return bool(broker.ping())
    except (redis.RedisError, OSError, ValueError):
        return False


def ring_after_commit(task_name: str, row_id: int) -> None:
    """Ring once the row is really there."""
    after_commit(lambda: (ring(task_name, row_id), None)[1])


# ── the sweeper ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sweep:
    """Rows of one kind of job, the task that works on them, and whom to tell of a quarantined one."""

    model: Any
    task_name: str
    on_quarantine: Callable[[int], None] | None = None


SWEEPS: list[Sweep] = []


def swept(model: Any, task_name: str, on_quarantine: Callable[[int], None] | None = None) -> None:
    """Have the sweeper look after a kind of job (called beside the task's definition)."""
    if not any(one.task_name == task_name for one in SWEEPS):
        SWEEPS.append(Sweep(model, task_name, on_quarantine))


def sweep_once() -> int:
    """Quarantine what failed three times, ring again for all that is due and free; returns how many rings."""
    now = clock.now()
    rings = 0
    for one in SWEEPS:
        model = one.model
        free = sa.or_(model.state == QUEUED, sa.and_(model.state == RUNNING, model.lease_until < now))
        lost = db.session.scalars(
            sa.update(model)
            .where(free, model.attempts >= MOST_ATTEMPTS)
            .values(
                state=QUARANTINED,
                lease_until=None,
                finished_at=now,
                trouble=sa.case((model.trouble == "", "no answer within its lease, three times"), else_=model.trouble),
            )
            .returning(model.id)
            .execution_options(synchronize_session=False)
        ).all()
        for row_id in lost:
            log.error("quarantined", extra={"task": one.task_name, "row": row_id})
            if one.on_quarantine is not None:
                one.on_quarantine(row_id)
        db.session.commit()
        due = db.session.scalars(
            sa.select(model.id).where(free, model.due_at <= now).order_by(model.id).limit(200)
        ).all()
        db.session.rollback()
        for row_id in due:
            rings += ring(one.task_name, row_id)
    return rings


def first_of_period(name: str, seconds: float) -> bool:
    """Whether this process is the first in this stretch of time (guards against two schedulers). Commits."""
    period = int(clock.now().timestamp() // seconds)
    first = insert_ignoring(Period.__table__, [{"name": name, "period": period}], ["name", "period"]) == 1
    if first:
        db.session.execute(sa.delete(Period).where(Period.name == name, Period.period < period - 1000))
    db.session.commit()
    return first


def make_celery(app: Flask) -> Celery:
    """Celery on this app's settings; every task runs inside the app's context."""

    class InAppContext(Task):
        abstract = True

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return super().__call__(*args, **kwargs)

    celery = Celery(app.name, task_cls=InAppContext)
    celery.conf.update(CELERY_SETTINGS, broker_url=app.config["REDIS_URL"])
    celery.set_default()
    celery.flask_app = app
    app.extensions["celery"] = celery

    @celery.task(name="shared.sweep", shared=False)  # each app has its own
    def sweep(**_later: Any) -> None:
        """Twice is safe: each row is claimed by one worker only."""
        if first_of_period("shared.sweep", SWEEP_EVERY / 2):
            sweep_once()
        if first_of_period("shared.forget-forms", 3600):
            idempotency.forget_old()
            db.session.commit()
        if clock.local(clock.now()).hour == 3 and first_of_period("shared.retention", 20 * 3600):
            from consortium.shared import retention

            retention.run()

    return celery


@signals.worker_process_init.connect
def _fresh_connections(**_: Any) -> None:
    """A forked child must not share its parent's database sockets."""
    from celery import current_app as running

    app = getattr(running, "flask_app", None)
    if app is not None:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)
