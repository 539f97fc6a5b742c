"""The one source of time: instants in UTC, days in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in China, whatever the server's zone."""
    return now().astimezone(SHANGHAI).date()


def local(instant: datetime) -> datetime:
    """An instant as people here read it."""
    return instant.astimezone(SHANGHAI)
