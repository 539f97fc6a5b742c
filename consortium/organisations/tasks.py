"""Scheduled work of organisations: asking firms and reminding them, forgetting who never came in, destroying photos of licences."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from flask import current_app

from consortium.organisations import notify
from consortium.organisations import queries as organisations
from consortium.organisations.queries import intents as queries
from consortium.organisations.rules.intents import REMIND_AFTER
from consortium.organisations.service import checks, intents, registration
from consortium.shared.db import db
from consortium.shared.tasks import every, first_of_period

EVERY = 600.0  # seconds
TIDY_EVERY = 3600.0


@shared_task(name="organisations.ask_intents")
def ask_intents(_round_id: int | None = None, **_later: Any) -> None:
    """Tell every firm that is due; twice is safe: each telling is claimed by one statement, and a message leaves once by its key."""
    key = str(current_app.config["SECRET_KEY"])
    for found in queries.open_rounds():
        while due := intents.claim_due(found):
            firms = organisations.enterprises([tenant.id for tenant, _before in due])
            for tenant, before in due:
                kind = "intent-reminder" if before else "intent-asked"
                link = intents.link_to(found, firms[tenant.id], key)
                notify.ask_intent(kind, tenant, link, year=found.year, n=found.quarter, until=found.closes_on.isoformat(), key=f"{found.public_id}:{min(before, len(REMIND_AFTER))}")
            db.session.commit()
        db.session.rollback()


@shared_task(name="organisations.remind_intents")
def remind_intents(**_later: Any) -> None:
    """Every ten minutes whoever is due; a firm that answered is never due. Twice is safe as above."""
    if first_of_period("organisations.remind_intents", EVERY / 2):
        ask_intents()


@shared_task(name="organisations.tidy")
def tidy(**_later: Any) -> None:
    """Photos whose time is over, registrations nobody finished; twice is safe: only what is still there is found."""
    if first_of_period("organisations.tidy", TIDY_EVERY / 2):
        checks.destroy_licences()
        registration.forget_expired()
        db.session.commit()


every(EVERY, "organisations.remind_intents")
every(TIDY_EVERY, "organisations.tidy")
