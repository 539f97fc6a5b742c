"""What may be read of rounds, already narrowed to the reader and to the instant."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from consortium.accounts import queries as accounts
from consortium.accounts.models import Tenant
from consortium.applications import queries as applications
from consortium.matching import eligibility, lottery
from consortium.matching.problem import Problem, columns
from consortium.organisations import queries as organisations
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries as proposals
from consortium.reference import law, majors
from consortium.rounds import access, lifecycle, rules
from consortium.rounds.models import (
    Round,
    RoundBearer,
    RoundChoice,
    RoundCode,
    RoundList,
    RoundOrder,
    RoundPost,
    RoundResult,
    RoundRun,
    RoundSnapshot,
    RoundTrial,
)
from consortium.shared import clock
from consortium.shared.access import ENTERPRISE_OFFICE, STUDENT, ZONE, Actor, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed
from consortium.students import access as student_access
from consortium.students import queries as students
from consortium.students.models import Student

WHOLE = (selectinload(Round.colleges), selectinload(Round.codes))


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────


def reachable(actor: Actor, public_id: uuid.UUID) -> Round:
    """A round this reader may see, or NotFound; a student must belong to its cohort."""
    found = db.session.scalar(access.visible_to(actor).where(Round.public_id == public_id).options(*WHOLE))
    if found is None or (actor.role in STUDENT and not belongs(found, students.student_of(actor))):
        raise NotFound
    return found


def known(public_id: uuid.UUID) -> Round:
    """An announced round, for the page that anybody may read, or NotFound."""
    found = db.session.scalar(access.announced().where(Round.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def listing(actor: Actor, page: int, size: int = 30) -> Listing:
    """Rounds within reach, newest first; constant number of queries."""
    statement = access.visible_to(actor).options(*WHOLE).order_by(Round.id.desc())
    if actor.role in STUDENT:
        own = students.student_of(actor)
        ids = [one.id for one in db.session.scalars(statement) if belongs(one, own)]
        statement = statement.where(Round.id.in_(ids))
    return listed(statement, page, size)


def belongs(found: Round, student: Student) -> bool:
    """Whether a student is of the cohort."""
    if found.colleges and student.tenant_id not in {one.tenant_id for one in found.colleges}:
        return False
    major = majors.find(student.major_code)
    told = {"major": student.major_code, "class": major.class_key if major else "", "category": major.category_key if major else ""}
    return rules.in_cohort(found.majors, (found.year_from, found.year_to), told, student.enrolled_on.year if student.enrolled_on else None)


def takes_lists(found: Round) -> bool:
    """Whether students may hand in now."""
    return rules.takes_lists(found.state, found.opens_at, found.lists_close_at, clock.now())


def takes_posts(found: Round) -> bool:
    """Whether enterprises may add posts now."""
    return rules.takes_posts(found.state, found.lists_close_at, clock.now())


def takes_orders(found: Round) -> bool:
    """Whether enterprises may put candidates in order now."""
    return rules.takes_orders(found.state, found.orders_close_at, clock.now())


def is_out(found: Round) -> bool:
    """Whether its results may be seen by anybody."""
    return rules.is_out(found.state, found.publish_at, clock.now())


def answer_until(found: Round) -> datetime:
    """Until when its offers stand."""
    return rules.answer_until(found.publish_at, found.answer_hours)


def phase(found: Round) -> str:
    """Where it stands now."""
    calendar = rules.Calendar(found.opens_at, found.lists_close_at, found.orders_close_at, found.publish_at)
    return rules.phase(found.state, calendar, answer_until(found), clock.now())


def seed_of(found: Round) -> tuple[int, bytes]:
    """The lottery's seed and nonce, for use cases; pages show them only once results are out."""
    secret = db.session.scalars(sa.select(Round.secret).where(Round.id == found.id)).one()
    seed, _, nonce = secret.partition(":")
    return int(seed or 0), bytes.fromhex(nonce)


def lottery_number(found: Round, student: Student) -> str:
    """A student's number as it is read aloud; there is one from the announcement on."""
    return lottery.shown(seed_of(found)[0], str(student.public_id)) if found.commitment else ""


def second_of(found: Round) -> Round | None:
    """The second round that follows this one, if there is one."""
    return db.session.scalar(sa.select(Round).where(Round.first_id == found.id))


def first_of(found: Round) -> Round | None:
    """The round that this one follows."""
    return db.session.get(Round, found.first_id) if found.first_id else None


def due(now: datetime) -> tuple[list[int], list[int]]:
    """Ids of rounds to be frozen, and of those to be published, now."""
    freeze = sa.select(Round.id).where(Round.state == lifecycle.ANNOUNCED, Round.orders_close_at <= now)
    publish = sa.select(Round.id).where(Round.state == lifecycle.APPROVED, Round.publish_at <= now)
    return list(db.session.scalars(freeze.order_by(Round.id))), list(db.session.scalars(publish.order_by(Round.id)))


def open_to(actor: Actor) -> list[Round]:
    """Rounds in which a student may hand in a list, or whose results wait for her answer."""
    statement = access.visible_to(actor).where(Round.state.in_((lifecycle.ANNOUNCED, lifecycle.APPROVED, lifecycle.PUBLISHED))).options(*WHOLE)
    rounds = list(db.session.scalars(statement.order_by(Round.id.desc())))
    if not rounds:
        return []
    own = students.student_of(actor)
    return [one for one in rounds if belongs(one, own) and (takes_lists(one) or (is_out(one) and clock.now() < answer_until(one)))]


def is_open_to(actor: Actor) -> bool:
    """Whether the student's menu names rounds."""
    return bool(open_to(actor))


def colleges_to_choose() -> list[Tenant]:
    """Colleges that a cohort may name."""
    return list(db.session.scalars(sa.select(Tenant).where(Tenant.kind == TenantKind.COLLEGE, Tenant.state == "active").order_by(Tenant.id)))


def whom_to_tell(found: Round) -> tuple[list[int], list[int]]:
    """Offices of enterprises with an open internship within the window, and of the cohort's colleges."""
    posts = sa.select(Position.tenant_id).where(Position.state == "open", Position.kind == found.kind, Position.start_on >= found.start_on, Position.end_on <= found.end_on)
    firms = list(db.session.scalars(posts.distinct()))
    return firms, [one.tenant_id for one in found.colleges] or [one.id for one in colleges_to_choose()]


def persons_in_it(found: Round) -> list[int]:
    """Persons of students with a list, and of enterprises with a post."""
    own = sa.select(Student.person_id).join(RoundList, RoundList.student_id == Student.id)
    told = {one for one in db.session.scalars(own.where(RoundList.round_id == found.id, RoundList.state == lifecycle.HANDED_IN)) if one}
    for tenant_id in {one.tenant_id for one in posts(found)}:
        told.update(accounts.persons_in(tenant_id, ENTERPRISE_OFFICE))
    return sorted(told)


def zone_officers() -> list[int]:
    """Persons who steer rounds."""
    zones = db.session.scalars(sa.select(Tenant.id).where(Tenant.kind == TenantKind.ZONE))
    return sorted({person for tenant_id in zones for person in accounts.persons_in(tenant_id, ZONE)})


def students_with_any(student_ids: Iterable[int]) -> set[int]:
    """Which of these students ever handed in a list."""
    return set(db.session.scalars(sa.select(RoundList.student_id).where(RoundList.student_id.in_(list(student_ids)))))


# ── posts ────────────────────────────────────────────────────────────────────────────────────────


def post_keys(round_id: int) -> sa.Select[int, uuid.UUID]:
    """(inner id, public id) of every post that ever took part."""
    return sa.select(Position.id, Position.public_id).join(RoundPost, RoundPost.position_id == Position.id).where(RoundPost.round_id == round_id)


def posts(found: Round, *, tenant_id: int | None = None, left: bool = False) -> list[RoundPost]:
    """Posts that take part, perhaps of one enterprise, perhaps those that have left as well."""
    statement = sa.select(RoundPost).where(RoundPost.round_id == found.id).options(
        joinedload(RoundPost.position).joinedload(Position.tenant), joinedload(RoundPost.position).joinedload(Position.seats)
    )  # fmt: skip
    if not left:
        statement = statement.where(RoundPost.state == lifecycle.TAKES_PART)
    if tenant_id is not None:
        statement = statement.where(RoundPost.tenant_id == tenant_id)
    return list(db.session.scalars(statement.order_by(RoundPost.id)))


def own_post(found: Round, actor: Actor, position: uuid.UUID) -> RoundPost:
    """A post of one's own enterprise in the round, or NotFound."""
    for one in posts(found, tenant_id=actor.tenant_id, left=True):
        if one.position.public_id == position:
            return one
    raise NotFound


def posts_to_add(found: Round, actor: Actor) -> list[Position]:
    """Open posts of one's own within the window that are not in the round."""
    there = {one.position_id for one in posts(found, tenant_id=actor.tenant_id)}
    return [p for p in positions.open_of_all([actor.tenant_id]) if p.id not in there and fits(found, p)]


def fits(found: Round, position: Position) -> bool:
    """Whether a post is of the round's kind and lies within its window."""
    inside = position.start_on is not None and position.end_on is not None and found.start_on <= position.start_on and position.end_on <= found.end_on
    return position.kind == found.kind and inside


def rooms(found: Round, mine: Sequence[RoundPost]) -> list[tuple[str, int, int, str]]:
    """Of an enterprise's posts together: kind of post ('' for all), places given, room under the cap, the rule; only where a cap is known."""
    rows = positions.as_rows([one.position for one in mine]) if mine else []
    given: dict[str, int] = {}
    room: dict[str, int] = {}
    for one, row in zip(mine, rows, strict=True):
        for name, left in (("", row["firm_left"]), (str(row["family"]), row["family_left"])):
            given[name] = given.get(name, 0) + one.places
            if left >= 0:
                room[name] = min(room.get(name, left), left)
    names = {str(f.id): f.name for f in organisations.families_of(mine[0].tenant_id)} if mine else {}
    return [(names.get(name, ""), given[name], room[name], "R11" if name else "R10") for name in sorted(given) if name in room]


@dataclass(frozen=True, slots=True)
class Demand:
    """How many put a post on their list, and how many put it first."""

    listed: int = 0
    first: int = 0


def demand(found: Round) -> dict[int, Demand]:
    """Post → demand now."""
    first = sa.func.sum(sa.case((RoundChoice.place == 1, 1), else_=0))
    counted = (
        sa.select(RoundChoice.position_id, sa.func.count(), first)
        .join(RoundList, RoundList.id == RoundChoice.list_id)
        .where(RoundChoice.round_id == found.id, RoundList.state == lifecycle.HANDED_IN)
        .group_by(RoundChoice.position_id)
    )
    return {position: Demand(int(n), int(one or 0)) for position, n, one in db.session.execute(counted)}


def whom_a_post_left(post: RoundPost) -> list[int]:
    """Persons of students who have this post on their list."""
    listed_by = sa.select(Student.person_id).join(RoundList, RoundList.student_id == Student.id).join(RoundChoice, RoundChoice.list_id == RoundList.id)
    return list(db.session.scalars(listed_by.where(RoundChoice.round_id == post.round_id, RoundChoice.position_id == post.position_id, RoundList.state == lifecycle.HANDED_IN, Student.person_id.is_not(None)).order_by(Student.id)))


def under_way_with(position_id: int) -> list[RoundPost]:
    """Where a post takes part in a round that is not published yet."""
    statement = sa.select(RoundPost).join(Round, Round.id == RoundPost.round_id)
    return list(db.session.scalars(statement.where(RoundPost.position_id == position_id, RoundPost.state == lifecycle.TAKES_PART, Round.state.in_((lifecycle.ANNOUNCED, lifecycle.FROZEN)))))


# ── a student's list ─────────────────────────────────────────────────────────────────────────────


def list_of(found: Round, student: Student, *, lock: bool = False) -> RoundList | None:
    """The student's list, with its choices."""
    statement = sa.select(RoundList).where(RoundList.round_id == found.id, RoundList.student_id == student.id).options(selectinload(RoundList.choices))
    if lock:
        statement = statement.with_for_update(of=RoundList).execution_options(populate_existing=True)
    return db.session.scalar(statement)


def lists_under_way(student_id: int, kind: str = "internship") -> list[RoundList]:
    """A student's lists in rounds that are not frozen yet."""
    statement = sa.select(RoundList).join(Round, Round.id == RoundList.round_id)
    return list(db.session.scalars(statement.where(RoundList.student_id == student_id, RoundList.state == lifecycle.HANDED_IN, Round.state == lifecycle.ANNOUNCED, Round.kind == kind)))


@dataclass(frozen=True, slots=True)
class Option:
    """A post as a student ranks it: whether she may, and if not, the rules that stop it."""

    post: RoundPost
    demand: Demand
    stops: tuple[str, ...]
    place: int | None = None

    @property
    def open(self) -> bool:
        """Whether it may be ranked."""
        return not self.stops


def options(found: Round, student: Student, mine: Sequence[int] = ()) -> list[Option]:
    """Every post that takes part: those on the list first in its order, then what may be ranked, best match first, then the rest."""
    there = posts(found)
    wanted = demand(found)
    stops = stopped(student, [one.position for one in there])
    order = {match.position_id: number for number, match in enumerate(proposals.matches_of_student(student))}
    place = {position: number for number, position in enumerate(mine, 1)}
    told = [Option(one, wanted.get(one.position_id, Demand()), stops[one.position_id], place.get(one.position_id)) for one in there]
    return sorted(told, key=lambda o: (o.place or 10**6, not o.open, order.get(o.post.position_id, 10**6), o.post.id))


def stopped(student: Student, those: Sequence[Position]) -> dict[int, tuple[str, ...]]:
    """Post → codes of the rules that stop this student there now; constant number of queries."""
    if not those:
        return {}
    today = clock.today()
    limits = law.thresholds(today)
    ordered = sorted(those, key=lambda p: str(p.public_id))
    whole = positions.by_ids(p.id for p in ordered)
    posts_side = columns("positions", positions.as_rows([whole[p.id] for p in ordered]))
    side = columns("students", students.as_rows([student]))
    problem = Problem(side, posts_side, today)
    open_pairs = eligibility.lawful_pairs(side, posts_side, limits)[0]
    found = {}
    for j, post in enumerate(ordered):
        found[post.id] = () if open_pairs[j] else tuple(v.code for v in eligibility.judge_pair(problem, 0, j, limits) if v.blocks)
    return found


def codes_of(found: Round, student: Student) -> list[RoundCode]:
    """What is declared of a student in a round; she sees it."""
    statement = sa.select(RoundCode).join(RoundBearer, RoundBearer.code_id == RoundCode.id)
    return list(db.session.scalars(statement.where(RoundCode.round_id == found.id, RoundBearer.student_id == student.id).order_by(RoundCode.turn)))


# ── candidates of an enterprise ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who listed a post, known to its enterprise by a pseudonym."""

    alias: str
    student: Student
    place: int | None
    refused: str


def candidates(post: RoundPost) -> list[Candidate]:
    """Who put the post on the list: first the enterprise's own order, then by the score of the latest whole run, whose pages show it as well."""
    listed_by = sa.select(RoundList.student_id).join(RoundChoice, RoundChoice.list_id == RoundList.id)
    ids = list(db.session.scalars(listed_by.where(RoundChoice.round_id == post.round_id, RoundChoice.position_id == post.position_id, RoundList.state == lifecycle.HANDED_IN)))
    said = {one.student_id: one for one in db.session.scalars(sa.select(RoundOrder).where(RoundOrder.post_id == post.id))}
    known_to: list[Student] = []
    for begin in range(0, len(ids), 500):
        known_to += students.by_ids(ids[begin : begin + 500]).values()
    points = {match.student_id: match.points for match in proposals.matches_of_position(post.position)}
    told = [
        Candidate(proposals.alias(s.public_id, post.position.public_id), s, said[s.id].place if s.id in said else None, said[s.id].refused if s.id in said else "")
        for s in known_to
    ]
    return sorted(told, key=lambda c: (bool(c.refused), c.place or 10**6, -points.get(c.student.id, 0), c.alias))


def bearers(found: Round, actor: Actor) -> dict[str, list[Student]]:
    """Code → students of one's own college of whom it is declared."""
    inside = student_access.visible_to(actor).with_only_columns(Student.id)
    statement = sa.select(RoundCode.code, Student).join(RoundBearer, RoundBearer.code_id == RoundCode.id).join(Student, Student.id == RoundBearer.student_id)
    told: dict[str, list[Student]] = {code.code: [] for code in found.codes}
    for code, student in db.session.execute(statement.where(RoundCode.round_id == found.id, Student.id.in_(inside)).order_by(Student.student_no)):
        told[code].append(student)
    return told


def own_by_numbers(actor: Actor, numbers: Iterable[str]) -> dict[str, Student]:
    """One's own students by number."""
    return students.existing(actor.tenant_id, numbers)


def handed_in(found: Round, actor: Actor | None = None) -> int:
    """How many lists stand, perhaps of one's own college."""
    statement = sa.select(sa.func.count()).select_from(RoundList).where(RoundList.round_id == found.id, RoundList.state == lifecycle.HANDED_IN)
    if actor is not None:
        statement = statement.where(RoundList.student_id.in_(student_access.visible_to(actor).with_only_columns(Student.id)))
    return db.session.scalar(statement) or 0


# ── snapshots, trials, runs ──────────────────────────────────────────────────────────────────────


def trials(found: Round) -> list[RoundTrial]:
    """Dry runs, newest first."""
    return list(db.session.scalars(sa.select(RoundTrial).where(RoundTrial.round_id == found.id).order_by(RoundTrial.id.desc()).limit(20)))


def runs_of(trial: RoundTrial) -> list[RoundRun]:
    """The assignments of a dry run, in the order asked for."""
    order = {code: number for number, code in enumerate(trial.scenarios)}
    found = db.session.scalars(sa.select(RoundRun).where(RoundRun.trial_id == trial.id))
    return sorted(found, key=lambda run: order.get(run.scenario, 99))


def run_of(found: Round, public_id: uuid.UUID) -> RoundRun:
    """A run of this round, or NotFound."""
    run = db.session.scalar(sa.select(RoundRun).where(RoundRun.round_id == found.id, RoundRun.public_id == public_id))
    if run is None:
        raise NotFound
    return run


def chosen_run(found: Round) -> RoundRun | None:
    """The run whose results are, or will be, published."""
    return db.session.get(RoundRun, found.chosen_id) if found.chosen_id else None


def snapshot_of(trial: RoundTrial) -> RoundSnapshot | None:
    """What a dry run read."""
    return db.session.get(RoundSnapshot, trial.snapshot_id) if trial.snapshot_id else None


def latest_frozen(found: Round) -> RoundSnapshot | None:
    """The newest snapshot taken after the lists were frozen."""
    return db.session.scalar(sa.select(RoundSnapshot).where(RoundSnapshot.round_id == found.id, RoundSnapshot.frozen.is_(True)).order_by(RoundSnapshot.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Changes:
    """What was edited after a snapshot: lists, profiles of those in it, posts of the round."""

    lists: int
    profiles: int
    posts: int

    def __bool__(self) -> bool:
        return bool(self.lists or self.profiles or self.posts)


def changes_since(taken: RoundSnapshot) -> Changes:
    """A run is on its snapshot: this says what it does not know."""
    of_round = RoundList.round_id == taken.round_id
    lists = sa.select(sa.func.count()).select_from(RoundList).where(of_round, RoundList.changed_at > taken.created_at)
    inside = sa.select(RoundList.student_id).where(of_round, RoundList.state == lifecycle.HANDED_IN)
    profiles = sa.select(sa.func.count()).select_from(Student).where(Student.id.in_(inside), Student.changed_at > taken.created_at)
    stood: Mapping[str, list[int]] = taken.beside["posts"]
    now = {str(one.position.public_id): one for one in posts(db.session.get_one(Round, taken.round_id), left=True)}
    n_posts = 0
    for key, one in now.items():
        p = one.position
        then = stood.get(key)
        here = one.state == lifecycle.TAKES_PART and p.state == "open"
        n_posts += (then is not None) != here or one.changed_at > taken.created_at or (then is not None and then != [p.version, p.seats.places, p.seats.taken])
    return Changes(db.session.scalar(lists) or 0, db.session.scalar(profiles) or 0, n_posts)


# ── results ──────────────────────────────────────────────────────────────────────────────────────


def result_of(found: Round, student: Student) -> RoundResult | None:
    """A student's own result; nothing before the instant."""
    if not is_out(found):
        return None
    return db.session.scalar(sa.select(RoundResult).where(RoundResult.round_id == found.id, RoundResult.student_id == student.id))


def unsent(limit: int = 200) -> list[int]:
    """Results of published rounds that nobody was told of yet."""
    statement = sa.select(RoundResult.id).join(Round, Round.id == RoundResult.round_id)
    return list(db.session.scalars(statement.where(RoundResult.told_at.is_(None), Round.state.in_((lifecycle.PUBLISHED, lifecycle.ENDED))).order_by(RoundResult.id).limit(limit)))


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One line of the list of results."""

    result: RoundResult
    student: Student
    position: Position | None
    application_state: str


def results(found: Round, actor: Actor, page: int = 1, size: int = 50) -> Listing:
    """Results that this reader may read by line: the zone all (by number), a college its students', an enterprise its offers'."""
    rows = listed(_results(found, actor), page, size)
    return Listing(_rows(rows.rows), rows.page, rows.size, rows.total)


def every_result(found: Round, actor: Actor) -> list[ResultRow]:
    """The same without pages, for a file."""
    return _rows(list(db.session.scalars(_results(found, actor))))


def _results(found: Round, actor: Actor) -> sa.Select[RoundResult]:
    statement = sa.select(RoundResult).where(RoundResult.round_id == found.id).order_by(RoundResult.id)
    if not is_out(found):
        return statement.where(sa.false())
    if actor.tenant_kind is TenantKind.COLLEGE:
        return statement.where(RoundResult.student_id.in_(student_access.visible_to(actor).with_only_columns(Student.id)))
    if actor.role in ENTERPRISE_OFFICE:
        mine = sa.select(RoundPost.position_id).where(RoundPost.round_id == found.id, RoundPost.tenant_id == actor.tenant_id)
        return statement.where(RoundResult.position_id.in_(mine))
    return statement if actor.tenant_kind is TenantKind.ZONE else statement.where(sa.false())


def _rows(rows: Sequence[RoundResult]) -> list[ResultRow]:
    people: dict[int, Student] = {}
    ids = [one.student_id for one in rows]
    for begin in range(0, len(ids), 500):
        people |= {s.id: s for s in db.session.scalars(sa.select(Student).where(Student.id.in_(ids[begin : begin + 500])))}
    wanted = {one.position_id for one in rows if one.position_id}
    there = {p.id: p for p in db.session.scalars(sa.select(Position).where(Position.id.in_(wanted)).options(joinedload(Position.tenant)))} if wanted else {}
    states = applications.states_of(one.application_id for one in rows if one.application_id)
    return [ResultRow(one, people[one.student_id], there.get(one.position_id or 0), states.get(one.application_id or 0, "")) for one in rows]


def answers(found: Round) -> dict[str, int]:
    """Where the offers of a round stand: state of the application → how many; '' for results without an offer."""
    ids = list(db.session.execute(sa.select(RoundResult.application_id, RoundResult.position_id, RoundResult.trouble).where(RoundResult.round_id == found.id)))
    states = applications.states_of(number for number, _, _ in ids if number)
    told: dict[str, int] = {}
    for number, position, trouble in ids:
        state = states.get(number, "") if number else ("trouble" if trouble else "sending" if position else "")
        told[state] = told.get(state, 0) + 1
    return told
