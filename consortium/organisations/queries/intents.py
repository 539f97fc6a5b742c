"""What may be read of the quarterly question: who answered what, the classes wanted, and the reasons why not."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.accounts.models import Tenant
from consortium.organisations.models import Enterprise, IntentAnswer, IntentAsk, IntentRound, IntentWish
from consortium.organisations.rules.intents import NO, PERHAPS, YES
from consortium.reference import industries
from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed

CURRENT = IntentAnswer.superseded_at.is_(None)


def rounds() -> list[IntentRound]:
    """All quarters that were asked, newest first."""
    return list(db.session.scalars(sa.select(IntentRound).order_by(IntentRound.year.desc(), IntentRound.quarter.desc()).limit(40)))


def newest_round() -> IntentRound | None:
    """The last quarter that was asked, open or not: its answers are the demand by intent."""
    return next(iter(rounds()), None)


def open_rounds() -> list[IntentRound]:
    """Those that may still be answered."""
    return [one for one in rounds() if is_open(one)]


def is_open(found: IntentRound) -> bool:
    """Whether answers are taken."""
    return found.closed_at is None and clock.today() <= found.closes_on


def round_by(public_id: uuid.UUID) -> IntentRound | None:
    """The quarter a link names."""
    return db.session.scalar(sa.select(IntentRound).where(IntentRound.public_id == public_id))


def reachable_round(actor: Actor, public_id: uuid.UUID) -> IntentRound:
    """A quarter asked by the reader's own zone, or NotFound."""
    found = db.session.scalar(sa.select(IntentRound).where(IntentRound.tenant_id == actor.tenant_id, IntentRound.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def firm_by(public_id: uuid.UUID) -> Enterprise | None:
    """The active firm a link names."""
    return db.session.scalar(
        sa.select(Enterprise).join(Enterprise.tenant).where(Enterprise.public_id == public_id, Tenant.state == "active").options(joinedload(Enterprise.tenant))
    )


def answer_of(round_id: int, tenant_id: int) -> IntentAnswer | None:
    """The answer that counts."""
    return db.session.scalar(
        sa.select(IntentAnswer).where(IntentAnswer.round_id == round_id, IntentAnswer.tenant_id == tenant_id, CURRENT).options(selectinload(IntentAnswer.wishes))
    )


def history_of(round_id: int, tenant_id: int) -> list[IntentAnswer]:
    """Every answer of a firm, newest first."""
    return list(
        db.session.scalars(
            sa.select(IntentAnswer)
            .where(IntentAnswer.round_id == round_id, IntentAnswer.tenant_id == tenant_id)
            .options(selectinload(IntentAnswer.wishes))
            .order_by(IntentAnswer.id.desc())
            .limit(20)
        )
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many firms were asked and what they said."""

    asked: int
    yes: int
    perhaps: int
    no: int

    @property
    def answered(self) -> int:
        """All that answered."""
        return self.yes + self.perhaps + self.no


def tallies(round_ids: list[int]) -> dict[int, Tally]:
    """By round."""
    n_asked: dict[int, int] = dict(
        db.session.execute(sa.select(IntentAsk.round_id, sa.func.count()).where(IntentAsk.round_id.in_(round_ids)).group_by(IntentAsk.round_id)).all()
    )
    said: dict[int, Counter[str]] = {number: Counter() for number in round_ids}
    for number, answer, n in db.session.execute(
        sa.select(IntentAnswer.round_id, IntentAnswer.answer, sa.func.count())
        .where(IntentAnswer.round_id.in_(round_ids), CURRENT)
        .group_by(IntentAnswer.round_id, IntentAnswer.answer)
    ):
        said[number][answer] = n
    return {number: Tally(n_asked.get(number, 0), said[number][YES], said[number][PERHAPS], said[number][NO]) for number in round_ids}


@dataclass(frozen=True, slots=True)
class FirmLine:
    """One firm asked, and its answer if there is one."""

    tenant: Tenant
    ask: IntentAsk
    answer: IntentAnswer | None


def firms_asked(found: IntentRound, state: str = "", page: int = 1) -> tuple[Listing, list[FirmLine]]:
    """Firms asked in a round, perhaps only those of one answer ('none': not answered), by name; a page of them."""
    answered = sa.and_(IntentAnswer.round_id == IntentAsk.round_id, IntentAnswer.tenant_id == IntentAsk.tenant_id, CURRENT)
    statement = (
        sa.select(IntentAsk.id).join(Tenant, Tenant.id == IntentAsk.tenant_id).outerjoin(IntentAnswer, answered)
        .where(IntentAsk.round_id == found.id).order_by(Tenant.name_zh, IntentAsk.id)
    )  # fmt: skip
    if state == "none":
        statement = statement.where(IntentAnswer.id.is_(None))
    elif state:
        statement = statement.where(IntentAnswer.answer == state)
    page_of = listed(statement, page)
    rows = db.session.execute(
        sa.select(IntentAsk, Tenant, IntentAnswer)
        .join(Tenant, Tenant.id == IntentAsk.tenant_id)
        .outerjoin(IntentAnswer, answered)
        .where(IntentAsk.id.in_(page_of.rows))
        .options(selectinload(IntentAnswer.wishes))
        .order_by(Tenant.name_zh, IntentAsk.id)
    )
    return page_of, [FirmLine(tenant, ask, answer) for ask, tenant, answer in rows]


@dataclass(slots=True)
class ClassDemand:
    """Heads of one class of majors that firms think of, the sure ones and the perhaps, by leading industry."""

    key: str
    yes: int = 0
    perhaps: int = 0
    firms: int = 0
    by_industry: dict[str, list[int]] = field(default_factory=dict)  # [yes, perhaps]


def demand(round_id: int, tenant_ids: sa.Select[int] | None = None) -> list[ClassDemand]:
    """Demand by intent, most heads first; perhaps only of some tenants."""
    statement = (
        sa.select(IntentWish.class_key, IntentAnswer.answer, Enterprise.industry_code, IntentAnswer.tenant_id, sa.func.sum(IntentWish.heads))
        .join(IntentAnswer, IntentAnswer.id == IntentWish.answer_id)
        .join(Enterprise, Enterprise.tenant_id == IntentAnswer.tenant_id)
        .where(IntentAnswer.round_id == round_id, CURRENT)
        .group_by(IntentWish.class_key, IntentAnswer.answer, Enterprise.industry_code, IntentAnswer.tenant_id)
    )
    if tenant_ids is not None:
        statement = statement.where(IntentAnswer.tenant_id.in_(tenant_ids))
    found: dict[str, ClassDemand] = {}
    for key, answer, industry, _tenant, heads in db.session.execute(statement):
        row = found.setdefault(key, ClassDemand(key))
        cell = row.by_industry.setdefault(industries.leading(industry), [0, 0])
        row.firms += 1
        if answer == YES:
            row.yes += int(heads)
            cell[0] += int(heads)
        else:
            row.perhaps += int(heads)
            cell[1] += int(heads)
    return sorted(found.values(), key=lambda r: (-r.yes, -r.perhaps, r.key))


def reasons(round_id: int) -> list[tuple[str, int]]:
    """Why firms cannot take people, most often first."""
    counted: Counter[str] = Counter()
    for told in db.session.scalars(sa.select(IntentAnswer.reasons).where(IntentAnswer.round_id == round_id, CURRENT, IntentAnswer.answer == NO)):
        counted.update(told)
    return counted.most_common()


def n_of_kind(round_id: int, enterprise: Enterprise) -> int:
    """How many other firms of the same leading industry answered."""
    own = industries.leading(enterprise.industry_code)
    codes = db.session.scalars(
        sa.select(Enterprise.industry_code)
        .join(IntentAnswer, IntentAnswer.tenant_id == Enterprise.tenant_id)
        .where(IntentAnswer.round_id == round_id, CURRENT, IntentAnswer.tenant_id != enterprise.tenant_id)
    )
    return sum(industries.leading(code) == own for code in codes)


def unanswered_for(tenant_id: int) -> IntentRound | None:
    """An open question this firm has not answered yet."""
    return next((one for one in open_rounds() if answer_of(one.id, tenant_id) is None), None)
