"""The quarterly question: opening it, whom to tell again, answers and their history, and the links. Flushes; the edge commits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.organisations import wording
from consortium.organisations.models import Enterprise, IntentAnswer, IntentAsk, IntentRound, IntentWish
from consortium.organisations.queries import intents as queries
from consortium.organisations.rules import intents as rules
from consortium.organisations.rules.intents import NO, Wish
from consortium.reference import majors
from consortium.shared import audit, clock, links
from consortium.shared.access import Actor
from consortium.shared.db import db, insert_ignoring
from consortium.shared.errors import Conflict, Invalid, NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.tasks import ring_after_commit

PURPOSE = "intent"
LONGEST = timedelta(days=92)
AT_ONCE = 40


def open_round(actor: Actor, year: int, quarter: int, closes_on: date) -> IntentRound:
    """Ask every enterprise; the telling is work for the background. Raises Invalid."""
    today = clock.today()
    if not today < closes_on <= today + LONGEST:
        raise Invalid({"closes_on": [_l("A day within the next three months.")]})
    if (year, quarter) < rules.quarter_of(today - LONGEST) or (year, quarter) > rules.quarter_of(today + LONGEST):
        raise Invalid({"quarter": [_l("The quarter that runs, or the next one.")]})
    row = {"tenant_id": actor.tenant_id, "year": year, "quarter": quarter, "closes_on": closes_on}
    if not insert_ignoring(IntentRound, [row], ["year", "quarter"]):
        raise Invalid({"quarter": [_l("This quarter was asked already.")]})
    found = db.session.scalars(sa.select(IntentRound).where(IntentRound.year == year, IntentRound.quarter == quarter)).one()
    audit.record("open-intent-round", found, by=actor, year=year, quarter=quarter)
    _ask_all(found)
    ring_after_commit("organisations.ask_intents", found.id)
    return found


def close_round(found: IntentRound, *, by: Actor) -> None:
    """No more answers, no more reminders."""
    if found.closed_at is not None:
        raise Conflict(_l("This quarter is closed already."))
    found.closed_at = clock.now()
    audit.record("close-intent-round", found, by=by)
    db.session.flush()


def claim_due(found: IntentRound, *, most: int = AT_ONCE) -> list[tuple[Tenant, int]]:
    """Firms to tell now, and how often they were told before; each is claimed by one statement, so that two sweepers tell once."""
    if not queries.is_open(found):
        return []
    _ask_all(found)
    now, today = clock.now(), clock.today()
    answered = sa.select(IntentAnswer.tenant_id).where(IntentAnswer.round_id == found.id, queries.CURRENT)
    asks = db.session.scalars(
        sa.select(IntentAsk).where(IntentAsk.round_id == found.id, IntentAsk.tenant_id.not_in(answered)).order_by(IntentAsk.n_sent, IntentAsk.id)
    )
    due = [a for a in asks if rules.reminder_due(a.n_sent, a.last_sent_at, now, False, found.closes_on, today)][:most]
    taken = []
    for one in due:
        before = one.n_sent
        claimed = db.session.execute(
            sa.update(IntentAsk)
            .where(IntentAsk.id == one.id, IntentAsk.n_sent == before)
            .values(n_sent=before + 1, last_sent_at=now)
            .execution_options(synchronize_session=False)
        )
        if claimed.rowcount == 1:  # type: ignore[attr-defined]
            taken.append((one.tenant_id, before))
    tenants = {t.id: t for t in db.session.scalars(sa.select(Tenant).where(Tenant.id.in_([t for t, _ in taken])))}
    return [(tenants[number], before) for number, before in taken]


def link_to(found: IntentRound, enterprise: Enterprise, key: str) -> str:
    """The address that answers for this firm and quarter, and for nothing else; it ends with the round, after fourteen days at the latest."""
    end = datetime.combine(found.closes_on + timedelta(days=1), time(0), clock.SHANGHAI)
    until = min(end, clock.now() + rules.LINK_LASTS)
    return "/intent/" + links.sign(PURPOSE, {"r": found.public_id.hex, "f": enterprise.public_id.hex}, until, key)


def read_link(token: str, key: str) -> tuple[IntentRound, Enterprise, bool]:
    """Round and firm of a link, and whether its time is over; raises NotFound for what is not ours."""
    link = links.read(PURPOSE, token, key)
    try:
        found = queries.round_by(uuid.UUID(hex=link.facts["r"])) if link else None
        enterprise = queries.firm_by(uuid.UUID(hex=link.facts["f"])) if link else None
    except (KeyError, ValueError, TypeError, AttributeError):
        found = enterprise = None
    if link is None or found is None or enterprise is None:
        raise NotFound(_l("This link does not work"), why=_l("It is incomplete, or the enterprise is no longer here."), how=_l("Open the newest message once more."))
    return found, enterprise, link.expired


def answer(
    found: IntentRound, tenant_id: int, said: str, wishes: Sequence[Wish], reasons: Sequence[str], remark: str = "", *, by: Actor | None = None
) -> IntentAnswer:
    """Keep an answer; an earlier one of the firm is superseded, not lost. Raises Invalid, Conflict."""
    if not queries.is_open(found):
        raise Conflict(_l("This quarter's question is closed"), why=_l("The answers are counted already."), how=_l("You will be asked again next quarter."))
    wishes, reasons = ([], list(reasons)) if said == NO else ([w for w in wishes if w[0] or w[1] is not None], [])
    problems = rules.answer_problem(said, wishes, reasons, tuple(majors.classes()))
    if problems:
        raise Invalid({name: [wording.PROBLEMS[code]] for name, code in problems.items()})
    insert_ignoring(IntentAsk, [{"round_id": found.id, "tenant_id": tenant_id}], ["round_id", "tenant_id"])  # came after the opening
    db.session.scalar(  # two answers of a firm at once are taken one after the other
        sa.select(IntentAsk.id).where(IntentAsk.round_id == found.id, IntentAsk.tenant_id == tenant_id).with_for_update()
    )
    now = clock.now()
    replaced = db.session.execute(
        sa.update(IntentAnswer)
        .where(IntentAnswer.round_id == found.id, IntentAnswer.tenant_id == tenant_id, queries.CURRENT)
        .values(superseded_at=now)
        .execution_options(synchronize_session=False)
    )
    made = IntentAnswer(
        round_id=found.id, tenant_id=tenant_id, answer=said, reasons=list(dict.fromkeys(reasons)), remark=remark.strip(), person_id=by.person_id if by else None
    )
    db.session.add(made)
    db.session.flush()
    for class_key, heads, kind in wishes:
        db.session.add(IntentWish(tenant_id=tenant_id, answer_id=made.id, class_key=class_key, heads=heads, kind=kind))
    db.session.flush()
    audit.record("answer-intent", made, by=by, answer=said, replaced=int(replaced.rowcount))  # type: ignore[attr-defined]
    return made


def note_new_link(found: IntentRound, enterprise: Enterprise) -> bool:
    """Whether a new link may be sent now: one in ten minutes for a firm; notes that it is."""
    if not queries.is_open(found):
        raise Conflict(_l("This quarter's question is closed"), why=_l("The answers are counted already."), how=_l("You will be asked again next quarter."))
    now = clock.now()
    claimed = db.session.execute(
        sa.update(IntentAsk)
        .where(
            IntentAsk.round_id == found.id, IntentAsk.tenant_id == enterprise.tenant_id,
            sa.or_(IntentAsk.last_sent_at.is_(None), IntentAsk.last_sent_at <= now - rules.NEW_LINK_AFTER),
        )
        .values(last_sent_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    sent = claimed.rowcount == 1  # type: ignore[attr-defined]
    audit.record("send-intent-link", found, by=None, result="done" if sent else "refused", enterprise=enterprise.id)
    return sent


def _ask_all(found: IntentRound) -> None:
    """Every active firm that is not asked yet: also those that came after the opening."""
    there = sa.select(IntentAsk.tenant_id).where(IntentAsk.round_id == found.id)
    new = db.session.scalars(
        sa.select(Enterprise.tenant_id).join(Enterprise.tenant).where(Tenant.state == "active", Enterprise.tenant_id.not_in(there)).order_by(Enterprise.tenant_id)
    ).all()
    for start in range(0, len(new), 100):
        insert_ignoring(IntentAsk, [{"round_id": found.id, "tenant_id": number} for number in new[start : start + 100]], ["round_id", "tenant_id"])
