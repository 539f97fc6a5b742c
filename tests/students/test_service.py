"""Rosters in, profiles, consents, activation, against the database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.imports.kinds import CONFLICT, ERROR, NEW, UNCHANGED, UPDATED, Checked
from consortium.matching import problem
from consortium.messages import models as messages
from consortium.organisations.models import College
from consortium.shared import clock
from consortium.shared.db import Base, db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.spreadsheet import Cell, read_table
from consortium.students import queries, roster, service
from consortium.students.models import Consent, SchoolClass, Student
from tests import builders
from tests.students.rosters import HEADER, PLACE, lawful
from tests.workbooks import workbook


def _check(college: College, rows: list[list[Any]]) -> list[Checked]:
    cells = [tuple(Cell("text", str(v)) if v else Cell("empty", "") for v in row) for row in rows]
    return service.check(college.tenant_id, tuple(HEADER), [(number, row) for number, row in enumerate(cells, 2)])


def _import(college: College, *rows: list[Any]) -> list[str]:
    checked = _check(college, list(rows))
    service.apply(college.tenant_id, [(c.row_no, c.values) for c in checked if c.verdict in (NEW, UPDATED)], None)
    db.session.expire_all()
    return [c.verdict for c in checked]


def _student(number: int = 1) -> Student:
    return db.session.scalars(sa.select(Student).where(Student.student_no == f"2024{number:06d}")).one()


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that reach the database."""
    seen: list[str] = []

    def note(_c: Any, _u: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def test_template_filled_imported_and_imported_again_changes_nothing_the_second_time(app: Flask) -> None:
    college = builders.a_college()
    builders.a_skill("PLC编程")
    builders.a_skill("低压电工作业证", kind="certificate")
    book = openpyxl.load_workbook(io.BytesIO(service.template("zh")))
    for number in range(1, 21):
        for place, value in enumerate(lawful(number, skills="PLC编程", certificates="低压电工作业证"), 1):
            book.worksheets[0].cell(number + 1, place, value)
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue(), [c.name for c in roster.COLUMNS])
    first = service.check(college.tenant_id, table.header, table.rows)
    assert {(c.verdict, c.problems) for c in first} == {(NEW, ())}
    assert len(first) == 20
    service.apply(college.tenant_id, [(c.row_no, c.values) for c in first], None)
    db.session.commit()
    versions = dict(db.session.execute(sa.select(Student.id, Student.version)).all())
    again = service.check(college.tenant_id, table.header, table.rows)
    assert {(c.verdict, c.problems) for c in again} == {(UNCHANGED, ())}
    service.apply(college.tenant_id, [(c.row_no, c.values) for c in again], None)  # even if written again
    db.session.commit()
    assert dict(db.session.execute(sa.select(Student.id, Student.version)).all()) == versions
    kept = _student(3)
    assert {one.skill.name_zh for one in kept.skills} == {"PLC编程", "低压电工作业证"}
    assert kept.birth_on == date(2005, 4, 4)


def test_the_template_has_the_very_columns_drop_downs_notes_and_lists(app: Flask) -> None:
    book = openpyxl.load_workbook(io.BytesIO(service.template("zh")))
    assert [cell.value for cell in book.worksheets[0][1]] == HEADER
    assert book.sheetnames == ["学生名单", "填写说明", "专业", "技能证书"]
    assert len(book.worksheets[0].data_validations.dataValidation) == 7
    assert all(book.worksheets[0].column_dimensions[letter].width for letter in "AB")
    assert book.properties.description == roster.VERSION


def test_a_changed_cell_is_an_update_and_only_it_changes(app: Flask) -> None:
    college = builders.a_college()
    assert _import(college, lawful(1)) == [NEW]
    for field, value in (("phone", "13900002222"), ("class_name", "机电2499班"), ("wish", "焊接"), ("courses", "焊接技术"), ("wants_zone", "否"), ("sex", "")):
        before = _check(college, [lawful(1, **{field: value})])[0].verdict
        assert before == (UNCHANGED if value == "" else UPDATED), field
        _import(college, lawful(1, **{field: value}))
        _import(college, lawful(1))
    assert _import(college, lawful(1, class_name="机电2499班")) == [UPDATED]
    moved = db.session.get_one(SchoolClass, _student().class_id)
    assert moved.name == "机电2499班"


def test_blank_keeps_and_the_mark_clears(app: Flask) -> None:
    college = builders.a_college()
    builders.a_skill("PLC编程")
    _import(college, lawful(1, skills="PLC编程"))
    assert _import(college, lawful(1, phone="", courses="", skills="", identity="", birth_on="2005-02-02")) == [UNCHANGED]
    assert _student().phone == "19900000001"
    assert _student().identity_tail
    assert len(_student().skills) == 1
    assert _import(college, lawful(1, phone="#清空", courses="#清空", skills="#清空", identity="#清空", birth_on="2005-02-02")) == [UPDATED]
    cleared = _student()
    assert (cleared.phone, cleared.courses, cleared.identity_hash, cleared.identity_tail, list(cleared.skills)) == ("", "", None, "", [])


def test_a_cell_of_skills_states_what_the_college_says_and_leaves_the_student_s_own(app: Flask) -> None:
    college = builders.a_college()
    plc, cad, weld = (builders.a_skill(name) for name in ("PLC编程", "CAD绘图", "焊接"))
    _import(college, lawful(1, skills="PLC编程、CAD绘图"))
    member = builders.a_student_member(_student())
    service.save_profile(_student(), {}, [plc.code, cad.code, weld.code], by=member.actor())
    assert _import(college, lawful(1, skills="PLC编程")) == [UPDATED]
    assert {(one.skill.name_zh, one.source) for one in _student().skills} == {("PLC编程", "college"), ("焊接", "student")}


def test_what_the_student_changed_is_kept_and_said(app: Flask) -> None:
    college = builders.a_college()
    _import(college, lawful(1))
    member = builders.a_student_member(_student())
    service.save_profile(_student(), {"wish": "质检", "wants_zone": False}, None, by=member.actor())
    row = _check(college, [lawful(1, wish="焊接")])[0]
    assert row.verdict == UNCHANGED
    assert {(p.column, p.code) for p in row.problems} == {("意向岗位", "kept-own"), ("愿在高新区", "kept-own")}
    assert _import(college, lawful(1, wish="焊接", phone="13900002222")) == [UPDATED]
    assert (_student().wish, _student().wants_zone, _student().phone) == ("质检", False, "13900002222")


def test_a_row_in_conflict_is_never_written_over_what_is_there(app: Flask) -> None:
    college = builders.a_college()
    _import(college, lawful(1), lawful(2))
    other = lawful(3)[PLACE["identity"]]
    for row, code in (
        (lawful(1, name="王五"), "name-differs"),
        (lawful(9, identity=lawful(1)[PLACE["identity"]], sex="", birth_on="", enrolled_on="2024-09-01"), "identity-twice"),
        (lawful(1, identity=other, birth_on="", sex=""), "identity-differs"),
    ):
        checked = _check(college, [row])[0]
        assert (checked.verdict, [p.code for p in checked.problems]) == (CONFLICT, [code])
        assert set(service.conflicts(college.tenant_id, [(2, checked.values)])) == {2}
    assert _student(1).name == lawful(1)[1]


def test_a_number_or_an_identity_twice_in_a_file_lets_neither_row_in(app: Flask) -> None:
    college = builders.a_college()
    twice = lawful(2, identity=lawful(1)[PLACE["identity"]], sex="", birth_on="")
    assert [c.verdict for c in _check(college, [lawful(1), twice])] == [CONFLICT, CONFLICT]
    assert [c.verdict for c in _check(college, [lawful(1), lawful(1, phone=""), lawful(2)])] == [ERROR, ERROR, NEW]


def test_the_same_identity_at_two_colleges_is_never_merged(app: Flask) -> None:
    one, two = builders.a_college(), builders.a_college()
    assert _import(one, lawful(1)) == [NEW]
    assert _import(two, lawful(1)) == [NEW]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == 2


def test_an_unknown_skill_is_told_by_name(app: Flask) -> None:
    row = _check(builders.a_college(), [lawful(1, skills="飞行、PLC编程")])[0]
    assert row.verdict == ERROR
    assert [(p.column, p.code, p.found) for p in row.problems] == [("技能", "unknown-skill", "飞行"), ("技能", "unknown-skill", "PLC编程")]


def test_identity_numbers_lie_sealed(app: Flask) -> None:
    _import(builders.a_college(), lawful(1))
    number, kept = lawful(1)[PLACE["identity"]], _student()
    assert number not in f"{kept.identity_sealed}{kept.identity_hash}{kept.identity_tail}"
    assert "*" in kept.identity_tail


def test_nobody_is_told_of_an_import(app: Flask) -> None:
    college = builders.a_college()
    tables = [t for t in Base.metadata.sorted_tables if t.name in {m.__tablename__ for m in vars(messages).values() if hasattr(m, "__tablename__")}]
    _import(college, lawful(1), lawful(2))
    _import(college, lawful(1, phone="13900002222"))
    assert tables
    assert all(db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0 for table in tables)


def test_the_questions_asked_do_not_grow_with_the_rows_of_a_file(app: Flask) -> None:
    tenant_id = builders.a_college().tenant_id
    names = [builders.a_skill(f"技能甲{n}").name_zh for n in range(30)]
    db.session.commit()

    def questions(first: int, last: int) -> int:
        rows = [lawful(n, skills=f"{names[n % 30]}、{names[n * 7 % 30]}") for n in range(first, last)]
        table = read_table(workbook([HEADER, *rows]), [c.name for c in roster.COLUMNS])
        with counted() as asked:
            checked = service.check(tenant_id, table.header, table.rows)
            assert {c.verdict for c in checked} == {NEW}, [c.problems for c in checked if c.problems][:3]
            service.apply(tenant_id, [(c.row_no, c.values) for c in checked], None)
            db.session.commit()
        db.session.expunge_all()
        return sum(statement.lstrip().startswith("SELECT") for statement in asked)

    assert questions(0, 20) == questions(20, 420)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == 420


# ── profiles ─────────────────────────────────────────────────────────────────────────────────────


def test_a_profile_takes_names_as_well_as_codes(app: Flask) -> None:
    skill = builders.a_skill("PLC编程")
    member = builders.a_student_member()
    student = queries.student_of(member.actor())
    service.save_profile(student, {"places": ["清城区", "441802"], "about": "一\r\n二\u202e"}, ["plc编程", skill.code], by=member.actor())
    assert student.places == ["441802"]
    assert [one.skill.code for one in student.skills] == [skill.code]
    assert student.about == "一\n二"
    assert student.own_edits == ["about", "places"]


@pytest.mark.parametrize(
    ("values", "skills", "field"),
    [
        ({"wish": "x" * 201}, None, "wish"), ({"about": "x" * 2001}, None, "about"), ({"places": ["Atlantis"]}, None, "places"), ({}, ["飞行"], "skills"),
        ({"least_pay_fen": -1}, None, "least_pay_fen"), ({"least_pay_fen": 2**31}, None, "least_pay_fen"),
        ({"available_from": date(2027, 1, 2), "available_until": date(2027, 1, 1)}, None, "available_until"),
    ],
)  # fmt: skip
def test_a_profile_is_refused_at_the_field_and_nothing_is_kept(app: Flask, values: dict[str, Any], skills: list[str] | None, field: str) -> None:
    member = builders.a_student_member()
    student = queries.student_of(member.actor())
    with pytest.raises(Invalid) as refused:
        service.save_profile(student, {"wish": "新", **values}, skills, by=member.actor())
    assert list(refused.value.fields) == [field]
    assert student.wish == "设备维修"


# ── consents ─────────────────────────────────────────────────────────────────────────────────────


def test_consent_is_given_withdrawn_and_given_again_and_every_row_stays(app: Flask) -> None:
    student = builders.a_student(consented=False)
    actor = builders.a_student_member(student).actor()
    for _ in range(2):
        service.give_consent(student, "matching", by=actor)
        service.give_consent(student, "matching", by=actor)
        assert [s.id for s in queries.for_matching()] == [student.id]
        service.withdraw(student, "matching", by=actor)
        assert queries.for_matching() == []
    rows = list(db.session.scalars(sa.select(Consent)))
    assert len(rows) == 2
    assert all(row.withdrawn_at and row.version == "2026-11" for row in rows)


def test_consent_in_earlier_words_is_none(app: Flask) -> None:
    student = builders.a_student(consented=False)
    builders.saved(Consent(student_id=student.id, purpose="matching", version="2020-01", given_by="student", given_at=clock.now()))
    db.session.refresh(student, ["consents"])
    assert queries.for_matching() == []
    assert queries.consent(student, "matching") is None
    assert service.give_consent(student, "matching", by=builders.a_student_member(student).actor()).version == "2026-11"


@pytest.mark.parametrize(("age", "first"), [(13, True), (14, True), (15, False), (17, False), (None, True)])
def test_up_to_fourteen_the_guardian_comes_first(app: Flask, age: int | None, first: bool) -> None:
    today = clock.today()
    student = builders.a_student(consented=False, birth_on=None if age is None else date(today.year - age, 1, 1))
    actor = builders.a_student_member(student).actor()
    if first:
        with pytest.raises(Conflict):
            service.give_consent(student, "matching", by=actor)
        officer = builders.a_membership().actor()
        service.give_consent(student, "matching", by=officer, given_by="guardian", evidence="纸质，2026-11-01")
        assert queries.for_matching() == []  # the guardian's word opens the way, it does not replace the student's
    service.give_consent(student, "matching", by=actor)
    assert [s.id for s in queries.for_matching()] == [student.id]


# ── what the matcher reads ───────────────────────────────────────────────────────────────────────


def test_students_as_rows_fill_the_matcher_s_columns_with_the_same_number_of_questions(app: Flask) -> None:
    college = builders.a_college()
    skill, paper = builders.a_skill("PLC编程"), builders.a_skill("电工证", kind="certificate")
    first = builders.a_student(college, places=["441802"], least_pay_fen=300000)
    builders.has_skill(first, skill)
    builders.has_skill(first, paper)
    builders.a_student(college, consented=False, major_code="", birth_on=None)
    for _ in range(10):
        builders.a_student(college)
    everybody = list(db.session.scalars(sa.select(Student).order_by(Student.id)))
    with counted() as few:
        queries.as_rows(everybody[:2])
    with counted() as many:
        rows = queries.as_rows(everybody)
    assert len(few) == len(many) == 2
    table = problem.columns("students", rows)
    assert {"key", *problem.STUDENT_COLUMNS} - set(rows[0]) <= {"stage_from", "priority", "own_list_only", "refused", "fixed"}  # not in the register: unknown, or a round says it
    assert (rows[0]["skills"], rows[0]["certificates"], rows[0]["major_class"], rows[0]["major_category"]) == ([skill.code], [paper.code], "0603", "06")
    assert rows[0]["occupations"]
    assert rows[0]["consents"] is True
    assert rows[1]["consents"] is False
    assert rows[1]["occupations"] == []
    assert "电工技术" in rows[0]["text"]
    assert "学过" in rows[0]["text"]
    assert len(table) == 12


# ── activation and export ────────────────────────────────────────────────────────────────────────


def test_an_activation_link_ties_the_account_to_the_register(app: Flask) -> None:
    from consortium.accounts import service as accounts
    from consortium.shared.access import Role

    college = builders.a_college()
    student = builders.a_student(college, student_no="2024-A7")
    officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=student.tenant).actor()
    [(found, login, token)] = service.activation_links(officer, [student])
    assert found is student
    assert login == f"{college.moe_code}-2024-a7"
    membership = accounts.accept_invitation(token, accounts.prove(token, "eine lange Losung 7"))
    assert student.person_id == membership.person_id
    assert service.activation_links(officer, [student]) == []


def test_an_export_is_text_masked_and_recorded(app: Flask) -> None:
    from consortium.imports import service as imports
    from consortium.imports.kinds import EXPORTS
    from consortium.shared.access import Role
    from tests.workbooks import cells

    college = builders.a_college()
    _import(college, lawful(1, name="=HYPERLINK(1)"))
    officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=college.tenant).actor()
    data = imports.export_table(officer, EXPORTS["students"], [(name, name) for name in ("student_no", "name", "identity_tail")], {}, csv=False, word=str)
    assert cells(data)[1][:2] == ["2024000001", "=HYPERLINK(1)"]
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet["B2"].data_type == "s"
    assert lawful(1)[PLACE["identity"]] not in str(cells(data))
