"""What a run reads, as arrays and hashed, and what is stored of it beside its lists."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.matching import pipeline
from consortium.matching.history import Events
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import Columns, Problem, columns, joined, to_json
from consortium.matching.stored import loaded, packed, packed_rows, packed_side, saved, unpacked_side
from consortium.matching.vocabulary import Vocabulary, with_history, without_history
from consortium.positions import queries as positions
from consortium.proposals.models import Run, RunPart
from consortium.proposals.snapshot.kept import fit_of, posts_of, whole_of
from consortium.reference import occupations
from consortium.shared import clock
from consortium.shared.db import db
from consortium.students import queries as students

REFIT_SHARE = 0.10
"""The vocabulary is learnt anew when so many rows of either side were not there when it was learnt, or a class of majors was not."""


@dataclass(frozen=True, slots=True)
class Everything:
    """What a whole run reads: the problem, the inner ids in its order, and the mark of every firm's posts as they were then."""

    problem: Problem
    student_ids: np.ndarray
    position_ids: np.ndarray
    marks: dict[int, str]


def read(run: Run) -> Problem:
    """Everybody and every open post, as arrays."""
    return read_everything(run.seed).problem


def read_everything(seed: int) -> Everything:
    """The same with inner ids and marks; students are read ten thousand at a time."""
    marks = positions.marks()  # before the posts: what changes meanwhile is read once more later, never missed
    posts = positions.open_positions()
    right = columns("positions", positions.as_rows(posts))
    ids_of = {str(post.public_id): post.id for post in posts}
    del posts
    left, student_ids = read_students(None)
    problem = Problem(left, right, clock.today(), seed)
    return Everything(problem, student_ids, np.array([ids_of[key] for key in right.key], dtype=np.int64), marks)


def read_students(ids: list[int] | None) -> tuple[Columns, np.ndarray]:
    """Students as one side of a problem with their inner ids in its order: all that take part, or these."""
    parts, inner = [], []
    for own, rows in students.rows_for_matching(ids):
        place = {row["key"]: number for number, row in zip(own, rows, strict=True)}
        parts.append(columns("students", rows))
        inner.append(np.array([place[key] for key in parts[-1].key], dtype=np.int64))
    side, order = joined("students", parts)
    return side, np.concatenate(inner)[order] if inner else np.zeros(0, dtype=np.int64)


def prepared(run: Run, found: Everything, base: Run | None, past: Events = ()) -> tuple[Prepared, dict[str, Any], bool]:
    """Vocabulary and posts of a whole run, what is told of how the vocabulary was learnt, and whether it is that of `base`.

    With a past the history takes part at its share of the weights, learnt with the vocabulary. A vocabulary is learnt anew as `REFIT_SHARE` says, or where weights, catalogue or releases differ; otherwise it is taken over, and with it
    the feature rows of all that did not change. Students come in stretches.
    """
    problem, catalogue, weights = found.problem, occupations.titles(), weights_with(run.weights, past)
    classes = sorted(set(problem.students.major_class))
    releases = {name: run.versions.get(name) for name in ("consortium", "rjieba")}
    settings = {
        "thresholds": positions.limits(problem.on), "k": run.top, "k_positions": run.top_positions, "major_classes": tuple(classes),
    }  # fmt: skip
    nobody = problem.students.take(slice(0, 0))
    kept = whole_of(base.public_id) if base is not None else None
    fit = fit_of(base.public_id) if base is not None else None
    db.session.rollback()  # from here on it only reckons, for long
    if kept is not None and fit is not None and fit["releases"] == releases:
        fit = fit | {
            "new_students": fit["new_students"] + _unknown(problem.students, kept.problem.students),
            "new_positions": fit["new_positions"] + _unknown(problem.positions, kept.problem.positions),
        }
        grown = fit["new_students"] > REFIT_SHARE * fit["students"] or fit["new_positions"] > REFIT_SHARE * fit["positions"]
        same = dict(kept.vocabulary.weights) == weights and kept.vocabulary.catalogue == catalogue
        grown |= len(past) > (1 + REFIT_SHARE) * fit.get("past", 0)
        if same and not grown and set(classes) <= set(fit["classes"]):
            rows = pipeline.taken_over(kept.vocabulary, problem.positions, kept.problem.positions, kept.position_rows)
            return _posts_only(problem, nobody, kept.vocabulary, rows, settings), fit, True
    vocabulary = Vocabulary.fit(problem.students, problem.positions, weights, catalogue, past)
    fit = {
        "students": len(problem.students), "positions": len(problem.positions), "new_students": 0, "new_positions": 0, "classes": classes,
        "releases": releases, "past": len(past),
    }  # fmt: skip
    return _posts_only(problem, nobody, vocabulary, vocabulary.transform(problem.positions), settings), fit, False


def _posts_only(problem: Problem, nobody: Columns, vocabulary: Vocabulary, rows: Any, settings: dict[str, Any]) -> Prepared:
    one = Prepared(replace(problem, students=nobody), vocabulary, **settings)
    one.__dict__["position_rows"] = rows
    one.__dict__["student_rows"] = vocabulary.transform(nobody)
    return one


def _unknown(side: Columns, kept: Columns) -> int:
    return int((~np.isin(side.key.astype(str), kept.key.astype(str))).sum()) if len(kept) else len(side)


def run_bytes(one: Prepared, found: Everything, fit: dict[str, Any]) -> bytes:
    """What is stored of a whole run beside its parts."""
    beside = {"fit": to_json(fit), "marks": to_json({str(firm): mark for firm, mark in found.marks.items()}), "position_ids": found.position_ids}
    return one.to_bytes(beside=beside)


def part_bytes(found: Everything, start: int, stop: int) -> bytes:
    """A stretch of a whole run's students."""
    stretch = slice(start, stop)
    return saved({**packed_side(found.problem.students.take(stretch)), "ids": found.student_ids[stretch]})


def stretch(run: Run, no: int) -> Prepared:
    """A stretch of a whole run's students with their feature rows, before all posts: what one chunk needs."""
    raw = db.session.scalars(sa.select(RunPart.students).where(RunPart.run_id == run.id, RunPart.no == no)).one()
    base = db.session.scalar(sa.select(Run.public_id).where(Run.id == run.base_id))
    one, side = posts_of(run.public_id), unpacked_side("students", loaded(raw))
    kept = whole_of(base) if base is not None else None
    db.session.rollback()  # from here on it only reckons
    if kept is None:
        return one.before(side, one.vocabulary.transform(side))
    return one.before(side, pipeline.taken_over(one.vocabulary, side, kept.problem.students, kept.student_rows))


def rows_bytes(one: Prepared) -> bytes:
    """The feature rows of a stretch."""
    return saved(packed_rows("student_rows", one.student_rows))


def weights_with(weights: Mapping[str, float], past: Events | bool) -> dict[str, float]:
    """The weights of a run that has a past, or of one that has none."""
    return with_history(weights) if past else without_history(weights)


def hashed(problem: Problem, past: Events = ()) -> str:
    """SHA-256 of all that was read, in the order of the keys."""
    told = hashlib.sha256()
    for name, array in sorted(packed(problem).items()):
        told.update(name.encode())
        told.update(array.tobytes())
    for event in past:
        told.update(repr(event).encode())
    return told.hexdigest()
