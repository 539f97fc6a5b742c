"""What no field could mean is refused with a 4xx before it does harm: pages and API, both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consortium.shared.access import Role
from tests import builders
from tests.conftest import Browser

NONSENSE = {
    "NUL": "a\x00b", "lone surrogate": "\ud800", "2^31": str(2**31), "2^63": str(2**63), "1e309": "1e309", "NaN": "NaN", "very long": "长" * 20_000,
    "minus one": "-1", "markup": "<svg onload=alert(1)>", "braces": "{{7*7}}", "format": "%s%n%(x)s", "quote": "' or 1=1 --", "digits": "9" * 5_000,
}  # fmt: skip


@pytest.fixture
def firm(signed_in_as: Any) -> Browser:
    enterprise = builders.an_enterprise()
    builders.a_family(enterprise)
    member = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=builders.db.session.get_one(builders.Tenant, enterprise.tenant_id))
    browser: Browser = signed_in_as(member)
    return browser


@pytest.mark.parametrize("url", ["/sign-in?next=%00", "/positions?page=%ff%fe", "/positions?q=%ed%a0%80", "/positions/%00", "/lists/majors?q=%C3%28"])
def test_an_address_that_is_no_text_is_refused(url: str, firm: Browser) -> None:
    assert firm.client.get(url).status_code == 400


@pytest.mark.parametrize("page", ["-1", "0", "2147483648", "9" * 5000, "x", "1e9", "%20"])
def test_a_page_number_is_bounded_whatever_it_says(page: str, firm: Browser) -> None:
    assert firm.client.get(f"/positions?page={page}").status_code == 200
    assert firm.client.get(f"/api/v1/positions?page={page}").status_code in (200, 422)


@pytest.mark.parametrize("value", NONSENSE.values(), ids=NONSENSE)
def test_a_form_field_takes_sense_or_says_no(value: str, firm: Browser, signed_in_as: Any) -> None:
    token = firm.csrf()
    for url, names in (
        ("/positions", ("title", "duties", "places", "pay", "hours_per_day", "kind", "majors", "start_on", "family")),
        ("/enterprise", ("staff", "industry_code", "version")),
        ("/enterprise/families", ("name", "family_staff")),
        ("/colleagues", ("name", "login", "email", "role")),
        ("/account/password", ("old", "new")),
        ("/account/organisation", ("membership",)),
        ("/three-lists", ("kind", "title", "about", "budget_fen", "heads", "until_on", "class_key")),
        ("/enterprise/intent", ("answer", "class_key_0", "heads_0", "kind_0", "reasons", "remark")),
        ("/enterprise/check", ("text", "licence")),
        ("/registration", ("credit_code",)),
    ):
        fields = {name: value.encode("utf-8", "surrogatepass") for name in names}
        answer = firm.client.post(url, data={"csrf_token": token, "form_key": "6f1f5c0e-0000-4000-8000-000000000001", **fields})
        assert 300 <= answer.status_code < 500, f"{url}: {answer.status_code}"
        assert not (value in ("a\x00b", "\ud800") and answer.status_code < 400)


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", 2**31, 2**63, 10**400, float("inf"), True, None, [], {}, "长" * 200_000], ids=str)
def test_an_api_field_takes_sense_or_says_no(value: Any, firm: Browser) -> None:
    token = firm.csrf()
    for url, body in (
        ("/api/v1/colleagues", {"name": value, "login": value, "role": value, "email": value}),
        ("/api/v1/positions", {"title": value, "kind": value, "duties": value, "places": value}),
        ("/api/v1/colleagues", value),
    ):
        told = json.dumps(body)
        answer = firm.client.post(url, data=told, content_type="application/json", headers={"X-CSRFToken": token})
        assert 400 <= answer.status_code < 500, f"{url}: {answer.status_code}"
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5_000, b"", b"nul", b'{"name": "\\ud800"}', b"9" * 6_000], ids=lambda b: repr(b[:8]))
def test_broken_json_is_a_bad_request(body: bytes, firm: Browser) -> None:
    answer = firm.client.post("/api/v1/colleagues", data=body, content_type="application/json", headers={"X-CSRFToken": firm.csrf()})
    assert 400 <= answer.status_code < 500


def test_a_thousand_and_one_parts_are_too_many(firm: Browser) -> None:
    body = b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(1_001)) + b"--x--\r\n"
    answer = firm.client.post("/colleagues", data=body, content_type="multipart/form-data; boundary=x", headers={"X-CSRFToken": firm.csrf()})
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_field_beyond_half_a_megabyte_is_too_large(kind: str, firm: Browser) -> None:
    answer = firm.client.post("/colleagues", data={"name": "x" * 513_000}, content_type=kind, headers={"X-CSRFToken": firm.csrf()})
    assert answer.status_code == 413
    assert "half a megabyte" in answer.get_data(as_text=True)


def test_a_body_beyond_eleven_megabytes_is_too_large(firm: Browser) -> None:
    answer = firm.client.post("/colleagues", data=b"x" * (11 * 1024 * 1024 + 1), content_type="multipart/form-data; boundary=x", headers={"X-CSRFToken": firm.csrf()})
    assert answer.status_code == 413


@pytest.mark.parametrize("cookie", ["lang=../../x", "theme=<b>", "consortium=not.a.session", "consortium=", "lang=%00"])
def test_a_strange_cookie_is_as_none(cookie: str, anonymous: Browser) -> None:
    assert anonymous.client.get("/sign-in", headers={"Cookie": cookie}).status_code == 200


def test_a_strange_idempotency_key_is_refused(firm: Browser) -> None:
    for key in ("x", "1" * 400, "00000000-0000-0000-0000-00000000000g"):
        answer = firm.client.post("/colleagues", data={"csrf_token": firm.csrf(), "form_key": key})
        assert answer.status_code == 400
