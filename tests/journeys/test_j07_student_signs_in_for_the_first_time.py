"""J7: on a phone, number, name and a code; purposes one by one; three questions; the first ten matches. At most nine clicks, two minutes.

And the other end of it (J15): a student finds who looked, and goes in three clicks.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from consortium.organisations.models import College
from consortium.proposals import tasks as runs
from consortium.proposals.models import Run
from consortium.shared.db import db
from consortium.students.models import SchoolClass, Student, Ticket
from tests import builders
from tests.journeys.conftest import PHONE, House, Visitor
from tests.students import sms

NAME, NUMBER = "岑雨晴", "2025888001"


class Thumb:
    """Somebody whose taps are counted."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.n = visitor, 0

    def tap(self, what: Any, *, leads_on: bool = False) -> None:
        self.n += 1
        if leads_on:
            self.visitor.follow(what)
        else:
            what.click()


def newcomer(born: date = date(2007, 3, 5)) -> None:
    """On the register from an import: major, class, courses, skills, phones; never signed in."""
    college = db.session.scalars(sa.select(College).order_by(College.id)).first()
    assert college is not None
    its_class = db.session.scalars(sa.select(SchoolClass.id).where(SchoolClass.tenant_id == college.tenant_id)).first()
    student = builders.a_student(
        college, consented=False, name=NAME, student_no=NUMBER, phone="13800558811", guardian_name="岑国强", guardian_phone="13900558822", class_id=its_class,
        wish="", about="", wants_zone=None, birth_on=born, graduates_on=date(2027, 6, 30),
    )  # fmt: skip
    for skill in db.session.scalars(sa.select(builders.Skill).limit(3)):
        builders.has_skill(student, skill)
    db.session.commit()


def within(house: House, act: Any) -> Any:
    """Do something in the house's database."""
    with house.app.app_context():
        try:
            return act()
        finally:
            db.session.rollback()
            db.session.remove()


def matched_now(house: House) -> None:
    """The worker's part: the small run that the consent asked for."""
    for number in within(house, lambda: list(db.session.scalars(sa.select(Run.id).where(Run.state == "queued")))):
        within(house, lambda n=number: runs.work_here(n))


def test_from_a_code_to_the_first_matches_in_nine_clicks(house: House) -> None:
    within(house, newcomer)
    one = house.visit(None, PHONE, has_touch=True)
    thumb, page = Thumb(one), one.go("/sign-in")
    thumb.tap(page.get_by_role("link", name="Students: enter with a code"), leads_on=True)
    one.check()
    page.get_by_label("Student number").fill(NUMBER)
    page.get_by_label("Name", exact=False).last.fill(NAME)
    thumb.tap(page.get_by_role("button", name="Send me a code"), leads_on=True)
    assert "138****8811" in one.text()
    one.check()
    page.get_by_label("Code from the SMS").fill(within(house, lambda: sms.last("code-entry"))["code"])
    thumb.tap(page.get_by_role("button", name="Enter"), leads_on=True)
    page.get_by_role("heading", name="Before we begin").wait_for()
    one.check()
    thumb.tap(page.get_by_label("Matching", exact=True))
    thumb.tap(page.get_by_label("Being shown to enterprises"))
    thumb.tap(page.get_by_role("button", name="Agree to what is ticked"), leads_on=True)
    assert "139****8822" in one.text(), "the guardian's link left by itself"
    share = int(page.locator("progress").first.get_attribute("value") or 0)
    assert share >= 70, f"only {share} % came from the import"
    one.check()
    thumb.tap(page.get_by_label("Yes"))
    page.get_by_label("From when on?").fill((date.today() + timedelta(days=20)).isoformat())
    page.get_by_label("Three things you would like to do").fill("设备维修")
    page.get_by_label("The second").fill("电气调试")
    matched_now(house)
    thumb.tap(page.get_by_role("button", name="Show my matches"), leads_on=True)
    assert thumb.n <= 9, f"{thumb.n} clicks"
    matched_now(house)
    one.go("/matches")
    assert page.locator("main .card-box h3 a, main article h3 a, main h2 a").count() >= 1
    one.check()


def test_who_is_in_no_import_tells_the_school(house: House) -> None:
    one = house.visit(None, PHONE, has_touch=True)
    page = one.go("/first-login")
    page.get_by_label("Student number").fill("2025999999")
    page.get_by_label("Name", exact=False).last.fill("查无此人")
    one.follow(page.get_by_role("button", name="Send me a code"))
    one.check()
    assert page.get_by_label("Student number").input_value() == "2025999999"
    page.get_by_label("College").select_option(label="Lingnan Vocational College of Qingyuan")
    page.get_by_label("Class").fill("机电2401班1")
    one.follow(page.get_by_role("button", name="Tell the school"))
    page.get_by_role("heading", name="Your school has been told").wait_for()
    one.check()
    assert within(house, lambda: db.session.scalar(sa.select(Ticket.class_id))) is not None
    adviser = next(login for login in ("adviser1", "adviser2") if "查无此人" in _queue(house, login))
    assert adviser


def _queue(house: House, login: str) -> str:
    one = house.visit(login)
    one.go("/tickets")
    one.check()
    return one.text()


def test_three_wrong_codes_say_how_many_seconds(house: House) -> None:
    within(house, newcomer)
    one = house.visit(None, PHONE, lang="zh", has_touch=True)
    page = one.go("/first-login")
    page.locator("#student_no").fill(NUMBER)
    page.locator("#name").fill(NAME)
    one.follow(page.locator("main form button").first)
    right = within(house, lambda: sms.last("code-entry"))["code"]
    for _ in range(3):
        page.locator("#code").fill("000000" if right != "000000" else "111111")
        one.follow(page.locator("main form button").first)
    assert "60" in page.locator("#code-error").inner_text()
    one.complaints = [said for said in one.complaints if "429" not in said]
    one.check()


def test_a_child_waits_for_the_guardian_who_signs_on_her_own_phone(house: House) -> None:
    today = date.today()
    within(house, lambda: newcomer(date(today.year - 13, today.month, 1)))
    one = house.visit(None, PHONE, has_touch=True)
    page = one.go("/first-login")
    page.get_by_label("Student number").fill(NUMBER)
    page.get_by_label("Name", exact=False).last.fill(NAME)
    one.follow(page.get_by_role("button", name="Send me a code"))
    page.get_by_label("Code from the SMS").fill(within(house, lambda: sms.last("code-entry"))["code"])
    one.follow(page.get_by_role("button", name="Enter"))
    page.get_by_role("heading", name="Your guardian first").wait_for()
    one.check()
    url = within(house, lambda: sms.last("code-guardian-link"))["url"]
    mother = house.visit(None, PHONE, has_touch=True)
    shown = mother.go(url.removeprefix("http://localhost"))
    assert NAME not in mother.text()
    mother.check()
    mother.follow(shown.get_by_role("button", name="Send a code to"))
    for box in shown.get_by_role("checkbox").all():
        box.check()
    shown.get_by_label("Your name").fill("岑国强")
    shown.get_by_label("Code from the SMS").fill(within(house, lambda: sms.last("code-guardian"))["code"])
    mother.follow(shown.get_by_role("button", name="I agree to what is ticked"))
    assert "Signed on" in mother.text()
    mother.check()
    one.go("/welcome")
    page.get_by_role("heading", name="Before we begin").wait_for()


def test_a_student_sees_who_looked_and_goes_in_three_clicks(house: House) -> None:
    one = house.visit("student1", PHONE, has_touch=True)
    thumb, page = Thumb(one), one.go("/me")
    page.get_by_role("heading", name="Who looked at my data").wait_for()
    thumb.tap(page.get_by_role("link", name="My rights").first, leads_on=True)
    one.check()
    thumb.tap(page.get_by_role("link", name="Erase my data"), leads_on=True)
    for said in ("Goes at once", "Stays as a number only", "In backups"):
        assert said in one.text()
    one.check()
    page.on("dialog", lambda dialog: dialog.accept())
    thumb.tap(page.get_by_role("button", name="Erase for good"), leads_on=True)
    page.get_by_role("heading", name="You are erased").wait_for()
    assert thumb.n == 3
    one.check()
    assert within(house, lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Student).where(Student.state == "erased"))) == 1
