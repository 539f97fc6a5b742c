"""What may be read of uploads."""

from __future__ import annotations

import uuid
from collections import defaultdict

import sqlalchemy as sa

from consortium.imports import access
from consortium.imports.models import Upload, UploadRow
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.listing import Listing, listed


def uploads(actor: Actor, page: int = 1) -> Listing:
    """Newest first."""
    return listed(access.visible_to(actor).order_by(Upload.id.desc()), page, 20)


def reachable(actor: Actor, public_id: uuid.UUID) -> Upload:
    """One upload, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(Upload.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def rows(upload: Upload, verdict: str = "", page: int = 1) -> Listing:
    """Rows of an upload, fifty a page."""
    statement = sa.select(UploadRow).where(UploadRow.upload_id == upload.id).order_by(UploadRow.row_no)
    if verdict:
        statement = statement.where(UploadRow.verdict == verdict)
    return listed(statement, page, 50)


def faulty(upload: Upload) -> list[UploadRow]:
    """All rows to mend."""
    return list(
        db.session.scalars(
            sa.select(UploadRow)
            .where(UploadRow.upload_id == upload.id, UploadRow.verdict.in_(("error", "conflict")))
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
