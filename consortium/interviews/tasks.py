"""The sweep that reminds both sides of an interview a day before."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from consortium.interviews import notify
from consortium.shared.db import db
from consortium.shared.tasks import every, first_of_period

EVERY = 900.0  # seconds


@shared_task(name="interviews.remind")
def remind(**_later: Any) -> None:
    """Twice is safe: a message is told once for each interview and time, whoever sweeps."""
    if first_of_period("interviews.remind", EVERY / 2):
        notify.remind()
        db.session.commit()


every(EVERY, "interviews.remind")
