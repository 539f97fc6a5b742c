"""The floor: transactions, limits, audit, idempotency, secrets, logs, settings, jobs."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

import config
from consortium.accounts.models import FailedTries, Invitation, Person
from consortium.messages import service as messages
from consortium.messages.models import Message, OutboxItem
from consortium.shared import audit, clock, idempotency, logs, sealed, tasks
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders
from tests.conftest import Browser


def test_a_counter_survives_24_writers(app: Flask) -> None:
    db.session.add(FailedTries(key="counter", n=0, window_ends_at=clock.now()))
    db.session.commit()

    def count() -> None:
        for _ in range(40):
            with app.app_context():
                row = db.session.get_one(FailedTries, "counter", with_for_update=True)
                row.n = row.n + 1
                db.session.commit()

    threads = [threading.Thread(target=count) for _ in range(24 if db.engine.dialect.name == "sqlite" else 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    assert db.session.get_one(FailedTries, "counter").n == 40 * len(threads)


@pytest.mark.parametrize("values", [{"name": "长" * 81}, {"login": "x" * 81}, {"phone": "1" * 21}])
def test_both_databases_refuse_a_text_longer_than_its_column(values: dict[str, str], app: Flask) -> None:
    with pytest.raises((IntegrityError, DataError)):
        builders.a_person(**values)


def test_both_databases_refuse_two_to_the_thirty_first(app: Flask) -> None:
    with pytest.raises((IntegrityError, DataError)):
        builders.saved(FailedTries(key="x", n=2**31, window_ends_at=clock.now()))


def test_a_naive_instant_is_refused(app: Flask) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive"):
        builders.saved(FailedTries(key="x", n=1, window_ends_at=clock.now().replace(tzinfo=None)))


@pytest.mark.parametrize("table", audit.APPEND_ONLY)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET role = 'x'"])
def test_what_was_done_and_seen_cannot_be_changed(table: str, statement: str, app: Flask) -> None:
    actor = builders.a_membership(Role.ZONE_HEAD).actor()
    audit.record("act", ("students", 1), by=actor)
    audit.looked([(1, False)], by=actor, what="student's page")
    audit.write_looks()
    db.session.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(sa.text(statement.format(table)))
    db.session.rollback()


def test_an_audit_line_leaves_with_its_act(app: Flask) -> None:
    audit.record("act", ("students", 1), by=None)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(audit.AuditLine)) == 0


def test_a_page_about_students_leaves_a_look(signed_in_as: Callable[..., Browser]) -> None:
    college = builders.a_college()
    student = builders.a_student(college)
    member = builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get_one(builders.Tenant, college.tenant_id))
    assert signed_in_as(member).get(f"/students/{student.public_id}").status_code == 200
    looks = db.session.scalars(sa.select(audit.Look)).all()
    assert [(look.student_id, look.person_id) for look in looks] == [(student.id, member.person_id)]


def invite(browser: Browser, key: str, name: str = "x") -> Any:
    return browser.post("/colleagues", {"name": name, "login": "x.y", "email": "", "role": "zone_officer", "form_key": key})


def test_a_form_sent_twice_has_one_effect_and_one_answer(signed_in_as: Callable[..., Browser]) -> None:
    browser, key = signed_in_as(Role.ZONE_HEAD), str(uuid.uuid4())
    first, second = invite(browser, key), invite(browser, key)
    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"]) == (303, "/colleagues")
    assert invite(browser, key, "another").status_code == 409
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == 1


def test_an_api_answer_told_once_is_told_again_and_stored_sealed(signed_in_as: Callable[..., Browser]) -> None:
    browser, headers = signed_in_as(Role.ZONE_HEAD), {"Idempotency-Key": str(uuid.uuid4())}
    body = {"name": "x", "login": "x.y", "role": "zone_officer"}
    first, second = (browser.send_json("POST", "/api/v1/colleagues", body, headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 201 and first.get_json() == second.get_json()
    assert first.get_json()["link"].rsplit("/")[-1] not in db.session.scalars(sa.select(idempotency.SentForm.body)).one()


def test_a_refused_form_may_be_mended_and_sent_with_its_key(signed_in_as: Callable[..., Browser]) -> None:
    browser, key = signed_in_as(Role.ZONE_HEAD), str(uuid.uuid4())
    assert invite(browser, key, "").status_code == 422
    assert invite(browser, key, "x").status_code == 303


def test_twins_at_the_same_instant_have_one_effect(app: Flask, signed_in_as: Callable[..., Browser]) -> None:
    browser, key = signed_in_as(Role.ZONE_HEAD), str(uuid.uuid4())
    fields = {"csrf_token": browser.csrf(), "form_key": key, "name": "x", "login": "x.y", "email": "", "role": "zone_officer"}
    cookie = browser.client.get_cookie("consortium")
    assert cookie is not None
    db.session.commit()
    seen: list[int] = []

    def send() -> None:
        client = app.test_client()
        client.set_cookie("consortium", cookie.value)
        seen.append(client.post("/colleagues", data=fields).status_code)

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [303] * 5
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == 1


def test_a_stale_form_gets_a_page_that_shows_both(signed_in_as: Callable[..., Browser]) -> None:
    enterprise = builders.an_enterprise(staff=180)
    browser = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(builders.Tenant, enterprise.tenant_id)))
    stale = enterprise.version
    enterprise.staff = 200
    db.session.commit()
    fields = {"version": str(stale), "staff": "190", "staff_as_of": "2026-11-01", "industry_code": "3989", "place_code": "441802400"}
    answer = browser.post("/enterprise", fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and ">190<" in page and ">200<" in page
    db.session.refresh(enterprise)
    assert enterprise.staff == 200


def test_what_was_sealed_opens_with_its_key_only() -> None:
    box = sealed.seal("44180119900101001X", "k" * 40)
    assert "4418" not in box and sealed.unseal(box, "k" * 40) == "44180119900101001X" and sealed.seal("a", "k") != sealed.seal("a", "k")
    for broken in (box[:-4] + "AAAA", "v1.x", "v1.", "v2." + box[3:], box[:20]):
        with pytest.raises(sealed.CannotUnseal):
            sealed.unseal(broken, "k" * 40)
    with pytest.raises(sealed.CannotUnseal):
        sealed.unseal(box, "j" * 40)
    assert sealed.keyed_hash("x", "a") == sealed.keyed_hash("X", "a") != sealed.keyed_hash("x", "b")
    assert sealed.masked("44180119900101001X") == "4418**********001X"


def test_logs_are_json_lines_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.set_up("INFO")
        facts = {"facts": {"password": "hunter2-hunter2", "who": ["13812345678"]}, "path": "/invitations/abc-DEF_123"}
        logging.getLogger("t").warning("id 44180119900101001X phone 13812345678 token=abc\r\nforged", extra=facts)
    finally:
        root.handlers[:], root.level = handlers, level
    line = capsys.readouterr().err.strip()
    assert "\n" not in line and json.loads(line)["level"] == "warning"
    for canary in ("44180119900101001X", "13812345678", "abc-DEF_123", "hunter2", "token=abc"):
        assert canary not in line


GOOD = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-A", "ID_KEY": "zyxwvutsrqponmlkjihgfedcba9876543210-B", "TRUSTED_HOSTS": "talent.example.cn",
    "PUBLIC_URL": "https://talent.example.cn", "DATABASE_URL": "postgresql://u:p@db/x", "REDIS_URL": "redis://:p@broker:6379/0",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "", "SECRET_KEY"), ("SECRET_KEY", "short", "SECRET_KEY"), ("SECRET_KEY", "a" * 64, "SECRET_KEY"), ("ID_KEY", "", "ID_KEY"),
        ("ID_KEY", GOOD["SECRET_KEY"], "differ"), ("TRUSTED_HOSTS", "", "TRUSTED_HOSTS"), ("TRUSTED_HOSTS", "*", "patterns"),
        ("PUBLIC_URL", "http://x", "https"), ("DATABASE_URL", "sqlite:///x", "PostgreSQL"), ("REDIS_URL", "amqp://x", "Redis"),
        ("REDIS_URL", "redis://broker:6379/0", "password"), ("REDIS_URL", "redis://user@localhost.example:6379/0", "password"),
    ],
)  # fmt: skip
def test_production_does_not_start_half_configured(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, good in GOOD.items():
        monkeypatch.setenv(f"CONSORTIUM_{key}", good)
    assert config.load("production").NAME == "production"
    monkeypatch.setenv(f"CONSORTIUM_{name}", value)
    with pytest.raises(config.UnsafeSettings, match=said):
        config.load("production")


def test_production_refuses_debug_and_http_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, good in GOOD.items():
        monkeypatch.setenv(f"CONSORTIUM_{key}", good)
    for name, value in (("DEBUG", True), ("TESTING", True), ("DEMO", True), ("SESSION_COOKIE_SECURE", False)):
        with monkeypatch.context() as patch:
            patch.setattr(config.Production, name, value)
            with pytest.raises(config.UnsafeSettings):
                config.load("production")


def an_item(**given: Any) -> OutboxItem:
    person = builders.a_person()
    row: OutboxItem = builders.saved(OutboxItem(**{"key": uuid.uuid4().hex, "channel": "mail", "person_id": person.id, "kind": "x", **given}))
    db.session.commit()
    return row


def test_a_job_is_claimed_once_and_only_its_claim_may_finish_it(app: Flask) -> None:
    row = an_item()
    first = tasks.claim(OutboxItem, row.id)
    assert first is not None and tasks.claim(OutboxItem, row.id) is None
    row.lease_until = clock.now() - timedelta(seconds=1)
    db.session.commit()
    second = tasks.claim(OutboxItem, row.id)
    assert second is not None and second.fence == first.fence + 1
    row.subject = "of the one who came too late"
    db.session.flush()
    with pytest.raises(tasks.LeaseLost):
        tasks.finish(first)
    tasks.finish(second, subject="right")
    db.session.refresh(row)
    assert (row.state, row.subject, row.attempts) == ("done", "right", 2)
    assert tasks.claim(OutboxItem, row.id) is None


def test_the_sweeper_quarantines_after_three_attempts_with_a_reason(app: Flask) -> None:
    row = an_item()
    for _ in range(tasks.MOST_ATTEMPTS):
        assert tasks.claim(OutboxItem, row.id) is not None
        row.lease_until = clock.now() - timedelta(seconds=1)
        db.session.commit()
    assert tasks.claim(OutboxItem, row.id) is None
    tasks.sweep_once()
    db.session.refresh(row)
    assert row.state == tasks.QUARANTINED and row.trouble


def test_two_schedulers_have_one_effect_a_period(app: Flask) -> None:
    assert [tasks.first_of_period("x", 3600) for _ in range(3)] == [True, False, False]


def test_a_missing_broker_is_tried_once_and_then_left_alone_for_a_while(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_silent_until", 0.0)
    asked: list[str] = []
    celery = app.extensions["celery"]
    real = celery.send_task
    monkeypatch.setattr(celery, "send_task", lambda *what, **how: (asked.append(what[0]), real(*what, **how)))
    assert tasks.ring("messages.deliver", 1) is False
    assert not any(tasks.ring("messages.deliver", 1) for _ in range(50))
    assert asked == ["messages.deliver"]  # the breaker: after one failed ring nobody waits again


def test_what_is_told_twice_arrives_once(app: Flask) -> None:
    person = builders.a_person()
    for _ in range(2):
        messages.tell(person.id, "x", key="occasion", channels=("in-app", "sms"))
    db.session.commit()
    counts = [db.session.scalar(sa.select(sa.func.count()).select_from(kind)) for kind in (Message, OutboxItem)]
    assert counts == [1, 1]


def test_a_rollback_forgets_what_waited_for_the_commit(app: Flask) -> None:
    from consortium.shared.db import after_commit

    rung: list[int] = []
    db.session.execute(sa.select(Person.id))
    after_commit(lambda: rung.append(1))
    db.session.rollback()
    db.session.commit()
    with db.session.begin_nested():
        after_commit(lambda: rung.append(2))
    assert rung == []
    db.session.commit()
    assert rung == [2]
