"""Posts and rules as resources: the same law, the same reach, the same refusals as the pages."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from consortium.organisations.models import Enterprise
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders

API = "/api/v1"


@pytest.fixture
def firm(app: Any) -> Enterprise:
    return builders.an_enterprise()


@pytest.fixture
def client(firm: Enterprise, signed_in_as: Any) -> Any:
    return signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))


def body(firm: Enterprise, **given: Any) -> dict[str, Any]:
    """A lawful internship."""
    start = clock.today() + timedelta(days=60)
    family = builders.a_family(firm)
    db.session.commit()
    return {
        "kind": "internship", "title": "Maintenance technician", "duties": "Checks and repairs", "tasks": ["check", "repair"], "places": 3,
        "family": str(family.public_id), "start_on": start.isoformat(), "end_on": (start + timedelta(days=170)).isoformat(), "majors": ["C:0603"],
        "pay_fen": 350_000, "same_post_pay_fen": 400_000, "lowest_grade_fen": 300_000, "pay_period_days": 30, "pay_to_student": True,
        "pay_in_kind": False, "fees": False, "night": False, "rest_days": False, "overtime": False, "hours_per_day": 8.0, "hours_per_week": 40.0,
        "labour_level": 2, "venue": "factory", **given,
    }  # fmt: skip


def test_a_post_from_draft_to_closed(firm: Enterprise, client: Any) -> None:
    made = client.send_json("POST", f"{API}/positions", body(firm))
    assert made.status_code == 201
    one = f"{API}/positions/{made.json['id']}"
    assert (made.json["state"], made.json["majors"], made.json["night"]) == ("draft", ["C:0603"], False)
    for step, state in (("publication", "open"), ("pause", "paused"), ("closure", "closed")):
        answer = client.send_json("POST", f"{one}/{step}", {"reason": "filled"} if step == "closure" else None)
        assert (answer.status_code, answer.json["state"]) == (200, state)
    copy = client.send_json("POST", f"{one}/copies")
    assert copy.status_code == 201
    assert copy.json["id"] != made.json["id"]
    assert copy.json["start_on"] is None
    assert {p["id"] for p in client.get(f"{API}/positions").json} == {made.json["id"], copy.json["id"]}
    assert [p["id"] for p in client.get(f"{API}/positions?state=draft").json] == [copy.json["id"]]


def test_a_change_names_the_version_it_was_read_at(firm: Enterprise, client: Any) -> None:
    made = client.send_json("POST", f"{API}/positions", body(firm, pay_reason="free board")).json
    one = f"{API}/positions/{made['id']}"
    changed = client.send_json("PATCH", one, {"version": made["version"], "title": "Electrician"})
    assert changed.status_code == 200
    assert changed.json["title"] == "Electrician"
    assert changed.json["duties"] == made["duties"]
    assert changed.json["majors"] == ["C:0603"]
    assert changed.json["version"] > made["version"]
    stale = client.send_json("PATCH", one, {"version": made["version"], "title": "Welder"})
    assert (stale.status_code, stale.json["code"]) == (409, "stale")
    assert client.send_json("PATCH", one, {"title": "Welder"}).status_code == 422
    assert client.get(one).json["title"] == "Electrician"


def test_the_law_answers_by_field(firm: Enterprise, client: Any) -> None:
    made = client.send_json("POST", f"{API}/positions", body(firm, venue="bar", fees=True)).json
    answer = client.send_json("POST", f"{API}/positions/{made['id']}/publication")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert {"venue", "fees"} <= set(answer.json["errors"])
    found = {v["code"]: v for v in client.get(f"{API}/positions/{made['id']}/verdicts").json}
    assert found["R21"] == {"code": "R21", "effect": "block", "state": 0, "blocks": True}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "x" * 81}, "title"),
        ({"title": " "}, "title"),
        ({"kind": "hobby"}, "kind"),
        ({"places": 0}, "places"),
        ({"pay_fen": -1}, "pay_fen"),
        ({"family": str(uuid.uuid4())}, "family"),
        ({"tasks": ["x" * 201]}, "tasks"),
        ({"majors": ["M:nothing"]}, "majors"),
        ({"hazards": ["dragons"]}, "hazards"),
        ({"hours_per_day": 25.0}, "hours_per_day"),
    ],
)
def test_what_cannot_be_taken_is_named(firm: Enterprise, client: Any, given: dict[str, Any], field: str) -> None:
    answer = client.send_json("POST", f"{API}/positions", body(firm, **given))
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert client.get(f"{API}/positions").json == []


@pytest.mark.parametrize("given", [{"surprise": 1}, {"places": "3"}, {"night": "no"}])
def test_nothing_unlisted_and_no_other_kind_is_read(firm: Enterprise, client: Any, given: dict[str, Any]) -> None:
    assert client.send_json("POST", f"{API}/positions", body(firm, **given)).status_code == 422


def test_rules_in_words_and_where_they_stand(firm: Enterprise, signed_in_as: Any) -> None:
    builders.a_position(firm, night=True)
    officer = signed_in_as(Role.ZONE_OFFICER)
    rules = {r["code"]: r for r in officer.get(f"{API}/rules").json}
    assert (rules["R26"]["not_met"], rules["R26"]["met"]) == (1, 0)
    assert rules["R17"]["met"] is None
    assert officer.get(f"{API}/rules/R26").json == rules["R26"]
    assert officer.get(f"{API}/rules/R99").status_code == 404


def test_reach_and_roles_are_those_of_the_pages(firm: Enterprise, client: Any, signed_in_as: Any) -> None:
    position = builders.a_position(firm, state="draft")
    db.session.commit()
    one = f"{API}/positions/{position.public_id}"
    other = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=builders.an_enterprise().tenant))
    assert client.get(one).status_code == 200
    assert other.get(one).status_code == 404
    assert other.send_json("POST", f"{one}/closure").status_code == 404
    assert signed_in_as(Role.COLLEGE_OFFICER).get(one).status_code == 404
    assert signed_in_as(Role.COLLEGE_OFFICER).send_json("POST", f"{one}/publication").status_code == 403
    assert signed_in_as(Role.COLLEGE_OFFICER).get(f"{one}/verdicts").status_code == 403


def test_one_key_makes_one_post(firm: Enterprise, client: Any) -> None:
    given, key = body(firm), {"Idempotency-Key": str(uuid.uuid4())}
    first = client.send_json("POST", f"{API}/positions", given, headers=key)
    second = client.send_json("POST", f"{API}/positions", given, headers=key)
    assert first.json["id"] == second.json["id"]
    assert len(client.get(f"{API}/positions").json) == 1
