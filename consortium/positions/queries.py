"""What may be read of posts, already narrowed to the reader."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.compliance import queries as compliance
from consortium.compliance.queries import Standing
from consortium.matching import eligibility, problem
from consortium.organisations import queries as organisations
from consortium.organisations.models import College, Enterprise, PostFamily, QuotaHold
from consortium.organisations.rules import Room, cap, peak
from consortium.positions import access, rules
from consortium.positions.models import (
    CapOverride,
    MinimumWage,
    Position,
    PositionMajor,
    PositionSkill,
    PositionTemplate,
    Seats,
)
from consortium.reference import industries, law, majors, occupations, places
from consortium.shared import clock
from consortium.shared.access import Actor, TenantKind
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed

WHOLE = (
    joinedload(Position.tenant),
    joinedload(Position.seats),
    joinedload(Position.family),
    selectinload(Position.majors),
    selectinload(Position.skills).joinedload(PositionSkill.skill),
)
ASKED = (joinedload(CapOverride.position), joinedload(CapOverride.tenant), joinedload(CapOverride.college), joinedload(CapOverride.answered_by))
TRIS = ("pay_to_student", "pay_in_kind", "fees", "night", "rest_days", "overtime", "pauses_holidays")
UNKNOWN_IS_MINUS_ONE = ("pay_fen", "same_post_pay_fen", "lowest_grade_fen", "pay_period_days", "labour_level")

FILTERS = ("state", "kind", "query")


def reachable(actor: Actor, public_id: uuid.UUID) -> Position:
    """A post this reader may see, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(Position.public_id == public_id).options(*WHOLE))
    if found is None:
        raise NotFound
    return found


def listing(
    actor: Actor, page: int, *, state: str = "", kind: str = "", query: str = "", tenant_id: int | None = None, size: int = 30
) -> Listing:
    """Posts, newest first."""
    statement = _filtered(actor, state, kind, query)
    if tenant_id is not None:
        statement = statement.where(Position.tenant_id == tenant_id)
    return listed(statement, page, size)


def _filtered(actor: Actor, state: str, kind: str, query: str) -> sa.Select[Position]:
    statement = access.visible_to(actor).options(*WHOLE).order_by(Position.id.desc())
    if state:
        statement = statement.where(Position.state == state)
    if kind:
        statement = statement.where(Position.kind == kind)
    if query:
        statement = statement.where(Position.title.contains(query, autoescape=True))
    return statement


def open_positions(ids: Iterable[int] | None = None) -> list[Position]:
    """Everything that may be in a run; constant number of queries."""
    statement = sa.select(Position).where(Position.state == "open").options(*WHOLE).order_by(Position.id)
    if ids is not None:
        statement = statement.where(Position.id.in_(list(ids)))
    return list(db.session.scalars(statement).unique())


def open_of_all(tenant_ids: Iterable[int]) -> list[Position]:
    """Everything of some firms that may be in a run; constant number of queries."""
    statement = sa.select(Position).where(Position.state == "open", Position.tenant_id.in_(list(tenant_ids))).options(*WHOLE).order_by(Position.id)
    return list(db.session.scalars(statement).unique())


def open_of(tenant_id: int) -> list[Position]:
    """Open posts of one firm."""
    return list(db.session.scalars(sa.select(Position).where(Position.tenant_id == tenant_id, Position.state == "open").order_by(Position.id)))


def by_ids(ids: Iterable[int]) -> dict[int, Position]:
    """Posts by id, for use cases that have checked who may see them."""
    statement = sa.select(Position).where(Position.id.in_(list(ids))).options(*WHOLE)
    return {p.id: p for p in db.session.scalars(statement).unique()}


def by_own_codes(tenant_id: int, codes: Iterable[str]) -> dict[str, Position]:
    """An enterprise's posts by its own codes; a post without one is found by its public id."""
    wanted = sorted(set(codes))
    ids = [uuid.UUID(code) for code in wanted if len(code) == 36 and code.count("-") == 4 and not set(code) - set("0123456789abcdef-")]
    found: dict[str, Position] = {}
    for start in range(0, len(wanted), 500):
        mine = sa.or_(Position.own_code.in_(wanted[start : start + 500]), Position.public_id.in_(ids[start : start + 500]))
        statement = sa.select(Position).where(Position.tenant_id == tenant_id, mine).options(*WHOLE)
        for post in db.session.scalars(statement).unique():
            found[str(post.public_id)] = post
            if post.own_code:
                found[post.own_code] = post
    return found


def families_of(tenant_id: int) -> list[PostFamily]:
    """An enterprise's kinds of posts."""
    return organisations.families_of(tenant_id)


def every(actor: Actor, *, state: str = "", kind: str = "", query: str = "") -> list[Position]:
    """The list without pages, for an export."""
    return list(db.session.scalars(_filtered(actor, state, kind, query)).unique())


def overdue(today: date, most: int = 500) -> list[Position]:
    """Open and paused posts whose last day has passed: the day told, and an internship's first day."""
    passed = sa.or_(Position.closes_on < today, sa.and_(Position.kind == "internship", Position.start_on < today))
    statement = sa.select(Position).where(Position.state.in_(("open", "paused")), passed).options(*WHOLE).order_by(Position.id).limit(most)
    return list(db.session.scalars(statement).unique())


def expiring(today: date, days: int, most: int = 500) -> list[Position]:
    """Open posts whose last day comes within so many days, and whose firm was not yet told of that day."""
    until = today + timedelta(days)
    near = sa.or_(Position.closes_on.between(today, until), sa.and_(Position.kind == "internship", Position.start_on.between(today, until)))
    statement = sa.select(Position).where(Position.state == "open", near).options(*WHOLE).order_by(Position.id)
    found = db.session.scalars(statement).unique()
    return [p for p in found if p.warned_for != rules.last_day(p.kind, p.start_on, p.closes_on)][:most]


def last_terms(actor: Actor, most: int = 200) -> list[Position]:
    """One's own posts of the last eighteen months that were published, newest first: what may be posted again."""
    since = clock.today() - timedelta(550)
    recent = sa.or_(Position.start_on >= since, Position.start_on.is_(None))
    statement = access.visible_to(actor).where(Position.tenant_id == actor.tenant_id, Position.published_at.is_not(None), recent)
    return list(db.session.scalars(statement.options(*WHOLE).order_by(Position.id.desc()).limit(most)).unique())


def repeated_already(positions: Iterable[Position]) -> set[uuid.UUID]:
    """Public ids of posts that have a repetition."""
    wanted = [p.public_id for p in positions]
    return {one for one in db.session.scalars(sa.select(Position.copied_from).where(Position.copied_from.in_(wanted))) if one is not None}


def own(actor: Actor, public_ids: Iterable[uuid.UUID]) -> list[Position]:
    """Of these posts the reader's own, in the order of the list."""
    wanted = list(public_ids)[:200]
    statement = access.visible_to(actor).where(Position.tenant_id == actor.tenant_id, Position.public_id.in_(wanted))
    return list(db.session.scalars(statement.options(*WHOLE).order_by(Position.id.desc())).unique())


def templates_of(actor: Actor) -> list[PositionTemplate]:
    """A firm's own templates, by name."""
    return list(db.session.scalars(sa.select(PositionTemplate).where(PositionTemplate.tenant_id == actor.tenant_id).order_by(PositionTemplate.name)))


def reachable_template(actor: Actor, public_id: uuid.UUID) -> PositionTemplate:
    """A template of one's own firm, or NotFound."""
    mine = sa.select(PositionTemplate).where(PositionTemplate.tenant_id == actor.tenant_id, PositionTemplate.public_id == public_id)
    found = db.session.scalar(mine) if actor.tenant_kind is TenantKind.ENTERPRISE else None
    if found is None:
        raise NotFound
    return found


def override_for(position: Position, heads: int) -> CapOverride | None:
    """What a college let pass for this post, if it covers so many places in its days."""
    if position.id is None or position.start_on is None or position.end_on is None:
        return None
    return db.session.scalar(
        sa.select(CapOverride).where(
            CapOverride.position_id == position.id, CapOverride.state == "granted", CapOverride.heads >= heads,
            CapOverride.from_on <= position.start_on, CapOverride.until_on >= position.end_on,
        )
    )  # fmt: skip


def overrides_of(position: Position) -> list[CapOverride]:
    """What was asked for this post, newest first."""
    statement = sa.select(CapOverride).where(CapOverride.position_id == position.id, CapOverride.state != "replaced").options(*ASKED)
    return list(db.session.scalars(statement.order_by(CapOverride.id.desc())))


def overrides(actor: Actor, page: int, *, state: str = "", size: int = 30) -> Listing:
    """Shares that firms asked to pass, open questions first, then the newest."""
    statement = access.overrides_visible_to(actor).options(*ASKED).order_by(sa.case((CapOverride.state == "asked", 0), else_=1), CapOverride.id.desc())
    if state:
        statement = statement.where(CapOverride.state == state)
    return listed(statement, page, size)


def reachable_override(actor: Actor, public_id: uuid.UUID) -> CapOverride:
    """One of them within reach, or NotFound."""
    found = db.session.scalar(access.overrides_visible_to(actor).where(CapOverride.public_id == public_id).options(*ASKED))
    if found is None:
        raise NotFound
    return found


def override(id: int) -> CapOverride:
    """By its inner id, for use cases that have checked who may see it."""
    return db.session.scalars(sa.select(CapOverride).where(CapOverride.id == id).options(*ASKED)).one()


def overrides_waiting(actor: Actor) -> int:
    """How many wait for this college's answer."""
    waiting = access.overrides_visible_to(actor).where(CapOverride.state == "asked")
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0


def overrides_counted() -> dict[str, tuple[int, int]]:
    """Rule → how often a college let it be passed, and for how many interns beyond the share, in all."""
    found: dict[str, tuple[int, int]] = {}
    for codes, over in db.session.execute(sa.select(CapOverride.rules, CapOverride.over).where(CapOverride.state == "granted")):
        for code in codes:
            times, heads = found.get(code, (0, 0))
            found[code] = times + 1, heads + over
    return found


def overrides_of_rule(code: str) -> list[CapOverride]:
    """Every time a college let this share be passed, newest first, for use cases that have checked who asks."""
    granted = sa.select(CapOverride).where(CapOverride.state == "granted").options(*ASKED).order_by(CapOverride.id.desc())
    return [one for one in db.session.scalars(granted) if code in one.rules]


def college_tenant(public_id: uuid.UUID) -> int | None:
    """The tenant of a college."""
    return db.session.scalar(sa.select(College.tenant_id).where(College.public_id == public_id))


def id_of(public_id: uuid.UUID) -> int | None:
    """The inner id of a public one."""
    return db.session.scalar(sa.select(Position.id).where(Position.public_id == public_id))


def as_rows(positions: list[Position]) -> list[dict[str, Any]]:
    """Posts as rows of `matching.problem`, with the room that the ledger leaves them; constant number of queries."""
    tenants = {p.tenant_id for p in positions}
    firms = organisations.enterprises(tenants)
    holds: dict[int, list[QuotaHold]] = {}
    for hold in db.session.scalars(sa.select(QuotaHold).where(QuotaHold.to_on >= clock.today(), QuotaHold.tenant_id.in_(tenants))):
        holds.setdefault(hold.tenant_id, []).append(hold)
    wanted = {p.family_id for p in positions if p.family_id}
    families = {f.id: f for f in db.session.scalars(sa.select(PostFamily).where(PostFamily.id.in_(wanted)))}
    share_limits, standing = limits(clock.today()), compliance.standing(tenants)
    together: dict[int, list[Position]] = {}
    for p in positions:
        together.setdefault(p.tenant_id, []).append(p)
    return [
        _row(p, firms.get(p.tenant_id), families.get(p.family_id or 0), holds.get(p.tenant_id, []), together[p.tenant_id], share_limits, standing)
        for p in positions
    ]


def judge(position: Position) -> list[eligibility.Verdict]:
    """What every rule about a post says of this one."""
    return judge_all([position])[0]


def judge_all(positions: list[Position]) -> list[list[eligibility.Verdict]]:
    """The same of several posts; constant number of queries."""
    if not positions:
        return []
    return eligibility.judge_posts(problem.columns("positions", as_rows(positions)), limits(clock.today()))


def limits(on: date) -> dict[str, float]:
    """The limits of the law in force on a day; of the minimum wage the latest line counts, on whichever page the zone entered it."""
    found, line = law.thresholds(on), law.lines(law.THRESHOLD, on).get("minimum_wage_fen")
    newest = sa.select(MinimumWage.valid_from, MinimumWage.monthly_fen).where(MinimumWage.valid_from <= on).order_by(MinimumWage.valid_from.desc()).limit(1)
    entered = db.session.execute(newest).first()
    if entered is None or (line is not None and line.valid_from > entered.valid_from):
        return found
    return found | {"minimum_wage_fen": float(entered.monthly_fen)}


def minimum_wages() -> list[MinimumWage]:
    """What the zone entered, the latest first."""
    return list(db.session.scalars(sa.select(MinimumWage).order_by(MinimumWage.valid_from.desc()).limit(100)))


def told_on(positions: Iterable[Position]) -> dict[int, dict[str, date | None]]:
    """Since when the facts stand that a post is judged by, by who states them; constant number of queries."""
    posts = list(positions)
    firms = organisations.enterprises({p.tenant_id for p in posts})
    changed = sa.select(AuditLine.subject_id, sa.func.max(AuditLine.at)).where(
        AuditLine.subject_kind == Position.__tablename__, AuditLine.subject_id.in_([p.id for p in posts]), AuditLine.act.in_(("create-position", "edit-position"))
    )
    last = {row[0]: row[1] for row in db.session.execute(changed.group_by(AuditLine.subject_id))}
    found: dict[int, dict[str, date | None]] = {}
    for p in posts:
        firm = firms.get(p.tenant_id)
        at = last.get(p.id) or p.published_at or p.created_at
        found[p.id] = {
            "enterprise": at.date(), "zone": firm.verified_at.date() if firm and firm.verified_at else None,
            "headcount": firm.staff_as_of if firm else None,
        }  # fmt: skip
    return found


def share_of(position: Position) -> Room | None:
    """Caps of this internship's firm and kind of post in its window, and what all other holders use of them; None for jobs and without dates."""
    if position.kind == "job" or position.start_on is None or position.end_on is None:
        return None
    return organisations.quota_room(position.tenant_id, position.family_id, position.start_on, position.end_on, but=position.public_id)


def rules_now() -> dict[str, dict[int, list[Position]]]:
    """Of every rule about a post: open posts by verdict (1, 0, -1); constant number of queries."""
    found: dict[str, dict[int, list[Position]]] = {}
    positions = {str(p.public_id): p for p in open_positions()}
    table = problem.columns("positions", as_rows(list(positions.values())))
    for key, verdicts in zip(table.key, eligibility.judge_posts(table, limits(clock.today())), strict=True):
        for verdict in verdicts:
            found.setdefault(verdict.code, {1: [], 0: [], -1: []})[verdict.state].append(positions[key])
    return found


_counted: dict[str, tuple[Any, dict[str, tuple[int, int, int]]]] = {}


def rules_counted() -> dict[str, tuple[int, int, int]]:
    """Rule → open posts that meet it, do not, and where it is not known.

    Judging every open post takes longer than a page may; so the counts are kept until something they depend on changes.
    """
    state = _what_rules_read()
    if "now" not in _counted or _counted["now"][0] != state:
        _counted["now"] = state, {code: (len(by[1]), len(by[0]), len(by[-1])) for code, by in rules_now().items()}
    return _counted["now"][1]


def marks() -> dict[int, str]:
    """Firm → a mark that changes with anything a row of `matching.problem` says of its open posts: theirs, its head-counts, its ledger."""
    count, total, least, most = sa.func.count(), sa.func.sum, sa.func.min, sa.func.max
    opened = sa.select(Position.id, Position.tenant_id).where(Position.state == "open").subquery()
    of_open = {kind: sa.select(opened.c.tenant_id, count, total(kind.id)).join(kind, kind.position_id == opened.c.id) for kind in (PositionMajor, PositionSkill)}
    held = sa.select(QuotaHold.tenant_id, count, total(QuotaHold.heads), most(QuotaHold.id), least(QuotaHold.from_on), most(QuotaHold.to_on), sa.func.count(sa.func.nullif(QuotaHold.override_reason, "")))
    parts: list[Any] = [
        sa.select(Position.tenant_id, count, total(Position.id), total(Position.version)).where(Position.state == "open"),
        sa.select(opened.c.tenant_id, total(Seats.places), total(Seats.taken)).join(Seats, Seats.position_id == opened.c.id),
        *of_open.values(),
        sa.select(Enterprise.tenant_id, total(Enterprise.version), total(Enterprise.ledger_turn), most(Enterprise.verified_at), most(Enterprise.staff)),
        sa.select(PostFamily.tenant_id, count, total(PostFamily.version), total(PostFamily.staff)),
        held.where(QuotaHold.to_on >= clock.today()),
        *compliance.marks(),
    ]  # fmt: skip
    told: dict[int, list[str]] = {}
    for number, part in enumerate(parts):
        for tenant_id, *values in db.session.execute(part.group_by(part.selected_columns[0])):
            told.setdefault(tenant_id, []).append(f"{number}:{' '.join(map(str, values))}")
    return {tenant_id: "|".join(lines) for tenant_id, lines in told.items()}


def _what_rules_read() -> Any:
    """A fingerprint of all that the rules about posts look at; public ids tell one database from another."""
    count, total = sa.func.count(), sa.func.sum
    is_open = Position.state == "open"
    open_ids = sa.select(Position.id).where(is_open)
    parts: list[sa.Executable] = [
        sa.select(count, total(Position.id), total(Position.version), sa.func.min(sa.cast(Position.public_id, sa.String)), sa.func.max(sa.cast(Position.public_id, sa.String))).where(is_open),
        sa.select(total(Seats.places), total(Seats.taken)).where(Seats.position_id.in_(open_ids)),
        sa.select(count, total(PositionMajor.id)).where(PositionMajor.position_id.in_(open_ids)),
        sa.select(count, total(PositionSkill.id)).where(PositionSkill.position_id.in_(open_ids)),
        sa.select(count, total(Enterprise.version), total(Enterprise.ledger_turn), sa.func.count(Enterprise.verified_at)),
        sa.select(count, total(PostFamily.version), total(PostFamily.staff)),
        sa.select(count, total(QuotaHold.heads), sa.func.max(QuotaHold.id)),
        sa.select(count, total(MinimumWage.monthly_fen)),
    ]  # fmt: skip
    more = [tuple(map(tuple, db.session.execute(part.group_by(part.selected_columns[0])).fetchall())) for part in compliance.marks()]
    return clock.today(), compliance.law_mark(), [tuple(db.session.execute(part).fetchall()[0]) for part in parts], more


def _row(
    p: Position, firm: Enterprise | None, family: Any, holds: list[QuotaHold], together: list[Position], limits: dict[str, float], standing: Standing
) -> dict[str, Any]:
    mentored = standing.mentor_places(p)
    accepted = [{"major": "M:", "class": "C:", "category": "G:"}[m.depth] + m.code for m in p.majors]
    free = p.seats.places - p.seats.taken
    return {
        "key": str(p.public_id),
        "enterprise": str(p.tenant_id),
        "family": str(p.family_id or ""),
        "sector": industries.leading(firm.industry_code) if firm else "",
        "title": p.title,
        "text": "\n".join([p.duties, *p.tasks]).strip(),
        "skills_must": [s.skill.code for s in p.skills if s.must and s.skill.kind == "skill"],
        "skills_nice": [s.skill.code for s in p.skills if not s.must],
        "certificates_must": [s.skill.code for s in p.skills if s.must and s.skill.kind == "certificate"],
        "majors": accepted,
        "major_categories": sorted({majors.category_of(code) for code in accepted} - {""}),
        "occupation": occupations.small_group(p.occupation_code),
        "kind": p.kind,
        "places": free,
        "start_on": p.start_on,
        "end_on": p.end_on,
        "level_least": p.level_least,
        "place": p.place_code,
        "in_zone": p.place_code == places.ZONE,
        **{name: getattr(p, name) for name in TRIS},
        "night": True if rules.touches_night(p.shifts or ()) else p.night,
        **{name: getattr(p, name) for name in UNKNOWN_IS_MINUS_ONE},
        "hours_per_day": p.hours_per_day,
        "hours_per_week": p.hours_per_week,
        "hazards": p.hazards,
        "venue": rules.venue(p.venue, firm.industry_code if firm else ""),
        "host_type": rules.host_type(firm.host_type, firm.industry_code) if firm else "",
        "host_registered": bool(firm and firm.credit_code),
        "host_verified": bool(firm and firm.verified_at),
        "n_tasks": len(p.tasks),
        "contract_months": rules.contract_months(p.contract_kind, p.contract_months),
        "probation_months": p.probation_months,
        "holidays": len(law.holidays_between(p.start_on, p.end_on)) if p.start_on and p.end_on else None,
        "mentor_places": mentored if mentored < 0 else max(mentored - p.seats.taken, 0),
        "filings": standing.filed(p),
        "overrides": _held_over(p, holds) + standing.overridden(p),
        **_rooms(p, firm, family, holds, limits),
        **_left(p, firm, family, holds, together, limits),
    }


def _held_over(p: Position, holds: list[QuotaHold]) -> list[str]:
    """A hold that was reserved above the share, with its recorded reason, stays open until the reason is withdrawn."""
    return ["R10", "R11"] if any(h.override_reason for h in holds if h.holder == p.public_id) else []


def _rooms(p: Position, firm: Enterprise | None, family: Any, holds: list[QuotaHold], limits: dict[str, float]) -> dict[str, int]:
    """What the ledger leaves to this post beside all other holders, in its own window; -1 where a head-count is unknown."""
    if p.kind == "job" or p.start_on is None or p.end_on is None:
        return {"firm_room": -1, "family_room": -1}
    others = [(h.from_on, h.to_on, h.heads, h.family_id) for h in holds if h.holder != p.public_id]
    firm_cap = cap(firm.staff if firm else None, limits["firm_share"])
    family_cap = cap(family.staff if family else None, limits["family_share"])
    firm_used = peak([h[:3] for h in others], p.start_on, p.end_on)
    family_used = peak([h[:3] for h in others if h[3] == p.family_id], p.start_on, p.end_on)
    return {
        "firm_room": -1 if firm_cap is None else max(firm_cap - firm_used, 0),
        "family_room": -1 if family_cap is None else max(family_cap - family_used, 0),
    }


def _left(
    p: Position, firm: Enterprise | None, family: Any, holds: list[QuotaHold], together: list[Position], limits: dict[str, float]
) -> dict[str, int]:
    """What the caps leave to all posts of a run together: without what others hold, and without seats taken already; -1 unknown."""
    if p.kind == "job" or p.start_on is None or p.end_on is None:
        return {"firm_left": -1, "family_left": -1}
    in_run = {q.public_id for q in together}
    others = [(h.from_on, h.to_on, h.heads, h.family_id) for h in holds if h.holder not in in_run]
    others += [(q.start_on, q.end_on, q.seats.taken, q.family_id) for q in together if q.kind != "job" and q.start_on and q.end_on and q.seats.taken]
    passed, found = any(h.override_reason for h in holds), {}
    for name, staff, share, mine, held in (
        ("firm_left", firm.staff if firm else None, "firm_share", [h[:3] for h in others], holds),
        ("family_left", family.staff if family else None, "family_share", [h[:3] for h in others if h[3] == p.family_id], [h for h in holds if h.family_id == p.family_id]),
    ):
        limit = cap(staff, limits[share])
        if limit is not None and passed:  # a college let the share be passed: what the ledger holds stands
            limit = max(limit, peak([(h.from_on, h.to_on, h.heads) for h in held], p.start_on, p.end_on))
        found[name] = -1 if limit is None else max(limit - peak(mine, p.start_on, p.end_on), 0)
    return found
