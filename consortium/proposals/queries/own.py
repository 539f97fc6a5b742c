"""What is a student's own: weights, hidden posts, saved searches; and the counts of doubts that the zone reads."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from consortium.proposals.models import Alert, Choice, Doubt, Leaning
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.students.models import Student

ASKED, NO_LONGER = ("applied", "reopened"), ("withdrawn", "declined")


def leanings_of(student_id: int) -> dict[str, int]:
    """What kinds of evidence count for her, in thousandths, where not in full."""
    return {row.family: row.permille for row in db.session.scalars(sa.select(Leaning).where(Leaning.student_id == student_id))}


def hidden_of(student_id: int) -> dict[int, str]:
    """Posts that she hid, with the reason she gave, newest first."""
    found: dict[int, str] = {}
    rows = sa.select(Choice.position_id, Choice.what, Choice.reason).where(Choice.student_id == student_id, Choice.what.in_(("hidden", "restored")))
    for position_id, what, reason in db.session.execute(rows.order_by(Choice.id)):
        found.pop(position_id, None)
        if what == "hidden":
            found[position_id] = reason
    return dict(reversed(found.items()))


def asked_counts(position_ids: Iterable[int]) -> dict[int, int]:
    """How many students have applied for each post and not taken it back; one query."""
    last = (
        sa.select(sa.func.max(Choice.id))
        .where(Choice.position_id.in_(list(position_ids)), Choice.what.in_((*ASKED, *NO_LONGER)))
        .group_by(Choice.position_id, Choice.student_id)
    )
    rows = db.session.execute(
        sa.select(Choice.position_id, sa.func.count()).where(Choice.id.in_(last), Choice.what.in_(ASKED)).group_by(Choice.position_id)
    )
    return {position_id: n for position_id, n in rows}  # noqa: C416 (a Row is no pair to the type checker)


def alerts_of(student_id: int) -> list[Alert]:
    """Her saved searches, in the order of their making."""
    return list(db.session.scalars(sa.select(Alert).where(Alert.student_id == student_id).order_by(Alert.id)))


def reachable_alert(student_id: int, public_id: uuid.UUID) -> Alert:
    """One of her own, or NotFound."""
    found = db.session.scalar(sa.select(Alert).where(Alert.student_id == student_id, Alert.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def alerts_due(before: datetime, after_student: int, limit: int) -> list[tuple[int, list[Alert]]]:
    """Saved searches that are on and were not looked through since `before`, by student."""
    ids = sa.select(Alert.student_id).where(Alert.on, Alert.since_at < before, Alert.student_id > after_student).distinct()
    whom = list(db.session.scalars(ids.order_by(Alert.student_id).limit(limit)))
    found: dict[int, list[Alert]] = {number: [] for number in whom}
    for alert in db.session.scalars(sa.select(Alert).where(Alert.student_id.in_(whom), Alert.on, Alert.since_at < before).order_by(Alert.id)):
        found[alert.student_id].append(alert)
    return list(found.items())


def doubts_counted() -> dict[tuple[str, str], tuple[int, int]]:
    """(kind of reason, what was said of it) → how many times, and by how many students."""
    counted = sa.select(Doubt.about, Doubt.what, sa.func.count(), sa.func.count(sa.distinct(Doubt.student_id))).join(Student, Student.id == Doubt.student_id)
    return {(about, what): (n, whom) for about, what, n, whom in db.session.execute(counted.group_by(Doubt.about, Doubt.what))}
