"""What people ask the latest whole run: who would fit, what would open posts, where a student stands, what stands in the way."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from consortium.matching import eligibility, pipeline
from consortium.matching.gaps import Added
from consortium.matching.margins import Refusal, refusal
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import YES, Columns, Problem, columns
from consortium.matching.whatif import LATER, Again, Change, Standing, Supply, changes_of_student, varied
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries
from consortium.proposals.snapshot.kept import added_of, again_of, prepared_of
from consortium.reference import law, majors, places
from consortium.shared import clock
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students.models import Student


def live(student: Student, position: Position) -> Prepared | None:
    """One student and one post as they stand now, with the vocabulary of the latest whole run; None before the first."""
    latest = queries.latest_run()
    if latest is None:
        return None
    problem = Problem.of(students.as_rows([student]), positions.as_rows([position]), clock.today(), latest.seed)
    return pipeline.prepare(problem, thresholds=positions.limits(problem.on), vocabulary=prepared_of(latest).vocabulary)


def again() -> Again | None:
    """The latest whole run, ready to be asked again; None before the first, and where a run kept no lists."""
    latest = queries.latest_run()
    return again_of(latest.public_id) if latest is not None else None


def supply(asked: Mapping[str, str], hazards: Sequence[str] = ()) -> Supply | None:
    """Count what a form asks for so far against the latest run's students: exactly the matcher's own rules about the pair."""
    found = _supply(columns("positions", [_asked(asked, hazards)]))
    if found is None or asked.get("start_on"):
        return found
    return replace(found, more=tuple((change, n) for change, n in found.more if change.what != LATER))  # no day yet: none to put off


def supply_of(position: Position) -> Supply | None:
    """The same of a post as it stands."""
    return _supply(columns("positions", positions.as_rows([position])))


def _supply(post: Columns) -> Supply | None:
    run = again()
    return run.supply(post) if run is not None else None


@dataclass(frozen=True, slots=True)
class Opening:
    """One thing that would open posts to a student: still open posts by id, how many become lawful, how many lists the student enters."""

    change: Change
    position_ids: tuple[int, ...]
    n_lawful: int
    n_listed: int


def openings(student: Student) -> list[Opening] | None:
    """What would open most, best first: each certificate, skill and wish tried alone on all posts of the latest run. None before the first."""
    run = again()
    if run is None:
        return None
    one, keys = columns("students", students.as_rows([student])), run.prepared.problem.positions.key
    still = queries.open_ids()
    is_open = np.array([str(key) in still for key in keys], dtype=bool)
    found = []
    for opened in run.openings(one, changes_of_student(one, run.prepared.problem.positions, skills.certificates())):
        lawful, listed = opened.lawful[is_open[opened.lawful]], opened.listed[is_open[opened.listed]]
        ids = tuple(still[str(keys[j])] for j in np.union1d(lawful, listed))
        if ids:
            found.append(Opening(opened.change, ids, len(lawful), len(listed)))
    return sorted(found, key=lambda one: (-len(one.position_ids), -one.n_lawful, one.change.what, one.change.which))


@dataclass(frozen=True, slots=True)
class Stand:
    """Why not, exactly: where a pair stands among all others of the latest run, or what alone would make it lawful.

    n_shown, least : how many students the post's list shows, and the points of its last where it is full. refusal : in the assignment the
    innermost full level, with the points of the last one admitted there and the student's own, no wish counted.
    """

    standing: Standing | None
    lawful: bool
    opens: tuple[Change, ...]
    n_shown: int | None
    least: int | None
    refusal: Refusal | None = None
    last_points: int | None = None
    own_points: int | None = None


def stand(student: Student, position: Position) -> Stand | None:
    """Where this student stands for this post as both are now; None before the first run."""
    run = again()
    if run is None:
        return None
    one = columns("students", students.as_rows([student]))
    post = columns("positions", positions.as_rows([position]))
    changes = changes_of_student(one, post, skills.certificates())
    lawful = eligibility.lawful_pairs(varied(one, changes), post, run.prepared.thresholds)[:, 0]
    n_shown, least = queries.list_end(position) or (None, None)
    opens = tuple(change for change, opened in zip(changes, lawful[1:], strict=True) if opened and not lawful[0])
    where = run.standing(one, post, changes)
    return _with_refusal(run, student, position, Stand(where, bool(lawful[0]), opens, n_shown, least))


def _with_refusal(run: Again, student: Student, position: Position, told: Stand) -> Stand:
    of_students, of_positions = run.prepared.row_of
    i, j = of_students.get(str(student.public_id)), of_positions.get(str(position.public_id))
    found, capacities, held = run.market
    own: np.ndarray = np.flatnonzero((found.student == i) & (found.position == j)) if i is not None and j is not None else np.zeros(0, np.int64)
    why = refusal(found, capacities, held, int(own[0])) if len(own) else None
    if why is None:
        return told
    pair = np.array([own[0], why.last])[: 1 if why.last < 0 else 2]
    points = run.merit_points(found.student[pair], found.position[pair])
    return replace(told, refusal=why, own_points=int(points[0]), last_points=int(points[1]) if len(points) > 1 else None)


def added(students_of: Sequence[uuid.UUID], most: int) -> tuple[list[tuple[Added, list[int]]], int] | None:
    """What a skill would add to a group of students: each with the ids of the still open posts that ask for it; and how many were in the run."""
    run = again()
    latest = queries.latest_run()
    if run is None or latest is None:
        return None
    known = run.prepared.row_of[0]
    rows = sorted(known[str(key)] for key in students_of if str(key) in known)
    keys, still = run.prepared.problem.positions.key, queries.open_ids()
    found = added_of(latest.public_id, tuple(rows), most, skills.certificates())
    return [(one, [still[str(keys[j])] for j in one.posts if str(keys[j]) in still]) for one in found], len(rows)


def what_stops(student: Student, posts: list[Position]) -> dict[int, str]:
    """Position id → the code of the first rule or requirement that stands in this student's way; posts that fit are left out."""
    if not posts:
        return {}
    problem = Problem.of(students.as_rows([student]), positions.as_rows(posts), clock.today())
    limits = positions.limits(problem.on)
    row_of = {str(key): j for j, key in enumerate(problem.positions.key)}
    found = {}
    for post in posts:
        verdicts = eligibility.judge_pair(problem, 0, row_of[str(post.public_id)], limits)
        stopped = next((v.code for v in verdicts if v.blocks), None)
        if stopped:
            found[post.id] = stopped
    return found


def _asked(asked: Mapping[str, str], hazards: Sequence[str]) -> dict[str, Any]:
    """A half-filled posting form as a row; what cannot be read yet is left unknown."""
    known = skills.by_codes(re.sub(r":[0-9]$", "", code) for code in _codes(asked.get("must", "")))
    accepted = [code if ":" in code else f"M:{code}" for code in _codes(asked.get("majors", ""))]
    accepted = [code for code in accepted if majors.category_of(code)]
    try:
        start: date | None = date.fromisoformat(asked.get("start_on", ""))
    except ValueError:
        start = None
    level = asked.get("labour_level", "")
    return {
        "key": "asked",
        "kind": "job" if asked.get("kind") == "job" else "internship",
        "majors": accepted,
        "major_categories": sorted({majors.category_of(code) for code in accepted}),
        "certificates_must": [code for code, skill in known.items() if skill.kind == "certificate"],
        "level_least": asked.get("level_least", ""),
        "start_on": start or clock.today(),
        "night": asked.get("night") == "yes",
        "rest_days": asked.get("rest_days") == "yes",
        "labour_level": int(level) if level in ("1", "2", "3", "4") else -1,
        "hazards": [tag for tag in hazards if tag in law.hazards()],
        "in_zone": asked.get("place_code") == places.ZONE,
    }


def _codes(text: str) -> list[str]:
    return [code for code in re.split(r"[\s,，、;；]+", text[:2000]) if code][:50]


def fitting_ids(student: Student) -> set[int]:
    """Ids of the open posts that no rule and no requirement closes to this student now.

    Posts of the latest whole run are asked as its arrays in one sweep; what is new or was changed since is judged as it stands.
    """
    still, run = queries.open_ids(), again()
    if run is None:
        return _judged(student, set(still.values()))
    anew = queries.runs_changed_since()
    keys = [str(key) for key in run.prepared.problem.positions.key]
    one = columns("students", students.as_rows([student]))
    open_to = run.positions.open_to(one, run.prepared.thresholds)[0]
    found = {still[key] for key, fits in zip(keys, open_to, strict=True) if fits and key in still}
    known = set(keys)
    fresh = ({number for key, number in still.items() if key not in known} | anew) & set(still.values())
    return (found - fresh) | _judged(student, fresh)


def _judged(student: Student, ids: set[int]) -> set[int]:
    posts = list(positions.by_ids(ids).values()) if ids else []
    return {post.id for post in posts} - set(what_stops(student, posts))


TO_BE_SAID: Mapping[str, dict[str, Any]] = {
    "wants_internship": {"wants_internship": YES}, "wants_job": {"wants_job": YES}, "wants_zone": {"wants_zone": YES}, "shift_ok": {"shift_ok": YES},
}  # fmt: skip
"""Questions whose answer the matcher reads by itself: the field, and the answer that opens most."""


def next_answers(student: Student) -> list[tuple[str, int, int]] | None:
    """Fields not filled in yet, with how many posts a yes would open and how many lists it would put her on, most first; None before the first run."""
    run = again()
    if run is None:
        return None
    open_fields = [name for name in TO_BE_SAID if getattr(student, name) is None and not (name == "wants_internship" and student.state != "enrolled")]
    one, keys = columns("students", students.as_rows([student])), run.prepared.problem.positions.key
    still = queries.open_ids()
    is_open = np.array([str(key) in still for key in keys], dtype=bool)
    changes = [Change(name, "", TO_BE_SAID[name]) for name in open_fields]
    opened = run.openings(one, changes)
    found = [(each.change.what, int(is_open[each.lawful].sum()), int(is_open[each.listed].sum())) for each in opened]
    return sorted(found, key=lambda row: (-row[1], -row[2], open_fields.index(row[0])))
