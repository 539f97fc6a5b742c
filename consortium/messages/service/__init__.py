"""Telling people: a row in the product, an outbox row for what has to leave, digests, switches. Flushes; leaves after the commit."""

from __future__ import annotations

from consortium.messages.service.delivering import (
    HttpSms,
    Smtp,
    Transport,
    deliver,
    deliver_to_number,
    unsubscribe_token,
)
from consortium.messages.service.digests import gather_digests
from consortium.messages.service.keeping import (
    forget_messages,
    forget_number,
    forget_sent,
    forget_words,
    mark_one_read,
    mark_read,
    save_settings,
    subscriber,
    unsubscribe,
)
from consortium.messages.service.telling import quietly, tell, tell_number
from consortium.messages.wording import IN_APP, MAIL, SMS

__all__ = [
    "IN_APP",
    "MAIL",
    "SMS",
    "HttpSms",
    "Smtp",
    "Transport",
    "deliver",
    "deliver_to_number",
    "forget_messages",
    "forget_number",
    "forget_sent",
    "forget_words",
    "gather_digests",
    "mark_one_read",
    "mark_read",
    "quietly",
    "save_settings",
    "subscriber",
    "tell",
    "tell_number",
    "unsubscribe",
    "unsubscribe_token",
]  # fmt: skip
