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
    """A post for the student: score, band and the share of offers in it that were accepted, reasons; the parts sum to the points."""

    position: uuid.UUID
    title: str
    enterprise: str
    kind: str
    lawful: bool
    points: int | None
    band: str
    band_share: float | None
    proposed: bool
    reasons: list[ReasonOut]
    parts: list[PartOut]


class CandidateOut(Schema):
    """A student for the enterprise's post, without a name."""

    alias: str
    points: int | None
    band: str
    band_share: float | None
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


class ScoringOut(Schema):
    """A version of the coefficients: where it stands, its weights, what its bands mean, how it did on held-out lists."""

    id: uuid.UUID
    no: int
    at: datetime
    state: str
    standing: str
    changed: str
    against: int
    since: datetime | None
    until: datetime | None
    served_at: datetime | None
    weights: dict[str, float]
    calibration: dict[str, Any]
    figures: dict[str, Any]
