"""J12: a voluntary round, from the announcement to the offer, read by the student on a phone and steered by the zone at a desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from consortium.accounts.models import Membership, Person
from consortium.applications.models import Application
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.rounds import queries, service, tasks
from consortium.rounds.models import Round, RoundList, RoundResult
from consortium.shared import clock
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.db import db
from consortium.students.models import Student
from tests.journeys.conftest import DESK, PHONE, House
from tests.rounds.play import at


def acting(login: str) -> Actor:
    member = db.session.scalars(sa.select(Membership).join(Person).where(Person.login == login)).one()
    return Actor(member.person_id, member.id, member.tenant_id, TenantKind(member.tenant.kind), Role(member.role))


def do(house: House, act: Any) -> Any:
    with house.app.app_context():
        try:
            done = act()
            db.session.commit()
            return done
        finally:
            db.session.rollback()
            db.session.remove()


def fill(page: Any, name: str, days: float) -> None:
    page.fill(f"#{name}", f"{clock.local(clock.now() + timedelta(days=days)):%Y-%m-%dT%H:%M}")


def the_round() -> Round:
    return db.session.scalars(sa.select(Round)).one()


def others_hand_in() -> None:
    """Everybody else with an account lists every post that is open to her."""
    found = the_round()
    for login in ("student2", "student3", "student4"):
        by = acting(login)
        student = db.session.scalars(sa.select(Student).where(Student.person_id == by.person_id)).one()
        own = [option.post.position_id for option in queries.options(found, student)[1].rows if option.open]
        if own:
            service.hand_in(found, student, own[:3], fill=False, by=by)


def enterprises_take_part() -> None:
    found = the_round()
    for login in ("firm2", "firm3"):
        by = acting(login)
        for post in positions.open_of(by.tenant_id):
            service.take_part(found, db.session.get_one(Position, post.id), places=1, reserved={}, reserved_stay=False, by=by)


@pytest.mark.parametrize("lang", ["en"])
def test_a_voluntary_round_from_announcement_to_offer(house: House, lang: str) -> None:
    zone = house.visit("zone", DESK, lang)
    page = zone.go("/rounds")
    zone.follow(page.get_by_role("link", name="New round").first)
    page.fill("#name_zh", "春季轮次")
    page.fill("#name_en", "Spring round")
    page.fill("#start_on", f"{clock.today() + timedelta(days=30):%Y-%m-%d}")
    page.fill("#end_on", f"{clock.today() + timedelta(days=400):%Y-%m-%d}")
    for name, days in (("opens_at", -0.1), ("lists_close_at", 2), ("orders_close_at", 3), ("publish_at", 5)):
        fill(page, name, days)
    page.fill("#priorities", "家庭经济困难 | financial hardship")
    zone.check()
    zone.follow(page.get_by_role("button", name="Save as a draft"))
    page.once("dialog", lambda asked: asked.accept())
    zone.follow(page.get_by_role("button", name="Announce"))
    assert "Lists are open" in page.inner_text(".page-head")
    zone.check()
    zone.follow(page.get_by_role("link", name="The lottery, and how to check it"))
    assert "Revealed with the results" in zone.text()
    zone.check()

    firm = house.visit("firm1", DESK, lang)
    page = firm.go("/rounds")
    firm.follow(page.get_by_role("link", name="Spring round"))
    page.select_option("#position", index=1)
    page.fill("#places", "1")
    firm.follow(page.get_by_role("button", name="Take part"))
    assert "Takes part" in firm.text()
    firm.check()
    do(house, enterprises_take_part)

    me = house.visit("student1", PHONE, lang)
    page = me.go("/")
    me.follow(page.locator("nav.tabs a", has_text="Rounds"))
    me.follow(page.get_by_role("link", name="My list"))
    me.check()
    for _ in range(3):
        me.follow(page.get_by_role("button", name="Add to my list").first)
    titles = page.locator(".ranked b").all_inner_texts()
    assert len(titles) == 3
    me.follow(page.locator(".ranked li").nth(1).get_by_role("button", name="Up"))
    moved = page.locator(".ranked b").all_inner_texts()
    assert moved == [titles[1], titles[0], titles[2]]
    assert "Not handed in yet" in me.text()
    me.follow(page.get_by_role("button", name="Hand in my list"))
    assert "Handed in" in me.text()
    assert "no other order can bring you" in me.text()
    me.check()
    sizes = page.eval_on_selector_all(".ranked-move .btn", "all => all.map(one => one.getBoundingClientRect().height)")
    assert all(height >= 44 for height in sizes)
    do(house, others_hand_in)

    firm.page.reload()
    firm.follow(firm.page.get_by_role("link", name="Candidates").first)
    firm.check()
    if firm.page.locator(".candidates li").count():
        firm.follow(firm.page.get_by_role("button", name="Into my order").first)
        assert "in your order" in firm.text()
    names = house.ask(lambda: list(db.session.scalars(sa.select(Student.name).join(RoundList, RoundList.student_id == Student.id))))
    assert len(names) >= 3
    assert not any(name in firm.text() for name in names)

    def freeze() -> None:
        found = the_round()
        with at(found.lists_close_at):
            number = service.freeze(found, by=None).id
            db.session.commit()
            tasks.try_here(number)

    do(house, freeze)
    page = zone.go("/rounds")
    zone.follow(page.get_by_role("link", name="Spring round"))
    table = page.locator("#trial table").first.inner_text()
    for words in ("As declared", "Without priorities", "Students matched", "First choice", "Enterprises with all places filled", "Blocking pairs"):
        assert words in table
    assert page.locator("#trial tr", has_text="Blocking pairs").locator("td").all_inner_texts() == ["0", "0", "0"]
    zone.check()
    zone.follow(page.get_by_role("button", name="Settle for publication"))
    assert "Take back and choose again" in zone.text()
    zone.check()
    page = me.go(f"{page.url.removeprefix(zone.base)}/result")
    assert "Results appear to everybody at the same instant" in page.inner_text(".page-head")

    def publish() -> None:
        found = the_round()
        found.lists_close_at = clock.now() - timedelta(hours=3)
        found.opens_at, found.orders_close_at, found.publish_at = (clock.now() - timedelta(hours=h) for h in (4, 2, 1))
        db.session.commit()
        tasks.work_here()

    do(house, publish)
    page.reload()
    me.check()
    listed = page.locator(".ranked.why li").all_inner_texts()
    assert len(listed) == 3
    assert listed[0].find(moved[0]) > 0
    results = house.ask(lambda: db.session.execute(sa.select(RoundResult.student_id, RoundResult.position_id, RoundResult.application_id)).all())
    assert all(bool(position) == bool(application) for _, position, application in results)
    assert house.ask(lambda: service.verified(queries.chosen_run(the_round()))[0])
    if page.get_by_role("link", name="Read and answer").count():
        me.follow(page.get_by_role("link", name="Read and answer"))
        assert "Accept the offer" in me.text()
        me.check()
        page.get_by_text("Decline with a reason").click()
        page.select_option("#reason", "place")
        me.follow(page.get_by_role("button", name="Decline"))
        assert house.ask(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(Application).where(Application.state == "declined"))) == 1
    zone.page.reload()
    zone.follow(zone.page.get_by_role("link", name="Report"))
    zone.check()
    zone.follow(zone.page.get_by_role("link", name="The lottery, and how to check it"))
    assert "Seed and nonce are those that were committed to" in zone.text()
    college = house.visit("college1", DESK, lang)
    page = college.go("/rounds")
    college.follow(page.get_by_role("link", name="Spring round"))
    college.check()
    college.follow(page.get_by_role("link", name="Results, and why"))
    college.check()


def test_the_students_part_works_without_javascript(house: House) -> None:
    def announce() -> None:
        from tests.rounds.play import values

        service.announce(service.create(values(), by=acting("zone")), by=acting("zone"))
        enterprises_take_part()

    do(house, announce)
    me = house.visit("student1", PHONE, "zh", java_script_enabled=False)
    page = me.go("/rounds")
    page.locator(".card-box a.btn").first.click()
    page.locator("#posts button[name=move]").first.click()
    page.locator("button[name=hand-in]").click()
    assert house.ask(lambda: db.session.scalars(sa.select(RoundList.state)).all()) == ["handed_in"]
