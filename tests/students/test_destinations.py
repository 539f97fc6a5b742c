"""The national register's file taken back: students found by either number, conflicts decided, and the next export holds it all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.applications.models import Application
from consortium.imports import queries, service, tasks
from consortium.imports.kinds import EXPORTS
from consortium.imports.models import Upload
from consortium.reference import identity
from consortium.shared import sealed
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.students.models import Destination, Student
from consortium.students.roster import destinations as shape
from consortium.students.service import destinations
from tests import builders
from tests.imports.conftest import work
from tests.workbooks import cells, workbook

HEADER = ["学号", "证件号码", "姓名", "毕业去向", "实际就业单位名称", "单位统一社会信用代码", "职位名称", "报到时间"]
NUMBERS = tuple(first + identity.identity_check(first) for first in ("44010220060312123", "44010220060312125", "44010220060312127"))
Take = Callable[..., Upload]


@pytest.fixture
def office(app: Flask) -> Membership:
    college = builders.a_college()
    for n in (1, 2, 3):
        builders.a_student(
            college, student_no=f"2024{n:06d}", name=f"学生{'甲乙丙'[n - 1]}", state="graduated", identity_sealed=sealed.seal(NUMBERS[n - 1], app.config["ID_KEY"]),
            identity_hash=sealed.keyed_hash(NUMBERS[n - 1], app.config["ID_KEY"]),
        )  # fmt: skip
    member = builders.a_membership(Role.COLLEGE_OFFICER, tenant=college.tenant)
    db.session.commit()
    return member


@pytest.fixture
def took(app: Flask, office: Membership) -> Take:
    def take(rows: list[list[Any]] | bytes, header: list[str] | None = None, mode: str = "both", apply: bool = False) -> Upload:
        data = rows if isinstance(rows, bytes) else workbook([header or HEADER, *rows])
        number = service.upload(office.actor(), "destinations", "去向.xlsx", data, app.config["ID_KEY"], mode).id
        db.session.commit()
        work(tasks.read_upload, number)
        db.session.expire_all()
        found = db.session.get_one(Upload, number)
        if apply:
            service.ask_to_apply(found, all_or_none=False, by=office.actor())
            db.session.commit()
            work(tasks.apply_upload, number)
            db.session.expire_all()
            found = db.session.get_one(Upload, number)
        return found

    return take


def _row(number: int, **given: str) -> list[Any]:
    usual = {"no": f"2024{number:06d}", "identity": "", "name": "", "kind": "签劳动合同形式就业", "firm": "清远精工", "code": "", "post": "维修工", "on": "2027-07-01"} | given
    return list(usual.values())


def _kept() -> dict[str, Destination]:
    rows = db.session.execute(sa.select(Student.student_no, Destination).join(Destination, Destination.student_id == Student.id))
    return {number[-1]: one for number, one in rows}


def test_the_register_s_file_says_who_went_where_and_the_same_file_again_says_nothing_new(took: Take) -> None:
    rows = [_row(1), _row(0, no="", identity=NUMBERS[1], kind="80 升学", firm="", post="", on=""), _row(3, kind="46", firm="", post="", on="")]
    done = took(rows, apply=True)
    assert done.counts["new"] == 3, [row.problems for row in queries.faulty(done)]
    kept = _kept()
    assert (kept["1"].destination_kind, kept["1"].employer, str(kept["1"].begins_on)) == ("11", "清远精工", "2027-07-01")
    assert [kept[n].destination_kind for n in "23"] == ["80", "46"]
    again = took(rows)
    assert (again.counts["unchanged"], again.counts["new"]) == (3, 0)


def test_what_the_register_said_stands_in_the_next_export_which_may_be_uploaded_again(app: Flask, took: Take, office: Membership) -> None:
    took([_row(1), _row(2, kind="70", firm="", post="", on="")], apply=True)
    found = EXPORTS["students"]
    usual = dict(found.usual())
    data = service.export_table(office.actor(), found, [(n, usual[n]) for n in found.shapes["destinations"]], {}, csv=False, word=str)
    db.session.commit()
    table = [dict(zip(cells(data)[0], row, strict=True)) for row in cells(data)[1:]]
    assert [(row["毕业去向类别"], row["单位名称"]) for row in table[:2]] == [("签劳动合同形式就业", "清远精工"), ("待就业", "" if table[1]["单位名称"] == "" else None)]
    assert [row["身份证号"] for row in table] == list(NUMBERS)
    again = took(data)
    assert (again.counts["unchanged"], again.counts["new"], again.counts["updated"]) == (2, 0, 0)
    assert again.counts["error"] == 1  # of the third no kind of destination is known yet


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (_row(1, no="2099000001"), "no-such-student"), (_row(1, no="", identity=""), "who"), (_row(1, identity=NUMBERS[1]), "another-student"),
        (_row(1, firm="#清空"), "employer-needed"), (_row(1, code="91110000MA00000000"), "credit-shape"), (_row(1, kind=""), "needed"), (_row(1, on="去年"), "day-shape"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_reason(took: Take, row: list[Any], code: str) -> None:
    upload = took([row])
    assert code in [p["code"] for one in queries.faulty(upload) for p in one.problems]
    assert NUMBERS[1] not in str([one.problems for one in queries.faulty(upload)])


def test_a_student_twice_lets_neither_row_in(took: Take) -> None:
    assert took([_row(1), _row(1, no="", identity=NUMBERS[0])]).counts["error"] == 2


def test_another_employer_than_the_accepted_offer_s_is_decided_by_a_person(app: Flask, took: Take, office: Membership) -> None:
    one = db.session.scalars(sa.select(Student).where(Student.student_no == "2024000001")).one()
    post = builders.a_position(builders.an_enterprise(), kind="job")
    builders.saved(
        Application(college_tenant_id=one.tenant_id, enterprise_tenant_id=post.tenant_id, student_id=one.id, position_id=post.id, kind="job", state="accepted",
                    begun_by="student", spoken=True)
    )  # fmt: skip
    db.session.commit()
    upload = took([_row(1), _row(2, name="别人")])
    assert upload.counts["conflict"] == 2
    told = service.differences(upload, queries.rows(upload, "conflict").rows, app.config["ID_KEY"])
    assert ("单位名称", post.tenant.name_zh, "清远精工") in [(d.column, d.there, d.told) for d in told[2]]
    assert service.settle(upload, [2], take=True, key=app.config["ID_KEY"], by=office.actor()) == (1, 0)
    service.ask_to_apply(upload, all_or_none=False, by=office.actor())
    number = upload.id
    db.session.commit()
    work(tasks.apply_upload, number)
    assert {n: d.employer for n, d in _kept().items()} == {"1": "清远精工"}
    assert took([_row(1, post="班组长")]).counts["updated"] == 1  # decided once: the same employer is asked about no more


def test_an_unknown_kind_is_asked_about_once_and_remembered(app: Flask, took: Take, office: Membership) -> None:
    upload = took([_row(1, kind="劳动合同"), _row(2, kind="劳动合同")])
    assert upload.columns["asked"] == [["destination_kind", "劳动合同", 2]]
    assert destinations.likely(office.tenant_id, "destination_kind", "劳动合同")[0][1] == "签劳动合同形式就业"
    number = upload.id
    service.decide(upload, {"answers": {"destination_kind": {"劳动合同": "签劳动合同形式就业"}}}, by=office.actor())
    db.session.commit()
    work(tasks.read_upload, number)
    assert db.session.get_one(Upload, number).counts["new"] == 2
    db.session.rollback()
    assert took([_row(3, kind="劳动合同")]).counts["new"] == 1


def test_destinations_are_taken_back_but_for_what_was_changed_since(took: Take, office: Membership) -> None:
    first = took([_row(1), _row(2)], apply=True)
    kept = _kept()
    kept["2"].employer = "后来改的"
    db.session.commit()
    number = first.id
    service.ask_to_undo(first, by=office.actor())
    db.session.commit()
    work(tasks.apply_upload, number)
    assert {n: d.employer for n, d in _kept().items()} == {"2": "后来改的"}


def test_modes_and_blanks_mean_what_they_say(took: Take) -> None:
    took([_row(1)], apply=True)
    assert took([_row(1, firm="别家", post=""), _row(2)], mode="new").counts == {"new": 1, "updated": 0, "unchanged": 0, "error": 0, "conflict": 0, "skipped": 1}
    assert took([_row(1, firm="另一家"), _row(2)], mode="update").counts["skipped"] == 1
    assert took([_row(1, firm="又一家", post="")], mode="fill").counts["unchanged"] == 1
    took([_row(1, post="", on="#清空")], apply=True)
    assert (_kept()["1"].post, _kept()["1"].begins_on) == ("维修工", None)


def test_another_college_s_student_is_unknown(took: Take) -> None:
    builders.a_student(builders.a_college(), student_no="2024000888")
    db.session.commit()
    assert took([_row(888)]).counts["error"] == 1


def test_an_officer_chooses_what_is_imported(signed_in_as: Any, office: Membership) -> None:
    browser = signed_in_as(office)
    assert "Import destinations" in browser.get("/imports?kind=destinations").get_data(as_text=True)
    assert browser.get("/imports?kind=positions").status_code == 404
    assert browser.get("/imports/template/destinations").status_code == 200
    assert "full list" not in browser.get("/imports?kind=destinations").get_data(as_text=True)
    assert "full list" in browser.get("/imports").get_data(as_text=True)


def test_every_kind_is_a_code_and_its_name_reads_back(app: Flask) -> None:
    assert {shape.meant("", name) for name in shape.KINDS.values()} == set(shape.KINDS.values())
    assert cells(destinations.template("zh"))[0] == [c.name + ("*" if c.needed else "") for c in shape.COLUMNS]
