"""Filling the vocabulary."""

from __future__ import annotations

import csv
from pathlib import Path

from consortium.shared.db import db
from consortium.skills import queries
from consortium.skills.models import Skill

VOCABULARY = Path(__file__).parent / "data" / "skills.csv"


def load_vocabulary() -> int:
    """Add what the data file has and the table has not; returns how many were added."""
    with VOCABULARY.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    known = queries.by_codes(row["code"] for row in rows)
    fresh = [
        Skill(code=r["code"], kind=r["kind"], name_zh=r["name_zh"], name_en=r["name_en"], aliases=[a for a in r["aliases"].split(",") if a])
        for r in rows
        if r["code"] not in known
    ]
    db.session.add_all(fresh)
    db.session.flush()
    return len(fresh)
