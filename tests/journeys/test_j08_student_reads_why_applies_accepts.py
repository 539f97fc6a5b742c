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
    student.follow(page.get_by_role("link", name="Answer"))
    assert "You may take the acceptance back within 24 hours" in student.text(), "what it binds to is said before the click"
    assert page.locator("ol.steps time").count() == 3, "applied, seen and offered, each with its instant"
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


def test_a_reason_is_put_right_a_post_hidden_and_a_search_kept_on_a_phone(house: House) -> None:
    student = house.visit("student2", PHONE, has_touch=True)
    page = student.go("/matches")
    student.follow(page.locator(".match-card h2 a").first)
    title = page.locator("h1").inner_text()
    skill = page.locator("details.doubt:has(input[value^='skill:'])").first
    skill.locator("summary").click()
    student.check()
    student.follow(skill.get_by_role("button", name="The fact is wrong"))
    assert "/me?back=" in page.url
    student.check()
    student.follow(page.get_by_role("button", name="Save", exact=True))
    assert page.locator("h1").inner_text() == title, "saving leads back to the post"
    skill.locator("summary").click()
    student.follow(skill.get_by_role("button", name="Not important to me"))
    page.get_by_text("How the score comes about").click()
    *parts, score, _wished, _asked = [int(cell.replace(",", "")) for cell in page.locator("table.parts td.num").all_inner_texts()]
    assert sum(parts) == score, "by her own weights the parts still sum"
    assert "counts half for you" in student.text()
    page.locator("summary", has_text="Not for me").click()
    student.follow(page.get_by_role("button", name="Hide this post"))
    assert title not in [one.inner_text() for one in page.locator(".match-card h2").all()]
    student.check()
    student.follow(page.get_by_role("button", name="Undo"))
    assert page.locator("h1").inner_text() == title

    house.ask(_a_post_with_a_needed_certificate)
    student.go("/posts?fits=no")
    assert "Required certificate" in student.text()
    student.check()
    student.follow(page.locator("td.wide-cell a").first)
    assert "reason-not-met" in (page.locator("ul.reasons li").first.get_attribute("class") or ""), "what stops it comes first"
    student.follow(page.locator(".crumbs a").first)
    assert "fits=no" in page.url
    page.get_by_text("Keep this search and be told of new posts").click()
    page.get_by_label("Name of the search").fill("不适合的")
    student.follow(page.get_by_role("button", name="Keep", exact=True))
    assert "不适合的" in student.text()
    student.check()


def test_closed_in_between_is_kept_on_the_list_and_told(house: House) -> None:
    student = house.visit("student2", PHONE, has_touch=True)
    page = student.go("/matches")
    student.follow(page.locator(".match-card h2 a").first)
    student.follow(page.get_by_role("link", name="Apply"))
    student.follow(page.get_by_role("button", name="Apply"))
    assert page.locator("ol.steps time").count() == 1, "applied, with its instant"
    house.ask(_close_the_post)
    page.reload()
    assert "On the waiting list" in student.text()
    assert "Number 1 of 1 on the waiting list" in student.text()
    student.check()
    student.go("/messages")
    assert "you are kept on its list" in student.text()


def _a_post_with_a_needed_certificate() -> None:
    from consortium.skills.models import Skill
    from tests import builders

    certificate = db.session.scalar(sa.select(Skill).where(Skill.code == "electrician"))
    assert certificate is not None
    builders.a_position(title="高压检修工", must=(certificate,))
    db.session.commit()


def _close_the_post() -> None:
    from consortium.accounts.models import Membership
    from consortium.positions import service
    from consortium.shared.access import Role

    application = db.session.scalar(sa.select(Application))
    assert application is not None
    boss = db.session.scalar(sa.select(Membership).where(Membership.tenant_id == application.enterprise_tenant_id, Membership.role == Role.ENTERPRISE_HEAD.value))
    assert boss is not None
    service.close(application.position, "filled", by=boss.actor())
    db.session.commit()


def _login_of_the_firm() -> str:
    from consortium.accounts.models import Membership, Person

    tenant = db.session.scalar(sa.select(Application.enterprise_tenant_id))
    found = db.session.scalar(sa.select(Person.login).join(Membership).where(Membership.tenant_id == tenant))
    assert found is not None
    return found
