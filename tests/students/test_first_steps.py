"""The first sign-in: number and name, a code by SMS, purposes one by one, three questions; and every way it can go wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Person, SignIn
from consortium.messages.models import Message
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Invalid, TooMany
from consortium.students import queries, rules, service
from consortium.students.models import Consent, EntryCode, GuardianLink, Student, Ticket
from tests import builders
from tests.conftest import Browser
from tests.students import sms

Sign = Callable[..., Browser]
PHONE = "13800001234"


@pytest.fixture
def newcomer(app: Flask) -> Student:
    """On the register with a phone and a guardian, never signed in, agreeing to nothing."""
    college = builders.a_college()
    adviser = builders.a_membership(Role.CLASS_ADVISER, tenant=builders.db.session.get(builders.Tenant, college.tenant_id))
    its_class = builders.a_class(college, adviser_id=adviser.id)
    student = builders.a_student(
        college, consented=False, name="陈晓雯", phone=PHONE, guardian_name="陈建国", guardian_phone="13900005678", class_id=its_class.id, wish="", wants_zone=None, graduates_on=date(2027, 6, 30)
    )
    builders.has_skill(student, builders.a_skill())
    db.session.commit()
    return student


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """Somebody who is not signed in and reads English."""
    client = app.test_client()
    client.set_cookie("lang", "en")
    return Browser(client)


def find(browser: Browser, student: Student) -> Any:
    return browser.post("/first-login", {"student_no": student.student_no, "name": student.name})


def enter(browser: Browser, student: Student) -> Any:
    assert find(browser, student).headers["Location"] == "/first-login/code"
    return browser.post("/first-login/code", {"code": sms.last("code-entry")["code"]})


def test_number_name_and_code_open_an_account_without_any_password(newcomer: Student, anonymous: Browser) -> None:
    answer = enter(anonymous, newcomer)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/welcome")
    assert sms.last("code-entry")["number"] == PHONE
    person = db.session.scalars(sa.select(Person).where(Person.id == db.session.get_one(Student, newcomer.id, populate_existing=True).person_id)).one()
    assert person.password_hash is None and person.phone == PHONE
    assert "Before we begin" in anonymous.get("/welcome").get_data(as_text=True)


def test_the_second_time_leads_to_the_same_account(newcomer: Student, app: Flask) -> None:
    first, second = Browser(app.test_client()), Browser(app.test_client())
    enter(first, newcomer)
    db.session.execute(sa.update(EntryCode).values(sent_at=clock.now() - timedelta(minutes=2)))
    db.session.commit()
    enter(second, newcomer)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person).where(Person.name == newcomer.name)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 2


def test_who_is_in_no_import_tells_the_school_and_the_class_adviser_answers(newcomer: Student, anonymous: Browser, signed_in_as: Sign) -> None:
    answer = anonymous.post("/first-login", {"student_no": "2025999999", "name": "无名氏"})
    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert "Tell the school" in page and 'value="2025999999"' in page, "what was typed goes on"
    told = {"college": str(newcomer.tenant.public_id), "asker": "无名氏", "asker_no": "2025999999", "class_name": newcomer.school_class.name, "asker_phone": "13700000001"}  # type: ignore[union-attr]
    assert "class adviser" in anonymous.post("/first-login/school/not-found", told).get_data(as_text=True)
    ticket = db.session.scalars(sa.select(Ticket)).one()
    assert ticket.due_on == clock.today() + timedelta(days=3)
    adviser = queries.who_answers(ticket)
    assert [m.kind for m in db.session.scalars(sa.select(Message).where(Message.person_id.in_(adviser)))] == ["ticket-not-found"]
    membership = db.session.scalars(sa.select(builders.Membership).where(builders.Membership.person_id == adviser[0])).one()
    desk = signed_in_as(membership)
    assert "无名氏" in desk.get("/tickets").get_data(as_text=True)
    assert desk.post(f"/tickets/{ticket.public_id}/answer", {"answer": "已补录", "grant": "yes"}).status_code == 303
    assert sms.last("code-ticket-answered") == {"answer": "已补录", "number": "13700000001"}
    assert desk.post(f"/tickets/{ticket.public_id}/answer", {"answer": "又答", "grant": "yes"}).status_code == 409


def test_without_a_phone_the_school_is_told_and_nothing_is_sent(newcomer: Student, anonymous: Browser) -> None:
    newcomer.phone = ""
    assert find(anonymous, newcomer).headers["Location"].endswith("/first-login/school/phone")
    assert "no number of yours" in anonymous.get("/first-login/school/phone").get_data(as_text=True)
    assert sms.count() == 0


def test_the_number_is_shown_only_half(newcomer: Student, anonymous: Browser) -> None:
    find(anonymous, newcomer)
    page = anonymous.get("/first-login/code").get_data(as_text=True)
    assert "138****1234" in page and PHONE not in page


def test_three_wrong_codes_make_one_wait_in_seconds_even_for_the_right_one(newcomer: Student, anonymous: Browser) -> None:
    find(anonymous, newcomer)
    right = sms.last("code-entry")["code"]
    wrong = "000000" if right != "000000" else "111111"
    left = [anonymous.post("/first-login/code", {"code": wrong}) for _ in range(2)]
    assert [one.status_code for one in left] == [422, 422]
    assert "Tries left: 1" in left[1].get_data(as_text=True)
    third = anonymous.post("/first-login/code", {"code": wrong})
    assert third.status_code == 429
    assert re.search(r"Try again in \d+ seconds", third.get_data(as_text=True)) and 0 < int(third.headers["Retry-After"]) <= 60
    assert anonymous.post("/first-login/code", {"code": right}).status_code == 429


def test_parallel_guesses_are_counted_exactly(newcomer: Student, app: Flask) -> None:
    service.send_entry_code(newcomer, "zh")
    db.session.commit()
    purpose = service.entry_purpose(newcomer)

    def guess(_: int) -> str:
        with app.app_context():
            try:
                service.count_code(purpose)
                return "counted"
            except TooMany:
                return "refused"
            finally:
                db.session.commit()
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(16)))
    assert said.count("counted") == rules.WRONG_CODES


def test_a_code_opens_once_and_for_five_minutes(newcomer: Student) -> None:
    purpose = service.entry_purpose(newcomer)
    service.send_entry_code(newcomer, "zh")
    db.session.commit()
    code = sms.last("code-entry")["code"]
    service.use_code(purpose, code, 1)
    with pytest.raises(Invalid):
        service.use_code(purpose, code, 1)
    db.session.execute(sa.update(EntryCode).values(used_at=None, expires_at=clock.now() - timedelta(seconds=1)))
    with pytest.raises(Invalid):
        service.use_code(purpose, code, 1)


def test_another_code_within_a_minute_is_refused_in_seconds(newcomer: Student, anonymous: Browser) -> None:
    find(anonymous, newcomer)
    answer = anonymous.post("/first-login/code/again")
    assert answer.status_code == 429 and sms.count("code-entry") == 1
    db.session.execute(sa.update(EntryCode).values(sent_at=clock.now() - timedelta(seconds=61)))
    assert anonymous.post("/first-login/code/again").status_code == 303
    assert sms.count("code-entry") == 2


def test_codes_are_stored_as_keyed_hashes_and_sent_sealed(newcomer: Student) -> None:
    service.send_entry_code(newcomer, "zh")
    db.session.commit()
    code = sms.last("code-entry")["code"]
    for table in ("entry_codes", "number_items"):
        for row in db.session.execute(sa.text(f"SELECT * FROM {table}")):
            assert code not in [str(value) for value in row] and PHONE not in " ".join(map(str, row))


def test_two_colleges_with_one_number_and_name_are_asked_apart(newcomer: Student, anonymous: Browser) -> None:
    twin = builders.a_student(consented=False, student_no=newcomer.student_no, name=newcomer.name, phone="13800009999")
    asked = find(anonymous, newcomer)
    assert asked.status_code == 422 and "Several colleges" in asked.get_data(as_text=True)
    answer = anonymous.post("/first-login", {"student_no": twin.student_no, "name": twin.name, "college": str(twin.tenant.public_id)})
    assert answer.headers["Location"] == "/first-login/code"
    assert sms.last("code-entry")["number"] == "13800009999"


def test_nothing_is_ticked_beforehand_and_what_is_not_ticked_is_not_agreed_to(newcomer: Student, anonymous: Browser) -> None:
    enter(anonymous, newcomer)
    assert " checked" not in anonymous.get("/welcome").get_data(as_text=True)
    assert anonymous.post("/welcome/consents", {"answer": "agree"}).status_code == 422
    assert anonymous.post("/welcome/consents", {"answer": "agree", "purpose": "matching"}).headers["Location"].endswith("step=questions")
    given = {c.purpose for c in db.session.scalars(sa.select(Consent).where(Consent.withdrawn_at.is_(None)))}
    assert given == {"matching"}


def test_not_now_agrees_to_nothing_and_is_not_asked_at_each_sign_in(newcomer: Student, anonymous: Browser) -> None:
    enter(anonymous, newcomer)
    assert anonymous.post("/welcome/consents", {"answer": "later"}).headers["Location"] == "/"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Consent)) == 0
    db.session.execute(sa.update(EntryCode).values(sent_at=clock.now() - timedelta(minutes=2)))
    db.session.commit()
    anonymous.post("/sign-out")
    assert enter(anonymous, newcomer).headers["Location"] == "/"


def test_the_guardian_is_sent_a_link_for_the_arranged_internship_by_itself(newcomer: Student, anonymous: Browser) -> None:
    enter(anonymous, newcomer)
    anonymous.post("/welcome/consents", {"answer": "agree", "purpose": "matching"})
    link = db.session.scalars(sa.select(GuardianLink)).one()
    assert link.purposes == ["internship"]
    assert sms.last("code-guardian-link")["number"] == "13900005678"
    assert "139****5678" in anonymous.get("/welcome?step=questions").get_data(as_text=True)


def test_three_answers_are_the_students_own_and_lead_to_the_matches(newcomer: Student, anonymous: Browser) -> None:
    enter(anonymous, newcomer)
    anonymous.post("/welcome/consents", {"answer": "agree", "purpose": "matching"})
    page = anonymous.get("/welcome?step=questions").get_data(as_text=True)
    shown = re.search(r"(\d+) ?% is there already", page)
    assert shown and int(shown.group(1)) >= 65, "most is there from the import"
    told = {"wants_zone": "yes", "available_from": "2027-03-01", "first": "设备维修", "second": "电气调试", "third": ""}
    assert anonymous.post("/welcome/questions", told).headers["Location"] == "/matches"
    student = db.session.get_one(Student, newcomer.id, populate_existing=True)
    assert (student.wants_zone, student.available_from, student.wish) == (True, date(2027, 3, 1), "设备维修、电气调试")
    assert {"wants_zone", "available_from", "wish"} <= set(student.own_edits)


def test_a_day_that_is_none_is_refused_beside_its_field_and_nothing_is_lost(newcomer: Student, anonymous: Browser) -> None:
    enter(anonymous, newcomer)
    anonymous.post("/welcome/consents", {"answer": "agree", "purpose": "matching"})
    refused = anonymous.post("/welcome/questions", {"wants_zone": "yes", "available_from": "2027-02-31", "first": "设备维修"})
    assert refused.status_code == 422
    assert "设备维修" in refused.get_data(as_text=True) and "available_from-error" in refused.get_data(as_text=True)


def test_where_no_sms_can_leave_the_school_is_asked_for_a_link(newcomer: Student, anonymous: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TESTING", False)
    assert find(anonymous, newcomer).headers["Location"].endswith("/first-login/school/phone")
    assert "Codes cannot be sent here yet" in anonymous.get("/first-login/school/phone").get_data(as_text=True)


def test_no_shared_default_password_exists_anywhere(newcomer: Student, anonymous: Browser) -> None:
    """Neither in the accounts that come of an import, nor in the source: what is not chosen by its owner does not exist."""
    enter(anonymous, newcomer)
    anonymous.post("/sign-out")
    login = db.session.scalars(sa.select(Person.login).where(Person.name == newcomer.name)).one()
    for guess in (newcomer.student_no, newcomer.name, PHONE, PHONE[-6:], "123456", "888888", "12345678", "a123456789", "20060305", login):
        assert Browser(anonymous.client).post("/sign-in", {"login": login, "password": guess}).status_code in (422, 429)
    db.session.rollback()
    assert db.session.scalars(sa.select(Person.password_hash).where(Person.login == login)).one() is None
    for path in Path("consortium").rglob("*.py"):
        assert not re.search(r"(?i)(default|initial)_?password\s*=|password(_hash)?\s*=\s*[\"'][^\"']", path.read_text(encoding="utf-8")), path
