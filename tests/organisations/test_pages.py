"""Pages of enterprises: one's own, the list, verification, visits, typeahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask

from consortium.organisations import queries
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders

Sign = Callable[..., Any]


def test_an_enterprise_keeps_its_facts_and_kinds_of_posts(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise(staff=180)
    family = builders.a_family(firm, name="装配工", staff=60)
    head = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))
    assert "装配工" in head.get("/enterprise").get_data(as_text=True)
    assert head.post("/enterprise/families", {"name": " 装配工 ", "family_staff": "80"}).status_code == 303
    db.session.expire_all()
    assert family.staff == 80
    assert len(queries.families_of(firm.tenant_id)) == 1
    db.session.rollback()
    assert head.post("/enterprise/families", {"name": "  ", "family_staff": "8"}).status_code == 422
    tomorrow = (clock.today() + timedelta(2)).isoformat()
    version = str(firm.version)
    db.session.rollback()
    assert head.post("/enterprise", {"version": version, "staff": "200", "staff_as_of": tomorrow}).status_code == 422
    assert head.post("/enterprise", {"version": version, "staff": "200", "about": "新"}).status_code == 303
    assert head.post("/enterprise", {"version": version, "staff": "10"}).status_code == 409
    assert signed_in_as(builders.a_membership(Role.MENTOR, tenant=firm.tenant)).post("/enterprise", {"staff": "1"}).status_code == 403


def test_the_zone_lists_finds_and_verifies(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise(verified_at=None)
    name, code, where = firm.tenant.name_en, firm.credit_code, f"/enterprises/{firm.public_id}"
    zone = signed_in_as(Role.ZONE_OFFICER)
    for query in (f"q={name}", f"q={code.lower()}", "q=TEST+organisation", "state=unverified"):
        assert name in zone.get(f"/enterprises?{query}").get_data(as_text=True), query
    assert zone.post(where + "/verification").status_code == 303
    db.session.expire_all()
    assert firm.verified_at
    assert firm.credit_checked_on == clock.today()
    db.session.rollback()
    assert name not in zone.get("/enterprises?state=unverified").get_data(as_text=True)


def test_a_college_records_its_visit_and_only_its_own(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise()
    where = f"/enterprises/{firm.public_id}"
    office = signed_in_as(Role.COLLEGE_OFFICER)
    today = clock.today()
    wrong = {"visited_on": today.isoformat(), "decided_on": (today - timedelta(1)).isoformat()}
    assert office.post(where + "/visits", wrong).status_code == 422
    assert office.post(where + "/visits", {"visited_on": (today - timedelta(3)).isoformat()}).status_code == 303
    assert "Visited on" in office.get(where).get_data(as_text=True)
    assert "Missing" in signed_in_as(Role.COLLEGE_HEAD).get(where).get_data(as_text=True)
    assert signed_in_as(Role.ZONE_OFFICER).post(where + "/visits", wrong).status_code == 403


def test_another_enterprise_is_not_found_and_a_student_may_not_ask(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise()
    rival = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=builders.an_enterprise().tenant))
    assert rival.get(f"/enterprises/{firm.public_id}").status_code == 404
    assert signed_in_as(builders.a_student_member()).get(f"/enterprises/{firm.public_id}").status_code == 403


def test_lists_answer_to_code_name_and_pinyin(app: Flask, signed_in_as: Sign) -> None:
    zone = signed_in_as(Role.ZONE_OFFICER)
    for name, query, code in (("majors", "jdythjs", "M:460301"), ("places", "清城区", "441802"), ("colleges", "qyzyjsxy", "4144012958"), ("industries", "3989", "3989")):
        assert zone.get(f"/lists/{name}?q={query}").get_json()[0]["code"] == code
        assert zone.get(f"/api/v1/lists/{name}?q={query}").get_json()[0]["code"] == code
    assert zone.get("/lists/cows?q=x").status_code == 404
    assert zone.get("/lists/majors").get_json() == []
