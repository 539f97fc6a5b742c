"""Upload, read in the sandbox, check, apply: each stage a job on the upload's row. Safe to repeat at every point."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from consortium.accounts.models import Membership, Tenant
from consortium.imports.kinds import CONFLICT, ERROR, KINDS, NEW, UPDATED, VERDICTS, Checked, ImportKind, Problem
from consortium.imports.models import APPLYING, CHECKED, IMPORTED, READING, REFUSED, Upload, UploadRow
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor
from consortium.shared.db import Json, db, reading
from consortium.shared.errors import Conflict
from consortium.shared.files import FileRefused, inspect
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import read_table, safe_text
from consortium.shared.tasks import DONE, QUEUED, Claim, finish, hold, ring_after_commit

BATCH = 500
PAUSE = 0.005  # seconds between batches: lets web writes in on SQLite
KEPT_FOR = timedelta(days=30)
READ, APPLY = "imports.read_upload", "imports.apply_upload"


def upload(actor: Actor, kind: str, filename: str, data: bytes, key: str) -> Upload:
    """Take a file in, sealed; raises FileRefused at once for what its bytes give away.

    The same file again leads to the same upload, checked anew; one that was imported is taken as new, and finds nothing to do.
    """
    seen = inspect(data)
    twin = db.session.scalar(
        sa.select(Upload)
        .where(Upload.tenant_id == actor.tenant_id, Upload.sha256 == seen.sha256, Upload.kind == kind)
        .order_by(Upload.id.desc())
        .limit(1)
    )
    if twin is not None and twin.stage in (READING, APPLYING):
        return twin
    if twin is not None and twin.stage == CHECKED and twin.sealed_content is not None:
        twin.stage, twin.state, twin.attempts, twin.due_at, twin.started_at, twin.finished_at = READING, QUEUED, 0, clock.now(), None, None
        twin.trouble, twin.counts, twin.columns = "", {}, {}
        db.session.flush()
        ring_after_commit(READ, twin.id)
        return twin
    row = Upload(
        tenant_id=actor.tenant_id, person_id=actor.person_id, kind=kind, filename=safe_text(filename).strip()[-200:] or "file",
        sha256=seen.sha256, size=len(data), sealed_content=sealed.seal_bytes(data, key),
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
        finish(held, stage=REFUSED, refusal={"code": refused.code, "facts": refused.facts})
        return
    with reading():
        checked = kind.check(tenant_id, table.header, table.rows)
    columns = {"header": list(table.header), "unknown": kind.unknown_columns(table.header), "n_rows": len(checked)}
    hold(held, columns=columns)
    db.session.execute(sa.delete(UploadRow).where(UploadRow.upload_id == upload_id))
    db.session.commit()
    raw = {number: [cell.text for cell in cells] for number, cells in table.rows}
    for start in range(0, len(checked), BATCH):
        staged = [_staged(tenant_id, upload_id, one, raw, key) for one in checked[start : start + BATCH]]
        hold(held)
        db.session.execute(sa.insert(UploadRow), staged)
        db.session.commit()
        time.sleep(PAUSE)
    finish(held, stage=CHECKED, counts={verdict: sum(one.verdict == verdict for one in checked) for verdict in VERDICTS})


def ask_to_apply(upload: Upload, *, all_or_none: bool, by: Actor) -> None:
    """Let the worker write the good rows; asked twice it is done once. Raises Conflict where there is nothing to write."""
    if upload.stage == APPLYING:
        return
    if upload.stage != CHECKED:
        raise Conflict(_l("This file is not waiting to be imported."))
    counts = upload.counts
    if all_or_none and (counts.get(ERROR) or counts.get(CONFLICT)):
        raise Conflict(_l("There are rows to mend, and you chose all or none."), how=_l("Mend them, or import the good rows only."))
    if not counts.get(NEW) and not counts.get(UPDATED):
        raise Conflict(_l("There is nothing to import: no row is new or changed."))
    asked = db.session.execute(
        sa.update(Upload)
        .where(Upload.id == upload.id, Upload.stage == CHECKED, Upload.state == DONE)
        .values(
            stage=APPLYING, state=QUEUED, attempts=0, due_at=clock.now(), started_at=None, finished_at=None, trouble="",
            all_or_none=all_or_none, person_id=by.person_id,
        )
    )  # fmt: skip
    if asked.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("This file is not waiting to be imported."))
    audit.record("import", upload, by=by, all_or_none=all_or_none, **{k: v for k, v in counts.items() if v})
    ring_after_commit(APPLY, upload.id)


def apply(held: Claim, key: str) -> None:
    """Write good rows in batches; each batch and the marks on its rows are one commit, so a killed worker's successor goes on.

    What must never be overwritten is looked at again right before the writing: the roster may have moved on since the check.
    """
    row = db.session.get_one(Upload, held.row_id)
    kind, tenant_id, upload_id, person_id, all_or_none = KINDS[row.kind], row.tenant_id, row.id, row.person_id, row.all_or_none
    actor = _still_allowed(tenant_id, person_id)
    db.session.rollback()
    if actor is None:  # rights are looked at again when the work is done
        finish(held, stage=CHECKED, trouble="rights-ended")
        return
    if all_or_none and _any_conflict(held, kind, tenant_id, upload_id, key):
        finish(held, stage=CHECKED, trouble="changed-meanwhile", counts=_counted(upload_id))
        return
    while True:
        hold(held)
        # one import of a college at a time: two could else make the same student
        db.session.execute(sa.select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True))
        batch = _waiting(upload_id, limit=BATCH)
        if not batch:
            db.session.rollback()
            break
        rows = _values(batch, key)
        refused = _mark_conflicts(kind, tenant_id, batch, rows)
        kind.apply(tenant_id, [(number, values) for number, values in rows if number not in refused], actor)
        good = [one.id for one in batch if one.row_no not in refused]
        db.session.execute(sa.update(UploadRow).where(UploadRow.id.in_(good)).values(applied_at=clock.now()))
        db.session.commit()
        db.session.expunge_all()
        time.sleep(PAUSE)
    finish(held, stage=IMPORTED, applied_at=clock.now(), counts=_counted(upload_id))


def give_up(upload_id: int) -> None:
    """Three workers died over it: a file that was being read is refused; an import stops where it is and can be asked for again."""
    row = db.session.get_one(Upload, upload_id)
    if row.stage == READING:
        row.stage, row.state, row.refusal = REFUSED, DONE, {"code": "gave-up", "facts": {}}
    elif row.stage == APPLYING:
        row.stage, row.state, row.trouble, row.counts = CHECKED, DONE, "stopped", _counted(upload_id)
    audit.record("give-up", row, by=None)
    db.session.flush()


def _still_allowed(tenant_id: int, person_id: int) -> Actor | None:
    actors = db.session.scalars(
        sa.select(Membership).where(Membership.person_id == person_id, Membership.tenant_id == tenant_id, Membership.state == "active")
    )
    return next((one for one in (m.actor() for m in actors) if one.can("imports.apply")), None)


def _waiting(upload_id: int, *, after: int = 0, limit: int) -> list[UploadRow]:
    statement = (
        sa.select(UploadRow)
        .where(UploadRow.upload_id == upload_id, UploadRow.applied_at.is_(None), UploadRow.verdict.in_((NEW, UPDATED)), UploadRow.row_no > after)
        .order_by(UploadRow.row_no)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def _values(batch: list[UploadRow], key: str) -> list[tuple[int, dict[str, Any]]]:
    return [(one.row_no, json.loads(sealed.unseal(one.sealed_values, key))["values"]) for one in batch]


def _mark_conflicts(kind: ImportKind, tenant_id: int, batch: list[UploadRow], rows: list[tuple[int, dict[str, Any]]]) -> set[int]:
    found = kind.conflicts(tenant_id, rows)
    for one in batch:
        if one.row_no in found:
            one.verdict, one.problems = CONFLICT, [_told(found[one.row_no])]
    db.session.flush()
    return set(found)


def _any_conflict(held: Claim, kind: ImportKind, tenant_id: int, upload_id: int, key: str) -> bool:
    after, found = 0, False
    while batch := _waiting(upload_id, after=after, limit=BATCH):
        hold(held)
        found = bool(_mark_conflicts(kind, tenant_id, batch, _values(batch, key))) or found
        after = batch[-1].row_no
        db.session.commit()
    db.session.rollback()
    return found


def _counted(upload_id: int) -> dict[str, int]:
    rows = db.session.execute(sa.select(UploadRow.verdict, sa.func.count()).where(UploadRow.upload_id == upload_id).group_by(UploadRow.verdict))
    return dict.fromkeys(VERDICTS, 0) | {row.verdict: int(row[1]) for row in rows}


def original(row: UploadRow, key: str) -> list[str]:
    """The cells of a row as they came."""
    cells: list[str] = json.loads(sealed.unseal(row.sealed_values, key))["raw"]
    return cells


def purge() -> int:
    """Destroy the content of files older than thirty days, and their rows; what became of them stays. Twice is safe."""
    old = sa.select(Upload.id).where(
        Upload.created_at < clock.now() - KEPT_FOR, Upload.sealed_content.is_not(None), Upload.stage.in_((CHECKED, IMPORTED, REFUSED))
    )
    ids = list(db.session.scalars(old))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        db.session.execute(sa.delete(UploadRow).where(UploadRow.upload_id.in_(some)))
        db.session.execute(
            sa.update(Upload)
            .where(Upload.id.in_(some))
            .values(
                sealed_content=None,
                stage=sa.case((Upload.stage == CHECKED, REFUSED), else_=Upload.stage),
                refusal=sa.case((Upload.stage == CHECKED, sa.literal({"code": "expired", "facts": {}}, Json)), else_=Upload.refusal),
            )
        )
    return len(ids)


def _staged(tenant_id: int, upload_id: int, one: Checked, raw: dict[int, list[str]], key: str) -> dict[str, Any]:
    held = json.dumps({"raw": raw[one.row_no], "values": one.values}, ensure_ascii=False)
    return {
        "tenant_id": tenant_id,
        "upload_id": upload_id,
        "row_no": one.row_no,
        "verdict": one.verdict,
        "sealed_values": sealed.seal(held, key),
        "problems": [_told(p) for p in one.problems],
        "created_at": clock.now(),
    }


def _told(problem: Problem) -> dict[str, str]:
    return {"column": problem.column, "code": problem.code, "found": problem.found}
