"""What of a run's report may be told."""

from __future__ import annotations

import pytest

from consortium.proposals import rules
from consortium.proposals.rules import masked, told_report


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([], []),
        ([12, 7, 5], [12, 7, 5]),
        ([12, 7, 4], [12, None, None]),  # 4 would be what is missing to the sum
        ([12, 3, 4], [12, None, None]),
        ([3], [None]),
        ([0, 9], [0, 9]),
        ([2, 9, 9], [None, None, 9]),
    ],
)
def test_counts_of_one_to_four_are_not_told_nor_to_be_worked_out(counts: list[int], told: list[int | None]) -> None:
    assert masked(counts) == told


def test_a_report_of_an_earlier_release_is_told_with_what_it_has() -> None:
    told = told_report({"placed": 9, "choice_profile": {"10": 6, "2": 9}, "class_pairs": [["0603", "a", 30, 6], ["0604", "a", 4, 4]]})
    assert (told["placed"], told["blocking_pairs"], told["groups"], told["price"], told["unmet"]) == (9, 0, {}, None, [])
    assert list(told["choice_profile"]) == ["2", "10"]
    assert [(row["pairs"], row["students"]) for row in told["class_pairs"]] == [(30, 6), (None, None)]


def test_few_unmet_requests_of_students_are_not_counted_but_those_of_posts_are() -> None:
    few = told_report({"unmet": [["fixed", "R10", 2], ["reserved", "post", 1]]})["unmet"]
    assert few == [{"what": "fixed", "bound": "R10", "requests": None}, {"what": "reserved", "bound": "post", "requests": 1}]
    assert told_report({"unmet": [["fixed", "R10", 5]]})["unmet"] == [{"what": "fixed", "bound": "R10", "requests": 5}]


def group(name: str, students: int, placed: int | None, first: int | None = 6) -> dict[str, object]:
    return {"group": name, "students": students, "placed": placed, "first": first, "mean_place": None}


@pytest.mark.parametrize(
    ("category", "classes", "left"),
    [
        (group("08", 121, 32, 30), [group("0801", 39, 13), group("0802", 14, 9), group("0803", 48, 7), group("0804", 20, None)], ["0801", "0803", "0804"]),
        (group("17", 18, 8), [group("1701", 16, 7)], []),  # a class of two is not listed
        (group("06", 80, 73, 12), [group("0601", 40, 33), group("0602", 40, 40)], ["0601", "0602"]),
        (group("06", 80, None, None), [group("0601", 30, None, None), group("0602", 30, None, None), group("0603", 20, 9, 6)], ["0601", "0602", "0603"]),
    ],
)
def test_no_hidden_class_can_be_worked_out_from_its_category(category: dict[str, object], classes: list[dict[str, object]], left: list[str]) -> None:
    told = rules.guarded({"major_category": [category], "major_class": [*classes, group("9901", 50, 40)]})
    assert [row["group"] for row in told["major_class"]] == [*left, "9901"]
