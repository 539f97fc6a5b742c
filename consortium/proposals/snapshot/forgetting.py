"""A student is erased: what kept runs read of her goes, row by row, and the numbers, the hash and the digest of each run stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import sqlalchemy as sa
from flask import current_app

from consortium.matching.problem import STUDENT_COLUMNS
from consortium.matching.stored import loaded, saved, without
from consortium.proposals.models import Run, RunPart, RunSnapshot
from consortium.proposals.snapshot import kept
from consortium.shared.db import db
from consortium.students.models import Student


def forget(student: Student) -> int:
    """Empty her row in every kept part and snapshot; tells how many were written anew. Other processes forget with their next run."""
    key, n = str(student.public_id), 0
    own = sa.select(Run.id).where(Run.scope == "student", Run.subject_id == student.id)
    db.session.execute(sa.delete(RunSnapshot).where(RunSnapshot.run_id.in_(own)))
    for part_id, side, rows in db.session.execute(sa.select(RunPart.id, RunPart.students, RunPart.rows)).all():
        emptied = without(side, key, STUDENT_COLUMNS)
        if emptied is not None:
            told, at = emptied
            values = {"students": told, "rows": _without_row(rows, at)}
            db.session.execute(sa.update(RunPart).where(RunPart.id == part_id).values(**values))
            n += 1
    for run_id, prepared in db.session.execute(sa.select(RunSnapshot.run_id, RunSnapshot.prepared)).all():
        emptied = without(prepared, key, STUDENT_COLUMNS)
        if emptied is not None:
            db.session.execute(sa.update(RunSnapshot).where(RunSnapshot.run_id == run_id).values(prepared=_without_row(emptied[0], emptied[1])))
            n += 1
    if n:
        _forget_files()
    return n


def _without_row(raw: bytes | None, at: int) -> bytes | None:
    """Feature rows in which hers weighs nothing."""
    if not raw:
        return raw
    arrays = dict(loaded(raw))
    if "student_rows.indptr" not in arrays:
        return raw
    data, ends = np.array(arrays["student_rows.data"], copy=True), arrays["student_rows.indptr"]
    data[int(ends[at]) : int(ends[at + 1])] = 0
    return saved({**arrays, "student_rows.data": data})


def _forget_files() -> None:
    """What this machine had made of the parts is made anew when it is asked for."""
    for kind in ("students", "index"):
        for path in (Path(current_app.config["DATA_DIR"]) / "runs").glob(f"*.{kind}"):
            path.unlink(missing_ok=True)
    for known in (kept.box_of, kept.posts_of, kept.students_of, kept.whole_of, kept.crowds_of, kept.small_of, kept.again_of, kept.added_of):
        known.cache_clear()
