"""What may be read at the door, of the zone's list, and of checks by hand."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from consortium.accounts import queries as accounts
from consortium.organisations.models import Check, CheckNote, Enterprise, Licence, ListedEnterprise, Registration
from consortium.organisations.rules.registration import masked_name
from consortium.shared import clock
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed


def at_door(token_hash: str) -> Registration:
    """The registration of this token while its day lasts, or NotFound."""
    found = db.session.scalar(
        sa.select(Registration)
        .where(Registration.token_hash == token_hash, Registration.expires_at > clock.now())
        .options(joinedload(Registration.person))
    )
    if found is None:
        raise NotFound
    return found


def enterprise_by_code(credit_code: str) -> Enterprise | None:
    """The enterprise registered under this code."""
    return db.session.scalar(sa.select(Enterprise).where(Enterprise.credit_code == credit_code).options(joinedload(Enterprise.tenant)))


def administrator(tenant_id: int) -> str:
    """Whom to ask, in part only: 王*."""
    heads = accounts.heads_of(tenant_id, Role.ENTERPRISE_HEAD)
    return masked_name(heads[0].person.name) if heads else "*"


def on_list(credit_code: str) -> ListedEnterprise | None:
    """The zone's own entry for this code."""
    return db.session.scalar(sa.select(ListedEnterprise).where(ListedEnterprise.credit_code == credit_code))


def zone_list(actor: Actor, page: int = 1, query: str = "") -> Listing:
    """The zone's list by name."""
    statement = sa.select(ListedEnterprise).where(ListedEnterprise.tenant_id == actor.tenant_id).order_by(ListedEnterprise.name, ListedEnterprise.id)
    if query.strip():
        wanted = query.strip()
        statement = statement.where(
            sa.or_(ListedEnterprise.name.contains(wanted, autoescape=True), ListedEnterprise.credit_code == wanted.upper())
        )
    return listed(statement, page)


def reachable_entry(actor: Actor, public_id: uuid.UUID) -> ListedEnterprise:
    """One entry of the own list, or NotFound."""
    found = db.session.scalar(
        sa.select(ListedEnterprise).where(ListedEnterprise.tenant_id == actor.tenant_id, ListedEnterprise.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found


def registered_codes(codes: list[str]) -> set[str]:
    """Which of these codes are registered here already."""
    return set(db.session.scalars(sa.select(Enterprise.credit_code).where(Enterprise.credit_code.in_(codes))))


def check_of(tenant_id: int) -> Check | None:
    """The check of one firm; none for those that were here before checks were."""
    return db.session.scalar(sa.select(Check).where(Check.tenant_id == tenant_id).options(joinedload(Check.tenant)))


def reachable_check(actor: Actor, public_id: uuid.UUID) -> Check:
    """Any check for the zone, one's own for a firm, or NotFound."""
    statement = sa.select(Check).where(Check.public_id == public_id).options(joinedload(Check.tenant))
    if actor.role not in (Role.ZONE_OFFICER, Role.ZONE_HEAD):
        statement = statement.where(Check.tenant_id == actor.tenant_id)
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def place_in_queue(check: Check) -> int | None:
    """1 for who is next; None for who does not wait."""
    if check.state != "waiting" or check.queued_at is None:
        return None
    earlier = sa.or_(Check.queued_at < check.queued_at, sa.and_(Check.queued_at == check.queued_at, Check.id < check.id))
    return 1 + (db.session.scalar(sa.select(sa.func.count()).select_from(Check).where(Check.state == "waiting", earlier)) or 0)


def checks(state: str = "waiting", page: int = 1) -> Listing:
    """Checks in a state ('' all), the longest waiting first."""
    statement = sa.select(Check).options(joinedload(Check.tenant)).order_by(Check.queued_at.is_(None), Check.queued_at, Check.id)
    if state:
        statement = statement.where(Check.state == state)
    return listed(statement, page)


def n_waiting(actor: Actor) -> int:
    """How many firms wait for the zone."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Check).where(Check.state == "waiting")) or 0


def notes_of(check: Check) -> list[CheckNote]:
    """What was said, oldest first."""
    return list(db.session.scalars(sa.select(CheckNote).where(CheckNote.check_id == check.id).order_by(CheckNote.id)))


def licences_of(check: Check) -> list[Licence]:
    """Photos handed in, newest first; destroyed ones have no content any more. The content is not read here."""
    return list(
        db.session.scalars(sa.select(Licence).where(Licence.check_id == check.id).options(sa.orm.defer(Licence.sealed_content)).order_by(Licence.id.desc()).limit(10))
    )


def licence_is_there(check: Check) -> bool:
    """Whether a photo can still be looked at."""
    return bool(db.session.scalar(sa.select(sa.exists().where(Licence.check_id == check.id, Licence.sealed_content.is_not(None)))))


def newest_licence(check: Check) -> Licence:
    """The newest photo that is still kept, or NotFound."""
    found = db.session.scalar(
        sa.select(Licence).where(Licence.check_id == check.id, Licence.sealed_content.is_not(None)).order_by(Licence.id.desc()).limit(1)
    )
    if found is None:
        raise NotFound
    return found
