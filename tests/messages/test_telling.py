"""Telling: digests by default, switches by topic, quiet hours, signed ends, and one effect whatever dies in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Person
from consortium.messages import queries, rules, service, tasks, wording
from consortium.messages.models import Message, NumberItem, OutboxItem
from consortium.shared import clock
from consortium.shared import tasks as jobs
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.i18n import in_language
from tests import builders
from tests.conftest import Browser

Sign = Callable[..., Browser]
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # twelve o'clock in China
NIGHT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # half past eleven at night
BOTH = ("in-app", "mail")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """`at(instant)`: the clock stands there."""
    return lambda instant: monkeypatch.setattr(clock, "now", lambda: instant)


@pytest.fixture
def person(app: Flask) -> Person:
    found = builders.a_membership(Role.ZONE_HEAD).person
    found.language, found.phone = "en", "13800000000"
    db.session.commit()
    return found


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """Somebody who is not signed in and reads English."""
    client = app.test_client()
    client.set_cookie("lang", "en")
    return Browser(client)


class Gateway:
    """A mail server or SMS gateway that knows the keys it has seen, and dies when it is told to."""

    def __init__(self) -> None:
        self.arrived: dict[str, tuple[str, str, str]] = {}
        self.handed_over = 0
        self.dies = 0

    def send(self, address: str, subject: str, body: str, *, key: str, stop: str = "") -> None:
        self.handed_over += 1
        self.arrived.setdefault(key, (address, subject, body))
        if self.dies:
            self.dies -= 1
            raise KeyboardInterrupt  # what kills a worker is no Exception


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    one = Gateway()
    monkeypatch.setattr(tasks, "transport_of", lambda channel: one)
    return one


def waiting() -> list[OutboxItem]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(OutboxItem).order_by(OutboxItem.id)))


def work(task: Callable[[int], None], number: int) -> None:
    """As a worker would: with a session of its own, while this one holds no lock."""
    db.session.rollback()
    task(number)


def test_mail_that_is_not_pressing_waits_for_one_digest_a_day(person: Person, at: Any, gateway: Gateway) -> None:
    at(NOON)
    for n in range(3):
        service.tell(person.id, "agreement-drafted", key=str(n), channels=BOTH, link=f"/agreements/{n}", title=f"Post {n}")
    db.session.commit()
    assert waiting() == []
    assert service.gather_digests() == 1
    db.session.commit()
    assert service.gather_digests() == 0, "gathered twice it leaves once"
    (item,) = waiting()
    work(tasks.deliver, item.id)
    ((address, subject, body),) = gateway.arrived.values()
    assert address == person.email and subject == "News for you: 3"
    assert all(f"Post {n}" in body and f"http://localhost/agreements/{n}" in body for n in range(3))
    assert "/messages/unsubscribe/" in body and "/messages/settings" in body
    service.tell(person.id, "agreement-drafted", key="late", channels=BOTH, title="Late")
    db.session.commit()
    assert service.gather_digests() == 0, "the next one comes tomorrow"
    at(NOON + timedelta(days=1))
    assert service.gather_digests() == 1


def test_what_was_read_meanwhile_is_not_told_again(person: Person, at: Any) -> None:
    at(NOON)
    service.tell(person.id, "agreement-drafted", key="a", channels=BOTH, title="x")
    db.session.execute(sa.update(Message).values(read_at=clock.now()))
    assert service.gather_digests() == 0 and waiting() == []


def test_a_deadline_goes_at_once_by_night_too_and_cannot_be_switched_off(person: Person, at: Any) -> None:
    at(NIGHT)
    actor = db.session.scalars(sa.select(builders.Membership)).one().actor()
    service.save_settings(actor, rules.NEVER, {("application", "mail"): False, ("application", "sms"): False})
    service.tell(person.id, "application-offer", key="a", channels=("in-app", "mail", "sms"), title="x")
    db.session.commit()
    assert [(one.channel, one.due_at <= NIGHT) for one in waiting()] == [("mail", True), ("sms", True)]


def test_between_ten_and_seven_nobody_is_disturbed(person: Person, at: Any) -> None:
    at(NIGHT)
    service.tell(person.id, "agreement-drafted", key="a", channels=("in-app", "sms"), title="x")
    db.session.commit()
    (item,) = waiting()
    assert clock.local(item.due_at).strftime("%d %H:%M") == "25 07:00"
    assert jobs.claim(OutboxItem, item.id) is None, "not before the morning"


@pytest.mark.parametrize(("hour", "then"), [(6, "07"), (7, "07"), (21, "21"), (22, "07"), (0, "07")])
def test_quiet_hours_at_their_borders(hour: int, then: str) -> None:
    local = datetime(2026, 11, 24, hour, 0, tzinfo=clock.SHANGHAI)
    assert rules.not_before(local).strftime("%H") == then
    assert rules.not_before(local) >= local


@pytest.mark.parametrize(
    ("how", "day", "hour", "due"),
    [("daily", 24, 7, None), ("daily", 24, 8, "2026-11-24"), ("daily", 24, 22, None), ("weekly", 23, 7, None), ("weekly", 23, 8, "2026-W48"), ("weekly", 25, 7, "2026-W48"), ("never", 24, 12, None)],
)  # fmt: skip
def test_when_a_digest_is_due(how: str, day: int, hour: int, due: str | None) -> None:
    assert rules.period(how, datetime(2026, 11, day, hour, 0, tzinfo=clock.SHANGHAI)) == due


def test_one_chooses_each_at_once_or_not_at_all(person: Person, at: Any) -> None:
    at(NOON)
    actor = db.session.scalars(sa.select(builders.Membership)).one().actor()
    service.save_settings(actor, rules.EACH, {})
    service.tell(person.id, "agreement-drafted", key="a", channels=BOTH, title="x")
    assert [one.channel for one in db.session.scalars(sa.select(OutboxItem))] == ["mail"]
    service.save_settings(actor, rules.NEVER, {})
    service.tell(person.id, "agreement-drafted", key="b", channels=BOTH, title="x")
    db.session.commit()
    assert len(waiting()) == 1 and service.gather_digests() == 0
    assert queries.unread(actor) == 2, "in the product everything stands"


def test_the_page_keeps_what_was_switched_and_the_api_says_the_same(person: Person, signed_in_as: Sign) -> None:
    me = signed_in_as(db.session.scalars(sa.select(builders.Membership)).one())
    assert me.post("/messages/settings", {"digest": "hourly"}).status_code == 422
    kept = [f"{topic}:{way}" for topic in wording.topics_of(wording.KINDS) for way in ("mail", "sms") if (topic, way) != ("agreement", "mail")]
    assert me.post("/messages/settings", {"digest": "weekly", "on": kept}).status_code == 303
    assert me.client.get("/api/v1/messages/settings").get_json()["off"] == ["agreement:mail"]
    assert 'value="agreement:mail" aria-label="Agreements: By mail">' in me.get("/messages/settings").get_data(as_text=True)
    assert me.send_json("PUT", "/api/v1/messages/settings", {"digest": "daily", "off": ["nonsense"]}).status_code == 422
    assert me.send_json("PUT", "/api/v1/messages/settings", {"digest": "daily", "off": ["ticket:sms"]}).get_json()["off"] == ["ticket:sms"]


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_worker_that_dies_between_sending_and_done_has_one_effect(deaths: int, person: Person, at: Any, gateway: Gateway) -> None:
    at(NOON)
    service.tell(person.id, "application-offer", key="a", channels=("mail",), title="x")
    db.session.commit()
    number = waiting()[0].id
    gateway.dies = deaths
    for n in range(deaths):
        with pytest.raises(KeyboardInterrupt):
            work(tasks.deliver, number)
        work(tasks.deliver, number)  # another worker looks: the lease still runs
        at(NOON + timedelta(minutes=n + 1))
    work(tasks.deliver, number)
    assert gateway.handed_over == deaths + 1
    assert len(gateway.arrived) == 1, "the same key again is the same mail"
    assert [one.state for one in waiting()] == ["done"]
    work(tasks.deliver, number)
    assert gateway.handed_over == deaths + 1


def test_a_rolled_back_act_tells_nobody(person: Person) -> None:
    service.tell(person.id, "application-offer", key="a", channels=("in-app", "mail", "sms"), title="x")
    db.session.rollback()
    assert waiting() == [] and db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0


def test_the_message_id_of_a_mail_is_made_of_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    class Server:
        def __init__(self, *_: Any, **__: Any) -> None: ...
        def __enter__(self) -> Server:
            return self
        def __exit__(self, *_: Any) -> None: ...
        def send_message(self, mail: Any) -> None:
            sent.append(mail)

    monkeypatch.setattr("smtplib.SMTP", Server)
    one = service.Smtp("smtp://localhost:25", "no-reply@example.org")
    for key in ("a", "a", "b"):
        one.send("x@example.org", "s", "b", key=key, stop="https://example.org/stop")
    assert sent[0]["Message-ID"] == sent[1]["Message-ID"] != sent[2]["Message-ID"]
    assert sent[0]["List-Unsubscribe"] == "<https://example.org/stop>"


def test_a_message_is_told_in_the_receivers_language(person: Person, at: Any, gateway: Gateway) -> None:
    at(NOON)
    service.tell(person.id, "application-offer", key="a", channels=("mail",), title="Fitter")
    other = builders.a_person(language="zh")
    service.tell(other.id, "application-offer", key="a", channels=("mail",), title="Fitter")
    db.session.commit()
    for item in waiting():
        work(tasks.deliver, item.id)
    english, chinese = (told for told in gateway.arrived.values())
    told = wording.KINDS["application-offer"][1]
    for language, body in (("en", english[2]), ("zh", chinese[2])):
        with in_language(language):
            assert str(told) % {"title": "Fitter"} in body


def test_the_signed_end_of_a_mail_works_without_signing_in_and_only_for_its_topic(person: Person, anonymous: Browser, app: Flask) -> None:
    token = service.unsubscribe_token(person, "agreement-drafted", app.config["SECRET_KEY"])
    page = anonymous.get(f"/messages/unsubscribe/{token}").get_data(as_text=True)
    assert "Agreements" in page and person.name not in page and person.email not in page
    assert queries.switches(person.id) == set(), "reading ends nothing"
    for _ in range(2):
        assert anonymous.post(f"/messages/unsubscribe/{token}").status_code == 200
    db.session.rollback()
    assert queries.switches(person.id) == {("agreement", "mail")}
    for wrong in (token[:-2] + ("aa" if token[-2:] != "aa" else "bb"), "x", service.unsubscribe_token(person, "x", "another-key")):
        assert anonymous.get(f"/messages/unsubscribe/{wrong}").status_code == 404
    digest = service.unsubscribe_token(person, "digest", app.config["SECRET_KEY"])
    anonymous.post(f"/messages/unsubscribe/{digest}")
    db.session.rollback()
    assert queries.digest_of(person.id) == rules.NEVER


def test_the_bell_counts_and_reading_one_leads_on(app: Flask, signed_in_as: Sign) -> None:
    member = builders.a_student_member()
    one, two = (builders.a_message(member.person, link="/me") for _ in range(2))
    me = signed_in_as(member)
    assert 'class="tool-button bell" href="/messages"' in me.get("/me").get_data(as_text=True)
    assert '<b class="count">2</b>' in me.get("/me").get_data(as_text=True)
    assert me.post(f"/messages/{one.public_id}/reading").headers["Location"] == "/me"
    assert '<b class="count">1</b>' in me.get("/me").get_data(as_text=True)
    stranger = signed_in_as(builders.a_student_member())
    assert stranger.post(f"/messages/{two.public_id}/reading").status_code == 404


def test_a_link_that_was_told_is_judged_again_when_it_is_used(app: Flask, signed_in_as: Sign) -> None:
    student = builders.a_student()
    office = builders.a_membership(Role.COLLEGE_OFFICER, tenant=student.tenant)
    ticket = builders.a_ticket(student)
    message = builders.a_message(office.person, link=f"/tickets/{ticket.public_id}")
    elsewhere = builders.a_membership(Role.COLLEGE_OFFICER, person=office.person)
    now_elsewhere = signed_in_as(elsewhere)
    answer = now_elsewhere.post(f"/messages/{message.public_id}/reading")
    assert now_elsewhere.get(answer.headers["Location"]).status_code == 404
    assert signed_in_as(office).get(f"/tickets/{ticket.public_id}").status_code == 200


def test_what_went_to_a_number_is_not_kept_once_it_is_sent(app: Flask, gateway: Gateway) -> None:
    key = app.config["ID_KEY"]
    service.tell_number("13800001234", "code-entry", key="a", language="en", secret=key, code="123456")
    db.session.commit()
    item = db.session.scalars(sa.select(NumberItem)).one()
    work(tasks.deliver_to_number, item.id)
    assert next(iter(gateway.arrived.values()))[0] == "13800001234" and "123456" in next(iter(gateway.arrived.values()))[2]
    from consortium.shared import sealed

    kept = db.session.get_one(NumberItem, item.id, populate_existing=True)
    assert kept.state == "done" and sealed.unseal(kept.sealed_facts, key) == "{}"


def test_an_sms_gateway_is_handed_number_text_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Answer:
        def __enter__(self) -> Answer:
            return self
        def __exit__(self, *_: Any) -> None: ...
        def read(self) -> bytes:
            return b""

    def urlopen(request: Any, timeout: float) -> Answer:
        asked.append((request.full_url, request.data.decode(), request.headers["Idempotency-key"], timeout))
        return Answer()

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    service.HttpSms("https://sms.example.org/send").send("13800001234", "", "你好", key="k")
    assert asked[0][:2] == ("https://sms.example.org/send", '{"to": "13800001234", "text": "你好"}') and len(asked[0][2]) == 64
