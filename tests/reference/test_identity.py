"""Check digits, and that invented numbers belong to nobody."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consortium.reference import identity


@pytest.mark.parametrize(
    ("number", "problem"),
    [("11010519491231002X", None), ("440524188001010014", "identity-birth"), ("110105194912310021", "identity-check"), ("11010519491331002X", "identity-birth"),
     ("110105491231002", "identity-shape"), ("", "identity-shape"), ("11010519491231002x", "identity-shape")],
)  # fmt: skip
def test_identity_numbers_are_judged(number: str, problem: str | None) -> None:
    assert identity.identity_problem(number) == problem


@given(st.dates(date(1950, 1, 1), date(2012, 1, 1)), st.integers(0, 10_000), st.booleans(), st.integers(0, 16))
def test_swapped_neighbours_are_caught_and_invented_numbers_are_right(born: date, seed: int, female: bool, at: int) -> None:
    number = identity.invented_identity(born, random.Random(seed), female)
    assert identity.identity_problem(number) is None
    assert identity.birth_of(number) == born
    assert number.startswith("449999")
    assert identity.sex_of(number) == ("F" if female else "M")
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert swapped == number or identity.identity_problem(swapped) is not None


@pytest.mark.parametrize(
    ("code", "problem"),
    [("91350100M000100Y43", None), ("91350100M000100Y44", "credit-check"), ("91350100M000100I43", "credit-shape"), ("9135", "credit-shape"), ("", "credit-shape")],
)
def test_credit_codes_are_judged(code: str, problem: str | None) -> None:
    assert identity.credit_problem(code) == problem


@given(st.integers(0, 10_000), st.integers(0, 17), st.integers(1, 30))
def test_a_wrong_character_in_a_credit_code_is_caught(seed: int, at: int, by: int) -> None:
    code = identity.invented_credit(random.Random(seed))
    assert identity.credit_problem(code) is None
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    wrong = code[:at] + letters[(letters.index(code[at]) + by) % 31] + code[at + 1 :]
    assert identity.credit_problem(wrong) == "credit-check"


@pytest.mark.parametrize(("number", "good"), [("13800001111", True), ("12800001111", False), ("1380000111", False), ("+8613800001111", False)])
def test_mobile_numbers_are_judged(number: str, good: bool) -> None:
    assert (identity.phone_problem(number) is None) is good


def test_numbers_are_made_narrow_large_and_free_of_blanks() -> None:
    assert identity.normalised(" １１０１ ０５ x\u3000") == "110105X"
