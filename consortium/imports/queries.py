"""What may be read of uploads."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer

from consortium.imports import access, wording
from consortium.imports import columns as cols
from consortium.imports.kinds import CONFLICT, ENDED, ERROR, EXPORTS, KINDS, NEW, UPDATED, VERDICTS, Export
from consortium.imports.models import CHECKED, IMPORTED, READING, UNDOING, ColumnSet, ImportMemory, Upload, UploadRow
from consortium.organisations import queries as organisations
from consortium.reference import industries, places
from consortium.shared import clock
from consortium.shared.access import Actor, require
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.listing import Listing, listed

UNDO_FOR = timedelta(days=7)


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


def history(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """All imports of one's own organisation as cells, newest first."""
    found = []
    for one in db.session.scalars(access.visible_to(actor).options(defer(Upload.sealed_content)).order_by(Upload.id.desc())):
        told = {
            "filename": one.filename, "kind": str(KINDS[one.kind].title), "uploaded_at": cols.told_instant(one.created_at),
            "applied_at": cols.told_instant(one.applied_at), "stage": one.stage,
            "mode": str(wording.MODES.get(one.choices.get("mode", ""), "")), "rows": str(sum(n for name, n in one.counts.items() if name != ENDED)),
        }  # fmt: skip
        told |= {verdict: str(one.counts.get(verdict, 0)) for verdict in (*VERDICTS, ENDED)}
        found.append([told[name] for name in names])
    return found


def enterprise_lines(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """The enterprises that the filter shows as cells, with their interns and how many they may have."""
    caps = {firm.tenant_id: (limit, used) for firm, limit, used in organisations.caps_at_a_glance()}
    found, page = [], 1
    while True:
        listing = organisations.listing(actor, page, asked.get("q", ""), asked.get("state", ""), 200)
        for one in listing.rows:
            most, used = caps.get(one.tenant_id, ("", ""))
            told = {
                "name": one.tenant.name_zh, "name_en": one.tenant.name_en, "credit_code": one.credit_code, "industry": industries.name(one.industry_code),
                "place": places.name(one.place_code) if one.place_code else "", "staff": str(one.staff or ""), "interns": str(used), "most": str(most),
                "state": "verified" if one.verified_at else "unverified",
            }  # fmt: skip
            found.append([told[name] for name in names])
        if page >= listing.n_pages:
            return found
        page += 1


def progress(upload: Upload) -> Progress:
    """How far the worker is: rows staged while reading, rows written while importing."""
    mine = sa.select(sa.func.count()).select_from(UploadRow).where(UploadRow.upload_id == upload.id)
    if upload.stage == READING:
        done, total = db.session.scalar(mine) or 0, int(upload.columns.get("n_rows", 0))
    elif upload.stage == UNDOING:
        done, total = db.session.scalar(mine.where(UploadRow.undone_at.is_not(None))) or 0, applied(upload)
    else:
        done = applied(upload)
        total = sum(upload.counts.get(verdict, 0) for verdict in (NEW, UPDATED, ENDED))
    seconds = (clock.now() - upload.started_at).total_seconds() if upload.started_at else 0
    return Progress(done, total, done / seconds if done and seconds > 0.5 else None)


def reachable(actor: Actor, public_id: uuid.UUID) -> Upload:
    """One upload, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(Upload.public_id == public_id).options(defer(Upload.sealed_content)))
    if found is None:
        raise NotFound
    return found


def rows(upload: Upload, verdict: str = "", page: int = 1, size: int = 50, *, of_file: bool = False) -> Listing:
    """Rows of an upload; `of_file`: without the entries that a full list does not name."""
    statement = sa.select(UploadRow).where(UploadRow.upload_id == upload.id).order_by(UploadRow.row_no)
    if verdict:
        statement = statement.where(UploadRow.verdict == verdict)
    elif of_file:
        statement = statement.where(UploadRow.verdict != ENDED)
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


def mendable(upload: Upload, most: int) -> bool:
    """Whether the rows to mend are few enough to be mended in the page."""
    n = sum(upload.counts.get(verdict, 0) for verdict in (ERROR, CONFLICT))
    return upload.stage in (CHECKED, IMPORTED) and 0 < n <= most and not destroyed(upload)


def others(upload: Upload, size: int = 500) -> Iterator[list[tuple[int, str]]]:
    """The rows that are not to be mended, batch by batch: (number, sealed values)."""
    after = 0
    while True:
        statement = sa.select(UploadRow.row_no, UploadRow.sealed_values).where(
            UploadRow.upload_id == upload.id, UploadRow.verdict.not_in((ERROR, CONFLICT, ENDED)), UploadRow.row_no > after
        )
        some = [(number, values) for number, values in db.session.execute(statement.order_by(UploadRow.row_no).limit(size))]
        if not some:
            return
        after = some[-1][0]
        yield some


def applied(upload: Upload) -> int:
    """How many rows were written."""
    mine = sa.select(sa.func.count()).select_from(UploadRow).where(UploadRow.upload_id == upload.id, UploadRow.applied_at.is_not(None))
    return db.session.scalar(mine) or 0


def taken_back(upload: Upload) -> tuple[int, list[UploadRow]]:
    """How many rows an undo took back, and the first fifty that stayed."""
    gone = sa.select(sa.func.count()).select_from(UploadRow).where(UploadRow.upload_id == upload.id, UploadRow.undone_at.is_not(None))
    return db.session.scalar(gone) or 0, written(upload.id, None, 50)[::-1]


def written(upload_id: int, below: int | None, limit: int) -> list[UploadRow]:
    """Rows that an import wrote and that nobody took back, the last first."""
    statement = sa.select(UploadRow).where(UploadRow.upload_id == upload_id, UploadRow.applied_at.is_not(None), UploadRow.undone_at.is_(None))
    if below is not None:
        statement = statement.where(UploadRow.row_no < below)
    return list(db.session.scalars(statement.order_by(UploadRow.row_no.desc()).limit(limit)))


def why_not_undo(upload: Upload) -> Any:
    """Why an import cannot be taken back; None where it can."""
    if upload.stage == CHECKED and upload.applied_at is not None:
        return _l("Import the mended rows first: then the whole import can be undone.")
    if upload.stage != IMPORTED or upload.applied_at is None:
        return _l("This file was not imported.")
    if upload.applied_at < clock.now() - UNDO_FOR or destroyed(upload):
        return _l("An import can be undone for seven days.")
    later = sa.select(Upload.id).where(
        Upload.tenant_id == upload.tenant_id, Upload.kind == upload.kind, Upload.stage.in_((IMPORTED, UNDOING)), Upload.applied_at > upload.applied_at
    )
    if db.session.scalar(later.limit(1)) is not None:
        return _l("A later import stands upon this one: undo that one first.")
    return None


def undo_until(upload: Upload) -> datetime | None:
    """Until when an import can be taken back; None where it cannot."""
    return None if upload.applied_at is None or why_not_undo(upload) is not None else upload.applied_at + UNDO_FOR


def destroyed(upload: Upload) -> bool:
    """Whether the file's content is gone; asked of the database, so that the content itself need not be loaded."""
    return not db.session.scalar(sa.select(sa.exists().where(Upload.id == upload.id, Upload.sealed_content.is_not(None))))


def memories(tenant_id: int, kind: str) -> list[ImportMemory]:
    """What this organisation said its words mean."""
    return list(db.session.scalars(sa.select(ImportMemory).where(ImportMemory.tenant_id == tenant_id, ImportMemory.kind == kind)))


def column_sets(actor: Actor, kind: str) -> list[ColumnSet]:
    """The organisation's own sets of export columns."""
    mine = sa.select(ColumnSet).where(ColumnSet.tenant_id == actor.tenant_id, ColumnSet.kind == kind)
    return list(db.session.scalars(mine.order_by(ColumnSet.name)))


def export(actor: Actor, name: str) -> Export:
    """A list that may be exported, by name; raises NotFound, or Forbidden for whom it is not."""
    found = EXPORTS.get(name)
    if found is None:
        raise NotFound
    require(actor, found.ability)
    return found


def export_columns(actor: Actor, export: Export, asked: Any) -> list[tuple[str, str]]:
    """Which columns an export has, and under which headings: chosen one by one (c, h-…, o-…), an own set, or a ready-made one."""
    available = export.usual()
    usual = dict(available)
    if asked.getlist("c"):
        headings = {field: asked.get(f"h-{field}", "") for field in usual}
        return cols.picked(available, asked.getlist("c"), headings, {field: asked.get(f"o-{field}", "") for field in usual})
    own = next((one for one in column_sets(actor, export.name) if one.name == asked.get("set")), None) if asked.get("set") else None
    if own is not None:
        return cols.headed(available, own.columns)
    return [(field, usual[field]) for field in export.shapes.get(asked.get("shape", ""), export.shapes["list"])]


def carried(form: Any, fields: Sequence[tuple[str, str]], filters: Sequence[str]) -> dict[str, Any]:
    """What a form of export columns hands on to the download: the choice, the format and the filters of the list."""
    told = ("c", "format", *filters, *(f"{letter}-{field}" for field, _ in fields for letter in "ho"))
    return {name: [one for one in form.getlist(name) if one] for name in told}


def grouped(upload: Upload) -> list[tuple[str, str, int, list[tuple[int, str]]]]:
    """Problems by column and reason: (column, code, how many rows, first three (row, found))."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    rows = sa.select(UploadRow.row_no, UploadRow.problems).where(UploadRow.upload_id == upload.id, UploadRow.verdict.in_((ERROR, CONFLICT)))
    for number, problems in db.session.execute(rows.order_by(UploadRow.row_no)):
        for problem in problems:
            found[problem["column"], problem["code"]].append((number, problem["found"]))
    groups = [(column, code, len(cases), cases[:3]) for (column, code), cases in found.items()]
    return sorted(groups, key=lambda group: -group[2])
