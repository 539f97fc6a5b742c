"""Decisions about a posting's wording and which field a rule of law belongs to; the law itself stands in `matching.eligibility`."""

from __future__ import annotations

from dataclasses import dataclass

FIELD_OF = {
    "R04": "title", "R05": "title", "R10": "places", "R11": "places", "R13": "end_on", "R21": "venue", "R22": "title", "R23": "labour_level",
    "R24": "hazards", "R25": "rest_days", "R26": "night", "R27a": "pay_fen", "R27b": "pay_to_student", "R28": "fees", "J04": "fees",
}  # fmt: skip

FEES = ("押金", "保证金", "培训费", "服装费", "体检费自理", "中介费", "管理费", "入职费", "材料费", "deposit", "training fee")
DISCRIMINATION = (
    "限男", "限女", "仅限男", "仅限女", "男性优先", "女性优先", "男士优先", "女士优先", "已婚已育", "未婚", "五官端正", "形象气质佳", "本地户口", "限本地",
    "身高1", "属相", "星座", "men only", "women only", "unmarried",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """A word that may not stand in a posting: which and why."""

    word: str
    why: str  # fees | discrimination


def wording(text: str) -> list[Wording]:
    """Fee-asking and discriminatory words of a text, in order of the lists."""
    lowered = text.lower()
    return [Wording(w, "fees") for w in FEES if w in lowered] + [Wording(w, "discrimination") for w in DISCRIMINATION if w in lowered]
