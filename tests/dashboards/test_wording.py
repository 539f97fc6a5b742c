"""Small numbers, signs and shades: values only."""

from __future__ import annotations

import pytest

from consortium.dashboards import wording


@pytest.mark.parametrize(("n", "shown"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (40, "40")])
def test_fewer_than_five_students_are_not_shown_as_a_number(n: int, shown: str) -> None:
    assert wording.few(n) == shown


def test_a_single_small_cell_hides_one_more_so_that_the_sum_does_not_betray_it() -> None:
    assert wording.hidden([30, 12, 3]) == {1, 2}
    assert wording.hidden([30, 12, 3, 2]) == {2, 3}
    assert wording.hidden([30, 12, 0]) == set()
    assert wording.hidden([3]) == {0}


def test_the_gap_carries_its_sign() -> None:
    assert [wording.signed(n) for n in (7, 0, -7)] == ["+7", "0", "−7"]


def test_shades_diverge_from_even_to_both_sides() -> None:
    assert [wording.shade(*pair) for pair in ((0, 0), (10, 10), (12, 10), (20, 10), (50, 5))] == [0, 0, 1, 2, 3]
    assert wording.shade(5, 50) == -3


def test_every_figure_has_a_label_and_a_definition() -> None:
    from consortium.dashboards.queries import BREAKDOWNS

    assert set(BREAKDOWNS) == set(wording.FIGURES)
    assert set(wording.ZONE_FIGURES) | set(wording.FUNNEL) == set(wording.FIGURES)
