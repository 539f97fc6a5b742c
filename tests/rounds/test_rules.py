"""Decisions about rounds as tables of cases: no app, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consortium.matching.vocabulary import WEIGHTS
from consortium.rounds import rules

T = datetime(2027, 3, 1, 2, tzinfo=UTC)
H = timedelta(hours=1)
CALENDAR = rules.Calendar(T, T + 24 * H, T + 48 * H, T + 72 * H)


@pytest.mark.parametrize(
    ("told", "now", "wrong"),
    [
        (CALENDAR, T, set()), (CALENDAR, T + 23 * H, set()), (CALENDAR, T + 24 * H, {"lists_close_at"}), (rules.Calendar(T, T, T + H, T + 2 * H), T - H, {"lists_close_at"}),
        (rules.Calendar(T, T + 2 * H, T + H, T + 3 * H), T - H, {"orders_close_at"}), (rules.Calendar(T, T + H, T + 2 * H, T + 2 * H), T - H, {"publish_at"}),
        (rules.Calendar(T, T + H, T + H, T + 2 * H), T - H, set()),
    ],
)  # fmt: skip
def test_a_calendar_runs_forward(told: rules.Calendar, now: datetime, wrong: set[str]) -> None:
    assert set(rules.calendar_faults(told, now)) == wrong


@pytest.mark.parametrize(
    ("state", "at", "lists", "posts", "orders"),
    [
        ("announced", -1, False, True, True), ("announced", 0, True, True, True), ("announced", 23, True, True, True), ("announced", 24, False, False, True),
        ("announced", 48, False, False, False), ("draft", 1, False, False, False), ("frozen", 1, False, False, False), ("cancelled", 1, False, False, False),
    ],
)  # fmt: skip
def test_what_is_open_when(state: str, at: int, lists: bool, posts: bool, orders: bool) -> None:
    now = T + at * H
    assert rules.takes_lists(state, CALENDAR.opens_at, CALENDAR.lists_close_at, now) is lists
    assert rules.takes_posts(state, CALENDAR.lists_close_at, now) is posts
    assert rules.takes_orders(state, CALENDAR.orders_close_at, now) is orders


@pytest.mark.parametrize("state", ["draft", "announced", "frozen", "approved", "published", "ended", "cancelled"])
@pytest.mark.parametrize("second", [-1, 0, 1])
def test_results_are_out_from_the_instant_on_and_only_of_what_is_settled(state: str, second: int) -> None:
    out = rules.is_out(state, T, T + timedelta(seconds=second))
    assert out is (state in ("published", "ended") or (state == "approved" and second >= 0))


@pytest.mark.parametrize(
    ("majors", "years", "enrolled", "inside"),
    [
        ([], (None, None), None, True), (["M:460301"], (None, None), None, True), (["C:4603"], (None, None), None, True), (["G:46"], (None, None), None, True),
        (["M:510101", "C:5101", "G:51"], (None, None), None, False), ([], (2024, 2025), 2024, True), ([], (2024, 2025), 2026, False), ([], (None, 2025), 2001, True),
        ([], (2024, None), None, False), (["G:46"], (2024, None), 2023, False),
    ],
)  # fmt: skip
def test_the_cohort(majors: list[str], years: tuple[int | None, int | None], enrolled: int | None, inside: bool) -> None:
    assert rules.in_cohort(majors, years, {"major": "460301", "class": "4603", "category": "46"}, enrolled) is inside


@pytest.mark.parametrize(
    ("step", "key", "after"),
    [("up", "b", "bac"), ("up", "a", "abc"), ("down", "b", "acb"), ("down", "c", "abc"), ("first", "c", "cab"), ("out", "b", "ac"), ("", "b", "abc"), ("up", "x", "abc"), ("keep", "b", "abc")],
)  # fmt: skip
def test_a_button_beside_a_list_does_what_it_says(step: str, key: str, after: str) -> None:
    assert "".join(rules.ranking(list("abc"), step, key)) == after


def test_a_scenario_changes_what_it_says_and_weights_still_sum_to_what_they_did() -> None:
    assert rules.scenario("declared").weights is None
    assert (rules.scenario("plain").priorities, rules.scenario("plain").reserved) == (False, False)
    assert (rules.scenario("no-priorities").priorities, rules.scenario("no-priorities").reserved) == (False, True)
    heavier = rules.scenario("skills").weights
    assert heavier is not None
    assert sum(heavier.values()) == pytest.approx(sum(WEIGHTS.values()))
    assert heavier["skills"] / heavier["major"] == pytest.approx(2 * WEIGHTS["skills"] / WEIGHTS["major"])
    with pytest.raises(KeyError):
        rules.scenario("other")
    assert rules.usual_scenarios(["priority", "seats"]) == ("declared", "no-priorities", "no-reserved")
    assert rules.usual_scenarios([]) == ("declared", "skills", "major")


@pytest.mark.parametrize(("n", "told"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_few_are_not_told(n: int, told: int | None) -> None:
    assert rules.told(n) == told
