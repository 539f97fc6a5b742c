"""What may be read of uploads."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from math import ceil

import sqlalchemy as sa
from sqlalchemy.orm import defer

from consortium.imports import access
from consortium.imports.kinds import CONFLICT, ERROR, NEW, UPDATED
from consortium.imports.models import READING, Upload, UploadRow
from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows done of rows to do, and how many a second (None: not known yet)."""

    done: int
    total: int
    per_second: float | None

    @property
    def seconds_left(self) -> int | None:
        """At the present pace."""
        return None if not self.per_second else ceil((self.total - self.done) / self.per_second)


def uploads(actor: Actor, page: int = 1, size: int = 20) -> Listing:
    """Newest first, without the files' content."""
    return listed(access.visible_to(actor).options(defer(Upload.sealed_content)).order_by(Upload.id.desc()), page, size)


def progress(upload: Upload) -> Progress:
    """How far the worker is: rows staged while reading, rows written while importing."""
    mine = sa.select(sa.func.count()).select_from(UploadRow).where(UploadRow.upload_id == upload.id)
    if upload.stage == READING:
        done, total = db.session.scalar(mine) or 0, int(upload.columns.get("n_rows", 0))
    else:
        done = db.session.scalar(mine.where(UploadRow.applied_at.is_not(None))) or 0
        total = sum(upload.counts.get(verdict, 0) for verdict in (NEW, UPDATED))
    seconds = (clock.now() - upload.started_at).total_seconds() if upload.started_at else 0
    return Progress(done, total, done / seconds if done and seconds > 0.5 else None)


def reachable(actor: Actor, public_id: uuid.UUID) -> Upload:
    """One upload, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(Upload.public_id == public_id).options(defer(Upload.sealed_content)))
    if found is None:
        raise NotFound
    return found


def rows(upload: Upload, verdict: str = "", page: int = 1, size: int = 50) -> Listing:
    """Rows of an upload."""
    statement = sa.select(UploadRow).where(UploadRow.upload_id == upload.id).order_by(UploadRow.row_no)
    if verdict:
        statement = statement.where(UploadRow.verdict == verdict)
    return listed(statement, page, size)


def faulty(upload: Upload) -> list[UploadRow]:
    """All rows to mend."""
    return list(
        db.session.scalars(
            sa.select(UploadRow)
            .where(UploadRow.upload_id == upload.id, UploadRow.verdict.in_((ERROR, CONFLICT)))
            .order_by(UploadRow.row_no)
        )
    )


def grouped(upload: Upload) -> list[tuple[str, str, int, list[tuple[int, str]]]]:
    """Problems by column and reason: (column, code, how many rows, first three (row, found))."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for row in faulty(upload):
        for problem in row.problems:
            found[problem["column"], problem["code"]].append((row.row_no, problem["found"]))
    groups = [(column, code, len(cases), cases[:3]) for (column, code), cases in found.items()]
    return sorted(groups, key=lambda group: -group[2])
