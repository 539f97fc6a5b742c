"""A firm registers itself: code, contact, proof of the phone, and then verified at once, waiting for the check, or asking to join. Flushes; the edge commits."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from consortium.accounts import service as accounts
from consortium.accounts.models import JoinRequest, Membership, Person, Tenant
from consortium.accounts.service import Proof, belonging
from consortium.organisations import wording
from consortium.organisations.events import enterprise_registered
from consortium.organisations.models import Check, Enterprise, Registration
from consortium.organisations.queries import registration as queries
from consortium.organisations.rules import registration as rules
from consortium.reference import identity, industries
from consortium.shared import audit, clock
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db, insert_ignoring
from consortium.shared.errors import Conflict, Invalid, NotFound, TooMany
from consortium.shared.i18n import lazy_gettext as _l

LASTS = timedelta(hours=24)
NAME, INDUSTRY, ADDRESS = "firm_name", "industry_code", "address"


def begin(told: str) -> str:
    """Whoever stands at the door says a credit code; returns the token of the way on. Raises Invalid."""
    code = identity.normalised(told)
    problem = identity.credit_problem(code)
    if problem:
        raise Invalid({"credit_code": [wording.CREDIT[problem]]})
    token = secrets.token_urlsafe(32)
    found = Registration(token_hash=accounts.token_hash(token), credit_code=code, expires_at=clock.now() + LASTS)
    known = queries.on_list(code)
    if known is not None:
        found.name, found.address, found.industry_code = known.name, known.address, known.industry_code
    db.session.add(found)
    db.session.flush()
    audit.record("begin-registration", found, by=None)
    return token


def name_contact(registration: Registration, token: str, values: dict[str, Any]) -> str:
    """The firm's facts where the list does not know them, and whose phone is to be proved; returns the code to send. Raises Invalid, TooMany, Conflict."""
    _refuse_finished(registration)
    phone = identity.normalised(str(values.get("phone") or "")).removeprefix("+86").replace("-", "")
    faults = _facts(registration, values)
    if identity.phone_problem(phone):
        faults["phone"] = [wording.PHONE]
    if faults:
        raise Invalid(faults)
    _may_send(registration)
    name = " ".join(str(values["contact"]).split())
    if registration.person is None:
        registration.person = accounts.open_person(name, phone)
    registration.person.name, registration.person.phone = name, phone
    return _new_code(registration, token)


def send_again(registration: Registration, token: str) -> str:
    """Another code to the same phone; the earlier one ends. Raises TooMany, Conflict."""
    _refuse_finished(registration)
    if registration.person is None:
        raise Conflict(_l("Give the contact first."))
    _may_send(registration)
    return _new_code(registration, token)


def try_code(registration: Registration, token: str, code: str) -> None:
    """Count the try, then compare; the edge commits in every case. Raises Invalid or TooMany."""
    _refuse_finished(registration)
    if registration.proved_at is not None:
        return
    now, n = clock.now(), Registration.n_wrong
    tried = db.session.execute(
        sa.update(Registration)
        .where(
            Registration.id == registration.id, n < rules.MOST_WRONG, Registration.code_expires_at > now,
            sa.or_(Registration.wait_until.is_(None), Registration.wait_until <= now),
        )
        .values(
            n_wrong=n + 1,
            wait_until=sa.case(
                *((n + 1 == k, now + timedelta(seconds=rules.wait_after(k))) for k in range(1, rules.MOST_WRONG + 1) if rules.wait_after(k)),
                else_=Registration.wait_until,
            ),
        )
        .returning(Registration.code_hash)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()  # fmt: skip
    db.session.refresh(registration)
    right = tried is not None and secrets.compare_digest(tried, _hashed(token, code))
    if right:
        registration.proved_at, registration.wait_until, registration.code_hash = now, None, ""
        db.session.flush()
    audit.record("try-registration-code", registration, by=None, result="done" if right else "refused")
    if right:
        return
    if registration.wait_until is not None and registration.wait_until > now and not rules.is_spent(registration.n_wrong):
        raise TooMany(max(1, round((registration.wait_until - now).total_seconds())), _l("The code was wrong several times."))
    if tried is None or rules.is_spent(registration.n_wrong):
        raise Invalid({"code": [_l("This code does not hold any more: have a new one sent.")]})
    raise Invalid({"code": [_l("This is not the code we sent. Look at the newest SMS.")]})


def prove(registration: Registration, password: str) -> Proof:
    """Check or hash the password; only reads, so that hashing holds no lock. Raises Invalid or Conflict."""
    _refuse_finished(registration)
    if registration.proved_at is None or registration.person is None:
        raise Conflict(_l("The phone is not proved yet."))
    return accounts.prove_phone(registration.person, password)


def finish(registration: Registration, proof: Proof) -> Membership | JoinRequest:
    """Use the door once: found the enterprise with its head, or ask the head of the one that is there. Raises Conflict."""
    _refuse_finished(registration)
    if registration.proved_at is None or registration.person is None:
        raise Conflict(_l("The phone is not proved yet."))
    used = db.session.execute(
        sa.update(Registration)
        .where(Registration.id == registration.id, Registration.finished_at.is_(None))
        .values(finished_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise _finished()
    phone = registration.person.phone
    person = accounts.settle_person(registration.person, proof)
    there = queries.enterprise_by_code(registration.credit_code)
    if there is None:
        founded = _found(registration, person, phone)
        if founded is not None:
            return founded
        there = queries.enterprise_by_code(registration.credit_code)  # somebody else was quicker by an instant
        assert there is not None
    audit.record("registration-joins", registration, by=None)
    return belonging.ask_to_join(person, there.tenant)


def _found(registration: Registration, person: Person, phone: str) -> Membership | None:
    """One tenant, one enterprise, its head and its check; None where the code was taken at this instant."""
    known = queries.on_list(registration.credit_code)
    name = known.name if known else registration.name
    industry = known.industry_code if known else registration.industry_code
    at_once = rules.verified_at_once(known.phone if known else None, phone)
    now = clock.now()
    tenant = Tenant(kind=TenantKind.ENTERPRISE.value, name_zh=name, name_en="")
    db.session.add(tenant)
    db.session.flush()
    row = {
        "tenant_id": tenant.id, "credit_code": registration.credit_code, "industry_code": industry, "host_type": rules.host_type(industry),
        "address": registration.address, "verified_at": now if at_once else None, "credit_checked_on": clock.today() if at_once else None,
    }  # fmt: skip
    if not insert_ignoring(Enterprise, [row], ["credit_code"]):
        db.session.delete(tenant)
        db.session.flush()
        return None
    enterprise = db.session.scalars(sa.select(Enterprise).where(Enterprise.tenant_id == tenant.id)).one()
    membership = accounts.give_role(person.id, tenant.id, Role.ENTERPRISE_HEAD)
    db.session.add(Check(tenant_id=tenant.id, state="verified" if at_once else "lacking", decided_at=now if at_once else None))
    db.session.flush()
    audit.record("register-enterprise", enterprise, by=membership.actor(), at_once=at_once, industry=industry)
    enterprise_registered.announce(tenant_id=tenant.id)
    return membership


def forget_expired() -> int:
    """What was left standing at the door for a day: names and numbers of those who never proved them go."""
    gone = list(db.session.scalars(sa.select(Registration).where(Registration.expires_at <= clock.now()).options(sa.orm.joinedload(Registration.person)).limit(500)))
    for one in gone:
        if one.person is not None:
            accounts.forget_person(one.person)
        db.session.delete(one)
    if gone:
        audit.record("forget-registrations", ("registrations", None), by=None, n=len(gone))
    db.session.flush()
    return len(gone)


def _facts(registration: Registration, values: dict[str, Any]) -> dict[str, list[Any]]:
    """Take the typed facts over where neither the list nor a registered firm knows better; what is wrong with them."""
    faults: dict[str, list[Any]] = {}
    if not " ".join(str(values.get("contact") or "").split()):
        faults["contact"] = [wording.PROBLEMS["needed"]]
    if queries.enterprise_by_code(registration.credit_code) is not None:
        return faults
    registration.address = " ".join(str(values.get(ADDRESS) or "").split()) or registration.address
    if queries.on_list(registration.credit_code) is not None:
        return faults
    registration.name = " ".join(str(values.get(NAME) or "").split())
    registration.industry_code = str(values.get(INDUSTRY) or "").strip().upper()
    if not registration.name:
        faults[NAME] = [wording.PROBLEMS["needed"]]
    if registration.industry_code not in industries.names():
        faults[INDUSTRY] = [_l("An industry of GB/T 4754: type a part of its name and choose.")]
        registration.industry_code = ""
    return faults


def _may_send(registration: Registration) -> None:
    seconds = rules.may_send(registration.n_sent, registration.code_sent_at, clock.now())
    if seconds is None:
        raise Conflict(_l("Too many codes were sent."), how=_l("Begin the registration again tomorrow, or ask the zone's office."))
    if seconds:
        raise TooMany(seconds, _l("A code was sent a moment ago."))


def _new_code(registration: Registration, token: str) -> str:
    """Only what code and token give together is kept: a stolen database tells no code."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    registration.code_hash = _hashed(token, code)
    registration.n_sent += 1
    registration.code_sent_at, registration.code_expires_at = clock.now(), clock.now() + rules.CODE_LASTS
    registration.n_wrong, registration.wait_until, registration.proved_at = 0, None, None
    db.session.flush()
    audit.record("send-registration-code", registration, by=None, n=registration.n_sent)
    return code


def _hashed(token: str, code: str) -> str:
    return hashlib.sha256(f"{token}:{identity.normalised(code)}".encode()).hexdigest()


def _refuse_finished(registration: Registration) -> None:
    if registration.finished_at is not None:
        raise _finished()


def _finished() -> NotFound:
    return NotFound(_l("This registration is finished"), why=_l("It was used already."), how=_l("Sign in with your phone number and password."))
