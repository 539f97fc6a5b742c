"""What an enterprise reads beside its list: the board of stages, notes, the same student twice, who waits too long, and its record."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from consortium.accounts import queries as accounts
from consortium.applications import access, lifecycle, rules
from consortium.applications.models import AnswerNotice, Application, ApplicationStep, CandidateNote
from consortium.applications.queries import WHOLE, alias, called, revealed
from consortium.applications.rules import Record, Taken
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries as proposals
from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.students.models import Student

STAGE = sa.case((sa.and_(Application.meets_at.is_not(None), Application.state.in_(rules.MEETING)), "interview"), else_=Application.state)
CARDS = 20  # of one stage on the board; the rest is a link


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of the board: how many stand there, and the first of them."""

    stage: str
    n: int
    cards: list[Application]


def board(actor: Actor, position: Position | None) -> list[Column]:
    """Stages of one post, or of all of the enterprise's, with counts and the newest cards of each; constant number of queries."""
    inside = access.visible_to(actor)
    if position is not None:
        inside = inside.where(Application.position_id == position.id)
    moved = sa.select(sa.func.max(ApplicationStep.id)).where(ApplicationStep.application_id == Application.id).correlate(Application).scalar_subquery()
    turn = sa.func.row_number().over(partition_by=STAGE, order_by=(moved.desc(), Application.id.desc()))
    numbered = inside.with_only_columns(Application.id.label("id"), STAGE.label("stage"), turn.label("turn"), sa.func.count().over(partition_by=STAGE).label("n")).subquery()
    rows = db.session.execute(sa.select(numbered).where(numbered.c.turn <= CARDS).order_by(numbered.c.turn)).all()
    known = {one.id: one for one in db.session.scalars(sa.select(Application).where(Application.id.in_([r.id for r in rows])).options(*WHOLE)).unique()}
    cards: dict[str, list[Application]] = defaultdict(list)
    count: dict[str, int] = {}
    for row in rows:
        cards[row.stage].append(known[row.id])
        count[row.stage] = row.n
    return [Column(stage, count.get(stage, 0), cards[stage]) for stage in (*rules.BOARD, *rules.BESIDE)]


def own_posts(actor: Actor) -> list[Position]:
    """Posts of one's enterprise that anybody has to do with, newest first, for choosing one."""
    ids = access.visible_to(actor).with_only_columns(Application.position_id)
    return list(db.session.scalars(sa.select(Position).where(Position.tenant_id == actor.tenant_id, sa.or_(Position.id.in_(ids), Position.state == "open")).order_by(Position.id.desc()).limit(200)))


def who_of(applications: Iterable[Application], tenant_id: int) -> dict[int, str]:
    """Membership → name of the colleagues of one's own enterprise who took the steps."""
    roles = rules.FIRM_ROLES
    return accounts.names_of({s.by_membership_id for a in applications if a.enterprise_tenant_id == tenant_id for s in a.steps if s.by_membership_id and s.by_role in roles})


def elsewhere(applications: Sequence[Application], actor: Actor) -> dict[int, list[tuple[str, Application]]]:
    """Application → the same student's others at this enterprise, by their pseudonyms: only where the student's profile is open in both."""
    students = {one.student_id for one in applications if revealed(one).profile}
    if not students:
        return {}
    statement = access.visible_to(actor).where(Application.student_id.in_(students)).options(*WHOLE).order_by(Application.id)
    of: dict[int, list[Application]] = defaultdict(list)
    for one in db.session.scalars(statement).unique():
        if revealed(one).profile:
            of[one.student_id].append(one)
    return {
        one.id: [(alias(other) if not revealed(other).name else other.student.name, other) for other in of[one.student_id] if other.id != one.id]
        for one in applications
        if revealed(one).profile and len(of[one.student_id]) > 1
    }


def notes_of(actor: Actor, position_id: int, student_ids: Iterable[int]) -> dict[int, list[tuple[CandidateNote, str]]]:
    """Student → the enterprise's own notes about her and this post, oldest first, with who wrote each."""
    statement = sa.select(CandidateNote).where(
        CandidateNote.tenant_id == actor.tenant_id, CandidateNote.position_id == position_id, CandidateNote.student_id.in_(list(student_ids))
    )
    notes = list(db.session.scalars(statement.order_by(CandidateNote.id)))
    names = accounts.names_of({one.membership_id for one in notes})
    found: dict[int, list[tuple[CandidateNote, str]]] = defaultdict(list)
    for one in notes:
        found[one.student_id].append((one, names.get(one.membership_id, "")))
    return found


def notes_of_post(actor: Actor, position: Position) -> list[tuple[str, Application | None, list[tuple[CandidateNote, str]]]]:
    """(what the student is called, her application, notes) of everybody with notes about a post; constant number of queries."""
    wanted = sa.select(CandidateNote.student_id).where(CandidateNote.tenant_id == actor.tenant_id, CandidateNote.position_id == position.id)
    public = dict(db.session.execute(sa.select(Student.id, Student.public_id).where(Student.id.in_(wanted))).all())
    notes = notes_of(actor, position.id, public)
    own = access.visible_to(actor).where(Application.position_id == position.id, Application.student_id.in_(public)).options(*WHOLE)
    known = {one.student_id: one for one in db.session.scalars(own).unique()}
    return [
        (called(known[number], actor) if number in known else proposals.alias(public[number], position.public_id), known.get(number), rows)
        for number, rows in notes.items()
    ]


def reachable_note(actor: Actor, public_id: uuid.UUID) -> CandidateNote:
    """A note of one's own enterprise, or NotFound."""
    found = db.session.scalar(access.notes_visible_to(actor).where(CandidateNote.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def notes_to_forget(before: datetime) -> list[int]:
    """Notes written before, about pairs that have no application or one that ended before."""
    moved = sa.select(sa.func.max(ApplicationStep.created_at)).where(ApplicationStep.application_id == Application.id).correlate(Application).scalar_subquery()
    pair = sa.and_(Application.student_id == CandidateNote.student_id, Application.position_id == CandidateNote.position_id)
    lives = sa.exists().where(pair, sa.or_(Application.state.in_((*lifecycle.OPEN, lifecycle.ACCEPTED)), moved >= before))
    return list(db.session.scalars(sa.select(CandidateNote.id).where(CandidateNote.created_at < before, sa.not_(lives)).limit(1000)))


def final_refusals(now: datetime, limit: int) -> list[int]:
    """Applications turned down long enough ago that it can no longer be taken back, and not longer than a day before that."""
    last = sa.select(sa.func.max(ApplicationStep.id)).where(ApplicationStep.step.not_like("meet\\_%", escape="\\")).group_by(ApplicationStep.application_id)
    statement = (
        sa.select(Application.id)
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .where(
            ApplicationStep.step == "turn_down", Application.state == lifecycle.DECLINED, ApplicationStep.created_at <= now - rules.UNDO_WITHIN,
            ApplicationStep.created_at > now - rules.UNDO_WITHIN - rules.TOLD_WITHIN, ApplicationStep.id.in_(last),
        )
    )
    return list(db.session.scalars(statement.order_by(ApplicationStep.id.desc()).limit(limit)))


@dataclass(frozen=True, slots=True)
class Waits:
    """A student's step that the enterprise has not answered."""

    position: Position
    step_id: int
    since: datetime
    warned_at: datetime | None


def _unanswered() -> sa.Select[Application, ApplicationStep]:
    """(application, the student's last step) of what waits for the enterprise and had no step of it since."""
    own = sa.select(ApplicationStep.application_id, sa.func.max(ApplicationStep.id).label("id")).where(ApplicationStep.step.in_(("apply", "agree")))
    own_steps = own.group_by(ApplicationStep.application_id).subquery()
    firms = sa.select(sa.func.max(ApplicationStep.id)).where(
        ApplicationStep.application_id == Application.id, ApplicationStep.by_role.in_(rules.FIRM_ROLES), ApplicationStep.step.not_like("reopen%"),
        ApplicationStep.step != "turn_down",
    ).correlate(Application).scalar_subquery()  # fmt: skip
    return (
        sa.select(Application, ApplicationStep)
        .join(own_steps, own_steps.c.application_id == Application.id)
        .join(ApplicationStep, ApplicationStep.id == own_steps.c.id)
        .where(Application.state.in_(lifecycle.AWAITS_ENTERPRISE), sa.func.coalesce(firms, 0) < ApplicationStep.id)
    )


def waiting_too_long(before: datetime, limit: int = 2000) -> dict[int, list[Waits]]:
    """Open post → what waits there since before; constant number of queries."""
    statement = _unanswered().join(Position, Position.id == Application.position_id).where(Position.state == "open", ApplicationStep.created_at <= before)
    rows = db.session.execute(statement.order_by(ApplicationStep.id).limit(limit)).all()
    ids = [step.id for _, step in rows]
    told = sa.select(AnswerNotice.step_id, AnswerNotice.created_at).where(AnswerNotice.step_id.in_(ids), AnswerNotice.kind == "warned")
    warned = dict(db.session.execute(told).all())
    posts = positions.by_ids({application.position_id for application, _ in rows})
    found: dict[int, list[Waits]] = defaultdict(list)
    for application, step in rows:
        found[application.position_id].append(Waits(posts[application.position_id], step.id, step.created_at, warned.get(step.id)))
    return found


@dataclass(frozen=True, slots=True)
class Paused:
    """A post that paused because its applicants wait, and how many still do."""

    position: Position
    waiting: int


def paused_of(actor: Actor) -> list[Paused]:
    """Posts of one's enterprise that paused of themselves since they were last published."""
    noted = sa.exists().where(AnswerNotice.position_id == Position.id, AnswerNotice.kind == "paused", AnswerNotice.created_at >= sa.func.coalesce(Position.published_at, Position.created_at))
    posts = list(db.session.scalars(sa.select(Position).where(Position.tenant_id == actor.tenant_id, Position.state == "paused", noted).order_by(Position.id)))
    if not posts:
        return []
    counted = _unanswered().where(Application.position_id.in_([p.id for p in posts])).with_only_columns(Application.position_id, sa.func.count()).group_by(Application.position_id)
    waiting: dict[int, int] = dict(db.session.execute(counted).all())
    return [Paused(p, waiting.get(p.id, 0)) for p in posts]


def record_of(tenant_id: int) -> Record:
    """How one enterprise dealt with students in the last year."""
    return records_of([tenant_id])[tenant_id]


def records_of(tenant_ids: Sequence[int]) -> dict[int, Record]:
    """The same of several; one query."""
    now = clock.now()
    rows = db.session.execute(
        sa.select(
            Application.enterprise_tenant_id, ApplicationStep.application_id, ApplicationStep.step, ApplicationStep.source, ApplicationStep.by_role,
            ApplicationStep.reason, ApplicationStep.created_at,
        )
        .join(Application, Application.id == ApplicationStep.application_id)
        .where(Application.enterprise_tenant_id.in_(list(tenant_ids)), ApplicationStep.created_at >= now - rules.RECORD_OF)
        .order_by(ApplicationStep.application_id, ApplicationStep.id)
    )  # fmt: skip
    of: dict[int, list[Taken]] = defaultdict(list)
    for tenant_id, number, step, source, by_role, reason, at in rows:
        of[tenant_id].append(Taken(number, step, source, by_role, reason, at))
    return {number: rules.record(of[number], now) for number in tenant_ids}

