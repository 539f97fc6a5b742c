"""J3: an enterprise posts a place, sees the supply as it types, and an unlawful post is refused with the rule's words."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from consortium.positions.models import Position
from consortium.shared import clock
from consortium.shared.db import db
from tests.journeys.conftest import House


def test_a_firm_sees_supply_is_refused_mends_and_publishes(house: House) -> None:
    one = house.visit("firm1")
    page = one.go("/")
    page.get_by_role("link", name="New post").first.click()
    page.get_by_label("Title", exact=False).first.fill("Line electrician")
    page.locator("#duties").fill("Maintains the equipment of one line and reads electrical drawings.")
    page.locator("#tasks").fill("Checks\nRepairs")
    page.locator("#kind").select_option("internship") if page.locator("select#kind").count() else page.locator("input[name=kind][value=internship]").check()
    page.locator("#family").select_option(index=1)
    page.locator("#places").fill("2")
    start = clock.today() + timedelta(days=60)
    page.locator("#start_on").fill(start.isoformat())
    page.locator("#end_on").fill((start + timedelta(days=150)).isoformat())
    page.locator("#place_code").fill("441802400")
    page.locator("#occupation_code").fill("6-31-01-01")
    page.locator("#majors").fill("C:0603, ")
    page.locator("[data-live]").get_by_text("students whom the rules, and what the post asks of major, level and certificates, allow").wait_for()
    for name, value in (("pay_fen", "3500"), ("same_post_pay_fen", "4200"), ("lowest_grade_fen", "3000"), ("pay_period_days", "30"), ("hours_per_day", "10"), ("hours_per_week", "40")):
        page.locator(f"#{name}").fill(value)
    for name, value in (("pay_to_student", "yes"), ("pay_in_kind", "no"), ("fees", "no"), ("night", "no"), ("rest_days", "no"), ("overtime", "no")):
        _choose(page, name, value)
    page.locator("#labour_level").select_option("2")
    page.locator("#venue").select_option(index=1)
    page.get_by_role("button", name="Publish").click()
    summary = page.locator(".error-summary")
    summary.wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.locator("#title").input_value() == "Line electrician", "what was typed is lost"
    assert page.locator("#hours_per_day-error").inner_text().startswith("No overtime and no night shifts"), summary.inner_text()
    one.check()
    page.locator("#hours_per_day").fill("8")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Published. Candidates are being worked out.").wait_for()
    one.check()
    states = house.ask(lambda: list(db.session.scalars(sa.select(Position.state).where(Position.title == "Line electrician"))))
    assert states == ["open"]


def _choose(page: object, name: str, value: str) -> None:
    if page.locator(f"select#{name}").count():  # type: ignore[attr-defined]
        page.locator(f"#{name}").select_option(value)  # type: ignore[attr-defined]
    else:
        page.locator(f"input[name={name}][value={value}]").check()  # type: ignore[attr-defined]
