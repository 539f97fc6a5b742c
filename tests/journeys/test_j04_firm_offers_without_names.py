"""J4: an enterprise reads ranked candidates without names, asks many in two clicks, and learns a name only from the student."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from consortium.accounts.models import Membership, Person
from consortium.applications import service as applications
from consortium.applications.models import Application
from consortium.interviews.models import Interview
from consortium.messages.models import Message, OutboxItem
from consortium.positions.models import Position
from consortium.proposals import queries as proposals
from consortium.shared import clock
from consortium.shared.db import db
from consortium.students.models import Student
from tests import builders
from tests.journeys.conftest import DESK, PHONE, House, Visitor


def open_candidates(one: Visitor) -> Any:
    page = one.go("/")
    one.follow(page.get_by_role("link", name="Candidates").first)
    return page


def secrets(house: House) -> list[str]:
    """Names, student numbers and public ids of everybody."""
    rows = house.ask(lambda: db.session.execute(sa.select(Student.name, Student.student_no, Student.public_id)).all())
    return [str(word) for row in rows for word in row]


def test_offers_go_to_candidates_whose_names_are_nowhere(house: House) -> None:
    names = secrets(house)
    one = house.visit("firm1")
    page = open_candidates(one)
    assert page.locator(".candidate").count() > 3
    assert page.locator(".candidate .reasons").count() > 3
    for card in page.locator(".candidate .reasons").all()[:5]:
        assert card.locator(".reason-met").count() <= 3
        assert card.locator(".reason").count() <= 4
    assert not [n for n in names if n in page.content()]
    one.check()
    for box in page.locator("input[name=candidate]").all()[:2]:
        box.check()
    one.follow(page.get_by_role("button", name="Offer a place to the ticked"))
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
    page = open_candidates(one)
    one.follow(page.get_by_role("button", name="Invite the ticked"))
    page.get_by_text("Nobody was chosen.").wait_for()
    assert house.ask(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Application))) == 0


def test_ten_are_invited_in_two_clicks_and_the_one_placed_meanwhile_is_skipped_greyed_and_named(house: House) -> None:
    names = secrets(house)
    one = house.visit("firm1")
    page = open_candidates(one)
    boxes = page.locator("input[name=candidate]")
    chosen = [boxes.nth(n).get_attribute("value") for n in range(10)]
    for n in range(10):
        boxes.nth(n).check()
    position_url = page.url.split("?")[0]

    def meanwhile() -> None:  # in another browser, at another enterprise
        post = db.session.scalar(sa.select(Position).where(Position.public_id == uuid.UUID(position_url.split("/")[-2])))
        student = proposals.by_alias(post)[chosen[4]]
        elsewhere = builders.a_position(builders.an_enterprise(), venue="factory", majors=())
        boss = builders.a_membership(tenant=elsewhere.tenant)
        me = builders.a_student_member(student) if student.person_id is None else None
        actor = me.actor() if me else _member_of(student)
        applications.accept(applications.offer(student, elsewhere, by=boss.actor()), by=actor)
        db.session.commit()

    house.ask(meanwhile)
    one.follow(page.get_by_role("button", name="Invite the ticked"))
    said = page.inner_text("main")
    assert "9 invitations are out." in said
    assert f"9 done, 1 skipped: {chosen[4]}: Has accepted another offer." in said
    grey = page.locator(".candidate-gone")
    assert grey.count() == 1
    assert "Placed elsewhere" in grey.inner_text()
    assert grey.locator("input").is_disabled()
    assert not [n for n in names if n in page.content()]
    one.check()
    assert not [n for n in names if n in house.ask(_told_to_firm1)], "names in messages before anybody agreed"


def _told_to_firm1() -> str:
    """Everything that was told to the people of the first enterprise, in the product and by mail."""
    firm = db.session.scalar(sa.select(Membership.tenant_id).join(Person, Person.id == Membership.person_id).where(Person.login == "firm1"))
    people = sa.select(Membership.person_id).where(Membership.tenant_id == firm)
    return " ".join(str((m.facts, m.link)) for kind in (Message, OutboxItem) for m in db.session.scalars(sa.select(kind).where(kind.person_id.in_(people))))


def _member_of(student: Student) -> Any:
    found = db.session.scalar(sa.select(Membership).where(Membership.person_id == student.person_id))
    assert found is not None
    return found.actor()


def test_not_suitable_with_a_reason_takes_two_clicks_and_is_undone_with_one(house: House) -> None:
    one = house.visit("firm1")
    page = open_candidates(one)
    first = page.locator("input[name=candidate]").first
    alias = first.get_attribute("value")
    first.check()
    page.locator("#reason").select_option("skills")
    one.follow(page.get_by_role("button", name="Not suitable"))
    assert "1 candidate was put aside." in page.inner_text("main")
    assert page.locator(f".candidate input[name=candidate][value='{alias}']").count() == 0
    one.follow(page.get_by_role("button", name="Undo"))
    assert page.locator(f".candidate input[name=candidate][value='{alias}']").count() == 1


def test_the_list_is_filtered_and_the_address_says_how(house: House) -> None:
    one = house.visit("firm1")
    page = open_candidates(one)
    total = page.locator(".candidate").count()
    page.get_by_label("Certificate").select_option("electrician")
    one.follow(page.get_by_role("button", name="Filter", exact=True))
    assert "certificate=electrician" in page.url
    assert 0 < page.locator(".candidate").count() <= total
    again = house.visit("firm1")
    again.page.goto(page.url)
    assert again.page.locator(".candidate").count() == page.locator(".candidate").count(), "the view can be sent to a colleague"
    college = page.get_by_label("College").locator("option").nth(1)
    page.get_by_label("College").select_option(college.get_attribute("value"))
    one.follow(page.get_by_role("button", name="Filter", exact=True))
    one.check()
    shown = page.locator(".candidate").count()
    assert shown >= 5 or "Fewer than 5 candidates meet this filter." in page.inner_text("main")


def test_the_name_opens_when_the_student_agrees_and_an_interview_is_booked_on_the_phone(house: House) -> None:
    firm = house.visit("firm1")

    def invited() -> tuple[str, str]:
        post = db.session.scalars(sa.select(Position).order_by(Position.id)).first()
        student = db.session.scalar(sa.select(Student).where(Student.person_id.is_not(None)).order_by(Student.id))
        boss = builders.a_membership(tenant=post.tenant).actor()
        applications.invite(student, post, by=boss)
        found = db.session.scalar(sa.select(Application))
        builders.a_slot(post)
        builders.a_slot(post, starts_at=clock.now() + timedelta(days=4), places=2, place="", link="https://meet.example.org/a")
        db.session.commit()
        return str(found.public_id), student.name

    number, name = house.ask(invited)
    board = firm.go("/applications/board")
    assert name not in board.content()
    firm.check()
    student = house.visit("student1", PHONE)
    page = student.go(f"/applications/{number}")
    student.follow(page.get_by_role("button", name="Agree to the invitation"))
    firm.go("/applications/board")
    card = board.locator(".board-card").filter(has_text=name)
    assert card.count() == 1
    firm.follow(card.get_by_role("button", name="Ask to an interview"))
    assert "1 applicant was asked to pick a time." in board.inner_text("main")
    page = student.go(f"/applications/{number}")
    student.follow(page.get_by_role("link", name="Pick a time"))
    student.check()
    page.get_by_role("radio").first.check()
    student.follow(page.get_by_role("button", name="Agree on this time"))
    assert "Agreed. The enterprise has been told." in page.inner_text("main")
    assert page.get_by_role("link", name="Into my calendar").is_visible()
    student.check()
    assert house.ask(lambda: db.session.scalar(sa.select(Interview.state))) == "booked"
    firm.go("/applications/board")
    assert name in board.locator("#stage-interview").inner_text()
    for size in (DESK, PHONE):
        board.set_viewport_size({"width": size[0], "height": size[1]})
        firm.check(narrow=size == PHONE)
    assert re.search(r"\d\d:\d\d", board.locator("#stage-interview").inner_text())
