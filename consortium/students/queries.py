"""What may be read of students, already narrowed to the reader."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.accounts import queries as accounts
from consortium.accounts.models import Membership, Tenant
from consortium.reference import majors
from consortium.shared import clock
from consortium.shared.access import Actor, Role
from consortium.shared.audit import Look
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed
from consortium.skills.models import Skill
from consortium.students import access, rules
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill


def student_of(actor: Actor) -> Student:
    """The signed-in student; raises NotFound where the account is not tied to a register entry."""
    found = db.session.scalar(
        access.visible_to(actor).options(
            joinedload(Student.tenant), selectinload(Student.skills).joinedload(StudentSkill.skill), selectinload(Student.consents)
        )
    )
    if found is None or found.person_id != actor.person_id:
        raise NotFound
    return found


def reachable(actor: Actor, public_id: uuid.UUID) -> Student:
    """A student this reader may see, or NotFound."""
    found = db.session.scalar(
        access.visible_to(actor)
        .where(Student.public_id == public_id)
        .options(joinedload(Student.school_class), selectinload(Student.skills).joinedload(StudentSkill.skill), selectinload(Student.consents))
    )
    if found is None:
        raise NotFound
    return found


def listing(actor: Actor, page: int, asked: Mapping[str, str] | None = None, size: int = 50) -> Listing:
    """Students by class and number, filtered."""
    return listed(_filtered(actor, **(asked or {})), page, size)


def every(actor: Actor, **asked: str) -> list[Student]:
    """The same without pages, for an export."""
    return list(db.session.scalars(_filtered(actor, **asked)).unique())


def _filtered(actor: Actor, *, query: str = "", class_id: str = "", consent: str = "", account: str = "") -> sa.Select[Any]:
    statement = access.visible_to(actor).options(joinedload(Student.school_class), selectinload(Student.consents))
    statement = statement.order_by(Student.class_id, Student.student_no)
    if query:
        wanted = query.strip()
        statement = statement.where(
            sa.or_(Student.name.contains(wanted, autoescape=True), Student.student_no.startswith(wanted, autoescape=True))
        )
    if class_id:
        chosen = sa.select(SchoolClass.id).where(SchoolClass.tenant_id == actor.tenant_id, SchoolClass.name == class_id)
        statement = statement.where(Student.class_id.in_(chosen))
    if consent in ("yes", "no"):
        agreed = consented_ids()
        statement = statement.where(Student.id.in_(agreed) if consent == "yes" else Student.id.not_in(agreed))
    if account in ("yes", "no"):
        statement = statement.where(Student.person_id.is_not(None) if account == "yes" else Student.person_id.is_(None))
    return statement


def classes(actor: Actor) -> list[tuple[SchoolClass, int]]:
    """Classes within reach and how many students each has."""
    inside = access.visible_to(actor).subquery()
    rows = db.session.execute(
        sa.select(SchoolClass, sa.func.count(inside.c.id))
        .join(inside, inside.c.class_id == SchoolClass.id)
        .group_by(SchoolClass.id)
        .order_by(SchoolClass.name)
    )
    return [(c, n) for c, n in rows]


def every_class(actor: Actor) -> list[tuple[SchoolClass, int, int]]:
    """All classes of one's own college: how many students each has, and how many of them agreed to matching."""
    inside, agreed = access.visible_to(actor).subquery(), consented_ids().subquery()
    rows = db.session.execute(
        sa.select(SchoolClass, sa.func.count(inside.c.id), sa.func.count(agreed.c.student_id))
        .outerjoin(inside, inside.c.class_id == SchoolClass.id)
        .outerjoin(agreed, agreed.c.student_id == inside.c.id)
        .where(SchoolClass.tenant_id == actor.tenant_id)
        .group_by(SchoolClass.id)
        .order_by(SchoolClass.name)
    )
    return [(c, n, consenting) for c, n, consenting in rows]


def reachable_class(actor: Actor, public_id: uuid.UUID) -> SchoolClass:
    """A class of one's own college, or NotFound."""
    found = db.session.scalar(sa.select(SchoolClass).where(SchoolClass.tenant_id == actor.tenant_id, SchoolClass.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def advisers(actor: Actor) -> list[Membership]:
    """Class advisers of one's own college who may sign in."""
    return [one for one in accounts.colleagues(actor) if one.role == Role.CLASS_ADVISER and one.state == "active"]


def consented_ids() -> sa.Select[Any]:
    """Ids of students whose own consent to matching is in force, in the present version."""
    return sa.select(Consent.student_id).where(
        Consent.purpose == rules.MATCHING,
        Consent.given_by == "student",
        Consent.withdrawn_at.is_(None),
        Consent.version == rules.CONSENT_VERSION,
    )


def consent(student: Student, purpose: str, given_by: str = "student") -> Consent | None:
    """The consent in force for a purpose, in the present version: the student's own, or the guardian's."""
    return next(
        (
            c
            for c in student.consents
            if c.purpose == purpose and c.given_by == given_by and c.withdrawn_at is None and c.version == rules.CONSENT_VERSION
        ),
        None,
    )


def guardian_is_missing(student: Student, purpose: str) -> bool:
    """Whether the guardian must agree before this student can."""
    return rules.needs_guardian_first(student.birth_on, clock.today()) and consent(student, purpose, "guardian") is None


def is_minor(student: Student) -> bool:
    """Today."""
    return rules.minor(student.birth_on, clock.today())


def for_matching(ids: Iterable[int] | None = None) -> list[Student]:
    """Everybody who may be in a run: enrolled or graduated, consenting; skills loaded; constant number of queries."""
    statement = sa.select(Student).where(*_in_a_run(ids)).options(selectinload(Student.skills).joinedload(StudentSkill.skill)).order_by(Student.id)
    return list(db.session.scalars(statement))


def rows_for_matching(ids: Iterable[int] | None = None) -> Iterator[tuple[list[int], list[dict[str, Any]]]]:
    """The same ten thousand at a time, as inner ids and rows of `matching.problem`, without a record of each in memory."""
    wanted, last = _in_a_run(ids), 0
    while part := db.session.execute(sa.select(*_MATCHED).where(Student.id > last, *wanted).order_by(Student.id).limit(PIECE)).all():
        last = part[-1].id
        held = _codes(Student.id <= last, Student.id >= part[0].id, *wanted)
        yield [s.id for s in part], [_as_row(s, held.get(s.id, {}), True) for s in part]


def _in_a_run(ids: Iterable[int] | None) -> list[sa.ColumnElement[bool]]:
    everybody = [Student.state.in_(("enrolled", "graduated")), Student.id.in_(consented_ids())]
    return everybody if ids is None else [*everybody, Student.id.in_(list(ids))]


def changed_since(instant: datetime) -> list[int]:
    """Whoever was changed, agreed or withdrew after an instant."""
    of_consents = sa.select(Consent.student_id).where(sa.or_(Consent.given_at > instant, Consent.withdrawn_at > instant))
    return sorted({*db.session.scalars(sa.select(Student.id).where(Student.changed_at > instant)), *db.session.scalars(of_consents)})


def as_rows(students: list[Student]) -> list[dict[str, Any]]:
    """Students as rows of `matching.problem`; two queries for any ten thousand of them."""
    held: dict[int, dict[str, list[str]]] = {}
    agreed: set[int] = set()
    ids = [s.id for s in students]
    for start in range(0, len(ids), PIECE):
        part = ids[start : start + PIECE]
        held |= _codes(Student.id.in_(part))
        agreed |= set(db.session.scalars(consented_ids().where(Consent.student_id.in_(part))))
    return [_as_row(s, held.get(s.id, {}), s.id in agreed) for s in students]


PIECE = 10_000
_MATCHED = (
    Student.id, Student.public_id, Student.wish, Student.courses, Student.about, Student.major_code, Student.level, Student.birth_on,
    Student.enrolled_on, Student.sex, Student.wants_internship, Student.wants_job, Student.wants_zone, Student.shift_ok, Student.available_from,
    Student.available_until, Student.least_pay_fen, Student.places,
)  # fmt: skip


def _codes(*which: sa.ColumnElement[bool]) -> dict[int, dict[str, list[str]]]:
    """Codes of skills and certificates by student."""
    found: dict[int, dict[str, list[str]]] = {}
    held_by = sa.select(StudentSkill.student_id, Skill.kind, Skill.code).join(Skill, Skill.id == StudentSkill.skill_id)
    for student_id, kind, code in db.session.execute(held_by.join(Student, Student.id == StudentSkill.student_id).where(*which)):
        found.setdefault(student_id, {}).setdefault(kind, []).append(code)
    for held in found.values():
        for codes in held.values():
            codes.sort()
    return found


def _as_row(s: Any, codes: Mapping[str, list[str]], consents: bool) -> dict[str, Any]:
    major = majors.find(s.major_code)
    return {
        "key": str(s.public_id),
        "wish": s.wish,
        "text": "\n".join(part for part in (s.courses, s.about) if part),
        "skills": codes.get("skill", []),
        "certificates": codes.get("certificate", []),
        "major": s.major_code,
        "major_class": major.class_key if major else "",
        "major_category": major.category_key if major else "",
        "occupations": list(majors.occupation_groups(major.class_key)) if major else [],
        "level": s.level,
        "birth_on": s.birth_on,
        "enrolled_on": s.enrolled_on,
        "sex": s.sex,
        "consents": consents,
        "wants_internship": s.wants_internship,
        "wants_job": s.wants_job,
        "wants_zone": s.wants_zone,
        "shift_ok": s.shift_ok,
        "available_from": s.available_from,
        "available_until": s.available_until,
        "least_pay_fen": s.least_pay_fen,
        "places": list(s.places),
        "ranking": [],
    }


def by_ids(ids: Iterable[int]) -> dict[int, Student]:
    """Students by id, for use cases that have checked who may see them."""
    statement = sa.select(Student).where(Student.id.in_(list(ids))).options(selectinload(Student.skills).joinedload(StudentSkill.skill))
    return {s.id: s for s in db.session.scalars(statement)}


def id_of(public_id: uuid.UUID) -> int | None:
    """The inner id of a public one."""
    return db.session.scalar(sa.select(Student.id).where(Student.public_id == public_id))


def filled(student: Student) -> dict[str, bool]:
    """Which parts of the profile are there."""
    return {
        "wish": bool(student.wish),
        "skills": bool(student.skills),
        "wants_zone": student.wants_zone is not None,
        "shift_ok": student.shift_ok is not None,
        "available_from": student.available_from is not None,
        "about": bool(student.about),
        "least_pay_fen": student.least_pay_fen is not None,
        "places": bool(student.places),
    }


def who_looked(student: Student, limit: int = 30) -> list[tuple[Look, Tenant]]:
    """Who was shown this student's data, newest first."""
    rows = db.session.execute(
        sa.select(Look, Tenant).join(Tenant, Tenant.id == Look.tenant_id).where(Look.student_id == student.id).order_by(Look.id.desc()).limit(limit)
    )
    return [(look, tenant) for look, tenant in rows]


def existing(tenant_id: int, numbers: Iterable[str]) -> dict[str, Student]:
    """A college's students by number, with class and skills."""
    found: dict[str, Student] = {}
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), 500):
        statement = sa.select(Student).where(Student.tenant_id == tenant_id, Student.student_no.in_(wanted[start : start + 500]))
        statement = statement.options(joinedload(Student.school_class), selectinload(Student.skills).joinedload(StudentSkill.skill))
        found |= {s.student_no: s for s in db.session.scalars(statement)}
    return found


def identity_owners(tenant_id: int, hashes: Iterable[str]) -> dict[str, str]:
    """Keyed hash of an identity number → student number that has it."""
    found: dict[str, str] = {}
    wanted = sorted(set(hashes))
    for start in range(0, len(wanted), 500):
        rows = db.session.execute(
            sa.select(Student.identity_hash, Student.student_no).where(
                Student.tenant_id == tenant_id, Student.identity_hash.in_(wanted[start : start + 500])
            )
        )
        found |= {str(h): str(n) for h, n in rows}
    return found
