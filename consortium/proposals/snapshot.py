"""The database read once as arrays, and the arrays kept as they were scored."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.matching import eligibility, pipeline
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import YES, Problem, columns, packed
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries
from consortium.proposals.models import Run, RunSnapshot
from consortium.reference import law, majors, occupations, places
from consortium.shared import clock
from consortium.shared.db import db
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students.models import Student


def read(run: Run) -> Problem:
    """Everything (or the one post, the one student and all of the other side) that this run is about."""
    one_student = [run.subject_id] if run.scope == "student" and run.subject_id else None
    one_post = [run.subject_id] if run.scope == "position" and run.subject_id else None
    return Problem.of(
        students.as_rows(students.for_matching(one_student)),
        positions.as_rows(positions.open_positions(one_post)),
        clock.today(),
        run.seed,
    )


def prepared(run: Run, problem: Problem) -> Prepared:
    """Feature rows: a whole run fits the vocabulary anew, a small one takes that of the latest whole run (its scores compare)."""
    latest = queries.latest_run() if run.scope != "all" else None
    vocabulary = prepared_of(latest).vocabulary if latest is not None else None
    return pipeline.prepare(
        problem,
        weights=run.weights,
        thresholds=law.thresholds(problem.on),
        vocabulary=vocabulary,
        catalogue=occupations.titles(),
        k=run.top,
        k_positions=run.top_positions,
    )


def hashed(problem: Problem) -> str:
    """SHA-256 of all that was read, in the order of the keys."""
    told = hashlib.sha256()
    for name, array in sorted(packed(problem).items()):
        told.update(name.encode())
        told.update(array.tobytes())
    return told.hexdigest()


def prepared_of(run: Run) -> Prepared:
    """What a run scored, from its stored bytes; whole runs and small ones are kept apart so that neither drives the other out."""
    return _whole(run.public_id) if run.scope == "all" else _small(run.public_id)


def live(student: Student, position: Position) -> Prepared | None:
    """One student and one post as they stand now, with the vocabulary of the latest whole run; None before the first."""
    latest = queries.latest_run()
    if latest is None:
        return None
    problem = Problem.of(students.as_rows([student]), positions.as_rows([position]), clock.today(), latest.seed)
    return pipeline.prepare(problem, thresholds=law.thresholds(problem.on), vocabulary=prepared_of(latest).vocabulary)


@dataclass(frozen=True, slots=True)
class Supply:
    """How many students fit a post that is being written; None before the first run.

    fit, zone : students, and those of them who want the zone; dropped : needed certificate → how many more without it.
    """

    fit: int
    zone: int
    dropped: tuple[tuple[str, int], ...]


def supply(asked: Mapping[str, str]) -> Supply | None:
    """Count what a form asks for so far against the latest run's students: exactly the matcher's own rules about the pair."""
    latest = queries.latest_run()
    if latest is None:
        return None
    known = prepared_of(latest).problem.students
    row = _asked(asked)
    limits = law.thresholds(clock.today())

    def fitting(certificates: list[str]) -> np.ndarray:
        post = columns("positions", [row | {"certificates_must": certificates}])
        return eligibility.open_pairs(known, post, limits)[:, 0]

    needed = row["certificates_must"]
    now = fitting(needed)
    more = ((code, int(fitting([c for c in needed if c != code]).sum() - now.sum())) for code in needed)
    return Supply(int(now.sum()), int((now & (known.wants_zone == YES)).sum()), tuple(more))


def what_stops(student: Student, posts: list[Position]) -> dict[int, str]:
    """Position id → the code of the first rule or requirement that stands in this student's way; posts that fit are left out."""
    if not posts:
        return {}
    problem = Problem.of(students.as_rows([student]), positions.as_rows(posts), clock.today())
    limits = law.thresholds(problem.on)
    row_of = {str(key): j for j, key in enumerate(problem.positions.key)}
    found = {}
    for post in posts:
        verdicts = eligibility.judge_pair(problem, 0, row_of[str(post.public_id)], limits)
        stopped = next((v.code for v in verdicts if v.blocks), None)
        if stopped:
            found[post.id] = stopped
    return found


def _asked(asked: Mapping[str, str]) -> dict[str, Any]:
    """A half-filled posting form as a row; what cannot be read yet is left unknown."""
    known = skills.by_codes(_codes(asked.get("must", "")))
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
        "in_zone": asked.get("place_code") == places.ZONE,
    }


def _codes(text: str) -> list[str]:
    return [code for code in re.split(r"[\s,，、;；]+", text[:2000]) if code][:50]


@lru_cache(maxsize=2)
def _whole(public_id: uuid.UUID) -> Prepared:
    return _load(public_id)


@lru_cache(maxsize=256)
def _small(public_id: uuid.UUID) -> Prepared:
    return _load(public_id)


def _load(public_id: uuid.UUID) -> Prepared:
    statement = sa.select(RunSnapshot.prepared).join(Run, Run.id == RunSnapshot.run_id).where(Run.public_id == public_id)
    return Prepared.from_bytes(db.session.scalars(statement).one())
