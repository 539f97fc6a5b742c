"""What a run leaves: packed lists of both sides and the proposals, written in pieces that only the newest claim may commit."""

from __future__ import annotations

import time
import uuid
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.matching.exposure import Shown
from consortium.matching.outcome import Outcome
from consortium.proposals.models import PositionMatches, Proposal, RunSnapshot, StudentMatches
from consortium.shared import clock
from consortium.shared.db import db, pour
from consortium.shared.tasks import Claim, hold

BATCH = 500
PAUSE = 0.005  # seconds between batches on SQLite: lets web writes in


def record(held: Claim, outcome: Outcome, shown: Shown, student_ids: np.ndarray, position_ids: np.ndarray) -> None:
    """Store lists as people see them, in that order, and proposals; nobody reads them before the run is done."""
    forget_lists(held.row_id)
    store(held, StudentMatches, student_ids, position_ids, shown.student_idx, shown.student_points)
    store(held, PositionMatches, position_ids, student_ids, shown.position_idx, shown.position_points, outcome.n_lawful)
    i = np.flatnonzero((outcome.assigned >= 0) & (student_ids >= 0))
    i = i[position_ids[outcome.assigned[i]] >= 0]
    position, place = position_ids[outcome.assigned[i]], outcome.place[i]
    points, now = outcome.points[i], clock.now()
    rows = zip(student_ids[i].tolist(), position.tolist(), place.tolist(), points.tolist(), strict=True)
    _pour(
        held, Proposal, ("run_id", "student_id", "position_id", "place_in_list", "points", "created_at", "public_id"),
        [(held.row_id, *row, now, uuid.uuid4()) for row in rows],
    )  # fmt: skip


def forget_lists(run_id: int) -> None:
    """What an earlier try left; goes with the first rows of this one."""
    for table in (StudentMatches, PositionMatches, Proposal):
        db.session.execute(sa.delete(table).where(table.run_id == run_id).execution_options(synchronize_session=False))


def store(
    held: Claim, table: Any, owners: np.ndarray, others: np.ndarray, idx: np.ndarray, points: np.ndarray, n_lawful: np.ndarray | None = None
) -> None:
    """One side's lists packed: owners, others are inner ids (-1 for who is gone), idx, points (n_owners, k) as the method gives them."""
    ids = np.where(idx >= 0, others[np.maximum(idx, 0)] if len(others) else -1, -1).astype("<i8")
    order = np.argsort(ids < 0, axis=1, kind="stable")
    ids, points = np.take_along_axis(ids, order, 1), np.take_along_axis(points, order, 1).astype("<i8")
    n_listed = (ids >= 0).sum(axis=1).tolist()
    rows = [
        (held.row_id, owner, ids[row, : n_listed[row]].tobytes(), points[row, : n_listed[row]].tobytes())
        for row, owner in enumerate(owners.tolist())
        if owner >= 0
    ]
    names: tuple[str, ...] = ("run_id", "student_id" if table is StudentMatches else "position_id", "ids", "points")
    if n_lawful is not None:
        names, rows = (*names, "n_lawful"), [(*row, n) for row, n in zip(rows, n_lawful[owners >= 0].tolist(), strict=True)]  # type: ignore[misc]
    _pour(held, table, names, rows)


def keep(run_id: int, raw: bytes) -> None:
    """What a run needs to explain itself, in place of an earlier try."""
    db.session.execute(sa.delete(RunSnapshot).where(RunSnapshot.run_id == run_id))
    db.session.execute(sa.insert(RunSnapshot).values(run_id=run_id, prepared=raw))


def _pour(held: Claim, table: Any, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """In pieces that let web writes in on SQLite; each is a commit that only the newest claim may make."""
    small = db.engine.dialect.name == "sqlite"
    size = BATCH if small else 50 * BATCH
    for begin in range(0, len(rows), size):
        pour(table.__table__, names, rows[begin : begin + size])
        hold(held)
        db.session.commit()
        time.sleep(PAUSE if small else 0)
