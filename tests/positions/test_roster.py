"""Posts from a file: drafts by the enterprise's own code, every fault of a row, nothing published by it, and taken back."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import queries, tasks
from consortium.imports import service as imports
from consortium.imports.kinds import EXPORTS
from consortium.imports.models import Upload
from consortium.organisations.models import Enterprise
from consortium.positions import roster, service
from consortium.positions.models import Position
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from tests import builders
from tests.imports.conftest import work
from tests.workbooks import cells, saved, workbook

HEADER = [column.name + ("*" if column.needed else "") for column in roster.COLUMNS]
PLACE = {column.field: place for place, column in enumerate(roster.COLUMNS)}
Take = Callable[..., Upload]


def lawful(number: int = 1, **changed: Any) -> list[Any]:
    """A row of all columns without a fault."""
    given = {column.field: column.example for column in roster.COLUMNS} | {"own_code": f"GW-{number:03d}", "family": "装配", "majors": "机电一体化技术、自动化类"}
    given |= {"must": "电气识图", "nice": "PLC编程", "occupation_code": "机修钳工", "contract_months": "", "probation_months": ""} | changed
    return [given[column.field] for column in roster.COLUMNS]


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    found = builders.an_enterprise()
    builders.a_family(found, name="装配")
    for name in ("电气识图", "PLC编程"):
        builders.a_skill(name)
    db.session.commit()
    return found


@pytest.fixture
def member(firm: Enterprise) -> Membership:
    found = builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm.tenant)
    db.session.commit()
    return found


@pytest.fixture
def uploaded(app: Flask, member: Membership) -> Take:
    def take(rows: list[list[Any]] | bytes) -> Upload:
        data = rows if isinstance(rows, bytes) else workbook([HEADER, *rows])
        number = imports.upload(member.actor(), "positions", "岗位.xlsx", data, app.config["ID_KEY"]).id
        db.session.commit()
        work(tasks.read_upload, number)
        db.session.expire_all()
        return db.session.get_one(Upload, number)

    return take


@pytest.fixture
def applied(member: Membership) -> Take:
    def write(upload: Upload, undo: bool = False) -> Upload:
        number = upload.id
        if undo:
            imports.ask_to_undo(upload, by=member.actor())
        else:
            imports.ask_to_apply(upload, all_or_none=False, by=member.actor())
        db.session.commit()
        work(tasks.apply_upload, number)
        db.session.expire_all()
        return db.session.get_one(Upload, number)

    return write


def _posts() -> list[Position]:
    return list(db.session.scalars(sa.select(Position).order_by(Position.id)))


def test_posts_become_drafts_and_the_same_file_again_changes_nothing(uploaded: Take, applied: Take) -> None:
    rows = [lawful(1), lawful(2, kind="就业", contract_months="24", probation_months="2", start_on="", end_on="")]
    upload = uploaded(rows)
    assert upload.counts["new"] == 2, queries.faulty(upload)[0].problems
    assert applied(upload).stage == "imported"
    one, two = _posts()
    assert (one.state, two.state, one.kind, two.kind) == ("draft", "draft", "internship", "job")
    assert (one.pay_fen, one.seats.places, one.hours_per_day, one.night, one.hazards) == (300_000, 5, 8.0, False, [])
    assert {(m.depth, m.code) for m in one.majors} == {("major", "460301"), ("class", "0603")} or len(one.majors) >= 2
    assert [s.skill.name_zh for s in one.skills if s.must] == ["电气识图"]
    again = uploaded(rows)
    assert (again.counts["unchanged"], again.counts["updated"]) == (2, 0)


def test_an_export_uploaded_again_changes_nothing_also_for_posts_made_by_hand(uploaded: Take, applied: Take, member: Membership, firm: Enterprise) -> None:
    applied(uploaded([lawful(1), lawful(2, tasks="甲；乙", hazards="无", majors="")]))
    builders.a_position(firm, state="draft", title="手工录入")
    db.session.commit()
    found = EXPORTS["positions"]
    fields = [(name, heading) for name, heading in found.usual() if name in found.shapes["register"]]
    for csv in (False, True):
        data = imports.export_table(member.actor(), found, fields, {}, csv=csv, word=str)
        db.session.rollback()
        again = uploaded(data)
        assert again.stage == "checked", again.refusal
        assert (again.counts["unchanged"], again.counts["error"]) == (3, 0), [row.problems for row in queries.faulty(again)]


WRONG: dict[str, tuple[Any, str]] = {
    "own_code": ("GW/1", "code-shape"), "kind": ("兼职", "not-among-choices"), "title": ("限男焊工", "forbidden-discrimination"), "duties": ("需交押金200元", "forbidden-fees"),
    "tasks": ("甲" * 201, "too-long"), "occupation_code": ("占星师傅", "unknown-occupation"), "family": ("不存在", "unknown-family"), "places": ("0", "out-of-range"),
    "place_code": ("火星", "unknown-place"), "place_note": ("路" * 201, "too-long"), "start_on": ("明年", "day-shape"), "end_on": ("2027-01-01", "last-before-first"),
    "majors": ("炼丹", "unknown-major"), "level_least": ("博士", "not-among-choices"), "must": ("飞行", "unknown-skill"), "nice": ("飞行", "unknown-skill"),
    "pay_fen": ("面议", "not-a-number"), "same_post_pay_fen": ("x", "not-a-number"), "lowest_grade_fen": ("-1", "not-a-number"), "pay_period_days": ("400", "out-of-range"),
    "pay_to_student": ("也许", "not-among-choices"), "pay_in_kind": ("?", "not-among-choices"), "fees": ("?", "not-among-choices"), "board": ("?", "not-among-choices"),
    "lodging": ("?", "not-among-choices"), "hours_per_day": ("25", "out-of-range"), "hours_per_week": ("八", "not-a-number"), "night": ("?", "not-among-choices"),
    "rest_days": ("?", "not-among-choices"), "overtime": ("?", "not-among-choices"), "labour_level": ("Ⅴ", "not-among-choices"), "venue": ("太空", "not-among-choices"),
    "hazards": ("龙", "unknown-hazard"), "contract_months": ("0", "out-of-range"), "probation_months": ("13", "out-of-range"),
}  # fmt: skip


def test_every_column_wrong_once_is_caught_with_its_row(uploaded: Take) -> None:
    assert set(WRONG) == set(PLACE)
    upload = uploaded([lawful(number, **{field: value}) for number, (field, (value, _)) in enumerate(WRONG.items())])
    told = {row.row_no: {(p["column"], p["code"]) for p in row.problems} for row in queries.faulty(upload)}
    missed = [field for number, (field, (_, code)) in enumerate(WRONG.items(), 2) if (roster.BY_FIELD[field].name, code) not in told.get(number, ())]
    assert missed == []


def test_a_published_post_is_not_changed_by_a_file(uploaded: Take, applied: Take) -> None:
    applied(uploaded([lawful(1)]))
    db.session.execute(sa.update(Position).values(state="open"))
    db.session.commit()
    upload = uploaded([lawful(1, places="9")])
    assert (upload.counts["conflict"], queries.faulty(upload)[0].problems[0]["code"]) == (1, "published")
    assert uploaded([lawful(1)]).counts["unchanged"] == 1


def test_an_import_of_posts_is_taken_back_but_for_what_was_published_or_changed(uploaded: Take, applied: Take) -> None:
    applied(uploaded([lawful(1)]))
    done = applied(uploaded([lawful(1, places="9", duties="焊接"), lawful(2), lawful(3), lawful(4)]))
    two, three = _posts()[1:3]
    two.state, three.title = "open", "后来改名"
    db.session.commit()
    assert applied(done, undo=True).stage == "undone"
    assert [(p.own_code, p.seats.places, p.duties) for p in _posts()] == [("GW-001", 5, "检修自动化产线设备"), ("GW-002", 5, "检修自动化产线设备"), ("GW-003", 5, "检修自动化产线设备")]
    assert [row.row_no for row in queries.taken_back(done)[1]] == [3, 4]


def test_the_template_is_what_is_read_and_another_firm_s_codes_are_its_own(uploaded: Take, applied: Take) -> None:
    book = openpyxl.load_workbook(io.BytesIO(service.template("zh")))
    assert [cell.value for cell in book.worksheets[0][1]] == HEADER
    for place, value in enumerate(lawful(1), 1):
        book.worksheets[0].cell(2, place, value)
    theirs = builders.a_position(builders.an_enterprise(), own_code="GW-001", title="别家")
    db.session.commit()
    upload = uploaded(saved(book))
    assert (upload.counts["new"], upload.columns["unknown"]) == (1, [])
    applied(upload)
    db.session.refresh(theirs)
    assert theirs.title == "别家"


def test_a_member_imports_posts_and_exports_chosen_columns_on_the_pages(signed_in_as: Any, member: Membership) -> None:
    office = signed_in_as(member)
    assert "Import posts" in office.get("/imports").get_data(as_text=True)
    sent = office.post("/imports", {"file": (io.BytesIO(workbook([HEADER, lawful(1), lawful(2, majors="炼丹")])), "岗位.xlsx"), "mode": "both"})
    number = db.session.query(Upload).one().id
    db.session.rollback()
    work(tasks.read_upload, number)
    page = office.get(sent.headers["Location"]).get_data(as_text=True)
    assert "Words that are not known" in page
    assert "炼丹" in page
    assert office.post(sent.headers["Location"] + "/application").status_code == 303
    work(tasks.apply_upload, number)
    told = office.post("/exports/positions", {"c": ["title", "places"], "h-places": "需求", "format": "xlsx"})
    assert cells(office.get(told.headers["Location"]).get_data()) == [["岗位名称", "需求"], ["设备维修实习生", "5"]]


def test_coded_values_that_are_not_known_are_asked_about_with_suggestions(app: Any, uploaded: Take, applied: Take, member: Membership, firm: Enterprise) -> None:
    builders.a_family(firm, name="设备维护")
    db.session.commit()
    upload = uploaded([lawful(1, family="设备维护岗", occupation_code="机修钳工人", place_code="清城", hazards="粉尘", venue="车间")])
    asked = {field: word for field, word, _n in upload.columns["asked"]}
    assert asked == {"family": "设备维护岗", "occupation_code": "机修钳工人", "place_code": "清城", "hazards": "粉尘", "venue": "车间"}
    likely = {field: [label for _value, label in service.likely(firm.tenant_id, field, word)] for field, word in asked.items()}
    assert likely["family"][0] == "设备维护"
    assert "机修钳工" in likely["occupation_code"][0]
    assert "清城区" in likely["place_code"]
    assert "粉尘作业（Ⅰ级及以上）" in likely["hazards"]
    assert "工厂或车间" in likely["venue"]
    other = builders.an_enterprise()
    assert "设备维护" not in [label for _value, label in service.likely(other.tenant_id, "family", "设备维护岗")]  # another firm's words stay its own
    chosen = {field: {word: service.likely(firm.tenant_id, field, word)[0][0]} for field, word in asked.items() if field != "hazards"}
    chosen |= {"hazards": {"粉尘": "粉尘作业（Ⅰ级及以上）"}, "place_code": {"清城": "清城区"}, "venue": {"车间": "工厂或车间"}}
    imports.decide(upload, {"answers": chosen}, by=member.actor())
    number = upload.id
    db.session.commit()
    work(tasks.read_upload, number)
    upload = db.session.get_one(Upload, number)
    assert (upload.counts["new"], upload.columns["asked"]) == (1, []), [row.problems for row in queries.faulty(upload)]
    db.session.rollback()
    assert uploaded([lawful(2, family="设备维护岗", hazards="粉尘", venue="车间")]).counts["new"] == 1  # remembered for the next file


def test_a_word_that_no_list_has_is_refused_as_an_answer(uploaded: Take, member: Membership) -> None:
    upload = uploaded([lawful(1, family="不存在", place_code="火星")])
    for field, word, told in (("family", "不存在", "也不存在"), ("place_code", "火星", "金星")):
        with pytest.raises(Invalid):
            imports.decide(upload, {"answers": {field: {word: told}}}, by=member.actor())
        db.session.rollback()
        upload = db.session.get_one(Upload, upload.id)


def test_wrong_posts_are_mended_in_the_page_by_the_same_engine(app: Any, uploaded: Take, applied: Take, member: Membership) -> None:
    upload = uploaded([lawful(1), lawful(2, places="0")])
    place = next(number for number, name in enumerate(HEADER) if name.startswith("招收人数"))
    assert imports.mend(upload, {3: {place: "4"}}, key=app.config["ID_KEY"], by=member.actor()) == (1, 0)
    db.session.commit()
    applied(upload)
    assert sorted(post.seats.places for post in _posts()) == [4, 5]
