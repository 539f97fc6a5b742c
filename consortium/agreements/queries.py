"""What may be read of agreements, already narrowed to the reader, and which records stand behind one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.accounts import queries as accounts
from consortium.agreements import access, rules
from consortium.agreements.lifecycle import AGREEMENT
from consortium.agreements.models import Agreement
from consortium.applications import access as applications
from consortium.applications.models import Application
from consortium.matching import eligibility
from consortium.organisations import queries as organisations
from consortium.positions.models import Position
from consortium.shared.access import COLLEGE_OFFICE, Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed
from consortium.students.models import Consent, Student
from consortium.students.rules import INTERNSHIP

WHOLE = (
    selectinload(Agreement.signatures),
    joinedload(Agreement.application).joinedload(Application.position).joinedload(Position.tenant),
    joinedload(Agreement.application).joinedload(Application.student).joinedload(Student.tenant),
)


@dataclass(frozen=True, slots=True)
class Awaited:
    """One thing the law wants to be there: the rule's code, by when, and whether it is (1 there, 0 not, -1 not recorded)."""

    code: str
    stage: str
    state: int
    facts: tuple[tuple[str, bool], ...] = ()


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
    """What must still be there before signature and before the first day, rule by rule."""
    found = []
    given, facts = _records(agreement)
    for verdict in eligibility.judge_agreement(agreement.kind, given):
        found.append(Awaited(verdict.code, rules.STAGE[verdict.code], verdict.state, facts.get(verdict.code, ())))
    return found


def office_of_college(tenant_id: int) -> list[int]:
    """Persons of a college office, who are told of drafts."""
    return accounts.persons_in(tenant_id, COLLEGE_OFFICE)


def _records(agreement: Agreement) -> tuple[dict[str, int], dict[str, tuple[tuple[str, bool], ...]]]:
    visit = organisations.visit(agreement.college_tenant_id, agreement.enterprise_tenant_id)
    consents = list(
        db.session.scalars(
            sa.select(Consent.given_by).where(
                Consent.student_id == agreement.student_id, Consent.purpose == INTERNSHIP, Consent.withdrawn_at.is_(None)
            )
        )
    )
    signed: list[tuple[str, bool]] = [(one.party, one.signed_at is not None) for one in agreement.signatures]
    lacking: dict[str, Any] = rules.missing(agreement.kind, agreement.terms)
    records = {
        "site_visit": rules.visit_state(visit is not None, visit is not None and visit.published_on is not None),
        "informed_consents": rules.both_consents(consents),
        "signatures": rules.YES if all(done for _, done in signed) else rules.NO,
        "terms": rules.NO if lacking else rules.YES,
    }
    facts = {
        "R08": ((rules.STUDENT, rules.STUDENT in consents), (rules.GUARDIAN, rules.GUARDIAN in consents)),
        "R15": tuple(signed),
    }
    return records, facts


def running_of(student_id: int) -> list[Agreement]:
    """A student's agreements that are not over: drafts, and whatever can still take a step."""
    going = {AGREEMENT.start, *(source for step in AGREEMENT.steps.values() for source in step.sources)}
    return list(db.session.scalars(sa.select(Agreement).where(Agreement.student_id == student_id, Agreement.state.in_(going))))
