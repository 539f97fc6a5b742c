"""Every act leaves its line; the suite's own listener (tests/conftest.py) proves it for each request, here is proved that it looks."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts import service
from consortium.proposals import service as proposals
from consortium.shared import audit
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders
from tests.conftest import Browser


def acts() -> list[str]:
    return list(db.session.scalars(sa.select(audit.AuditLine.act).order_by(audit.AuditLine.id)))


def test_a_request_that_writes_without_a_line_is_caught(signed_in_as: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    browser: Browser = signed_in_as(Role.ZONE_HEAD)
    monkeypatch.setattr(audit, "record", lambda *_, **__: None)
    with pytest.raises(AssertionError, match="without an audit line"):
        browser.post("/colleagues", {"name": "x", "login": "x.y", "email": "", "role": "zone_officer"})


@pytest.mark.parametrize(("url", "act"), [("/sign-out", "sign-out"), ("/account/sessions", "end-other-sessions")])
def test_ending_a_session_is_an_act(url: str, act: str, signed_in_as: Any) -> None:
    browser = signed_in_as(Role.MENTOR)
    assert browser.post(url).status_code == 303
    assert acts()[-1] == act


def test_saving_and_hiding_a_post_are_acts(app: Flask) -> None:
    member, position = builders.a_student_member(), builders.a_position()
    student = db.session.scalars(sa.select(builders.Student)).one()
    proposals.choose(student.id, position.id, "hidden", by=member.actor(), reason="pay")
    db.session.flush()
    line = db.session.scalars(sa.select(audit.AuditLine).order_by(audit.AuditLine.id.desc())).first()
    assert line is not None
    assert (line.act, line.subject_kind, line.facts) == ("choose", "positions", {"what": "hidden", "reason": "pay"})


def test_a_line_goes_with_its_act_when_the_act_is_refused_afterwards(app: Flask) -> None:
    member = builders.a_membership(Role.ZONE_HEAD)
    other = builders.a_membership(Role.ZONE_OFFICER, tenant=member.tenant)
    db.session.commit()
    service.suspend(other, by=member.actor())
    db.session.rollback()
    assert "suspend" not in acts()
    assert other.state == "active"
