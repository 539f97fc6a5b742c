"""The case of applications, with the offer accepted."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from consortium.agreements.models import Agreement
from consortium.applications import service
from consortium.shared.db import db
from tests.applications.conftest import Case, case  # noqa: F401


@pytest.fixture
def draft(case: Case) -> Agreement:  # noqa: F811
    service.accept(case.offered(), by=case.me)
    db.session.commit()
    found = db.session.scalar(sa.select(Agreement))
    assert found is not None
    return found
