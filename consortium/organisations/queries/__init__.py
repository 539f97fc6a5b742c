"""What may be read of organisations and their quota."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from consortium.accounts.models import Tenant
from consortium.organisations import access
from consortium.organisations.models import College, CollegeMajor, Enterprise, PostFamily, QuotaHold, SiteVisit
from consortium.organisations.rules import Room, cap, peak
from consortium.organisations.rules import next_window as next_room
from consortium.reference import colleges, industries, law, majors, occupations, places
from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed

LISTS = {
    "majors": majors.index,
    "occupations": occupations.index,
    "industries": industries.index,
    "places": places.index,
    "colleges": colleges.index,
}
"""Official lists that a field may be filled from by typeahead."""


def enterprise_of(tenant_id: int) -> Enterprise:
    """The enterprise of a tenant; raises NotFound."""
    found = db.session.scalar(sa.select(Enterprise).where(Enterprise.tenant_id == tenant_id).options(joinedload(Enterprise.tenant)))
    if found is None:
        raise NotFound
    return found


def college_of(tenant_id: int) -> College:
    """The college of a tenant; raises NotFound."""
    found = db.session.scalar(sa.select(College).where(College.tenant_id == tenant_id).options(joinedload(College.tenant)))
    if found is None:
        raise NotFound
    return found


def majors_of(tenant_id: int) -> list[CollegeMajor]:
    """The majors a college runs or ran, by code."""
    return list(db.session.scalars(sa.select(CollegeMajor).where(CollegeMajor.tenant_id == tenant_id).order_by(CollegeMajor.major_code)))


def reachable_major(actor: Actor, public_id: uuid.UUID) -> CollegeMajor:
    """A major of one's own college, or NotFound."""
    found = db.session.scalar(sa.select(CollegeMajor).where(CollegeMajor.tenant_id == actor.tenant_id, CollegeMajor.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def enterprises(tenant_ids: Iterable[int] | None = None) -> dict[int, Enterprise]:
    """All (or those of some tenants), by tenant id."""
    statement = sa.select(Enterprise).options(joinedload(Enterprise.tenant))
    if tenant_ids is not None:
        statement = statement.where(Enterprise.tenant_id.in_(list(tenant_ids)))
    return {e.tenant_id: e for e in db.session.scalars(statement)}


def reachable(actor: Actor, public_id: uuid.UUID) -> Enterprise:
    """An enterprise this reader may see, or NotFound."""
    found = db.session.scalar(
        access.visible_to(actor).where(Enterprise.public_id == public_id).options(joinedload(Enterprise.tenant))
    )
    if found is None:
        raise NotFound
    return found


def listing(actor: Actor, page: int, query: str = "", state: str = "", size: int = 50) -> Listing:
    """Enterprises by name, perhaps only the (un)verified."""
    statement = access.visible_to(actor).join(Enterprise.tenant).options(joinedload(Enterprise.tenant)).order_by(Tenant.name_zh, Enterprise.id)
    if query:
        wanted = query.strip()
        statement = statement.where(
            sa.or_(
                Tenant.name_zh.contains(wanted, autoescape=True),
                sa.func.lower(Tenant.name_en).contains(wanted.lower(), autoescape=True),
                Enterprise.credit_code == wanted.upper(),
            )
        )
    if state == "verified":
        statement = statement.where(Enterprise.verified_at.is_not(None))
    elif state == "unverified":
        statement = statement.where(Enterprise.verified_at.is_(None))
    return listed(statement, page, size)


def colleges_by_name() -> list[tuple[uuid.UUID, Tenant]]:
    """The colleges of the consortium, by name: (public id of the college, tenant)."""
    statement = sa.select(College.public_id, Tenant).join(Tenant, Tenant.id == College.tenant_id).order_by(Tenant.name_zh, Tenant.id)
    return [(public_id, tenant) for public_id, tenant in db.session.execute(statement)]


def families_of(tenant_id: int) -> list[PostFamily]:
    """Kinds of posts of one firm."""
    return list(db.session.scalars(sa.select(PostFamily).where(PostFamily.tenant_id == tenant_id).order_by(PostFamily.id)))


def quota_room(tenant_id: int, family_id: int | None, from_on: date, to_on: date, *, but: uuid.UUID | None = None) -> Room:
    """Caps and peak use within the window, over all colleges; `but` leaves out one holder."""
    limits = law.thresholds(from_on)
    staff = db.session.scalar(sa.select(Enterprise.staff).where(Enterprise.tenant_id == tenant_id))
    family_staff = (
        db.session.scalar(sa.select(PostFamily.staff).where(PostFamily.id == family_id, PostFamily.tenant_id == tenant_id)) if family_id else None
    )
    holds = _holds(tenant_id, from_on, to_on, but)
    return Room(
        cap(staff, limits["firm_share"]),
        peak([h[:3] for h in holds], from_on, to_on),
        cap(family_staff, limits["family_share"]),
        peak([h[:3] for h in holds if h[3] == family_id], from_on, to_on),
    )


def next_window(tenant_id: int, family_id: int | None, heads: int, from_on: date, to_on: date, *, but: uuid.UUID | None = None) -> date | None:
    """The first day from which so many interns fit for as long; None where they never do."""
    limits = law.thresholds(from_on)
    staff = db.session.scalar(sa.select(Enterprise.staff).where(Enterprise.tenant_id == tenant_id))
    family_staff = db.session.scalar(sa.select(PostFamily.staff).where(PostFamily.id == family_id, PostFamily.tenant_id == tenant_id))
    holds = _holds(tenant_id, from_on, date.max, but)
    shares = (
        (cap(staff, limits["firm_share"]), [h[:3] for h in holds]),
        (cap(family_staff, limits["family_share"]), [h[:3] for h in holds if h[3] == family_id]),
    )
    return next_room(shares, heads, from_on, to_on)


def rooms(enterprise: Enterprise, families: Sequence[PostFamily], from_on: date, to_on: date) -> tuple[Room, dict[int, Room]]:
    """The same for the firm and for all its kinds of posts at once: one query."""
    limits = law.thresholds(from_on)
    holds = _holds(enterprise.tenant_id, from_on, to_on, None)
    firm_cap, firm_used = cap(enterprise.staff, limits["firm_share"]), peak([h[:3] for h in holds], from_on, to_on)
    by_family = {
        family.id: Room(
            firm_cap, firm_used, cap(family.staff, limits["family_share"]), peak([h[:3] for h in holds if h[3] == family.id], from_on, to_on)
        )
        for family in families
    }
    return Room(firm_cap, firm_used, None, 0), by_family


def _holds(tenant_id: int, from_on: date, to_on: date, but: uuid.UUID | None) -> list[tuple[date, date, int, int | None]]:
    # columns, not rows: a row already seen in this session would show what was there before the lock
    statement = sa.select(QuotaHold.from_on, QuotaHold.to_on, QuotaHold.heads, QuotaHold.family_id).where(
        QuotaHold.tenant_id == tenant_id, QuotaHold.from_on <= to_on, QuotaHold.to_on >= from_on
    )
    if but is not None:
        statement = statement.where(QuotaHold.holder != but)
    return [(first, last, heads, family) for first, last, heads, family in db.session.execute(statement)]


def holds_of(tenant_id: int, from_on: date) -> list[tuple[QuotaHold, str]]:
    """What is held from a day on, by first day: (hold, kind of post); over all colleges."""
    rows = db.session.execute(
        sa.select(QuotaHold, PostFamily.name)
        .outerjoin(PostFamily, sa.and_(PostFamily.id == QuotaHold.family_id, PostFamily.tenant_id == QuotaHold.tenant_id))
        .where(QuotaHold.tenant_id == tenant_id, QuotaHold.to_on >= from_on)
        .order_by(QuotaHold.from_on, QuotaHold.id)
        .limit(100)
    )
    return [(hold, name or "") for hold, name in rows]


def caps_at_a_glance() -> list[tuple[Enterprise, int, int]]:
    """Every firm with a known head-count: (enterprise, cap, peak use within the next year), fullest first."""
    today = clock.today()
    share = law.thresholds(today)["firm_share"]
    holds: dict[int, list[tuple[date, date, int]]] = defaultdict(list)
    for h in db.session.scalars(sa.select(QuotaHold).where(QuotaHold.to_on >= today)):
        holds[h.tenant_id].append((h.from_on, h.to_on, h.heads))
    found = []
    for firm in enterprises().values():
        limit = cap(firm.staff, share)
        if limit is not None:
            found.append((firm, limit, peak(holds[firm.tenant_id], today, today + timedelta(days=365))))
    return sorted(found, key=lambda row: -(row[2] / row[1] if row[1] else float(row[2] > 0)))


def visit(college_tenant_id: int, enterprise_tenant_id: int) -> SiteVisit | None:
    """A college's visit to a host, if recorded."""
    return db.session.scalar(
        sa.select(SiteVisit).where(
            SiteVisit.college_tenant_id == college_tenant_id, SiteVisit.enterprise_tenant_id == enterprise_tenant_id
        )
    )


def all_colleges() -> list[College]:
    """Every college that takes part, by name: what anybody may know."""
    wanted = sa.select(College).join(Tenant, Tenant.id == College.tenant_id).where(Tenant.state == "active").options(joinedload(College.tenant))
    return list(db.session.scalars(wanted.order_by(Tenant.name_zh)))
