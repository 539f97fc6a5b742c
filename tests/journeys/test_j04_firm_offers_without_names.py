"""J4: an enterprise reads ranked candidates without names, makes offers in one go, and learns a name only from the student."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.applications.models import Application
from consortium.shared.db import db
from consortium.students.models import Student
from tests.journeys.conftest import House


def test_offers_go_to_candidates_whose_names_are_nowhere(house: House) -> None:
    names = set(house.ask(lambda: list(db.session.scalars(sa.select(Student.name)))))
    one = house.visit("firm1")
    page = one.go("/")
    one.follow(page.get_by_role("link", name="Candidates").first)
    assert page.locator(".candidate").count() > 3
    assert page.locator(".candidate .reasons").count() > 3
    assert not [n for n in names if n in page.content()]
    one.check()
    for box in page.locator("input[name=candidate]").all()[:2]:
        box.check()
    page.get_by_role("button", name="Offer a place to the ticked").click()
    page.get_by_text("2 offers are out.").wait_for()
    assert not [n for n in names if n in page.content()]
    one.check()
    made = house.ask(lambda: list(db.session.scalars(sa.select(Application.state))))
    assert made == ["offered", "offered"]
    one.go("/applications")
    assert not [n for n in names if n in page.content()]
    desk = one.go("/").inner_text("main")
    assert "Offer for" in desk


def test_nobody_ticked_is_said_and_nothing_is_sent(house: House) -> None:
    one = house.visit("firm1")
    page = one.go("/")
    one.follow(page.get_by_role("link", name="Candidates").first)
    page.get_by_role("button", name="Invite the ticked").click()
    page.get_by_text("Nobody was chosen.").wait_for()
    assert house.ask(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Application))) == 0
