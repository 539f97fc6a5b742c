"""What may be read of applications, already narrowed to the reader."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.accounts import queries as accounts
from consortium.applications import access, lifecycle, rules
from consortium.applications.models import Application, ApplicationStep
from consortium.applications.queries.waiting import (
    n_told_lately,
    next_waiting,
    place_in_line,
    posts_with_place_and_waiting,
    rule_rows,
    terms_of,
)
from consortium.matching import eligibility
from consortium.matching.problem import Problem
from consortium.organisations import queries as organisations
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries as proposals
from consortium.reference import industries, occupations, places
from consortium.shared import clock
from consortium.shared.access import ENTERPRISE_OFFICE, Actor, TenantKind
from consortium.shared.audit import Look
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed
from consortium.shared.public_ids import NOBODYS
from consortium.shared.public_ids import read as id_of
from consortium.students import queries as students
from consortium.students.models import Student, StudentSkill

__all__ = [
    "OPENED", "WHOLE", "accepted_of", "alias", "between", "by_id", "by_public_ids", "called", "candidates", "counts", "destinations",
    "last_step", "listing", "n_told_lately", "next_waiting", "office_of", "open_of_position", "open_of_student", "overdue_ids", "place_in_line",
    "posts_with_applications", "posts_with_place_and_waiting", "reachable", "revealed", "rule_rows", "seen", "seen_at", "stopping_rules",
    "students_with_any", "terms_of", "told", "waiting_for",
]  # fmt: skip

WHOLE = (
    joinedload(Application.position).joinedload(Position.tenant),
    joinedload(Application.position).joinedload(Position.seats),
    joinedload(Application.student).joinedload(Student.tenant),
    joinedload(Application.student).joinedload(Student.school_class),
    selectinload(Application.steps),
)
OPENED = ("applicant without a name", "name", "name and contact")  # looks that mean: the application's page was opened


def reachable(actor: Actor, public_id: uuid.UUID) -> Application:
    """An application this reader may see, or NotFound."""
    found = db.session.scalar(
        access.visible_to(actor)
        .where(Application.public_id == public_id)
        .options(*WHOLE, joinedload(Application.student).selectinload(Student.skills).joinedload(StudentSkill.skill))
    )
    if found is None:
        raise NotFound
    return found


def listing(actor: Actor, page: int, *, state: str = "", position: str = "", query: str = "", size: int = 30) -> Listing:
    """Applications, what waits longest for an answer first; constant number of queries."""
    statement = access.visible_to(actor).join(Position, Position.id == Application.position_id)
    statement = statement.options(*WHOLE).order_by(
        sa.case({one: place for place, one in enumerate(_order(actor))}, value=Application.state, else_=9),
        Application.answer_by.is_(None),
        Application.answer_by,
        Application.id.desc(),
    )
    if state and state in lifecycle.APPLICATION.states:
        statement = statement.where(Application.state == state)
    elif state == "open":
        statement = statement.where(Application.state.in_(lifecycle.LIVE))
    elif state == "ended":
        statement = statement.where(Application.state.in_(lifecycle.ENDED))
    elif state == "interview":
        statement = statement.where(Application.meets_at.is_not(None), Application.state.in_(rules.MEETING))
    if position:
        statement = statement.where(Position.public_id == (id_of(position) or NOBODYS))
    if query:
        statement = statement.where(Position.title.contains(query.strip(), autoescape=True))
    return listed(statement, page, size)


def counts(actor: Actor, position: str = "") -> dict[str, int]:
    """How many stand in each state, for the board above the list."""
    inside = access.visible_to(actor)
    if position:
        inside = inside.join(Position, Position.id == Application.position_id).where(Position.public_id == (id_of(position) or NOBODYS))
    table = inside.with_only_columns(Application.state, sa.func.count()).group_by(Application.state)
    return {str(state): n for state, n in db.session.execute(table)}


def posts_with_applications(actor: Actor) -> list[Position]:
    """Posts that have any, for the filter."""
    ids = access.visible_to(actor).with_only_columns(Application.position_id)
    return list(db.session.scalars(sa.select(Position).where(Position.id.in_(ids)).order_by(Position.id.desc()).limit(200)))


def waiting_for(actor: Actor) -> int:
    """How many wait for this reader's answer."""
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        states = lifecycle.AWAITS_ENTERPRISE
    else:
        states = lifecycle.AWAITS_STUDENT
    inside = access.visible_to(actor).where(Application.state.in_(states)).with_only_columns(Application.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(inside)) or 0


def between(student_id: int, position_id: int) -> Application | None:
    """What a student and a post have to do with each other, if anything; for use cases that have checked who asks."""
    return db.session.scalar(sa.select(Application).where(Application.student_id == student_id, Application.position_id == position_id))


def accepted_of(student_id: int, kind: str) -> Application | None:
    """The internship, or the job, that a student accepted."""
    return db.session.scalar(
        sa.select(Application).where(Application.student_id == student_id, Application.kind == kind, Application.state == lifecycle.ACCEPTED)
    )


def accepted_ids(kind: str) -> sa.Select[int]:
    """Ids of all students who accepted an offer of this kind."""
    return sa.select(Application.student_id).where(Application.kind == kind, Application.state == lifecycle.ACCEPTED)


def declined_keys(kind: str) -> dict[int, list[str]]:
    """Student → public ids of the posts with which it ended in a no of either side."""
    found: dict[int, list[str]] = {}
    ended = sa.select(Application.student_id, Position.public_id).join(Position, Position.id == Application.position_id)
    for student_id, key in db.session.execute(ended.where(Application.kind == kind, Application.state == lifecycle.DECLINED).order_by(Application.id)):
        found.setdefault(student_id, []).append(str(key))
    return found


def offered_counts(position_ids: Iterable[int]) -> dict[int, int]:
    """Post → offers that wait for an answer; posts without any are left out."""
    wanted, found = sorted(position_ids), {}
    for begin in range(0, len(wanted), 500):
        waiting = sa.select(Application.position_id, sa.func.count()).where(Application.position_id.in_(wanted[begin : begin + 500]), Application.state == lifecycle.OFFERED)
        found.update({number: int(n) for number, n in db.session.execute(waiting.group_by(Application.position_id))})
    return found


def public_ids(ids: Iterable[int | None]) -> dict[int, uuid.UUID]:
    """Public ids of some applications, by inner id."""
    wanted, found = sorted(number for number in ids if number), {}
    for begin in range(0, len(wanted), 500):
        found.update(dict(db.session.execute(sa.select(Application.id, Application.public_id).where(Application.id.in_(wanted[begin : begin + 500]))).all()))
    return found


def states_of(ids: Iterable[int]) -> dict[int, str]:
    """Where some applications stand, by inner id."""
    wanted, found = sorted(ids), {}
    for begin in range(0, len(wanted), 500):
        found.update(dict(db.session.execute(sa.select(Application.id, Application.state).where(Application.id.in_(wanted[begin : begin + 500]))).all()))
    return found


def open_of_student(
    student_id: int, *, beside: Application | None = None, waiting: bool = False, both_kinds: bool = False
) -> list[Application]:
    """A student's open ones, oldest first; `waiting`: those on waiting lists too; `beside` one: the others, of its kind or of both."""
    states = lifecycle.LIVE if waiting else lifecycle.OPEN
    statement = sa.select(Application).where(Application.student_id == student_id, Application.state.in_(states))
    if beside is not None:
        statement = statement.where(Application.id != beside.id)
        statement = statement if both_kinds else statement.where(Application.kind == beside.kind)
    return list(db.session.scalars(statement.options(*WHOLE).order_by(Application.id)))


def open_of_position(position_id: int, *, lock: bool = False) -> list[Application]:
    """A post's open ones, oldest first; `lock` holds their rows."""
    statement = sa.select(Application).where(Application.position_id == position_id, Application.state.in_(lifecycle.OPEN))
    statement = statement.options(selectinload(Application.student), selectinload(Application.position)).order_by(Application.id)
    if lock:
        statement = statement.with_for_update(of=Application).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


def overdue_ids(now: datetime, limit: int) -> list[int]:
    """Offers and invitations whose time to answer has passed."""
    statement = sa.select(Application.id).where(Application.state.in_(lifecycle.AWAITS_STUDENT), Application.answer_by <= now)
    return list(db.session.scalars(statement.order_by(Application.id).limit(limit)))


def stopping_rules(student: Student, position: Position, *, by_student: bool) -> list[str]:
    """Codes of the rules that stop this pair now.

    Who applies of her own will needs no consent to matching and may overrule her own wishes (H04–H06); the law she may not.
    """
    today = clock.today()
    problem = Problem.of(students.as_rows([student]), positions.as_rows([position]), today)
    verdicts = eligibility.judge_pair(problem, 0, 0, positions.limits(today))
    own = eligibility.OWN_WISHES if by_student else frozenset()
    return [v.code for v in verdicts if v.blocks and v.code not in own]


def revealed(application: Application) -> rules.Reveals:
    """What the enterprise may see now."""
    return rules.reveals(application.state, identity_open=application.identity_open, spoken=application.spoken)


def awaits_enterprise(application: Application) -> bool:
    """Whether the student has spoken and the enterprise is next."""
    return application.state in lifecycle.AWAITS_ENTERPRISE


def may_meet(application: Application) -> bool:
    """Whether the student can be asked to an interview: she has spoken, the enterprise is next, and none is still to come."""
    last = next((one.step for one in reversed(application.steps) if one.step.startswith("meet_")), "")
    return awaits_enterprise(application) and last not in rules.TO_MEET


def told(application: Application, part: str) -> bool:
    """Whether the enterprise reads this part of the profile now: the student may keep some until acceptance."""
    shown = revealed(application)
    return shown.profile and (shown.contact or students.shared(application.student, part))


def alias(application: Application) -> str:
    """The student's pseudonym for this post."""
    return proposals.alias(application.student.public_id, application.position.public_id)


def candidates(position: Position, aliases: Iterable[str]) -> list[tuple[str, Student | None]]:
    """The candidates called so on the post's own list, None for a name that is not (or no longer) there; one reading of the list."""
    known = proposals.by_alias(position)
    return [(name[:40], known.get(name)) for name in dict.fromkeys(aliases)]


def called(application: Application, actor: Actor) -> str:
    """How the student is called before this reader: by name, or by the pseudonym."""
    if actor.tenant_kind is TenantKind.ENTERPRISE and not revealed(application).name:
        return alias(application)
    return application.student.name


def seen_at(application: Application) -> datetime | None:
    """When the enterprise first opened it, from the log of who looked."""
    return db.session.scalar(
        sa.select(sa.func.min(Look.at)).where(
            Look.student_id == application.student_id,
            Look.tenant_id == application.enterprise_tenant_id,
            Look.subject_kind == Application.__tablename__,
            Look.subject_id == application.id,
            Look.what.in_(OPENED),
        ),
    )


def seen(applications: Iterable[Application]) -> dict[int, datetime]:
    """The same for a whole page of a list, in one query."""
    ids = [one.id for one in applications]
    rows = db.session.execute(
        sa.select(Application.id, sa.func.min(Look.at))
        .join(Look, sa.and_(Look.student_id == Application.student_id, Look.tenant_id == Application.enterprise_tenant_id))
        .where(
            Application.id.in_(ids), Look.subject_kind == Application.__tablename__, Look.subject_id == Application.id, Look.what.in_(OPENED)
        )
        .group_by(Application.id)
    )
    return {row[0]: row[1] for row in rows}


def last_step(application: Application, name: str) -> ApplicationStep | None:
    """The newest step of that name."""
    return next((one for one in reversed(application.steps) if one.step == name), None)


def office_of(tenant_id: int) -> list[int]:
    """Persons of an enterprise who are told of applications."""
    return accounts.persons_in(tenant_id, ENTERPRISE_OFFICE)


def students_with_any(student_ids: Iterable[int]) -> set[int]:
    """Which of these students have an application."""
    return set(db.session.scalars(sa.select(Application.student_id).where(Application.student_id.in_(list(student_ids)))))


def destinations(student_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Of students who accepted a job: cells of the graduates' register. The kind of destination is for the college to say once the contract is signed."""
    wanted = list(student_ids)
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(wanted), 500):
        accepted = sa.select(Application).where(Application.student_id.in_(wanted[start : start + 500]), Application.kind == "job", Application.state == "accepted")
        rows = list(db.session.scalars(accepted.options(joinedload(Application.position).joinedload(Position.tenant))))
        firms = organisations.enterprises({row.enterprise_tenant_id for row in rows})
        for row in rows:
            firm, post = firms.get(row.enterprise_tenant_id), row.position
            found[row.student_id] = {
                "employer": post.tenant.name_zh, "credit_code": firm.credit_code if firm else "", "industry": industries.name(firm.industry_code) if firm else "",
                "employer_place": places.name(firm.place_code) if firm and firm.place_code else "", "post": post.title,
                "occupation": occupations.name(post.occupation_code) if post.occupation_code else "", "begins_on": post.start_on.isoformat() if post.start_on else "",
            }  # fmt: skip
    return found


def by_id(number: int) -> Application:
    """One application whole, for listeners of news."""
    return db.session.scalars(sa.select(Application).where(Application.id == number).options(*WHOLE)).unique().one()


def by_public_ids(actor: Actor, ids: Iterable[uuid.UUID]) -> list[Application]:
    """Those of them within reach, in a fixed order."""
    statement = access.visible_to(actor).where(Application.public_id.in_(list(ids))).options(*WHOLE).order_by(Application.student_id)
    return list(db.session.scalars(statement).unique())


def _order(actor: Actor) -> tuple[str, ...]:
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        return (lifecycle.AGREED, lifecycle.APPLIED, lifecycle.OFFERED, lifecycle.INVITED, lifecycle.ACCEPTED)
    return (lifecycle.OFFERED, lifecycle.INVITED, lifecycle.AGREED, lifecycle.APPLIED, lifecycle.WAITLISTED, lifecycle.ACCEPTED)


def links_of_student(student_id: int) -> list[str]:
    """The addresses under which people were told of this student's applications."""
    return [f"/applications/{public_id}" for public_id in db.session.scalars(sa.select(Application.public_id).where(Application.student_id == student_id))]
