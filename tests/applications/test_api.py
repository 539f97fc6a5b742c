"""The same steps as resources."""

import uuid

import pytest

from consortium.applications import service
from consortium.proposals import queries as proposals
from consortium.shared.access import Role
from consortium.shared.db import db

API = "/api/v1"


def test_a_whole_story_by_api(case, signed_in_as):
    learner, firm = signed_in_as(case.learner), signed_in_as(case.firm)
    made = learner.send_json("POST", f"{API}/applications", {"position": str(case.position.public_id), "note": "你好"})
    assert made.status_code == 201
    url = f"{API}/applications/{made.json['id']}"
    seen = firm.send_json("GET", url).json
    assert (seen["state"], seen["named"], seen["phone"]) == ("applied", False, "")
    assert seen["called"].startswith("A-")
    assert firm.send_json("POST", f"{url}/invitation", {"hours": 48}).json["state"] == "invited"
    assert learner.send_json("POST", f"{url}/agreement-to-invitation").json["state"] == "agreed"
    assert firm.send_json("GET", url).json["called"] == case.student.name
    assert firm.send_json("POST", f"{url}/offer", {}).json["state"] == "offered"
    accepted = learner.send_json("POST", f"{url}/acceptance").json
    assert (accepted["application"]["state"], accepted["withdrawn"]) == ("accepted", 0)
    assert firm.send_json("GET", url).json["phone"] == case.student.phone
    assert [s["step"] for s in firm.send_json("GET", url).json["steps"]] == ["apply", "invite", "agree", "offer", "accept"]


def test_a_key_sent_twice_applies_once(case, signed_in_as):
    learner = signed_in_as(case.learner)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"position": str(case.position.public_id)}
    first, second = (learner.send_json("POST", f"{API}/applications", body, headers=headers) for _ in range(2))
    assert (first.status_code, first.json) == (second.status_code, second.json)


def test_a_refusal_is_a_problem_with_the_rule(case, signed_in_as):
    case.student.enrolled_on = case.position.start_on
    db.session.commit()
    answer = signed_in_as(case.learner).send_json("POST", f"{API}/applications", {"position": str(case.position.public_id)})
    assert (answer.status_code, answer.json["code"]) == (409, "unlawful")
    assert "art. 16" in answer.json["detail"]


@pytest.mark.parametrize("body", [{}, {"position": "x"}, {"position": None}, {"position": str(uuid.uuid4()), "more": 1}])
def test_what_cannot_be_read_is_named(case, signed_in_as, body):
    assert signed_in_as(case.learner).send_json("POST", f"{API}/applications", body).status_code == 422


def test_bulk_offers_tell_whom_they_passed_over(case, signed_in_as, monkeypatch):
    match = proposals.Match(case.student.id, case.position.id, 500_000, 1)
    monkeypatch.setattr(proposals, "matches_of_position", lambda position: [match])
    alias = proposals.alias(case.student.public_id, case.position.public_id)
    url = f"{API}/positions/{case.position.public_id}/offers"
    db.session.commit()
    answer = signed_in_as(case.firm).send_json("POST", url, {"candidates": [alias, "A-00000"]})
    assert answer.status_code == 201
    assert [a["called"] for a in answer.json["done"]] == [alias]
    assert signed_in_as(case.firm).send_json("POST", url, {}).status_code == 422
    assert answer.json["skipped"] == [{"candidate": "A-00000", "why": "No longer among the candidates."}]


def test_a_wrong_reason_and_a_wrong_deadline_are_refused(case, signed_in_as):
    application = case.offered()
    db.session.commit()
    url = f"{API}/applications/{application.public_id}"
    assert signed_in_as(case.learner).send_json("POST", f"{url}/declination", {"reason": "skills"}).status_code == 422
    assert signed_in_as(case.firm).send_json("POST", f"{url}/offer", {"hours": 1}).status_code == 422
    assert signed_in_as(case.learner).send_json("POST", f"{url}/declination", {"reason": "pay"}).json["state"] == "declined"


def test_lists_are_filtered_and_narrowed(case, signed_in_as):
    case.applied()
    post, boss = case.another_post()
    service.offer(case.another_student()[0], post, by=boss)
    db.session.commit()
    learner, firm = signed_in_as(case.learner), signed_in_as(case.firm)
    assert len(learner.send_json("GET", f"{API}/applications").json) == 1
    assert len(firm.send_json("GET", f"{API}/applications?state=applied").json) == 1
    assert firm.send_json("GET", f"{API}/applications?state=offered").json == []


@pytest.mark.parametrize("role", [Role.ZONE_HEAD, Role.BUREAU_OBSERVER, Role.MENTOR])
def test_roles_without_a_part_are_refused(case, signed_in_as, role):
    assert signed_in_as(role).send_json("GET", f"{API}/applications").status_code == 403


def test_withdrawal_by_api(case, signed_in_as):
    application = case.applied()
    db.session.commit()
    answer = signed_in_as(case.learner).send_json("POST", f"{API}/applications/{application.public_id}/withdrawal", {})
    assert answer.json["state"] == "withdrawn"
