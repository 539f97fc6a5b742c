"""Guardians answer by a link, without an account; a wrong number is put right by the school; up to fourteen nothing happens before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.students import queries, service
from consortium.students.models import EntryCode, GuardianLink, Student, Ticket
from tests import builders
from tests.conftest import Browser
from tests.students import sms

Sign = Callable[..., Browser]


@pytest.fixture
def child(app: Flask) -> Student:
    """Thirteen, with an account and a guardian's number."""
    today = clock.today()
    student = builders.a_student(
        consented=False, name="林小满", birth_on=today.replace(year=today.year - 13, day=1), guardian_name="林海", guardian_phone="13911112222", phone="13800001111"
    )
    builders.a_student_member(student)
    db.session.commit()
    return student


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """Somebody who is not signed in and reads English."""
    client = app.test_client()
    client.set_cookie("lang", "en")
    return Browser(client)


def sent(student: Student) -> str:
    """The link's path as the guardian gets it."""
    service.ask_guardian(student, by=None, base_url="http://localhost", language="zh")
    db.session.commit()
    return sms.last("code-guardian-link")["url"].removeprefix("http://localhost")


def answer(browser: Browser, path: str, said: str, **more: Any) -> Any:
    assert browser.post(f"{path}/code").status_code == 303
    return browser.post(path, {"answer": said, "code": sms.last("code-guardian")["code"], **more})


def test_a_guardian_signs_with_a_code_and_no_account_and_only_for_what_is_ticked(child: Student, anonymous: Browser) -> None:
    path = sent(child)
    page = anonymous.get(path).get_data(as_text=True)
    assert "林**" in page and "林小满" not in page and child.student_no not in page
    done = answer(anonymous, path, "sign", signer="林海", purpose=["matching", "internship"])
    assert "Signed on" in done.get_data(as_text=True)
    db.session.expire_all()
    given = {p: queries.consent(child, p, "guardian") for p in ("matching", "showing", "internship", "statistics")}
    assert {p for p, one in given.items() if one} == {"matching", "internship"}
    assert given["matching"] is not None and "139****2222" in given["matching"].evidence


def test_a_code_is_not_spent_by_an_answer_that_was_refused(child: Student, anonymous: Browser) -> None:
    path = sent(child)
    refused = answer(anonymous, path, "sign", signer="", purpose=["matching"])
    assert refused.status_code == 422 and "Write your name" in refused.get_data(as_text=True)
    code = sms.last("code-guardian")["code"]
    assert "Signed on" in anonymous.post(path, {"answer": "sign", "code": code, "signer": "林海", "purpose": "matching"}).get_data(as_text=True)


def test_declining_takes_nothing_from_the_child_and_gives_nothing(child: Student, anonymous: Browser) -> None:
    path = sent(child)
    assert "You have declined" in answer(anonymous, path, "decline").get_data(as_text=True)
    with pytest.raises(Conflict):
        service.give_consent(db.session.get_one(Student, child.id), "matching", by=None)
    assert "You have declined" in anonymous.get(path).get_data(as_text=True), "a second visit shows the answer"


def test_a_link_is_answered_once_and_dies_after_seven_days(child: Student, anonymous: Browser) -> None:
    path = sent(child)
    answer(anonymous, path, "decline")
    db.session.execute(sa.update(EntryCode).values(sent_at=clock.now() - timedelta(minutes=2), used_at=None))
    db.session.commit()
    again = anonymous.post(path, {"answer": "sign", "signer": "x", "purpose": "matching", "code": sms.last("code-guardian")["code"]})
    assert again.status_code == 409
    db.session.execute(sa.update(GuardianLink).values(answer="", expires_at=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    assert anonymous.get(path).status_code == 404


def test_three_wrong_codes_make_the_guardian_wait(child: Student, anonymous: Browser) -> None:
    path = sent(child)
    anonymous.post(f"{path}/code")
    wrong = "000000" if sms.last("code-guardian")["code"] != "000000" else "111111"
    states = [anonymous.post(path, {"answer": "decline", "code": wrong}).status_code for _ in range(4)]
    assert states == [422, 422, 429, 429]


def test_a_wrong_number_is_told_to_the_school_which_puts_it_right_and_a_new_link_leaves(child: Student, anonymous: Browser, signed_in_as: Sign) -> None:
    old = sent(child)
    assert "number is wrong" in anonymous.post(old, {"answer": "not-mine"}).get_data(as_text=True)
    assert db.session.scalars(sa.select(Ticket.kind)).one() == "guardian-phone"
    office = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=child.tenant))
    where = f"/students/{child.public_id}/guardian"
    bad = office.post(where, {"guardian_name": "林海", "guardian_phone": child.phone})
    assert bad.status_code == 422 and "student&#39;s own number" in bad.get_data(as_text=True)
    assert office.post(where, {"guardian_name": "林海", "guardian_phone": "139 3333 4444"}).status_code == 303
    told = sms.last("code-guardian-link")
    assert told["number"] == "13933334444"
    assert "A question to you" in anonymous.get(told["url"].removeprefix("http://localhost")).get_data(as_text=True)


def test_up_to_fourteen_the_first_page_is_the_guardians_and_nothing_is_processed(child: Student, signed_in_as: Sign) -> None:
    member = db.session.scalars(sa.select(builders.Membership).where(builders.Membership.person_id == child.person_id)).one()
    me = signed_in_as(member)
    assert "Your guardian first" in me.get("/welcome").get_data(as_text=True)
    assert me.post("/welcome/consents", {"answer": "agree", "purpose": "matching"}).status_code == 409
    assert me.post("/welcome/questions", {"wants_zone": "yes", "first": "焊接"}).status_code == 409
    assert db.session.get_one(Student, child.id, populate_existing=True).wish == "设备维修"
    assert me.post("/welcome/guardian").status_code == 303
    assert sms.last("code-guardian-link")["number"] == "13911112222"


def test_five_links_a_day_are_enough(child: Student, signed_in_as: Sign) -> None:
    member = db.session.scalars(sa.select(builders.Membership).where(builders.Membership.person_id == child.person_id)).one()
    me = signed_in_as(member)
    assert [me.post("/welcome/guardian").status_code for _ in range(6)] == [303] * 5 + [429]
    assert sms.count("code-guardian-link") == 5


def test_an_earlier_link_is_void_as_soon_as_a_newer_one_left(child: Student, anonymous: Browser) -> None:
    old, new = sent(child), sent(child)
    assert anonymous.get(old).status_code == 404
    assert anonymous.get(new).status_code == 200
