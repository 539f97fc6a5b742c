"""The daily look for filings that end soon."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from consortium.compliance import service
from consortium.shared import clock
from consortium.shared.db import db
from consortium.shared.tasks import every, first_of_period

EVERY = 6 * 3600.0  # seconds


@shared_task(name="compliance.warn_of_ends")
def warn_of_ends(**_later: Any) -> None:
    """Twice is safe: one process per period, and a filing is told of once."""
    if first_of_period("compliance.warn_of_ends", EVERY / 2):
        service.warn_of_ends(clock.today())
        db.session.commit()


every(EVERY, "compliance.warn_of_ends")
