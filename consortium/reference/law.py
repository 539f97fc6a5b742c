"""The one definition of every rule of law as pages read it: words and citation from here, places, effect and facts from `matching.eligibility`.

Beside it the dated tables of the law (thresholds, hazards, holidays): the files of this package, and over them what the zone has entered since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from consortium.matching import eligibility
from consortium.matching.eligibility import BY_DESIGN, PLACES, SCHOOL
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


    @property
    def judged(self) -> eligibility.Rule | None:
        """The test of the same code; None for what is kept by how the product is built."""
        return eligibility.BY_CODE.get(self.code)

    @property
    def effect(self) -> str:
        """What a failed case means: block, overridable, until, filing, warn; `design` where no row is asked."""
        return self.judged.effect if self.judged else "design"

    @property
    def scope(self) -> str:
        """What is asked: each post, each student and post, each agreement; `design` for none."""
        return self.judged.scope if self.judged else "design"

    @property
    def places(self) -> tuple[str, ...]:
        """Where it is asked, in the order of a year."""
        return tuple(place for place in PLACES if self.judged and place in self.judged.places)

    @property
    def school_may_override(self) -> bool:
        """Whether a school's recorded reason lets a failed case pass."""
        return bool(self.judged and self.judged.override == SCHOOL)

    @property
    def fileable(self) -> bool:
        """Whether a filing with the authority opens it."""
        return self.code in FILEABLE

    @property
    def facts(self) -> list[Fact]:
        """What is looked at, and whose fact it is."""
        return [facts()[name] for name in (self.judged.facts if self.judged else ()) if name in facts()]

    @property
    def shown_by(self) -> str:
        """The test that shows a rule kept by design; '' where every place has its own."""
        return BY_DESIGN.get(self.code, "")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a rule looks at: its name, and who states it (student, college, enterprise, zone, headcount, filing, parties)."""

    code: str
    name_zh: str
    name_en: str
    who: str

    def name(self, lang: str) -> str:
        """In the reader's language."""
        return self.name_en if lang == "en" else self.name_zh


FILEABLE = tuple(rule.code for rule in eligibility.RULES if rule.effect == eligibility.FILING and rule.scope == eligibility.POST)
"""Rules that a filing with the authority opens."""
OVERRIDABLE = tuple(rule.code for rule in eligibility.RULES if rule.override == SCHOOL)
"""Rules that a school may let pass, with a recorded reason that the zone sees and counts."""


@cache
def facts() -> dict[str, Fact]:
    """All facts by column or record."""
    return {row["fact"]: Fact(row["fact"], row["name_zh"], row["name_en"], row["who"]) for row in rows("law/facts")}


@cache
def rules() -> dict[str, LawRule]:
    """All rules by code."""
    return {row["code"]: LawRule(**{k: row[k] for k in LawRule.__dataclass_fields__}) for row in rows("law/rules")}


def rule(code: str) -> LawRule:
    """The rule of this code; raises KeyError."""
    return rules()[code]


THRESHOLD, HOLIDAY, MAKE_UP, HAZARD = "threshold", "holiday", "make-up", "hazard"
TABLES = (THRESHOLD, HOLIDAY, MAKE_UP, HAZARD)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table of the law with its source.

    key : code of the threshold, ISO day, or tag; value : the number, or the lists of a hazard (minor women unfiled); `gone` : struck off.
    """

    table: str
    key: str
    value: str
    name_zh: str
    name_en: str
    valid_from: date
    source: str
    source_on: date | None
    gone: bool = False
    entered: bool = False  # by the zone, over the file

    def name(self, lang: str) -> str:
        """In the reader's language."""
        return self.name_en if lang == "en" else self.name_zh


def _nothing() -> Sequence[Line]:
    return ()


_entered: list[Callable[[], Sequence[Line]]] = [_nothing]


def read_entered_from(source: Callable[[], Sequence[Line]]) -> None:
    """Where the lines stand that the zone has entered over the files; oldest first."""
    _entered[:] = [source]


@cache
def _filed() -> tuple[Line, ...]:
    found = [
        Line(THRESHOLD, r["code"], r["value"], r["unit_zh"], r["unit"], date.fromisoformat(r["valid_from"]), r["source"], _day(r["source_date"]))
        for r in sorted(rows("law/thresholds"), key=lambda r: r["valid_from"])
    ]
    found += [Line(HOLIDAY, r["day"], "", r["name_zh"], r["name_en"], date.min, r["source"], _day(r["source_date"])) for r in rows("law/holidays")]
    found += [Line(HAZARD, r["tag"], r["banned_for"], r["name_zh"], r["name_en"], date.min, r["source"], _day(r["source_date"])) for r in rows("law/hazards")]
    return tuple(found)


def _day(told: str) -> date | None:
    return date.fromisoformat(told) if told else None


def lines(table: str, on: date | None = None) -> dict[str, Line]:
    """A table of the law as it stands on a day (none: as it will stand at last): key → its newest line; what is struck off is not there."""
    found: dict[str, Line] = {}
    for line in (*_filed(), *_entered[0]()):
        if line.table == table and (on is None or line.valid_from <= on):
            if line.gone:
                found.pop(line.key, None)
            else:
                found[line.key] = line
    return found


def thresholds(on: date) -> dict[str, float]:
    """The limits in force on a day; where the zone has changed the lists of hazards, these too, as `minor:dust` and so on."""
    found = {line.key: float(line.value) for line in lines(THRESHOLD, on).values()}
    if any(line.table == HAZARD for line in _entered[0]()):
        found |= {f"{group}:{line.key}": 1.0 for line in lines(HAZARD, on).values() for group in line.value.split()}
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


def hazards() -> dict[str, Hazard]:
    """By tag."""
    return {line.key: Hazard(line.key, line.name_zh, line.name_en, frozenset(line.value.split())) for line in lines(HAZARD).values()}


def holidays() -> dict[date, str]:
    """Statutory festival days → Chinese name; see the source for what is computed and not yet announced."""
    return {date.fromisoformat(line.key): line.name_zh for line in lines(HOLIDAY).values()}


def holidays_between(first: date | None, last: date | None) -> list[Line]:
    """Statutory holidays from a day to a day, both included, in order."""
    if first is None or last is None:
        return []
    return sorted((line for line in lines(HOLIDAY).values() if first.isoformat() <= line.key <= last.isoformat()), key=lambda line: line.key)


def is_day_of_rest(day: date) -> bool:
    """A statutory holiday, or a Saturday or Sunday that is not made up for."""
    key = day.isoformat()
    return key in lines(HOLIDAY) or (day.weekday() >= 5 and key not in lines(MAKE_UP))