"""J1: a firm registers itself in four clicks at most: verified at once from the zone's list, else a place in the queue; the second one asks to join."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from consortium.accounts.models import JoinRequest, Person, Tenant
from consortium.messages.models import Message, OutboxItem
from consortium.organisations.models import Check, Enterprise, ListedEnterprise
from consortium.reference import law
from consortium.shared import audit
from consortium.shared.access import TenantKind
from consortium.shared.db import db
from tests import builders
from tests.journeys.conftest import PHONE, House, Visitor

PASSWORD = "a-long-sentence-7"


class Clicks:
    """Counts what a person presses; typing is not counted."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.n = visitor, 0

    def follow(self, name: str) -> Any:
        self.n += 1
        return self.visitor.follow(self.visitor.page.get_by_role("button", name=name, exact=True))


def written(house: House, make: Callable[[], Any]) -> Any:
    with house.app.app_context():
        told = make()
        db.session.commit()
        db.session.remove()
    return told


def a_listed_firm() -> tuple[str, str]:
    zone = db.session.scalars(sa.select(Tenant).where(Tenant.kind == TenantKind.ZONE.value)).one()
    entry = db.session.scalar(sa.select(ListedEnterprise)) or builders.a_listed_enterprise(zone, credit_code=builders.a_credit_code(42), name="清远砚桐电子有限公司")
    return entry.credit_code, entry.name


def the_code(house: House) -> str:
    wanted = sa.select(OutboxItem.facts).where(OutboxItem.kind == "registration-code").order_by(OutboxItem.id.desc())
    return str(house.ask(lambda: db.session.scalars(wanted).first())["code"])


def contact(clicks: Clicks, house: House, phone: str, **facts: str) -> None:
    page = clicks.visitor.page
    for name, value in {"contact": "王小明", "phone": phone, **facts}.items():
        page.locator(f"#{name}").fill(value)
    clicks.follow("Send the code")
    page.locator("#code").fill(the_code(house))
    page.locator("#password").fill(PASSWORD)


def test_a_listed_firm_is_verified_in_three_clicks_and_its_second_person_asks_to_join(house: House) -> None:
    code, name = written(house, a_listed_firm)
    before = house.ask(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Enterprise)))
    one = house.visit(size=PHONE)
    page, clicks = one.go("/registration"), Clicks(one)
    page.locator("#credit_code").fill(code[:-1] + ("0" if code[-1] != "0" else "1"))
    page.get_by_text("The last character does not fit the others").wait_for()
    page.locator("#credit_code").fill(f" {code[:8].lower()} {code[8:]}")
    page.get_by_text(f"✓ {code}").wait_for()
    one.check()
    clicks.follow("Continue")
    assert name in one.text() and "verified at once" in one.text()
    one.check()
    contact(clicks, house, "13800138000")
    one.check()
    clicks.follow("Register the enterprise")
    assert "Verified: you may post" in one.text()
    assert clicks.n <= 4
    one.check()

    def facts() -> tuple[Any, ...]:
        firm = db.session.scalars(sa.select(Enterprise).where(Enterprise.credit_code == code)).one()
        lines = db.session.scalars(sa.select(audit.AuditLine.act).where(audit.AuditLine.tenant_id == firm.tenant_id)).all()
        colleges = sa.select(Person.id).join(Person.memberships).join(Tenant).where(Tenant.kind == TenantKind.COLLEGE.value)
        told = [db.session.scalar(sa.select(sa.func.count()).select_from(m).where(m.person_id.in_(colleges), m.kind.like("check%"))) for m in (OutboxItem, Message)]
        return db.session.scalar(sa.select(sa.func.count()).select_from(Enterprise)), lines.count("register-enterprise"), told

    assert house.ask(facts) == (before + 1, 1, [0, 0]), "one enterprise row, one audit row, no mail to colleges"

    second = house.visit()
    page, clicks = second.go("/registration"), Clicks(second)
    page.locator("#credit_code").fill(code)
    clicks.follow("Continue")
    assert "王*" in second.text() and "王小明" not in page.content()
    second.check()
    contact(clicks, house, "13900139000", contact="李雷")
    clicks.follow("Ask to join")
    assert "The administrator was asked" in second.text()
    assert house.ask(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Enterprise))) == before + 1, "never a second one"
    one.go("/colleagues")
    assert "李雷" in one.text()
    Clicks(one).follow("Let in")
    assert house.ask(lambda: db.session.scalars(sa.select(JoinRequest.state)).all()) == ["joined"]
    second.go("/sign-in")
    page.locator("#login").fill("13900139000")
    page.locator("#password").fill(PASSWORD)
    Clicks(second).follow("Sign in")
    assert name in page.inner_text("nav.rail")


def test_an_agency_that_is_not_listed_is_told_of_rule_22_now_and_waits_in_the_queue(house: House, tmp_path: Path) -> None:
    code = builders.a_credit_code(77)
    one = house.visit()
    page, clicks = one.go("/registration"), Clicks(one)
    page.locator("#credit_code").fill(code)
    clicks.follow("Continue")
    page.locator("#firm_name").fill("清远众合劳务派遣有限公司")
    page.locator("#industry_code").fill("劳务派遣")
    page.get_by_role("option").first.click()
    words = law.rule("R22").words("en")
    page.get_by_text(words).wait_for()
    one.check()
    contact(clicks, house, "13700137000")
    assert words in one.text(), "told on every page from now on"
    clicks.follow("Register the enterprise")
    assert "One more thing: the licence" in one.text()
    photo = tmp_path / "licence.jpg"
    photo.write_bytes(builders.JPEG)
    page.locator("#licence").set_input_files(photo)
    clicks.follow("Hand in")
    assert "About one working day. Place 1 in the queue." in one.text() and words in one.text()
    assert clicks.n <= 4
    one.check()

    zone = house.visit("zone")
    zone.go("/checks")
    zone.check()
    zone.follow(zone.page.get_by_role("link", name="清远众合劳务派遣有限公司"))
    assert zone.page.locator("img.licence").count() == 1
    zone.page.locator("#text").fill("请补拍执照副本")
    zone.follow(zone.page.get_by_role("button", name="Ask for more"))
    one.go("/enterprise/check")
    assert "请补拍执照副本" in one.text()
    page.locator("#text").fill("已补充")
    clicks.follow("Hand in")
    zone.go("/checks")
    zone.follow(zone.page.get_by_role("link", name="清远众合劳务派遣有限公司"))
    zone.follow(zone.page.get_by_role("button", name="Approve"))
    one.go("/enterprise/check")
    assert "Verified: you may post" in one.text() and words in one.text()
    assert house.ask(lambda: db.session.scalars(sa.select(Check.state)).all()) == ["verified"]


def test_three_wrong_codes_wait_in_seconds(house: House) -> None:
    code, _name = written(house, a_listed_firm)
    one = house.visit(size=PHONE)
    page, clicks = one.go("/registration"), Clicks(one)
    page.locator("#credit_code").fill(code)
    clicks.follow("Continue")
    contact(clicks, house, "13600136000")
    for _ in range(3):
        page.locator("#code").fill("12")
        page.locator("#password").fill(PASSWORD)
        clicks.follow("Register the enterprise")
    assert "Try again in 30 seconds." in page.locator("#code-error").inner_text()
    one.complaints = [said for said in one.complaints if "429" not in said]
    one.check()
