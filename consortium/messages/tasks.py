"""The task that delivers one outbox item. Twice is safe: the row is claimed, and its key is unique."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from flask import current_app

from consortium.messages import service
from consortium.messages.models import OutboxItem
from consortium.shared.tasks import claim, swept


@shared_task(name="messages.deliver")
def deliver(item_id: int, **_later: Any) -> None:
    """Claim, put into words, send, done."""
    held = claim(OutboxItem, item_id)
    if held is None:
        return
    config = current_app.config
    smtp = service.Smtp(config["SMTP_URL"], config["MAIL_FROM"]) if config["SMTP_URL"] else None
    service.deliver(held, lambda channel: smtp if channel == service.MAIL else None, config["PUBLIC_URL"])


swept(OutboxItem, "messages.deliver")
