"""The clock of rounds: freezing, dry runs, publication at the instant, and the sending of offers."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from flask import current_app

from consortium.rounds import queries, service
from consortium.rounds.models import RoundTrial
from consortium.shared.db import db
from consortium.shared.tasks import LeaseLost, claim, every, first_of_period, lease_kept, swept

EVERY = 10.0  # seconds


@shared_task(name=service.TRIAL, soft_time_limit=900, time_limit=960)
def work_on_trial(trial_id: int, **_later: Any) -> None:
    """A dry run; a second bell finds it claimed or done and leaves."""
    held = claim(RoundTrial, trial_id)
    if held is None:
        return
    try:
        with lease_kept(current_app._get_current_object(), held):  # type: ignore[attr-defined]
            service.work(held)
    except LeaseLost:
        return  # somebody else took over: their result stands


@shared_task(name="rounds.tick")
def tick(**_later: Any) -> None:
    """Freeze and publish what is due, and send what waits. Twice is safe: every step is a conditional UPDATE, every offer a claimed row."""
    if first_of_period("rounds.tick", EVERY / 2):
        work_here()


@shared_task(name=service.OFFERS, soft_time_limit=540, time_limit=600)
def send_results(_row: int = 0, **_later: Any) -> None:
    """Send offers until none waits; another worker at the same time takes other rows."""
    while service.send_results():
        pass


def work_here() -> None:
    """All that is due now, in this process."""
    db.session.rollback()
    service.freeze_due()
    service.publish_due()
    service.send_results(50)
    if queries.unsent(1):
        service.ring_for_results()
    db.session.rollback()


def try_here(trial_id: int) -> None:
    """A dry run in this process, for a machine without a worker; the same code, claims and all."""
    db.session.rollback()
    work_on_trial(trial_id)


every(EVERY, "rounds.tick")
swept(RoundTrial, service.TRIAL)
