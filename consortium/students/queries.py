"""What may be read of students, already narrowed to the reader."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.accounts import queries as accounts
from consortium.accounts.models import Membership, Person, Tenant
from consortium.organisations import queries as organisations
from consortium.organisations.models import CollegeMajor
from consortium.reference import majors
from consortium.shared import clock, sealed
from consortium.shared.access import COLLEGE_OFFICE, Actor, Role
from consortium.shared.audit import Look
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed
from consortium.skills.models import Skill
from consortium.students import access, lifecycle, rules
from consortium.students.models import (
    Consent,
    Destination,
    Erasure,
    Evidence,
    GuardianLink,
    SchoolClass,
    Student,
    StudentSkill,
    Ticket,
)

FILTERS = ("query", "class_id", "consent", "account", "state", "lacks", "major")


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
    whole = _filtered(actor, **asked).options(selectinload(Student.skills).joinedload(StudentSkill.skill))
    return list(db.session.scalars(whole).unique())


def _filtered(
    actor: Actor, *, query: str = "", class_id: str = "", consent: str = "", account: str = "", state: str = "", lacks: str = "", major: str = "",
    minors: str = "",
) -> sa.Select[Any]:  # fmt: skip
    statement = access.visible_to(actor).options(joinedload(Student.school_class), selectinload(Student.consents), selectinload(Student.skills))
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
    if state in lifecycle.STUDENT.states:
        statement = statement.where(Student.state == state)
    if lacks in rules.LACKS:
        statement = statement.where(Student.state == lifecycle.ENROLLED, _lacking()[lacks])
    if major:
        statement = statement.where(Student.major_code == major)
    if minors == "yes":
        statement = statement.where(_minor())
    return statement


def _minor() -> sa.ColumnElement[bool]:
    """Under 18 today, or of unknown age: the careful reading."""
    return sa.or_(Student.birth_on.is_(None), Student.birth_on > rules.born_before(clock.today(), rules.OF_AGE))


def _agreed(purpose: str, given_by: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Consent.student_id == Student.id, Consent.purpose == purpose, Consent.given_by == given_by, Consent.withdrawn_at.is_(None),
        Consent.version == rules.CONSENT_VERSION,
    )  # fmt: skip


def _lacking() -> dict[str, sa.ColumnElement[bool]]:
    """What `rules.LACKS` names, as conditions: the very ones `lacks` tells of one student."""
    return {
        "account": Student.person_id.is_(None),
        "consent": sa.not_(_agreed(rules.MATCHING, "student")),
        "guardian": sa.and_(Student.wants_internship.is_not(False), sa.not_(_agreed(rules.INTERNSHIP, "guardian"))),
        "guardian_contact": sa.and_(_minor(), sa.or_(Student.guardian_phone == "", Student.guardian_name == "")),
        "birth_on": Student.birth_on.is_(None),
        "phone": Student.phone == "",
        "major_code": Student.major_code == "",
        "wish": Student.wish == "",
        "skills": sa.not_(sa.exists().where(StudentSkill.student_id == Student.id)),
    }


def lacks(student: Student) -> list[str]:
    """What this student still lacks, the most pressing first; nothing for who is not enrolled. Skills and consents are loaded."""
    there = {
        "account": student.person_id is not None,
        "consent": consent(student, rules.MATCHING) is not None,
        "guardian": student.wants_internship is False or consent(student, rules.INTERNSHIP, "guardian") is not None,
        "guardian_contact": not is_minor(student) or bool(student.guardian_phone and student.guardian_name),
        "birth_on": student.birth_on is not None,
        "phone": bool(student.phone),
        "major_code": bool(student.major_code),
        "wish": bool(student.wish),
        "skills": bool(student.skills),
    }
    return [name for name in rules.LACKS if not there[name]] if student.state == lifecycle.ENROLLED else []


def caseload(actor: Actor) -> tuple[int, dict[str, int]]:
    """How many enrolled students are within reach, and how many of them lack what; one query."""
    counted = [sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0) for condition in _lacking().values()]
    inside = access.visible_to(actor).where(Student.state == lifecycle.ENROLLED).with_only_columns(sa.func.count(), *counted)
    n, *found = db.session.execute(inside).one()
    return int(n), {name: int(many) for name, many in zip(_lacking(), found, strict=True)}


@dataclass(frozen=True, slots=True)
class Protection:
    """How many students the law looks after most closely, and what of it is not there yet."""

    minors: int
    up_to_14: int
    unknown_age: int
    no_contact: int
    no_guardian: int


def protection(actor: Actor) -> Protection:
    """Of the enrolled students within reach; one query."""
    young = sa.and_(Student.birth_on.is_not(None), Student.birth_on > rules.born_before(clock.today(), rules.GUARDIAN_UP_TO + 1))
    wanted = (_minor(), young, Student.birth_on.is_(None), _lacking()["guardian_contact"], _lacking()["guardian"])
    counted = [sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0) for condition in wanted]
    found = db.session.execute(access.visible_to(actor).where(Student.state == lifecycle.ENROLLED).with_only_columns(*counted)).one()
    return Protection(*(int(n) for n in found))


@dataclass(frozen=True, slots=True)
class MajorRow:
    """A major of a college: what it says of it, and how many classes and enrolled students are in it, by cohort."""

    code: str
    said: CollegeMajor | None
    n_classes: int
    cohorts: tuple[tuple[int, int], ...]

    @property
    def n_students(self) -> int:
        """Enrolled in it."""
        return sum(n for _, n in self.cohorts)


def majors_of(actor: Actor) -> list[MajorRow]:
    """Majors that the college runs, and those that its students are in without its having said so; cohort 0: unknown."""
    year = sa.extract("year", Student.enrolled_on)
    inside = access.visible_to(actor).where(Student.state == lifecycle.ENROLLED, Student.major_code != "")
    cohorts: dict[str, dict[int, int]] = defaultdict(dict)
    for code, cohort, n in db.session.execute(inside.with_only_columns(Student.major_code, year, sa.func.count()).group_by(Student.major_code, year)):
        cohorts[code][int(cohort or 0)] = n
    by_class = sa.select(SchoolClass.major_code, sa.func.count()).where(SchoolClass.id.in_(access.classes_of(actor).with_only_columns(SchoolClass.id)))
    n_classes = {str(code): int(n) for code, n in db.session.execute(by_class.group_by(SchoolClass.major_code))}
    said = {one.major_code: one for one in organisations.majors_of(actor.tenant_id)}
    return [
        MajorRow(code, said.get(code), n_classes.get(code, 0), tuple(sorted(cohorts.get(code, {}).items())))
        for code in sorted({*said, *cohorts, *n_classes} - {""})
    ]


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class and how far its students are."""

    one: SchoolClass
    n: int
    agreed: int
    accounts: int
    guardians: int

    @property
    def no_account(self) -> int:
        """Who cannot sign in yet."""
        return self.n - self.accounts


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


def every_class(actor: Actor) -> list[ClassRow]:
    """The classes within reach by cohort, newest first: how many enrolled students each has, and how far they are."""
    return _class_rows(actor, access.classes_of(actor).with_only_columns(SchoolClass.id))


def classes_listed(actor: Actor, page: int, size: int = 50) -> Listing:
    """The same, a page at a time."""
    wanted = access.classes_of(actor).with_only_columns(SchoolClass.id).order_by(*_newest_first())
    ids = listed(wanted, page, size)
    return Listing(_class_rows(actor, ids.rows), ids.page, ids.size, ids.total)


def page_of_class(actor: Actor, school_class: SchoolClass, size: int = 50) -> int:
    """On which of these pages a class stands."""
    ids = list(db.session.scalars(access.classes_of(actor).with_only_columns(SchoolClass.id).order_by(*_newest_first())))
    return ids.index(school_class.id) // size + 1 if school_class.id in ids else 1


def _newest_first() -> tuple[Any, ...]:
    return sa.func.coalesce(SchoolClass.cohort, 0).desc(), SchoolClass.name


def _class_rows(actor: Actor, ids: Any) -> list[ClassRow]:
    inside = access.visible_to(actor).where(Student.state == lifecycle.ENROLLED).subquery()
    agreed, guardians = consented_ids().subquery(), consented_ids(rules.INTERNSHIP, "guardian").subquery()
    rows = db.session.execute(
        sa.select(
            SchoolClass, sa.func.count(inside.c.id), sa.func.count(agreed.c.student_id), sa.func.count(inside.c.person_id),
            sa.func.count(guardians.c.student_id),
        )
        .outerjoin(inside, inside.c.class_id == SchoolClass.id)
        .outerjoin(agreed, agreed.c.student_id == inside.c.id)
        .outerjoin(guardians, guardians.c.student_id == inside.c.id)
        .where(SchoolClass.id.in_(ids))
        .group_by(SchoolClass.id)
        .order_by(*_newest_first())
    )  # fmt: skip
    return [ClassRow(*row) for row in rows]


def reachable_class(actor: Actor, public_id: uuid.UUID) -> SchoolClass:
    """A class within reach, or NotFound."""
    found = db.session.scalar(access.classes_of(actor).where(SchoolClass.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def adviser_of(school_class: SchoolClass) -> str:
    """The name of who looks after a class, or nothing."""
    if school_class.adviser_id is None:
        return ""
    named = sa.select(Person.name).join(Membership, Membership.person_id == Person.id).where(Membership.id == school_class.adviser_id)
    return db.session.scalar(named) or ""


def adviser_person_of(student: Student) -> int | None:
    """The person who looks after a student's class, if anybody does."""
    return db.session.scalar(
        sa.select(Membership.person_id)
        .join(SchoolClass, sa.and_(SchoolClass.adviser_id == Membership.id, SchoolClass.tenant_id == Membership.tenant_id))
        .where(SchoolClass.id == student.class_id)
    )


def advisers(actor: Actor) -> list[Membership]:
    """Class advisers of one's own college who may sign in."""
    return [one for one in accounts.colleagues(actor) if one.role == Role.CLASS_ADVISER and one.state == "active"]


def of_class(school_class: SchoolClass, actor: Actor) -> list[Student]:
    """The students of a class, whatever their state, by number."""
    statement = _filtered(actor).where(Student.class_id == school_class.id)
    return list(db.session.scalars(statement).unique())


def named(actor: Actor, public_ids: Iterable[uuid.UUID]) -> list[Student]:
    """Those of these students who are within reach, by class and number."""
    return list(db.session.scalars(_filtered(actor).where(Student.public_id.in_(list(public_ids)))).unique())


def consented_ids(purpose: str = rules.MATCHING, given_by: str = "student") -> sa.Select[Any]:
    """Ids of students whose consent (or whose guardian's) to a purpose is in force, in the present version."""
    return sa.select(Consent.student_id).where(
        Consent.purpose == purpose,
        Consent.given_by == given_by,
        Consent.withdrawn_at.is_(None),
        Consent.version == rules.VERSIONS[purpose],
    )


def may_be_matched() -> sa.ColumnElement[bool]:
    """Whether a student's state lets her be in a run, and she has not objected to automatic matching."""
    return sa.and_(Student.state.in_(lifecycle.MATCHED), Student.objected_at.is_(None))


def shown_ids() -> sa.Select[Any]:
    """Ids of students whom enterprises may be shown without a name: in the matching, and agreeing to be shown."""
    return sa.select(Student.id).where(may_be_matched(), Student.id.in_(consented_ids()), Student.id.in_(consented_ids(rules.SHOWING)))


def outdated(student: Student) -> list[str]:
    """Purposes she agreed to in earlier words: a new version asks again."""
    old = {c.purpose for c in student.consents if c.given_by == "student" and c.withdrawn_at is None and c.version != rules.VERSIONS.get(c.purpose)}
    return [purpose for purpose in rules.PURPOSES if purpose in old]


def consent(student: Student, purpose: str, given_by: str = "student") -> Consent | None:
    """The consent in force for a purpose, in the present version: the student's own, or the guardian's."""
    return next(
        (
            c
            for c in student.consents
            if c.purpose == purpose and c.given_by == given_by and c.withdrawn_at is None and c.version == rules.VERSIONS.get(purpose)
        ),
        None,
    )


def guardian_is_missing(student: Student, purpose: str) -> bool:
    """Whether the guardian must agree before this student can."""
    return rules.needs_guardian_first(student.birth_on, clock.today()) and consent(student, purpose, "guardian") is None


def is_minor(student: Student) -> bool:
    """Today."""
    return rules.minor(student.birth_on, clock.today())


def in_matching_by_major(actor: Actor) -> dict[str, list[uuid.UUID]]:
    """Public ids of the students within reach who may be in a run, by major."""
    rows = db.session.execute(
        sa.select(Student.major_code, Student.public_id)
        .where(Student.id.in_(access.visible_to(actor).with_only_columns(Student.id)), may_be_matched(), Student.id.in_(consented_ids()))
        .order_by(Student.major_code, Student.id)
    )  # fmt: skip
    found: dict[str, list[uuid.UUID]] = defaultdict(list)
    for code, public_id in rows:
        found[code].append(public_id)
    return dict(found)


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
    everybody: list[sa.ColumnElement[bool]] = [may_be_matched(), Student.id.in_(consented_ids())]
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
    Student.enrolled_on, Student.stage_from, Student.tenant_id, Student.sex, Student.wants_internship, Student.wants_job, Student.wants_zone, Student.shift_ok, Student.available_from,
    Student.available_until, Student.least_pay_fen, Student.places, Student.state,
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
        "stage_from": s.stage_from,
        "college": str(s.tenant_id),
        "sex": s.sex,
        "consents": consents,
        "wants_internship": s.wants_internship if s.state == lifecycle.ENROLLED else False,  # an internship is part of studying
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


def colleges_of(tenant_ids: Iterable[int]) -> dict[int, Tenant]:
    """Colleges by tenant id."""
    return {one.id: one for one in db.session.scalars(sa.select(Tenant).where(Tenant.id.in_(list(tenant_ids))).order_by(Tenant.name_zh))}


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


def looks_within(actor: Actor, page: int = 1, *, student: Student | None = None, outside: bool = False, size: int = 50) -> Listing:
    """Who was shown data of students within reach, newest first: (look, organisation, person, student's name), perhaps only other organisations."""
    inside = access.visible_to(actor).with_only_columns(Student.id, Student.name, Student.public_id).subquery()
    statement = (
        sa.select(Look.id)
        .join(inside, inside.c.id == Look.student_id)
        .where(Look.role != Role.STUDENT.value)
        .order_by(Look.id.desc())
    )
    if student is not None:
        statement = statement.where(Look.student_id == student.id)
    if outside:
        statement = statement.where(Look.tenant_id != actor.tenant_id)
    ids = listed(statement, page, size)
    rows = db.session.execute(
        sa.select(Look, Tenant, Person.name, inside.c.name, inside.c.public_id)
        .join(inside, inside.c.id == Look.student_id)
        .join(Tenant, Tenant.id == Look.tenant_id)
        .join(Person, Person.id == Look.person_id)
        .where(Look.id.in_(ids.rows))
        .order_by(Look.id.desc())
    ).all()
    return Listing([Seen(*row) for row in rows], ids.page, ids.size, ids.total)


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: who of which organisation saw which student. Of other organisations the person stays unnamed."""

    look: Look
    organisation: Tenant
    person: str
    student: str
    student_id: uuid.UUID


def looks_by_organisation(actor: Actor, days: int = 30) -> list[tuple[Tenant, int, int]]:
    """Of the last days: each organisation, how many looks, at how many students; most first."""
    inside = access.visible_to(actor).with_only_columns(Student.id)
    n = sa.func.count()
    rows = db.session.execute(
        sa.select(Tenant, n, sa.func.count(sa.distinct(Look.student_id)))
        .join(Look, Look.tenant_id == Tenant.id)
        .where(Look.student_id.in_(inside), Look.at > clock.now() - timedelta(days=days), Look.role != Role.STUDENT.value)
        .group_by(Tenant.id)
        .order_by(n.desc(), Tenant.id)
        .limit(20)
    )
    return [(tenant, looks, students) for tenant, looks, students in rows]


def who_looked(student: Student, limit: int = 30) -> list[tuple[Look, Tenant]]:
    """Who was shown this student's data, newest first."""
    rows = db.session.execute(
        sa.select(Look, Tenant).join(Tenant, Tenant.id == Look.tenant_id).where(Look.student_id == student.id).order_by(Look.id.desc()).limit(limit)
    )
    return [(look, tenant) for look, tenant in rows]


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks of one organisation at the same on one day: the newest of them, and how many there were."""

    newest: Look
    organisation: Tenant
    times: int


def looks_by_day(student: Student, limit: int = 300) -> list[Looks]:
    """Who was shown this student's data, newest first; repeats of a day stand in one line."""
    found: dict[tuple[Any, int, str], list[tuple[Look, Tenant]]] = {}
    for look, tenant in who_looked(student, limit):
        found.setdefault((clock.local(look.at).date(), tenant.id, look.what), []).append((look, tenant))
    return [Looks(*rows[0], len(rows)) for rows in found.values()]


@dataclass(frozen=True, slots=True)
class Twice:
    """Somebody whom two colleges have on their registers: one's own entry, and the other college."""

    student: Student
    other: Tenant


def twice_in(actor: Actor) -> list[Twice]:
    """Students within reach whose identity number another college has too; the other entry itself stays unseen."""
    other = sa.orm.aliased(Student)
    statement = (
        access.visible_to(actor)
        .add_columns(Tenant)
        .join(other, sa.and_(other.identity_hash == Student.identity_hash, other.tenant_id != Student.tenant_id, other.state != lifecycle.ERASED))
        .join(Tenant, Tenant.id == other.tenant_id)
        .options(joinedload(Student.school_class))
        .order_by(Student.class_id, Student.student_no)
        .limit(500)
    )
    return [Twice(student, tenant) for student, tenant in db.session.execute(statement).unique()]


def twice_by_colleges() -> list[tuple[Tenant, Tenant, int]]:
    """For the zone: pairs of colleges that have somebody in common, and how many; nobody is named."""
    one, other = sa.orm.aliased(Student), sa.orm.aliased(Student)
    counted = (
        sa.select(one.tenant_id, other.tenant_id, sa.func.count())
        .join(other, sa.and_(other.identity_hash == one.identity_hash, other.tenant_id > one.tenant_id))
        .where(one.state != lifecycle.ERASED, other.state != lifecycle.ERASED)
        .group_by(one.tenant_id, other.tenant_id)
        .order_by(sa.func.count().desc(), one.tenant_id, other.tenant_id)
    )
    rows = db.session.execute(counted).all()
    named = colleges_of({number for a, b, _ in rows for number in (a, b)})
    return [(named[a], named[b], n) for a, b, n in rows]


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


def by_identity(tenant_id: int, hashes: Iterable[str]) -> dict[str, Student]:
    """A college's students by the keyed hash of their identity number."""
    found: dict[str, Student] = {}
    wanted = sorted(set(hashes))
    for start in range(0, len(wanted), 500):
        statement = sa.select(Student).where(Student.tenant_id == tenant_id, Student.identity_hash.in_(wanted[start : start + 500]))
        found |= {str(s.identity_hash): s for s in db.session.scalars(statement)}
    return found


def destinations(student_ids: Iterable[int]) -> dict[int, Destination]:
    """Where the national register says these students went."""
    found: dict[int, Destination] = {}
    wanted = sorted(set(student_ids))
    for start in range(0, len(wanted), 500):
        statement = sa.select(Destination).where(Destination.student_id.in_(wanted[start : start + 500]))
        found |= {one.student_id: one for one in db.session.scalars(statement)}
    return found


def present(tenant_id: int) -> list[tuple[str, str, str, str]]:
    """Who studies there now: (number, name, class, state), by number."""
    statement = sa.select(Student.student_no, Student.name, SchoolClass.name, Student.state).outerjoin(
        SchoolClass, sa.and_(SchoolClass.id == Student.class_id, SchoolClass.tenant_id == Student.tenant_id)
    )
    rows = db.session.execute(statement.where(Student.tenant_id == tenant_id, Student.state.in_(lifecycle.PRESENT)).order_by(Student.student_no))
    return [(number, name, class_name or "", state) for number, name, class_name, state in rows]


def evidence(number: int) -> Evidence:
    """One, for listeners of news."""
    return db.session.get_one(Evidence, number)


def reachable_evidence(actor: Actor, public_id: uuid.UUID) -> Evidence:
    """The paper of a certificate of a student within reach, or NotFound."""
    inside = access.visible_to(actor).with_only_columns(Student.id)
    found = db.session.scalar(
        sa.select(Evidence)
        .join(StudentSkill, StudentSkill.id == Evidence.student_skill_id)
        .where(Evidence.public_id == public_id, StudentSkill.student_id.in_(inside))
        .options(joinedload(Evidence.held).joinedload(StudentSkill.student), joinedload(Evidence.held).joinedload(StudentSkill.skill))
    )
    if found is None:
        raise NotFound
    return found


def papers(actor: Actor, page: int = 1, *, state: str = "submitted", size: int = 50) -> Listing:
    """Papers of certificates of students within reach, those that wait longest first; constant number of queries."""
    inside = access.visible_to(actor).with_only_columns(Student.id)
    statement = sa.select(Evidence).join(StudentSkill, StudentSkill.id == Evidence.student_skill_id).where(StudentSkill.student_id.in_(inside))
    if state:
        statement = statement.where(Evidence.state == state)
    whole = (joinedload(Evidence.held).joinedload(StudentSkill.student), joinedload(Evidence.held).joinedload(StudentSkill.skill))
    return listed(statement.options(*whole).order_by(Evidence.id), page, size)


def n_papers(actor: Actor) -> int:
    """How many wait to be looked at."""
    return papers(actor, size=1).total


def shared(student: Student, part: str) -> bool:
    """Whether firms see this part of the profile before an offer is accepted."""
    return part not in student.withheld


def by_number_and_name(student_no: str, name: str) -> list[Student]:
    """Students of any college with this number and name; more than one where two colleges count alike."""
    wanted = (sa.func.lower(Student.student_no) == student_no.strip().lower(), Student.name == name.strip(), Student.state != lifecycle.ERASED)
    return list(db.session.scalars(sa.select(Student).where(*wanted).options(joinedload(Student.tenant)).order_by(Student.id).limit(5)))


def entering(public_id: uuid.UUID) -> Student | None:
    """The student who was found by number and name a moment ago."""
    return db.session.scalar(sa.select(Student).where(Student.public_id == public_id, Student.state != lifecycle.ERASED))


def class_named(tenant_id: int, name: str) -> int | None:
    """A college's class of this name."""
    return db.session.scalar(sa.select(SchoolClass.id).where(SchoolClass.tenant_id == tenant_id, SchoolClass.name == name.strip()))


def guardian_link(token_hash: str) -> GuardianLink | None:
    """The link of this token, whatever became of it; nothing where it was replaced or its student is gone."""
    found = db.session.scalar(
        sa.select(GuardianLink)
        .join(Student, Student.id == GuardianLink.student_id)
        .where(GuardianLink.token_hash == token_hash, GuardianLink.answer != "replaced", Student.state != lifecycle.ERASED)
        .options(joinedload(GuardianLink.student).joinedload(Student.tenant))
    )
    return found if found is not None and (found.answer or found.expires_at > clock.now()) else None


def latest_link(student: Student) -> GuardianLink | None:
    """The guardian's latest link, and what became of it."""
    return db.session.scalar(sa.select(GuardianLink).where(GuardianLink.student_id == student.id).order_by(GuardianLink.id.desc()).limit(1))


def tickets(actor: Actor, page: int = 1, *, state: str = "", size: int = 30) -> Listing:
    """Questions within reach: open ones first, the most urgent on top."""
    statement = access.tickets_of(actor).options(joinedload(Ticket.student), joinedload(Ticket.school_class))
    if state:
        statement = statement.where(Ticket.state == state)
    return listed(statement.order_by(sa.case((Ticket.state == "open", 0), else_=1), Ticket.due_on, Ticket.id.desc()), page, size)


def open_tickets(actor: Actor) -> int:
    """How many wait for an answer."""
    waiting = access.tickets_of(actor).where(Ticket.state == "open").with_only_columns(sa.func.count())
    return db.session.scalar(waiting) or 0


def reachable_ticket(actor: Actor, public_id: uuid.UUID) -> Ticket:
    """A question within reach, or NotFound."""
    found = db.session.scalar(access.tickets_of(actor).where(Ticket.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def ticket_by_id(ticket_id: int) -> Ticket:
    """For the telling of it."""
    return db.session.get_one(Ticket, ticket_id)


def tickets_about(student: Student) -> list[Ticket]:
    """What a student asked, newest first."""
    return list(db.session.scalars(sa.select(Ticket).where(Ticket.student_id == student.id).order_by(Ticket.id.desc()).limit(30)))


def open_ticket_about(student: Student, kind: str, about: str) -> Ticket | None:
    """The same question, not answered yet."""
    return db.session.scalar(
        sa.select(Ticket).where(Ticket.student_id == student.id, Ticket.kind == kind, Ticket.about == about, Ticket.state == "open").limit(1)
    )


def who_answers(ticket: Ticket) -> list[int]:
    """Persons to be told of a question: the class's adviser, else the college's office."""
    adviser = db.session.scalar(
        sa.select(Membership.person_id).join(SchoolClass, SchoolClass.adviser_id == Membership.id)
        .where(SchoolClass.id == (ticket.class_id or 0), Membership.state == "active")
    )  # fmt: skip
    return [adviser] if adviser is not None else accounts.persons_in(ticket.tenant_id, COLLEGE_OFFICE)


def erased_numbers(tenant_id: int, numbers: Iterable[str], key: str) -> set[str]:
    """Those of these student numbers that belonged to somebody who was erased: an upload does not bring them back."""
    if not db.session.scalar(sa.select(sa.exists().where(Erasure.tenant_id == tenant_id))):
        return set()
    hashes = {sealed.keyed_hash(f"{tenant_id}:{number}", key): number for number in numbers}
    found = db.session.scalars(sa.select(Erasure.number_hash).where(Erasure.tenant_id == tenant_id, Erasure.number_hash.in_(list(hashes))))
    return {hashes[one] for one in found}
