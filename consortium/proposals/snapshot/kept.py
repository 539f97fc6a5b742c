"""What a machine keeps of whole runs: files that all its processes map into memory; the database stays the source."""

from __future__ import annotations

import mmap
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from flask import current_app

from consortium.matching import gaps
from consortium.matching.gaps import Added
from consortium.matching.newcomer import Crowd
from consortium.matching.outcome import Kept
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import unjson
from consortium.matching.stored import chained, loaded, pieces, unpacked_rows, unpacked_side
from consortium.matching.whatif import Again
from consortium.proposals.models import Run, RunLists, RunPart, RunSnapshot
from consortium.shared.db import db
from consortium.shared.mapped import mapped

KEPT_FILES = 3  # runs whose files stay: two that ended, one under way


def prepared_of(run: Run) -> Prepared:
    """What a run scored: a whole one from this machine's files, a small one's newcomer (and who changed since the whole run)."""
    return whole_of(run.public_id) if run.scope == "all" else small_of(run.public_id)


def pair(run: Run, student_key: str, position_key: str) -> Prepared | None:
    """One student and one post as a run scored them; None where it did not know one of the two, or is kept no longer."""
    sources = sources_of(run)
    left, right = first_row(sources, 0, student_key), first_row(sources, 1, position_key)
    if left is None or right is None:
        return None
    of_student, of_post = sources[left[0]], sources[right[0]]
    i, j = np.array([left[1]]), np.array([right[1]])
    problem = replace(sources[0].problem, students=of_student.problem.students.take(i), positions=of_post.problem.positions.take(j))
    one = replace(sources[0], problem=problem)
    one.__dict__["student_rows"], one.__dict__["position_rows"] = of_student.student_rows[i], of_post.position_rows[j]
    return one


def meets(run: Run) -> bool:
    """Whether newcomers can meet what this whole run kept: not where an earlier release kept it."""
    return "marks" in box_of(run.public_id)


def ids(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Inner ids of a whole run's students and posts, in the order of its rows."""
    return student_ids_of(run.public_id), box_of(run.public_id)["position_ids"]


def sources_of(run: Run) -> list[Prepared]:
    """Where the rows of a run are kept: its own, and for a small one those of the whole run before it; nothing where they are gone."""
    try:
        base = None if run.scope == "all" else base_of(run.public_id)
        return [prepared_of(run), *([whole_of(base)] if base is not None else [])]
    except sa.exc.NoResultFound:
        return []


def first_row(sources: Sequence[Prepared], side: int, key: str) -> tuple[int, int] | None:
    """The first source that has this key, and its row there."""
    for number, one in enumerate(sources):
        keys = (one.problem.students, one.problem.positions)[side].key
        at = int(np.searchsorted(keys, key)) if len(keys) else 0
        if at < len(keys) and keys[at] == key:
            return number, at
    return None


@lru_cache(maxsize=3)
def box_of(public_id: uuid.UUID) -> dict[str, np.ndarray]:
    """What is stored of a whole run beside its parts, as arrays by name."""
    return loaded(_mapped(public_id, "posts", lambda: [_stored(public_id)]))


@lru_cache(maxsize=3)
def posts_of(public_id: uuid.UUID) -> Prepared:
    """A whole run's vocabulary and posts, before no student yet."""
    return Prepared.of_arrays(box_of(public_id))


@lru_cache(maxsize=3)
def students_of(public_id: uuid.UUID) -> dict[str, np.ndarray]:
    """A whole run's students with their feature rows and inner ids, as arrays by name; empty where nobody took part."""
    return loaded(_mapped(public_id, "students", lambda: pieces(chained(_parts(public_id)))))


@lru_cache(maxsize=3)
def whole_of(public_id: uuid.UUID) -> Prepared:
    """All that a whole run scored."""
    one, box = posts_of(public_id), students_of(public_id)
    if not box:  # nobody took part, or an earlier release kept all in one
        return one
    return one.before(unpacked_side("students", box), unpacked_rows("student_rows", box, one.vocabulary.n_columns))


@lru_cache(maxsize=2)
def crowds_of(public_id: uuid.UUID, seed: int) -> tuple[Crowd, Crowd]:
    """A whole run's students and posts, each as the crowd a newcomer meets."""
    whole = whole_of(public_id)
    sides = ((whole.problem.students, whole.student_rows), (whole.problem.positions, whole.position_rows))

    def made() -> Iterable[bytes | memoryview]:
        made = [Crowd.of(side, rows, seed).packed() for side, rows in sides]
        return pieces({**made[0], **made[1]})

    box = loaded(_mapped(public_id, "index", made))
    return Crowd.unpacked(sides[0][0], box), Crowd.unpacked(sides[1][0], box)


@lru_cache(maxsize=256)
def small_of(public_id: uuid.UUID) -> Prepared:
    """All that a small run scored, with the vocabulary of the whole run before it."""
    base = base_of(public_id)
    return Prepared.from_bytes(_stored(public_id), posts_of(base).vocabulary if base is not None else None)


@lru_cache(maxsize=2)
def again_of(public_id: uuid.UUID) -> Again | None:
    """A whole run, ready to be asked again; None where it kept no lists."""
    lists = db.session.scalar(sa.select(RunLists.lists).join(Run, Run.id == RunLists.run_id).where(Run.public_id == public_id))
    return Again(whole_of(public_id), Kept.from_bytes(lists)) if lists is not None else None


@lru_cache(maxsize=64)
def added_of(public_id: uuid.UUID, rows: tuple[int, ...], most: int, certificates: frozenset[str]) -> list[Added]:
    """What a skill would add to these rows of a whole run's students; nothing where it kept no lists."""
    run = again_of(public_id)
    return gaps.added(run, np.array(rows, dtype=np.int64), most, certificates) if run is not None else []


@lru_cache(maxsize=1024)
def base_of(public_id: uuid.UUID) -> uuid.UUID | None:
    """The whole run whose vocabulary a run took over; None where it learnt its own."""
    return db.session.scalar(sa.select(Run.public_id).where(Run.id == sa.select(Run.base_id).where(Run.public_id == public_id).scalar_subquery()))


def student_ids_of(public_id: uuid.UUID) -> np.ndarray:
    """Inner ids of a whole run's students, in the order of its rows."""
    return students_of(public_id).get("ids", np.zeros(0, dtype=np.int64))


def fit_of(public_id: uuid.UUID) -> dict[str, Any] | None:
    """What is told of how a whole run's vocabulary was learnt; None where an earlier release kept it."""
    box = box_of(public_id)
    return unjson(box["fit"]) if "fit" in box else None


def _stored(public_id: uuid.UUID) -> bytes:
    statement = sa.select(RunSnapshot.prepared).join(Run, Run.id == RunSnapshot.run_id).where(Run.public_id == public_id)
    return db.session.scalars(statement).one()


def _parts(public_id: uuid.UUID) -> list[dict[str, np.ndarray]]:
    statement = sa.select(RunPart.students, RunPart.rows).join(Run, Run.id == RunPart.run_id).where(Run.public_id == public_id).order_by(RunPart.no)
    return [{**loaded(memoryview(side)), **loaded(memoryview(rows or b""))} for side, rows in db.session.execute(statement)]


def _mapped(public_id: uuid.UUID, kind: str, make: Callable[[], Iterable[bytes | memoryview]]) -> mmap.mmap:
    return mapped(Path(current_app.config["DATA_DIR"]) / "runs", f"{public_id}.{kind}", make, keep=KEPT_FILES)
