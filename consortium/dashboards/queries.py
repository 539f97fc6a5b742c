"""What the desks show: figures with the lists behind them, the matrix of supply and demand, and what waits for whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from consortium.accounts.models import Tenant
from consortium.agreements import queries as agreements
from consortium.agreements.models import Agreement
from consortium.applications.models import Application, ApplicationStep
from consortium.dashboards import access
from consortium.dashboards.wording import FUNNEL, ZONE_FIGURES
from consortium.imports.models import Upload
from consortium.messages import access as messages
from consortium.messages.models import Message
from consortium.organisations.models import Enterprise, IntentRound
from consortium.organisations.queries import intents
from consortium.organisations.queries.intents import ClassDemand
from consortium.positions import access as positions
from consortium.positions.models import Position, PositionMajor, PositionSkill, Seats
from consortium.positions.queries import WHOLE, judge_all, rules_counted, rules_now
from consortium.proposals.models import Run, StudentMatches
from consortium.proposals.queries import counts_of, latest_run
from consortium.reference import industries, law, majors
from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.skills.models import Skill
from consortium.students import access as students
from consortium.students.models import SchoolClass, Student, StudentSkill
from consortium.students.queries import consented_ids, may_be_matched

Parts = list[tuple[Any, int]]
Reach = sa.Select[int]
IN_MATCHING = may_be_matched()
WAITING_FOR_FIRM = ("applied", "viewed", "agreed")
WEEK = timedelta(days=7)
ANY = "any"
INDUSTRIES = {"materials": "新材料", "equipment": "装备制造", "electronics": "电子信息", "biopharma": "生物制药", "other": ""}
"""Name in addresses → key of `reference.industries`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, since when it holds, and what came in the last seven days (None where that says nothing)."""

    name: str
    value: int
    as_of: datetime
    new: int | None = None


def runs_newest(n: int = 1) -> list[Run]:
    """The newest whole runs, whatever their state."""
    return list(db.session.scalars(sa.select(Run).where(Run.scope == "all").order_by(Run.id.desc()).limit(n)))


# figures: each is the sum of its breakdown, so that a number always equals the list behind it


def _openings(reach: Reach, run: Run | None) -> Parts:
    free = sa.func.sum(Seats.places - Seats.taken)
    return _grouped(
        sa.select(Position.tenant_id, free).join(Seats).where(Position.state == "open", Position.tenant_id.in_(reach)).group_by(Position.tenant_id)
    )


def _students(reach: Reach, run: Run | None) -> Parts:
    return _grouped(
        sa.select(Student.tenant_id, sa.func.count())
        .where(IN_MATCHING, Student.id.in_(consented_ids()), Student.tenant_id.in_(reach))
        .group_by(Student.tenant_id)
    )


def _pairs(reach: Reach, run: Run | None) -> Parts:
    found: Counter[str] = Counter()
    for key, _industry, n, _students in class_pairs(run):
        found[key] += n
    return found.most_common()


def _enterprises(reach: Reach, run: Run | None) -> Parts:
    codes = db.session.scalars(sa.select(Enterprise.industry_code).where(Enterprise.verified_at.is_not(None), Enterprise.tenant_id.in_(reach)))
    return Counter(industries.leading(code) for code in codes).most_common()


def _unanswered(reach: Reach, run: Run | None) -> Parts:
    return _grouped(
        sa.select(Application.enterprise_tenant_id, sa.func.count())
        .where(Application.state.in_(WAITING_FOR_FIRM), Application.enterprise_tenant_id.in_(reach))
        .group_by(Application.enterprise_tenant_id)
    )


def _matched(reach: Reach, run: Run | None) -> Parts:
    if run is None:
        return []
    return _grouped(
        sa.select(Student.tenant_id, sa.func.count())
        .join(StudentMatches, StudentMatches.student_id == Student.id)
        .where(StudentMatches.run_id == run.id, sa.func.length(StudentMatches.ids) > 0, Student.tenant_id.in_(reach))
        .group_by(Student.tenant_id)
    )


def _applied(reach: Reach, run: Run | None) -> Parts:
    return _grouped(_applicants(reach))


def _offered(reach: Reach, run: Run | None) -> Parts:
    offered = sa.select(ApplicationStep.application_id).where(ApplicationStep.target == "offered")
    return _grouped(_applicants(reach).where(sa.or_(Application.state.in_(("offered", "accepted")), Application.id.in_(offered))))


def _accepted(reach: Reach, run: Run | None) -> Parts:
    return _grouped(_applicants(reach).where(Application.state == "accepted"))


def _drafted(reach: Reach, run: Run | None) -> Parts:
    return _grouped(
        sa.select(Agreement.college_tenant_id, sa.func.count(sa.distinct(Agreement.student_id)))
        .where(Agreement.college_tenant_id.in_(reach))
        .group_by(Agreement.college_tenant_id)
    )


def _applicants(reach: Reach) -> sa.Select[Any, Any]:
    college = Application.college_tenant_id
    return sa.select(college, sa.func.count(sa.distinct(Application.student_id))).where(college.in_(reach)).group_by(college)


def _grouped(statement: sa.Select[Any, Any]) -> Parts:
    return sorted(((key, int(n or 0)) for key, n in db.session.execute(statement)), key=lambda part: (-part[1], part[0]))


BREAKDOWNS: dict[str, Callable[[Reach, Run | None], Parts]] = {
    "openings": _openings, "students": _students, "pairs": _pairs, "accepted": _accepted, "enterprises": _enterprises,
    "unanswered": _unanswered, "matched": _matched, "applied": _applied, "offered": _offered, "drafted": _drafted,
}  # fmt: skip
BY_TENANT = frozenset(BREAKDOWNS) - {"pairs", "enterprises"}


def breakdown(actor: Actor, name: str, run: Run | None = None) -> Parts:
    """The list behind a figure: (tenant id, major class or industry, count), largest first."""
    return BREAKDOWNS[name](access.visible_to(actor), run or latest_run())


def figures(actor: Actor, names: Iterable[str] = ZONE_FIGURES, run: Run | None = None) -> list[Figure]:
    """These figures within the reader's reach."""
    run, now = run or latest_run(), clock.now()
    new = _new_within_a_week(access.visible_to(actor))
    found = []
    for name in names:
        from_run = name in ("pairs", "matched")
        as_of = run.finished_at if from_run and run is not None and run.finished_at else now
        found.append(Figure(name, sum(n for _, n in breakdown(actor, name, run)), as_of, new.get(name)))
    return found


def funnel(actor: Actor, run: Run | None = None) -> list[Figure]:
    """From match to agreement, in students."""
    return figures(actor, FUNNEL, run)


def _new_within_a_week(reach: Reach) -> dict[str, int]:
    since = clock.now() - WEEK
    posted = sa.select(sa.func.coalesce(sa.func.sum(Seats.places), 0)).join(Position).where(
        Position.state == "open", Position.published_at > since, Position.tenant_id.in_(reach)
    )  # fmt: skip
    taken = sa.select(sa.func.count()).select_from(ApplicationStep).join(Application).where(
        ApplicationStep.target == "accepted", ApplicationStep.created_at > since, Application.state == "accepted",
        Application.college_tenant_id.in_(reach),
    )  # fmt: skip
    row = db.session.execute(sa.select(posted.scalar_subquery(), taken.scalar_subquery())).one()
    return {"openings": int(row[0]), "accepted": int(row[1])}


def class_pairs(run: Run | None) -> list[tuple[str, str, int, int]]:
    """(major class, leading industry, acceptable pairs, students with at least one acceptable post there) of a run."""
    report = run.report if run is not None else {}
    return [(str(key), str(industry), int(pairs), int(n)) for key, industry, pairs, n in report.get("class_pairs", [])]


def rule_counts() -> list[tuple[str, int, int]]:
    """(rule, open posts that do not meet it, open posts where it is not known), worst first."""
    rows = [(code, not_met, unknown) for code, (_met, not_met, unknown) in rules_counted().items() if not_met or unknown]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))


Counts = dict[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """An open post or a drafted agreement as one rule finds it. Of what a rule says of a person, the zone reads whose college is to be asked."""

    kind: str  # post | agreement
    state: int  # 1 met, 0 not met, -1 not known
    number: str
    enterprise: Any = None
    college: Any = None
    post: str = ""
    url: str = ""


def cases_of(code: str) -> list[Case]:
    """All that stands behind a rule's counts: what is not met first, then what is not known; posts before agreements."""
    nothing: dict[int, list[Any]] = {1: [], 0: [], -1: []}
    posts, drafted = rules_now().get(code, nothing), agreements.rules_now().get(code, nothing)
    personal = law.rule(code).scope == "pair"
    found = []
    for state in (0, -1, 1):
        found += [Case("post", state, str(p.public_id)[:8], p.tenant.name, None, p.title, f"/positions/{p.public_id}") for p in posts[state]]
        for a in drafted[state]:
            host, title = ("", "") if personal else (a.application.position.tenant.name, a.terms["title"])
            found.append(Case("agreement", state, str(a.public_id)[:8].upper(), host, a.application.student.tenant.name, title))
    return found


# supply and demand


@dataclass(slots=True)
class Cell:
    """Free places and students of one major class in one industry."""

    openings: int = 0
    students: int = 0

    @property
    def gap(self) -> int:
        """Openings less students."""
        return self.openings - self.students


@dataclass(slots=True)
class ClassRow:
    """A major class: all its openings and students, and its cells by industry."""

    key: str
    openings: int = 0
    students: int = 0
    cells: dict[str, Cell] = field(default_factory=dict)


@dataclass(slots=True)
class Matrix:
    """Supply and demand by major class and leading industry."""

    rows: list[ClassRow]
    as_of: datetime
    from_run: bool


def supply_demand(actor: Actor, run: Run | None = None) -> Matrix:
    """Openings of each class and industry against the students for whom the last run found an acceptable post there."""
    run = run or latest_run()
    supply = _supply_by_class(actor)
    industry = _industries()
    accepted = _accepted_classes(set(supply))
    rows: dict[str, ClassRow] = {}
    for position_id, tenant_id, free in _free_places(actor):
        for key in accepted.get(position_id) or {ANY}:
            row = rows.setdefault(key, ClassRow(key, students=supply.get(key, 0)))
            row.openings += free
            row.cells.setdefault(industry.get(tenant_id, ""), Cell()).openings += free
    for key, n in supply.items():
        rows.setdefault(key, ClassRow(key, students=n))
    reachable = {(key, name): n for key, name, _pairs, n in class_pairs(run)}
    for row in rows.values():
        for name in INDUSTRIES.values():
            cell = row.cells.setdefault(name, Cell())
            cell.students = min(reachable.get((row.key, name), 0), row.students) if run is not None else row.students
    ordered = sorted(rows.values(), key=lambda r: (r.key == ANY, -r.openings, -r.students, r.key))
    return Matrix(ordered, run.finished_at or clock.now() if run is not None else clock.now(), run is not None)


def _supply_by_class(actor: Actor) -> dict[str, int]:
    """Students in matching and not yet placed, by major class."""
    placed = sa.select(Application.student_id).where(Application.state == "accepted")
    found: Counter[str] = Counter()
    for code, n in db.session.execute(
        sa.select(Student.major_code, sa.func.count())
        .where(IN_MATCHING, Student.id.in_(consented_ids()), Student.id.not_in(placed), Student.tenant_id.in_(access.visible_to(actor)))
        .group_by(Student.major_code)
    ):
        major = majors.find(code)
        if major is not None:
            found[major.class_key] += n
    return dict(found)


def _industries() -> dict[int, str]:
    return {tenant: industries.leading(code) for tenant, code in db.session.execute(sa.select(Enterprise.tenant_id, Enterprise.industry_code))}


def _free_places(actor: Actor) -> list[tuple[int, int, int]]:
    free = Seats.places - Seats.taken
    rows = db.session.execute(
        sa.select(Position.id, Position.tenant_id, free).join(Seats).where(Position.state == "open", free > 0, Position.tenant_id.in_(access.visible_to(actor)))
    )
    return [(int(p), int(t), int(n)) for p, t, n in rows]


def _accepted_classes(with_students: set[str]) -> dict[int, set[str]]:
    """Post → major classes it is open to; a category stands for its classes that have students."""
    of_category: dict[str, set[str]] = defaultdict(set)
    for key, (_name, category) in majors.classes().items():
        of_category[category].add(key)
    found: dict[int, set[str]] = defaultdict(set)
    for position_id, depth, code in db.session.execute(
        sa.select(PositionMajor.position_id, PositionMajor.depth, PositionMajor.code).join(Position).where(Position.state == "open")
    ):
        if depth == "class":
            found[position_id].add(code)
        elif depth == "category":
            found[position_id] |= (of_category[code] & with_students) or set(sorted(of_category[code])[:1])
        else:
            major = majors.find(code)
            if major is not None:
                found[position_id].add(major.class_key)
    return found


@dataclass(frozen=True, slots=True)
class Intent:
    """Demand by intent of the quarter asked last, apart from posts: read anew for every page."""

    round: IntentRound
    rows: list[ClassDemand]

    @property
    def yes(self) -> int:
        """Heads that firms are sure of."""
        return sum(row.yes for row in self.rows)

    @property
    def perhaps(self) -> int:
        """Heads of those who say perhaps."""
        return sum(row.perhaps for row in self.rows)


def by_intent(actor: Actor) -> Intent | None:
    """What firms within reach say they could take; None where no quarter was asked yet."""
    found = intents.newest_round()
    return Intent(found, intents.demand(found.id, access.visible_to(actor))) if found is not None else None


@dataclass(frozen=True, slots=True)
class Ask:
    """A skill or certificate that a cell's posts need, and how many of the class's students have it."""

    skill: Skill
    n_posts: int
    n_students: int


def cell_posts(actor: Actor, key: str, industry: str) -> list[Position]:
    """The open posts of a cell that have free places, most places first."""
    firms = [tenant for tenant, name in _industries().items() if name == industry]
    accepted = _accepted_classes(set(_supply_by_class(actor)))
    rows = db.session.scalars(
        positions.visible_to(actor)
        .join(Position.seats)
        .where(Position.state == "open", Seats.places > Seats.taken, Position.tenant_id.in_(firms))
        .options(joinedload(Position.tenant), joinedload(Position.seats))
        .order_by((Seats.places - Seats.taken).desc(), Position.id)
    )
    return [p for p in rows if key in (accepted.get(p.id) or {ANY})]


def class_students(actor: Actor, key: str) -> Parts:
    """Students of a major class in matching and not yet placed, by college."""
    placed = sa.select(Application.student_id).where(Application.state == "accepted")
    return _grouped(
        sa.select(Student.tenant_id, sa.func.count())
        .where(*_of_class(key), Student.id.not_in(placed), Student.tenant_id.in_(access.visible_to(actor)))
        .group_by(Student.tenant_id)
    )


def cell_asks(posts: list[Position], key: str) -> list[Ask]:
    """What these posts need most often, beside how many students of the class have it."""
    wanted = (
        sa.select(PositionSkill.skill_id, sa.func.count())
        .where(PositionSkill.must, PositionSkill.position_id.in_([p.id for p in posts]))
        .group_by(PositionSkill.skill_id)
        .order_by(sa.func.count().desc(), PositionSkill.skill_id)
        .limit(6)
    )
    n_posts: dict[int, int] = dict(db.session.execute(wanted).all())
    had = (
        sa.select(StudentSkill.skill_id, sa.func.count())
        .join(Student)
        .where(*_of_class(key), StudentSkill.skill_id.in_(list(n_posts)))
        .group_by(StudentSkill.skill_id)
    )
    have: dict[int, int] = dict(db.session.execute(had).all())
    skills = {s.id: s for s in db.session.scalars(sa.select(Skill).where(Skill.id.in_(list(n_posts))))}
    return [Ask(skills[i], n, have.get(i, 0)) for i, n in n_posts.items()]


def _of_class(key: str) -> tuple[Any, ...]:
    codes = [m.code for m in majors.all_majors().values() if m.class_key == key]
    return IN_MATCHING, Student.id.in_(consented_ids()), Student.major_code.in_(codes)


# the other desks


@dataclass(frozen=True, slots=True)
class PostLine:
    """One of an enterprise's open posts and what happens around it."""

    position: Position
    n_fitting: int | None
    n_waiting: int
    n_offered: int


def post_lines(actor: Actor, limit: int = 8) -> list[PostLine]:
    """Own open posts, newest first: how many students fit, applied, hold an offer."""
    rows = list(
        db.session.scalars(
            positions.visible_to(actor).where(Position.state == "open").options(joinedload(Position.seats)).order_by(Position.id.desc()).limit(limit)
        )
    )
    ids = [p.id for p in rows]
    fitting = counts_of(ids)
    states: dict[tuple[int, str], int] = {
        (p, state): n
        for p, state, n in db.session.execute(
            sa.select(Application.position_id, Application.state, sa.func.count())
            .where(Application.position_id.in_(ids))
            .group_by(Application.position_id, Application.state)
        )
    }
    return [
        PostLine(p, fitting.get(p.id), sum(states.get((p.id, s), 0) for s in WAITING_FOR_FIRM), states.get((p.id, "offered"), 0)) for p in rows
    ]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Applications by state within reach, and the offers that run out next."""

    by_state: dict[str, int]
    running_out: list[Application]

    def n(self, *states: str) -> int:
        """How many are in one of these states."""
        return sum(self.by_state.get(s, 0) for s in states)


def enterprise_applications(actor: Actor) -> Waiting:
    """Of one's own posts."""
    return _waiting(Application.enterprise_tenant_id == actor.tenant_id)


def college_applications(actor: Actor) -> Waiting:
    """Of one's own students, or the adviser's classes."""
    return _waiting(Application.student_id.in_(students.visible_to(actor).with_only_columns(Student.id)))


def _waiting(mine: sa.ColumnElement[bool]) -> Waiting:
    counted = db.session.execute(sa.select(Application.state, sa.func.count()).where(mine).group_by(Application.state))
    soon = sa.select(Application).where(mine, Application.state == "offered", Application.answer_by.is_not(None))
    soon = soon.options(joinedload(Application.position)).order_by(Application.answer_by).limit(5)
    return Waiting(dict(counted.all()), list(db.session.scalars(soon)))


def drafts(actor: Actor, limit: int = 20) -> list[Position]:
    """Own drafts, newest first, whole."""
    statement = positions.visible_to(actor).where(Position.state == "draft").options(*WHOLE).order_by(Position.id.desc()).limit(limit)
    return list(db.session.scalars(statement).unique())


def without_mentors(actor: Actor) -> list[Position]:
    """Open internships of one's own for which mentors have not enough room: no mentor, no place."""
    ids = positions.visible_to(actor).where(Position.tenant_id == actor.tenant_id, Position.state == "open", Position.kind == "internship")
    posts = list(db.session.scalars(ids.options(*WHOLE).order_by(Position.id)).unique())
    return [p for p, verdicts in zip(posts, judge_all(posts), strict=True) if any(v.code == "R30a" and v.state != 1 for v in verdicts)]


def stopped_by(posts: list[Position]) -> list[list[str]]:
    """Codes of the rules that keep each of these posts from being published."""
    return [[v.code for v in found if v.blocks] for found in judge_all(posts)]


@dataclass(frozen=True, slots=True)
class Roll:
    """Students of a college or class: how many, and how far they are."""

    label: str
    n: int
    agreed: int
    accounts: int
    placed: int
    no_major: int

    @property
    def not_agreed(self) -> int:
        """Without consent to matching."""
        return self.n - self.agreed

    @property
    def no_account(self) -> int:
        """Who cannot sign in yet."""
        return self.n - self.accounts


def roll(actor: Actor) -> list[Roll]:
    """By class, in the order of names; the sum is the whole."""
    mine = students.visible_to(actor).where(Student.state == "enrolled").subquery()
    agreed = consented_ids().subquery()
    placed = sa.select(Application.student_id).where(Application.state == "accepted").distinct().subquery()
    rows = db.session.execute(
        sa.select(
            sa.func.coalesce(SchoolClass.name, "–"), sa.func.count(mine.c.id), sa.func.count(agreed.c.student_id),
            sa.func.count(mine.c.person_id), sa.func.count(placed.c.student_id),
            sa.func.sum(sa.case((mine.c.major_code == "", 1), else_=0)),
        )
        .select_from(mine)
        .outerjoin(SchoolClass, SchoolClass.id == mine.c.class_id)
        .outerjoin(agreed, agreed.c.student_id == mine.c.id)
        .outerjoin(placed, placed.c.student_id == mine.c.id)
        .group_by(SchoolClass.id, SchoolClass.name)
        .order_by(SchoolClass.name)
    )  # fmt: skip
    return [Roll(str(name), int(n), int(a), int(p), int(q), int(m or 0)) for name, n, a, p, q, m in rows]


def in_all(rows: list[Roll], label: str = "") -> Roll:
    """The sum of a roll."""
    return Roll(label, *(sum(getattr(r, name) for r in rows) for name in ("n", "agreed", "accounts", "placed", "no_major")))


def uploads_waiting(actor: Actor) -> list[Upload]:
    """Imports of this organisation that wait for somebody or are at work."""
    statement = sa.select(Upload).where(Upload.tenant_id == actor.tenant_id, Upload.stage.in_(("reading", "asking", "checked", "applying", "undoing")))
    return list(db.session.scalars(statement.order_by(Upload.id.desc()).limit(5)))


def own_applications(student: Student) -> list[Application]:
    """A student's own, offers that run out first, then invitations, then the newest."""
    first = sa.case((Application.state == "offered", 0), (Application.state == "invited", 1), else_=2)
    statement = sa.select(Application).where(Application.student_id == student.id)
    statement = statement.options(joinedload(Application.position).joinedload(Position.tenant))
    return list(db.session.scalars(statement.order_by(first, Application.answer_by, Application.id.desc()).limit(12)))


def needs_student(application: Application) -> bool:
    """Whether it is the student's turn."""
    return application.state in ("offered", "invited")


def news(actor: Actor, limit: int = 5) -> list[Message]:
    """What one was told last."""
    return list(db.session.scalars(messages.visible_to(actor).order_by(Message.id.desc()).limit(limit)))


def names(ids: Iterable[Any]) -> dict[int, Tenant]:
    """Tenants by id."""
    return {t.id: t for t in db.session.scalars(sa.select(Tenant).where(Tenant.id.in_(list(ids))))}
