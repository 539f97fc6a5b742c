"""Typeahead over the vocabulary."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request

from consortium.skills import queries
from consortium.web.pages import Pages

pages = Pages("skills", __name__)


@pages.get("/skills/search", ability="skills.search")
def search() -> Any:
    """Skills or certificates by name, alias or pinyin."""
    found = queries.search(request.args.get("q", "")[:40], request.args.get("kind", ""))
    return jsonify([{"code": e.code, "label": e.label, "hint": ""} for e in found])
