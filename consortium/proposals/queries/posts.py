"""The search over all open posts, whoever may have them: filters from the address, in the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.accounts.models import Tenant
from consortium.organisations.models import Enterprise
from consortium.positions.models import Position, PositionSkill, Seats
from consortium.reference import industries
from consortium.reference.table import rows as table_rows
from consortium.shared.db import INT_MAX, db
from consortium.shared.listing import Listing, listed

FILTERS = ("query", "kind", "place", "industry", "pay", "begins", "shift", "free", "fits", "sort")
MOST_A_PAGE = 50
CHOICES = {
    "kind": ("internship", "job"), "shift": ("no",), "free": ("yes",), "fits": ("yes", "no"), "sort": ("pay", "begin"),
    "industry": (*industries.LEADING, "other"),
}  # fmt: skip
WHOLE = (
    joinedload(Position.tenant), joinedload(Position.seats), joinedload(Position.family), selectinload(Position.majors),
    selectinload(Position.skills).joinedload(PositionSkill.skill),
)  # fmt: skip


def cleaned(asked: Mapping[str, Any]) -> dict[str, str]:
    """Only what can be filtered by: what cannot be read is left out, so that any address gives a page."""
    found = {name: str(asked.get(name) or "").strip()[:80] for name in FILTERS}
    for name, allowed in CHOICES.items():
        found[name] = found[name] if found[name] in allowed else ""
    found["pay"] = found["pay"] if re.fullmatch(r"\d{1,6}", found["pay"]) else ""
    found["place"] = found["place"] if re.fullmatch(r"\d{2,12}", found["place"]) else ""
    try:
        date.fromisoformat(found["begins"])
    except ValueError:
        found["begins"] = ""
    return found


def posts(asked: Mapping[str, str], page: int, size: int = 30, *, only: set[int] | None = None, but: set[int] | None = None) -> Listing:
    """Open posts by `cleaned` filters; `only`, `but`: ids that are let through, or kept out. A constant number of queries."""
    statement = _filtered(asked)
    if only is not None:
        statement = statement.where(Position.id.in_(only))
    if but is not None:
        statement = statement.where(Position.id.not_in(but))
    order = {"pay": (Position.pay_fen.desc().nulls_last(),), "begin": (Position.start_on.asc().nulls_last(),)}.get(asked["sort"], ())
    return listed(statement.options(*WHOLE).order_by(*order, Position.id.desc()), page, min(size, MOST_A_PAGE))


def new_posts(asked: Mapping[str, str], since: datetime, limit: int) -> list[Position]:
    """What a saved search finds of posts that were published after an instant, newest first."""
    statement = _filtered(cleaned(asked)).where(Position.published_at > since).options(*WHOLE)
    return list(db.session.scalars(statement.order_by(Position.published_at.desc()).limit(limit)).unique())


def places_with_posts() -> list[str]:
    """Codes of places where some post is open."""
    return list(db.session.scalars(sa.select(Position.place_code).where(Position.state == "open", Position.place_code != "").distinct().order_by(Position.place_code)))


def _filtered(asked: Mapping[str, str]) -> sa.Select[Position]:
    statement = sa.select(Position).join(Seats, Seats.position_id == Position.id).where(Position.state == "open")
    if asked["query"]:
        named = sa.select(Tenant.id).where(sa.or_(Tenant.name_zh.contains(asked["query"], autoescape=True), Tenant.name_en.contains(asked["query"], autoescape=True)))
        statement = statement.where(sa.or_(Position.title.contains(asked["query"], autoescape=True), Position.tenant_id.in_(named)))
    if asked["kind"]:
        statement = statement.where(Position.kind == asked["kind"])
    if asked["place"]:
        statement = statement.where(Position.place_code.startswith(asked["place"], autoescape=True))
    if asked["industry"]:
        statement = statement.where(Position.tenant_id.in_(_firms_of(asked["industry"])))
    if asked["pay"]:
        statement = statement.where(Position.pay_fen >= min(int(asked["pay"]) * 100, INT_MAX))
    if asked["begins"]:
        statement = statement.where(Position.start_on >= date.fromisoformat(asked["begins"]))
    if asked["shift"]:
        statement = statement.where(Position.night.is_not(True), Position.rest_days.is_not(True))
    if asked["free"]:
        statement = statement.where(Seats.taken < Seats.places)
    return statement


def _firms_of(industry: str) -> sa.Select[Any]:
    """Firms of a leading industry, by the two-digit divisions that belong to it."""
    def codes(which: Iterable[str]) -> sa.ColumnElement[bool]:
        return sa.func.substr(Enterprise.industry_code, 1, 2).in_(sorted(which))

    divisions = [(row["leading_industry"], row["gbt4754_code"]) for row in table_rows("leading_industries")]
    if industry == "other":
        return sa.select(Enterprise.tenant_id).where(sa.not_(codes(code for _, code in divisions)))
    return sa.select(Enterprise.tenant_id).where(codes(code for of, code in divisions if of == industry))
