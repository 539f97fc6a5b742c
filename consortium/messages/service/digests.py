"""Gathering what is not pressing into one mail a day or a week."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.messages import queries, rules
from consortium.messages.models import Message
from consortium.messages.service.telling import queue
from consortium.messages.wording import MAIL
from consortium.shared import clock
from consortium.shared.db import db

AT_ONCE = 500  # persons a turn


def gather_digests() -> int:
    """Queue a digest for everybody whose hour has come; what was read meanwhile is not told again. The period is in the key: twice gives one."""
    now, n = clock.now(), 0
    db.session.execute(
        sa.update(Message).where(Message.in_digest.is_(True), Message.mailed_at.is_(None), Message.read_at.is_not(None)).values(mailed_at=now)
    )
    for person_id, how in queries.waiting_for_digest(AT_ONCE):
        period = rules.period(how, clock.local(now))
        if period is None:
            continue
        waiting = (Message.person_id == person_id, Message.in_digest.is_(True), Message.mailed_at.is_(None))
        ids = list(db.session.scalars(sa.select(Message.id).where(*waiting).order_by(Message.id)))
        if queue(person_id, "digest", MAIL, f"digest:{period}:{person_id}", "", {"messages": ids, "n": len(ids)}, now):
            db.session.execute(sa.update(Message).where(Message.id.in_(ids)).values(mailed_at=now))
            n += 1
    return n
