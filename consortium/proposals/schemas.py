"""What the API takes and tells of runs, matches and candidates."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from consortium.web.resources import PageQuery, Schema


class ReasonOut(Schema):
    """One fact of an explanation."""

    state: str
    text: str
    source: str
    key: str = ""
    stops: bool = False


class PartOut(Schema):
    """What one family of evidence gave."""

    family: str
    terms: str
    points: int


class ChangeOut(Schema):
    """One thing changed: its kind, its code or day, and how it is called."""

    what: str
    which: str
    name: str


class LiftOut(ChangeOut):
    """A change and the rank it would give."""

    rank: int


class StandOut(Schema):
    """Where a pair stands among all others of the latest run, or what alone would make it lawful, and what was full in the assignment."""

    rank: int | None
    of: int | None
    own_rank: int | None
    list_length: int | None
    list_ends_at: int | None
    lifts: list[LiftOut]
    opened_by: list[ChangeOut]
    full: str | None
    last_admitted: int | None
    own_points: int | None


class OpeningOut(ChangeOut):
    """What one change opens to a student: posts that become possible, lists the student enters, and which posts these are."""

    opens: int
    lists: int
    positions: list[uuid.UUID]


class SupplyQuery(BaseModel):
    """What a posting form asks for so far; codes separated by commas."""

    model_config = ConfigDict(extra="forbid")

    kind: str = "internship"
    majors: str = ""
    must: str = ""
    level_least: str = ""
    start_on: str = ""
    night: str = ""
    rest_days: str = ""
    labour_level: str = ""
    place_code: str = ""
    hazards: str = ""


class DroppedOut(ChangeOut):
    """A requirement dropped, and how many more that admits."""

    more: int


class SupplyOut(Schema):
    """Students who meet what a post requires, and those of them who want the zone; None where it is fewer than five, or before the first run."""

    known: bool
    fit: int | None
    zone: int | None
    dropped: list[DroppedOut]


class GapQuery(BaseModel):
    """Which major."""

    model_config = ConfigDict(extra="forbid")

    major: str = ""


class GapOut(ChangeOut):
    """What a skill would add if every student of the major had it."""

    major: str
    posts: int
    have: int
    of: int
    opens: int
    lists: int


class MatchOut(Schema):
    """A post for the student: score, band and the share of offers in it that were accepted, reasons; the parts sum to the points, `wished` is
    what the student wishes for among them.

    `shown_to_enough`: it fits, but is shown to as many students as its places allow, so it is not among the matches.
    """

    position: uuid.UUID
    title: str
    enterprise: str
    kind: str
    lawful: bool
    points: int | None
    band: str
    band_share: float | None
    proposed: bool
    shown_to_enough: bool
    wished: int
    reasons: list[ReasonOut]
    parts: list[PartOut]
    stand: StandOut | None = None


class CandidatesQuery(PageQuery):
    """Which candidates: of a college (its id), a class of majors, with a certificate, who wish for a place, of a band, who want the zone; `show`: unsuitable."""

    college: str = ""
    major_class: str = ""
    certificate: str = ""
    place: str = ""
    band: str = ""
    zone: bool = False
    show: str = ""


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
    exposure: dict[str, Any] | None
    bands: dict[str, int]
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


class PostsQuery(PageQuery):
    """Filters of the search over all posts; what cannot be read is left out."""

    query: str = ""
    kind: str = ""
    place: str = ""
    industry: str = ""
    pay: str = ""
    begins: str = ""
    shift: str = ""
    free: str = ""
    fits: str = ""
    sort: str = ""


class PostOut(Schema):
    """An open post as a student finds it; applied is empty for one to four, fits without consent to matching."""

    position: uuid.UUID
    title: str
    enterprise: str
    kind: str
    place: str
    pay_fen: int | None
    places: int
    free: int
    applied: int | None
    begins_on: date | None
    fits: bool | None
    stopped_by: str
    why: str


class PostsOut(Schema):
    """A page of the search, and how many there are in all."""

    total: int
    posts: list[PostOut]


class DoubtIn(Schema):
    """Which reason (its key) is not right, what about it, and what would be right."""

    item: str = Field(default="", max_length=60)
    what: str = Field(default="", max_length=20)
    said: str = Field(default="", max_length=300)


class DoubtOut(Schema):
    """Where the fact is mended; empty where that is not the student's to do."""

    mend: str


class WeightsIn(Schema):
    """What kinds of evidence count for the student, in thousandths (1000, 500, 0)."""

    weights: dict[str, int] = {}
    reset: bool = False


class WeightsOut(Schema):
    """All kinds of evidence with what they count."""

    weights: dict[str, int]


class AlertIn(Schema):
    """A search to keep: a name, and filters as in the search."""

    name: str = ""
    asked: dict[str, str] = {}


class AlertOut(Schema):
    """A saved search."""

    id: uuid.UUID
    name: str
    asked: dict[str, str]
    on: bool


class SwitchIn(Schema):
    """On or off."""

    on: bool = False


class NextOut(Schema):
    """A field not filled in yet, how many posts a yes opens, and how many lists it puts the student on."""

    field: str
    opens: int
    lists: int


class DoubtCountOut(Schema):
    """How often a kind of reason was doubted; empty where fewer than five students did."""

    about: str
    what: str
    times: int | None
