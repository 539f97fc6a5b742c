"""What may be read of the three lists: one's own rows, published rows for colleges, all but drafts for the zone."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from consortium.accounts.models import Tenant
from consortium.organisations.models import Enterprise, ListItem
from consortium.reference import industries
from consortium.shared.access import Actor, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed

MOST_EXPORTED = 20_000


def visible_to(actor: Actor) -> sa.Select[ListItem]:
    """Rows within reach."""
    every = sa.select(ListItem)
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        return every.where(ListItem.tenant_id == actor.tenant_id)
    if actor.tenant_kind is TenantKind.ZONE:
        return every.where(ListItem.state != "draft")
    if actor.tenant_kind is TenantKind.COLLEGE:
        return every.where(ListItem.state == "open")
    return every.where(sa.false())


def reachable(actor: Actor, public_id: uuid.UUID) -> ListItem:
    """One of them, or NotFound."""
    found = db.session.scalar(visible_to(actor).where(ListItem.public_id == public_id).options(joinedload(ListItem.tenant)))
    if found is None:
        raise NotFound
    return found


def own(actor: Actor, public_id: uuid.UUID) -> ListItem:
    """A row of one's own firm, or NotFound."""
    found = reachable(actor, public_id)
    if found.tenant_id != actor.tenant_id:
        raise NotFound
    return found


def _filtered(actor: Actor, asked: Mapping[str, str]) -> sa.Select[ListItem]:
    """By kind, state, leading industry, class of majors, and a word of firm or row."""
    statement = visible_to(actor).join(ListItem.tenant).options(joinedload(ListItem.tenant))
    for name, column in (("kind", ListItem.kind), ("state", ListItem.state), ("class_key", ListItem.class_key)):
        if asked.get(name):
            statement = statement.where(column == asked[name])
    if asked.get("industry"):
        codes = {code for code in db.session.scalars(sa.select(Enterprise.industry_code).distinct()) if industries.leading(code) == asked["industry"]}
        statement = statement.where(ListItem.tenant_id.in_(sa.select(Enterprise.tenant_id).where(Enterprise.industry_code.in_(codes))))
    if asked.get("q", "").strip():
        wanted = asked["q"].strip()
        statement = statement.where(
            sa.or_(ListItem.title.contains(wanted, autoescape=True), Tenant.name_zh.contains(wanted, autoescape=True), ListItem.about.contains(wanted, autoescape=True))
        )
    return statement.order_by(Tenant.name_zh, ListItem.kind, ListItem.id)


def listing(actor: Actor, asked: Mapping[str, str], page: int = 1, size: int = 50) -> Listing:
    """A page of rows within reach."""
    return listed(_filtered(actor, asked), page, size)


def every(actor: Actor, asked: Mapping[str, str]) -> list[ListItem]:
    """The same without pages, for an export."""
    return list(db.session.scalars(_filtered(actor, asked).limit(MOST_EXPORTED)))


def counts(actor: Actor) -> Counter[str]:
    """How many rows of each kind are within reach and not ended."""
    rows = visible_to(actor).where(ListItem.state != "closed").subquery()
    found: dict[str, int] = dict(db.session.execute(sa.select(rows.c.kind, sa.func.count()).group_by(rows.c.kind)).all())
    return Counter(found)
