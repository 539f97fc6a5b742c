"""A firm registers: once, by a proved phone, verified at once or by hand; whoever comes second asks to join."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from consortium.accounts.models import JoinRequest, Membership, Person, Tenant
from consortium.messages.models import Message, OutboxItem
from consortium.organisations.models import Check, Enterprise, Licence, Registration
from consortium.organisations.service import checks
from consortium.organisations.service import registration as service
from consortium.positions import queries as positions
from consortium.shared import audit, clock
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db
from tests import builders
from tests.conftest import Browser

PASSWORD = "a-long-sentence-7"
CONTACT = {"contact": "王小明", "phone": "13800138000"}


@pytest.fixture
def anonymous(anonymous: Browser) -> Browser:
    """Somebody at the door who reads English."""
    anonymous.client.set_cookie("lang", "en")
    return anonymous



def n_of(model: Any, *where: Any) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


def at_the_door(browser: Browser, code: str) -> str:
    answer = browser.post("/registration", {"credit_code": code})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def the_code() -> str:
    db.session.rollback()
    item = db.session.scalars(sa.select(OutboxItem).where(OutboxItem.kind == "registration-code").order_by(OutboxItem.id.desc())).first()
    assert item is not None and item.channel == "sms"
    return str(item.facts["code"])


def register(browser: Browser, code: str, phone: str = "13800138000", **facts: str) -> Any:
    where = at_the_door(browser, code)
    assert browser.post(where, {**CONTACT, "phone": phone, **facts}).headers["Location"].endswith("/code")
    return browser.post(where + "/code", {"code": the_code(), "password": PASSWORD})


def test_a_firm_on_the_list_is_verified_at_once_with_the_lists_facts(app: Flask, anonymous: Browser) -> None:
    college = builders.a_membership(Role.COLLEGE_OFFICER)
    listed = builders.a_listed_enterprise(name="清远砚桐电子有限公司", address="创兴大道18号")
    code = listed.credit_code
    where = at_the_door(anonymous, f" {code[:8].lower()} {code[8:]}")
    page = anonymous.get(where).get_data(as_text=True)
    assert "清远砚桐电子有限公司" in page and "创兴大道18号" in page
    answer = register(anonymous, code, firm_name="另一家公司", industry_code="7263")
    assert answer.headers["Location"] == "/enterprise/check"
    page = anonymous.get("/enterprise/check").get_data(as_text=True)
    assert "Verified: you may post" in page
    firm = db.session.scalars(sa.select(Enterprise).where(Enterprise.credit_code == code)).one()
    assert (firm.tenant.name_zh, firm.industry_code, firm.host_type) == ("清远砚桐电子有限公司", "3989", "enterprise"), "what is typed does not beat the list"
    assert firm.verified_at is not None and firm.credit_checked_on == clock.today()
    head = db.session.scalars(sa.select(Membership).where(Membership.tenant_id == firm.tenant_id)).one()
    assert (head.role, head.person.login, head.person.state) == ("enterprise_head", "13800138000", "active")
    line = db.session.scalars(sa.select(audit.AuditLine).where(audit.AuditLine.act == "register-enterprise")).one()
    assert (line.subject_id, line.tenant_id, line.facts["at_once"]) == (firm.id, firm.tenant_id, True)
    assert n_of(OutboxItem, OutboxItem.person_id == college.person_id) == n_of(Message, Message.person_id == college.person_id) == 0, "no mail to colleges"


def test_the_lists_own_number_is_the_only_one_verified_at_once(app: Flask, anonymous: Browser) -> None:
    listed = builders.a_listed_enterprise(phone="13900139000")
    register(anonymous, listed.credit_code)
    firm = db.session.scalars(sa.select(Enterprise)).one()
    assert firm.verified_at is None
    assert "One more thing: the licence" in anonymous.get("/enterprise/check").get_data(as_text=True)


def test_a_firm_that_is_not_listed_hands_its_licence_in_and_waits_at_its_place(app: Flask, anonymous: Browser, signed_in_as: Callable[..., Browser]) -> None:
    builders.a_check()
    zone = builders.a_membership(Role.ZONE_OFFICER)
    code = builders.a_credit_code()
    assert register(anonymous, code, firm_name="清远新来有限公司", industry_code="3252", address="德龙大道9号").headers["Location"] == "/enterprise/check"
    empty = anonymous.post("/enterprise/check", {"text": "请查收"})
    assert empty.status_code == 422 and "Choose the photo" in empty.get_data(as_text=True)
    told = hand_in(anonymous, b"%!not a picture")
    assert told.status_code == 422 and "something else" in told.get_data(as_text=True)
    assert hand_in(anonymous, builders.JPEG).status_code == 303
    page = anonymous.get("/enterprise/check").get_data(as_text=True)
    assert "Place 2 in the queue" in page and "About one working day" in page
    kept = db.session.scalars(sa.select(Licence).order_by(Licence.id.desc())).first()
    assert kept is not None and kept.sealed_content is not None and b"licence" not in kept.sealed_content, "sealed at rest"
    check = db.session.scalars(sa.select(Check).where(Check.tenant_id == kept.tenant_id)).one()
    assert n_of(Message, Message.person_id == zone.person_id, Message.kind == "check-waiting") == 1
    officer = signed_in_as(zone)
    queue = officer.get("/checks").get_data(as_text=True)
    assert queue.index("测试机构") < queue.index("清远新来有限公司") if "测试机构" in queue else "清远新来有限公司" in queue
    picture = officer.client.get(f"/checks/{check.public_id}/licence")
    assert (picture.mimetype, picture.data) == ("image/jpeg", builders.JPEG)
    for other in (Role.COLLEGE_OFFICER, Role.ENTERPRISE_HEAD):
        assert signed_in_as(other).client.get(f"/checks/{check.public_id}/licence").status_code == 403
    assert officer.post(f"/checks/{check.public_id}/decision", {"step": "ask"}).status_code == 422, "asking needs words"
    assert officer.post(f"/checks/{check.public_id}/decision", {"step": "ask", "text": "请补拍副本"}).status_code == 303
    assert "请补拍副本" in anonymous.get("/enterprise/check").get_data(as_text=True)
    assert anonymous.post("/enterprise/check", {"text": "已补充说明"}).status_code == 303
    assert officer.post(f"/checks/{check.public_id}/decision", {"step": "refuse", "text": "执照已注销"}).status_code == 303
    assert "执照已注销" in anonymous.get("/enterprise/check").get_data(as_text=True)
    assert hand_in(anonymous, builders.JPEG, "新执照").status_code == 303
    assert officer.post(f"/checks/{check.public_id}/decision", {"step": "approve"}).status_code == 303
    assert "Verified: you may post" in anonymous.get("/enterprise/check").get_data(as_text=True)
    assert officer.post(f"/checks/{check.public_id}/decision", {"step": "approve"}).status_code == 409, "decided once"
    sms = db.session.scalars(sa.select(OutboxItem.kind).where(OutboxItem.kind.like("check-%")).order_by(OutboxItem.id)).all()
    assert sms == ["check-ask", "check-refuse", "check-approve"], "the firm is told each time"


def hand_in(browser: Browser, data: bytes, text: str = "") -> Any:
    import io

    return browser.post("/enterprise/check", {"licence": (io.BytesIO(data), "licence.jpg"), "text": text}, content_type="multipart/form-data")


def test_only_the_newest_three_photos_are_kept(app: Flask) -> None:
    check = builders.a_check()
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=check.tenant).actor()
    for n in range(4):
        checks.hand_in(check, "", builders.JPEG + bytes([n]) + b"\xff\xd9", key="k" * 40, by=boss)
    kept = db.session.scalars(sa.select(Licence.id).where(Licence.sealed_content.is_not(None)).order_by(Licence.id)).all()
    every = db.session.scalars(sa.select(Licence.id).order_by(Licence.id)).all()
    assert len(every) == 5 and list(kept) == list(every)[-3:]


def test_photos_are_destroyed_thirty_days_after_the_decision_and_not_before(app: Flask) -> None:
    now = clock.now()
    old = builders.a_check(state="verified", decided_at=now - timedelta(days=30, minutes=1))
    fresh, waiting = builders.a_check(state="refused", decided_at=now - timedelta(days=29)), builders.a_check(queued_at=now - timedelta(days=90))
    assert checks.destroy_licences() == 1
    assert checks.destroy_licences() == 0
    left = set(db.session.scalars(sa.select(Licence.check_id).where(Licence.sealed_content.is_not(None))))
    assert left == {fresh.id, waiting.id} and old.id not in left


@pytest.mark.parametrize("industry", ["7263", "7262"])
def test_an_agency_may_register_and_is_told_at_once_what_is_closed_by_which_rule(industry: str, app: Flask, anonymous: Browser) -> None:
    from consortium.reference import law

    words, citation = law.rule("R22").words("en"), law.rule("R22").citation("en")
    assert words in anonymous.get(f"/registration/hint?industry_code={industry}").get_data(as_text=True)
    where = at_the_door(anonymous, builders.a_credit_code())
    anonymous.post(where, {**CONTACT, "firm_name": "清远派遣有限公司", "industry_code": industry})
    page = anonymous.get(where + "/code").get_data(as_text=True)
    assert words in page and citation in page
    assert anonymous.post(where + "/code", {"code": the_code(), "password": PASSWORD}).status_code == 303
    assert words in anonymous.get("/enterprise/check").get_data(as_text=True)
    firm = db.session.scalars(sa.select(Enterprise)).one()
    post = builders.a_position(firm)
    assert "R22" in [v.code for v in positions.judge_all([post])[0] if v.blocks], "and the posting form says the same"


def test_nothing_is_said_of_rule_22_to_others(anonymous: Browser) -> None:
    assert "closed" not in anonymous.get("/registration/hint?industry_code=3989").get_data(as_text=True)


def test_the_check_digit_is_told_while_typing_and_no_more(anonymous: Browser) -> None:
    firm = builders.an_enterprise(credit_code=builders.a_credit_code())
    code = firm.credit_code
    assert "does not fit" in anonymous.get(f"/registration/hint?credit_code={code[:17]}{'0' if code[17] != '0' else '1'}").get_data(as_text=True)
    assert "9 of 18" in anonymous.get(f"/registration/hint?credit_code={code[:9]}").get_data(as_text=True)
    known, unknown = (anonymous.get(f"/registration/hint?credit_code={c}").get_data(as_text=True) for c in (code, builders.a_credit_code()))
    assert known.replace(code, "") == re.sub(r"9144\w+", "", unknown), "whether a firm is here is not told while typing"


def test_a_second_one_asks_the_administrator_and_founds_nothing(app: Flask, anonymous: Browser, signed_in_as: Callable[..., Browser]) -> None:
    firm = builders.an_enterprise(credit_code=builders.a_credit_code())
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant, person=builders.a_person(name="赵铁柱"))
    where = at_the_door(anonymous, firm.credit_code)
    page = anonymous.get(where).get_data(as_text=True)
    assert "赵*" in page and "赵铁柱" not in page and "铁柱" not in page
    answer = register(anonymous, firm.credit_code)
    assert answer.headers["Location"] == "/registration/asked"
    assert n_of(Enterprise) == 1 and n_of(Tenant, Tenant.kind == TenantKind.ENTERPRISE.value) == 1
    assert anonymous.client.get("/enterprise").status_code in (302, 401), "asking opens nothing"
    assert anonymous.post("/sign-in", {"login": "13800138000", "password": PASSWORD}).status_code == 422
    head = signed_in_as(boss)
    colleagues = head.get("/colleagues").get_data(as_text=True)
    assert "王小明" in colleagues and "13800138000" in colleagues
    request = db.session.scalars(sa.select(JoinRequest)).one()
    stranger = signed_in_as(Role.ENTERPRISE_HEAD)
    assert stranger.post(f"/joins/{request.public_id}/decision", {"decision": "join"}).status_code == 404
    assert head.post(f"/joins/{request.public_id}/decision", {"decision": "join"}).status_code == 303
    assert head.post(f"/joins/{request.public_id}/decision", {"decision": "refuse"}).status_code == 409
    assert anonymous.post("/sign-in", {"login": "13800138000", "password": PASSWORD}).status_code == 303
    assert anonymous.client.get("/enterprise").status_code == 200
    assert anonymous.client.get("/colleagues").status_code == 403, "an ordinary member"
    assert n_of(OutboxItem, OutboxItem.kind == "join-joined") == 1


def test_a_refused_one_stays_outside(app: Flask, anonymous: Browser, signed_in_as: Callable[..., Browser]) -> None:
    firm = builders.an_enterprise(credit_code=builders.a_credit_code())
    head = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))
    register(anonymous, firm.credit_code)
    request = db.session.scalars(sa.select(JoinRequest)).one()
    assert head.post(f"/joins/{request.public_id}/decision", {"decision": "refuse"}).status_code == 303
    assert anonymous.post("/sign-in", {"login": "13800138000", "password": PASSWORD}).status_code == 422
    assert n_of(OutboxItem, OutboxItem.kind == "join-refused") == 1


def test_three_wrong_codes_wait_in_seconds_and_nine_end_it(app: Flask, anonymous: Browser) -> None:
    where = at_the_door(anonymous, builders.a_listed_enterprise().credit_code)
    anonymous.post(where, CONTACT)
    right = the_code()
    wrong = "000000" if right != "000000" else "111111"
    with time_machine.travel(clock.now(), tick=False) as time:
        for _ in range(2):
            answer = anonymous.post(where + "/code", {"code": wrong, "password": PASSWORD})
            assert answer.status_code == 422 and "not the code we sent" in answer.get_data(as_text=True)
        answer = anonymous.post(where + "/code", {"code": wrong, "password": PASSWORD})
        assert answer.status_code == 429 and answer.headers["Retry-After"] == "30"
        assert "30 seconds" in answer.get_data(as_text=True)
        assert anonymous.post(where + "/code", {"code": right, "password": PASSWORD}).status_code == 429, "also the right one waits"
        time.shift(31)
        for _n in range(6):
            answer = anonymous.post(where + "/code", {"code": wrong, "password": PASSWORD})
            time.shift(61)
        assert answer.status_code == 422 and "new one sent" in answer.get_data(as_text=True)
        assert anonymous.post(where + "/code", {"code": right, "password": PASSWORD}).status_code == 422
        assert anonymous.post(where + "/codes").status_code == 303
    assert anonymous.post(where + "/code", {"code": the_code(), "password": PASSWORD}).headers["Location"] == "/enterprise/check"


def test_a_code_ends_after_ten_minutes_and_a_new_one_ends_the_old(app: Flask, anonymous: Browser) -> None:
    where = at_the_door(anonymous, builders.a_listed_enterprise().credit_code)
    anonymous.post(where, CONTACT)
    first = the_code()
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=False) as time:
        assert anonymous.post(where + "/code", {"code": first, "password": PASSWORD}).status_code == 422
        anonymous.post(where + "/codes")
        again = anonymous.post(where + "/codes")
        assert again.status_code == 429 and "60 seconds" in again.get_data(as_text=True)
        if first != the_code():
            assert anonymous.post(where + "/code", {"code": first, "password": PASSWORD}).status_code == 422
        assert anonymous.post(where + "/code", {"code": the_code(), "password": PASSWORD}).status_code == 303
        time.shift(1)


def test_a_weak_password_costs_neither_the_code_nor_what_was_typed(app: Flask, anonymous: Browser) -> None:
    where = at_the_door(anonymous, builders.a_listed_enterprise().credit_code)
    anonymous.post(where, CONTACT)
    weak = anonymous.post(where + "/code", {"code": the_code(), "password": "short"})
    assert weak.status_code == 422 and "At least 10 characters" in weak.get_data(as_text=True)
    assert anonymous.post(where + "/code", {"password": PASSWORD}).headers["Location"] == "/enterprise/check"


def test_a_finished_registration_opens_nothing_again(app: Flask, anonymous: Browser) -> None:
    where = at_the_door(anonymous, builders.a_listed_enterprise().credit_code)
    anonymous.post(where, CONTACT)
    code = the_code()
    assert anonymous.post(where + "/code", {"code": code, "password": PASSWORD}).status_code == 303
    other = Browser(app.test_client())
    assert other.post(where + "/code", {"code": code, "password": PASSWORD}).status_code == 404
    assert other.client.get(where).headers["Location"] == "/sign-in", "a reader of the address is sent to the sign-in"
    assert anonymous.client.get(where).headers["Location"] == "/enterprise/check"
    assert n_of(Enterprise) == 1


def test_whoever_has_an_account_adds_the_firm_by_its_password_and_switches(app: Flask, anonymous: Browser) -> None:
    first, second = builders.a_listed_enterprise(), builders.a_listed_enterprise()
    register(anonymous, first.credit_code)
    where = at_the_door(anonymous, second.credit_code)
    anonymous.post(where, CONTACT)
    wrong = anonymous.post(where + "/code", {"code": the_code(), "password": "another-sentence-8"})
    assert wrong.status_code == 422 and "already have an account" in wrong.get_data(as_text=True)
    assert anonymous.post(where + "/code", {"password": PASSWORD}).status_code == 303
    assert n_of(Person, Person.state == "active") == 1 and n_of(Membership) == 2
    page = anonymous.get("/account").get_data(as_text=True)
    assert first.name in page and second.name in page


def test_two_at_once_found_one_enterprise(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from consortium.organisations.queries import registration as queries

    listed = builders.a_listed_enterprise()
    outcomes, real = [], queries.enterprise_by_code
    doors = []
    for phone in ("13800138001", "13800138002"):
        token = service.begin(listed.credit_code)
        door = queries.at_door(service.accounts.token_hash(token))
        code = service.name_contact(door, token, {"contact": "李雷", "phone": phone})
        service.try_code(door, token, code)
        doors.append((door, service.prove(door, PASSWORD)))
    blind = iter([None, None])  # both looked before either had founded
    monkeypatch.setattr(queries, "enterprise_by_code", lambda code: next(blind, None) or real(code))
    outcomes = [type(service.finish(door, proof)).__name__ for door, proof in doors]
    assert outcomes == ["Membership", "JoinRequest"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Enterprise)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Tenant).where(Tenant.kind == "enterprise")) == 1


def test_an_address_asks_about_thirty_codes_in_ten_minutes(app: Flask, anonymous: Browser) -> None:
    token = anonymous.csrf()
    answers = [anonymous.client.post("/registration", data={"csrf_token": token, "credit_code": builders.a_credit_code(500 + n)}).status_code for n in range(31)]
    assert answers[:30] == [303] * 30 and answers[30] == 429


def test_a_phone_gets_six_codes_a_day_whatever_the_firm(app: Flask, anonymous: Browser) -> None:
    for n in range(7):
        where = at_the_door(anonymous, builders.a_credit_code(700 + n))
        answer = anonymous.post(where, {**CONTACT, "firm_name": "甲", "industry_code": "3989"})
        assert answer.status_code == (303 if n < 6 else 429)
    assert n_of(OutboxItem, OutboxItem.kind == "registration-code") == 6


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("phone", "12345", "11 digits"), ("contact", " ", "needed"), ("firm_name", "", "needed"), ("industry_code", "铝业", "GB/T 4754"), ("industry_code", "", "GB/T 4754")],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_stays(field: str, value: str, said: str, app: Flask, anonymous: Browser) -> None:
    where = at_the_door(anonymous, builders.a_credit_code())
    fields = {**CONTACT, "firm_name": "清远澄光有限公司", "industry_code": "3989", "address": "嘉福工业园7号", field: value}
    page = anonymous.post(where, fields)
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    error = re.search(rf'id="{field}-error">([^<]*)', text)
    assert error is not None and said in error.group(1)
    assert "嘉福工业园7号" in text and n_of(OutboxItem) == 0


def test_codes_of_full_width_and_the_plus_86_are_mended(app: Flask, anonymous: Browser) -> None:
    where = at_the_door(anonymous, builders.a_listed_enterprise().credit_code)
    assert anonymous.post(where, {**CONTACT, "phone": "+86 138-0013-8000"}).status_code == 303
    wide = "".join(chr(ord(c) + 0xFEE0) for c in the_code())
    assert anonymous.post(where + "/code", {"code": f" {wide} ", "password": PASSWORD}).status_code == 303


def test_neither_token_nor_code_is_kept(app: Flask, anonymous: Browser) -> None:
    where = at_the_door(anonymous, builders.a_listed_enterprise().credit_code)
    anonymous.post(where, CONTACT)
    token = where.rpartition("/")[2]
    row = db.session.execute(sa.select(Registration.__table__)).one()
    assert token not in str(row) and the_code() not in str(row)


def test_who_never_proved_the_phone_is_forgotten_after_a_day(app: Flask, anonymous: Browser) -> None:
    where = at_the_door(anonymous, builders.a_listed_enterprise().credit_code)
    anonymous.post(where, CONTACT)
    assert service.forget_expired() == 0
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1)):
        assert service.forget_expired() == 1
        db.session.commit()
        assert n_of(Registration) == 0
        assert db.session.scalars(sa.select(Person.phone)).all() == [""]
        assert anonymous.client.get(where).status_code == 404
