"""The pages of posts and rules: the posting form, its refusals, the steps, the reach of each role."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from consortium.accounts.models import Membership
from consortium.organisations.models import Enterprise
from consortium.positions.models import Position
from consortium.shared import clock
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db
from tests import builders


@pytest.fixture
def firm(app: Any) -> Enterprise:
    return builders.an_enterprise()


def head(firm: Enterprise, role: Role = Role.ENTERPRISE_HEAD) -> Membership:
    return builders.a_membership(role, tenant=firm.tenant)


def fields(firm: Enterprise, **given: Any) -> dict[str, Any]:
    """A lawful internship as a browser sends it."""
    start = clock.today() + timedelta(days=60)
    family = given.pop("family", None) or builders.a_family(firm).id
    db.session.commit()
    return {
        "kind": "internship", "title": "设备维修技术员", "duties": "点检与维修", "tasks": "点检\n排查", "places": "3", "family": str(family), "venue": "factory",
        "place_code": "441802400", "start_on": start.isoformat(), "end_on": (start + timedelta(days=170)).isoformat(), "majors": "C:0603",
        "pay_fen": "3500", "same_post_pay_fen": "4000", "lowest_grade_fen": "3000", "pay_period_days": "30", "pay_to_student": "yes",
        "pay_in_kind": "no", "fees": "no", "night": "no", "rest_days": "no", "overtime": "no", "hours_per_day": "8", "hours_per_week": "40",
        "labour_level": "2", **given,
    }  # fmt: skip


def only_post() -> Position:
    db.session.expire_all()
    return db.session.scalars(sa.select(Position)).one()


def at_field(page: str, name: str) -> str:
    found = re.search(rf'<p class="error" id="{name}-error">(.*?)</p>', page, re.S)
    assert found, f"no error at {name}"
    return found.group(1)


def test_a_post_is_published_from_one_form(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    page = browser.get("/positions/new").get_data(as_text=True)
    assert all(f"<h2>{n} · " in page for n in (1, 2, 3, 4))
    answer = browser.post("/positions", fields(firm, publish="1"))
    assert answer.status_code == 303
    position = only_post()
    assert (position.state, position.tasks, position.pay_fen, position.night) == ("open", ["点检", "排查"], 350_000, False)
    shown = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "设备维修技术员" in shown
    assert f"/positions/{position.public_id}/candidates" in shown


def test_a_draft_may_be_saved_with_the_least(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    answer = browser.post("/positions", {"kind": "job", "title": "电工", "duties": "接线", "places": "1"})
    assert answer.status_code == 303
    assert only_post().state == "draft"


@pytest.mark.parametrize(
    ("given", "name", "words"),
    [
        ({"venue": "ktv"}, "venue", "酒吧"),
        ({"night": "yes"}, "night", "夜班"),
        ({"duties": "须交押金"}, "duties", "押金"),
        ({"labour_level": "4"}, "labour_level", "Ⅲ级"),
        ({"pay_fen": "2000"}, "pay_fen", "80%"),
        ({"places": "13"}, "places", "18"),
    ],
)
def test_an_unlawful_post_is_refused_at_the_form_and_nothing_typed_is_lost(
    firm: Enterprise, signed_in_as: Any, given: dict[str, Any], name: str, words: str
) -> None:
    browser = signed_in_as(head(firm), lang="zh")
    family = builders.a_family(firm, staff=200 if name != "places" else 60).id
    if name == "places":
        builders.a_position(firm, places=1)
        given = {"places": "19"}
    answer = browser.post("/positions", fields(firm, publish="1", family=family, title="很长的标题", **given))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in at_field(page, name)
    assert 'class="error-summary"' in page
    assert f'href="#{name}"' in page
    assert 'value="很长的标题"' in page
    assert 'value="40"' in page or 'value="40.0"' in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Position).where(Position.title == "很长的标题")) == 0


def test_a_warning_is_passed_with_a_recorded_reason_which_the_zone_sees(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    answer = browser.post("/positions", fields(firm, publish="1", pay_fen="2000"))
    assert at_field(answer.get_data(as_text=True), "pay_reason")
    answer = browser.post("/positions", fields(firm, publish="1", pay_fen="2000", pay_reason="Board and lodging are free"))
    assert answer.status_code == 303
    page = signed_in_as(Role.ZONE_OFFICER).get(answer.headers["Location"]).get_data(as_text=True)
    assert "Board and lodging are free" in page


@pytest.mark.parametrize("given", [{"places": "many"}, {"start_on": "31.02.2027"}, {"pay_fen": "lots"}, {"kind": "slavery"}, {"hours_per_day": "nan"}])
def test_unreadable_values_are_told_at_their_fields(firm: Enterprise, signed_in_as: Any, given: dict[str, str]) -> None:
    answer = signed_in_as(head(firm)).post("/positions", fields(firm, **given))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert at_field(page, next(iter(given)))
    assert "点检与维修" in page


def test_a_form_sent_twice_makes_one_post(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    given = fields(firm, form_key=str(uuid.uuid4()))
    first, second = browser.post("/positions", given), browser.post("/positions", given)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    only_post()


def test_a_refused_form_can_be_mended_and_sent_again(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    given = fields(firm, publish="1", venue="bar", form_key=str(uuid.uuid4()))
    assert browser.post("/positions", given).status_code == 422
    assert browser.post("/positions", {**given, "venue": "factory"}).status_code == 303


def test_the_edit_form_shows_what_is_saved(firm: Enterprise, signed_in_as: Any) -> None:
    plc = builders.a_skill("PLC")
    position = builders.a_position(firm, must=(plc,), state="draft", hazards=["dust"], contract_months=12)
    page = signed_in_as(head(firm)).get(f"/positions/{position.public_id}/edit").get_data(as_text=True)
    for value in (position.title, "C:0603", plc.code, "3500", "点检"):
        assert value in page
    assert re.search(r'<input[^>]*checked[^>]*value="dust"', page)
    assert f'<option selected value="{position.family_id}">' in page
    assert '<option selected value="2">' in page


def test_saving_an_unchanged_edit_form_changes_nothing(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    position = builders.a_position(firm, state="draft", labour_level=2)
    given = fields(firm, family=position.family_id, version=str(position.version), title=position.title, duties=position.duties, places="3")
    assert browser.post(f"/positions/{position.public_id}/edit", given).status_code == 303
    saved = only_post()
    assert (saved.title, saved.pay_fen, saved.labour_level, saved.seats.places) == (position.title, 350_000, 2, 3)


def test_a_stale_form_gets_both_versions_and_overwrites_nothing(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    position = builders.a_position(firm, state="draft")
    given = fields(firm, family=position.family_id, version=str(position.version))
    address = f"/positions/{position.public_id}/edit"
    assert browser.post(address, {**given, "title": "The first"}).status_code == 303
    answer = browser.post(address, {**given, "title": "The second"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "The first" in page
    assert "The second" in page
    assert "Duties" not in page, "what is the same on both sides needs no comparing"
    assert "object at" not in page
    assert "&lt;" not in page
    assert only_post().title == "The first"


def test_two_tabs_publishing_four_each_with_seven_left_get_one_place_and_one_clear_no(signed_in_as: Any) -> None:
    firm = builders.an_enterprise(staff=70)
    family = builders.a_family(firm, staff=100).id
    browser = signed_in_as(head(firm))
    answers = [browser.post("/positions", fields(firm, family=family, places="4", publish="1")) for _tab in range(2)]
    assert [a.status_code for a in answers] == [303, 422]
    said = at_field(answers[1].get_data(as_text=True), "places")
    assert all(number in said for number in ("1", "10%", "7", "4"))


def test_publish_pause_close_and_copy(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    position = builders.a_position(firm, state="draft")
    public_id = position.public_id
    db.session.commit()
    for step, state in (("publication", "open"), ("pause", "paused"), ("publication", "open"), ("closure", "closed")):
        assert browser.post(f"/positions/{public_id}/{step}", {"reason": "filled"} if step == "closure" else {}).status_code == 303
        assert only_post().state == state
    assert browser.post(f"/positions/{public_id}/pause").status_code == 409
    answer = browser.post(f"/positions/{public_id}/copies")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/edit")
    assert browser.get(answer.headers["Location"]).status_code == 200


def test_publishing_an_unlawful_draft_opens_its_form_with_the_reasons_beside_the_fields(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm, state="draft", venue="bar", fees=None)
    browser = signed_in_as(head(firm))
    answer = browser.post(f"/positions/{position.public_id}/publication")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert at_field(page, "venue")
    assert at_field(page, "fees")
    assert f'action="/positions/{position.public_id}/edit"' in page
    assert only_post().state == "draft"


def test_an_enterprise_without_kinds_of_posts_is_shown_where_to_add_one(signed_in_as: Any) -> None:
    firm = builders.an_enterprise()
    page = signed_in_as(head(firm)).get("/positions/new").get_data(as_text=True)
    assert "/enterprise" in page
    assert "no kind of post" in page


@pytest.mark.parametrize("role", [Role.ENTERPRISE_HEAD, Role.MENTOR, Role.COLLEGE_OFFICER, Role.CLASS_ADVISER, Role.ZONE_HEAD])
def test_the_page_of_an_open_post_opens_for_whom_it_concerns(firm: Enterprise, signed_in_as: Any, role: Role) -> None:
    position = builders.a_position(firm, must=(builders.a_skill("PLC"),))
    member = head(firm, role) if role in (Role.ENTERPRISE_HEAD, Role.MENTOR) else role
    answer = signed_in_as(member).get(f"/positions/{position.public_id}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert position.duties in page
    assert ("Rules of law" in page) == (role not in (Role.COLLEGE_OFFICER, Role.CLASS_ADVISER))
    assert ("/closure" in page) == (role is Role.ENTERPRISE_HEAD)


def test_a_student_is_led_to_why_it_fits(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm)
    answer = signed_in_as(builders.a_student_member()).get(f"/positions/{position.public_id}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/matches/{position.public_id}"


@pytest.mark.parametrize("role", [Role.COLLEGE_HEAD, Role.ZONE_OFFICER, Role.MENTOR, Role.STUDENT])
@pytest.mark.parametrize("step", ["publication", "pause", "closure", "copies", "edit"])
def test_only_the_enterprises_office_changes_a_post(firm: Enterprise, signed_in_as: Any, role: Role, step: str) -> None:
    position = builders.a_position(firm)
    member = head(firm, role) if role is Role.MENTOR else role
    assert signed_in_as(member).post(f"/positions/{position.public_id}/{step}").status_code == 403


def test_another_enterprise_finds_nothing(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm)
    stranger = signed_in_as(head(builders.an_enterprise()))
    for step in ("", "/edit"):
        assert stranger.get(f"/positions/{position.public_id}{step}").status_code == 404
    assert stranger.post(f"/positions/{position.public_id}/closure").status_code == 404
    assert only_post().state == "open"


@pytest.mark.parametrize("role", [Role.ENTERPRISE_HEAD, Role.COLLEGE_OFFICER, Role.ZONE_OFFICER])
def test_the_list_of_posts_is_filtered_by_its_address(firm: Enterprise, signed_in_as: Any, role: Role) -> None:
    builders.a_position(firm, title="甲岗位")
    builders.a_position(firm, title="乙岗位", state="paused")
    browser = signed_in_as(head(firm) if role is Role.ENTERPRISE_HEAD else role)
    page = browser.get("/positions?state=paused").get_data(as_text=True)
    assert "乙岗位" in page
    assert "甲岗位" not in page
    assert "No post fits" in browser.get("/positions?query=%25").get_data(as_text=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_rules_stand_in_words_with_where_the_open_posts_stand(firm: Enterprise, signed_in_as: Any, lang: str) -> None:
    builders.a_position(firm, title="有夜班", night=True)
    officer = signed_in_as(Role.ZONE_OFFICER, lang=lang)
    page = officer.get("/rules").get_data(as_text=True)
    assert ("加班和上夜班" in page) == (lang == "zh")
    assert "R26" in page
    assert "J06" in page
    one = officer.get("/rules/R26").get_data(as_text=True)
    assert "有夜班" in one
    for code in ("R17", "R15", "H01", "C01"):
        assert officer.get(f"/rules/{code}").status_code == 200
    assert officer.get("/rules/R99").status_code == 404


def test_rules_are_for_the_zone(signed_in_as: Any) -> None:
    assert signed_in_as(Role.COLLEGE_HEAD).get("/rules").status_code == 403


@pytest.mark.parametrize("address", ["/positions", "/rules"])
def test_the_number_of_queries_does_not_grow_with_the_number_of_posts(firm: Enterprise, signed_in_as: Any, address: str) -> None:
    def counted() -> int:
        browser = signed_in_as(builders.a_membership(Role.ZONE_OFFICER, tenant=zone))
        browser.get(address)
        seen: list[str] = []
        note = lambda *told: seen.append(told[2])  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert browser.get(address).status_code == 200
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    zone = builders.a_tenant(TenantKind.ZONE)
    builders.a_position(firm)
    before = counted()
    for _turn in range(12):
        builders.a_position(must=(builders.a_skill(),))
    db.session.commit()
    assert counted() == before
