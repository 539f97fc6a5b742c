"""What may be read of agreements, already narrowed to the reader, and which records stand behind one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.accounts import queries as accounts
from consortium.agreements import access, rules
from consortium.agreements.lifecycle import AGREEMENT
from consortium.agreements.models import Agreement
from consortium.applications import access as applications
from consortium.applications.models import Application
from consortium.compliance import queries as compliance
from consortium.matching import eligibility, problem
from consortium.organisations.models import SiteVisit
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.reference import law
from consortium.shared import clock
from consortium.shared.access import COLLEGE_OFFICE, Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed
from consortium.students import queries as students
from consortium.students.models import Consent, Student
from consortium.students.rules import INTERNSHIP

WHOLE = (
    selectinload(Agreement.signatures),
    joinedload(Agreement.application).joinedload(Application.position).options(*(joinedload(one) for one in (Position.tenant, Position.seats))),
    joinedload(Agreement.application).joinedload(Application.student).joinedload(Student.tenant),
)


@dataclass(frozen=True, slots=True)
class Awaited:
    """One thing the law wants to be there: the rule's code, by when, and whether it is (1 there, 0 not, -1 not recorded)."""

    code: str
    stage: str
    state: int
    facts: tuple[tuple[str, bool], ...] = ()
    blocks: bool = False
    overridden: bool = False


def reachable(actor: Actor, public_id: uuid.UUID) -> Agreement:
    """An agreement this reader may see, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(Agreement.public_id == public_id).options(*WHOLE))
    if found is None:
        raise NotFound
    return found


def of_application(actor: Actor, public_id: uuid.UUID) -> Agreement:
    """The agreement drafted from an application within reach, or NotFound."""
    mine = applications.visible_to(actor).where(Application.public_id == public_id).with_only_columns(Application.id)
    found = db.session.scalar(access.visible_to(actor).where(Agreement.application_id.in_(mine)).options(*WHOLE))
    if found is None:
        raise NotFound
    return found


def listing(actor: Actor, page: int, *, kind: str = "", state: str = "", size: int = 30) -> Listing:
    """Agreements, newest first; constant number of queries."""
    statement = access.visible_to(actor).options(*WHOLE).order_by(Agreement.id.desc())
    if kind:
        statement = statement.where(Agreement.kind == kind)
    if state:
        statement = statement.where(Agreement.state == state)
    return listed(statement, page, size)


def existing(application_id: int) -> Agreement | None:
    """The agreement of an application, for use cases."""
    return db.session.scalar(sa.select(Agreement).where(Agreement.application_id == application_id))


def checklist(agreement: Agreement) -> list[Awaited]:
    """Every rule of law that an agreement must pass, each at the first of its places: what it still lacks and what is there."""
    return judged([agreement])[0]


def judged(agreements: Sequence[Agreement], place: str = "") -> list[list[Awaited]]:
    """The same of several; with a place, everything that is asked there (signature, first-day, every-day). Constant number of queries."""
    if not agreements:
        return []
    whole = _Cases(agreements)
    verdicts = eligibility.judge_placements(whole.students, whole.posts, [given for given, _ in whole.records], place, positions.limits(clock.today()))
    of_key = {key: (found, given) for key, found, given in zip(whole.students.key, verdicts, whole.records, strict=True)}
    told = []
    for agreement in agreements:
        found, (_, facts) = of_key[str(agreement.public_id)]
        told.append([Awaited(v.code, rules.stage(v.code), v.state, facts.get(v.code, ()), v.blocks, v.overridden) for v in found])
    return told


def told_on(agreement: Agreement) -> dict[str, date | None]:
    """Since when the facts stand that an agreement is judged by, by who states them."""
    student, when = agreement.application.student, positions.told_on([agreement.application.position])[agreement.position_id]
    of_student = (student.changed_at or student.created_at).date()
    return when | {"student": of_student, "college": of_student, "enterprise": agreement.created_at.date(), "parties": clock.today()}


def rules_now() -> dict[str, dict[int, list[Agreement]]]:
    """Of every rule that an agreement must pass: drafted agreements by verdict (1, 0, -1); constant number of queries."""
    found: dict[str, dict[int, list[Agreement]]] = {}
    drafted = list(db.session.scalars(sa.select(Agreement).where(Agreement.state == AGREEMENT.start).options(*WHOLE).order_by(Agreement.id)))
    for agreement, awaited in zip(drafted, judged(drafted), strict=True):
        for one in awaited:
            found.setdefault(one.code, {1: [], 0: [], -1: []})[one.state].append(agreement)
    return found


def rules_counted() -> dict[str, tuple[int, int, int]]:
    """Rule → drafted agreements that meet it, do not, and where it is not known."""
    return {code: (len(by[1]), len(by[0]), len(by[-1])) for code, by in rules_now().items()}


def office_of_college(tenant_id: int) -> list[int]:
    """Persons of a college office, who are told of drafts."""
    return accounts.persons_in(tenant_id, COLLEGE_OFFICE)


class _Cases:
    """Agreements as rows of the method: the student as she is, the post as agreed, the host and its ledger as they stand now."""

    def __init__(self, agreements: Sequence[Agreement]) -> None:
        pairs = [(str(a.public_id), a, a.application) for a in agreements]
        of_student = dict(zip((a.student_id for a in agreements), students.as_rows([one.student for _, _, one in pairs]), strict=True))
        posts = positions.by_ids({a.position_id for a in agreements})
        of_post = {number: row for row, number in zip(positions.as_rows(list(posts.values())), posts, strict=True)}
        self.students = problem.columns("students", [of_student[a.student_id] | {"key": key} for key, a, _ in pairs])
        standing = compliance.standing({post.tenant_id for post in posts.values()})
        mentored = {number: standing.mentor_places(post) for number, post in posts.items()}
        agreed = [_as_agreed(of_post[a.position_id], a, posts[a.position_id], mentored[a.position_id]) | {"key": key} for key, a, _ in pairs]
        self.posts = problem.columns("positions", agreed)
        known = _known(agreements)
        by_key = {key: _records(a, known) for key, a, _ in pairs}
        self.records = [by_key[key] for key in self.students.key]


AGREED = (
    "contract_months", "probation_months", "labour_level", "hazards", "hours_per_day", "hours_per_week", "night", "rest_days", "overtime", "pay_fen",
    "pay_period_days", "pay_to_student", "pay_in_kind",
)  # fmt: skip


def _as_agreed(row: dict[str, Any], agreement: Agreement, post: Position, mentored: int) -> dict[str, Any]:
    """A post's row with the facts of the agreement's terms; of its places those that are taken."""
    terms, taken = agreement.terms, max(post.seats.taken, 1)
    first, last = (date.fromisoformat(terms[name]) if terms.get(name) else None for name in ("start_on", "end_on"))
    return row | {name: terms.get(name) for name in AGREED} | {
        "start_on": first, "end_on": last, "n_tasks": len(terms.get("tasks") or []), "places": taken,
        "mentor_places": mentored,
        "holidays": len(law.holidays_between(first, last)) if first and last else None,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    visits: dict[tuple[int, int], SiteVisit]
    consents: dict[int, list[str]]
    mentored: set[uuid.UUID]


def _known(agreements: Sequence[Agreement]) -> _Known:
    visits = db.session.scalars(sa.select(SiteVisit).where(SiteVisit.college_tenant_id.in_({a.college_tenant_id for a in agreements})))
    consents: dict[int, list[str]] = {}
    given = sa.select(Consent.student_id, Consent.given_by).where(
        Consent.student_id.in_({a.student_id for a in agreements}), Consent.purpose == INTERNSHIP, Consent.withdrawn_at.is_(None)
    )
    for student_id, by in db.session.execute(given):
        consents.setdefault(student_id, []).append(by)
    mentored = compliance.mentored({a.application.position.public_id for a in agreements})
    return _Known({(v.college_tenant_id, v.enterprise_tenant_id): v for v in visits}, consents, mentored)


def _records(agreement: Agreement, known: _Known) -> tuple[dict[str, int], dict[str, tuple[tuple[str, bool], ...]]]:
    visit = known.visits.get((agreement.college_tenant_id, agreement.enterprise_tenant_id))
    consents = known.consents.get(agreement.student_id, [])
    signed: list[tuple[str, bool]] = [(one.party, one.signed_at is not None) for one in agreement.signatures]
    host = agreement.application.position.public_id in known.mentored
    records = {
        "site_visit": rules.visit_state(visit is not None, visit is not None and visit.published_on is not None),
        "informed_consents": rules.both_consents(consents),
        "signatures": rules.YES if all(done for _, done in signed) else rules.NO,
        "terms": rules.NO if rules.missing(agreement.kind, agreement.terms) else rules.YES,
        "supervisors": rules.supervisors(host, None),
    }
    facts = {
        "R08": ((rules.STUDENT, rules.STUDENT in consents), (rules.GUARDIAN, rules.GUARDIAN in consents)),
        "R15": tuple(signed),
        "R30": ((rules.ENTERPRISE, host), (rules.COLLEGE, False)),
    }
    return records, facts
