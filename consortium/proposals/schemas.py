"""What the API takes and tells of runs, matches and candidates."""

from __future__ import annotations

import uuid
from datetime import datetime

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
    """A post for the student: score, band, reasons; the parts sum to the points."""

    position: uuid.UUID
    title: str
    enterprise: str
    kind: str
    lawful: bool
    points: int | None
    band: str
    proposed: bool
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


class SpreadOut(Schema):
    """Mean and standard deviation, of five or more."""

    mean: float
    spread: float


class GroupOut(Schema):
    """A group of five or more students; null for a figure about one to four of them."""

    group: str
    students: int
    placed: int | None
    first: int | None
    mean_place: float | None


class PriceOut(Schema):
    """What stability costs: the proposals beside the greatest total score at the same quotas, or beside a total at least half of it."""

    stable_points: int
    stable_placed: int
    most_points: int
    most_placed: int
    exact: bool


class UnmetOut(Schema):
    """Requests that could not be met, and the rule or quota that binds; null for one to four of them."""

    what: str
    bound: str
    requests: int | None


class ClassOut(Schema):
    """Acceptable pairs of a major class and a leading industry; null for fewer than five students."""

    major_class: str
    sector: str
    pairs: int | None
    students: int | None


class ReportOut(Schema):
    """How good the result of a run is; null stands for a count of one to four students."""

    students: int
    positions: int
    seats: int
    acceptable_pairs: int
    listed_pairs: int
    placed: int
    fixed: int
    without_list: int
    blocking_pairs: int
    choice_profile: dict[str, int | None]
    place: SpreadOut | None
    points: SpreadOut | None
    groups: dict[str, list[GroupOut]]
    firms_full: int
    firms: int
    unfilled_by_reason: dict[str, int]
    unmet: list[UnmetOut]
    price: PriceOut | None
    class_pairs: list[ClassOut]


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
    report: ReportOut | None
