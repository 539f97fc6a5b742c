"""The tasks that read and apply uploads. Twice is safe: rows are claimed by a fence, batches are marked with what they wrote."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from flask import current_app

from consortium.imports import service
from consortium.imports.models import Upload
from consortium.shared.db import db
from consortium.shared.tasks import claim, lease_kept, release, swept


@shared_task(name=service.READ)
def read_upload(upload_id: int, **_later: Any) -> None:
    """Whatever the stage asks for: the doorbell says only *look*."""
    _work(upload_id)


@shared_task(name=service.APPLY)
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
    with lease_kept(current_app._get_current_object(), held):  # type: ignore[attr-defined]
        if stage == "reading":
            service.read(held, key)
        elif stage == "applying":
            service.apply(held, key)
        else:
            release(held)


swept(Upload, service.READ)
