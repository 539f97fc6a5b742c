"""A student's first sign-in: found by number and name, proved by a code to her phone, asked purpose by purpose. Flushes; the edge commits."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from consortium.accounts import queries as people
from consortium.accounts import service as accounts
from consortium.accounts.models import Membership, Person
from consortium.messages import service as messages
from consortium.organisations import queries as organisations
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor, Role
from consortium.shared.db import db, upsert
from consortium.shared.errors import Conflict, Invalid, TooMany
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, rules
from consortium.students.models import EntryCode, Student
from consortium.students.service.consents import give_consent, withdraw
from consortium.students.service.profile import save_profile
from consortium.students.service.register import id_key

SEARCHES, SEARCH_WINDOW = 40, rules.CODE_LASTS  # from one address: a whole class may stand behind it


def count_search(address: str) -> None:
    """Count a search for number and name before it is made; raises TooMany."""
    accounts.count_guess("first-login:" + address, SEARCHES, SEARCH_WINDOW, _l("Too many tries from here."))


def send_code(purpose: str, number: str, kind: str, language: str, **facts: str) -> None:
    """Send a fresh code to a number; the one before is void. Raises TooMany within a minute of the last."""
    now, code = clock.now(), f"{secrets.randbelow(1_000_000):06d}"
    key = _key(purpose)
    accounts.count_guess("sent-day:" + number, rules.CODES_A_DAY, rules.DAY, _l("Too many codes were sent to this number today."))
    row = {"key": key, "code_hash": _hash(key, code), "sent_at": now, "expires_at": now + rules.CODE_LASTS, "used_at": None, "created_at": now}
    statement = upsert(EntryCode).values(**row)
    again = statement.on_conflict_do_update(
        index_elements=["key"], set_={name: row[name] for name in ("code_hash", "sent_at", "expires_at", "used_at")},
        where=EntryCode.sent_at <= now - rules.CODE_AGAIN,
    ).returning(EntryCode.id)  # fmt: skip
    if db.session.scalar(again) is None:
        last = db.session.scalar(sa.select(EntryCode.sent_at).where(EntryCode.key == key)) or now
        raise TooMany(max(1, int((last + rules.CODE_AGAIN - now).total_seconds())), _l("A code was sent a moment ago."))
    messages.tell_number(number, kind, key=f"{key}:{now.isoformat()}", language=language, secret=id_key(), code=code, **facts)


def count_code(purpose: str) -> int:
    """Count a try at a code before it is judged; raises TooMany with the seconds to wait."""
    accounts.count_guess("code-day:" + purpose, rules.CODES_A_DAY, rules.DAY, _l("Too many codes were tried today."))
    return accounts.count_guess("code:" + purpose, rules.WRONG_CODES, rules.WRONG_WAIT, _l("Three wrong codes."))


def use_code(purpose: str, code: str, nth: int) -> None:
    """Use the code once. Raises Invalid, or TooMany where this was the third wrong one."""
    key = _key(purpose)
    used = db.session.execute(
        sa.update(EntryCode)
        .where(EntryCode.key == key, EntryCode.code_hash == _hash(key, code.strip()), EntryCode.used_at.is_(None), EntryCode.expires_at > clock.now())
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if used.rowcount == 1:  # type: ignore[attr-defined]
        accounts.forget_guesses("code:" + purpose)
        return
    if nth >= rules.WRONG_CODES:
        raise TooMany(int(rules.WRONG_WAIT.total_seconds()), _l("Three wrong codes."))
    raise Invalid({"code": [_l("This is not the code of the last SMS, or its five minutes are over. Tries left: %(n)s.", n=rules.WRONG_CODES - nth)]})


def send_entry_code(student: Student, language: str) -> None:
    """The code by which a student signs in."""
    send_code(entry_purpose(student), student.phone, "code-entry", language)
    audit.record("send-code", student, by=None)


def entry_purpose(student: Student) -> str:
    """What a student's code is for."""
    return f"entry:{student.public_id}"


def enter(student: Student, language: str) -> Membership:
    """The student's account, made at the first time; no password is ever made for anybody. Raises Conflict."""
    if student.person_id is not None:
        found = next((m for m in people.memberships_of(student.person_id) if m.tenant_id == student.tenant_id and m.role == Role.STUDENT), None)
        if found is None:
            raise Conflict(_l("This account cannot be entered."), how=_l("Tell your school; it can put this right."))
        return found
    college = organisations.college_of(student.tenant_id)
    login = f"{college.moe_code}-{student.student_no}".lower()
    membership = accounts.enrol(student.tenant_id, role=Role.STUDENT, login=login, name=student.name, phone=student.phone, language=language)
    student.person_id = membership.person_id
    db.session.flush()
    audit.record("activate-student", student, by=membership.actor())
    return membership


def decide(student: Student, purposes: Sequence[str], *, by: Actor) -> None:
    """The answers of the first page: what is not ticked is not agreed to, and what was given in earlier words is taken back."""
    for purpose in rules.FIRST_PURPOSES:
        if purpose in purposes:
            give_consent(student, purpose, by=by)
        elif queries.consent(student, purpose) is not None or purpose in queries.outdated(student):
            withdraw(student, purpose, by=by)
    if not purposes:
        put_off(student, by=by)


def put_off(student: Student, *, by: Actor) -> None:
    """Not now: nothing is agreed to, and the page is not shown again by itself."""
    student.welcomed_at = clock.now()
    db.session.flush()
    audit.record("put-off-consents", student, by=by)


def answer_questions(student: Student, *, wants_zone: bool | None, available_from: date | None, things: list[str], by: Actor) -> None:
    """The three questions of the first page; what is answered is the student's own from now on. Raises Invalid."""
    values = {"wants_zone": wants_zone, "available_from": available_from, "wish": rules.three_wishes(things)}
    told = {name: value for name, value in values.items() if value not in (None, "")}
    student.welcomed_at = student.welcomed_at or clock.now()
    save_profile(student, told, None, by=by)


def phone_known(person_id: int, phone: str) -> None:
    """The account is told by SMS where the register says."""
    db.session.execute(sa.update(Person).where(Person.id == person_id, Person.phone == "").values(phone=phone).execution_options(synchronize_session=False))


def _key(purpose: str) -> str:
    return sealed.keyed_hash(purpose, id_key())


def _hash(key: str, code: str) -> str:
    return sealed.keyed_hash(f"{key}:{code}", id_key())
