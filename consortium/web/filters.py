"""How days, instants, numbers and money are written on screen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask, current_app
from flask_babel import format_decimal, format_timedelta

from consortium.shared import clock
from consortium.shared.i18n import day_words, joined, labelled
from consortium.shared.i18n import gettext as _


def day(value: date | datetime | None, weekday: bool = True) -> str:
    """2026年3月5日 周四 / Thu 5 March 2026."""
    if value is None:
        return "–"
    return day_words(clock.local(value).date() if isinstance(value, datetime) else value, weekday)


def instant(value: datetime | None) -> str:
    """The same with the time in Asia/Shanghai."""
    return "–" if value is None else f"{day(value, weekday=False)} {clock.local(value):%H:%M}"


def number(value: float | int | None) -> str:
    """Thousands separated."""
    return "–" if value is None else str(format_decimal(value))


def yuan(fen: int | None) -> str:
    """Fen as yuan, no decimals where there are none."""
    if fen is None:
        return "–"
    whole, rest = divmod(fen, 100)
    return f"{number(whole)}{f'.{rest:02d}' if rest else ''}"


def percent(value: float | None, digits: int = 0) -> str:
    """A share (0–1) as per cent."""
    return "–" if value is None else f"{value * 100:.{digits}f}%"


def ago(value: datetime | None) -> str:
    """How long since, roughly."""
    if value is None:
        return "–"
    gone = clock.now() - value
    if gone < timedelta(seconds=45):
        return _("just now")
    return str(format_timedelta(-gone, add_direction=True, granularity="minute", threshold=1.2))


def state_word(state: str) -> str:
    """A state's word outside a page: the same as on its chip."""
    words: dict[str, tuple[str, str, str]] = current_app.jinja_env.get_template("components/state.html").make_module().states  # type: ignore[attr-defined]
    return words[state][0] if state in words else state


def set_up(app: Flask) -> None:
    """Give the templates their filters."""
    filters: dict[str, Any] = {"day": day, "instant": instant, "number": number, "yuan": yuan, "percent": percent, "ago": ago}
    filters |= {"joined": joined, "labelled": labelled}
    app.jinja_env.filters.update(filters)
