"""The gate: once-only answers, reach before the body, and no step for another site."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Invitation, Tenant
from consortium.shared.access import ABILITIES, PUBLIC, Role
from consortium.shared.db import db
from consortium.students.models import Student
from consortium.web.gate import UngatedRoute, gated, register
from consortium.web.pages import Pages
from consortium.web.resources import Resources
from tests import builders
from tests.conftest import Browser

INVITED = {"name": "x", "login": "x.y", "role": "zone_officer"}


def invitations() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) or 0


@pytest.fixture
def office(app: Flask, signed_in_as: Any) -> Browser:
    college = builders.a_college()
    builders.a_student(college)
    browser: Browser = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get_one(Tenant, college.tenant_id)))
    return browser


def test_a_page_told_once_is_told_again_word_for_word_and_acts_once(office: Browser) -> None:
    key = str(uuid.uuid4())
    student = db.session.scalar(sa.select(Student.public_id))
    first, second = (office.post("/students/batch", {"form_key": key, "act": "links", "student": str(student)}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data
    assert second.mimetype == "text/html"
    assert b"/invitations/" in first.data
    assert invitations() == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Student)) == 1


def test_a_resource_told_once_is_told_again_and_other_values_are_a_conflict(signed_in_as: Any) -> None:
    browser, headers = signed_in_as(Role.ZONE_HEAD), {"Idempotency-Key": str(uuid.uuid4())}
    first, second = (browser.send_json("POST", "/api/v1/colleagues", INVITED, headers=headers) for _ in range(2))
    assert (first.status_code, first.data, second.mimetype) == (201, second.data, "application/json")
    other = browser.send_json("POST", "/api/v1/colleagues", INVITED | {"name": "y"}, headers=headers)
    assert (other.status_code, other.get_json()["code"]) == (409, "conflict")
    assert invitations() == 1


def test_one_persons_key_is_nothing_to_another(signed_in_as: Any) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [signed_in_as(Role.ZONE_HEAD).send_json("POST", "/api/v1/colleagues", INVITED, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].data != answers[1].data


def test_json_twins_at_the_same_instant_get_one_answer(app: Flask, signed_in_as: Any) -> None:
    browser = signed_in_as(Role.ZONE_HEAD)
    headers = {"Idempotency-Key": str(uuid.uuid4()), "X-CSRFToken": browser.csrf()}
    cookie = browser.client.get_cookie("consortium")
    db.session.commit()
    seen: list[tuple[int, bytes]] = []

    def send() -> None:
        client = app.test_client()
        client.set_cookie("consortium", cookie.value)
        answer = client.post("/api/v1/colleagues", json=INVITED, headers=headers)
        seen.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in seen} == {201}
    assert len({body for _, body in seen}) == 1
    assert invitations() == 1


def test_the_record_is_looked_up_before_the_body_is_judged(signed_in_as: Any) -> None:
    browser = signed_in_as(Role.ENTERPRISE_HEAD)
    foreign = builders.a_position().public_id
    db.session.commit()
    answers = [browser.send_json("POST", f"/api/v1/positions/{id}/offers", body) for id in (foreign, uuid.uuid4()) for body in ({}, {"candidates": 3}, [])]
    assert [one.status_code for one in answers] == [404] * 6


def test_a_resource_that_judges_a_body_first_does_not_start(app: Flask) -> None:
    from consortium.web.resources import PageQuery

    resources = Resources("unreached", __name__, tag="x")

    def view(id: uuid.UUID, query_data: Any) -> str:
        return ""

    with pytest.raises(UngatedRoute, match="reach"):
        resources.get("/x/<uuid:id>", ability=PUBLIC)(resources.input(PageQuery, location="query")(view))


@pytest.mark.parametrize("ability", [None, "", "no.such-ability"])
def test_a_route_without_a_known_ability_does_not_start(ability: str | None) -> None:
    with pytest.raises(UngatedRoute):
        Pages("ungated", __name__).get("/x", ability=ability)(lambda: "")


def test_reading_and_writing_may_not_share_one_ability() -> None:
    with pytest.raises(UngatedRoute, match="split"):
        register("x.y", ("GET", "POST"), next(iter(ABILITIES)), False)
    assert callable(gated(lambda: "", PUBLIC, False))


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
def test_another_site_cannot_take_a_step_in_whatever_dress(kind: str, origin: str, signed_in_as: Any) -> None:
    browser = signed_in_as(Role.ZONE_HEAD)
    body = b'{"name": "x", "login": "x.y", "role": "zone_officer"}'
    for url in ("/colleagues", "/api/v1/colleagues"):
        answer = browser.client.post(url, data=body, content_type=kind, headers={"Origin": origin, "Referer": f"{origin}/x"})
        assert answer.status_code == 400
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert invitations() == 0


def test_behind_https_a_stolen_token_from_another_site_is_refused(app: Flask, signed_in_as: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_SSL_STRICT", True)
    browser = signed_in_as(Role.ZONE_HEAD)
    token = browser.csrf()
    for referrer, status in (("https://evil.example/", 400), ("", 400), ("https://localhost/colleagues", 201)):
        answer = browser.client.post(
            "/api/v1/colleagues", json=INVITED, base_url="https://localhost", headers={"X-CSRFToken": token, **({"Referer": referrer} if referrer else {})}
        )
        assert answer.status_code == status, referrer


def test_what_was_typed_into_an_expired_form_is_shown_again_but_no_secret_and_nothing_of_another_site(app: Flask, anonymous) -> None:
    told = {"duties": "负责设备点检与维修", "password": "not to be shown", "csrf_token": "gone"}
    own = anonymous.client.post("/positions", data=told, headers={"Referer": "http://localhost/positions/new"})
    page = own.get_data(as_text=True)
    assert own.status_code == 400
    assert "负责设备点检与维修" in page
    assert "not to be shown" not in page
    assert "next=/positions/new" in page or "next=%2Fpositions%2Fnew" in page
    other = anonymous.client.post("/positions", data=told, headers={"Referer": "https://elsewhere.example/positions/new"})
    assert "负责设备点检与维修" not in other.get_data(as_text=True)
