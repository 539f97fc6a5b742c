"""An upload of a roster, worked on in this process as the worker would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from consortium.accounts.models import Membership
from consortium.imports import service, tasks
from consortium.imports.models import Upload
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders
from tests.students.rosters import HEADER
from tests.workbooks import workbook

KEY = "ID_KEY"


def work(task: Callable[[int], None], number: int) -> None:
    """Have a task done as a worker would: with a session of its own, while this one holds no lock."""
    db.session.rollback()
    task(number)


@pytest.fixture
def officer(app: Flask) -> Membership:
    """A college's officer."""
    college = builders.a_college()
    membership = builders.a_membership(Role.COLLEGE_OFFICER, tenant=college.tenant)
    db.session.commit()
    return membership


@pytest.fixture
def uploaded(app: Flask, officer: Membership) -> Callable[..., Upload]:
    """`uploaded(rows)`: a file taken in and read."""

    def take(rows: list[list[Any]] | bytes, header: list[str] | None = None, read: bool = True, mode: str = "both") -> Upload:
        data = rows if isinstance(rows, bytes) else workbook([header or HEADER, *rows])
        upload = service.upload(officer.actor(), "students", "名单.xlsx", data, app.config[KEY], mode)
        number = upload.id
        db.session.commit()
        if read:
            work(tasks.read_upload, number)
        db.session.expire_all()
        return db.session.get_one(Upload, number)

    return take


@pytest.fixture
def decided(app: Flask, officer: Membership) -> Callable[..., Upload]:
    """`decided(upload, columns={…}, answers={…}, …)`: taken down, and read again."""

    def take(upload: Upload, **choices: Any) -> Upload:
        number = upload.id
        service.decide(upload, choices, by=officer.actor())
        db.session.commit()
        work(tasks.read_upload, number)
        db.session.expire_all()
        return db.session.get_one(Upload, number)

    return take


@pytest.fixture
def imported(app: Flask, officer: Membership) -> Callable[[Upload], Upload]:
    """`imported(upload)`: written by the worker."""

    def write(upload: Upload) -> Upload:
        number = upload.id
        service.ask_to_apply(upload, all_or_none=False, by=officer.actor())
        db.session.commit()
        work(tasks.apply_upload, number)
        db.session.expire_all()
        return db.session.get_one(Upload, number)

    return write


@pytest.fixture
def undone(app: Flask, officer: Membership) -> Callable[[Upload], Upload]:
    """`undone(upload)`: taken back by the worker."""

    def take(upload: Upload) -> Upload:
        number = upload.id
        service.ask_to_undo(upload, by=officer.actor())
        db.session.commit()
        work(tasks.apply_upload, number)
        db.session.expire_all()
        return db.session.get_one(Upload, number)

    return take
