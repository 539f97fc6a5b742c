"""Decisions about a posting's words, shifts and days, and which field a rule of law belongs to; the law stands in `matching.eligibility`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from consortium.matching.eligibility import WOMEN_BANNED
from consortium.reference import wording

FIELD_OF = {
    "R04": "title", "R05": "title", "R10": "places", "R11": "places", "R13": "end_on", "R21": "venue", "R22": "title", "R23": "labour_level",
    "R24": "hazards", "R25": "rest_days", "R26": "night", "R27a": "pay_fen", "R30a": "places", "R27b": "pay_to_student", "R28": "fees", "J04": "fees", "J05": "pay_fen",
    "J06": "probation_months",
}  # fmt: skip

REASONS = {"R27a": "pay_reason", "R13": "length_reason", "wording": "wording_reason"}
"""Warnings, and words that a reason may let stand, with the field in which it is written."""
VENUES = frozenset("factory office laboratory warehouse shop site ktv bar bath_centre game_room".split())
ENTERTAINMENT_INDUSTRIES = ("901", "6233", "8051")  # GB/T 4754: indoor entertainment, bars, bath houses
AGENCY_INDUSTRIES = ("726",)  # GB/T 4754: human resources services

FREE_TEXTS = ("title", "duties", "tasks", "place_note", "pay_reason", "length_reason")
"""Fields in which people write as they like: all are searched for words that may not stand there."""
CONTRACTS = ("fixed", "open", "project")
"""Kinds of labour contracts: 固定期限, 无固定期限, 以完成一定工作任务为期限 (Labour Contract Law, art. 12)."""
LEVELS = (1, 2, 3, 4)
"""How well a skill is asked for: 1 knows of it … 4 teaches it."""
CLOSING = ("filled", "elsewhere", "changed", "not-needed", "other")
"""Why a firm closes a post; "expired" is said by the product alone."""
WARN_DAYS = 7
"""So many days before its last day a post's firm is told."""
NIGHT = (22 * 60, 6 * 60)  # R26: 22:00–06:00

LIMITS: dict[str, tuple[float, float]] = {
    "places": (1, 500), "pay_fen": (0, 2**31 - 1), "same_post_pay_fen": (0, 2**31 - 1), "lowest_grade_fen": (0, 2**31 - 1), "pay_period_days": (1, 366),
    "hours_per_day": (0.5, 24), "hours_per_week": (0.5, 168), "labour_level": (1, 4), "contract_months": (1, 600), "probation_months": (0, 12),
}  # fmt: skip
"""What can be typed at all; what the law allows stands in `matching.eligibility`."""


def field_of(code: str, post: Any, limits: Mapping[str, float]) -> str:
    """The field at which a rule's words stand; of a rule about several, the one that speaks against it."""
    if code == "R26" and post.night is not True and touches_night(post.shifts or ()):
        return "shifts"
    if code == "R26" and post.night is False:
        if post.overtime is not False:
            return "overtime"
        return "hours_per_day" if (post.hours_per_day or limits["hours_per_day"] + 1) > limits["hours_per_day"] else "hours_per_week"
    return FIELD_OF.get(code, "title")


def venue(declared: str, industry_code: str) -> str:
    """Where the work is done: a firm of entertainment is one whatever the post declares."""
    return "entertainment" if industry_code.startswith(ENTERTAINMENT_INDUSTRIES) else declared


def host_type(declared: str, industry_code: str) -> str:
    """What the host is: a firm of human resources services is an agent whatever it declares."""
    return "intermediary" if industry_code.startswith(AGENCY_INDUSTRIES) else declared


def out_of_range(values: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Numbers that no post can have: field → least and most."""
    found = {}
    for name, (low, high) in LIMITS.items():
        value = values.get(name)
        if value is not None and not low <= value <= high:  # also refuses NaN
            found[name] = (low, high)
    return found


def excused(phrase: wording.Phrase, hazards: Iterable[str], labour_level: int | None) -> bool:
    """Whether a recorded reason may let a phrase stand: never where the law forbids it, by sex only where the law bans the work for some."""
    if phrase.excusable == wording.IF_BANNED:
        return bool(WOMEN_BANNED.intersection(hazards)) or (labour_level or 0) >= 4
    return phrase.excusable == wording.REASON


def contract_months(kind: str, months: int | None) -> int | None:
    """The length by which probation is limited: an open-ended contract counts as three years and more, one for a project allows none."""
    return {"open": 36, "project": 0}.get(kind, months)


def most_probation(kind: str, months: int | None) -> int:
    """Months of probation that a contract allows, for the sentence; the test itself stands in `matching.eligibility` (J06)."""
    length = contract_months(kind, months) or 0
    return 0 if length < 3 else 1 if length < 12 else 2 if length < 36 else 6


def shift(told: str) -> str:
    """"8:00–16:30" and its like as 08:00-16:30; "" where it is none."""
    found = re.fullmatch(r"(\d{1,2})[:：](\d{2})\s*(?:[-–—~～至到]|to)\s*(?:次日)?(\d{1,2})[:：](\d{2})", told.strip())
    if not found:
        return ""
    first, first_minute, last, last_minute = map(int, found.groups())
    if first > 23 or last > 24 or first_minute > 59 or last_minute > 59 or (last == 24 and last_minute):
        return ""
    return f"{first:02d}:{first_minute:02d}-{last % 24:02d}:{last_minute:02d}"


def touches_night(shifts: Iterable[str]) -> bool:
    """Whether any shift has a minute between 22:00 and 06:00."""
    for one in shifts:
        first, last = (int(part[:2]) * 60 + int(part[3:]) for part in one.split("-"))
        if last <= first:  # past midnight
            return True
        if first < NIGHT[1] or last > NIGHT[0]:
            return True
    return False


def levelled(told: str) -> tuple[str, int | None]:
    """A skill's code with its level, where one is told: plc:3 → plc, 3."""
    code, _, level = told.rpartition(":")
    return (code, int(level)) if code and level in {str(one) for one in LEVELS} else (told, None)


def a_year_later(day: date | None) -> date | None:
    """The same day next year; the 29th of February becomes the 28th."""
    if day is None:
        return None
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def last_day(kind: str, start_on: date | None, closes_on: date | None) -> date | None:
    """The last day on which students may come: as told, and for an internship never after its first day."""
    days = [day for day in (closes_on, start_on if kind == "internship" else None) if day is not None]
    return min(days, default=None)
