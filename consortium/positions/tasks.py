"""The sweep over posts: whose last day has passed is closed, whose last day comes near is told to its firm."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from consortium.positions import service
from consortium.shared.db import db
from consortium.shared.tasks import every, first_of_period

EVERY = 900.0  # seconds


@shared_task(name="positions.end_overdue")
def end_overdue(**_later: Any) -> None:
    """Twice is safe: one process per period; a closed post is not found again, and each last day is told once."""
    if first_of_period("positions.end_overdue", EVERY / 2):
        service.expire_overdue()
        service.warn_expiring()
        db.session.commit()


every(EVERY, "positions.end_overdue")
