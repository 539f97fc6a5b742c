"""What may be read of filings, overrides, mentors and the law's tables, and what they say of posts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from consortium.accounts.models import Membership, Tenant
from consortium.compliance import access, rules
from consortium.compliance.models import Filing, LawEntry, Mentor, MentorHold, Override
from consortium.compliance.rules import Load
from consortium.organisations.models import Enterprise, PostFamily
from consortium.organisations.rules import peak
from consortium.reference import law
from consortium.reference.law import Line
from consortium.shared import clock
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed

FILING = (joinedload(Filing.tenant), joinedload(Filing.entered_by), joinedload(Filing.entered_tenant))
OVERRIDE = (joinedload(Override.college), joinedload(Override.enterprise), joinedload(Override.recorded_by))
KNOWN = "law entries"


@dataclass
class Standing:
    """What filings, overrides and mentors say of the posts of some firms; read once."""

    filings: dict[int, list[Filing]] = field(default_factory=dict)
    overrides: dict[int, list[Override]] = field(default_factory=dict)
    mentors: dict[int, list[Mentor]] = field(default_factory=dict)
    holds: dict[int, list[MentorHold]] = field(default_factory=dict)

    def filed(self, post: rules.Post) -> list[str]:
        """Entries of verified filings that cover every day of a post."""
        return sorted({code for filing in self.filings.get(post.tenant_id, []) for code in rules.filed_codes(filing, post)})

    def overriding(self, post: rules.Post) -> list[Override]:
        """Overrides in force for a post."""
        return [one for one in self.overrides.get(post.tenant_id, []) if rules.overrides(one, post)]

    def overridden(self, post: rules.Post) -> list[str]:
        """Entries of what schools let pass for a post."""
        return sorted({rules.entry(one.rule, one.majors, [one.college_tenant_id]) for one in self.overriding(post)})

    def mentor_places(self, post: rules.Post) -> int:
        """Interns that mentors could look after in a post beside all others; -1: the firm has declared no mentor."""
        if not self.mentors.get(post.tenant_id):
            return -1
        if post.start_on is None or post.end_on is None:
            return -1
        return sum(load.free for load in self.loads(post))

    def loads(self, post: rules.Post) -> list[Load]:
        """Mentors who may take interns of a post, with their room in its days."""
        assert post.start_on is not None
        assert post.end_on is not None
        found = []
        for mentor in self.mentors.get(post.tenant_id, []):
            if mentor.families and post.family_id not in mentor.families:
                continue
            holds = self.holds.get(mentor.id, [])
            others = [(h.from_on, h.to_on, h.heads) for h in holds if h.holder != post.public_id]
            free = max(mentor.load_limit - peak(others, post.start_on, post.end_on), 0)
            found.append(Load(mentor.id, free, sum(h.heads for h in holds if h.holder == post.public_id)))
        return found


def standing(tenant_ids: Iterable[int], *, fresh: bool = False) -> Standing:
    """Filings, overrides and mentors of some firms; four queries for any number of them. `fresh`: mentors as they stand under a lock just taken."""
    wanted, found = list(tenant_ids), Standing()
    today = clock.today()
    for filing in db.session.scalars(
        sa.select(Filing).where(Filing.tenant_id.in_(wanted), Filing.verified_at.is_not(None), Filing.withdrawn_at.is_(None), Filing.valid_until >= today)
    ):
        found.filings.setdefault(filing.tenant_id, []).append(filing)
    for override in db.session.scalars(sa.select(Override).where(Override.enterprise_tenant_id.in_(wanted), Override.withdrawn_at.is_(None))):
        found.overrides.setdefault(override.enterprise_tenant_id, []).append(override)
    anew = {"populate_existing": fresh}  # a row already seen in this session would show what was there before the lock
    serving = sa.select(Mentor).where(Mentor.tenant_id.in_(wanted), Mentor.ended_at.is_(None)).order_by(Mentor.id)
    for mentor in db.session.scalars(serving, execution_options=anew):
        found.mentors.setdefault(mentor.tenant_id, []).append(mentor)
    held = sa.select(MentorHold).join(Mentor, Mentor.id == MentorHold.mentor_id).where(Mentor.tenant_id.in_(wanted), MentorHold.to_on >= today)
    for hold in db.session.scalars(held, execution_options=anew):
        found.holds.setdefault(hold.mentor_id, []).append(hold)
    return found


def marks() -> list[Any]:
    """Per firm, what changes whenever one of these says something else of its posts: parts of a fingerprint."""
    count, total, most = sa.func.count(), sa.func.sum, sa.func.max
    return [
        sa.select(Filing.tenant_id, count, total(Filing.version), sa.func.count(Filing.verified_at), sa.func.count(Filing.withdrawn_at)),
        sa.select(Override.enterprise_tenant_id, count, most(Override.id), sa.func.count(Override.withdrawn_at)),
        sa.select(Mentor.tenant_id, count, total(Mentor.version), total(Mentor.load_limit)),
        sa.select(Mentor.tenant_id, count, total(MentorHold.heads), most(MentorHold.id)).join(MentorHold, MentorHold.mentor_id == Mentor.id),
    ]


# ── filings and overrides ────────────────────────────────────────────────────────────────────────


def reachable_filing(actor: Actor, public_id: uuid.UUID) -> Filing:
    """A filing this reader may see, or NotFound."""
    found = db.session.scalar(access.filings_visible_to(actor).where(Filing.public_id == public_id).options(*FILING))
    if found is None:
        raise NotFound
    return found


def filings(actor: Actor, page: int = 1, *, rule: str = "", enterprise: uuid.UUID | None = None, size: int = 30) -> Listing:
    """Filings, what waits for the zone first, then by how soon they end."""
    statement = access.filings_visible_to(actor).options(*FILING)
    if rule:
        statement = statement.where(sa.cast(Filing.rules, sa.String).contains(rule, autoescape=True))
    if enterprise is not None:
        statement = statement.join(Enterprise, Enterprise.tenant_id == Filing.tenant_id).where(Enterprise.public_id == enterprise)
    waits = sa.case((sa.and_(Filing.verified_at.is_(None), Filing.refusal == "", Filing.withdrawn_at.is_(None)), 0), else_=1)
    return listed(statement.order_by(waits, Filing.valid_until.desc(), Filing.id.desc()), page, size)


def filings_to_verify(actor: Actor) -> int:
    """How many wait for the zone."""
    waiting = access.filings_visible_to(actor).where(Filing.verified_at.is_(None), Filing.refusal == "", Filing.withdrawn_at.is_(None))
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting.with_only_columns(Filing.id).subquery())) or 0


def filings_ending(on: date) -> list[Filing]:
    """Verified filings that end within the warning time and whose holder was not told yet."""
    limit = on + timedelta(days=rules.WARN_DAYS)
    ending = sa.select(Filing).where(
        Filing.verified_at.is_not(None), Filing.withdrawn_at.is_(None), Filing.warned_on.is_(None), Filing.valid_until >= on, Filing.valid_until <= limit
    )
    return list(db.session.scalars(ending.options(*FILING).order_by(Filing.id).limit(200)))


def filings_of_rule(code: str) -> list[Filing]:
    """All filings of one rule, the longest first, for use cases that have checked who asks."""
    every = db.session.scalars(sa.select(Filing).options(*FILING).order_by(Filing.valid_until.desc(), Filing.id))
    return [one for one in every if code in one.rules]


def reachable_override(actor: Actor, public_id: uuid.UUID) -> Override:
    """An override this reader may see, or NotFound."""
    found = db.session.scalar(access.overrides_visible_to(actor).where(Override.public_id == public_id).options(*OVERRIDE))
    if found is None:
        raise NotFound
    return found


def overrides(actor: Actor, page: int = 1, *, rule: str = "", size: int = 30) -> Listing:
    """Overrides, newest first."""
    statement = access.overrides_visible_to(actor).options(*OVERRIDE).order_by(Override.id.desc())
    if rule:
        statement = statement.where(Override.rule == rule)
    return listed(statement, page, size)


def overrides_of_rule(code: str) -> list[Override]:
    """All overrides of one rule, newest first, for use cases that have checked who asks."""
    return list(db.session.scalars(sa.select(Override).where(Override.rule == code).options(*OVERRIDE).order_by(Override.id.desc())))


def override_counts(actor: Actor) -> list[tuple[str, Tenant, int, int]]:
    """(rule, college, all, in force) within reach: how often which rule was let pass by whom."""
    found: dict[tuple[str, int], list[int]] = {}
    today = clock.today()
    rows = list(db.session.scalars(access.overrides_visible_to(actor)))
    for one in rows:
        n = found.setdefault((one.rule, one.college_tenant_id), [0, 0])
        n[0] += 1
        n[1] += rules.override_state(one, today) == "in-force"
    names = {t.id: t for t in db.session.scalars(sa.select(Tenant).where(Tenant.id.in_({college for _, college in found})))}
    return [(code, names[college], n, now) for (code, college), (n, now) in sorted(found.items())]


def enterprise_named(told: str) -> Enterprise | None:
    """An enterprise by its public id or its credit code."""
    try:
        which: Any = Enterprise.public_id == uuid.UUID(told)
    except ValueError:
        which = Enterprise.credit_code == told.strip().upper()
    return db.session.scalar(sa.select(Enterprise).where(which).options(joinedload(Enterprise.tenant)))


def families_of(tenant_ids: Iterable[int]) -> dict[int, PostFamily]:
    """Kinds of posts of some firms, by id."""
    return {f.id: f for f in db.session.scalars(sa.select(PostFamily).where(PostFamily.tenant_id.in_(list(tenant_ids))).order_by(PostFamily.id))}


def colleges() -> list[Tenant]:
    """All colleges, for a scope."""
    return list(db.session.scalars(sa.select(Tenant).where(Tenant.kind == "college", Tenant.state == "active").order_by(Tenant.id)))


# ── mentors ──────────────────────────────────────────────────────────────────────────────────────


def reachable_mentor(actor: Actor, public_id: uuid.UUID) -> Mentor:
    """A mentor of one's own enterprise, or NotFound."""
    found = db.session.scalar(access.mentors_visible_to(actor).where(Mentor.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def mentors(actor: Actor) -> list[tuple[Mentor, int, list[MentorHold]]]:
    """One's own mentors: (mentor, most interns at a time from today on, what they are bound to), who still serves first."""
    rows = list(db.session.scalars(access.mentors_visible_to(actor).order_by(Mentor.ended_at.is_not(None), Mentor.id)))
    today = clock.today()
    held: dict[int, list[MentorHold]] = {}
    statement = sa.select(MentorHold).where(MentorHold.mentor_id.in_([m.id for m in rows]), MentorHold.to_on >= today)
    for hold in db.session.scalars(statement.order_by(MentorHold.from_on, MentorHold.id)):
        held.setdefault(hold.mentor_id, []).append(hold)
    return [(m, _peak(held.get(m.id, []), today), held.get(m.id, [])) for m in rows]


def busiest(mentor: Mentor) -> int:
    """The most interns at a time that a mentor is bound to from today on."""
    today = clock.today()
    holds = db.session.scalars(sa.select(MentorHold).where(MentorHold.mentor_id == mentor.id, MentorHold.to_on >= today))
    return _peak(list(holds), today)


def _peak(holds: Sequence[MentorHold], today: date) -> int:
    return peak([(h.from_on, h.to_on, h.heads) for h in holds], today, max([h.to_on for h in holds], default=today))


def mentors_of_post(holder: uuid.UUID) -> list[tuple[Mentor, int]]:
    """Who looks after the interns of a post, and how many each."""
    rows = db.session.execute(
        sa.select(Mentor, MentorHold.heads).join(MentorHold, MentorHold.mentor_id == Mentor.id).where(MentorHold.holder == holder, Mentor.ended_at.is_(None)).order_by(Mentor.id)
    )
    return [(mentor, heads) for mentor, heads in rows]


def mentored(holders: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these posts have somebody who looks after their interns."""
    held = sa.select(MentorHold.holder).join(Mentor, Mentor.id == MentorHold.mentor_id).where(MentorHold.holder.in_(list(holders)), Mentor.ended_at.is_(None))
    return set(db.session.scalars(held))


def mentor_accounts(tenant_id: int) -> list[Membership]:
    """Colleagues with the role of a mentor."""
    statement = sa.select(Membership).where(Membership.tenant_id == tenant_id, Membership.role == Role.MENTOR.value, Membership.state == "active")
    return list(db.session.scalars(statement.options(joinedload(Membership.person)).order_by(Membership.id)))


# ── the law's tables ─────────────────────────────────────────────────────────────────────────────


def entered() -> Sequence[Line]:
    """What the zone has entered over the law's files, oldest first; read once in a request or task."""
    if not current_app:
        return ()
    kept = db.session().info
    if KNOWN not in kept:
        rows = db.session.scalars(sa.select(LawEntry).order_by(LawEntry.valid_from, LawEntry.id))
        kept[KNOWN] = tuple(
            Line(e.kind, e.key, e.value, e.name_zh, e.name_en, e.valid_from, e.source, e.source_on, e.gone, entered=True) for e in rows
        )
    lines: Sequence[Line] = kept[KNOWN]
    return lines


def forget_entered() -> None:
    """What was read is out of date."""
    db.session().info.pop(KNOWN, None)


def law_mark() -> tuple[Any, ...]:
    """What changes whenever a line of the law is entered."""
    return tuple(db.session.execute(sa.select(sa.func.count(), sa.func.max(LawEntry.id))).one())


def law_tables(on: date) -> dict[str, list[Line]]:
    """Every table of the law as it stands on a day."""
    return {table: sorted(law.lines(table, on if table == law.THRESHOLD else None).values(), key=lambda line: line.key) for table in law.TABLES}


law.read_entered_from(entered)
