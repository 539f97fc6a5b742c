"""Agreements as resources."""

import uuid

API = "/api/v1"


def test_list_and_one(case, draft, signed_in_as):
    firm = signed_in_as(case.firm)
    line = firm.send_json("GET", f"{API}/agreements").json[0]
    assert (line["id"], line["next_party"], line["student"]) == (str(draft.public_id), "student", case.student.name)
    one = firm.send_json("GET", f"{API}/agreements/{draft.public_id}").json
    assert [s["party"] for s in one["signatures"]] == ["student", "enterprise", "college"]
    assert one["missing"]["insurance"] == ["insurance"]
    assert {a["rule"]: a["state"] for a in one["awaited"]}["R15"] == 0
    assert firm.send_json("GET", f"{API}/applications/{draft.application.public_id}/agreement").json["id"] == one["id"]


def test_what_is_out_of_reach_is_not_found(case, draft, signed_in_as):
    firm = signed_in_as(case.firm)
    assert firm.send_json("GET", f"{API}/agreements/{uuid.uuid4()}").status_code == 404
    assert firm.send_json("GET", f"{API}/applications/{uuid.uuid4()}/agreement").status_code == 404
