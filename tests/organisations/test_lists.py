"""The three lists: owned by the firm, read by colleges when published, by the zone over all firms, exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from consortium.organisations.models import ListItem
from consortium.organisations.queries import lists as queries
from consortium.organisations.service import lists as service
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.spreadsheet import read_table
from tests import builders
from tests.conftest import Browser

Sign = Callable[..., Browser]


@pytest.fixture
def firm(app: Flask) -> Any:
    return builders.an_enterprise(industry_code="3252")


def test_a_row_is_drafted_published_changed_and_ended(firm: Any, signed_in_as: Sign) -> None:
    head, college, zone = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant)), signed_in_as(Role.COLLEGE_OFFICER), signed_in_as(Role.ZONE_OFFICER)
    fields = {"kind": "technology", "title": "铝材表面缺陷在线检测", "cooperation": "joint", "budget_fen": "200000.50", "until_on": (clock.today() + timedelta(90)).isoformat()}
    assert head.post("/three-lists", {**fields, "then": "draft"}).status_code == 303
    item = db.session.scalars(queries.visible_to(builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm.tenant).actor())).one()
    where, version = f"/three-lists/{item.public_id}", item.version
    assert item.budget_fen == 20_000_050
    db.session.rollback()
    assert "铝材表面" not in zone.get("/three-lists").get_data(as_text=True) and zone.client.get(where).status_code == 404, "a draft is the firm's own"
    assert head.post(where + "/publication").status_code == 303
    for reader in (college, zone):
        assert "铝材表面缺陷在线检测" in reader.get("/three-lists").get_data(as_text=True) and reader.client.get(where).status_code == 200
        assert reader.client.get(where + "/edit").status_code == 403
    stale = head.post(where + "/edit", {"version": str(version), "title": "另一题", "cooperation": "advice"})
    assert stale.status_code == 409 and "铝材表面缺陷在线检测" in stale.get_data(as_text=True), "published meanwhile: both versions are shown"
    db.session.expire_all()
    version = item.version
    db.session.rollback()
    assert head.post(where + "/edit", {"version": str(version), "title": "铝材缺陷检测", "cooperation": "commission"}).status_code == 303
    assert "铝材缺陷检测" in college.get("/three-lists?kind=technology").get_data(as_text=True)
    assert head.post(where + "/closure").status_code == 303
    assert college.client.get(where).status_code == 404 and zone.client.get(where).status_code == 200, "the zone keeps seeing what ended"
    assert head.post(where + "/edit", {"title": "x", "cooperation": "joint"}).status_code == 409


def test_another_firm_reaches_nothing_of_it(firm: Any, signed_in_as: Sign) -> None:
    item = builders.a_list_item(firm)
    other = signed_in_as(Role.ENTERPRISE_HEAD)
    for method, where in (("get", ""), ("get", "/edit"), ("post", "/edit"), ("post", "/closure"), ("post", "/publication")):
        answer = getattr(other, method)(f"/three-lists/{item.public_id}{where}")
        assert answer.status_code == 404, where


def test_the_zone_filters_over_all_firms_and_exports_what_it_sees(firm: Any, signed_in_as: Sign) -> None:
    other = builders.an_enterprise(industry_code="3982")
    builders.a_list_item(firm, "product", title="铝合金轮毂", standing="=1+1")
    builders.a_list_item(firm, "talent", title="熔铸技术员", class_key="0305", heads=12)
    builders.a_list_item(other, "talent", title="贴片工艺员", class_key="1101", heads=4)
    builders.a_list_item(other, "product", title="草稿产品", state="draft")
    zone = signed_in_as(Role.ZONE_OFFICER, lang="zh")
    page = zone.get("/three-lists?industry=新材料").get_data(as_text=True)
    assert "铝合金轮毂" in page and "熔铸技术员" in page and "贴片工艺员" not in page
    page = zone.get("/three-lists?kind=talent&class_key=1101").get_data(as_text=True)
    assert "贴片工艺员" in page and "熔铸技术员" not in page
    table = read_table(zone.client.get("/three-lists/export").data)
    told = {row[4].text: row for _no, row in table.rows}
    assert set(told) == {"铝合金轮毂", "熔铸技术员", "贴片工艺员"}
    assert told["铝合金轮毂"][6].text == "=1+1", "text, no formula"
    assert told["熔铸技术员"][11].text == "12" and told["熔铸技术员"][2].text == firm.credit_code
    assert len(read_table(zone.client.get("/three-lists/export?kind=product").data).rows) == 1
    assert signed_in_as(Role.COLLEGE_OFFICER).client.get("/three-lists/export").status_code == 403


@pytest.mark.parametrize(
    ("kind", "fields", "field"), [("talent", {"title": "电工"}, "class_key"), ("technology", {"title": "检测"}, "cooperation"), ("product", {"about": "说明"}, "title"), ("talent", {"title": "电工", "class_key": "0603", "heads": "-2"}, "heads")]
)
def test_what_is_missing_is_said_at_its_field_and_the_rest_stays(kind: str, fields: dict[str, str], field: str, firm: Any, signed_in_as: Sign) -> None:
    head = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))
    answer = head.post("/three-lists", {"kind": kind, "then": "publish", **fields})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and f'id="{field}-error"' in text
    assert all(value in text for value in fields.values())
    assert db.session.query(ListItem).count() == 0


def test_the_api_does_what_the_pages_do(firm: Any, signed_in_as: Sign) -> None:
    head = signed_in_as(builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm.tenant))
    made = head.send_json("POST", "/api/v1/three-lists", {"kind": "talent", "title": "电工", "class_key": "0603", "heads": 3, "publish": True}).get_json()
    assert (made["state"], made["version"]) == ("open", 2)
    where = f"/api/v1/three-lists/{made['id']}"
    body = {"title": "维修电工", "class_key": "0603", "heads": 5}
    assert head.send_json("PUT", where, {**body, "version": 1}).status_code == 409
    assert head.send_json("PUT", where, {**body, "version": 2}).get_json()["heads"] == 5
    assert head.send_json("POST", where + "/closure").status_code == 204
    assert signed_in_as(Role.COLLEGE_OFFICER).client.get("/api/v1/three-lists").get_json() == []
    assert head.send_json("POST", "/api/v1/three-lists", {"kind": "secret", "title": "x"}).status_code == 422


def test_an_ended_row_ends_once(firm: Any) -> None:
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant).actor()
    item = builders.a_list_item(firm)
    service.step(item, "end", by=boss)
    with pytest.raises(Conflict):
        service.step(item, "end", by=boss)
