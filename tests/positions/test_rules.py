"""Words that may not stand in a posting, hosts that are not what they declare, numbers that no post can have."""

from __future__ import annotations

from typing import Any

import pytest

from consortium.matching.eligibility import AGENTS, BY_CODE, ENTERTAINMENT, POST, RULES
from consortium.positions import rules
from consortium.positions.forms import VENUES, PositionForm
from consortium.reference import law


@pytest.mark.parametrize(
    ("text", "word", "why"),
    [
        ("入职须交押金500元", "押金", "fees"),
        ("A Deposit is asked", "deposit", "fees"),
        ("仅限男生", "仅限男", "discrimination"),
        ("要求五官端正", "五官端正", "discrimination"),
        ("Men only", "men only", "discrimination"),
    ],
)
def test_fees_and_discrimination_are_found_in_both_languages(text: str, word: str, why: str) -> None:
    assert rules.Wording(word, why) in rules.wording(text)


@pytest.mark.parametrize("text", ["负责设备点检与维修", "不限男女", "免押金，不收取任何培训费", "no deposit", "maintains machines", ""])
def test_plain_words_are_left_alone(text: str) -> None:
    assert rules.wording(text) == []


@pytest.mark.parametrize("code", [rule.code for rule in RULES if rule.scope == POST])
def test_every_rule_about_a_post_is_told_beside_a_field_of_the_form(code: str) -> None:
    assert hasattr(PositionForm, rules.FIELD_OF[code])


def test_every_warning_has_a_place_for_its_reason() -> None:
    warnings = {rule.code for rule in RULES if rule.scope == POST and rule.effect == "warn"}
    assert set(rules.REASONS) == warnings
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
