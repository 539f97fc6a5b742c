"""The lowest pay of a month by law, as the zone's office enters it."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from consortium.positions.models import MinimumWage
from consortium.shared import audit
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l


def set_minimum_wage(monthly_fen: int | None, valid_from: date | None, source: str, *, by: Actor) -> MinimumWage:
    """The amount in force from a day on, with its source; the same day again replaces it. Raises Invalid."""
    wrong = {}
    if not monthly_fen or not 50_000 <= monthly_fen <= 2_000_000:
        wrong["monthly_fen"] = [_l("An amount from 500 to 20,000 yuan a month.")]
    if valid_from is None:
        wrong["valid_from"] = [_l("This is needed.")]
    if not 5 <= len(source.strip()) <= 200:
        wrong["source"] = [_l("Name the document, its number and day, in 5 to 200 characters.")]
    if wrong:
        raise Invalid(wrong)
    assert monthly_fen is not None
    assert valid_from is not None
    found = db.session.scalar(sa.select(MinimumWage).where(MinimumWage.valid_from == valid_from))
    if found is None:
        found = MinimumWage(valid_from=valid_from)
        db.session.add(found)
    found.monthly_fen, found.source, found.set_by_id = monthly_fen, source.strip(), by.person_id
    db.session.flush()
    audit.record("set-minimum-wage", found, by=by, monthly_fen=monthly_fen)
    return found
