"""The sweep that ends offers and invitations nobody answered in time."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from consortium.applications import service
from consortium.shared.db import db
from consortium.shared.tasks import every, first_of_period

EVERY = 300.0  # seconds


@shared_task(name="applications.expire_overdue")
def expire_overdue(**_later: Any) -> None:
    """Twice is safe: one process per period, and only what is still open and overdue is found."""
    if first_of_period("applications.expire_overdue", EVERY / 2):
        service.expire_overdue()
        db.session.commit()


every(EVERY, "applications.expire_overdue")
