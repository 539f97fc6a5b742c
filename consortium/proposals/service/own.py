"""A student's own say in her matches: what of a reason is not right, what counts how much, and searches that are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from consortium.matching.vocabulary import FAMILIES
from consortium.positions.models import Position
from consortium.proposals import queries, snapshot
from consortium.proposals.events import fact_doubted, posts_found
from consortium.proposals.models import Alert, Doubt, Leaning
from consortium.proposals.service.choices import choose
from consortium.proposals.wording import View
from consortium.proposals.wording.own import (
    EVIDENCE,
    FIELDS,
    FULL,
    HALF,
    NOT_FOR_ME,
    NOT_IMPORTANT,
    NOTHING,
    STEPS,
    WRONG_FACT,
    about,
)
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.students.models import Student

MOST_ALERTS, MOST_TOLD = 20, 200
STUDENTS_A_TIME = 200
ONCE_A = timedelta(hours=20)


def doubt(student: Student, position: Position, view: View, item: str, what: str, *, by: Actor, said: str = "") -> str:
    """Call a reason not right. Returns where the fact is mended, '' where that is not the student's to do. Raises Invalid.

    A wrong fact of the register goes to the college; what is not important counts half, then nothing, for this student alone.
    """
    if item not in {one.key for one in view.items if one.key}:
        raise Invalid({"item": [_l("This reason is not among those of the post any more. Open the page again.")]})
    kind = about(item)
    if what == NOT_IMPORTANT and kind not in EVIDENCE:
        raise Invalid({"what": [_l("This is a condition, not a part of the score: it has no weight. If the fact is wrong, say so.")]})
    row = Doubt(student_id=student.id, position_id=position.id, item=item[:60], about=kind, what=what, said=said.strip()[:300])
    db.session.add(row)
    db.session.flush()
    audit.record("doubt-reason", row, by=by, item=item[:60], what=what)
    if what == NOT_IMPORTANT:
        _lower(student.id, EVIDENCE[kind])
    elif what == NOT_FOR_ME:
        choose(student.id, position.id, "hidden", by=by, reason=NOT_FOR_ME)
    elif what == WRONG_FACT and kind not in FIELDS:
        fact = next(one.text for one in view.items if one.key == item)
        fact_doubted.announce(doubt_id=row.id, fact=fact[:200])
    return FIELDS.get(kind, "") if what == WRONG_FACT else ""


def _lower(student_id: int, families: tuple[str, ...]) -> None:
    """One step down, from wherever the heaviest of them stands."""
    now = queries.leanings_of(student_id)
    step = HALF if any(now.get(family, FULL) == FULL for family in families) else NOTHING
    _write(student_id, dict.fromkeys(families, step))


def weigh(student: Student, weights: dict[str, int], *, by: Actor) -> None:
    """Set what kinds of evidence count for this student; full everywhere is a reset. Raises Invalid."""
    if set(weights) - set(FAMILIES) or set(weights.values()) - set(STEPS):
        raise Invalid({"weights": [_l("One of %(choices)s.", choices="1000, 500, 0")]})
    _write(student.id, weights)
    audit.record("weigh-evidence", student, by=by, weights=weights)


def _write(student_id: int, weights: dict[str, int]) -> None:
    db.session.execute(sa.delete(Leaning).where(Leaning.student_id == student_id, Leaning.family.in_(list(weights))))
    db.session.add_all(Leaning(student_id=student_id, family=family, permille=value) for family, value in weights.items() if value != FULL)
    db.session.flush()


def keep_search(student: Student, name: str, asked: dict[str, Any], *, by: Actor) -> Alert:
    """Keep a search; new posts that it finds are told once a day. The same name again replaces it. Raises Invalid, Conflict."""
    name = name.strip()
    if not 1 <= len(name) <= 60:
        raise Invalid({"name": [_l("Give the search a name of at most %(max)d characters.", max=60)]})
    known = queries.alerts_of(student.id)
    found = next((one for one in known if one.name == name), None)
    if found is None and len(known) >= MOST_ALERTS:
        raise Conflict(_l("You keep %(n)d searches already.", n=MOST_ALERTS), how=_l("Remove one that you no longer need."), code="too-many-alerts")
    if found is None:
        found = Alert(student_id=student.id, name=name)
        db.session.add(found)
    found.asked, found.on, found.since_at = {k: v for k, v in queries.cleaned(asked).items() if v and k != "sort"}, True, clock.now()
    db.session.flush()
    audit.record("keep-search", found, by=by)
    return found


def switch(alert: Alert, on: bool, *, by: Actor) -> None:
    """Tell of it, or be silent; what was published in between is not told later."""
    if on and not alert.on:
        alert.since_at = clock.now()
    alert.on = on
    db.session.flush()
    audit.record("switch-search", alert, by=by, on=on)


def remove_search(alert: Alert, *, by: Actor) -> None:
    """Forget a search."""
    audit.record("remove-search", alert, by=by)
    db.session.delete(alert)
    db.session.flush()


def tell_alerts() -> int:
    """Look through the saved searches of everybody; who has new posts is told once, of all searches together. Returns how many were told.

    Twice is safe: each search remembers up to when it has looked, and the message of a day leaves once.
    """
    now, last, told = clock.now(), 0, 0
    while due := queries.alerts_due(now - ONCE_A, last, STUDENTS_A_TIME):
        for student_id, alerts in due:
            told += _tell(student_id, alerts, now)
            last = student_id
        db.session.commit()
    return told


def _tell(student_id: int, alerts: list[Alert], now: datetime) -> bool:
    student = students.by_ids([student_id]).get(student_id)
    found: dict[int, Position] = {}
    for alert in alerts:
        new = queries.new_posts(alert.asked, alert.since_at, MOST_TOLD)
        stopped = snapshot.what_stops(student, new) if student is not None and alert.asked.get("fits") else {}
        fits = alert.asked.get("fits")
        found |= {post.id: post for post in new if not fits or (post.id in stopped) == (fits == "no")}
        alert.since_at = now
    db.session.flush()
    if student is None or not found:
        return False
    posts_found.announce(student_id=student_id, titles=[post.title for post in found.values()], day=clock.local(now).date().isoformat())
    return True
