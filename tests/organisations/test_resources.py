"""What the pages of organisations do, by the API."""

from __future__ import annotations

from flask import Flask

from consortium.organisations.models import Enterprise, SiteVisit
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders


def test_a_firm_changes_its_own_facts_and_a_stale_version_is_refused(app: Flask, signed_in_as) -> None:
    firm = builders.an_enterprise(staff=100)
    browser = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))
    was = browser.send_json("GET", "/api/v1/enterprise").get_json()
    told = {"version": was["version"], "staff": 240, "address": "科技路1号", "about": ""}
    assert browser.send_json("PUT", "/api/v1/enterprise", told).get_json()["staff"] == 240
    assert browser.send_json("PUT", "/api/v1/enterprise", told | {"staff": 1}).status_code == 409
    assert browser.send_json("PUT", "/api/v1/enterprise", told | {"staff": -1}).status_code == 422
    assert db.session.get_one(Enterprise, firm.id).staff == 240


def test_a_kind_of_post_is_added_once_and_then_counted_anew(app: Flask, signed_in_as) -> None:
    firm = builders.an_enterprise()
    browser = signed_in_as(builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm.tenant))
    assert browser.send_json("POST", "/api/v1/enterprise/families", {"name": "装配工", "staff": 40}).status_code == 201
    assert browser.send_json("POST", "/api/v1/enterprise/families", {"name": "装配工", "staff": 44}).status_code == 201
    found = browser.send_json("GET", "/api/v1/enterprise/families").get_json()
    assert [(one["name"], one["staff"]) for one in found] == [("装配工", 44)]


def test_the_zone_verifies_and_a_college_records_its_visit(app: Flask, signed_in_as) -> None:
    firm = builders.an_enterprise(verified_at=None)
    zone = signed_in_as(Role.ZONE_OFFICER)
    assert zone.send_json("POST", f"/api/v1/enterprises/{firm.public_id}/verification").get_json()["verified"] is True
    college = signed_in_as(Role.COLLEGE_OFFICER)
    day = clock.today().isoformat()
    url = f"/api/v1/enterprises/{firm.public_id}/visits"
    assert college.send_json("POST", url, {"visited_on": day, "decided_on": day}).status_code == 204
    assert college.send_json("POST", url, {"visited_on": day, "decided_on": "2001-01-01"}).status_code == 422
    assert db.session.query(SiteVisit).one().published_on is None
