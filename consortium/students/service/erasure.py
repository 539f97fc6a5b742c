"""To be forgotten: what stands against it, what goes, the shell that stays as a number, and the list that keeps a restored backup clean.

Flushes; the edge commits. The list outside the database grows after the commit.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from consortium.accounts import service as accounts
from consortium.accounts.models import Person
from consortium.imports import service as uploads
from consortium.messages import service as messages
from consortium.organisations import queries as organisations
from consortium.shared import audit, clock, holdings, sealed
from consortium.shared.access import Actor
from consortium.shared.db import after_commit, db
from consortium.shared.errors import Conflict
from consortium.students import lifecycle, queries
from consortium.students.events import erasure_asked, student_erased, student_left
from consortium.students.models import Consent, EntryCode, Erasure, GuardianLink, Student, Ticket
from consortium.students.service.register import id_key

LIST = "erasures.jsonl"
AT_ONCE = 200


def objections(student: Student) -> list[tuple[Any, Any]]:
    """What stands against erasing now: (reason, way out), from later stages."""
    return [one for told in erasure_asked.announce(student_id=student.id) for one in told]


def erase(student: Student, *, by: Actor | None, asked_by: str = "student", ignoring: bool = False) -> dict[str, int]:
    """Erase a student at once; tells how many rows were touched by table. Raises Conflict where an agreement still runs."""
    against = [] if ignoring else objections(student)
    if against:
        raise Conflict(against[0][0], how=against[0][1], code="agreement-runs")
    number, person_id, key, tenant_id = student.id, student.person_id, str(student.public_id), student.tenant_id
    college, own_no, phones = organisations.college_of(tenant_id), student.student_no, {student.phone, student.guardian_phone}
    logins = [f"{college.moe_code}-{own_no}".lower(), *db.session.scalars(sa.select(Person.login).where(Person.id == (person_id or 0)))]
    student_left.announce(student_id=number)  # what is open is closed, and the other side is told that nobody is there any more
    student_erased.announce(student_id=number)
    db.session.flush()
    done = holdings.erase(number, person_id)
    shell = f"erased-{uuid.UUID(key).hex[:20]}"
    empty = {"student_no": shell, "state": lifecycle.ERASED, "state_on": clock.today(), "changed_at": clock.now(), "version": Student.version + 1}
    db.session.execute(sa.update(Student).where(Student.id == number).values(**empty).execution_options(synchronize_session=False))
    _end_consents(number)
    accounts.forget_person(person_id, logins, shell)
    for phone in phones - {""}:
        messages.forget_number(sealed.keyed_hash(phone, id_key()))
    db.session.execute(sa.delete(EntryCode).where(EntryCode.key == sealed.keyed_hash(f"entry:{key}", id_key())))
    done["upload_rows"] = uploads.forget_row(tenant_id, "students", "student_no", own_no, id_key())
    db.session.expire_all()
    entry = Erasure(tenant_id=tenant_id, student_key=key, number_hash=number_hash(tenant_id, own_no), asked_by=asked_by)
    db.session.add(entry)
    db.session.flush()
    audit.record("erase-student", ("students", number), by=by, asked_by=asked_by)
    line = json.dumps({"student": key, "at": clock.now().isoformat(), "asked_by": asked_by})
    after_commit(lambda: _write_down(line))
    return done


def number_hash(tenant_id: int, student_no: str) -> str:
    """Under what an erased student number is found again, and cannot be read."""
    return sealed.keyed_hash(f"{tenant_id}:{student_no}", id_key())


def erase_over_time(state: str, before: datetime) -> int:
    """Students whose purpose ended before a day: who moved elsewhere, and who graduated. Whose agreement still runs waits."""
    day = clock.local(before).date()
    ended = sa.func.coalesce(Student.graduates_on, Student.state_on) if state == lifecycle.GRADUATED else Student.state_on
    ids = db.session.scalars(sa.select(Student.id).where(Student.state == state, ended < day).order_by(Student.id).limit(AT_ONCE)).all()
    n = 0
    for student in queries.by_ids(ids).values():
        if not objections(student):
            erase(student, by=None, asked_by="retention", ignoring=True)
            n += 1
    return n


def reapply(lines: Iterable[str]) -> int:
    """After a backup was put back: erase again whoever was erased since it was made. Twice erases nobody a second time."""
    n = 0
    for entry in _entries(lines):
        wanted = sa.select(Student).where(Student.public_id == uuid.UUID(entry["student"]), Student.state != lifecycle.ERASED)
        student = db.session.scalar(wanted)
        if student is not None:
            erase(student, by=None, asked_by="restore", ignoring=True)
            db.session.commit()
            n += 1
    return n


def list_path() -> Path:
    """Where the list stands: beside the data, not in the database, for a restored database is older than it."""
    return Path(current_app.config["DATA_DIR"]) / LIST


def forget_codes(before: datetime) -> int:
    """Codes whose five minutes are long over."""
    return int(db.session.execute(sa.delete(EntryCode).where(EntryCode.expires_at < before)).rowcount)  # type: ignore[attr-defined]


def forget_links(before: datetime) -> int:
    """Guardians' links; the consents that were given by them stay."""
    return int(db.session.execute(sa.delete(GuardianLink).where(GuardianLink.created_at < before)).rowcount)  # type: ignore[attr-defined]


def forget_tickets(before: datetime) -> int:
    """Questions that were answered a year ago."""
    return int(db.session.execute(sa.delete(Ticket).where(Ticket.answered_at < before)).rowcount)  # type: ignore[attr-defined]


def backups_until() -> timedelta:
    """How long a backup is kept at most: after that nothing of an erased person is left anywhere."""
    return timedelta(days=35)


def _end_consents(number: int) -> None:
    db.session.execute(sa.update(Consent).where(Consent.student_id == number, Consent.withdrawn_at.is_(None)).values(withdrawn_at=clock.now()))


def _entries(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    for line in lines:
        if line.strip():
            yield json.loads(line)


def _write_down(line: str) -> None:
    path = list_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(line + "\n")
