"""Who sees runs and matches."""

from __future__ import annotations

import pytest
from flask import Flask

from consortium.proposals import access, service
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.ZONE_OFFICER, Role.ZONE_HEAD)])
def test_only_the_zone_sees_runs(app: Flask, role: Role) -> None:
    service.start(by=None)
    assert db.session.scalars(access.visible_to(builders.a_membership(role).actor())).all() == []


def test_small_runs_are_nobodys_to_read(app: Flask) -> None:
    service.start("student", builders.a_student().id, by=None)
    assert db.session.scalars(access.visible_to(builders.a_membership(Role.ZONE_HEAD).actor())).all() == []
