"""J2: a firm says in three clicks, by a link without an account, whom it could take; the zone's matrix shows it on the next look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import time_machine

from consortium.accounts.models import Tenant
from consortium.organisations.models import Enterprise, IntentAnswer, IntentRound
from consortium.organisations.service import intents
from consortium.shared import clock
from consortium.shared.access import TenantKind
from consortium.shared.db import db
from tests import builders
from tests.journeys.conftest import PHONE, House


def ask(house: House) -> tuple[str, str]:
    """A quarter is asked; the first firm's link, and one that is over."""
    with house.app.app_context():
        zone = db.session.scalars(sa.select(Tenant).where(Tenant.kind == TenantKind.ZONE.value)).one()
        firms = list(db.session.scalars(sa.select(Enterprise).order_by(Enterprise.id)))
        for firm in firms[1:]:
            firm.industry_code = firms[0].industry_code
        firms += [builders.an_enterprise(industry_code=firms[0].industry_code) for _ in range(3)]
        found = builders.an_intent_round(zone, *(firm.tenant for firm in firms), closes_on=clock.today() + timedelta(days=50))
        for firm in firms[1:]:
            intents.answer(found, firm.tenant_id, "no", [], ["no-mentor"])
        key = str(house.app.config["SECRET_KEY"])
        good = intents.link_to(found, firms[0], key)
        with time_machine.travel(clock.now() - timedelta(days=15)):
            old = intents.link_to(found, firms[0], key)
        db.session.commit()
        db.session.remove()
    return good, old


def test_a_firm_answers_in_three_clicks_and_the_zone_sees_it(house: House) -> None:
    link, _old = ask(house)
    one, n = house.visit(size=PHONE), 0
    page = one.go(link)
    one.check()
    one.follow(page.get_by_role("link", name="Yes, we can take people"))
    n += 1
    one.check()
    page.locator("#class_key_0").select_option("0603")
    n += 1
    page.locator("#heads_0").fill("6")
    one.follow(page.get_by_role("button", name="Send the answer"))
    n += 1
    assert "5 other enterprises of your kind" in one.text() and "Automation" in one.text()
    assert n <= 3
    one.check()

    zone = house.visit("zone")
    zone.go("/supply-demand")
    row = zone.page.locator("tr", has_text="Automation").last
    assert row.locator("td").nth(1).inner_text() == "6"
    zone.check()

    one.follow(page.get_by_role("link", name="Change the answer"))
    assert "A new answer replaces it." in one.text()
    one.follow(page.get_by_role("link", name="Perhaps", exact=True))
    page.locator("#class_key_0").select_option("0603")
    page.locator("#heads_0").fill("4")
    one.follow(page.get_by_role("button", name="Send the answer"))
    zone.go("/supply-demand")
    assert [zone.page.locator("tr", has_text="Automation").last.locator("td").nth(k).inner_text() for k in (1, 2)] == ["0", "4"], "on the next look, apart from posts"

    def told() -> list[Any]:
        wanted = sa.select(IntentAnswer).where(IntentAnswer.answer != "no").order_by(IntentAnswer.id)
        return [(a.answer, a.superseded_at is None, [w.heads for w in a.wishes]) for a in db.session.scalars(wanted)]

    assert house.ask(told) == [("yes", False, [6]), ("perhaps", True, [4])], "the second replaces the first, history is kept"
    round_id = house.ask(lambda: db.session.scalars(sa.select(IntentRound.public_id)).one())
    zone.go(f"/intents/{round_id}")
    assert "Nobody can be spared as mentor" in zone.text()
    zone.check()


def test_a_no_asks_for_reasons(house: House) -> None:
    link, _old = ask(house)
    one = house.visit(size=PHONE)
    page = one.go(link)
    one.follow(page.get_by_role("link", name="Not this quarter"))
    one.check()
    one.follow(page.get_by_role("button", name="Send the answer"))
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.get_by_label("Overtime and nights").check()
    one.follow(page.get_by_role("button", name="Send the answer"))
    assert "Thank you" in one.text() and "Overtime and nights" in one.text()


def test_an_expired_link_has_one_button_that_sends_a_new_one(house: House) -> None:
    _good, old = ask(house)
    one = house.visit(size=PHONE)
    one.page.goto(one.base + old)
    one.complaints = [said for said in one.complaints if "410" not in said]
    assert one.page.locator("main form").count() == 1
    one.check()
    one.follow(one.page.get_by_role("button", name="Send a new link"))
    assert "A new link is on its way" in one.text()
    one.check()
    from consortium.messages.models import OutboxItem

    fresh = house.ask(lambda: db.session.scalars(sa.select(OutboxItem.link).where(OutboxItem.kind == "intent-link")).one())
    one.go(fresh)
    assert "can you take students" in one.text()
