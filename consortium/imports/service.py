"""Upload, read in the sandbox, check, apply: each stage a job on the upload's row. Safe to repeat at every point."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from consortium.accounts.models import Membership
from consortium.imports.kinds import CONFLICT, ERROR, KINDS, NEW, UPDATED, VERDICTS, Checked
from consortium.imports.models import Upload, UploadRow
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.files import FileRefused, inspect
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import read_table
from consortium.shared.tasks import DONE, QUEUED, Claim, finish, ring_after_commit

BATCH = 500
PAUSE = 0.005  # seconds between batches: lets web writes in on SQLite
KEPT_FOR = timedelta(days=30)
READ, APPLY = "imports.read_upload", "imports.apply_upload"


def upload(actor: Actor, kind: str, filename: str, data: bytes, key: str) -> Upload:
    """Take a file in, sealed; raises FileRefused at once for what its bytes give away. The same file again is told, not doubled."""
    seen = inspect(data)
    twin = db.session.scalar(
        sa.select(Upload).where(
            Upload.tenant_id == actor.tenant_id, Upload.sha256 == seen.sha256, Upload.kind == kind, Upload.stage != "refused"
        )
    )
    if twin is not None and twin.stage != "imported":
        return twin
    row = Upload(
        tenant_id=actor.tenant_id, person_id=actor.person_id, kind=kind, filename=filename[-200:] or "file", sha256=seen.sha256,
        size=len(data), sealed_content=sealed.seal_bytes(data, key),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("upload", row, by=actor, size=len(data))
    ring_after_commit(READ, row.id)
    return row


def read(held: Claim, key: str) -> None:
    """Parse and judge outside any transaction, then stage the rows; a file that kills its reader is refused, never retried."""
    row = db.session.get_one(Upload, held.row_id)
    kind, tenant_id, upload_id = KINDS[row.kind], row.tenant_id, row.id
    content = row.sealed_content
    db.session.rollback()
    assert content is not None
    try:
        table = read_table(sealed.unseal_bytes(content, key), kind.columns())
        missing = kind.missing_columns(table.header)
        if missing:
            raise FileRefused("missing-columns", columns="、".join(missing))
    except FileRefused as refused:
        finish(held, stage="refused", refusal={"code": refused.code, "facts": refused.facts})
        return
    checked = kind.check(tenant_id, table.header, table.rows)
    db.session.rollback()
    raw = {number: [cell.text for cell in cells] for number, cells in table.rows}
    db.session.execute(sa.delete(UploadRow).where(UploadRow.upload_id == upload_id))
    db.session.commit()
    for start in range(0, len(checked), BATCH):
        db.session.execute(sa.insert(UploadRow), [_staged(tenant_id, upload_id, one, raw, key) for one in checked[start : start + BATCH]])
        db.session.commit()
        time.sleep(PAUSE)
    counts = {verdict: sum(one.verdict == verdict for one in checked) for verdict in VERDICTS}
    columns = {"header": list(table.header), "unknown": kind.unknown_columns(table.header)}
    finish(held, stage="checked", counts=counts, columns=columns)


def ask_to_apply(upload: Upload, *, all_or_none: bool, by: Actor) -> None:
    """Let the worker write the good rows; raises Conflict where there is nothing to write."""
    if upload.stage != "checked":
        raise Conflict(_l("This file is not waiting to be imported."))
    counts = upload.counts
    if all_or_none and (counts.get(ERROR) or counts.get(CONFLICT)):
        raise Conflict(_l("There are rows to mend, and you chose all or none."), how=_l("Mend them, or import the good rows only."))
    if not counts.get(NEW) and not counts.get(UPDATED):
        raise Conflict(_l("There is nothing to import: no row is new or changed."))
    now = clock.now()
    asked = db.session.execute(
        sa.update(Upload)
        .where(Upload.id == upload.id, Upload.stage == "checked", Upload.state == DONE)
        .values(stage="applying", state=QUEUED, attempts=0, due_at=now, finished_at=None, all_or_none=all_or_none)
    )
    if asked.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("This file is not waiting to be imported."))
    audit.record("import", upload, by=by, **{k: v for k, v in counts.items() if v})
    ring_after_commit(APPLY, upload.id)


def apply(held: Claim, key: str) -> None:
    """Write good rows in batches; each batch and the marks on its rows are one commit, so a killed worker's successor goes on."""
    row = db.session.get_one(Upload, held.row_id)
    kind, tenant_id, upload_id, person_id = KINDS[row.kind], row.tenant_id, row.id, row.person_id
    membership = db.session.scalar(
        sa.select(Membership).where(Membership.person_id == person_id, Membership.tenant_id == tenant_id, Membership.state == "active")
    )
    actor = membership.actor() if membership else None
    db.session.rollback()
    if actor is None:  # rights are looked at again when the work is done
        finish(held, stage="checked", trouble="rights ended")
        return
    while True:
        batch = list(
            db.session.scalars(
                sa.select(UploadRow)
                .where(UploadRow.upload_id == upload_id, UploadRow.applied_at.is_(None), UploadRow.verdict.in_((NEW, UPDATED)))
                .order_by(UploadRow.row_no)
                .limit(BATCH)
            )
        )
        if not batch:
            break
        kind.apply(tenant_id, [(one.row_no, json.loads(sealed.unseal(one.sealed_values, key))["values"]) for one in batch], actor)
        db.session.execute(sa.update(UploadRow).where(UploadRow.id.in_([one.id for one in batch])).values(applied_at=clock.now()))
        db.session.commit()
        db.session.expire_all()
        time.sleep(PAUSE)
    finish(held, stage="imported", applied_at=clock.now())


def original(row: UploadRow, key: str) -> list[str]:
    """The cells of a row as they came."""
    cells: list[str] = json.loads(sealed.unseal(row.sealed_values, key))["raw"]
    return cells


def purge() -> int:
    """Destroy the content of files older than thirty days."""
    done = db.session.execute(
        sa.update(Upload)
        .where(Upload.created_at < clock.now() - KEPT_FOR, Upload.sealed_content.is_not(None))
        .values(sealed_content=None)
    )
    old = sa.select(Upload.id).where(Upload.created_at < clock.now() - KEPT_FOR)
    db.session.execute(sa.delete(UploadRow).where(UploadRow.upload_id.in_(old)))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _staged(tenant_id: int, upload_id: int, one: Checked, raw: dict[int, list[str]], key: str) -> dict[str, Any]:
    held = json.dumps({"raw": raw[one.row_no], "values": one.values}, ensure_ascii=False)
    return {
        "tenant_id": tenant_id,
        "upload_id": upload_id,
        "row_no": one.row_no,
        "verdict": one.verdict,
        "sealed_values": sealed.seal(held, key),
        "problems": [{"column": p.column, "code": p.code, "found": p.found} for p in one.problems],
        "created_at": clock.now(),
    }


