"""Signing in and out, passwords, invitations, suspension. Flushes; the edge commits."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from consortium.accounts import queries, rules
from consortium.accounts.events import invitation_accepted
from consortium.accounts.models import FailedTries, Invitation, Membership, Person, SignIn
from consortium.shared import audit, clock
from consortium.shared.access import Actor, Role
from consortium.shared.db import db, upsert
from consortium.shared.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from consortium.shared.i18n import lazy_gettext as _l

HASHER = PasswordHasher()
DUMMY_HASH = HASHER.hash(secrets.token_urlsafe(16))  # verified for unknown users, so that both cost the same
ACCOUNT_TRIES, ACCOUNT_WINDOW = 5, timedelta(minutes=15)
ADDRESS_TRIES, ADDRESS_WINDOW = 20, timedelta(minutes=5)
INVITATION_LASTS = timedelta(hours=48)
SEEN_EVERY = timedelta(minutes=5)

WORDS = {
    "too-short": _l("At least %(n)d characters.", n=rules.SHORTEST_PASSWORD),
    "too-long": _l("At most %(n)d characters.", n=rules.LONGEST_PASSWORD),
    "common": _l("This password is among the first that are guessed. Choose another."),
    "contains-name": _l("The password may not contain your name or sign-in name."),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found out about a person's password before anything is written."""

    person_id: int | None
    password_hash: str
    replaces: str = ""


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def count_try(login: str, address: str) -> None:
    """Count this try before it is made, so that parallel guesses are counted exactly; raises TooMany.

    The edge commits right after, in both cases.
    """
    _spend(_account_key(login), ACCOUNT_TRIES, ACCOUNT_WINDOW)
    _spend(token_hash("address:" + address), ADDRESS_TRIES, ADDRESS_WINDOW)


def spend(what: str, most: int, window: timedelta) -> None:
    """Count one use of a scarce thing (`sms:138…`, `door:203.0.113.7`) before it is used; raises TooMany. The edge commits in both cases."""
    _spend(token_hash(what), most, window)


def _spend(key: str, most: int, window: timedelta) -> None:
    n, ends = _counted(key, window)
    if n > most:
        raise TooMany(max(1, int((ends - clock.now()).total_seconds())), _l("Too many tries for this account."))


def verified_membership(login: str, password: str) -> Membership | None:
    """The membership to begin with, if name and password belong together.

    Always runs one hash and gives one answer for unknown, wrong and suspended; reads only (hashing holds no lock).
    """
    person = queries.person_by_login(login)
    right = _verified(person.password_hash if person and person.password_hash else DUMMY_HASH, password)
    if not (right and person and person.password_hash and person.state == "active"):
        return None
    return next(iter(queries.memberships_of(person.id)), None)


def refused_sign_in(login: str) -> Invalid:
    """Record a refused try; the error to show."""
    person = queries.person_by_login(login)
    audit.record("sign-in", ("persons", person.id if person else None), by=None, result="refused")
    return Invalid({"login": [_l("Name and password do not belong together.")]})


def forget_tries(login: str, address: str) -> None:
    """A right password clears the account's count and gives the address this one try back (a class behind one address)."""
    db.session.execute(sa.delete(FailedTries).where(FailedTries.key == _account_key(login)))
    db.session.execute(
        sa.update(FailedTries)
        .where(FailedTries.key == token_hash("address:" + address), FailedTries.n > 0)
        .values(n=FailedTries.n - 1)
    )
    db.session.execute(sa.delete(FailedTries).where(FailedTries.window_ends_at < clock.now() - timedelta(days=1)))


def open_session(membership: Membership, *, device: str = "") -> str:
    """Begin a session for a person already known; returns its token."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        SignIn(
            token_hash=token_hash(token),
            person_id=membership.person_id,
            membership_id=membership.id,
            created_at=now,
            seen_at=now,
            device=device[:200],
        )
    )
    audit.record("sign-in", ("persons", membership.person_id), by=membership.actor())
    db.session.flush()
    return token


def sign_out(token: str, *, by: Actor | None = None) -> None:
    """End one session; replaying its cookie afterwards opens nothing."""
    if by is not None:
        audit.record("sign-out", ("persons", by.person_id), by=by)
    db.session.execute(
        sa.update(SignIn)
        .where(SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def end_sessions(person_id: int, *, but: str | None = None) -> None:
    """End all of a person's sessions, perhaps all but the one with this token."""
    statement = sa.update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if but:
        statement = statement.where(SignIn.token_hash != token_hash(but))
    db.session.execute(statement.values(ended_at=clock.now()))


def end_other_sessions(actor: Actor, *, token: str) -> None:
    """End all of one's own sessions but this one."""
    end_sessions(actor.person_id, but=token)
    audit.record("end-other-sessions", ("persons", actor.person_id), by=actor)


def touch(sign_in_id: int) -> None:
    """Note that a session lives."""
    db.session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=clock.now()))


def switch(token: str, actor: Actor, membership_public_id: object) -> Membership:
    """End this session to begin another for one of one's own organisations (the edge opens it); raises NotFound."""
    for one in queries.memberships_of(actor.person_id):
        if one.public_id == membership_public_id:
            sign_out(token)
            audit.record("switch-organisation", one, by=actor)
            return one
    raise NotFound


def new_password(actor: Actor, old: str, new: str) -> Proof:
    """Check the present password and hash the new one; only reads, so that hashing holds no lock. Raises Invalid."""
    person = db.session.get_one(Person, actor.person_id)
    if not _verified(person.password_hash or DUMMY_HASH, old) or not person.password_hash:
        raise Invalid({"old": [_l("This is not your present password.")]})
    return Proof(person.id, _hashed(new, person.login, person.name, field="new"), person.password_hash)


def change_password(actor: Actor, proof: Proof, *, token: str) -> None:
    """Set the new password and end every other session; raises Conflict where another change came between."""
    person = db.session.get_one(Person, actor.person_id)
    if person.id != proof.person_id or person.password_hash != proof.replaces:
        raise Conflict(_l("The password was changed meanwhile."), how=_l("Sign in with the new one."))
    person.password_hash = proof.password_hash
    end_sessions(person.id, but=token)
    audit.record("change-password", person, by=actor)


def invite(actor: Actor, *, role: Role, login: str, name: str, email: str = "") -> str:
    """Invite a colleague; returns the link's token, told once. Raises Forbidden or Conflict."""
    if not rules.may_invite(actor.role, actor.tenant_kind, role):
        raise Forbidden(_l("You may not give this role."))
    return invite_into(actor.tenant_id, role=role, login=login, name=name, email=email, by=actor)


def invite_into(tenant_id: int, *, role: Role, login: str, name: str, email: str = "", by: Actor | None) -> str:
    """The same into a given organisation, for use cases that have checked the right themselves."""
    login = login.strip().lower()
    known = queries.person_by_login(login)
    if known and any(m.tenant_id == tenant_id and m.role == role for m in queries.memberships_of(known.id)):
        raise Conflict(_l("%(login)s already has this role here.", login=login))
    token = secrets.token_urlsafe(32)
    invitation = queries.invitation_of(tenant_id, role, login) or Invitation(tenant_id=tenant_id, role=role.value, login=login)
    invitation.name, invitation.email = name.strip(), email.strip()  # invited again: the earlier link ends, no second row
    invitation.token_hash, invitation.expires_at = token_hash(token), clock.now() + INVITATION_LASTS
    invitation.invited_by_id = by.person_id if by else None
    db.session.add(invitation)
    db.session.flush()
    audit.record("invite", invitation, by=by, role=role.value)
    return token


def withdraw_invitation(invitation: Invitation, *, by: Actor) -> None:
    """The link opens nothing any more. Raises Conflict for one that was used."""
    if invitation.used_at is not None:
        raise Conflict(_l("This invitation was accepted already."), how=_l("Suspend the colleague instead."))
    invitation.expires_at = min(invitation.expires_at, clock.now())
    audit.record("withdraw-invitation", invitation, by=by)
    db.session.flush()


def open_person(name: str, phone: str) -> Person:
    """Somebody whose phone is still to be proved: nobody can sign in as them yet."""
    person = Person(login=f"pending-{secrets.token_hex(12)}", name=name, phone=phone, state="pending")
    db.session.add(person)
    db.session.flush()
    return person


def prove_phone(person: Person, password: str) -> Proof:
    """Check the password of the account this proved phone already signs in by, or hash a new one; only reads. Raises Invalid."""
    known = queries.person_by_login(person.phone)
    if known is None:
        return Proof(None, _hashed(password, person.phone, person.name, field="password"))
    if not (_verified(known.password_hash or DUMMY_HASH, password) and known.password_hash and known.state == "active"):
        raise Invalid({"password": [_l("You already have an account: give its password to add this organisation.")]})
    return Proof(known.id, known.password_hash)


def settle_person(pending: Person, proof: Proof) -> Person:
    """The person behind a proved phone: the one who has it, or the pending one who may sign in by it from now on. Raises Conflict."""
    known = queries.person_by_login(pending.phone)
    if known is not None and (known.id != proof.person_id or known.password_hash != proof.password_hash):
        raise Conflict(_l("This sign-in name was taken meanwhile"), how=_l("Send the form once more."))
    if known is not None:
        pending.state, pending.phone, pending.name = "merged", "", "–"
        db.session.flush()
        return known
    pending.login, pending.password_hash, pending.state = pending.phone, proof.password_hash, "active"
    db.session.flush()
    return pending


def forget_person(pending: Person) -> None:
    """Somebody who never proved the phone: name and number go."""
    if pending.state == "pending":
        pending.state, pending.phone, pending.name = "abandoned", "", "–"
        db.session.flush()


def prove(token: str, password: str) -> Proof:
    """Check (or hash) the invited person's password; only reads, so that hashing holds no lock.

    Raises NotFound where the link is used, expired or unknown, Invalid where the password is not taken.
    """
    invitation = queries.open_invitation(token_hash(token))
    if invitation is None:
        raise NotFound
    person = queries.person_by_login(invitation.login)
    if person is None:
        return Proof(None, _hashed(password, invitation.login, invitation.name, field="password"))
    if not (_verified(person.password_hash or DUMMY_HASH, password) and person.password_hash and person.state == "active"):
        raise Invalid({"password": [_l("You already have an account: give its password to add this organisation.")]})
    return Proof(person.id, person.password_hash)


def accept_invitation(token: str, proof: Proof) -> Membership:
    """Use the link once: make the person (or add to the one who proved the password), give the role.

    Raises NotFound where the link is used, expired or unknown, Conflict where the sign-in name was taken meanwhile.
    """
    invitation = queries.open_invitation(token_hash(token))
    if invitation is None:
        raise NotFound
    used = db.session.execute(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    person = queries.person_by_login(invitation.login)
    if person is None:
        person = Person(
            login=invitation.login, name=invitation.name, email=invitation.email, password_hash=proof.password_hash
        )
        db.session.add(person)
    elif person.id != proof.person_id or person.password_hash != proof.password_hash:
        raise Conflict(_l("This sign-in name was taken meanwhile"), how=_l("Open the link again."))
    db.session.flush()
    membership = give_role(person.id, invitation.tenant_id, Role(invitation.role))
    audit.record("accept-invitation", invitation, by=membership.actor())
    invitation_accepted.announce(membership=membership)
    return membership


def give_role(person_id: int, tenant_id: int, role: Role) -> Membership:
    """Add (or wake) a membership."""
    found = db.session.scalar(
        sa.select(Membership).where(
            Membership.person_id == person_id, Membership.tenant_id == tenant_id, Membership.role == role.value
        )
    )
    if found is None:
        found = Membership(person_id=person_id, tenant_id=tenant_id, role=role.value)
        db.session.add(found)
    found.state = "active"
    db.session.flush()
    return found


def suspend(membership: Membership, *, by: Actor) -> None:
    """End a colleague's membership and sessions in this organisation at once."""
    if membership.id == by.membership_id:
        raise Conflict(_l("You cannot suspend yourself."))
    membership.state = "suspended"
    db.session.execute(
        sa.update(SignIn)
        .where(SignIn.membership_id == membership.id, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    audit.record("suspend", membership, by=by)
    db.session.flush()


def restore(membership: Membership, *, by: Actor) -> None:
    """Undo a suspension; who left by themselves must be invited again. Raises Conflict."""
    if membership.state != "suspended":
        raise Conflict(_l("This membership is not suspended."), how=_l("Invite the colleague again."))
    membership.state = "active"
    audit.record("restore", membership, by=by)
    db.session.flush()


def set_language(person_id: int, language: str) -> None:
    """Remember a person's language for pages and mail."""
    db.session.execute(sa.update(Person).where(Person.id == person_id).values(language=language))


def _verified(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _hashed(password: str, login: str, name: str, *, field: str) -> str:
    problem = rules.password_problem(password, login, name)
    if problem:
        raise Invalid({field: [WORDS[problem]]})
    return HASHER.hash(password)


def _account_key(login: str) -> str:
    return token_hash("account:" + login.strip().lower())


def _counted(key: str, window: timedelta) -> tuple[int, datetime]:
    """One atomic statement on both databases; an ended window begins again at one."""
    now = clock.now()
    ended = FailedTries.window_ends_at <= now
    statement = upsert(FailedTries).values(key=key, n=1, window_ends_at=now + window)
    row = db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "n": sa.case((ended, 1), else_=FailedTries.n + 1),
                "window_ends_at": sa.case((ended, now + window), else_=FailedTries.window_ends_at),
            },
        ).returning(FailedTries.n, FailedTries.window_ends_at)
    ).one()
    return row.n, row.window_ends_at
