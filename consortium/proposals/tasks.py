"""The tasks that run the matcher. Twice is safe: run and chunks are claimed by a fence, results stand under natural keys."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from flask import current_app

from consortium.proposals import queries, service
from consortium.proposals.models import Run, RunChunk, Scoring
from consortium.shared import clock
from consortium.shared.db import db
from consortium.shared.tasks import LeaseLost, claim, every, first_of_period, lease_kept, swept


@shared_task(name=service.RUN, soft_time_limit=1500, time_limit=1600)  # reads everybody; the lease tells a living worker from a dead one
def run_matching(run_id: int, **_later: Any) -> None:
    """Take the next step of a run; a second bell finds it claimed or done and leaves."""
    _work(Run, run_id, service.advance)


@shared_task(name=service.CHUNK, soft_time_limit=600, time_limit=660)
def score_chunk(chunk_id: int, **_later: Any) -> None:
    """Score one stretch of students."""
    _work(RunChunk, chunk_id, service.score)


@shared_task(name="proposals.start_nightly")
def start_nightly(**_later: Any) -> None:
    """Twice is safe: one period, one effect."""
    service.start_nightly()


@shared_task(name=service.TRAINING)
def train_weights(scoring_id: int, **_later: Any) -> None:
    """Learn one version of the coefficients; a second bell finds it claimed or done and leaves."""
    _work(Scoring, scoring_id, service.learn)


@shared_task(name="proposals.start_training")
def start_training(**_later: Any) -> None:
    """Twice is safe: one period, one effect, and one training at a time."""
    service.start_weekly()


@shared_task(name="proposals.forget_old")
def forget_old(**_later: Any) -> None:
    """Twice is safe: what is gone is not there."""
    service.forget_old()


@shared_task(name="proposals.tell_alerts")
def tell_alerts(**_later: Any) -> None:
    """Each morning from 07:00 (Shanghai). Twice is safe: every search remembers up to when it has looked."""
    if clock.local(clock.now()).hour >= 7 and first_of_period("proposals.alerts", 1800):
        service.tell_alerts()


def _work(model: Any, row_id: int, do: Any) -> None:
    held = claim(model, row_id)
    if held is None:
        return
    try:
        with lease_kept(current_app._get_current_object(), held):  # type: ignore[attr-defined]
            do(held)
    except LeaseLost:
        return  # somebody else took over: their result stands


every(1800, "proposals.start_nightly")
every(3600, "proposals.forget_old")
every(1800, "proposals.start_training")
every(1800, "proposals.tell_alerts")
swept(Run, service.RUN)
swept(Scoring, service.TRAINING)
swept(RunChunk, service.CHUNK, service.give_up)


def work_here(run_id: int) -> None:
    """Do a whole run in this process, for a machine without a worker; the same code, claims and all."""
    db.session.rollback()
    _work(Run, run_id, service.advance)
    chunk_ids = queries.chunk_ids(run_id)
    db.session.rollback()
    for chunk_id in chunk_ids:
        _work(RunChunk, chunk_id, service.score)
    _work(Run, run_id, service.advance)


def train_here(scoring_id: int) -> None:
    """Learn in this process, for a machine without a worker."""
    db.session.rollback()
    _work(Scoring, scoring_id, service.learn)
