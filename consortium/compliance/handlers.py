"""The telling of what was decided about filings and overrides."""

from __future__ import annotations

from consortium.compliance import notify
from consortium.compliance.events import filing_decided, filing_ending, override_recorded
from consortium.compliance.models import Filing, Override
from consortium.shared.db import db


@filing_decided.listen
def tell_decided(filing_id: int) -> None:
    """The zone has taken or refused a filing."""
    notify.tell_decided(db.session.get_one(Filing, filing_id))


@filing_ending.listen
def tell_ending(filing_id: int) -> None:
    """A filing ends within the warning time."""
    notify.tell_ending(db.session.get_one(Filing, filing_id))


@override_recorded.listen
def tell_overridden(override_id: int) -> None:
    """A school let a rule pass."""
    notify.tell_overridden(db.session.get_one(Override, override_id))
