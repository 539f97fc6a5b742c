"""The API describes itself, whole and valid, and does what the pages do."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from consortium.web.gate import GATES
from consortium.web.resources import PREFIX
from tests.conftest import Browser

WITHOUT_A_RESOURCE = {
    "accounts.enter": "a session of the browser", "accounts.enter_as": "the demonstration's door", "accounts.sign_out": "a session of the browser",
    "accounts.set_language": "a cookie of the browser", "accounts.set_theme": "a cookie of the browser", "accounts.accept_invitation": "a person's first password",
    "accounts.change_password": "a person's own hands", "accounts.switch_organisation": "a session of the browser",
    "accounts.leave": "it ends the session of the browser", "organisations.begin_registration": "a person's own hands, by a code to the phone",
    "organisations.name_contact": "a person's own hands, by a code to the phone", "organisations.prove": "a person's own hands, by a code to the phone",
    "organisations.send_again": "a person's own hands, by a code to the phone", "organisations.answer_by_link": "a link without an account",
    "organisations.new_link": "a link without an account",
}  # fmt: skip
OTHERWISE_NAMED = {
    "accounts.end_other_sessions": "DELETE /me/sessions", "messages.mark_read": "POST /messages/read", "students.save_profile": "PUT /me/profile",
    "imports.undo": "POST /imports/{id}/reversal",
    "students.consent": "PUT /me/consents/{purpose}", "positions.edit": "PATCH /positions/{id}", "organisations.edit": "PUT /enterprise",
    "organisations.add_family": "POST /enterprise/families", "students.assign_adviser": "PUT /classes/{id}/adviser",
    "students.edit_class": "PUT /classes/{id}", "applications.save_rule": "PUT /acceptance-rules/{kind}", "organisations.upload_zone_list": "POST /zone-list", "organisations.edit_listed": "PUT /zone-list/{id}", "interviews.edit_time": "PUT /interview-times/{id}",
    "positions.draft": "POST /positions", "positions.keep_draft": "PATCH /positions/{id}", "positions.judgement": "GET /positions/{id}/judgement",
    "organisations.edit_row": "PUT /three-lists/{id}",
}  # fmt: skip



def description(anonymous: Browser) -> dict[str, Any]:
    told: dict[str, Any] = anonymous.client.get("/api/v1/openapi.json").get_json()
    return told


def operations(told: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(verb.upper(), path, op) for path, verbs in told["paths"].items() for verb, op in verbs.items() if verb in ("get", "post", "put", "patch", "delete")]


def test_the_description_has_the_shape_of_openapi_3_1(anonymous: Browser) -> None:
    told = description(anonymous)
    assert told["openapi"].startswith("3.1") and told["info"]["title"] and told["info"]["version"]
    schemas = told["components"]["schemas"]
    for reference in re.findall(r"#/components/schemas/([\w.-]+)", str(told)):
        assert reference in schemas, reference
    names = [op["operationId"] for _, _, op in operations(told) if "operationId" in op]
    assert len(names) == len(set(names))
    for verb, path, op in operations(told):
        assert op["responses"], f"{verb} {path}"
        inside = set(re.findall(r"{(\w+)}", path))
        assert inside == {p["name"] for p in op.get("parameters", []) if p["in"] == "path"}, f"{verb} {path}"


def test_every_resource_is_described_in_words_and_under_its_tag(app: Flask, anonymous: Browser) -> None:
    told = {(verb, path): op for verb, path, op in operations(description(anonymous))}
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX) or rule.endpoint == "openapi_pages.spec":
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert (method, path) in told, f"{method} {path} is not described"
            assert told[method, path].get("summary") and told[method, path].get("tags"), f"{method} {path}"


def test_every_step_of_the_pages_has_its_resource(app: Flask, anonymous: Browser) -> None:
    described = {f"{verb} {path.removeprefix(PREFIX)}" for verb, path, _ in operations(description(anonymous))}
    missing = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/api/", "/static", "/bootstrap")):
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS", "GET"}:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            name = rule.endpoint
            if name in WITHOUT_A_RESOURCE or OTHERWISE_NAMED.get(name) in described or f"{method} {path}" in described:
                continue
            missing.append(f"{name}: {method} {path}")
    assert not missing, "\n".join(missing)


def test_exceptions_name_living_routes(app: Flask) -> None:
    there = {endpoint for endpoint, _ in GATES}
    assert (set(WITHOUT_A_RESOURCE) | set(OTHERWISE_NAMED)) <= there


def test_the_page_of_the_description_is_served_by_ourselves(anonymous: Browser) -> None:
    page = anonymous.get("/api/docs").get_data(as_text=True)
    assert "/api/v1/positions" in page
    assert not re.search(r"(src|href)=\"https?://", page)
