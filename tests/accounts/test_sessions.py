"""Sessions live on the server: sign-out, suspension, time and a new password end them; invitations work once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from consortium.accounts import service
from consortium.accounts.models import FailedTries, Invitation, Membership, Person, SignIn
from consortium.shared import audit, clock
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db
from tests import builders
from tests.conftest import Browser

PASSWORD = "a-long-sentence-7"


def a_person_with_password(**given: Any) -> Membership:
    person = builders.a_person(password_hash=service.HASHER.hash(PASSWORD), **given)
    return builders.a_membership(Role.ZONE_HEAD, person=person)


def enter(browser: Browser, login: str, password: str = PASSWORD, **fields: str) -> Any:
    return browser.post("/sign-in", {"login": login, "password": password, **fields})


def is_in(browser: Browser) -> bool:
    return browser.client.get("/account").status_code == 200


def test_a_right_password_opens_and_a_sign_out_closes_even_a_replayed_cookie(anonymous: Browser) -> None:
    login = a_person_with_password().person.login
    before = anonymous.client.get("/sign-in") and anonymous.client.get_cookie("consortium")
    assert enter(anonymous, login).status_code == 303
    kept = anonymous.client.get_cookie("consortium")
    assert kept is not None and (before is None or kept.value != before.value)
    assert is_in(anonymous)
    anonymous.post("/sign-out")
    anonymous.client.set_cookie("consortium", kept.value)
    assert not is_in(anonymous)


def test_only_a_hash_of_the_session_is_stored(anonymous: Browser) -> None:
    enter(anonymous, a_person_with_password().person.login)
    with anonymous.client.session_transaction() as session:
        token = session["_user_id"]
    rows = [tuple(map(str, row)) for row in db.session.execute(sa.select(SignIn.__table__))]
    assert rows and not any(token in cell for row in rows for cell in row)


def test_suspension_ends_the_session_at_once(signed_in_as: Callable[..., Browser]) -> None:
    tenant = builders.a_tenant(TenantKind.ZONE)
    head, other = builders.a_membership(Role.ZONE_HEAD, tenant), builders.a_membership(Role.ZONE_OFFICER, tenant)
    boss, victim = signed_in_as(head), signed_in_as(other)
    assert is_in(victim)
    assert boss.post(f"/colleagues/{other.public_id}/suspension").status_code == 303
    assert not is_in(victim)
    boss.post(f"/colleagues/{other.public_id}/restoration")
    assert not is_in(victim), "an ended session stays ended"


def test_a_head_cannot_suspend_herself(signed_in_as: Callable[..., Browser]) -> None:
    head = builders.a_membership(Role.ZONE_HEAD)
    browser = signed_in_as(head)
    assert browser.post(f"/colleagues/{head.public_id}/suspension").status_code == 409
    assert is_in(browser)


def test_a_new_password_ends_every_other_session(app: Flask, anonymous: Browser, signed_in_as: Callable[..., Browser]) -> None:
    member = a_person_with_password()
    login = member.person.login
    elsewhere = signed_in_as(member)
    enter(anonymous, login)
    assert anonymous.post("/account/password", {"old": "wrong-password", "new": "another-sentence-8"}).status_code == 422
    assert anonymous.post("/account/password", {"old": PASSWORD, "new": "another-sentence-8"}).status_code == 303
    assert is_in(anonymous) and not is_in(elsewhere)
    fresh = Browser(app.test_client())
    assert enter(fresh, login).status_code == 422
    assert enter(fresh, login, "another-sentence-8").status_code == 303


def test_a_session_idle_for_half_an_hour_has_ended(signed_in_as: Callable[..., Browser]) -> None:
    begun = datetime(2026, 11, 24, 2, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as now:
        browser = signed_in_as(Role.ZONE_HEAD)
        now.move_to(begun + timedelta(minutes=29))
        assert is_in(browser)
        now.move_to(begun + timedelta(minutes=29 + 29))
        assert is_in(browser), "being used keeps it alive"
        now.move_to(begun + timedelta(minutes=29 + 29 + 31))
        assert not is_in(browser)


def test_a_session_ends_after_twelve_hours_however_busy(signed_in_as: Callable[..., Browser]) -> None:
    begun = datetime(2026, 11, 24, 2, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as now:
        browser = signed_in_as(Role.ZONE_HEAD)
        for quarter in range(1, 48):
            now.move_to(begun + timedelta(minutes=15 * quarter))
            assert is_in(browser)
        now.move_to(begun + timedelta(hours=12, seconds=1))
        assert not is_in(browser)


def test_an_api_client_that_only_writes_stays_alive(signed_in_as: Callable[..., Browser]) -> None:
    begun = datetime(2026, 11, 24, 2, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as now:
        browser = signed_in_as(Role.ZONE_HEAD)
        token = browser.csrf()
        for turn in range(1, 4):
            now.move_to(begun + timedelta(minutes=20 * turn))
            assert browser.client.post("/api/v1/messages/read", headers={"X-CSRFToken": token}).status_code == 204


def test_known_and_unknown_names_get_one_answer_and_cost_one_hash(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    known = a_person_with_password().person.login
    suspended = a_person_with_password(state="suspended").person.login
    nameless = builders.a_membership(Role.ZONE_HEAD).person.login
    hashes: list[str] = []
    real = service._verified

    def counting(stored: str, password: str) -> bool:
        hashes.append(stored)
        return real(stored, password)

    monkeypatch.setattr(service, "_verified", counting)
    bodies = set()
    for login, password in ((known, "wrong-password"), ("nobody-at-all", "wrong-password"), (suspended, PASSWORD), (nameless, PASSWORD)):
        answer = enter(Browser(app.test_client()), login, password)
        assert answer.status_code == 422
        page = answer.get_data(as_text=True).replace(login, "LOGIN")
        bodies.add(re.sub(r'value="[\w.~-]{30,}"', "", page))
    assert len(hashes) == 4 and len(bodies) == 1


def test_guesses_are_counted_exactly_however_many_at_once(app: Flask) -> None:
    db.session.commit()
    verdicts: list[bool] = []

    def guess() -> None:
        with app.app_context():
            try:
                service.count_try("victim", "10.0.0.1")
                verdicts.append(True)
            except service.TooMany:
                verdicts.append(False)
            db.session.commit()

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == [False] * 15 + [True] * 5
    assert db.session.scalar(sa.select(FailedTries.n).where(FailedTries.key == service._account_key("victim"))) == 20


def test_after_five_wrong_tries_even_the_right_password_waits_a_quarter_of_an_hour(anonymous: Browser) -> None:
    login = a_person_with_password().person.login
    begun = datetime(2026, 11, 24, 2, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as now:
        for _ in range(5):
            assert enter(anonymous, login, "wrong-password").status_code == 422
        refused = enter(anonymous, login)
        assert refused.status_code == 429 and refused.headers["Retry-After"] == "900"
        now.move_to(begun + timedelta(minutes=15, seconds=1))
        assert enter(anonymous, login).status_code == 303


def test_one_password_tried_over_many_accounts_from_one_address_is_stopped(anonymous: Browser) -> None:
    seen = [enter(anonymous, f"account{n}", "spring2026-spring").status_code for n in range(21)]
    assert seen == [422] * 20 + [429]


def test_a_class_behind_one_address_may_sign_in_one_after_another(app: Flask) -> None:
    login = a_person_with_password().person.login
    for _ in range(22):
        assert enter(Browser(app.test_client()), login).status_code == 303


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "//[", "/%0d%0aX: y\r\n", "evil"])
def test_signing_in_leads_nowhere_else(target: str, anonymous: Browser) -> None:
    login = a_person_with_password().person.login
    answer = anonymous.post("/sign-in?next=" + re.sub(r"[\r\n]", "", target), {"login": login, "password": PASSWORD})
    assert answer.status_code == 303 and answer.headers["Location"] in ("/", "/%250d%250aX: y", "/%0d%0aX:%20y")


def test_an_organisation_is_switched_with_a_new_session(signed_in_as: Callable[..., Browser]) -> None:
    person = builders.a_person()
    first, second = builders.a_membership(Role.ZONE_HEAD, person=person), builders.a_membership(Role.COLLEGE_HEAD, person=person)
    strangers = builders.a_membership(Role.COLLEGE_HEAD)
    browser = signed_in_as(first)
    with browser.client.session_transaction() as session:
        old = session["_user_id"]
    assert browser.post("/account/organisation", {"membership": str(strangers.public_id)}).status_code == 404
    assert browser.post("/account/organisation", {"membership": "x"}).status_code == 404
    assert browser.post("/account/organisation", {"membership": str(second.public_id)}).status_code == 303
    assert browser.client.get("/api/v1/me").get_json()["role"] == "college_head"
    with browser.client.session_transaction() as session:
        session["_user_id"] = old
    assert not is_in(browser)


def invited(login: str = "wang.lei", role: Role = Role.COLLEGE_OFFICER) -> tuple[str, Invitation]:
    head = builders.a_membership(Role.COLLEGE_HEAD)
    token = service.invite(head.actor(), role=role, login=login, name="王磊")
    db.session.commit()
    return token, db.session.scalars(sa.select(Invitation).order_by(Invitation.id.desc())).first()  # type: ignore[return-value]


def test_an_invitation_works_once(app: Flask, anonymous: Browser) -> None:
    token, _ = invited()
    assert "王磊" not in token and anonymous.get(f"/invitations/{token}").status_code == 200
    assert anonymous.post(f"/invitations/{token}", {"password": "short"}).status_code == 422
    assert anonymous.post(f"/invitations/{token}", {"password": "wang.lei-wang.lei"}).status_code == 422
    assert anonymous.post(f"/invitations/{token}", {"password": PASSWORD}).status_code == 303
    assert is_in(anonymous)
    again = Browser(app.test_client())
    assert again.get(f"/invitations/{token}").status_code == 404
    assert again.post(f"/invitations/{token}", {"password": PASSWORD}).status_code == 404


def test_an_invitation_ends_after_two_days(anonymous: Browser) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        token, invitation = invited()
        now.move_to(invitation.expires_at + timedelta(seconds=1))
        assert anonymous.get(f"/invitations/{token}").status_code == 404
        assert anonymous.post(f"/invitations/{token}", {"password": PASSWORD}).status_code == 404


def test_one_link_used_by_many_at_once_makes_one_member(app: Flask) -> None:
    token, _ = invited()
    db.session.commit()
    answers: list[int] = []

    def use() -> None:
        browser = Browser(app.test_client())
        answers.append(browser.post(f"/invitations/{token}", {"password": PASSWORD}).status_code)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(303) == 1 and set(answers) <= {303, 404, 409}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person).where(Person.login == "wang.lei")) == 1


def test_an_invited_person_with_an_account_proves_its_password_and_guesses_are_counted(app: Flask, anonymous: Browser) -> None:
    login = a_person_with_password().person.login
    token, _ = invited(login)
    for _ in range(5):
        assert anonymous.post(f"/invitations/{token}", {"password": "not-her-password"}).status_code == 422
    assert anonymous.post(f"/invitations/{token}", {"password": PASSWORD}).status_code == 429


def test_an_account_is_given_a_second_organisation_by_its_password(anonymous: Browser) -> None:
    member = a_person_with_password()
    token, _ = invited(member.person.login)
    assert anonymous.post(f"/invitations/{token}", {"password": PASSWORD}).status_code == 303
    assert {m.role for m in service.queries.memberships_of(member.person_id)} == {"zone_head", "college_officer"}


def test_a_head_gives_only_roles_of_her_own_organisation(signed_in_as: Callable[..., Browser]) -> None:
    browser = signed_in_as(Role.ENTERPRISE_HEAD)
    fields = {"name": "x", "login": "x.y", "email": ""}
    for role in ("zone_head", "student", "college_officer", "no-such-role"):
        assert browser.post("/colleagues", {**fields, "role": role}).status_code == 422
        assert browser.send_json("POST", "/api/v1/colleagues", {**fields, "role": role}).status_code in (403, 422)
    answer = browser.send_json("POST", "/api/v1/colleagues", {**fields, "role": "mentor"})
    assert answer.status_code == 201 and answer.get_json()["link"].startswith("http://localhost/invitations/")


def test_every_entry_and_refusal_leaves_one_audit_line_that_says_from_where(anonymous: Browser) -> None:
    login = a_person_with_password().person.login
    enter(anonymous, login, "wrong-password")
    enter(anonymous, login)
    lines = db.session.scalars(sa.select(audit.AuditLine).where(audit.AuditLine.act == "sign-in").order_by(audit.AuditLine.id)).all()
    assert [line.result for line in lines] == ["refused", "done"]
    assert all(line.address == "127.0.0.1" and line.request_id for line in lines)
    assert not any(PASSWORD in str(line.facts) or "wrong-password" in str(line.facts) for line in lines)


def test_the_account_lists_living_sessions_and_ends_the_others(signed_in_as: Callable[..., Browser]) -> None:
    member = builders.a_membership(Role.ZONE_HEAD)
    one, other = signed_in_as(member), signed_in_as(member)
    told = one.client.get("/api/v1/me/sessions").get_json()
    assert [s["current"] for s in told].count(True) == 1 and len(told) == 2
    assert one.post("/account/sessions").status_code == 303
    assert is_in(one) and not is_in(other)


def test_the_demonstrations_door_is_shut_elsewhere(app: Flask, anonymous: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    member = builders.a_membership(Role.ZONE_HEAD)
    chosen = {"membership": str(member.public_id)}
    assert anonymous.post("/enter", chosen).status_code == 404
    monkeypatch.setitem(app.config, "DEMO", True)
    assert anonymous.post("/enter", chosen).status_code == 303
    assert is_in(anonymous)
