"""Filings, overrides, mentors and the law's tables as resources: the same reach and the same refusals as the pages."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask

from consortium.shared import clock
from consortium.shared.access import Role
from tests import builders

API = "/api/v1"
Sign = Callable[..., Any]
DAYS = {"valid_from": clock.today().isoformat(), "valid_until": (clock.today() + timedelta(days=365)).isoformat()}
FILING = {"rules": ["R25", "R26"], "number": "清教备7", "authority": "清远市教育局", "filed_on": clock.today().isoformat(), **DAYS}


def test_a_filing_from_entry_to_verification(app: Flask, signed_in_as: Sign) -> None:
    firm, college = builders.an_enterprise(), builders.a_college()
    family = builders.a_family(firm, name="装配")
    boss, zone = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant)), signed_in_as(Role.ZONE_OFFICER)
    scope = {"families": [str(family.public_id)], "colleges": [str(college.tenant.public_id)], "majors": ["M:460301"]}
    paper = {"file_name": "a.pdf", "file": base64.b64encode(b"%PDF-1.7").decode()}
    made = boss.send_json("POST", f"{API}/filings", FILING | scope | paper)
    assert made.status_code == 201
    told = made.get_json()
    assert (told["state"], told["families"], told["majors"], len(told["file_sha256"])) == ("entered", ["装配"], ["M:460301"], 64)
    assert boss.send_json("POST", f"{API}/filings", FILING).get_json()["errors"]["number"]
    assert "file" in boss.send_json("POST", f"{API}/filings", FILING | {"number": "8", "file": "***"}).get_json()["errors"]
    assert "families" in boss.send_json("POST", f"{API}/filings", FILING | {"number": "8", "families": [str(college.public_id)]}).get_json()["errors"]
    one = f"{API}/filings/{told['id']}"
    assert zone.send_json("POST", f"{one}/verification").get_json()["state"] == "in-force"
    assert zone.client.get(f"{one}/file").data == b"%PDF-1.7"
    assert [f["number"] for f in boss.client.get(f"{API}/filings?rule=R26").get_json()] == ["清教备7"]
    assert boss.send_json("POST", f"{one}/withdrawal").get_json()["state"] == "withdrawn"


def test_an_override_is_the_schools(app: Flask, signed_in_as: Sign) -> None:
    firm, college = builders.an_enterprise(), builders.a_college()
    office = signed_in_as(builders.a_membership(Role.COLLEGE_HEAD, tenant=college.tenant))
    told = {"enterprise": str(firm.public_id), "rule": "R27a", "reason": "前两个月以学习为主，另有食宿。", **DAYS}
    made = office.send_json("POST", f"{API}/rule-overrides", told).get_json()
    assert (made["rule"], made["state"]) == ("R27a", "in-force")
    assert office.send_json("POST", f"{API}/rule-overrides", told | {"rule": "R18"}).status_code == 422
    assert office.send_json("POST", f"{API}/rule-overrides", told | {"enterprise": str(college.public_id)}).status_code == 422
    gone = office.send_json("POST", f"{API}/rule-overrides/{made['id']}/withdrawal", {"reason": "不再需要"}).get_json()
    assert (gone["state"], gone["withdrawal"]) == ("withdrawn", "不再需要")
    assert [o["id"] for o in signed_in_as(Role.ZONE_HEAD).client.get(f"{API}/rule-overrides").get_json()] == [made["id"]]


def test_mentors_and_their_limits(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise(mentored=False)
    boss = signed_in_as(builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm.tenant))
    made = boss.send_json("POST", f"{API}/mentors", {"name": "王师傅"}).get_json()
    assert (made["load_limit"], made["busy"], made["ended"]) == (5, 0, False)
    one = f"{API}/mentors/{made['id']}"
    assert boss.send_json("POST", one, {"name": "王师傅", "load_limit": 8, "version": made["version"]}).get_json()["load_limit"] == 8
    assert boss.send_json("POST", one, {"name": "王师傅", "load_limit": 9, "version": made["version"]}).status_code == 409
    assert boss.send_json("POST", f"{one}/end").get_json() == {"unattended": 0}
    assert boss.client.get(f"{API}/mentors").get_json()[0]["ended"] is True


def test_lines_of_the_law_with_their_sources(app: Flask, signed_in_as: Sign) -> None:
    head = signed_in_as(Role.ZONE_HEAD)
    line = {"kind": "threshold", "key": "minimum_wage_fen", "value": "185000", "source": "粤府函〔2027〕1号", "valid_from": clock.today().isoformat()}
    assert head.send_json("POST", f"{API}/law-tables", line).status_code == 201
    told = {one["key"]: one for one in head.client.get(f"{API}/law-tables").get_json() if one["kind"] == "threshold"}
    assert (told["minimum_wage_fen"]["value"], told["minimum_wage_fen"]["entered"]) == ("185000", True)
    assert head.send_json("POST", f"{API}/law-tables", line | {"key": "cows"}).status_code == 422


def test_a_rule_tells_where_it_is_asked_and_who_may_override(app: Flask, signed_in_as: Sign) -> None:
    zone = signed_in_as(Role.ZONE_OFFICER)
    told = zone.client.get(f"{API}/rules/R10").get_json()
    assert told["places"] == ["posting", "matching", "offer", "signature", "first-day", "every-day"]
    assert (told["effect"], told["school_may_override"], told["fileable"]) == ("overridable", True, False)
    assert zone.client.get(f"{API}/rules/R12").get_json()["effect"] == "design"
    assert zone.client.get(f"{API}/rules/R99/cases").status_code == 404
