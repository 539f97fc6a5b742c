"""Decisions about telling, on values alone: quiet hours, and when a digest is due."""

from __future__ import annotations

from datetime import datetime, time, timedelta

QUIET_FROM, QUIET_UNTIL = 22, 7  # local hours; deadlines and codes that somebody asked for go through
DIGEST_HOUR = 8
EACH, DAILY, WEEKLY, NEVER = "each", "daily", "weekly", "never"
DIGESTS = (DAILY, WEEKLY, EACH, NEVER)


def not_before(local: datetime) -> datetime:
    """The first instant at which somebody may be disturbed: now by day, seven in the morning by night."""
    if QUIET_UNTIL <= local.hour < QUIET_FROM:
        return local
    day = local.date() if local.hour < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, time(QUIET_UNTIL), local.tzinfo)


def period(how: str, local: datetime) -> str | None:
    """The name of the period whose digest is due now, such as 2026-11-28 or 2026-W48; None while none is."""
    if how == DAILY:
        return local.date().isoformat() if DIGEST_HOUR <= local.hour < QUIET_FROM else None
    if how == WEEKLY:
        year, week, day = local.isocalendar()
        return f"{year}-W{week:02d}" if (day > 1 or local.hour >= DIGEST_HOUR) and QUIET_UNTIL <= local.hour < QUIET_FROM else None
    return None
