"""The sweeps that end what nobody answered in time, and tell waiting lists of free places.""The sweeps that end offers nobody answered, tell refusals that stand, warn of posts whose applicants wait, and let old notes go."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from consortium.applications import service
from consortium.applications.service import enterprise
from consortium.shared import clock
from consortium.shared.db import db
from consortium.shared.tasks import every, first_of_period

EVERY = 300.0  # seconds
SELDOM = 3600.0


@shared_task(name="applications.expire_overdue")
def expire_overdue(**_later: Any) -> None:
    """Twice is safe: one process per period, and only what is still open and overdue is found."""
    if first_of_period("applications.expire_overdue", EVERY / 2):
        service.expire_overdue()
        db.session.commit()


@shared_task(name="applications.tell_next")
def tell_next(**_later: Any) -> None:
    """Twice is safe: each who waits is told once of a free place, whoever freed it."""
    if first_of_period("applications.tell_next", EVERY / 2):
        service.tell_next_everywhere()
        db.session.commit()


@shared_task(name="applications.tell_refusals")
def tell_refusals(**_later: Any) -> None:
    """Twice is safe: a message is told once for each step."""
    if first_of_period("applications.tell_refusals", EVERY / 2):
        enterprise.tell_refusals(clock.now())
        db.session.commit()


@shared_task(name="applications.mind_unanswered")
def mind_unanswered(**_later: Any) -> None:
    """Twice is safe: one process per period, one warning and one pause for each step that waits."""
    if first_of_period("applications.mind_unanswered", SELDOM / 2):
        enterprise.mind_unanswered(clock.now())
        enterprise.forget_notes(clock.now())
        db.session.commit()


every(EVERY, "applications.expire_overdue")
every(EVERY, "applications.tell_next")
every(EVERY, "applications.tell_refusals")
every(SELDOM, "applications.mind_unanswered")
