"""Drafting agreements from accepted offers. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from consortium.agreements import queries, rules
from consortium.agreements.events import agreement_drafted
from consortium.agreements.lifecycle import AGREEMENT
from consortium.agreements.models import Agreement, Signature
from consortium.applications import queries as applications
from consortium.applications.models import Application
from consortium.imports.columns import told_yuan
from consortium.organisations import queries as organisations
from consortium.positions.models import Position
from consortium.shared import audit, clock
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.students import queries as students

COPIED = (
    "title", "duties", "tasks", "occupation_code", "place_code", "place_note", "start_on", "end_on", "contract_months", "probation_months", "venue",
    "labour_level", "hazards", "board", "lodging", "hours_per_day", "hours_per_week", "night", "rest_days", "overtime", "pay_fen", "pay_period_days",
    "pay_to_student", "pay_in_kind",
)  # fmt: skip
NOT_YET_KNOWN = ("protection", "insurance", "assessment", "breach")


def draft_from(application_id: int) -> Agreement:
    """The agreement of an accepted offer, from its facts as they stand now; a second time gives the first one back."""
    found = queries.existing(application_id)
    if found is not None:
        return found
    application = applications.by_id(application_id)
    position, student = application.position, application.student
    parties = rules.parties(position.kind, student.birth_on, position.start_on)
    agreement = Agreement(
        application_id=application.id, college_tenant_id=application.college_tenant_id, enterprise_tenant_id=application.enterprise_tenant_id,
        student_id=student.id, position_id=position.id, kind=position.kind, state=AGREEMENT.start, terms=_terms(application, position, parties),
        signatures=[Signature(party=party, turn=turn) for turn, party in enumerate(parties, 1)],
    )  # fmt: skip
    db.session.add(agreement)
    db.session.flush()
    audit.record("draft-agreement", agreement, by=None, kind=agreement.kind, missing=sorted(rules.missing(agreement.kind, agreement.terms)))
    agreement_drafted.announce(agreement_id=agreement.id)
    return agreement


def is_signed(application_id: int) -> bool:
    """Whether the agreement of an application is more than a draft, or somebody has signed it."""
    found = queries.existing(application_id)
    return found is not None and (found.state != AGREEMENT.start or any(one.signed_at is not None for one in found.signatures))


def drop_draft(application_id: int) -> None:
    """The acceptance was taken back: the unsigned draft goes, its line in the audit stays."""
    found = queries.existing(application_id)
    if found is not None:
        audit.record("drop-draft", found, by=None)
        for one in found.signatures:
            db.session.delete(one)
        db.session.delete(found)
        db.session.flush()


def opened(agreement: Agreement, *, by: Actor) -> None:
    """Log that an enterprise or college is being shown this student's agreement."""
    if by.role is not Role.STUDENT:
        audit.looked([(agreement.student_id, students.is_minor(agreement.application.student))], by=by, what="agreement", through=agreement)


def _terms(application: Application, position: Position, parties: Sequence[str]) -> dict[str, Any]:
    enterprise, student = organisations.enterprise_of(position.tenant_id), application.student
    copied = {name: _plain(getattr(position, name)) for name in COPIED}
    return {
        "student": student.name,
        "student_no": student.student_no,
        "guardian": student.guardian_name if rules.GUARDIAN in parties else "",  # who is no party is not named
        "enterprise": position.tenant.name_zh,
        "enterprise_en": position.tenant.name_en,
        "credit_code": enterprise.credit_code,
        "college": student.tenant.name_zh,
        "college_en": student.tenant.name_en,
        **copied,
        **dict.fromkeys(NOT_YET_KNOWN, ""),
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, list) else value


def export_lines(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """The agreements that the filter shows as cells, as they were agreed; every look is noted."""
    found, page = [], 1
    while True:
        listing = queries.listing(actor, page, kind=asked.get("kind", ""), state=asked.get("state", ""), size=200)
        for one in listing.rows:
            opened(one, by=actor)
            terms = one.terms
            told = {name: str(terms.get(name) or "") for name in ("title", "student", "student_no", "enterprise", "college", "start_on", "end_on")}
            told |= {
                "kind": one.kind, "state": one.state, "pay": told_yuan(terms.get("pay_fen")), "drafted": clock.local(one.created_at).date().isoformat(),
                "signed": str(sum(line.signed_at is not None for line in one.signatures)), "parties": str(len(one.signatures)),
                "missing": str(len(rules.missing(one.kind, terms))),
            }  # fmt: skip
            found.append([told[name] for name in names])
        if page >= listing.n_pages:
            return found
        page += 1
