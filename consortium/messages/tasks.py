"""The tasks that deliver, gather and forget. Twice is safe: rows are claimed, keys are unique, a period has one digest."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from celery import shared_task
from flask import current_app

from consortium.messages import service
from consortium.messages.models import NumberItem, OutboxItem
from consortium.messages.wording import MAIL
from consortium.shared import retention
from consortium.shared.db import db
from consortium.shared.tasks import Claim, LeaseLost, claim, every, release, swept

AGAIN_IN = timedelta(minutes=2)

retention.purges("messages")(service.forget_messages)
retention.purges("outbox")(service.forget_sent)


@shared_task(name="messages.deliver")
def deliver(item_id: int, **_later: Any) -> None:
    """Claim, put into words, send, done."""
    held = claim(OutboxItem, item_id)
    if held is None:
        return
    config = current_app.config
    with suppress(LeaseLost):
        try:
            service.deliver(held, transport_of, config["PUBLIC_URL"], config["SECRET_KEY"])
        except OSError as gone:  # smtplib's errors are among them
            _again(held, gone)


@shared_task(name="messages.deliver_to_number")
def deliver_to_number(item_id: int, **_later: Any) -> None:
    """The same for a number without an account."""
    held = claim(NumberItem, item_id)
    if held is None:
        return
    with suppress(LeaseLost):
        try:
            service.deliver_to_number(held, transport_of("sms"), current_app.config["ID_KEY"], keep=bool(current_app.config["DEMO"]))
        except OSError as gone:
            _again(held, gone)


@shared_task(name="messages.gather_digests")
def gather_digests(**_later: Any) -> None:
    """Queue the digests that are due; the period is in their keys."""
    service.gather_digests()
    db.session.commit()


def transport_of(channel: str) -> service.Transport | None:
    """The way out of a channel; None where none is set up: then the item stays readable on the demonstration's page."""
    config = current_app.config
    if channel == MAIL:
        return service.Smtp(config["SMTP_URL"], config["MAIL_FROM"]) if config["SMTP_URL"] else None
    return service.HttpSms(config["SMS_URL"]) if config["SMS_URL"] else None


def _again(held: Claim, gone: OSError) -> None:
    db.session.rollback()
    release(held, again_in=AGAIN_IN, trouble=type(gone).__name__)


swept(OutboxItem, "messages.deliver")
swept(NumberItem, "messages.deliver_to_number")
every(300, "messages.gather_digests")
