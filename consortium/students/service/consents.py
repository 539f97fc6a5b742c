"""Consents given and withdrawn, of students and guardians. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, rules
from consortium.students.events import (
    consent_given,
    consent_withdrawn,
)
from consortium.students.models import Consent, Student


def record_guardians(chosen: Sequence[Student], purpose: str, evidence: str, *, by: Actor) -> int:
    """Several guardians' papers at once, such as a class's: how many are new."""
    new = [student for student in chosen if queries.consent(student, purpose, "guardian") is None]
    for student in new:
        give_consent(student, purpose, by=by, given_by="guardian", evidence=evidence)
    return len(new)


def give_consent(student: Student, purpose: str, *, by: Actor, given_by: str = "student", evidence: str = "") -> Consent:
    """Agree to one purpose in the present version. Raises Conflict where the guardian must come first."""
    if given_by == "student" and queries.guardian_is_missing(student, purpose):
        raise Conflict(
            _l("Up to the age of 14 a guardian must agree first."), how=_l("Ask the college office to record your guardian's consent.")
        )
    found = queries.consent(student, purpose, given_by)
    if found is None:
        _take_back(student, purpose, given_by)  # what was given in earlier words
        found = Consent(
            student_id=student.id, purpose=purpose, version=rules.CONSENT_VERSION, given_by=given_by, given_at=clock.now(), evidence=evidence[:200]
        )
        db.session.add(found)
        db.session.flush()
        db.session.refresh(student, ["consents"])
        audit.record("give-consent", student, by=by, purpose=purpose, version=rules.CONSENT_VERSION, given_by=given_by)
        if purpose == rules.MATCHING and given_by == "student":
            consent_given.announce(student_id=student.id)
    return found


def withdraw(student: Student, purpose: str, *, by: Actor) -> None:
    """Take one's own consent back: from now on this student is in no run, also in none that is queued."""
    if _take_back(student, purpose, "student"):
        audit.record("withdraw-consent", student, by=by, purpose=purpose)
        if purpose == rules.MATCHING:
            consent_withdrawn.announce(student_id=student.id)


def _take_back(student: Student, purpose: str, given_by: str) -> bool:
    gone = db.session.execute(
        sa.update(Consent)
        .where(Consent.student_id == student.id, Consent.purpose == purpose, Consent.given_by == given_by, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(student, ["consents"])
    return bool(gone.rowcount)  # type: ignore[attr-defined]
