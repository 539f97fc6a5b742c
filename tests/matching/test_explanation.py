"""Why this pair: the parts are the score, the strongest reason against is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.matching import gaps
from consortium.matching.eligibility import FAIL, PASS, Verdict
from consortium.matching.explanation import HIGH, MIDDLE, Explanation, Part, whole_points
from consortium.matching.pipeline import explain, match, prepare
from consortium.matching.problem import UNKNOWN
from consortium.matching.similarity import GRID
from consortium.matching.vocabulary import FAMILIES
from tests.matching import games


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_the_parts_of_every_listed_pair_sum_to_the_score_that_was_ranked(seed: int) -> None:
    one = games.random_problem(10, 6, seed)
    prepared, outcome = prepare(one), match(one)
    for i, (own, points) in enumerate(zip(outcome.student_idx, outcome.student_points, strict=True)):
        for j, given_points in zip(own, points, strict=True):
            if j < 0:
                continue
            told = explain(prepared, str(one.students.key[i]), str(one.positions.key[j]))
            assert told.points == given_points
            assert sum(part.points for part in told.parts) == told.points
            assert sum(told.by_family.values()) == told.points
            assert set(told.by_family) == set(FAMILIES)
            assert all(part.points >= 0 for part in told.parts)
            assert told.lawful
            assert list(told.parts) == sorted(told.parts, key=lambda p: (-p.points, p.family, p.term))


@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=20), st.integers(-3, 3))
def test_whole_points_sum_to_the_total_and_stray_by_less_than_the_rest(values: list[float], off: int) -> None:
    total = max(int(np.rint(sum(values) * GRID)) + off, 0)
    found = whole_points(np.array(values), total)
    assert found.sum() == total
    assert np.abs(found - np.array(values) * GRID).max() <= 2 + abs(off)


def test_an_unlawful_pair_is_explained_too() -> None:
    one = games.problem([games.student(consents=False)], [games.post()])
    told = explain(prepare(one), "s1", "p1")
    assert not told.lawful
    assert told.points
    assert told.strongest_against == Verdict("C01", "block", FAIL, True)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ((Verdict("R13", "warn", FAIL, False), Verdict("H01", "block", FAIL, True)), "H01"),
        ((Verdict("H06", "block", UNKNOWN, False), Verdict("R13", "warn", FAIL, False)), "R13"),
        ((Verdict("C01", "block", PASS, False), Verdict("H06", "block", UNKNOWN, False)), "H06"),
        ((Verdict("R18", "block", UNKNOWN, True), Verdict("R13", "warn", FAIL, False)), "R18"),
        ((Verdict("C01", "block", PASS, False),), None),
        ((), None),
    ],
)
def test_what_stops_comes_before_what_is_not_met_and_that_before_what_is_not_known(verdicts: tuple[Verdict, ...], code: str | None) -> None:
    against = Explanation(1, (), verdicts).strongest_against
    assert (against.code if against else None) == code


@pytest.mark.parametrize(
    ("points", "band"), [(None, "none"), (0, "low"), (MIDDLE - 1, "low"), (MIDDLE, "middle"), (HIGH - 1, "middle"), (HIGH, "high")]
)
def test_bands(points: int | None, band: str) -> None:
    assert Explanation(points, (), ()).band == band


def test_families_stand_largest_first() -> None:
    told = Explanation(9, (Part("skills", "plc", 6), Part("title", "维修", 2), Part("title", "设备", 1)), ())
    assert list(told.by_family.items())[:2] == [("skills", 6), ("title", 3)]


def test_a_stranger_to_the_run_is_said_so() -> None:
    with pytest.raises(KeyError):
        explain(prepare(games.random_problem(2, 2, 0)), "nobody", "p000")


def test_gaps_weigh_what_is_asked_by_seats_against_who_brings_it() -> None:
    one = games.problem(
        [games.student("s1", skills=["plc"], certificates=[]), games.student("s2", skills=["plc", "cad"], certificates=[])],
        [games.post(places=5, certificates_must=["electrician"], skills_must=["plc"], skills_nice=["plc", "cad"])],
    )
    found = {gap.skill: (gap.asked, gap.brought) for gap in gaps.skill_gaps(one.students, one.positions)}
    assert found == {"electrician": (5, 0), "cad": (5, 1), "plc": (5, 2)}
    assert gaps.skill_gaps(one.students, one.positions)[0].skill == "electrician"
