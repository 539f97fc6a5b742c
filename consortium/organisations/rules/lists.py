"""Decisions about a row of the three lists, on values alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

PRODUCT, TECHNOLOGY, TALENT = "product", "technology", "talent"
KINDS = (PRODUCT, TECHNOLOGY, TALENT)
COOPERATIONS = ("joint", "commission", "transfer", "advice", "testing", "training")
FIELDS: dict[str, tuple[str, ...]] = {
    PRODUCT: ("title", "about", "standing"),
    TECHNOLOGY: ("title", "about", "cooperation", "budget_fen", "until_on"),
    TALENT: ("title", "about", "class_key", "level", "heads", "until_on"),
}
"""What each kind of row holds; the other columns stay empty."""


def row_problem(kind: str, values: Mapping[str, Any], classes: Collection[str], levels: Collection[str], today: date) -> dict[str, str]:
    """What is missing or wrong, by field; empty where the row may be kept."""
    found: dict[str, str] = {}
    if not str(values.get("title") or "").strip():
        found["title"] = "needed"
    if kind == TECHNOLOGY and values.get("cooperation") not in COOPERATIONS:
        found["cooperation"] = "choose"
    if kind == TALENT:
        if values.get("class_key") not in classes:
            found["class_key"] = "choose"
        if (values.get("level") or "") not in {"", *levels}:
            found["level"] = "choose"
        if values.get("heads") is None:
            found["heads"] = "needed"
    if kind != PRODUCT and values.get("until_on") is not None and values["until_on"] < today:
        found["until_on"] = "past"
    return found
