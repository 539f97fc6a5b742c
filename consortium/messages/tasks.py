"""The task that delivers one outbox item. Twice is safe: the row is claimed, and its key is unique."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from flask import current_app

from consortium.messages import service
from consortium.messages.models import OutboxItem
from consortium.shared.db import db
from consortium.shared.tasks import claim, release, swept

AGAIN_IN = timedelta(minutes=2)


@shared_task(name="messages.deliver")
def deliver(item_id: int, **_later: Any) -> None:
    """Claim, put into words, send, done."""
    held = claim(OutboxItem, item_id)
    if held is None:
        return
    config = current_app.config
    smtp = service.Smtp(config["SMTP_URL"], config["MAIL_FROM"]) if config["SMTP_URL"] else None
    try:
        service.deliver(held, lambda channel: smtp if channel == service.MAIL else None, config["PUBLIC_URL"])
    except OSError as gone:  # smtplib's errors are among them
        db.session.rollback()
        release(held, again_in=AGAIN_IN, trouble=type(gone).__name__)


swept(OutboxItem, "messages.deliver")
