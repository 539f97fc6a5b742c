"""A file that is the full list: who is not in it is told before, ended only as said, never deleted, and comes back with the undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import queries, service, tasks
from consortium.imports.models import Upload
from consortium.messages.models import Message, OutboxItem
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.students.models import Student
from tests.imports.conftest import KEY, work
from tests.students.rosters import lawful

Take = Callable[..., Upload]


def _states() -> dict[str, str]:
    return {number[-2:]: state for number, state in db.session.execute(sa.select(Student.student_no, Student.state))}


def _apply(upload: Upload, officer: Membership, **given: Any) -> Upload:
    number = upload.id
    service.ask_to_apply(upload, all_or_none=False, by=officer.actor(), **given)
    db.session.commit()
    work(tasks.apply_upload, number)
    db.session.expire_all()
    return db.session.get_one(Upload, number)


@pytest.fixture
def forty(uploaded: Take, imported: Take) -> None:
    imported(uploaded([lawful(n) for n in range(1, 41)]))


def test_who_is_missing_is_listed_ended_and_comes_back(forty: None, app: Flask, uploaded: Take, undone: Take, officer: Membership) -> None:
    upload = uploaded([lawful(n, wish="质检" if n == 1 else "设备维修") for n in range(1, 40)], mode="snapshot")
    assert (upload.counts["updated"], upload.counts["unchanged"], upload.counts["ended"]) == (1, 38, 1)
    assert sum(n for name, n in upload.counts.items() if name != "ended") == 39  # Σ counts = rows of the file
    assert upload.columns["present"] == 40
    listed = service.ended(upload, queries.rows(upload, "ended").rows, app.config[KEY])
    assert [one["student_no"] for one in listed.values()] == ["2024000040"]
    assert set(_states().values()) == {"enrolled"}  # nothing is written by the check
    done = _apply(upload, officer)
    assert done.stage == "imported"
    assert {number for number, state in _states().items() if state == "moved"} == {"40"}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == 40
    lines = db.session.scalars(sa.select(AuditLine).where(AuditLine.act == "move-student")).all()
    assert [line.facts["target"] for line in lines] == ["moved"]
    undone(done)
    assert set(_states().values()) == {"enrolled"}


def test_the_other_modes_end_nobody(forty: None, uploaded: Take, imported: Take) -> None:
    upload = uploaded([lawful(1, wish="质检")])
    assert "ended" not in upload.counts
    imported(upload)
    assert set(_states().values()) == {"enrolled"}


def test_more_than_one_in_twenty_needs_the_number_typed(forty: None, uploaded: Take, officer: Membership, signed_in_as: Any) -> None:
    upload = uploaded([lawful(n) for n in range(1, 38)], mode="snapshot")
    for wrong in (None, 2, 40):
        with pytest.raises(Invalid):
            service.ask_to_apply(upload, all_or_none=False, by=officer.actor(), ending=wrong)
        db.session.rollback()
    where = f"/imports/{upload.public_id}"
    office = signed_in_as(officer)
    page = office.get(where).get_data(as_text=True)
    assert "Type 3 to confirm" in page
    assert "3 of 40" in page
    shown = office.get(where + "?verdict=ended").get_data(as_text=True)
    assert lawful(40)[1] in shown
    refused = office.post(where + "/application", {"ending": "2"})
    assert refused.status_code == 422
    assert 'aria-describedby="ending-error"' in refused.get_data(as_text=True)
    assert 'value="2"' in refused.get_data(as_text=True)  # nothing typed is lost
    assert office.post(where + "/application", {"ending": "3"}).status_code == 303
    work(tasks.apply_upload, upload.id)
    assert list(_states().values()).count("moved") == 3


def test_a_row_without_a_readable_number_stops_the_ending_until_it_is_mended(forty: None, app: Flask, uploaded: Take, officer: Membership) -> None:
    rows = [lawful(n) for n in range(1, 41)]
    rows[39][0] = "2024/40"
    upload = uploaded(rows, mode="snapshot")
    assert (upload.counts["error"], upload.counts["ended"], upload.columns["keyless"]) == (1, 1, 1)
    with pytest.raises(Conflict):
        service.ask_to_apply(upload, all_or_none=False, by=officer.actor(), ending=1)
    place = 0
    assert service.mend(upload, {41: {place: "2024000040"}}, key=app.config[KEY], by=officer.actor()) == (1, 0)
    assert (upload.counts.get("ended", 0), upload.counts["unchanged"], upload.columns["keyless"]) == (0, 40, 0)  # named after all


def test_who_left_since_the_check_is_left_alone(forty: None, uploaded: Take, officer: Membership) -> None:
    upload = uploaded([lawful(n) for n in range(1, 40)], mode="snapshot")
    one = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000040")).one()
    one.state = "graduated"
    db.session.commit()
    done = _apply(db.session.get_one(Upload, upload.id), officer)
    assert (_states()["40"], done.counts.get("ended", 0), done.counts["conflict"]) == ("graduated", 0, 0)
    assert sum(done.counts.values()) == 39


def test_a_graduate_is_not_missing_and_no_student_is_told(forty: None, uploaded: Take, officer: Membership) -> None:
    gone = db.session.scalars(sa.select(Student).where(Student.student_no.in_(["2024000039", "2024000040"]))).all()
    gone[0].state = "graduated"
    db.session.commit()
    upload = uploaded([lawful(n) for n in range(1, 39)], mode="snapshot")
    assert (upload.counts["ended"], upload.columns["present"]) == (1, 39)
    _apply(upload, officer)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxItem)) == 0


def test_a_file_of_destinations_cannot_be_a_full_list(app: Flask, officer: Membership) -> None:
    with pytest.raises(Invalid):
        service.upload(officer.actor(), "destinations", "x.csv", "学号,毕业去向类别\n1,升学\n".encode(), app.config[KEY], "snapshot")
