"""What a filing or an override covers, how places are shared out among mentors, which lines of the law can be entered: on values alone."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consortium.compliance import rules
from consortium.compliance.rules import Load

DAY, LAST = date(2027, 3, 1), date(2027, 8, 28)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def a_post(**given: Any) -> Any:
    return SimpleNamespace(**{"tenant_id": 1, "public_id": uuid.UUID(int=5), "family_id": 3, "start_on": DAY, "end_on": LAST, **given})


def a_filing(**given: Any) -> Any:
    return SimpleNamespace(
        **{
            "rules": ["R26"], "verified_at": NOW, "withdrawn_at": None, "refusal": "", "valid_from": DAY, "valid_until": LAST, "covers_holidays": False,
            "families": [], "posts": [], "majors": [], "colleges": [], **given,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "entries"),
    [
        ({}, ["R26"]),
        ({"verified_at": None}, []),
        ({"withdrawn_at": NOW}, []),
        ({"refusal": "no"}, []),
        ({"valid_from": DAY + timedelta(1)}, []),  # one day of the post is not covered
        ({"valid_until": LAST - timedelta(1)}, []),
        ({"families": [3, 4]}, ["R26"]),
        ({"families": [4]}, []),
        ({"posts": [str(uuid.UUID(int=5))]}, ["R26"]),
        ({"posts": [str(uuid.UUID(int=6))]}, []),
        ({"majors": ["G:46", "C:4603"], "colleges": [12, 9]}, ["R26/C:4603+G:46/9+12"]),
        ({"colleges": [7]}, ["R26//7"]),
        ({"rules": ["R25"]}, ["R25w"]),
        ({"rules": ["R24", "R25"], "covers_holidays": True}, ["R24", "R25"]),
    ],
)
def test_a_filing_opens_what_it_names_for_whom_and_when_it_says(changed: dict[str, Any], entries: list[str]) -> None:
    assert rules.filed_codes(a_filing(**changed), a_post()) == entries


def test_a_post_without_days_is_covered_by_no_filing() -> None:
    assert rules.filed_codes(a_filing(), a_post(end_on=None)) == []


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"verified_at": None}, "entered"), ({}, "in-force"), ({"valid_until": DAY + timedelta(30)}, "ending"), ({"valid_until": DAY + timedelta(31)}, "in-force"),
        ({"valid_until": DAY - timedelta(1)}, "expired"), ({"refusal": "no", "verified_at": None}, "refused"), ({"withdrawn_at": NOW}, "withdrawn"),
    ],
)  # fmt: skip
def test_how_a_filing_stands(changed: dict[str, Any], state: str) -> None:
    assert rules.filing_state(a_filing(**changed), DAY) == state


def test_an_override_is_about_internships_that_begin_within_its_days() -> None:
    one = SimpleNamespace(withdrawn_at=None, valid_from=DAY - timedelta(9), valid_until=DAY, families=[], posts=[])
    assert rules.overrides(one, a_post())
    assert not rules.overrides(one, a_post(start_on=DAY + timedelta(1)))
    assert not rules.overrides(SimpleNamespace(**vars(one) | {"withdrawn_at": NOW}), a_post())
    assert not rules.overrides(SimpleNamespace(**vars(one) | {"families": [4]}), a_post())


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6), st.integers(1, 30))
def test_places_are_shared_out_to_the_last_one_or_not_at_all(told: list[tuple[int, int]], heads: int) -> None:
    loads = [Load(number, free, mine) for number, (free, mine) in enumerate(told)]
    shares = rules.shared_out(loads, heads)
    room = sum(load.free for load in loads)
    assert (shares is None) == (room < heads)
    if shares is not None:
        assert sum(shares.values()) == heads
        assert all(0 < n <= loads[number].free for number, n in shares.items())


def test_who_has_interns_of_a_post_keeps_them_first() -> None:
    assert rules.shared_out([Load(1, 9), Load(2, 3, mine=2)], 4) == {2: 3, 1: 1}


@pytest.mark.parametrize(
    ("data", "kind"), [(b"%PDF-1.7 x", "application/pdf"), (b"\x89PNG\r\n\x1a\nx", "image/png"), (b"\xff\xd8\xffx", "image/jpeg"), (b"<html>", ""), (b"MZ", ""), (b"", "")]
)
def test_a_proof_is_known_by_its_bytes(data: bytes, kind: str) -> None:
    assert rules.file_kind(data) == kind


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (("holiday", "2027-02-06", "", False), None), (("holiday", "6 February", "", False), ("key", "day")),
        (("make-up", "2027-02-13", "", False), None), (("make-up", "2027-02-12", "", False), ("key", "weekday")),
        (("threshold", "pay_share", "0.85", False), None), (("threshold", "pay_share", "a lot", False), ("value", "number")),
        (("threshold", "pay_share", "nan", False), ("value", "number")), (("threshold", "pay_share", "-1", False), ("value", "number")),
        (("hazard", "loud_noise", "minor women", False), None), (("hazard", "Loud noise", "minor", False), ("key", "tag")),
        (("hazard", "loud_noise", "everybody", False), ("value", "groups")), (("hazard", "dust", "", True), None),
    ],
)  # fmt: skip
def test_which_lines_of_the_law_can_be_entered(line: tuple[str, str, str, bool], problem: tuple[str, str] | None) -> None:
    assert rules.line_problem(*line) == problem
