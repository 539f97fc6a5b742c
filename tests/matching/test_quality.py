"""The report of a run, what stability costs, and scenarios side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.matching import assignment, pipeline, scenarios
from consortium.matching.scenarios import Scenario
from consortium.matching.stability import is_feasible
from tests.matching import games

SEEDS = st.integers(0, 10**6)


def reported(students: list[dict[str, Any]], posts: list[dict[str, Any]]) -> dict[str, Any]:
    return dict(pipeline.match(games.problem(students, posts)).report)


@pytest.mark.parametrize(
    ("students", "post", "expected"),
    [
        ({"wants_internship": False}, {"places": 2}, {"no-lawful-student": 2}),
        ({}, {"text": "", "skills_must": [], "skills_nice": []}, {"not-scorable": 2}),
        ({"wish": "护理", "text": "", "skills": [], "major": "", "major_class": "", "major_category": "", "occupations": [], "wants_zone": None, "places": [],
          "certificates": []}, {"majors": [], "major_categories": [], "places": 2}, {"nobody-listed": 2}),
        ({}, {"places": 5, "family_left": 2}, {"quota": 3}),
        ({}, {"places": 4}, {"students-elsewhere": 1}),
    ],
)  # fmt: skip
def test_every_place_left_has_its_reason(students: dict[str, Any], post: dict[str, Any], expected: dict[str, int]) -> None:
    report = reported([games.student(f"s{i}", **students) for i in range(3)], [games.post(**post)])
    assert report["unfilled_by_reason"] == expected


def test_the_profile_with_mean_and_spread() -> None:
    students = [games.student(f"s{i}", ranking=["p1", "p2"], own_list_only=True) for i in range(6)]
    report = reported(students, [games.post("p1", places=4), games.post("p2", places=1, family="f2")])
    assert report["choice_profile"] == {"1": 4, "2": 1}
    assert report["place"] == {"mean": 1.2, "spread": 0.4}
    assert report["points"]["spread"] >= 0
    assert report["firms_full"] == [1, 1]
    assert report["blocking_pairs"] == 0


def test_groups_of_fewer_than_five_are_told_to_nobody_nor_to_be_worked_out() -> None:
    students = [games.student(f"a{i}", major_class="4603") for i in range(9)]
    students += [games.student(f"b{i}", major_class="4602", major="460201", level="中职") for i in range(6)]
    students += [games.student(f"c{i}", major_class="4601", major="460101") for i in range(4)]
    report = reported(students, [games.post(places=10, majors=["C:4603"], firm_room=20, family_room=20)])
    assert [(row["group"], row["students"]) for row in report["groups"]["major_class"]] == [("4603", 9)]  # 4602 would give 4601 away
    assert {row["group"] for row in report["groups"]["level"]} == {"中职", "高职专科"}
    assert [(row["group"], row["students"], row["placed"]) for row in report["groups"]["major_category"]] == [("46", 19, 10)]


def test_a_figure_about_one_to_four_of_a_large_group_is_not_told() -> None:
    students = [games.student(f"s{i}") for i in range(6)]
    row = reported(students, [games.post(places=3)])["groups"]["level"][0]
    assert (row["students"], row["placed"], row["first"], row["mean_place"]) == (6, None, None, None)
    assert reported(students, [games.post(places=0)])["groups"]["level"][0]["placed"] == 0


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_the_greatest_total_is_that_of_all_outcomes_and_greedy_reaches_half_of_it(seed: int) -> None:
    found, capacities, n = games.market(seed)
    points = np.random.default_rng(seed).integers(0, 6, len(found))
    best = max(int(points[held[held >= 0]].sum()) for held in games.outcomes(found, n) if is_feasible(found, capacities, held))
    most = scenarios.greatest(found, capacities, points)
    assert int(points[most].sum()) == best
    assert len(set(found.student[most])) == len(most)
    assert is_feasible(found, capacities, most)
    quick = scenarios.greedy(found, capacities, points, n)
    assert is_feasible(found, capacities, quick)
    assert len(set(found.student[quick])) == len(quick)
    assert int(points[quick].sum()) * 2 >= best


def test_the_price_says_whether_it_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    found, capacities, n = games.market(5, 30, 8)
    points = np.random.default_rng(5).integers(1, 100, len(found))
    held = assignment.assign(found, capacities, n)
    exact = scenarios.price(found, capacities, points, held)
    assert exact["exact"]
    assert exact["most_points"] >= exact["stable_points"] > 0
    monkeypatch.setattr(scenarios, "MOST_EXACT", 0)
    bound = scenarios.price(found, capacities, points, held)
    assert not bound["exact"]
    assert exact["most_points"] >= bound["most_points"] >= bound["stable_points"]


def test_only_a_priced_run_tells_the_price() -> None:
    prepared = pipeline.prepare(games.random_problem(20, 6, 3))
    parts = [pipeline.score_chunk(prepared, 0, 20)]
    assert "price" not in pipeline.finish(prepared, parts).report
    priced = pipeline.finish(prepared, parts, priced=True)
    assert priced.report["price"]["stable_points"] == int(priced.points[priced.points >= 0].sum())
    assert priced.digest == pipeline.finish(prepared, parts).digest


def test_scenarios_stand_side_by_side_and_equal_runs_of_their_own() -> None:
    students = [games.student(f"s{i}", priority=["poor"] if i == 5 else []) for i in range(6)]
    posts = [games.post("p1", places=2, priority_codes=["poor"], reserved=["joint=1"], reserved_stay=True), games.post("p2", enterprise="e2", places=1)]
    prepared = pipeline.prepare(games.problem(students, posts))
    told = [
        Scenario("as it is"), Scenario("one place more", places={"p2": 2}), Scenario("a lower cap", firm_caps={"e1": 0}),
        Scenario("a lower cap of the kind", family_caps={"e1/f1": 0}), Scenario("open seats", reserved=False),
        Scenario("skills alone", weights={"skills": 1.0, "text": 0.0}), Scenario("no priority", priorities=False),
    ]  # fmt: skip
    table = pipeline.compare(prepared, told)
    assert table["name"] == [scenario.name for scenario in told]
    assert table["placed"] == [2, 3, 1, 1, 3, 2, 2]
    assert table["blocking_pairs"] == [0] * 7
    assert table["filled_share"] == [0.6667, 0.75, 0.3333, 0.3333, 1.0, 0.6667, 0.6667]
    assert table["mean_points"] == [None] * 7  # fewer than five
    parts = [pipeline.score_chunk(prepared, 0, 6)]
    assert pipeline.compare(prepared, told, parts) == table


@pytest.mark.parametrize(
    "scenario", [Scenario("x", places={"p9": 1}), Scenario("x", firm_caps={"e9": 1}), Scenario("x", family_caps={"e1/f1": -1}), Scenario("x", weights={"looks": 1.0})]
)
def test_a_scenario_about_what_there_is_not_is_refused(scenario: Scenario) -> None:
    prepared = pipeline.prepare(games.problem([games.student()], [games.post()]))
    with pytest.raises(ValueError, match="scenario 'x'"):
        pipeline.compare(prepared, [scenario])
