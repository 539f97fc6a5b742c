"""The words, citations and dated tables of the law; the tests of the rules stand in `matching.eligibility`, by the same codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from consortium.reference.table import rows

REGULATION_ZH, REGULATION_EN = "《职业学校学生实习管理规定》", "Regulation on internships of vocational students"


@dataclass(frozen=True, slots=True)
class LawRule:
    """One rule in words; `verified` A: article and wording read; B: wording read, article inferred; C: earlier edition only."""

    code: str
    title_zh: str
    title_en: str
    words_zh: str
    words_en: str
    way_out_zh: str
    way_out_en: str
    article: str
    verified: str

    def title(self, lang: str) -> str:
        """A short name."""
        return self.title_en if lang == "en" else self.title_zh

    def words(self, lang: str) -> str:
        """The rule's words."""
        return self.words_en if lang == "en" else self.words_zh

    def way_out(self, lang: str) -> str:
        """What can be done."""
        return self.way_out_en if lang == "en" else self.way_out_zh

    def citation(self, lang: str) -> str:
        """Article number only where it was read directly (A); else the regulation alone; '' for what is not law."""
        if not self.code.startswith("R"):
            return self.article if self.code[0] in "JC" else ""
        name = REGULATION_EN if lang == "en" else REGULATION_ZH
        if self.verified != "A":
            return name
        return f"{name}, art. {self.article}" if lang == "en" else f"{name}第{self.article}条"


@cache
def rules() -> dict[str, LawRule]:
    """All rules by code."""
    return {row["code"]: LawRule(**{k: row[k] for k in LawRule.__dataclass_fields__}) for row in rows("law/rules")}


def rule(code: str) -> LawRule:
    """The rule of this code; raises KeyError."""
    return rules()[code]


def thresholds(on: date) -> dict[str, float]:
    """The limits in force on a day."""
    found: dict[str, float] = {}
    for row in sorted(rows("law/thresholds"), key=lambda r: r["valid_from"]):
        if date.fromisoformat(row["valid_from"]) <= on:
            found[row["code"]] = float(row["value"])
    return found


def threshold_rows(code: str) -> list[tuple[date, float, str, date]]:
    """One limit as the table that came with the product has it: (in force from, value, source, day of the source), latest first."""
    found = [(date.fromisoformat(r["valid_from"]), float(r["value"]), r["source"], date.fromisoformat(r["source_date"])) for r in rows("law/thresholds") if r["code"] == code]
    return sorted(found, reverse=True)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A tag of dangerous or harmful work and for whom it is banned."""

    tag: str
    name_zh: str
    name_en: str
    banned_for: frozenset[str]  # minor, women, unfiled

    def name(self, lang: str) -> str:
        """In the reader's language."""
        return self.name_en if lang == "en" else self.name_zh


@cache
def hazards() -> dict[str, Hazard]:
    """By tag."""
    return {
        r["tag"]: Hazard(r["tag"], r["name_zh"], r["name_en"], frozenset(r["banned_for"].split())) for r in rows("law/hazards")
    }


@cache
def holidays() -> dict[date, str]:
    """Statutory festival days → Chinese name; see the source column for what is computed and not yet announced."""
    return {date.fromisoformat(r["day"]): r["name_zh"] for r in rows("law/holidays")}
