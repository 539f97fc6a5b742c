"""Resources of matches, candidates and runs."""

from __future__ import annotations

from consortium.shared.access import Role
from tests import builders
from tests.proposals.conftest import Market


def test_a_students_matches_carry_reasons_and_parts_that_sum(market: Market, signed_in_as) -> None:
    market.run()
    browser = signed_in_as(builders.a_student_member(market.students[0]))
    found = browser.send_json("GET", "/api/v1/matches").get_json()
    assert [m["title"] for m in found] == [market.certified.title, market.open_to_all.title]
    for match in found:
        assert match["points"] == sum(part["points"] for part in match["parts"])
        assert {"state", "text", "source", "key", "stops"} == set(match["reasons"][0])


def test_why_not_by_api(market: Market, signed_in_as) -> None:
    market.run()
    browser = signed_in_as(builders.a_student_member(market.students[3]))
    found = browser.send_json("GET", f"/api/v1/matches/{market.certified.public_id}").get_json()
    assert found["lawful"] is False


def test_a_choice_outside_the_list_names_its_field(market: Market, signed_in_as) -> None:
    browser = signed_in_as(builders.a_student_member(market.students[0]))
    url = f"/api/v1/matches/{market.certified.public_id}/choices"
    assert browser.send_json("POST", url, {"what": "saved"}).status_code == 204
    refused = browser.send_json("POST", url, {"what": "taken", "reason": "because"})
    assert refused.status_code == 422
    assert set(refused.get_json()["errors"]) == {"what", "reason"}


def test_candidates_by_api_have_no_identity(market: Market, signed_in_as) -> None:
    market.run()
    head = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=market.open_to_all.tenant)
    answer = signed_in_as(head).send_json("GET", f"/api/v1/positions/{market.open_to_all.public_id}/candidates?size=3")
    found = answer.get_json()
    assert len(found) == 3
    assert set(found[0]) == {"alias", "points", "band", "band_share", "proposed", "state", "reasons"}
    assert not any(s.name in answer.get_data(as_text=True) for s in market.students)


def test_the_zone_asks_for_a_run_by_api_and_follows_it(market: Market, signed_in_as) -> None:
    browser = signed_in_as(Role.ZONE_OFFICER)
    asked = browser.send_json("POST", "/api/v1/runs")
    assert asked.status_code == 202
    one = browser.send_json("GET", f"/api/v1/runs/{asked.get_json()['id']}").get_json()
    assert (one["state"], one["phase"]) == ("queued", "snapshot")
    assert len(browser.send_json("GET", "/api/v1/runs").get_json()) == 1
    assert browser.send_json("POST", "/api/v1/runs").status_code == 409


def test_the_report_by_api_hides_small_numbers_as_the_page_does(market: Market, signed_in_as) -> None:
    run = market.run()
    answer = signed_in_as(Role.ZONE_OFFICER).send_json("GET", f"/api/v1/runs/{run.public_id}").get_json()["report"]
    assert (answer["placed"], answer["blocking_pairs"], answer["firms"]) == (3, 0, 2)
    assert answer["choice_profile"] == {"1": None}
    assert answer["price"]["exact"]
    assert answer["price"]["stable_points"] <= answer["price"]["most_points"]
    assert [(row["group"], row["students"], row["placed"]) for row in answer["groups"]["level"]] == [("高职专科", 8, None)]
