"""A new post or a new student before all others of the latest whole run, and before what changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from consortium.matching import eligibility, newcomer
from consortium.matching.newcomer import Crowd
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import Columns, Problem, columns, unjson
from consortium.matching.similarity import Rows
from consortium.matching.vocabulary import scorable
from consortium.positions import queries as positions
from consortium.proposals.models import Run
from consortium.proposals.snapshot.kept import box_of, crowds_of, student_ids_of, whole_of
from consortium.proposals.snapshot.reading import read_students
from consortium.shared import clock
from consortium.students import queries as students

MARGIN = timedelta(minutes=5)
"""A change that was written before a run read, but committed after, is no older than this: no transaction lasts longer."""


@dataclass(frozen=True, slots=True)
class Met:
    """Whom a newcomer met: the best of them by inner id, best first; how many the law allows, how many there were; and what is kept of it."""

    subject_id: int
    ids: np.ndarray
    points: np.ndarray
    n_lawful: int
    n_others: int
    kept: Prepared


def meet(run: Run, base: Run) -> Met | None:
    """One post before all students, or one student before all posts; None where the newcomer may be in no run now.

    The others are taken from the latest whole run, without those that changed since: their rows are read anew and met beside. A student counts
    as changed by `changed_at` and the instants of consents, a firm's posts by their mark.
    """
    whole, crowds, limits = whole_of(base.public_id), crowds_of(base.public_id, base.seed), positions.limits(clock.today())
    vocabulary = whole.vocabulary
    if run.scope == "position":
        posts = positions.open_positions([run.subject_id or 0])
        own, kept_ids = columns("positions", positions.as_rows(posts)), student_ids_of(base.public_id)
        gone = students.changed_since((base.started_at or base.created_at) - MARGIN)
        fresh, fresh_ids = read_students(gone)
        old, old_rows = np.isin(kept_ids, gone), whole.student_rows
    else:
        own = read_students([run.subject_id or 0])[0]
        box = box_of(base.public_id)
        then, now = unjson(box["marks"]), {str(firm): mark for firm, mark in positions.marks().items()}
        firms = {firm for firm in then.keys() | now.keys() if then.get(firm) != now.get(firm)}
        posts = positions.open_of_all(map(int, firms))
        ids_of, fresh, kept_ids = {str(p.public_id): p.id for p in posts}, columns("positions", positions.as_rows(posts)), box["position_ids"]
        fresh_ids = np.array([ids_of[key] for key in fresh.key], dtype=np.int64)
        old, old_rows = np.isin(whole.problem.positions.enterprise.astype(str), sorted(firms)), whole.position_rows
    if not len(own):
        return None
    others = crowds[0] if run.scope == "position" else crowds[1]
    fresh_rows = vocabulary.transform(fresh)
    own_row = vocabulary.transform(own)
    sides = ((others, ~old), (Crowd.of(fresh, fresh_rows, base.seed), np.ones(len(fresh), dtype=bool)))
    open_to, scored = [], []
    for crowd, there in sides:
        if run.scope == "position":
            allowed = eligibility.lawful_pairs(crowd.columns, own, limits)[:, 0] & there
            asks = np.full(len(allowed), bool(scorable(own)[0]))
        else:
            allowed = (eligibility.open_pairs(own, crowd.columns, limits)[0] & lawful_of(crowd.columns, limits)) & there
            asks = _scorable(crowd.columns)
        open_to.append(allowed)
        scored.append((crowd, allowed & asks))
    idx, points = newcomer.meet(Rows.of(own_row), scored, base.seed, run.top_positions)
    n_kept = len(others.columns)
    listed = np.sort(idx[idx >= n_kept]) - n_kept
    left, right = ((fresh.take(listed), own) if run.scope == "position" else (own, fresh.take(listed)))
    kept = Prepared(Problem(left, right, clock.today(), base.seed), vocabulary, limits, run.top, run.top_positions)
    rows = (fresh_rows[listed], own_row)
    kept.__dict__["student_rows"], kept.__dict__["position_rows"] = rows if run.scope == "position" else rows[::-1]
    assert old_rows.shape[1] == own_row.shape[1]
    return Met(
        run.subject_id or 0, np.concatenate([kept_ids, fresh_ids])[idx], points, int(sum(a.sum() for a in open_to)), int((~old).sum()) + len(fresh), kept
    )


def lawful_of(side: Columns, limits: Mapping[str, float]) -> np.ndarray:
    """Which posts the law allows at all, kept beside the columns, which never change."""
    known: dict[Any, np.ndarray] = side.__dict__.setdefault("_lawful", {})
    name = tuple(sorted(limits.items()))
    if name not in known:
        known[name] = eligibility.lawful_posts(side, limits)
    return known[name]


def _scorable(side: Columns) -> np.ndarray:
    if "_scorable" not in side.__dict__:
        side.__dict__["_scorable"] = scorable(side)
    found: np.ndarray = side.__dict__["_scorable"]
    return found
