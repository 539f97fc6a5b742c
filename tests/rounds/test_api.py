"""Resources of rounds: the same steps as the pages, the same truths."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from consortium.rounds import queries
from consortium.shared import clock
from consortium.shared.db import db
from tests.rounds.play import Play, at, values


@pytest.fixture
def play(app: Flask) -> Play:
    return Play()


def body(**given: Any) -> dict[str, Any]:
    told = values(**given)
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}


def test_a_round_from_making_to_the_result_by_the_api_alone(play: Play, signed_in_as: Any) -> None:
    zone, api = signed_in_as(play.zone), "/api/v1/rounds"
    codes = [{"code": "poor", "kind": "priority", "name_zh": "困难"}]
    made = zone.send_json("POST", api, body(codes=codes))
    assert made.status_code == 201, made.text
    url = f"{api}/{made.get_json()['id']}"
    assert zone.send_json("PATCH", url, body(name_zh="改名", codes=codes)).get_json()["name"] == "Spring round"
    announced = zone.send_json("POST", f"{url}/announcement").get_json()
    assert announced["phase"] == "lists"
    assert len(announced["commitment"]) == 64
    for boss, post in zip(play.bosses, play.posts, strict=True):
        answer = signed_in_as(boss).send_json("POST", f"{url}/posts", {"position": str(post.public_id), "places": post.seats.places})
        assert answer.status_code == 200, answer.text
    me = signed_in_as(play.members[0])
    options = me.client.get(f"{url}/list").get_json()
    assert (options["state"], options["total"]) == ("", 3)
    keys = [str(post.public_id) for post in play.posts]
    handed = me.send_json("POST", f"{url}/list", {"posts": keys[:2]}).get_json()
    assert (handed["state"], [one["position"] for one in handed["posts"]]) == ("handed_in", keys[:2])
    assert me.client.get(f"{url}/demand").get_json()[keys[0]] == {"places": 1, "listed": 1, "first": 1}
    assert me.send_json("POST", f"{url}/list", {"posts": ["00000000-0000-0000-0000-000000000007"]}).status_code == 422
    assert me.send_json("POST", f"{url}/withdrawal").get_json()["state"] == "taken_back"
    me.send_json("POST", f"{url}/list", {"posts": keys[:2]})
    boss = signed_in_as(play.bosses[0])
    there = boss.client.get(f"{url}/candidates").get_json()
    ordered = boss.send_json("POST", f"{url}/orders", {"post": keys[0], "order": [there[0]["candidate"]]}).get_json()
    assert ordered[0]["place"] == 1
    office = signed_in_as(play.officer)
    assert office.send_json("POST", f"{url}/bearers", {"code": "poor", "numbers": ["nobody"]}).get_json() == {"unknown": ["nobody"]}
    found = queries.known(uuid.UUID(made.get_json()["id"]))
    play.frozen(found)
    runs = zone.client.get(f"{url}/trials").get_json()[0]["runs"]
    assert runs[0]["figures"]["blocking_pairs"] == 0
    when = clock.now() + timedelta(days=5)
    settled = zone.send_json("POST", f"{url}/approval", {"run": runs[0]["id"], "publish_at": when.isoformat()})
    assert settled.get_json()["state"] == "approved"
    checked = zone.client.get(f"{url}/verification").get_json()
    assert [(one["same"], one["digest"]) for one in checked] == [(True, runs[0]["digest"])]
    assert me.client.get(f"{url}/result").get_json()["lines"] == []
    with at(when):
        told = signed_in_as(play.members[0]).client.get(f"{url}/result").get_json()
        assert told["position"] == keys[0]
        assert [line["state"] for line in told["lines"]] == ["held", "not-needed"]
        revealed = me.client.get(f"{url}/lottery").get_json()
    assert revealed["kept"]
    assert revealed["seed"]


def test_what_cannot_be_read_is_refused_by_field(play: Play, signed_in_as: Any) -> None:
    zone = signed_in_as(play.zone)
    told = body()
    for name, value in (("publish_at", "2027-03-01T10:00:00"), ("most_ranked", 99), ("codes", [{"code": "A b", "kind": "priority", "name_zh": "x"}])):
        answer = zone.send_json("POST", "/api/v1/rounds", {**told, name: value})
        assert answer.status_code == 422, name
    assert zone.send_json("POST", "/api/v1/rounds", {**told, "publish_at": told["opens_at"]}).get_json()["errors"].keys() == {"publish_at"}


def test_a_second_round_cancelling_ending_and_leaving_have_their_resources(play: Play, signed_in_as: Any) -> None:
    found = play.round()
    url, zone = f"/api/v1/rounds/{found.public_id}", signed_in_as(play.zone)
    left = signed_in_as(play.bosses[2]).send_json("POST", f"{url}/post-withdrawals", {"position": str(play.posts[2].public_id), "reason": "capacity"})
    assert left.get_json()["state"] == "left"
    for path in ("freezing", "reconsideration", "ending"):
        assert zone.send_json("POST", f"{url}/{path}").status_code == 409
    instants = {name: value for name, value in body().items() if name.endswith("_at")}
    assert zone.send_json("POST", f"{url}/second-round", instants).status_code == 409
    started = zone.send_json("POST", f"{url}/trials", {"scenarios": ["declared", "plain"]})
    assert started.status_code == 202
    assert zone.send_json("POST", f"{url}/trials", {}).get_json()["code"] == "under-way"
    assert zone.send_json("POST", f"{url}/cancellation").get_json()["state"] == "cancelled"
    db.session.expire_all()
    assert found.state == "cancelled"
