"""The headers of every answer, and the page of every kind of refusal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from consortium.shared.access import Role
from tests.conftest import Browser, check_html

PAGES = ("/sign-in", "/privacy", "/account", "/messages", "/no-such-page", "/styleguide", "/api/docs", "/api/v1/me", "/api/v1/nothing")


@pytest.mark.parametrize("url", PAGES)
def test_every_answer_is_strict_and_private(url: str, signed_in_as: Any) -> None:
    answer = signed_in_as(Role.ZONE_HEAD).client.get(url)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-" not in policy and "http" not in policy and "*" not in policy
    for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert rule in policy
    assert re.search(r"script-src 'self' 'nonce-[\w-]{20,}'", policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert "X-Request-Id" in answer.headers


def test_the_nonce_is_new_each_time(anonymous: Browser) -> None:
    nonces = {anonymous.get("/privacy").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(nonces) == 5


def test_files_may_be_kept_and_set_no_cookie(signed_in_as: Any) -> None:
    answer = signed_in_as(Role.ZONE_HEAD).client.get("/static/house.css")
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in answer.headers


def test_production_cookies_and_transport_are_strict(app: Flask, anonymous: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    import config

    for name in ("COOKIE_SECURE", "COOKIE_HTTPONLY", "COOKIE_SAMESITE", "COOKIE_NAME"):
        monkeypatch.setitem(app.config, f"SESSION_{name}", getattr(config.Production, f"SESSION_{name}"))
    answer = anonymous.client.get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-consortium=")
    assert all(mark in cookie for mark in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")) and "Domain" not in cookie


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("url", "status"), [("/no-such-page", 404), ("/students", 403), ("/colleagues/x%00y", 400)])
def test_a_refusal_is_a_designed_page_with_a_way_on(url: str, status: int, lang: str, signed_in_as: Any) -> None:
    answer = signed_in_as(Role.ZONE_HEAD, lang=lang).client.get(url)
    page = answer.get_data(as_text=True)
    check_html(page)
    assert answer.status_code == status
    assert 'class="btn btn-primary"' in page and answer.headers["X-Request-Id"] in page


def test_an_unforeseen_fault_tells_a_number_and_nothing_else(app: Flask, anonymous: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise RuntimeError("a secret of ours")

    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "accounts.privacy", broken)
    answer = anonymous.client.get("/privacy")
    page = answer.get_data(as_text=True)
    check_html(page)
    assert answer.status_code == 500 and answer.headers["X-Request-Id"] in page
    assert "secret" not in page and "RuntimeError" not in page and "Traceback" not in page


def test_a_silent_database_is_told_on_a_page_that_needs_none(app: Flask, signed_in_as: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in_as(Role.ZONE_HEAD)

    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("consortium.accounts.queries.live_sign_in", gone)
    answer = browser.client.get("/account")
    check_html(answer.get_data(as_text=True))
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"


def test_another_host_is_refused(anonymous: Browser) -> None:
    assert anonymous.client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_the_api_answers_problems_in_json(anonymous: Browser, signed_in_as: Any) -> None:
    answer = anonymous.client.get("/api/v1/me")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    answer = signed_in_as(Role.MENTOR).client.get("/api/v1/students")
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (403, "application/problem+json", "forbidden")


def test_a_long_lasting_refusal_says_when_to_come_again(anonymous: Browser) -> None:
    for _ in range(5):
        anonymous.post("/sign-in", {"login": "x", "password": "wrong-password"})
    answer = anonymous.post("/sign-in", {"login": "x", "password": "wrong-password"})
    assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 900
