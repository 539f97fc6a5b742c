"""Upload, read in the sandbox, ask, check, write, take back: each stage a job on the upload's row. Safe to repeat at every point."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from consortium.accounts.models import Membership, Tenant
from consortium.imports import columns as cols
from consortium.imports import queries
from consortium.imports.kinds import (
    BOTH,
    CONFLICT,
    ENDED,
    ERROR,
    KINDS,
    NEW,
    SKIPPED,
    SNAPSHOT,
    UPDATED,
    VERDICTS,
    Checked,
    Difference,
    Export,
    ImportKind,
    Plan,
    Problem,
)
from consortium.imports.models import (
    APPLYING,
    ASKING,
    CHECKED,
    IMPORTED,
    READING,
    REFUSED,
    UNDOING,
    UNDONE,
    ColumnSet,
    ImportMemory,
    Upload,
    UploadRow,
)
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor
from consortium.shared.db import Json, db, reading, upsert
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.files import FileRefused, inspect
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import (
    CELL_MOST,
    EMPTY,
    REASONS,
    Cell,
    OpenTable,
    open_table,
    plain,
    safe_text,
    write_csv,
    write_workbook,
)
from consortium.shared.tasks import DONE, QUEUED, Claim, finish, hold, ring_after_commit

BATCH = 500
PAUSE = 0.005  # seconds between batches: lets web writes in on SQLite
KEPT_FOR = timedelta(days=30)
MOST_ASKED = 200  # different words of a file that are asked about
MOST_MENDED = 50  # rows that are mended in the page; more are mended in the workbook
ENDED_UNASKED = 0.05  # share of the entries that a full list ends without asking for the number
DIGITS_LOST = frozenset({"number-cell", "formula"})  # as text such a cell would pass for right: it comes back empty
READ, APPLY = "imports.read_upload", "imports.apply_upload"
AFRESH: dict[str, Any] = {"state": QUEUED, "attempts": 0, "started_at": None, "finished_at": None, "trouble": ""}


def upload(actor: Actor, kind: str, filename: str, data: bytes, key: str, mode: str = BOTH) -> Upload:
    """Take a file in, sealed; raises FileRefused at once for what its bytes give away.

    The same file again leads to the same upload, checked anew; one that was imported is taken as new, and finds nothing to do.
    """
    if mode not in KINDS[kind].modes:
        raise Invalid({"mode": [_l("Not one of the choices.")]})
    seen = inspect(data)
    twin = db.session.scalar(
        sa.select(Upload)
        .where(Upload.tenant_id == actor.tenant_id, Upload.sha256 == seen.sha256, Upload.kind == kind)
        .order_by(Upload.id.desc())
        .limit(1)
    )
    if twin is not None and twin.stage in (READING, APPLYING, UNDOING):
        return twin
    if twin is not None and twin.stage in (CHECKED, ASKING) and twin.sealed_content is not None and not queries.applied(twin):
        twin.choices = {**twin.choices, "mode": mode}
        _read_again(twin)
        audit.record("upload", twin, by=actor, size=len(data))
        return twin
    row = Upload(
        tenant_id=actor.tenant_id, person_id=actor.person_id, kind=kind, filename=safe_text(filename).strip()[-200:] or "file",
        sha256=seen.sha256, size=len(data), sealed_content=sealed.seal_bytes(data, key), choices={"mode": mode},
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("upload", row, by=actor, size=len(data))
    ring_after_commit(READ, row.id)
    return row


def decide(upload: Upload, choices: Mapping[str, Any], *, by: Actor) -> None:
    """Take down what a person decided (mode, columns, answers, override), remember it for the next file, and have the file read again.

    Raises Invalid where two columns claim one field, a needed one is missing, or a word is none of the list.
    """
    if upload.stage not in (ASKING, CHECKED) or upload.sealed_content is None:
        raise Conflict(_l("This file is not waiting for a decision."))
    if queries.applied(upload):
        raise Conflict(_l("A part of this file was imported already, so it is not read anew."), how=_l("Import the rest, or upload the file again."))
    kind, merged = KINDS[upload.kind], dict(upload.choices)
    if "mode" in choices:
        if choices["mode"] not in kind.modes:
            raise Invalid({"mode": [_l("Not one of the choices.")]})
        merged["mode"] = choices["mode"]
    if "columns" in choices:
        merged["columns"] = _columns_decided(kind, upload, choices["columns"])
    if "answers" in choices:
        told = _answers_decided(kind, upload, choices["answers"])
        merged["answers"] = {field: {**merged.get("answers", {}).get(field, {}), **words} for field, words in {**merged.get("answers", {}), **told}.items()}
    if "override" in choices:
        merged["override"] = sorted({field for field in choices["override"] if field in {c.field for c in kind.schema}})
    upload.choices = merged
    _read_again(upload)
    audit.record("decide-import", upload, by=by, about=sorted(choices))


def _read_again(upload: Upload) -> None:
    upload.stage, upload.state, upload.attempts, upload.due_at = READING, QUEUED, 0, clock.now()
    upload.started_at = upload.finished_at = None
    upload.trouble, upload.counts = "", {}
    upload.columns = {name: value for name, value in upload.columns.items() if name in ("header", "sample")}
    db.session.flush()
    ring_after_commit(READ, upload.id)


def _columns_decided(kind: ImportKind, upload: Upload, wanted: Mapping[str, str]) -> dict[str, str]:
    header: list[str] = upload.columns.get("header", [])
    fields = {column.field: column for column in kind.schema}
    chosen = {int(place): field for place, field in wanted.items() if place.isdigit() and int(place) < len(header) and (field in fields or not field)}
    wrong: dict[str, list[Any]] = {}
    for field, n in Counter(field for field in chosen.values() if field).items():
        if n > 1:
            wrong["columns"] = [*wrong.get("columns", []), _l("%(field)s is claimed by two columns: choose one of them.", field=fields[field].title)]
    lacking = cols.missing(kind.schema, header, chosen)
    if lacking:
        wrong["columns"] = [*wrong.get("columns", []), _l("Still missing: %(columns)s.", columns="、".join(lacking))]
    if wrong:
        raise Invalid(wrong)
    automatic = cols.mapping(kind.schema, header)
    for place, field in chosen.items():
        if plain(header[place]) != plain(REASONS) and field != (automatic[place].field if place in automatic else None):
            _remember(upload, "", plain(header[place]), field)
    return {str(place): field for place, field in chosen.items()}


def _answers_decided(kind: ImportKind, upload: Upload, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    wrong: list[Any] = []
    for field, words in wanted.items():
        for key, told in words.items():
            if not told.strip():
                continue
            try:
                found[field][key] = kind.answer(upload.tenant_id, field, key, told.strip())
            except cols.Bad:
                wrong.append(_l("%(told)s: not in the list. Pick one, or leave it open.", told=f"{key} → {told}"[:80]))
                continue
            _remember(upload, field, key, found[field][key])
    if wrong:
        raise Invalid({"answers": wrong})
    return found


def _remember(upload: Upload, field: str, told: str, meant: str) -> None:
    if not told or len(told) > 120 or len(meant) > 60:
        return
    values = {"tenant_id": upload.tenant_id, "kind": upload.kind, "field": field, "told": told, "meant": meant}
    new = upsert(ImportMemory.__table__).values(**values, created_at=clock.now(), public_id=uuid.uuid4())
    db.session.execute(new.on_conflict_do_update(index_elements=["tenant_id", "kind", "field", "told"], set_={"meant": meant}))


def plan_of(upload: Upload, header: Iterable[str] | None = None) -> Plan:
    """What this organisation said before, and what was decided about this very file."""
    names = list(header if header is not None else upload.columns.get("header", []))
    answers: dict[str, dict[str, str]] = defaultdict(dict)
    columns: dict[int, str] = {}
    for memory in queries.memories(upload.tenant_id, upload.kind):
        if memory.field:
            answers[memory.field][memory.told] = memory.meant
        else:
            columns |= {place: memory.meant for place, name in enumerate(names) if plain(name) == memory.told}
    if "columns" in upload.choices:
        columns = {int(place): field for place, field in upload.choices["columns"].items()}
    for field, words in upload.choices.get("answers", {}).items():
        answers[field] |= words
    return Plan(upload.choices.get("mode", BOTH), columns, answers, frozenset(upload.choices.get("override", ())))


def read(held: Claim, key: str) -> None:
    """Parse and judge outside any writing, batch by batch, and stage the rows; a file that kills its reader is refused, never retried."""
    row = db.session.get_one(Upload, held.row_id)
    kind, tenant_id, upload_id, decided = KINDS[row.kind], row.tenant_id, row.id, "columns" in row.choices
    named_xlsx = row.filename.lower().endswith(".xlsx")
    content = row.sealed_content
    remembered = [m.told for m in queries.memories(tenant_id, row.kind) if not m.field]
    db.session.rollback()
    assert content is not None
    try:
        table = open_table(sealed.unseal_bytes(content, key), [*kind.names(), *remembered])
        with reading():
            plan = plan_of(db.session.get_one(Upload, upload_id), table.header)
        columns = _about(kind, table, plan, key)
        open_ones = [place for place in cols.unread(kind.schema, table.header, plan.columns) if place not in plan.columns]
        if columns["missing"] and (decided or not open_ones):
            raise FileRefused("missing-columns", columns="、".join(columns["missing"]))
        if not decided and (columns["suggested"] or columns["missing"]):
            finish(held, stage=ASKING, columns=columns)
            return
        _stage(held, kind, tenant_id, upload_id, table, plan, columns, key)
    except FileRefused as refused:
        hold(held)
        db.session.execute(sa.delete(UploadRow).where(UploadRow.upload_id == upload_id))
        no_table = named_xlsx and refused.code in ("no-header", "no-rows", "encoding") and not sealed.unseal_bytes(content, key).startswith(b"PK")
        finish(held, stage=REFUSED, refusal={"code": "not-xlsx" if no_table else refused.code, "facts": refused.facts})


def _about(kind: ImportKind, table: OpenTable, plan: Plan, key: str) -> dict[str, Any]:
    """What is told of a file's columns; the first rows lie sealed, as examples beside the names."""
    sample = [[cell.text[:40] for cell in cells] for _, cells in next(table.batches(3), [])]
    return {
        "header": list(table.header),
        "unknown": list(cols.unread(kind.schema, table.header, plan.columns).values()),
        "missing": cols.missing(kind.schema, table.header, plan.columns),
        "suggested": {str(place): field for place, field in cols.suggestions(kind.schema, table.header, plan.columns).items()},
        "sample": sealed.seal(json.dumps(sample, ensure_ascii=False), key),
        "n_rows": table.n_rows,
    }


def _stage(
    held: Claim, kind: ImportKind, tenant_id: int, upload_id: int, table: OpenTable, plan: Plan, columns: dict[str, Any], key: str
) -> None:
    hold(held, columns=columns)
    db.session.execute(sa.delete(UploadRow).where(UploadRow.upload_id == upload_id))
    db.session.commit()
    with reading():
        judge = kind.judge(tenant_id, table.header, plan)
    asks: Counter[tuple[str, str]] = Counter()
    kept: Counter[str] = Counter()
    fields = {column.name: column.field for column in kind.schema}
    keys: set[str] = set()
    keyless = last = 0
    for batch in table.batches(BATCH):
        with reading():
            checked = judge.rows(batch)
        told = [str(one.values.get(kind.key) or "") for one in checked]
        keys.update(told)
        keyless, last = keyless + told.count(""), batch[-1][0]
        for one in checked:
            asks.update({(fields[p.column], p.key) for p in one.problems if p.key and p.column in fields})
            kept.update(fields[p.column] for p in one.problems if one.verdict not in (ERROR, CONFLICT) and p.column in fields)
        raw = dict(batch)
        staged = [_staged(tenant_id, upload_id, one, raw[one.row_no], key) for one in checked]
        hold(held)
        db.session.execute(sa.insert(UploadRow), staged)
        db.session.commit()
        time.sleep(PAUSE)
    _mark_late(held, upload_id, judge.late())
    columns = {**columns, **_stage_missing(held, kind, tenant_id, upload_id, plan, keys, last, key), "keyless": keyless}
    asked = [[field, told, n] for (field, told), n in asks.most_common(MOST_ASKED)]
    finish(held, stage=CHECKED, counts=_counted(upload_id), columns={**columns, "asked": asked, "kept": dict(kept)})


def _stage_missing(held: Claim, kind: ImportKind, tenant_id: int, upload_id: int, plan: Plan, keys: set[str], last: int, key: str) -> dict[str, int]:
    """Of a full list: the entries it does not name, staged behind its rows; tells how many there are of which any could be missing."""
    if plan.mode != SNAPSHOT or kind.absence is None:
        return {}
    with reading():
        missing, present = kind.absence.missing(tenant_id, keys)
    for start in range(0, len(missing), BATCH):
        some = enumerate(missing[start : start + BATCH], last + 1 + start)
        hold(held)
        staged = [_staged(tenant_id, upload_id, Checked(number, ENDED, values, (problem,)), (), key) for number, (values, problem) in some]
        db.session.execute(sa.insert(UploadRow), staged)
        db.session.commit()
    return {"present": present}


def _mark_late(held: Claim, upload_id: int, late: dict[int, tuple[str, Problem]]) -> None:
    """What later rows gave away about earlier ones."""
    numbers = sorted(late)
    for start in range(0, len(numbers), BATCH):
        hold(held)
        some = sa.select(UploadRow).where(UploadRow.upload_id == upload_id, UploadRow.row_no.in_(numbers[start : start + BATCH]))
        for row in db.session.scalars(some):
            verdict, problem = late[row.row_no]
            if row.verdict not in (ERROR, SKIPPED):
                row.verdict = verdict
                row.problems = [*row.problems, _told(problem)]
            elif row.verdict == ERROR:
                row.problems = [*row.problems, _told(problem)]
        db.session.commit()
        db.session.expunge_all()


def settle(upload: Upload, numbers: Iterable[int], *, take: bool, key: str, by: Actor) -> tuple[int, int]:
    """Decide rows in conflict: the file's values are taken, or the rows are left aside. Tells how many were decided, and how many nobody can."""
    if upload.stage != CHECKED:
        raise Conflict(_l("This file is not waiting for a decision."))
    kind, done, cannot = KINDS[upload.kind], 0, 0
    wanted = sa.select(UploadRow).where(UploadRow.upload_id == upload.id, UploadRow.verdict == CONFLICT, UploadRow.row_no.in_(list(numbers)[:BATCH]))
    for row in db.session.scalars(wanted):
        if not take:
            row.verdict, done = SKIPPED, done + 1
            continue
        held = json.loads(sealed.unseal(row.sealed_values, key))
        agreed = kind.agree(held["values"], [p["code"] for p in row.problems])
        if agreed is None:
            cannot += 1
            continue
        row.sealed_values = sealed.seal(json.dumps({**held, "values": agreed}, ensure_ascii=False), key)
        row.verdict, done = UPDATED, done + 1
    db.session.flush()
    upload.counts = _counted(upload.id)
    audit.record("settle-conflicts", upload, by=by, rows=done, take=take)
    return done, cannot


@dataclass(frozen=True, slots=True)
class Faulty:
    """A row to mend: its number, what tells it apart, its wrong cells [(place, column, text, problems)], and what no cell of it can mend."""

    row_no: int
    called: str
    cells: list[tuple[int, cols.Column, str, list[dict[str, str]]]]
    beside: list[dict[str, str]]


def to_mend(upload: Upload, key: str) -> list[Faulty]:
    """The rows to mend with their wrong cells, as they can be mended in the page; none where there are too many."""
    if not queries.mendable(upload, MOST_MENDED):
        return []
    kind = KINDS[upload.kind]
    places = cols.mapping(kind.schema, upload.columns.get("header", []), plan_of(upload).columns)
    found = []
    for row in queries.faulty(upload):
        held = json.loads(sealed.unseal(row.sealed_values, key))
        wrong: dict[str, list[dict[str, str]]] = defaultdict(list)
        for problem in row.problems:
            wrong[problem["column"]].append(problem)
        cells = [(place, column, _as_typed(held["raw"], place, wrong[column.name]), wrong[column.name]) for place, column in places.items() if column.name in wrong]
        there = {column.name for column in places.values()}
        found.append(Faulty(row.row_no, str(held["values"].get(kind.key) or ""), cells, [p for p in row.problems if p["column"] not in there]))
    return found


def _as_typed(raw: Sequence[str], place: int, problems: Iterable[Mapping[str, str]]) -> str:
    """A cell as it is offered for mending: one that may have lost digits comes back empty, for as text it would pass for right."""
    lost = any(problem["code"] in DIGITS_LOST for problem in problems)
    return "" if lost or place >= len(raw) else raw[place]


def mend(upload: Upload, told: Mapping[int, Mapping[int, str]], *, key: str, by: Actor) -> tuple[int, int]:
    """Judge the rows to mend again, with what a person typed into their wrong cells, by the same code as at first; no other row and no other cell is touched.

    Tells how many are good now, and how many are not. Whatever was imported before stays; the mended rows wait to be imported.
    """
    faulty = to_mend(upload, key)
    if not faulty:
        raise Conflict(_l("These rows cannot be mended here."), how=_l("Download the rows to mend, mend them there and upload the workbook."))
    kind, plan = KINDS[upload.kind], plan_of(upload)
    rows = {row.row_no: row for row in queries.faulty(upload)}
    batch = [(one.row_no, _mended(rows[one.row_no], one, told.get(one.row_no, {}), key)) for one in faulty]
    judge = kind.judge(upload.tenant_id, tuple(upload.columns.get("header", [])), plan)
    for some in queries.others(upload):
        judge.remember([(number, json.loads(sealed.unseal(values, key))["values"]) for number, values in some])
    checked = judge.rows(batch)
    late, good = judge.late(), 0
    for one, (_number, cells) in zip(checked, batch, strict=True):
        if one.row_no in late and one.verdict != SKIPPED:
            one = replace(one, verdict=ERROR if one.verdict == ERROR else late[one.row_no][0], problems=(*one.problems, late[one.row_no][1]))
        again = _staged(upload.tenant_id, upload.id, one, cells, key)
        row = rows[one.row_no]
        row.verdict, row.sealed_values, row.problems = again["verdict"], again["sealed_values"], again["problems"]
        good += one.verdict not in (ERROR, CONFLICT)
    db.session.flush()
    _found_after_all(upload, kind, [str(one.values.get(kind.key) or "") for one in checked], key)
    _waits_again(upload, good)
    fields = {column.name: column.field for column in kind.schema}
    asks = Counter((fields[p.column], p.key) for one in checked for p in one.problems if p.key and p.column in fields)
    upload.counts = _counted(upload.id)
    upload.columns = {
        **upload.columns, "asked": [[field, word, n] for (field, word), n in asks.most_common(MOST_ASKED)],
        "keyless": sum(not one.values.get(kind.key) for one in checked),
    }  # fmt: skip
    audit.record("mend-rows", upload, by=by, good=good, left=len(checked) - good)
    return good, len(checked) - good


def _mended(row: UploadRow, one: Faulty, told: Mapping[int, str], key: str) -> tuple[Cell, ...]:
    """The row's cells with what was typed anew; a cell left as it was offered stays what it was in the file."""
    held = json.loads(sealed.unseal(row.sealed_values, key))
    raw, kinds = held["raw"], held.get("kinds") or ["text"] * len(held["raw"])
    cells = [Cell(kind, text) for kind, text in zip(kinds, raw, strict=True)]
    for place, _column, offered, _problems in one.cells:
        typed = told.get(place, offered)[:CELL_MOST]
        if typed != offered:
            cells += [EMPTY] * (place + 1 - len(cells))
            cells[place] = Cell("text", typed) if typed.strip() else EMPTY
    return tuple(cells)


def _found_after_all(upload: Upload, kind: ImportKind, keys: list[str], key: str) -> None:
    """Entries that a full list seemed not to name, and that a mended row names after all, are not ended."""
    if kind.absence is None or not upload.counts.get(ENDED):
        return
    waiting = sa.select(UploadRow).where(UploadRow.upload_id == upload.id, UploadRow.verdict == ENDED, UploadRow.applied_at.is_(None))
    for row in db.session.scalars(waiting).all():
        if json.loads(sealed.unseal(row.sealed_values, key))["values"].get(kind.key) in keys:
            db.session.delete(row)
    db.session.flush()


def _waits_again(upload: Upload, good: int) -> None:
    """An import that was done waits again for its mended rows; nothing is mended under a worker's hands."""
    moved = db.session.execute(
        sa.update(Upload)
        .where(Upload.id == upload.id, Upload.stage == upload.stage, Upload.stage.in_((CHECKED, IMPORTED)), Upload.state == DONE)
        .values(stage=CHECKED if good else upload.stage)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("This file is not waiting for a decision."))
    db.session.refresh(upload, ["stage"])


def ended(upload: Upload, rows: Iterable[UploadRow], key: str) -> dict[int, dict[str, Any]]:
    """Of the entries a full list does not name: what is known of each."""
    return {one.row_no: json.loads(sealed.unseal(one.sealed_values, key))["values"] for one in rows if one.verdict == ENDED}


def asks_for_number(upload: Upload) -> bool:
    """Whether so many would be ended that their number must be typed."""
    return bool(upload.counts.get(ENDED, 0) > ENDED_UNASKED * upload.columns.get("present", 0))


def _refuse_careless_ending(upload: Upload, ending: int | None) -> None:
    n = upload.counts.get(ENDED, 0)
    if not n:
        return
    if upload.columns.get("keyless"):
        raise Conflict(
            _l("Some rows have no readable number: they may be those who seem to be missing."), how=_l("Mend these rows first, or choose another mode.")
        )
    if asks_for_number(upload) and ending != n:
        raise Invalid({"ending": [_l("Type the number %(n)s to confirm that so many will be ended, or choose another mode.", n=n)]})


def ask_to_apply(upload: Upload, *, all_or_none: bool, by: Actor, ending: int | None = None) -> None:
    """Let the worker write the good rows; asked twice it is done once. Raises Conflict where there is nothing to write.

    A full list that would end more than a twentieth of the entries needs their number as `ending`.
    """
    if upload.stage == APPLYING:
        return
    if upload.stage != CHECKED:
        raise Conflict(_l("This file is not waiting to be imported."))
    counts = upload.counts
    if all_or_none and (counts.get(ERROR) or counts.get(CONFLICT)):
        raise Conflict(_l("There are rows to mend, and you chose all or none."), how=_l("Mend them, or import the good rows only."))
    if not any(counts.get(verdict) for verdict in (NEW, UPDATED, ENDED)):
        raise Conflict(_l("There is nothing to import: no row is new or changed."))
    _refuse_careless_ending(upload, ending)
    _ask(upload, CHECKED, APPLYING, by, all_or_none=all_or_none)
    audit.record("import", upload, by=by, all_or_none=all_or_none, **{k: v for k, v in counts.items() if v})


def ask_to_undo(upload: Upload, *, by: Actor) -> None:
    """Let the worker take an import back; asked twice it is done once. Raises Conflict when it is too late, or a later one stands upon it."""
    if upload.stage == UNDOING:
        return
    why = queries.why_not_undo(upload)
    if why is not None:
        raise Conflict(why)
    _ask(upload, IMPORTED, UNDOING, by)
    audit.record("undo-import", upload, by=by, rows=queries.applied(upload))


def _ask(upload: Upload, before: str, then: str, by: Actor, **values: Any) -> None:
    asked = db.session.execute(
        sa.update(Upload)
        .where(Upload.id == upload.id, Upload.stage == before, Upload.state == DONE)
        .values(stage=then, due_at=clock.now(), person_id=by.person_id, **AFRESH, **values)
    )
    if asked.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("This file is not waiting to be imported."))
    ring_after_commit(APPLY, upload.id)


def apply(held: Claim, key: str) -> None:
    """Write good rows in batches; each batch and the marks on its rows are one commit, so a killed worker's successor goes on.

    What must never be overwritten is looked at again right before the writing: the roster may have moved on since the check.
    """
    row = db.session.get_one(Upload, held.row_id)
    kind, tenant_id, upload_id, person_id, all_or_none = KINDS[row.kind], row.tenant_id, row.id, row.person_id, row.all_or_none
    actor, plan = _still_allowed(tenant_id, person_id), plan_of(row)
    db.session.rollback()
    if actor is None:  # rights are looked at again when the work is done
        finish(held, stage=CHECKED, trouble="rights-ended")
        return
    if all_or_none and _any_conflict(held, kind, tenant_id, upload_id, key):
        finish(held, stage=CHECKED, trouble="changed-meanwhile", counts=_counted(upload_id))
        return
    while True:
        hold(held)
        _one_at_a_time(tenant_id)
        batch = _waiting(upload_id, limit=BATCH)
        if not batch:
            db.session.rollback()
            break
        rows = _values(batch, key)
        refused = _mark_conflicts(kind, tenant_id, batch, rows)
        before = kind.apply(tenant_id, [(number, values) for number, values in rows if number not in refused], actor, plan)
        now = clock.now()
        marks = [
            {"id": one.id, "applied_at": now, "sealed_before": sealed.seal(json.dumps(before.get(one.row_no, {}), ensure_ascii=False), key)}
            for one in batch
            if one.row_no not in refused
        ]
        if marks:
            db.session.execute(sa.update(UploadRow), marks)
        db.session.commit()
        db.session.expunge_all()
        time.sleep(PAUSE)
    finish(held, stage=IMPORTED, applied_at=clock.now(), counts=_counted(upload_id))


def take_back(held: Claim, key: str) -> None:
    """Undo what an import wrote, the last rows first; each batch and the marks on its rows are one commit. Rows used since are told and kept."""
    row = db.session.get_one(Upload, held.row_id)
    kind, tenant_id, upload_id, person_id = KINDS[row.kind], row.tenant_id, row.id, row.person_id
    actor = _still_allowed(tenant_id, person_id)
    db.session.rollback()
    if actor is None:
        finish(held, stage=IMPORTED, trouble="rights-ended")
        return
    below = None
    while True:
        hold(held)
        _one_at_a_time(tenant_id)
        batch = queries.written(upload_id, below, BATCH)
        if not batch:
            db.session.rollback()
            break
        below = batch[-1].row_no
        stay = kind.undo(tenant_id, [(one.row_no, *_both(one, key)) for one in batch], actor, False)
        for one in batch:
            if one.row_no in stay:
                one.problems = [*[p for p in one.problems if p["code"] != stay[one.row_no].code], _told(stay[one.row_no])]
            else:
                one.undone_at = clock.now()
        db.session.commit()
        db.session.expunge_all()
        time.sleep(PAUSE)
    finish(held, stage=UNDONE)


def undo_told(upload: Upload, key: str) -> tuple[int, int, list[tuple[int, Problem]]]:
    """What taking an import back would do: rows that go, rows that return, rows that stay and why. Reads only."""
    kind, goes, returns, below = KINDS[upload.kind], 0, 0, None
    stay: list[tuple[int, Problem]] = []
    while batch := queries.written(upload.id, below, BATCH):
        below = batch[-1].row_no
        rows = [(one.row_no, *_both(one, key)) for one in batch]
        kept = kind.undo(upload.tenant_id, rows, None, True)
        stay += sorted(kept.items())
        goes += sum(bool(was.get("new")) for number, _, was in rows if number not in kept)
        returns += sum(not was.get("new") for number, _, was in rows if number not in kept)
    return goes, returns, sorted(stay, key=lambda one: one[0])


def _both(row: UploadRow, key: str) -> tuple[dict[str, Any], dict[str, Any]]:
    values = json.loads(sealed.unseal(row.sealed_values, key))["values"]
    return values, json.loads(sealed.unseal(row.sealed_before, key)) if row.sealed_before else {}


def _one_at_a_time(tenant_id: int) -> None:
    """One import of an organisation at a time: two could else make the same student."""
    db.session.execute(sa.select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True))


def export_table(actor: Actor, export: Export, fields: Sequence[tuple[str, str]], asked: Mapping[str, str], *, csv: bool, word: Callable[[str], str]) -> bytes:
    """A list as a table of text: exactly what the filter shows, with the chosen columns; `word` says what a state is called. Guarded columns are recorded."""
    names = [field for field, _ in fields]
    lines = export.lines(actor, asked, names)
    if export.guarded & set(names):
        audit.record("export-guarded", ("tenants", actor.tenant_id), by=actor, list=export.name, rows=len(lines), columns=names)
    told = [place for place, name in enumerate(names) if name in export.states]
    for line in lines:
        for place in told:
            line[place] = word(line[place]) if line[place] else ""
    header = [heading for _, heading in fields]
    return write_csv(header, lines) if csv else write_workbook(str(export.title)[:31], header, lines)


def save_columns(actor: Actor, kind: str, name: str, columns: list[tuple[str, str]]) -> ColumnSet:
    """Keep a set of export columns under a name; the same name again replaces it."""
    told = safe_text(name).strip()[:60]
    if not told or not columns:
        raise Invalid({"name": [_l("Give it a name and at least one column.")]})
    found = db.session.scalar(sa.select(ColumnSet).where(ColumnSet.tenant_id == actor.tenant_id, ColumnSet.kind == kind, ColumnSet.name == told))
    if found is None:
        found = ColumnSet(tenant_id=actor.tenant_id, kind=kind, name=told)
        db.session.add(found)
    found.columns = [[field, safe_text(heading).strip()[:60]] for field, heading in columns[:100]]
    db.session.flush()
    audit.record("save-columns", found, by=actor, columns=len(found.columns))
    return found


def give_up(upload_id: int) -> None:
    """Three workers died over it: a file that was being read is refused; an import stops where it is and can be asked for again."""
    row = db.session.get_one(Upload, upload_id)
    if row.stage == READING:
        row.stage, row.state, row.refusal = REFUSED, DONE, {"code": "gave-up", "facts": {}}
    elif row.stage == APPLYING:
        row.stage, row.state, row.trouble, row.counts = CHECKED, DONE, "stopped", _counted(upload_id)
    elif row.stage == UNDOING:
        row.stage, row.state, row.trouble = IMPORTED, DONE, "undo-stopped"
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
        .where(UploadRow.upload_id == upload_id, UploadRow.applied_at.is_(None), UploadRow.verdict.in_((NEW, UPDATED, ENDED)), UploadRow.row_no > after)
        .order_by(UploadRow.row_no)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def _values(batch: list[UploadRow], key: str) -> list[tuple[int, dict[str, Any]]]:
    return [(one.row_no, json.loads(sealed.unseal(one.sealed_values, key))["values"]) for one in batch]


def _mark_conflicts(kind: ImportKind, tenant_id: int, batch: list[UploadRow], rows: list[tuple[int, dict[str, Any]]]) -> set[int]:
    """Rows that may not be written any more; an entry that a full list would end, and that changed since, is on that list no longer."""
    found = kind.conflicts(tenant_id, rows)
    for one in batch:
        if one.row_no in found and one.verdict == ENDED:
            db.session.delete(one)
        elif one.row_no in found:
            one.verdict, one.problems = CONFLICT, [_told(found[one.row_no])]
    db.session.flush()
    return set(found)


def _any_conflict(held: Claim, kind: ImportKind, tenant_id: int, upload_id: int, key: str) -> bool:
    after, found = 0, False
    while batch := _waiting(upload_id, after=after, limit=BATCH):
        hold(held)
        ending = {one.row_no for one in batch if one.verdict == ENDED}
        after = batch[-1].row_no
        found = bool(_mark_conflicts(kind, tenant_id, batch, _values(batch, key)) - ending) or found
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


def sample(upload: Upload, key: str) -> list[list[str]]:
    """The first rows of the file, as examples beside its columns; nothing once the content was destroyed."""
    told = upload.columns.get("sample")
    if not told or queries.destroyed(upload):
        return []
    found: list[list[str]] = json.loads(sealed.unseal(told, key))
    return found


def differences(upload: Upload, rows: Iterable[UploadRow], key: str) -> dict[int, list[Difference]]:
    """What rows would change: of updates and conflicts, each column with what is there and what the file says."""
    if upload.stage != CHECKED:
        return {}
    told = [(one.row_no, json.loads(sealed.unseal(one.sealed_values, key))["values"]) for one in rows if one.verdict in (UPDATED, CONFLICT)]
    return KINDS[upload.kind].differences(upload.tenant_id, told, plan_of(upload)) if told else {}


def purge() -> int:
    """Destroy the content of files older than thirty days, and their rows; what became of them stays. Twice is safe."""
    old = sa.select(Upload.id).where(
        Upload.created_at < clock.now() - KEPT_FOR, Upload.sealed_content.is_not(None), Upload.stage.in_((CHECKED, ASKING, IMPORTED, REFUSED, UNDONE))
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
                columns={},
                stage=sa.case((Upload.stage.in_((CHECKED, ASKING)), REFUSED), else_=Upload.stage),
                refusal=sa.case((Upload.stage.in_((CHECKED, ASKING)), sa.literal({"code": "expired", "facts": {}}, Json)), else_=Upload.refusal),
            )
        )
    return len(ids)


def _staged(tenant_id: int, upload_id: int, one: Checked, cells: Sequence[Cell], key: str) -> dict[str, Any]:
    told: dict[str, Any] = {"raw": [cell.text for cell in cells], "values": one.values}
    if one.verdict in (ERROR, CONFLICT):  # to be judged again when they are mended: a number cell stays one
        told["kinds"] = [cell.kind for cell in cells]
    held = json.dumps(told, ensure_ascii=False)
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
    told = {"column": problem.column, "code": problem.code, "found": problem.found}
    return {**told, "key": problem.key} if problem.key else told
