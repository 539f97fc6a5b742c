"""Words that may not stand in a posting: patterns with what they are, the law behind them, and what to write instead.

The table is for reading and changing; the marks "待核对" stand where a source was recalled, not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from consortium.reference.table import rows

NEVER, REASON, IF_BANNED = "no", "reason", "if-banned"
"""Whether a recorded reason may let a phrase stand: never; yes; only where the work itself is banned for some (minors' and women's lists)."""

UNASKED = re.compile(
    r"(?:不|无|免|免收|免交|不收|没有|严禁|禁止|杜绝|不得|无需|无须|不需要?|不用|勿|谢绝收|不限|不问|不看|不论|不分|不要求|不设|without|no|not|never|free of|regardless of)"
    r"[^，。；,;.!?！？\n但而却仍另]{0,8}$",
    re.IGNORECASE,
)  # fmt: skip
"""A refusal close before a phrase: 免押金, 不限身高, "no deposit"."""
TAKEN_BACK = re.compile(r"^[^，。；,;.!?！？\n]{0,4}(?:不限|均可|皆可|不作要求|无要求|不收|全免|由公司承担|由单位承担|由企业承担|公司承担|单位承担|企业承担|公司支付|单位支付|not required|is not asked|does not matter)", re.IGNORECASE)
"""A refusal close after it: 身高不限, 培训费由公司承担."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One kind of words that may not stand there."""

    code: str
    pattern: re.Pattern[str]
    why: str  # fees | discrimination
    about: str
    excusable: str
    title_zh: str
    title_en: str
    suggestion_zh: str
    suggestion_en: str
    source: str

    def title(self, lang: str) -> str:
        """What kind of words they are."""
        return self.title_en if lang == "en" else self.title_zh

    def suggestion(self, lang: str) -> str:
        """What to write instead."""
        return self.suggestion_en if lang == "en" else self.suggestion_zh


@dataclass(frozen=True, slots=True)
class Found:
    """One place in a text: the phrase, its words, where they begin, and the words around them."""

    phrase: Phrase
    words: str
    at: int
    around: str


@cache
def phrases() -> tuple[Phrase, ...]:
    """The whole table."""
    return tuple(
        Phrase(
            row["code"], re.compile(row["pattern"], re.IGNORECASE), row["why"], row["about"], row["excusable"], row["title_zh"], row["title_en"],
            row["suggestion_zh"], row["suggestion_en"], row["source"],
        )
        for row in rows("law/wording")
    )  # fmt: skip


def found_in(text: str) -> list[Found]:
    """Every phrase that asks for what it may not, in order of the text; what is refused in the same breath is left alone."""
    found = []
    for phrase in phrases():
        for match in phrase.pattern.finditer(text):
            start, end = match.span()
            if UNASKED.search(text[max(start - 16, 0) : start]) and not _is_itself_a_refusal(match.group()):
                continue
            if TAKEN_BACK.search(text[end : end + 20]):
                continue
            found.append(Found(phrase, match.group(), start, _around(text, start, end)))
    return _outermost(sorted(found, key=lambda one: (one.at, -len(one.words))))


def _is_itself_a_refusal(words: str) -> bool:
    """不招女, 谢绝男: a "no" before these does not turn them round."""
    return words.startswith(("不", "谢绝", "拒绝"))


def _outermost(found: list[Found]) -> list[Found]:
    """Of phrases that lie within one another only the outer."""
    kept: list[Found] = []
    for one in found:
        if not kept or one.at + len(one.words) > kept[-1].at + len(kept[-1].words):
            kept.append(one)
    return kept


def _around(text: str, start: int, end: int, most: int = 10) -> str:
    """The words with a little of what stands on both sides, on one line."""
    before, after = text[max(start - most, 0) : start], text[end : end + most]
    left, right = "…" if start > most else "", "…" if end + most < len(text) else ""
    return " ".join(f"{left}{before}{text[start:end]}{after}{right}".split())
