"""Decisions about a posting's wording and which field a rule of law belongs to; the law itself stands in `matching.eligibility`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELD_OF = {
    "R04": "title", "R05": "title", "R10": "places", "R11": "places", "R13": "end_on", "R21": "venue", "R22": "title", "R23": "labour_level",
    "R24": "hazards", "R25": "rest_days", "R26": "night", "R27a": "pay_fen", "R30a": "places", "R27b": "pay_to_student", "R28": "fees", "J04": "fees", "J05": "pay_fen",
    "J06": "probation_months",
}  # fmt: skip

REASONS = {"R27a": "pay_reason", "R13": "length_reason"}
"""Warnings and the field in which their reason is written."""
VENUES = frozenset("factory office laboratory warehouse shop site ktv bar bath_centre game_room".split())
ENTERTAINMENT_INDUSTRIES = ("901", "6233", "8051")  # GB/T 4754: indoor entertainment, bars, bath houses
AGENCY_INDUSTRIES = ("726",)  # GB/T 4754: human resources services

FEES = ("押金", "保证金", "培训费", "服装费", "体检费自理", "中介费", "管理费", "入职费", "材料费", "deposit", "training fee")
DISCRIMINATION = (
    "限男", "限女", "仅限男", "仅限女", "男性优先", "女性优先", "男士优先", "女士优先", "已婚已育", "未婚", "五官端正", "形象气质佳", "本地户口", "限本地",
    "身高1", "属相", "星座", "men only", "women only", "unmarried",
)  # fmt: skip


NEGATIONS = ("不", "无", "免", "no ", "without")

LIMITS: dict[str, tuple[float, float]] = {
    "places": (1, 500), "pay_fen": (0, 2**31 - 1), "same_post_pay_fen": (0, 2**31 - 1), "lowest_grade_fen": (0, 2**31 - 1), "pay_period_days": (1, 366),
    "hours_per_day": (0.5, 24), "hours_per_week": (0.5, 168), "labour_level": (1, 4), "contract_months": (1, 600), "probation_months": (0, 12),
}  # fmt: skip
"""What can be typed at all; what the law allows stands in `matching.eligibility`."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A word that may not stand in a posting: which and why."""

    word: str
    why: str  # fees | discrimination


def field_of(code: str, post: Any, limits: Mapping[str, float]) -> str:
    """The field at which a rule's words stand; of a rule about several, the one that speaks against it."""
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


def wording(text: str) -> list[Wording]:
    """Fee-asking and discriminatory words of a text, in order of the lists; "no deposit" and "不限男女" are no faults."""
    lowered = text.lower()
    return [Wording(w, why) for words, why in ((FEES, "fees"), (DISCRIMINATION, "discrimination")) for w in words if _asked(w, lowered)]


def _asked(word: str, text: str) -> bool:
    """Whether the word stands somewhere without a "no" close before it."""
    at = text.find(word)
    while at >= 0:
        if not any(no in text[max(at - 6, 0) : at] for no in NEGATIONS):
            return True
        at = text.find(word, at + 1)
    return False
