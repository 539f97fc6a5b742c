"""What the API tells of uploads."""

from __future__ import annotations

import uuid
from datetime import datetime

from consortium.web.resources import Schema


class UploadOut(Schema):
    """One upload."""

    id: uuid.UUID
    filename: str
    at: datetime
    stage: str
    state: str
    counts: dict[str, int]
    refusal: str


class RowOut(Schema):
    """One row: verdict and problems, no values."""

    row_no: int
    verdict: str
    problems: list[dict[str, str]]


class ApplyIn(Schema):
    """How to import."""

    all_or_none: bool = False
