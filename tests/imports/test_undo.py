"""An import taken back: everything returns, but for what somebody has to do with since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import queries, service, tasks
from consortium.imports.models import Upload, UploadRow
from consortium.shared import clock
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill
from tests import builders
from tests.imports.conftest import KEY, work
from tests.students.rosters import lawful

Take = Callable[..., Upload]


def _register() -> dict[str, Any]:
    """Every fact of the register, without versions."""
    found: dict[str, Any] = {}
    for student in db.session.scalars(sa.select(Student)):
        columns = {c.name: getattr(student, c.name) for c in Student.__table__.columns if c.name not in ("version", "identity_sealed", "changed_at")}
        found[student.student_no] = columns | {"skills": sorted(one.skill.code for one in student.skills)}
    return found | {"classes": sorted(db.session.scalars(sa.select(SchoolClass.name)))}


def test_an_undone_import_leaves_the_register_as_it_was(uploaded: Take, imported: Take, undone: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 3)
    for name in ("PLC编程", "CAD绘图"):
        builders.a_skill(name)
    imported(uploaded([lawful(n, skills="PLC编程") for n in range(1, 5)]))
    before = _register()
    db.session.rollback()
    changed = [
        lawful(1, courses="焊接", phone="13900002222"), lawful(2, skills="CAD绘图", class_name="新班"), lawful(3, identity="#清空", birth_on="2005-04-04"),
        lawful(4), *(lawful(n, class_name=f"新{n}班") for n in range(60, 68)),
    ]  # fmt: skip
    upload = imported(uploaded(changed))
    assert (upload.counts["new"], upload.counts["updated"]) == (8, 3)
    assert _register() != before
    db.session.rollback()
    done = undone(upload)
    assert done.stage == "undone"
    assert _register() == before
    assert queries.taken_back(done) == (11, [])
    acts = list(db.session.scalars(sa.select(AuditLine.act)))
    assert {"undo-import", "undo-import-students"} <= set(acts)


def test_what_was_used_since_is_told_before_and_stays(app: Flask, uploaded: Take, imported: Take, undone: Take) -> None:
    imported(uploaded([lawful(1)]))
    upload = imported(uploaded([lawful(1, courses="焊接", wish="质检"), lawful(2), lawful(3), lawful(4)]))
    two = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000002")).one()
    builders.a_student_member(two)
    three = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000003")).one()
    from consortium.applications.models import Application

    post = builders.a_position()
    builders.saved(
        Application(
            college_tenant_id=three.tenant_id, enterprise_tenant_id=post.tenant_id, student_id=three.id, position_id=post.id, kind=post.kind,
            state="applied", begun_by="student", spoken=True,
        )
    )  # fmt: skip
    one = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000001")).one()
    one.courses = "后来又改"
    db.session.commit()
    goes, returns, stay = service.undo_told(upload, app.config[KEY])
    assert (goes, returns) == (1, 0)
    assert [(number, p.code) for number, p in stay] == [(2, "changed-since"), (3, "in-use"), (4, "in-use")]
    db.session.rollback()
    done = undone(upload)
    left = {s.student_no: (s.courses, s.wish) for s in db.session.scalars(sa.select(Student))}
    assert set(left) == {"2024000001", "2024000002", "2024000003"}
    assert left["2024000001"] == ("后来又改", "设备维修")  # the column nobody touched returned
    gone, kept = queries.taken_back(done)
    assert (gone, [row.row_no for row in kept]) == (1, [2, 3, 4])


def test_a_new_student_that_somebody_changed_since_stays(uploaded: Take, imported: Take, undone: Take) -> None:
    upload = imported(uploaded([lawful(1), lawful(2)]))
    one = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000001")).one()
    one.courses = "手工录入"
    db.session.commit()
    undone(upload)
    assert list(db.session.scalars(sa.select(Student.student_no))) == ["2024000001"]


def test_whom_a_later_table_points_to_stays_though_nobody_answered_for_it(uploaded: Take, imported: Take, undone: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    from consortium.students.service import register as students

    upload = imported(uploaded([lawful(n) for n in range(1, 6)]))
    three = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000003")).one()
    builders.saved(Consent(student_id=three.id, purpose="matching", version="x", given_by="student", given_at=clock.now()))
    db.session.commit()
    monkeypatch.setattr(students, "_used", lambda _students: set())
    done = undone(upload)
    assert list(db.session.scalars(sa.select(Student.student_no))) == ["2024000003"]
    assert [row.row_no for row in queries.taken_back(done)[1]] == [4]


def test_undo_is_for_seven_days_and_in_order(uploaded: Take, imported: Take, undone: Take, officer: Membership) -> None:
    first, second = imported(uploaded([lawful(1)])), imported(uploaded([lawful(1, courses="焊接")]))
    with pytest.raises(Conflict):
        service.ask_to_undo(first, by=officer.actor())
    undone(second)
    assert queries.undo_until(first)
    db.session.execute(sa.update(Upload).where(Upload.id == first.id).values(applied_at=clock.now() - timedelta(days=8)))
    db.session.commit()
    db.session.expire_all()
    assert queries.undo_until(first) is None
    with pytest.raises(Conflict):
        service.ask_to_undo(first, by=officer.actor())


def test_a_killed_undo_is_gone_on_from(uploaded: Take, imported: Take, officer: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 4)
    upload = imported(uploaded([lawful(n) for n in range(12)]))
    number = upload.id
    service.ask_to_undo(upload, by=officer.actor())
    db.session.commit()
    real, calls = service._both, []

    def dies(row: UploadRow, key: str) -> Any:
        calls.append(row.row_no)
        if len(calls) == 6:
            raise SystemExit(9)
        return real(row, key)

    monkeypatch.setattr(service, "_both", dies)
    with pytest.raises(SystemExit):
        work(tasks.apply_upload, number)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == 8
    db.session.execute(sa.update(Upload).values(lease_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    work(tasks.apply_upload, number)
    db.session.expire_all()
    assert db.session.get_one(Upload, number).stage == "undone"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StudentSkill)) == 0


def test_the_page_tells_before_it_takes_back(signed_in_as: Any, officer: Membership, uploaded: Take, imported: Take) -> None:
    upload = imported(uploaded([lawful(1), lawful(2)]))
    where, number = f"/imports/{upload.public_id}", upload.id
    db.session.rollback()
    office = signed_in_as(officer)
    assert "Undo this import" in office.get(where).get_data(as_text=True)
    assert "Will be removed" in office.get(where + "/reversal").get_data(as_text=True)
    assert office.post(where + "/reversal").status_code == 303
    work(tasks.apply_upload, number)
    assert "2 rows were taken back" in office.get(where).get_data(as_text=True)
