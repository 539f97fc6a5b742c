"""What may be read of runs and matches: newest results first, withdrawn consents and closed posts left out."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from consortium.matching.vocabulary import FAMILIES
from consortium.positions.models import Position
from consortium.proposals import access
from consortium.proposals.models import (
    Alert,
    Choice,
    Doubt,
    Leaning,
    PositionMatches,
    Proposal,
    Run,
    RunChunk,
    RunPart,
    RunSnapshot,
    Scoring,
    StudentMatches,
)
from consortium.proposals.queries.own import (
    alerts_due,
    alerts_of,
    asked_counts,
    doubts_counted,
    hidden_of,
    leanings_of,
    reachable_alert,
)
from consortium.proposals.queries.posts import FILTERS, cleaned, new_posts, places_with_posts, posts
from consortium.shared.access import ENTERPRISE_OFFICE, Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed
from consortium.shared.tasks import DONE, QUARANTINED, QUEUED, RUNNING
from consortium.students import queries as students
from consortium.students.models import Student

__all__ = [
    "FILTERS",
    "Match",
    "alerts_due",
    "alerts_of",
    "alias",
    "asked_counts",
    "by_alias",
    "choices_of_position",
    "choices_of_student",
    "chunk_ids",
    "chunks_of",
    "cleaned",
    "consenting",
    "counts_of",
    "doubts_counted",
    "hidden_of",
    "latest_run",
    "leanings_of",
    "list_end",
    "match_of",
    "matches_of_position",
    "matches_of_student",
    "n_acted_upon",
    "n_lawful",
    "n_waiting",
    "new_posts",
    "oldest_kept",
    "open_ids",
    "ordered",
    "places_with_posts",
    "position_ids",
    "posts",
    "proposed_position",
    "reachable_alert",
    "reachable_run",
    "reachable_scoring",
    "run_under_way",
    "runs",
    "runs_changed_since",
    "scoring_of",
    "scorings",
    "serving",
    "shown_to_enough",
    "still_in_runs",
    "students_a_place",
    "students_with_any",
    "training_under_way",
]


@dataclass(frozen=True, slots=True)
class Match:
    """One pair that a run found: its points, the run that scored it, whether the stable assignment proposed it."""

    student_id: int
    position_id: int
    points: int
    run_id: int
    proposed: bool = False


def latest_run() -> Run | None:
    """The newest finished run over everything."""
    return db.session.scalar(sa.select(Run).where(Run.scope == "all", Run.state == DONE).order_by(Run.id.desc()).limit(1))


def runs(actor: Actor, page: int = 1) -> Listing:
    """Runs over everything, newest first."""
    return listed(access.visible_to(actor).order_by(Run.id.desc()), page, 20)


def reachable_run(actor: Actor, public_id: uuid.UUID) -> Run:
    """One run, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(Run.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def serving() -> Scoring | None:
    """The version by which a run would score now; None: as delivered (also where a version names families of another release)."""
    found = db.session.scalar(sa.select(Scoring).where(Scoring.standing == "serving"))
    return found if found is not None and set(found.weights) == set(FAMILIES) else None


def scoring_of(run: Run) -> Scoring | None:
    """The version by which a run scored; None: as delivered."""
    return db.session.scalar(sa.select(Scoring).where(Scoring.no == int(run.versions.get("scoring", 0))))


def scorings(actor: Actor, page: int = 1) -> Listing:
    """Versions, newest first."""
    return listed(access.scorings_visible_to(actor).order_by(Scoring.no.desc()), page, 20)


def reachable_scoring(actor: Actor, public_id: uuid.UUID) -> Scoring:
    """One version, or NotFound."""
    found = db.session.scalar(access.scorings_visible_to(actor).where(Scoring.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def training_under_way() -> Scoring | None:
    """The training that waits or works now."""
    return db.session.scalar(sa.select(Scoring).where(Scoring.state.in_((QUEUED, RUNNING))))


def n_acted_upon() -> int:
    """Pairs about which somebody did something so far."""
    pairs = sa.select(Choice.student_id, Choice.position_id).distinct().subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(pairs)) or 0


def run_under_way() -> Run | None:
    """The run over everything that waits or works now."""
    return db.session.scalar(sa.select(Run).where(Run.scope == "all", Run.state.not_in((DONE, QUARANTINED))).limit(1))


def n_waiting() -> int:
    """How many small runs wait."""
    return db.session.scalar(sa.select(sa.func.count()).where(Run.scope != "all", Run.state == QUEUED)) or 0


def oldest_kept(budget: int) -> int:
    """The earliest whole run that still explains itself and teaches: always the last two, and earlier ones as long as all fit into `budget` bytes."""
    runs = sa.select(Run.id).where(Run.scope == "all", Run.state == DONE).order_by(Run.id.desc()).limit(MOST_KEPT)
    ids = list(db.session.scalars(runs))
    size: dict[int, int] = dict.fromkeys(ids, 0)
    for column in (RunSnapshot.prepared, RunPart.students, RunPart.rows):
        summed = sa.select(column.class_.run_id, sa.func.sum(sa.func.length(column))).where(column.class_.run_id.in_(ids)).group_by(column.class_.run_id)
        for run_id, n in db.session.execute(summed):
            size[run_id] += n or 0
    kept, total = 0, 0
    for turn, run_id in enumerate(ids):
        total += size[run_id]
        if turn >= 2 and total > budget:
            break
        kept = run_id
    return kept if len(ids) > 1 else 0


def chunk_ids(run_id: int, *, unfinished: bool = False) -> list[int]:
    """A run's chunks in order, or those of them that are not done; their results stay unread."""
    statement = sa.select(RunChunk.id).where(RunChunk.run_id == run_id).order_by(RunChunk.no)
    return list(db.session.scalars(statement.where(RunChunk.state != DONE) if unfinished else statement))


def still_in_runs(side: str, ids: np.ndarray) -> np.ndarray:
    """(n,) bool: which of these inner ids are students whose consent is in force, or posts that are still there, at this moment."""
    if len(ids) <= 1000:
        found = _consenting(ids.tolist()) if side == "student" else set(db.session.scalars(sa.select(Position.id).where(Position.id.in_(ids.tolist()))))
    else:
        matched = sa.select(Student.id).where(Student.id.in_(students.consented_ids()), students.may_be_matched())
        found = set(db.session.scalars(matched if side == "student" else sa.select(Position.id)))
    return np.isin(ids, np.fromiter(found, np.int64, len(found)))


def chunks_of(run_id: int) -> list[RunChunk]:
    """A run's chunks in order."""
    return list(db.session.scalars(sa.select(RunChunk).where(RunChunk.run_id == run_id).order_by(RunChunk.no)))


def matches_of_student(student: Student) -> list[Match]:
    """Open posts for one student, what suits both best first: the latest whole run (or the student's own small run), and newer posts since."""
    if student.id not in _consenting([student.id]):
        return []
    found: dict[int, Match] = {}
    listed: list[int] = []
    rows = _results(StudentMatches, StudentMatches.student_id == student.id)
    for run_id, scope, packed, points in rows:
        listed = _numbers(packed) if scope != "position" else []
        for position_id, got in zip(_numbers(packed), _numbers(points), strict=True):
            found.setdefault(position_id, Match(student.id, position_id, got, run_id))
        if scope != "position":
            break  # this one covered every post
    still = set(db.session.scalars(sa.select(Position.id).where(Position.id.in_(found), Position.state == "open")))
    newest = _newest("position", found)
    proposed = proposed_position(student.id)
    kept = [
        Match(m.student_id, m.position_id, m.points, m.run_id, m.position_id == proposed)
        for m in found.values()
        if m.position_id in still and m.run_id >= newest.get(m.position_id, 0)
    ]
    return ordered({m.position_id: m for m in kept}, listed)


def matches_of_position(position: Position) -> list[Match]:
    """Students for one post, what suits both best first, only those whose consent is in force; a student's newer own run overrules older ones."""
    found: dict[int, Match] = {}
    listed: list[int] = []
    for run_id, scope, packed, points in _results(PositionMatches, PositionMatches.position_id == position.id):
        listed = _numbers(packed) if scope != "student" else []
        for student_id, got in zip(_numbers(packed), _numbers(points), strict=True):
            found.setdefault(student_id, Match(student_id, position.id, got, run_id))
        if scope != "student":
            break  # this one covered every student
    newest = _newest("student", found)
    agreed = set(db.session.scalars(students.shown_ids().where(Student.id.in_(found))))
    proposed = set(db.session.scalars(sa.select(Proposal.student_id).where(Proposal.position_id == position.id, Proposal.run_id == _base_id())))
    kept = [
        Match(m.student_id, m.position_id, m.points, m.run_id, m.student_id in proposed)
        for m in found.values()
        if m.student_id in agreed and m.run_id >= newest.get(m.student_id, 0)
    ]
    return ordered({m.student_id: m for m in kept}, listed)


def ordered(found: dict[int, Match], listed: list[int]) -> list[Match]:
    """The order of the run that covered all, which is that of what suits both; whatever came later stands where its points belong."""
    order = [found[other] for other in listed if other in found]
    later = [(other, match) for other, match in found.items() if other not in set(listed)]
    for _, match in sorted(later, key=lambda one: (-one[1].points, one[0])):
        order.insert(next((at for at, other in enumerate(order) if other.points < match.points), len(order)), match)
    return order


def shown_to_enough(position: Position, points: int | None, listed: list[Match]) -> bool:
    """Whether a post that a student may have scores better than the last of the student's matches and yet is none: others are shown it."""
    return points is not None and any(points > match.points for match in listed) and n_lawful(position) is not None


def students_a_place() -> float:
    """To how many students the latest whole run shows a post for each of its places; without such a run there is no cap."""
    latest = latest_run()
    known = latest.report.get("exposure", {}).get("students_a_place") if latest is not None else None
    return float("inf") if known is None else float(known)


def match_of(student: Student, position: Position) -> Match | None:
    """The pair's newest match, if a run found one."""
    return next((m for m in matches_of_student(student) if m.position_id == position.id), None)


def consenting(student_id: int) -> bool:
    """Whether this student's consent to matching is in force now."""
    return bool(_consenting([student_id]))


def n_lawful(position: Position) -> int | None:
    """How many students the rules allow for a post, from the newest result; None before the first run."""
    return db.session.scalar(
        sa.select(PositionMatches.n_lawful)
        .join(Run, Run.id == PositionMatches.run_id)
        .where(PositionMatches.position_id == position.id, Run.state == DONE, Run.scope != "student")
        .order_by(Run.id.desc())
        .limit(1)
    )


def list_end(position: Position) -> tuple[int, int | None] | None:
    """How many students the newest list of a post was given, and the points of its last where it had no more room; None before the first run."""
    row = db.session.execute(
        sa.select(PositionMatches.points, Run.top_positions)
        .join(Run, Run.id == PositionMatches.run_id)
        .where(PositionMatches.position_id == position.id, Run.state == DONE, Run.scope != "student")
        .order_by(Run.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    points = _numbers(row[0])
    return len(points), points[-1] if points and len(points) >= row[1] else None


def runs_changed_since() -> set[int]:
    """Posts that a small run has met anew since the latest whole one."""
    return set(db.session.scalars(sa.select(Run.subject_id).where(Run.scope == "position", Run.id > _base_id(), Run.subject_id.is_not(None))))


def open_ids() -> dict[str, int]:
    """Public id → id of every open post."""
    return {str(key): number for key, number in db.session.execute(sa.select(Position.public_id, Position.id).where(Position.state == "open"))}


def position_ids(keys: Iterable[str]) -> list[int]:
    """Ids of posts by public ids written out."""
    return list(db.session.scalars(sa.select(Position.id).where(Position.public_id.in_([uuid.UUID(key) for key in keys]))))


def counts_of(position_ids: Iterable[int]) -> dict[int, int]:
    """Lawful students by post, from the latest whole run and newer small ones."""
    rows = db.session.execute(
        sa.select(PositionMatches.position_id, PositionMatches.n_lawful)
        .join(Run, Run.id == PositionMatches.run_id)
        .where(PositionMatches.position_id.in_(list(position_ids)), Run.state == DONE, Run.scope != "student", Run.id >= _base_id())
        .order_by(Run.id)
    )
    return {position_id: n for position_id, n in rows}  # noqa: C416 (a Row is no pair to the type checker)


def proposed_position(student_id: int) -> int | None:
    """The post that the latest whole run's stable assignment proposes to a student."""
    return db.session.scalar(sa.select(Proposal.position_id).where(Proposal.run_id == _base_id(), Proposal.student_id == student_id))


LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without those that are taken for others


def alias(student_public_id: uuid.UUID, position_public_id: uuid.UUID) -> str:
    """What a candidate is called for one post before the name is revealed (A-7K3MQ9); another post, another name."""
    number = int.from_bytes(hashlib.sha256(f"{position_public_id}:{student_public_id}".encode()).digest()[:8], "big")
    return "A-" + "".join(LETTERS[number >> 5 * place & 31] for place in range(6))


def by_alias(position: Position) -> dict[str, Student]:
    """The candidates that the post's own list shows; two who happen to be called alike are both left out rather than confused."""
    found: dict[str, Student] = {}
    twice: set[str] = set()
    for student in students.by_ids(m.student_id for m in matches_of_position(position)).values():
        name = alias(student.public_id, position.public_id)
        if name in found:
            twice.add(name)
        found[name] = student
    return {name: student for name, student in found.items() if name not in twice}


def choices_of_student(student_id: int) -> dict[int, set[str]]:
    """What a student or an enterprise did about pairs of this student: position id → kinds."""
    return _choices(Choice.student_id == student_id, Choice.position_id)


def choices_of_position(position_id: int) -> dict[int, set[str]]:
    """The same by post: student id → kinds."""
    return _choices(Choice.position_id == position_id, Choice.student_id)


def placed(student_ids: Iterable[int], kind: str) -> set[int]:
    """Which of these students have accepted an internship, or a job, of whatever enterprise, and not given it back since."""
    ids = list(student_ids)
    rows = db.session.execute(
        sa.select(Choice.student_id, Choice.position_id, Choice.what)
        .join(Position, Position.id == Choice.position_id)
        .where(Choice.student_id.in_(ids), Position.kind == kind, Choice.what.in_(("accepted", "withdrawn", "declined")))
        .order_by(Choice.id)
    )
    last = {(student, post): what for student, post, what in rows}
    return {student for (student, _), what in last.items() if what == "accepted"}


def put_aside_since(position_id: int, since: datetime) -> list[int]:
    """Students whom the enterprise put aside or turned down for a post since then, and did not take up again."""
    rows = db.session.execute(sa.select(Choice.student_id, Choice.what, Choice.by_role).where(Choice.position_id == position_id, Choice.created_at >= since).order_by(Choice.id))
    last = {student: (what, role) for student, what, role in rows}
    return [student for student, (what, role) in last.items() if what in ("unsuitable", "declined") and role in FIRM]


def cells() -> dict[tuple[int, str], int]:
    """(college, class of majors) → students in matching."""
    inside = sa.select(Student.tenant_id, Student.major_code, sa.func.count()).where(Student.id.in_(students.consented_ids()), students.may_be_matched())
    found: dict[tuple[int, str], int] = {}
    for tenant, major, n in db.session.execute(inside.group_by(Student.tenant_id, Student.major_code)):
        found[tenant, major[:4]] = found.get((tenant, major[:4]), 0) + n
    return found


FIRM = frozenset(role.value for role in ENTERPRISE_OFFICE)
MOST_KEPT = 400  # whole runs, a year of nights
UNDONE = {"unsaved": "saved", "restored": "hidden", "suitable": "unsuitable", "reopened": "declined"}


def students_with_any(student_ids: Iterable[int]) -> set[int]:
    """Which of these students stand in a run's results or in somebody's choices."""
    ids = list(student_ids)
    return {number for table in (StudentMatches, Proposal, Choice, Leaning, Doubt, Alert) for number in db.session.scalars(sa.select(table.student_id).where(table.student_id.in_(ids)))}


def _choices(which: sa.ColumnElement[bool], by: InstrumentedAttribute[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for other, what in db.session.execute(sa.select(by, Choice.what).where(which).order_by(Choice.id)):
        kinds = found.setdefault(other, set())
        if what in UNDONE:
            kinds.discard(UNDONE[what])
        else:
            kinds.add(what)
    return found


def _base_id() -> int:
    """The id of the latest whole run, 0 before the first; its report stays unread."""
    return db.session.scalar(sa.select(sa.func.max(Run.id)).where(Run.scope == "all", Run.state == DONE)) or 0


def _newest(scope: str, subjects: Iterable[int]) -> dict[int, int]:
    """Subject → the newest small run about it since the latest whole one: what older results say of it no longer counts."""
    rows = db.session.execute(
        sa.select(Run.subject_id, sa.func.max(Run.id))
        .where(Run.scope == scope, Run.state == DONE, Run.subject_id.in_(list(subjects)), Run.id > _base_id())
        .group_by(Run.subject_id)
    )
    return {subject: run_id for subject, run_id in rows if subject is not None}


def _results(table: type[StudentMatches] | type[PositionMatches], which: sa.ColumnElement[bool]) -> list[tuple[int, str, bytes, bytes]]:
    rows = db.session.execute(
        sa.select(Run.id, Run.scope, table.ids, table.points)
        .join(Run, Run.id == table.run_id)
        .where(which, Run.state == DONE, Run.id >= _base_id())
        .order_by(Run.id.desc())
        .limit(200)
    )
    return [(run_id, scope, ids, points) for run_id, scope, ids, points in rows]


def _numbers(packed: bytes) -> list[int]:
    return [int(n) for n in np.frombuffer(packed, dtype="<i8")]


def _consenting(ids: Iterable[int]) -> set[int]:
    """Those of them whose consent is in force now, and who are still on the register."""
    wanted = sa.select(Student.id).where(Student.id.in_(list(ids)), Student.id.in_(students.consented_ids()), students.may_be_matched())
    return set(db.session.scalars(wanted))


def matches_told(student_id: int) -> list[dict[str, Any]]:
    """The lists that the last runs gave a student, in words: run, day, post, points."""
    rows = db.session.execute(
        sa.select(Run.public_id, Run.created_at, StudentMatches.ids, StudentMatches.points)
        .join(Run, Run.id == StudentMatches.run_id).where(StudentMatches.student_id == student_id).order_by(Run.id.desc()).limit(20)
    ).all()  # fmt: skip
    titles = {p.id: p.title for p in db.session.scalars(sa.select(Position).where(Position.id.in_({n for row in rows for n in _numbers(row[2])})))}
    return [
        {"run": str(run), "at": at.isoformat(), "position": titles.get(number, ""), "points": points}
        for run, at, ids, told in rows for number, points in zip(_numbers(ids), _numbers(told), strict=True)
    ]  # fmt: skip
