"""The tasks that read and apply uploads. Twice is safe: rows are claimed by a fence, batches are marked with what they wrote."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from celery import shared_task
from flask import current_app

from consortium.imports import service
from consortium.imports.models import APPLYING, READING, UNDOING, Upload
from consortium.shared import retention
from consortium.shared.db import db
from consortium.shared.tasks import LeaseLost, claim, every, finish, lease_kept, swept

LIMITS: dict[str, int] = {"soft_time_limit": 540, "time_limit": 600}  # a hundred thousand rows, on a slow machine


@shared_task(name=service.READ, **LIMITS)
def read_upload(upload_id: int, **_later: Any) -> None:
    """Whatever the stage asks for: the doorbell says only *look*."""
    _work(upload_id)


@shared_task(name=service.APPLY, **LIMITS)
def apply_upload(upload_id: int, **_later: Any) -> None:
    """The same by its own name."""
    _work(upload_id)


def _work(upload_id: int) -> None:
    held = claim(Upload, upload_id)
    if held is None:
        return
    key = current_app.config["ID_KEY"]
    stage = db.session.get_one(Upload, upload_id).stage
    db.session.rollback()
    with lease_kept(current_app._get_current_object(), held), suppress(LeaseLost):  # type: ignore[attr-defined]
        if stage == READING:
            service.read(held, key)
        elif stage == APPLYING:
            service.apply(held, key)
        elif stage == UNDOING:
            service.take_back(held, key)
        else:
            finish(held)


@shared_task(name="imports.purge_uploads")
def purge_uploads(**_later: Any) -> None:
    """Destroy what is older than thirty days; twice finds nothing the second time."""
    service.purge()
    db.session.commit()


swept(Upload, service.READ, service.give_up)
every(86_400, "imports.purge_uploads")
retention.purges("uploads")(lambda _before: service.purge())
