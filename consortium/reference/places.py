"""Places of Guangdong (NBS divisions 2023): cities, and Qingyuan down to its towns and the zone."""

from __future__ import annotations

from functools import cache

from consortium.reference.table import rows
from consortium.reference.typeahead import Entry, Index

ZONE = "441802400"  # 清远市高新技术产业开发区
QINGYUAN = "4418"


@cache
def names() -> dict[str, str]:
    """Code → name."""
    return {row["code"]: row["name"] for row in rows("divisions")}


def name(code: str) -> str:
    """The place's name, the code where it is unknown."""
    return names().get(code, code)


def code_of(told: str) -> str:
    """The code of a code or of a name that only one place bears; '' for neither."""
    if told in names():
        return told
    return _by_name().get(told.strip(), "")


@cache
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, label in names().items():
        found[label] = "" if label in found else code
    return found


@cache
def index() -> Index:
    """Cities, counties, towns."""
    return Index((Entry(row["code"], row["name"], names().get(row["parent_code"], "")), ()) for row in rows("divisions"))
