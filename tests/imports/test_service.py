"""Upload, read, check, apply: nothing lost, nothing doubled, whatever is killed meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consortium.accounts.models import Membership
from consortium.imports import kinds, queries, service, tasks
from consortium.imports.models import Upload, UploadRow
from consortium.imports.wording import WORDS, refusal
from consortium.shared import clock
from consortium.shared import tasks as jobs
from consortium.shared.access import Role
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.files import REFUSALS, FileRefused
from consortium.students.models import Student
from tests import builders
from tests.imports.conftest import work
from tests.students.rosters import HEADER, PLACE, lawful
from tests.workbooks import workbook

Uploaded = Callable[..., Upload]


def _n_students() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Student)) or 0


def _applied(upload: Upload, by: Membership, all_or_none: bool = False) -> Upload:
    number = upload.id
    service.ask_to_apply(upload, all_or_none=all_or_none, by=by.actor())
    db.session.commit()
    work(tasks.apply_upload, number)
    db.session.expire_all()
    return db.session.get_one(Upload, number)


MIXED = [lawful(1), lawful(2, phone="1"), lawful(3, birth_on="x"), lawful(4), lawful(5, student_no="")]


def test_good_rows_go_in_bad_ones_are_told_and_counts_are_the_rows(uploaded: Uploaded, officer: Membership) -> None:
    upload = uploaded(MIXED)
    assert upload.stage == "checked"
    assert upload.counts == {"new": 2, "updated": 0, "unchanged": 0, "error": 3, "conflict": 0, "skipped": 0}
    assert [(row.row_no, [(p["column"], p["code"]) for p in row.problems]) for row in queries.faulty(upload)] == [
        (3, [("手机号", "phone-shape")]), (4, [("出生日期", "day-shape")]), (6, [("学号", "needed")]),
    ]  # fmt: skip
    done = _applied(upload, officer)
    assert done.stage == "imported"
    assert done.applied_at
    assert sum(done.counts.values()) == 5
    assert _n_students() == 2


def test_the_same_file_is_one_upload_until_it_is_imported_and_then_finds_nothing_to_do(uploaded: Uploaded, officer: Membership) -> None:
    first = uploaded(MIXED)
    data = workbook([HEADER, *MIXED])
    with_same_bytes = uploaded(data)
    assert uploaded(data).id == with_same_bytes.id
    assert uploaded(data, read=False).stage == "reading"
    _applied(uploaded(data), officer)
    again = uploaded(data)
    assert again.id != with_same_bytes.id
    assert again.counts == {"new": 0, "updated": 0, "unchanged": 2, "error": 3, "conflict": 0, "skipped": 0}
    with pytest.raises(Conflict):
        service.ask_to_apply(again, all_or_none=False, by=officer.actor())
    assert first.counts["new"] == 2
    assert _n_students() == 2


def test_another_college_s_same_file_is_another_upload(app: Flask, uploaded: Uploaded) -> None:
    data = workbook([HEADER, lawful(1)])
    mine = uploaded(data)
    other = builders.a_membership(Role.COLLEGE_OFFICER, tenant=builders.a_college().tenant)
    assert service.upload(other.actor(), "students", "x", data, app.config["ID_KEY"]).id != mine.id


def test_all_or_none_writes_nothing_while_a_row_is_to_be_mended(uploaded: Uploaded, officer: Membership) -> None:
    with pytest.raises(Conflict):
        service.ask_to_apply(uploaded(MIXED), all_or_none=True, by=officer.actor())
    assert _applied(uploaded([lawful(1), lawful(2)]), officer, all_or_none=True).stage == "imported"
    assert _n_students() == 2


def _meanwhile(upload: Upload) -> None:
    """While the officer reads the result, number 2 is entered under another name."""
    builders.a_student(_college(upload), student_no="2024000002", name="王五")
    db.session.commit()


def _college(upload: Upload) -> Any:
    from consortium.organisations.queries import college_of

    return college_of(upload.tenant_id)


def test_what_became_a_conflict_since_the_check_is_not_overwritten(uploaded: Uploaded, officer: Membership) -> None:
    upload = uploaded([lawful(1), lawful(2), lawful(3)])
    _meanwhile(upload)
    done = _applied(upload, officer)
    assert done.stage == "imported"
    assert done.counts == {"new": 2, "updated": 0, "unchanged": 0, "error": 0, "conflict": 1, "skipped": 0}
    assert [row.problems[0]["code"] for row in queries.faulty(done)] == ["name-differs"]
    assert db.session.scalars(sa.select(Student.name).where(Student.student_no == "2024000002")).one() == "王五"


def test_all_or_none_writes_nothing_when_a_row_became_a_conflict(uploaded: Uploaded, officer: Membership) -> None:
    upload = uploaded([lawful(1), lawful(2), lawful(3)])
    _meanwhile(upload)
    back = _applied(upload, officer, all_or_none=True)
    assert (back.stage, back.trouble, back.counts["conflict"], _n_students()) == ("checked", "changed-meanwhile", 1, 1)


@pytest.mark.parametrize("dies_at", [0, 1, 2])
def test_a_worker_killed_between_batches_is_gone_on_from(app: Flask, uploaded: Uploaded, officer: Membership, monkeypatch: pytest.MonkeyPatch, dies_at: int) -> None:
    monkeypatch.setattr(service, "BATCH", 10)
    upload = uploaded([lawful(n) for n in range(30)])
    number = upload.id
    service.ask_to_apply(upload, all_or_none=False, by=officer.actor())
    db.session.commit()
    kind, calls = kinds.KINDS["students"], Counter[int]()

    def dies(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], by: Any, plan: kinds.Plan) -> dict[int, dict[str, Any]]:
        calls.update(number for number, _ in rows)
        before = kind.apply(tenant_id, rows, by, plan)
        if len(calls) > dies_at * 10:
            raise SystemExit(9)
        return before

    mortal = kinds.ImportKind(**{name: getattr(kind, name) for name in kind.__slots__} | {"apply": dies})
    monkeypatch.setitem(kinds.KINDS, "students", mortal)
    with pytest.raises(SystemExit):
        work(tasks.apply_upload, number)
    db.session.rollback()
    assert _n_students() == dies_at * 10  # its last batch went with it
    assert queries.progress(db.session.get_one(Upload, number)).done == dies_at * 10
    monkeypatch.setitem(kinds.KINDS, "students", kind)
    db.session.execute(sa.update(Upload).values(lease_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    work(tasks.apply_upload, number)
    db.session.expire_all()
    done = db.session.get_one(Upload, number)
    assert done.stage == "imported"
    assert _n_students() == 30
    assert sum(done.counts.values()) == 30
    assert db.session.scalar(sa.select(sa.func.count()).where(UploadRow.applied_at.is_(None))) == 0


def test_a_worker_that_lost_its_lease_writes_nothing_more(app: Flask, uploaded: Uploaded, officer: Membership) -> None:
    upload = uploaded([lawful(1)])
    number = upload.id
    service.ask_to_apply(upload, all_or_none=False, by=officer.actor())
    db.session.commit()
    stale = jobs.claim(Upload, number)
    assert stale is not None
    db.session.execute(sa.update(Upload).values(lease_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    assert jobs.claim(Upload, number) is not None
    with pytest.raises(jobs.LeaseLost):
        service.apply(stale, app.config["ID_KEY"])
    assert _n_students() == 0


def test_rights_are_looked_at_again_when_the_work_is_done(uploaded: Uploaded, officer: Membership) -> None:
    upload = uploaded([lawful(1)])
    service.ask_to_apply(upload, all_or_none=False, by=officer.actor())
    db.session.execute(sa.update(Membership).where(Membership.id == officer.id).values(state="suspended"))
    db.session.commit()
    work(tasks.apply_upload, upload.id)
    db.session.expire_all()
    assert (upload.stage, upload.trouble, _n_students()) == ("checked", "rights-ended", 0)


@pytest.mark.parametrize(("stage", "then"), [("reading", "refused"), ("applying", "checked")])
def test_three_deaths_end_with_a_way_out(uploaded: Uploaded, officer: Membership, stage: str, then: str) -> None:
    upload = uploaded([lawful(1)])
    db.session.execute(
        sa.update(Upload).values(stage=stage, state="running", attempts=3, lease_until=clock.now() - timedelta(seconds=1))
    )
    db.session.commit()
    jobs.sweep_once()
    db.session.expire_all()
    assert (upload.stage, upload.state) == (then, "done")
    if then == "checked":
        assert upload.trouble == "stopped"
        assert _applied(upload, officer).stage == "imported"
    else:
        assert upload.refusal["code"] == "gave-up"
        assert uploaded([lawful(1)]).stage == "checked"  # the same file may be tried again


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (workbook([["学号", "姓名"], ["1", "李"]]), "missing-columns"), (workbook([["甲", "乙"], ["1", "李"]]), "no-header"),
        (workbook([HEADER]), "no-rows"), ("学号,姓名\n1,李\n".encode(), "missing-columns"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_words_and_never_tried_again(uploaded: Uploaded, data: bytes, code: str) -> None:
    upload = uploaded(data)
    assert (upload.stage, upload.state, upload.refusal["code"]) == ("refused", "done", code)
    attempts = upload.attempts
    jobs.sweep_once()
    db.session.rollback()
    work(tasks.read_upload, upload.id)
    db.session.expire_all()
    assert upload.attempts == attempts == 1


def test_what_bytes_give_away_is_refused_at_once(uploaded: Uploaded) -> None:
    with pytest.raises(FileRefused):
        uploaded(b"%PDF-1.7")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Upload)) == 0


def test_every_refusal_has_its_own_sentence(app: Flask) -> None:
    assert set(WORDS) >= REFUSALS
    with app.test_request_context():
        said = {code: refusal(code, {"rows": 20_000, "columns": 100}) for code in WORDS}
    assert len(set(said.values())) == len(said)


def test_files_and_rows_are_destroyed_after_thirty_days_and_the_counts_stay(uploaded: Uploaded, officer: Membership) -> None:
    done, waiting = _applied(uploaded([lawful(1)]), officer), uploaded([lawful(2)])
    young = uploaded([lawful(3)])
    db.session.execute(sa.update(Upload).where(Upload.id != young.id).values(created_at=clock.now() - timedelta(days=31)))
    db.session.commit()
    tasks.purge_uploads()
    tasks.purge_uploads()
    db.session.expire_all()
    assert done.sealed_content is None
    assert done.stage == "imported"
    assert done.counts["new"] == 1
    assert done.refusal == {}
    assert waiting.stage == "refused"
    assert waiting.refusal["code"] == "expired"
    assert young.sealed_content is not None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(UploadRow)) == 1


def test_nothing_of_a_file_lies_open_in_the_database(uploaded: Uploaded) -> None:
    upload = uploaded([lawful(1, phone="1")])
    row = queries.faulty(upload)[0]
    told = f"{bytes(upload.sealed_content or b'')!r}{row.sealed_values}{row.problems}"
    assert all(str(lawful(1)[PLACE[field]]) not in told for field in ("identity", "name", "guardian_phone"))


def test_an_import_is_in_the_audit(uploaded: Uploaded, officer: Membership) -> None:
    _applied(uploaded([lawful(1)]), officer)
    acts = list(db.session.scalars(sa.select(AuditLine.act).order_by(AuditLine.id)))
    assert [act for act in acts if act in ("upload", "import", "import-students")] == ["upload", "import", "import-students"]


def test_two_imports_of_one_college_at_once_make_each_student_once(app: Flask, uploaded: Uploaded, officer: Membership) -> None:
    numbers = []
    for turn in range(2):
        upload = uploaded([lawful(n, courses=f"课{turn}") for n in range(40)])
        service.ask_to_apply(upload, all_or_none=False, by=officer.actor())
        numbers.append(upload.id)
    db.session.commit()

    def work(number: int) -> None:
        with app.app_context():
            tasks.apply_upload(number)

    db.session.rollback()
    workers = [threading.Thread(target=work, args=(number,)) for number in numbers]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    db.session.expire_all()
    assert set(db.session.scalars(sa.select(Upload.stage))) == {"imported"}
    assert _n_students() == 40


CELL = st.one_of(st.text(max_size=12), st.sampled_from(["", "#清空", "=1+1", "男", "2006-03-12", "是", "460301", "1.1E+17"]))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(sorted(PLACE)), CELL), max_size=12))
def test_whatever_a_file_holds_its_counts_are_its_rows(uploaded: Uploaded, officer: Membership, changes: list[tuple[int, str, str]]) -> None:
    rows = [lawful(n) for n in range(6)]
    for number, field, value in changes:
        rows[number][PLACE[field]] = value
    text = "\n".join(",".join('"' + str(v).replace('"', '""') + '"' for v in row) for row in [HEADER, *rows])
    try:
        upload = uploaded(text.encode("utf-8", "ignore"))
    except FileRefused:
        return
    if upload.stage == "refused":
        return
    told = sum(upload.counts.values())
    assert told == db.session.scalar(sa.select(sa.func.count()).where(UploadRow.upload_id == upload.id))
    before = _n_students()
    if upload.counts["new"] + upload.counts["updated"]:
        done = _applied(upload, officer)
        assert sum(done.counts.values()) == told
        assert _n_students() - before <= done.counts["new"]
