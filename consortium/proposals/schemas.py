"""What the API takes and tells of runs, matches and candidates."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from consortium.web.resources import Schema


class ReasonOut(Schema):
    """One fact of an explanation."""

    state: str
    text: str
    source: str


class PartOut(Schema):
    """What one family of evidence gave."""

    family: str
    terms: str
    points: int


class MatchOut(Schema):
    """A post for the student: score, band, reasons; the parts sum to the points, `wished` is what the student wishes for among them.

    `shown_to_enough`: it fits, but is shown to as many students as its places allow, so it is not among the matches.
    """

    position: uuid.UUID
    title: str
    enterprise: str
    kind: str
    lawful: bool
    points: int | None
    band: str
    proposed: bool
    shown_to_enough: bool
    wished: int
    reasons: list[ReasonOut]
    parts: list[PartOut]


class CandidateOut(Schema):
    """A student for the enterprise's post, without a name."""

    alias: str
    points: int | None
    band: str
    proposed: bool
    state: str
    reasons: list[ReasonOut]


class ChoiceIn(Schema):
    """Save or hide a post, or take that back."""

    what: str
    reason: str = ""


class RunOut(Schema):
    """A run: how far it is, what it read, what came out."""

    id: uuid.UUID
    at: datetime
    state: str
    phase: str
    n_students: int
    n_positions: int
    n_chunks: int
    n_done: int
    seed: int
    snapshot_hash: str
    digest: str
    report: dict[str, Any]
