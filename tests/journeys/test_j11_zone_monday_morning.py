"""J11: on Monday morning the zone reads its figures on one screen, and each leads to the list behind it."""

from __future__ import annotations

import re

from tests.journeys.conftest import DESK, House


def test_the_desk_fits_one_screen_and_numbers_lead_to_their_lists(reading_house: House) -> None:
    one = reading_house.visit("zone", DESK, "zh")
    page = one.go("/")
    for what in (".figures-row", ".chart-heat svg", ".chart-funnel svg", "#rules-head", "#caps-head"):
        box = page.locator(what).first.bounding_box()
        assert box["y"] + box["height"] <= DESK[1], f"{what} lies below the fold"
    for path in page.eval_on_selector_all(".figure-value a", "links => links.map(a => a.getAttribute('href'))"):
        one.go("/")
        shown = page.locator(f'.figure-value a[href="{path}"]').inner_text()
        one.go(path)
        one.check()
        if "/desk/figures/" in path and page.locator("#total").count():
            assert page.locator("#total").inner_text() == shown, path
        elif "/enterprises" in path:
            assert re.search(rf"(?<!\d){shown}(?!\d)", one.text()), path


def test_a_definition_opens_in_place(reading_house: House) -> None:
    one = reading_house.visit("zone", DESK, "en")
    page = one.go("/")
    page.locator(".figure-about summary").first.click()
    page.get_by_text("Free places of open posts", exact=False).wait_for()
    one.check()


def test_a_gap_cell_shows_both_sides_and_no_names(reading_house: House) -> None:
    one = reading_house.visit("zone", DESK, "en")
    page = one.go("/")
    page.locator(".chart-heat a").first.click()
    page.get_by_role("heading", name="Posts with free places").wait_for()
    page.get_by_role("heading", name="Students of the class").wait_for()
    assert "陈嘉怡" not in page.content()
    one.check()
