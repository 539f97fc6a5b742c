"""What would have reached a phone without an account, read as its owner would."""

from __future__ import annotations

import json

import sqlalchemy as sa
from flask import current_app

from consortium.messages.models import NumberItem
from consortium.shared import sealed
from consortium.shared.db import db


def last(kind: str) -> dict[str, str]:
    """The facts of the newest SMS of a kind, and the number it went to."""
    key = current_app.config["ID_KEY"]
    db.session.rollback()
    item = db.session.scalars(sa.select(NumberItem).where(NumberItem.kind == kind).order_by(NumberItem.id.desc())).first()
    assert item is not None, f"no SMS of kind {kind}"
    return {**json.loads(sealed.unseal(item.sealed_facts, key)), "number": sealed.unseal(item.sealed_number, key)}


def count(kind: str = "") -> int:
    """How many SMS (of a kind) went to numbers without an account."""
    db.session.rollback()
    wanted = sa.select(sa.func.count()).select_from(NumberItem)
    return db.session.scalar(wanted.where(NumberItem.kind == kind) if kind else wanted) or 0
