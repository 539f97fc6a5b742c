"""Industries (GB/T 4754-2017) and the zone's "3+1" leading ones."""

from __future__ import annotations

from functools import cache

from consortium.reference.table import rows
from consortium.reference.typeahead import Entry, Index

LEADING_EN = {"新材料": "New materials", "装备制造": "Equipment", "电子信息": "Electronics and IT", "生物制药": "Biopharma"}
LEADING = tuple(LEADING_EN)
OTHER = ""


@cache
def names() -> dict[str, str]:
    """Code → name, all levels."""
    return {row["code"]: row["name"] for row in rows("industries")}


def name(code: str) -> str:
    """The industry's name, the code where it is unknown."""
    return names().get(code, code)


def leading(code: str) -> str:
    """Which of the four leading industries a code belongs to, '' for none; a curated proposal by two-digit division."""
    by_division = {row["gbt4754_code"]: row["leading_industry"] for row in rows("leading_industries")}
    return by_division.get(code[:2], OTHER)


def leading_name(key: str, lang: str = "zh") -> str:
    """What it is called; other industries too."""
    if not key:
        return "Other" if lang == "en" else "其他"
    return LEADING_EN[key] if lang == "en" else key


@cache
def index() -> Index:
    """All industries."""
    return Index((Entry(row["code"], row["name"], row["code"]), ()) for row in rows("industries"))
