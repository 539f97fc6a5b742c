"""J8: on a phone a student reads why and why not, applies, is made an offer, accepts, and finds a drafted agreement."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.agreements.models import Agreement
from consortium.applications.models import Application
from consortium.shared.db import db
from tests.journeys.conftest import PHONE, House


def test_from_why_to_a_drafted_agreement(house: House) -> None:
    student = house.visit("student2", PHONE, has_touch=True)
    page = student.go("/")
    page.locator(".card-box h3 a").first.click()
    page.get_by_role("heading", name="Why it fits, and why not").wait_for()
    assert page.locator(".reason-met").count() >= 1
    assert "Not filled in" in student.text()
    page.get_by_text("How the score comes about").click()
    points = [int(cell.replace(",", "")) for cell in page.locator("table.parts td.num").all_inner_texts()]
    *parts, score, wished, asked = points
    assert sum(parts) == score, "the parts do not sum to the score"
    assert wished + asked == score
    student.check()
    page.get_by_role("link", name="Apply").click()
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("You have applied.").wait_for()
    student.check()

    firm_login = house.ask(_login_of_the_firm)
    firm = house.visit(firm_login)
    shown = firm.go("/")
    shown.get_by_role("link", name="Answer").click()
    firm.follow(shown.locator("td.wide-cell a").first)
    assert "李文杰" not in shown.content(), "the name is shown before the student agreed"
    shown.get_by_role("button", name="Make an offer").click()
    shown.get_by_text("The offer is out.").wait_for()
    firm.check()

    page = student.go("/")
    assert "hours left" in student.text()
    page.get_by_role("link", name="Answer").click()
    page.get_by_role("button", name="Accept the offer").click()
    page.get_by_text("Accepted. Your agreement is drafted.").wait_for()
    student.check()
    page.get_by_role("link", name="Agreement").first.click()
    page.locator(".parties").wait_for()
    student.check()
    assert house.ask(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Agreement))) == 1
    firm.follow(firm.go("/applications").locator("td.wide-cell a").first)
    assert "李文杰" in shown.content(), "after acceptance the enterprise knows the name"


def test_two_offers_accepted_in_two_tabs_let_one_win(house: House) -> None:
    from tests.journeys import two_offers

    house.ask(two_offers.make)
    paths = house.ask(two_offers.paths)
    first, second = house.visit("student2", PHONE), house.visit("student2", PHONE)
    for tab, path in ((first, paths[0]), (second, paths[1])):
        tab.go(path)
    first.page.get_by_role("button", name="Accept the offer").click()
    first.page.get_by_text("Accepted. Your agreement is drafted.").wait_for()
    second.page.get_by_role("button", name="Accept the offer").click()
    second.page.wait_for_load_state()
    assert second.page.locator("h1").count() == 1
    states = house.ask(lambda: sorted(db.session.scalars(sa.select(Application.state))))
    assert states == ["accepted", "withdrawn"]


def _login_of_the_firm() -> str:
    from consortium.accounts.models import Membership, Person

    tenant = db.session.scalar(sa.select(Application.enterprise_tenant_id))
    found = db.session.scalar(sa.select(Person.login).join(Membership).where(Membership.tenant_id == tenant))
    assert found is not None
    return found
