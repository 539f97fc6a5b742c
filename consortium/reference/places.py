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


@cache
def index() -> Index:
    """Cities, counties, towns."""
    return Index((Entry(row["code"], row["name"], names().get(row["parent_code"], "")), ()) for row in rows("divisions"))
