"""No column is written because somebody sent its name: forms read their own fields alone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import Base, db
from consortium.web.gate import SAFE
from tests.house.test_gates import FIELDS, LAST, ROUTES, WHO, World, address, kind_of

KEPT = frozenset({"form_key", "csrf_token"})
POISON = {
    "id": "9999", "public_id": str(uuid.UUID(int=7)), "tenant_id": "777777", "person_id": "777777", "state": "poisoned", "role": "zone_head",
    "verified_at": "2001-01-01", "password_hash": "poisoned", "identity_hash": "poisoned", "identity_open": "1", "spoken": "1", "token_hash": "poisoned",
}  # fmt: skip
"""What would stand out, or harm, if it reached a column."""
NEXT_WEEK = f"{clock.local(clock.now()) + timedelta(days=7):%Y-%m-%dT%H:%M}"
GOOD: dict[str, dict[str, str]] = {
    "/positions": {"kind": "job", "title": "电工", "duties": "接线", "places": "1"}, "/enterprise/families": {"name": "装配", "family_staff": "9"},
    "/enterprise": {"industry_code": "3989", "staff": "180"}, "/colleagues": {"name": "x", "login": "x.y"}, "/me": {"wish": "设备维修"},
    "/matches/<uuid:id>/choices": {"what": "saved"}, "/applications/<uuid:id>/declination": {"reason": "other"},
    "/students/<uuid:id>/guardian-consents": {"purpose": "matching", "evidence": "signed"}, "/enterprises/<uuid:id>/visits": {"visited_on": "2026-03-05"},
    "/majors": {"code": "M:460302", "first_cohort": "2024"}, "/classes": {"name": "机电2501班", "cohort": "2025"}, "/classes/<uuid:id>": {"name": "机电2502班"},
    "/students/<uuid:id>/state": {"step": "leave"}, "/mentors": {"name": "王师傅"}, "/mentors/<uuid:id>": {"name": "李师傅"}, "/three-lists": {"kind": "product", "title": "铝型材"}, "/three-lists/<uuid:id>/edit": {"title": "铝棒"}, "/applications/<uuid:id>/notes": {"text": "seen"}, "/positions/<uuid:id>/notes": {"text": "seen"}, "/tickets/<uuid:id>/answer": {"answer": "好的", "grant": "yes"}, "/messages/settings": {"digest": "daily"},
    "/filings": {"rules": "R26", "number": "清教备7", "authority": "教育局", "filed_on": "2026-01-05", "valid_from": "2026-01-05", "valid_until": "2031-01-05"},
    "/rule-overrides": {"rule": "R13", "reason": "护理专业按要求实习八个月。", "valid_from": "2026-01-05", "valid_until": "2031-01-05"},
    "/rule-overrides/<uuid:id>/withdrawal": {"reason": "不再需要"}, "/filings/<uuid:id>/refusal": {"reason": "缺少批文"},
    "/law-tables": {"kind": "holiday", "key": "2030-01-01", "name_zh": "元旦", "source": "国办发明电"},
    "/acceptance-rules/<kind>": {"job-back_hours": "48"}, "/alerts": {"name": "焊工"}, "/skills/proposals": {"kind": "skill", "name_zh": "数字孪生"}, "/me/visibility": {"withheld": "about"},
    "/positions/drafts": {"title": "电工"}, "/positions/<uuid:id>/closure": {"reason": "filled"},
    "/positions/<uuid:id>/template": {"name": "电工"}, "/overrides/<uuid:id>/answer": {"answer": "岗位确有需要", "until_on": "2099-01-01", "granted": "1"},
    "/minimum-wages": {"monthly_fen": "2080", "valid_from": "2026-07-01", "source": "粤府函〔2026〕1号"},
    "/zone-list": {"credit_code": "91449999MAD0000016", "name": "清远名录企业", "industry_code": "3989"}, "/enterprise/intent": {"answer": "no", "reasons": "no-mentor"},
    "/intents": {"year": "2026", "quarter": "4", "closes_on": "2026-12-15"}, "/joins/<uuid:id>/decision": {"decision": "join"},
    "/checks/<uuid:id>/decision": {"step": "approve"}, "/colleagues/<uuid:id>/role": {"role": "mentor"}, "/enterprise/check": {"text": "补充说明"},
    "/positions/<uuid:id>/interview-times": {"starts_at": NEXT_WEEK, "minutes": "30", "places": "1", "place": "302", "link": "", "times": "1"},
    "/interview-times/<uuid:id>": {"starts_at": NEXT_WEEK, "minutes": "30", "places": "2", "place": "303", "link": "", "version": ""},
    "/interviews/<uuid:id>/declination": {"reason": "other"}, "/interviews/<uuid:id>/result": {"result": "open"},
    "/skills/proposals/<uuid:id>/decision": {"step": "decline", "reason": "太宽泛"}, "/certificates/<uuid:id>/decision": {"verdict": "verified"}, "/matches/weights": {"reset": "1"},
    "/matches/<uuid:id>/doubts": {"item": "major", "what": "wrong-fact"},
    "/rounds": {
        "name_zh": "轮次", "start_on": "2031-01-01", "end_on": "2031-12-31", "opens_at": "2030-10-01T10:00", "lists_close_at": "2030-10-02T10:00",
        "orders_close_at": "2030-10-03T10:00", "publish_at": "2030-10-04T10:00", "answer_hours": "48", "most_ranked": "5",
    },
    "/rounds/<uuid:id>/post-withdrawals": {"reason": "capacity"}, "/rounds/<uuid:id>/bearers": {"code": "p1", "numbers": "1"},
    "/students/<uuid:id>/guardian": {"guardian_name": "王芳", "guardian_phone": "13900000000"}, "/welcome/consents": {"purpose": "matching"},
    "/me/corrections": {"about": "phone", "wanted": "13900000001", "reason": "换号"}, "/me/questions": {"matter": "请看"}, "/me/objection": {"answer": "no"},
}  # fmt: skip
"""What each form needs to be taken at all."""


@pytest.fixture
def world(app: Flask) -> World:
    return World()


def columns() -> dict[str, str]:
    names = {column.name for table in Base.metadata.sorted_tables for column in table.columns}
    return {name: POISON.get(name, "poisoned") for name in names if name not in KEPT}


def poisoned() -> list[str]:
    db.session.rollback()
    found = []
    for table in Base.metadata.sorted_tables:
        if table.name == "sent_forms":  # the address that was answered; filters stand in it
            continue
        for row in db.session.execute(sa.select(table)).mappings():
            for name, value in row.items():
                told = str(value)
                if told in ("777777", "9999", str(uuid.UUID(int=7))) or told.startswith("2001-01-01") or "poisoned" in told:
                    found.append(f"{table.name}.{name}")
    return found


@pytest.mark.parametrize("role", [Role.STUDENT, Role.COLLEGE_HEAD, Role.ENTERPRISE_HEAD, Role.ZONE_HEAD], ids=str)
def test_a_form_with_every_column_as_a_field_writes_only_its_own(role: Role, app: Flask, world: World, signed_in_as: Any) -> None:
    member = world.member(role)
    browser = signed_in_as(member)
    token = browser.csrf()
    tried = taken = 0
    for method, rule, ability in ROUTES:
        if method in SAFE or rule.startswith("/api/") or ability == "public" or rule in LAST or role.value not in WHO[ability]:
            continue
        own = _own_fields(app, rule)
        fields = {name: value for name, value in columns().items() if name not in own}
        fields |= GOOD.get(rule, {})
        if rule in FIELDS:
            fields[FIELDS[rule]] = str(world.sides[0]["positions"].public_id)
        url = address(rule, world.own(kind_of(rule), member) if "<uuid:id>" in rule else None)
        answer = browser.client.post(url, data={**fields, "csrf_token": token, "form_key": str(uuid.uuid4())}, headers={"Accept": "application/json"})
        assert answer.status_code < 500, f"{rule}: {answer.status_code}"
        tried, taken = tried + 1, taken + (answer.status_code < 400)
    assert tried >= 3
    assert taken >= 1
    assert poisoned() == []


def _own_fields(app: Flask, rule: str) -> set[str]:
    """Names that some form of the product really has: those may be judged and refused, not ignored."""
    import importlib

    from flask_wtf import FlaskForm

    found: set[str] = set()
    for feature in ("accounts", "organisations", "skills", "imports", "students", "positions", "proposals", "applications", "compliance"):
        module = importlib.import_module(f"consortium.{feature}.forms")
        if module.__name__.split(".")[1] in str(app.view_functions[next(r.endpoint for r in app.url_map.iter_rules() if r.rule == rule)].__module__):
            for one in vars(module).values():
                if isinstance(one, type) and issubclass(one, FlaskForm):
                    found |= {name for name in vars(one) if not name.startswith("_")}
    return found
