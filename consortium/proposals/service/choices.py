"""What people did about a pair, written down for the lists and for learning."""

from __future__ import annotations

from consortium.proposals.models import Choice
from consortium.shared import audit
from consortium.shared.access import Actor
from consortium.shared.db import db


def note_choice(student_id: int, position_id: int, what: str, *, by: Actor | None, reason: str = "") -> None:
    """Write down what somebody did about a pair: for the lists, and for learning later."""
    db.session.add(
        Choice(student_id=student_id, position_id=position_id, what=what, by_role=by.role.value if by else "", reason=reason[:40])
    )
    db.session.flush()


def choose(student_id: int, position_id: int, what: str, *, by: Actor, reason: str = "") -> None:
    """The student saves or hides a post, or takes that back."""
    note_choice(student_id, position_id, what, by=by, reason=reason)
    audit.record("choose", ("positions", position_id), by=by, what=what, reason=reason)
