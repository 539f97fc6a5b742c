"""A job that kills the process that works on it; the worker under test loads it with `-I`."""

from __future__ import annotations

import os
import signal
from typing import Any

from celery import shared_task

from consortium.messages.models import OutboxItem
from consortium.shared.tasks import claim


@shared_task(name="tests.poison")
def poison(item_id: int, **_later: Any) -> None:
    """Claims as every job does, then dies as by the hand of the kernel."""
    if claim(OutboxItem, item_id) is not None:
        os.kill(os.getpid(), signal.SIGKILL)
