"""Words that may not stand in a posting, hosts that are not what they declare, numbers that no post can have."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from consortium.matching.eligibility import AGENTS, BY_CODE, ENTERTAINMENT, POST, RULES, judge_posts
from consortium.matching.problem import columns
from consortium.positions import rules
from consortium.positions.forms import VENUES, PositionForm
from consortium.reference import law
from consortium.reference.wording import phrases


@pytest.mark.parametrize("code", [rule.code for rule in RULES if rule.scope == POST])
def test_every_rule_about_a_post_is_told_beside_a_field_of_the_form(code: str) -> None:
    assert hasattr(PositionForm, rules.FIELD_OF[code])


def test_every_warning_has_a_place_for_its_reason() -> None:
    warnings = {rule.code for rule in RULES if rule.scope == POST and rule.effect == "warn"}
    assert set(rules.REASONS) - {"wording"} == warnings
    assert all(hasattr(PositionForm, field) for field in rules.REASONS.values())


def test_only_rules_that_a_filing_opens_can_be_filed() -> None:
    assert {code for code in BY_CODE if BY_CODE[code].effect == "filing"} == set(law.FILEABLE) | {"R24f"}


@pytest.mark.parametrize(("industry", "venue"), [("9011", "entertainment"), ("9013", "entertainment"), ("6233", "entertainment"), ("8051", "entertainment"), ("3989", "office"), ("9020", "office")])
def test_a_house_of_entertainment_is_one_whatever_it_declares(industry: str, venue: str) -> None:
    assert rules.venue("office", industry) == venue
    assert (rules.venue("office", industry) in ENTERTAINMENT) == (venue == "entertainment")


def test_a_labour_agency_is_an_agent_whatever_it_declares() -> None:
    assert rules.host_type("enterprise", "7263") in AGENTS
    assert rules.host_type("enterprise", "3989") == "enterprise"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"places": 0}, {"places"}),
        ({"places": 500}, set()),
        ({"hours_per_day": float("nan")}, {"hours_per_day"}),
        ({"labour_level": 5, "pay_fen": -1}, {"labour_level", "pay_fen"}),
        ({"pay_fen": 2**31}, {"pay_fen"}),
        ({"pay_fen": None}, set()),
    ],
)
def test_numbers_that_no_post_can_have(values: dict[str, Any], wrong: set[str]) -> None:
    assert set(rules.out_of_range(values)) == wrong


def test_the_choices_of_the_form_and_of_the_rules_are_one() -> None:
    assert {key for key, _label in VENUES if key} == set(rules.VENUES)


@pytest.mark.parametrize(
    ("code", "hazards", "level", "excused"),
    [("W01", ["mine"], 4, False), ("D01", [], 2, False), ("D01", ["mine"], 2, True), ("D01", [], 4, True), ("D02", ["mine"], 4, False), ("D10", [], 1, True), ("D07", [], 1, False)],
)
def test_a_reason_lets_words_stand_only_where_the_law_allows_it(code: str, hazards: list[str], level: int, excused: bool) -> None:
    phrase = next(one for one in phrases() if one.code == code)
    assert rules.excused(phrase, hazards, level) is excused


@pytest.mark.parametrize(
    ("kind", "months", "most"),
    [("fixed", 2, 0), ("fixed", 3, 1), ("fixed", 11, 1), ("fixed", 12, 2), ("fixed", 35, 2), ("fixed", 36, 6), ("open", None, 6), ("project", 24, 0), ("", 12, 2)],
)
def test_probation_by_kind_and_length_of_the_contract_as_the_rule_itself_judges(kind: str, months: int | None, most: int) -> None:
    assert rules.most_probation(kind, months) == most
    table = columns("positions", [{"key": str(n), "kind": "job", "contract_months": rules.contract_months(kind, months), "probation_months": n} for n in range(8)])
    verdicts = [next(v.state for v in one if v.code == "J06") for one in judge_posts(table)]
    assert verdicts == [1 if n <= most else 0 for n in range(8)]


@pytest.mark.parametrize(
    ("told", "read"),
    [("08:00-16:30", "08:00-16:30"), ("8:00–16:30", "08:00-16:30"), ("8：00 至 16：30", "08:00-16:30"), ("22:00~次日6:00", "22:00-06:00"), ("16:00-24:00", "16:00-00:00"),
     ("25:00-26:00", ""), ("morning", ""), ("8-16", ""), ("08:60-16:00", "")],
)  # fmt: skip
def test_shifts_are_read_as_people_write_them(told: str, read: str) -> None:
    assert rules.shift(told) == read


@pytest.mark.parametrize(
    ("shifts", "night"),
    [(["08:00-16:30"], False), (["06:00-14:00", "14:00-22:00"], False), (["14:00-22:30"], True), (["05:30-13:30"], True), (["22:00-06:00"], True), (["16:00-00:00"], True), ([], False)],
)
def test_any_minute_between_ten_and_six_is_night(shifts: list[str], night: bool) -> None:
    assert rules.touches_night(shifts) is night


@pytest.mark.parametrize(("told", "code", "level"), [("plc:3", "plc", 3), ("plc", "plc", None), ("plc:9", "plc:9", None), (":3", ":3", None), ("a:b:2", "a:b", 2)])
def test_a_skill_may_carry_its_level(told: str, code: str, level: int | None) -> None:
    assert rules.levelled(told) == (code, level)


@pytest.mark.parametrize(("day", "later"), [(date(2027, 3, 1), date(2028, 3, 1)), (date(2028, 2, 29), date(2029, 2, 28)), (None, None)])
def test_a_year_later(day: date | None, later: date | None) -> None:
    assert rules.a_year_later(day) == later


@pytest.mark.parametrize(
    ("kind", "start", "closes", "last"),
    [("internship", 5, None, 5), ("internship", 5, 9, 5), ("internship", 9, 5, 5), ("internship", None, None, None), ("job", 5, None, None), ("job", 5, 9, 9)],
)
def test_the_last_day_on_which_students_may_come(kind: str, start: int | None, closes: int | None, last: int | None) -> None:
    start_on, closes_on, expected = (None if n is None else date(2027, 1, n) for n in (start, closes, last))
    assert rules.last_day(kind, start_on, closes_on) == expected
