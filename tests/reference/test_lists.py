"""Official lists: found by code, name and pinyin; the keys that hold the levels together."""

from __future__ import annotations

import pytest

from consortium.reference import colleges, industries, majors, occupations, places


@pytest.mark.parametrize(
    ("index", "query", "code"),
    [
        (majors.index, "460301", "M:460301"), (majors.index, "机电一体化技术", "M:460301"), (majors.index, "jdythjs", "M:460301"), (majors.index, "jidianyitihuajishu", "M:460301"),
        (majors.index, "自动化类", "C:0603"), (majors.index, "装备制造大类", "G:06"), (occupations.index, "6-31-01-01", "6-31-01-01"),
        (occupations.index, "3D设计师", "2-09-06-07"), (industries.index, "3989", "3989"), (places.index, "qingchengqu", "441802"), (places.index, "清城区", "441802"),
        (colleges.index, "清远职业技术学院", "4144012958"), (colleges.index, "qyzyjsxy", "4144012958"), (colleges.index, "Qingyuan Polytechnic", "4144012958"),
    ],
)  # fmt: skip
def test_an_entry_is_found_first(index: object, query: str, code: str) -> None:
    assert index().search(query)[0].code == code  # type: ignore[operator]


@pytest.mark.parametrize("query", ["", "   ", "§§§", "\x00", "'; drop", "%", "_"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    assert majors.index().search(query) == []


def test_a_class_is_the_same_at_every_level() -> None:
    assert {majors.find(code).class_key for code in ("660301", "460301", "260301")} == {"0603"}  # type: ignore[union-attr]


def test_the_depths_of_accepted_majors_lead_to_their_category() -> None:
    assert [majors.category_of(code) for code in ("M:460301", "C:0603", "G:06", "M:000000", "")] == ["06", "06", "06", "", ""]


def test_every_class_with_occupations_is_a_class_of_the_catalogue() -> None:
    assert majors.occupation_groups("0603")
    assert set(map(occupations.small_group, ["6-31-01-01", ""])) == {"6-31-01", ""}


def test_a_place_is_known_by_code_or_by_a_name_that_is_its_own() -> None:
    assert places.code_of("441802400") == "441802400"
    assert places.code_of("清城区") == "441802"
    assert places.code_of("Atlantis") == ""
    assert places.code_of("太和镇") == "" or list(places.names().values()).count("太和镇") == 1


def test_a_leading_industry_is_told_by_division() -> None:
    assert industries.leading("3989") == "电子信息"
    assert industries.leading("9999") == ""
