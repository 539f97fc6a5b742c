"""The quarterly question: asked by signed links, answered in a minute, reminded until answered, counted apart from posts."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from consortium.dashboards import queries as desks
from consortium.messages.models import OutboxItem
from consortium.organisations import tasks
from consortium.organisations.models import IntentAnswer, IntentAsk, IntentRound
from consortium.organisations.queries import intents as queries
from consortium.organisations.service import intents as service
from consortium.shared import clock, links
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from tests import builders
from tests.conftest import Browser

YES = {"answer": "yes", "class_key_0": "0603", "heads_0": "6", "kind_0": "internship"}


@pytest.fixture
def anonymous(anonymous: Browser) -> Browser:
    """Somebody at the door who reads English."""
    anonymous.client.set_cookie("lang", "en")
    return anonymous



def key(app: Flask) -> str:
    return str(app.config["SECRET_KEY"])


def a_firm(industry: str = "3989", **given: Any) -> Any:
    firm = builders.an_enterprise(industry_code=industry, **given)
    builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant, person=builders.a_person(phone="19900001234"))
    return firm


def asked(*firms: Any, **given: Any) -> IntentRound:
    return builders.an_intent_round(None, *(firm.tenant for firm in firms), **given)


def test_a_firm_answers_by_its_link_without_an_account_and_the_matrix_changes_at_once(app: Flask, anonymous: Browser, signed_in_as: Callable[..., Browser]) -> None:
    firm = a_firm()
    found = asked(firm)
    zone = builders.a_membership(Role.ZONE_OFFICER, tenant=db.session.get_one(builders.Tenant, found.tenant_id))
    link = service.link_to(found, firm, key(app))
    page = anonymous.get(link).get_data(as_text=True)
    assert firm.tenant.name_en in page and f"{link}?answer=perhaps" in page
    form = anonymous.get(link + "?answer=yes").get_data(as_text=True)
    assert "Mechanical" in form and 'name="heads_0"' in form and 'name="reasons"' not in form
    assert 'name="reasons"' in anonymous.get(link + "?answer=no").get_data(as_text=True)
    assert anonymous.post(link, YES).headers["Location"] == f"{link}/thanks"
    assert "Fewer than five" in anonymous.get(link + "/thanks").get_data(as_text=True)
    officer = signed_in_as(zone)
    page = officer.get("/supply-demand").get_data(as_text=True)
    assert "Demand by intent" in page and "Automation" in page
    told = {row["major_class"]: (row["intended"], row["intended_perhaps"]) for row in officer.client.get("/api/v1/supply-demand").get_json()}
    assert told["0603"] == (6, 0)
    assert anonymous.post(link, {**YES, "answer": "perhaps", "heads_0": "4"}).status_code == 303
    told = {row["major_class"]: (row["intended"], row["intended_perhaps"], row["openings"]) for row in officer.client.get("/api/v1/supply-demand").get_json()}
    assert told["0603"] == (0, 4, 0), "the second answer replaces the first, and no post is opened"
    history = queries.history_of(found.id, firm.tenant_id)
    assert [(a.answer, a.superseded_at is None) for a in history] == [("perhaps", True), ("yes", False)]
    assert [w.heads for w in history[1].wishes] == [6], "history is kept"
    assert "By intent 0 + 4?" in officer.get("/").get_data(as_text=True)


def test_a_no_needs_reasons_which_are_counted(app: Flask, anonymous: Browser, signed_in_as: Callable[..., Browser]) -> None:
    firms = [a_firm(), a_firm()]
    found = asked(*firms)
    empty = anonymous.post(service.link_to(found, firms[0], key(app)), {"answer": "no", "remark": "明年再看"})
    assert empty.status_code == 422 and "明年再看" in empty.get_data(as_text=True) and "This is needed" in empty.get_data(as_text=True)
    for firm in firms:
        assert anonymous.post(service.link_to(found, firm, key(app)), {"answer": "no", "reasons": ["no-mentor", "R26"] if firm is firms[0] else ["R26"]}).status_code == 303
    assert queries.reasons(found.id) == [("R26", 2), ("no-mentor", 1)]
    zone = signed_in_as(builders.a_membership(Role.ZONE_HEAD, tenant=db.session.get_one(builders.Tenant, found.tenant_id)))
    page = zone.get(f"/intents/{found.public_id}").get_data(as_text=True)
    assert "Overtime and nights" in page, "a rule is told by its title in the law's table"
    assert zone.client.get(f"/api/v1/intents/{found.public_id}").get_json()["no"] == 2


@pytest.mark.parametrize(("others", "said"), [(4, "Fewer than five"), (5, "5 other enterprises of your kind")])
def test_thanks_tell_how_many_of_the_kind_answered_from_five_on(others: int, said: str, app: Flask, anonymous: Browser) -> None:
    mine = a_firm()
    same, else_where = [a_firm() for _ in range(others)], a_firm("2720")
    found = asked(mine, *same, else_where)
    for firm in (*same, else_where, mine):
        service.answer(found, firm.tenant_id, "yes", [("0603", 1, "job")], [])
    db.session.commit()
    assert said in anonymous.get(service.link_to(found, mine, key(app)) + "/thanks").get_data(as_text=True)


def test_an_expired_link_has_one_button_that_sends_a_new_one_to_the_firm(app: Flask, anonymous: Browser) -> None:
    firm = a_firm()
    found = asked(firm, closes_on=clock.today() + timedelta(days=40))
    link = service.link_to(found, firm, key(app))
    with time_machine.travel(clock.now() + timedelta(days=14, minutes=1)):
        page = anonymous.get(link)
        assert page.status_code == 410 and page.get_data(as_text=True).count("Send a new link") == 1
        assert anonymous.post(link, YES).status_code == 410
        assert db.session.scalar(sa.select(sa.func.count()).select_from(IntentAnswer)) == 0
        db.session.rollback()
        for _ in range(3):
            assert anonymous.post(link + "/link").headers["Location"] == "/intents/link-sent"
        sent = db.session.scalars(sa.select(OutboxItem).where(OutboxItem.kind == "intent-link")).all()
        assert len(sent) == 1, "one in ten minutes"
        fresh = sent[0].link
        db.session.rollback()
        assert fresh != link and anonymous.get(fresh).status_code == 200
        assert anonymous.post(fresh, YES).status_code == 303


def test_a_link_answers_for_one_firm_and_purpose_only(app: Flask, anonymous: Browser) -> None:
    firm = a_firm()
    found = asked(firm)
    token = service.link_to(found, firm, key(app)).rpartition("/")[2]
    assert links.read("another", token, key(app)) is None
    assert links.read(service.PURPOSE, token, "another-key") is None
    forged = links.sign("another", {"r": found.public_id.hex, "f": firm.public_id.hex}, clock.now() + timedelta(days=1), key(app))
    for bad in (forged, token[:-2], "x" + token, "no-such-token"):
        assert anonymous.client.get(f"/intent/{bad}").status_code == 404
    gone = a_firm()
    gone.tenant.state = "suspended"
    db.session.commit()
    assert anonymous.post(service.link_to(found, gone, key(app)), YES).status_code == 404, "a suspended firm answers no more"


def test_a_firm_that_registered_after_the_opening_may_answer(app: Flask, signed_in_as: Callable[..., Browser]) -> None:
    found, late = asked(a_firm()), a_firm()
    member = signed_in_as(builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=late.tenant))
    assert member.post("/enterprise/intent", YES).status_code == 303
    assert queries.tallies([found.id])[found.id] == queries.Tally(2, 1, 0, 0)


def test_one_link_is_answered_thirty_times_an_hour_at_most(app: Flask, anonymous: Browser) -> None:
    firm = a_firm()
    link = service.link_to(asked(firm), firm, key(app))
    token = anonymous.csrf()
    codes = [anonymous.client.post(link, data={"csrf_token": token, "answer": "no", "reasons": "other"}).status_code for _ in range(31)]
    assert codes == [303] * 30 + [429]


def test_a_closed_quarter_takes_no_answer(app: Flask, anonymous: Browser) -> None:
    firm = a_firm()
    found = asked(firm, closes_on=clock.today() - timedelta(days=1))
    assert anonymous.client.get(service.link_to(found, firm, key(app))).status_code == 410
    with pytest.raises(Conflict):
        service.answer(found, firm.tenant_id, "yes", [("0603", 1, "job")], [])


def test_two_answers_of_one_firm_leave_one_that_counts(app: Flask) -> None:
    firm = a_firm()
    found = asked(firm)
    for heads in (1, 2, 3):
        service.answer(found, firm.tenant_id, "yes", [("0603", heads, "job")], [])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(IntentAnswer).where(queries.CURRENT)) == 1
    db.session.add(IntentAnswer(round_id=found.id, tenant_id=firm.tenant_id, answer="no"))
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()


def test_every_firm_is_told_once_then_reminded_until_it_answers(app: Flask) -> None:
    answering, silent = a_firm(), a_firm()
    found = asked(answering, silent, closes_on=clock.today() + timedelta(days=60))
    db.session.commit()
    number, firms = found.id, {"answering": answering.tenant_id, "silent": silent.tenant_id}
    db.session.rollback()  # the task has a session of its own

    def sms(kind: str) -> int:
        n = db.session.scalar(sa.select(sa.func.count()).select_from(OutboxItem).where(OutboxItem.kind == kind, OutboxItem.channel == "sms")) or 0
        db.session.rollback()
        return n

    start = clock.now()
    with time_machine.travel(start, tick=False) as time:
        for _ in range(3):
            tasks.ask_intents(number)
        assert sms("intent-asked") == 2, "told once, however often the task runs"
        service.answer(db.session.get_one(IntentRound, number), firms["answering"], "yes", [("0603", 2, "job")], [])
        db.session.commit()
        reminded = []
        for days in (3, 1, 6, 1, 7, 30):
            time.shift(timedelta(days=days))
            tasks.ask_intents(number)
            reminded.append(sms("intent-reminder"))
        assert reminded == [0, 1, 1, 2, 3, 3], "only the silent one, three times at most"
    counts = dict(db.session.execute(sa.select(IntentAsk.tenant_id, IntentAsk.n_sent)).all())
    assert counts == {firms["answering"]: 1, firms["silent"]: 4}


def test_a_firm_that_came_after_the_opening_is_asked_too_and_a_suspended_one_is_not(app: Flask) -> None:
    found = asked(a_firm())
    late, gone = a_firm(), a_firm()
    gone.tenant.state = "suspended"
    db.session.flush()
    told = {tenant.id for tenant, _before in service.claim_due(found)}
    assert late.tenant_id in told and gone.tenant_id not in told


def test_the_zone_opens_a_quarter_once_and_within_reason(app: Flask, signed_in_as: Callable[..., Browser]) -> None:
    firms = [a_firm(), a_firm()]
    zone = builders.a_membership(Role.ZONE_OFFICER)
    today = clock.today()
    year, quarter = today.year, (today.month - 1) // 3 + 1
    names = [firm.tenant.name_en for firm in firms]
    for bad in ({"closes_on": today - timedelta(1)}, {"closes_on": today + timedelta(200)}):
        with pytest.raises(Invalid):
            service.open_round(zone.actor(), year, quarter, bad["closes_on"])
    with pytest.raises(Invalid):
        service.open_round(zone.actor(), year - 3, quarter, today + timedelta(20))
    officer = signed_in_as(zone)
    fields = {"year": str(year), "quarter": str(quarter), "closes_on": (today + timedelta(days=20)).isoformat()}
    where = officer.post("/intents", fields).headers["Location"]
    again = officer.post("/intents", fields)
    assert again.status_code == 422 and "asked already" in again.get_data(as_text=True)
    page = officer.get(where).get_data(as_text=True)
    assert all(name in page for name in names) and page.count("Not answered") >= 2
    assert officer.get(f"{where}?state=yes").get_data(as_text=True).count("Not answered") == 1
    assert officer.post(where + "/closure").status_code == 303
    assert officer.post(where + "/closure").status_code == 409


def test_whoever_is_signed_in_answers_on_the_desk(app: Flask, signed_in_as: Callable[..., Browser]) -> None:
    firm = a_firm()
    asked(firm)
    member = signed_in_as(builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm.tenant))
    assert "/enterprise/intent" in member.get("/").get_data(as_text=True)
    bad = member.post("/enterprise/intent", {"answer": "yes", "class_key_0": "0603", "heads_0": "-3"})
    assert bad.status_code == 422 and "from 1 to 5000" in bad.get_data(as_text=True)
    assert member.post("/enterprise/intent", YES).status_code == 303
    assert 'href="/enterprise/intent"' not in member.get("/").get_data(as_text=True)
    told = member.client.get("/api/v1/enterprise/intent").get_json()
    assert (told["answer"], told["wishes"], told["others"]) == ("yes", [{"class_key": "0603", "heads": 6, "kind": "internship"}], None)
    answer = member.send_json("POST", "/api/v1/enterprise/intent", {"answer": "no", "reasons": ["R10"]})
    assert answer.get_json()["reasons"] == ["R10"]
    assert member.send_json("POST", "/api/v1/enterprise/intent", {"answer": "no"}).status_code == 422


def test_demand_by_intent_stays_within_the_readers_reach(app: Flask) -> None:
    inside, outside = a_firm(), a_firm()
    found = asked(inside, outside)
    bureau = builders.a_membership(Role.BUREAU_OBSERVER)
    builders.saved(builders_reach(bureau.tenant_id, inside.tenant_id))
    for firm in (inside, outside):
        service.answer(found, firm.tenant_id, "yes", [("0603", 5, "job")], [])
    seen = desks.by_intent(bureau.actor())
    assert seen is not None and seen.yes == 5


def builders_reach(bureau: int, tenant: int) -> Any:
    from consortium.organisations.models import BureauReach

    return BureauReach(bureau_tenant_id=bureau, tenant_id=tenant)


def test_a_workbook_of_the_zones_list_takes_good_rows_and_names_the_others(app: Flask, signed_in_as: Callable[..., Browser]) -> None:
    from consortium.organisations.models import ListedEnterprise
    from consortium.shared.spreadsheet import write_workbook

    zone = signed_in_as(Role.ZONE_OFFICER)
    good, twice, changed = builders.a_credit_code(), builders.a_credit_code(), builders.a_listed_enterprise(name="旧名").credit_code
    header = ["统一社会信用代码", "企业名称", "地址", "行业代码", "联系手机"]
    rows = [
        [f" {good.lower()} ", "清远一企", "银英公路1号", "电子电路制造", "138 0013 8000"], [twice, "清远二企", "", "3252", ""], [twice, "清远二企", "", "3252", ""],
        [good[:-1] + ("0" if good[-1] != "0" else "1"), "清远三企", "", "3252", ""], [builders.a_credit_code(), "", "", "9999", "12"], [changed, "新名", "", "3989", ""],
    ]  # fmt: skip
    data = {"file": (io.BytesIO(write_workbook("名录", header, rows)), "list.xlsx")}
    page = zone.post("/zone-list/upload", data, content_type="multipart/form-data")
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and "2 new, 1 changed, 0 unchanged" in text
    for row_no, said in ((4, "earlier row"), (5, "last character"), (6, "GB/T 4754")):
        assert f'<td class="num">{row_no}</td>' in text and said in text
    entry = db.session.scalars(sa.select(ListedEnterprise).where(ListedEnterprise.credit_code == good)).one()
    assert (entry.name, entry.industry_code, entry.phone) == ("清远一企", "3982", "13800138000")
    db.session.rollback()
    rubbish = zone.post("/zone-list/upload", {"file": (io.BytesIO(b"%PDF-1.4"), "list.xlsx")}, content_type="multipart/form-data")
    assert rubbish.status_code == 422 and "not read" in rubbish.get_data(as_text=True)


def test_an_entry_is_changed_by_one_hand_at_a_time(app: Flask, signed_in_as: Callable[..., Browser]) -> None:
    zone = builders.a_membership(Role.ZONE_OFFICER)
    entry = builders.a_listed_enterprise(zone.tenant)
    officer, where = signed_in_as(zone), f"/zone-list/{entry.public_id}"
    fields = {"version": str(entry.version), "credit_code": entry.credit_code, "name": "清远新名有限公司", "industry_code": "3989"}
    db.session.rollback()
    assert officer.post(where, fields).status_code == 303
    stale = officer.post(where, {**fields, "name": "清远又名有限公司"})
    assert stale.status_code == 409 and "清远新名有限公司" in stale.get_data(as_text=True) and "清远又名有限公司" in stale.get_data(as_text=True)
    assert signed_in_as(Role.ZONE_OFFICER).client.get(where).status_code == 404, "another zone's list"
