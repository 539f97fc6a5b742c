"""What people decide about a file: which column is which, what a word means, how it is written, who gives way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import columns as cols
from consortium.imports import queries, service
from consortium.imports.models import ImportMemory, Upload, UploadRow
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.students import roster
from consortium.students import service as students
from consortium.students.models import Student
from tests import builders
from tests.imports.conftest import KEY
from tests.students.rosters import HEADER, PLACE, lawful

Take = Callable[..., Upload]


def _student(number: int = 1) -> Student:
    return db.session.scalars(sa.select(Student).where(Student.student_no == f"2024{number:06d}")).one()


def _renamed(**names: str) -> list[str]:
    return [names.get(column.field, column.name) for column in roster.COLUMNS]


def _verdicts(upload: Upload) -> dict[int, str]:
    rows = sa.select(UploadRow).where(UploadRow.upload_id == upload.id).order_by(UploadRow.row_no)
    return {row.row_no: row.verdict for row in db.session.scalars(rows)}


# ── columns ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (["学号", "姓名", "学生手机号码"], {2: "phone"}), (["学号", "姓名", "所学专业名称"], {2: "major"}), (["学号", "姓名", "备注"], {}),
        (["学号", "手机号", "联系电话"], {2: "phone"}), (["学号", "姓名", "Mobile phones"], {2: "phone"}), (["学号", "姓名", "错误原因"], {}),
    ],
)  # fmt: skip
def test_a_likely_column_is_suggested_and_never_taken_as_known(header: list[str], told: dict[int, str]) -> None:
    assert cols.suggestions(roster.COLUMNS, header) == told
    assert not set(told) & set(roster.mapping(header)) or header[1] == "手机号"


def test_an_exact_name_wins_over_an_alias_that_stands_before_it() -> None:
    assert {place: c.field for place, c in roster.mapping(["电话", "手机号"]).items()} == {1: "phone"}


def test_a_column_named_otherwise_is_asked_once_and_remembered_for_the_college(uploaded: Take, decided: Take, officer: Membership) -> None:
    header = _renamed(student_no="学生学籍编号", phone="学生联系方式")
    upload = uploaded([lawful(1)], header)
    assert upload.stage == "asking"
    assert upload.columns["missing"] == ["学号"]
    assert "student_no" in upload.columns["suggested"].values()
    with pytest.raises(Conflict):
        service.ask_to_apply(upload, all_or_none=False, by=officer.actor())
    places = {str(place): column.field for place, column in enumerate(roster.COLUMNS)}
    upload = decided(upload, columns=places)
    assert (upload.stage, upload.counts["new"]) == ("checked", 1)
    again = uploaded([lawful(1), lawful(2)], header)
    assert (again.stage, again.counts["new"]) == ("checked", 2)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportMemory)) == 2


def test_a_column_that_is_said_not_to_be_read_is_not_asked_about_again(uploaded: Take, decided: Take) -> None:
    header = [*HEADER, "学生手机号码"]
    rows = [[*lawful(1), "13900002222"]]
    header[PLACE["phone"]] = "备用"
    upload = uploaded(rows, header)
    assert upload.stage == "asking"
    chosen = {str(place): column.field for place, column in enumerate(roster.COLUMNS)} | {str(PLACE["phone"]): "", str(len(HEADER)): ""}
    assert decided(upload, columns=chosen).columns["unknown"] == ["备用", "学生手机号码"]
    assert uploaded([*rows, [*lawful(2), ""]], header).stage == "checked"


def test_two_columns_for_one_field_and_a_missing_one_are_refused_in_words(uploaded: Take, decided: Take) -> None:
    upload = uploaded([[*lawful(1), "13900002222"]], [*HEADER, "电话"])
    assert upload.stage == "asking"
    with pytest.raises(Invalid) as refused:
        decided(upload, columns={"0": "student_no", "1": "student_no"})
    said = " ".join(str(one) for one in refused.value.fields["columns"])
    assert "学号" in said
    assert "姓名" in said


def test_another_college_does_not_inherit_what_this_one_said(uploaded: Take, decided: Take, app: Flask) -> None:
    header = _renamed(student_no="学生学籍编号")
    decided(uploaded([lawful(1)], header), columns={str(place): column.field for place, column in enumerate(roster.COLUMNS)})
    other = builders.a_college()
    assert queries.memories(other.tenant_id, "students") == []


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def test_one_unknown_major_of_many_rows_is_decided_once_and_remembered(uploaded: Take, decided: Take, imported: Take) -> None:
    rows = [lawful(n, major="机电一体化") for n in range(30)] + [lawful(99)]
    upload = uploaded(rows)
    assert upload.counts["error"] == 30
    assert upload.columns["asked"] == [["major", "机电一体化（高职专科）", 30]]
    assert students.likely(1, "major", "机电一体化（高职专科）")[0][0] == "460301"
    upload = decided(upload, answers={"major": {"机电一体化（高职专科）": "460301"}})
    assert (upload.counts["error"], upload.counts["new"], upload.columns["asked"]) == (0, 31, [])
    imported(upload)
    assert _student(3).major_code == "460301"
    assert uploaded([lawful(200, major="机电一体化")]).counts["new"] == 1


def test_a_word_that_is_no_major_of_that_level_is_refused(uploaded: Take, decided: Take) -> None:
    upload = uploaded([lawful(1, major="机电一体化")])
    for told in ("火星学", "660301"):
        with pytest.raises(Invalid):
            decided(upload, answers={"major": {"机电一体化（高职专科）": told}})


def test_unknown_skills_and_choices_are_decided_too_and_a_skill_may_be_left_out(uploaded: Take, decided: Take, imported: Take) -> None:
    builders.a_skill("PLC编程")
    upload = uploaded([lawful(1, skills="西门子PLC、摸鱼", level="三年制大专")])
    assert {(field, told) for field, told, _ in upload.columns["asked"]} == {("skills", "西门子PLC"), ("skills", "摸鱼"), ("level", "三年制大专")}
    upload = decided(upload, answers={"skills": {"西门子PLC": "PLC编程", "摸鱼": "-"}, "level": {"三年制大专": "高职专科"}})
    assert upload.counts["new"] == 1
    imported(upload)
    assert [one.skill.name_zh for one in _student().skills] == ["PLC编程"]
    assert _student().level == "高职专科"


# ── modes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mode", "told"),
    [("both", ["updated", "new"]), ("new", ["skipped", "new"]), ("update", ["updated", "skipped"]), ("fill", ["unchanged", "skipped"])],
)
def test_a_mode_says_which_rows_are_written(uploaded: Take, imported: Take, mode: str, told: list[str]) -> None:
    imported(uploaded([lawful(1)]))
    upload = uploaded([lawful(1, courses="焊接"), lawful(2)], mode=mode)
    assert list(_verdicts(upload).values()) == told
    assert sum(upload.counts.values()) == 2
    if upload.counts["new"] + upload.counts["updated"]:
        imported(upload)
    assert _student().courses == ("焊接" if "updated" in told else "电工技术、机械制图")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == 1 + told.count("new")


def test_filling_writes_only_into_what_is_empty(uploaded: Take, imported: Take) -> None:
    builders.a_skill("PLC编程")
    imported(uploaded([lawful(1, courses="", phone="", identity="")]))
    upload = uploaded([lawful(1, courses="焊接", skills="PLC编程", wish="质检", class_name="别的班")], mode="fill")
    assert list(_verdicts(upload).values()) == ["updated"]
    imported(upload)
    filled = _student()
    assert (filled.courses, filled.phone, filled.wish) == ("焊接", "19900000001", "设备维修")
    assert filled.identity_hash
    assert filled.school_class.name == "机电2401班"
    assert [one.skill.name_zh for one in filled.skills] == ["PLC编程"]


def test_the_mode_may_be_changed_after_the_check(uploaded: Take, decided: Take) -> None:
    upload = uploaded([lawful(1)], mode="update")
    assert upload.counts["skipped"] == 1
    assert decided(upload, mode="both").counts["new"] == 1
    with pytest.raises(Invalid):
        decided(upload, mode="delete")


# ── conflicts and own edits ──────────────────────────────────────────────────────────────────────


def test_a_conflict_shows_both_values_and_is_written_only_after_a_tick(
    app: Flask, uploaded: Take, imported: Take, officer: Membership
) -> None:
    imported(uploaded([lawful(1), lawful(2)]))
    other = lawful(3)[PLACE["identity"]]
    upload = uploaded([lawful(1, name="王五"), lawful(2, identity=other, birth_on="", sex="")])
    assert upload.counts["conflict"] == 2
    rows = queries.rows(upload, "conflict").rows
    shown = service.differences(upload, rows, app.config[KEY])
    assert [(d.column, d.told) for d in shown[2]] == [("姓名", "王五")]
    assert "身份证号" in {d.column for d in shown[3]}
    assert other not in str(shown)
    assert service.settle(upload, [2], take=True, key=app.config[KEY], by=officer.actor()) == (1, 0)
    assert service.settle(upload, [3], take=False, key=app.config[KEY], by=officer.actor()) == (1, 0)
    assert (upload.counts["updated"], upload.counts["skipped"], upload.counts["conflict"]) == (1, 1, 0)
    db.session.commit()
    imported(upload)
    assert _student(1).name == "王五"
    assert _student(2).identity_tail.endswith(lawful(2)[PLACE["identity"]][-4:])


def test_an_identity_number_of_somebody_else_can_only_be_mended_in_the_file(app: Flask, uploaded: Take, imported: Take, officer: Membership) -> None:
    imported(uploaded([lawful(1)]))
    upload = uploaded([lawful(9, identity=lawful(1)[PLACE["identity"]], sex="", birth_on="")])
    assert service.settle(upload, [2], take=True, key=app.config[KEY], by=officer.actor()) == (0, 1)
    assert upload.counts["conflict"] == 1


def test_an_identity_number_or_a_student_number_twice_is_caught_across_batches(uploaded: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    twin = lawful(8, identity=lawful(1)[PLACE["identity"]], sex="", birth_on="")
    upload = uploaded([lawful(1), lawful(2), lawful(3), lawful(2), twin, lawful(6)])
    assert list(_verdicts(upload).values()) == ["conflict", "error", "new", "error", "conflict", "new"]
    assert sum(upload.counts.values()) == 6


def test_own_edits_give_way_only_where_the_officer_says_so(uploaded: Take, imported: Take, decided: Take) -> None:
    imported(uploaded([lawful(1)]))
    member = builders.a_student_member(_student())
    students.save_profile(_student(), {"wish": "质检", "wants_zone": False}, None, by=member.actor())
    db.session.commit()
    upload = uploaded([lawful(1, wish="焊接")])
    assert upload.columns["kept"] == {"wish": 1, "wants_zone": 1}
    assert upload.counts["unchanged"] == 1
    upload = decided(upload, override=["wish", "no-such-field"])
    assert (upload.counts["updated"], upload.columns["kept"]) == (1, {"wants_zone": 1})
    imported(upload)
    assert (_student().wish, _student().wants_zone) == ("焊接", False)


def test_every_column_wrong_once_is_caught_with_its_row(uploaded: Take) -> None:
    wrong: dict[str, Any] = {
        "student_no": "2024/1", "name": "李" * 81, "sex": "X", "identity": "440000200508080011", "birth_on": "2005-13-01", "phone": "123", "email": "li@",
        "level": "博士", "major": "占星术", "class_name": "班" * 61, "enrolled_on": "九月", "graduates_on": "2027-06-31", "guardian_name": "李" * 81,
        "guardian_phone": "0763", "courses": "课" * 1001, "skills": "飞行", "certificates": "驾龙证", "wish": "想" * 201, "wants_internship": "?",
        "wants_job": "?", "wants_zone": "也许", "shift_ok": "夜", "available_from": "明年", "available_until": "2027-01-03", "least_pay_fen": "面议", "places": "火星", "stage_from": "高二",
    }  # fmt: skip
    assert set(wrong) == set(PLACE)
    upload = uploaded([lawful(number, **{field: value}) for number, (field, value) in enumerate(wrong.items())])
    told = {row.row_no: {p["column"] for p in row.problems} for row in queries.faulty(upload)}
    assert {number: roster.BY_FIELD[field].name in told.get(number, ()) for number, field in enumerate(wrong, 2)} == dict.fromkeys(range(2, 29), True)
