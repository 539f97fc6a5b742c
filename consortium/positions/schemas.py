"""What the API takes and tells of posts."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Literal

from pydantic import Field

from consortium.web.resources import PageQuery, Schema


class PositionOut(Schema):
    """A post."""

    id: uuid.UUID
    kind: str
    state: str
    title: str
    enterprise: str
    duties: str
    tasks: list[str]
    occupation_code: str
    family: uuid.UUID | None
    place_code: str
    place_note: str
    start_on: date | None
    end_on: date | None
    closes_on: date | None
    majors: list[str]
    level_least: str
    must: list[str]
    nice: list[str]
    skill_levels: dict[str, int]
    pay_fen: int | None
    same_post_pay_fen: int | None
    lowest_grade_fen: int | None
    pay_period_days: int | None
    pay_to_student: bool | None
    pay_in_kind: bool | None
    fees: bool | None
    board: bool | None
    lodging: bool | None
    hours_per_day: float | None
    hours_per_week: float | None
    shifts: list[str]
    night: bool | None
    rest_days: bool | None
    pauses_holidays: bool | None
    overtime: bool | None
    labour_level: int | None
    venue: str
    hazards: list[str]
    filings: list[str]
    contract_kind: str
    contract_months: int | None
    probation_months: int | None
    closed_reason: str
    places: int
    taken: int
    version: int


class PositionIn(Schema):
    """A post to draft."""

    kind: str
    title: str = Field(pattern=r"\S")
    duties: str = Field(pattern=r"\S")
    places: int
    tasks: list[str] = []
    occupation_code: str = ""
    family: uuid.UUID | None = None
    place_code: str = ""
    place_note: str = ""
    start_on: date | None = None
    end_on: date | None = None
    closes_on: date | None = None
    majors: list[str] = []
    level_least: str = ""
    must: list[str] = []
    nice: list[str] = []
    pay_fen: int | None = None
    same_post_pay_fen: int | None = None
    lowest_grade_fen: int | None = None
    pay_period_days: int | None = None
    pay_to_student: bool | None = None
    pay_in_kind: bool | None = None
    fees: bool | None = None
    board: bool | None = None
    lodging: bool | None = None
    hours_per_day: float | None = None
    hours_per_week: float | None = None
    shifts: list[str] = []
    night: bool | None = None
    rest_days: bool | None = None
    pauses_holidays: bool | None = None
    overtime: bool | None = None
    labour_level: int | None = None
    venue: str = ""
    hazards: list[str] = []
    filings: list[str] = []
    contract_kind: str = ""
    contract_months: int | None = None
    probation_months: int | None = None
    pay_reason: str = ""
    length_reason: str = ""
    wording_reason: str = ""


class PositionPatch(PositionIn):
    """What is to change, and the version that was read; what is not named stays."""

    version: int | None = None
    kind: str = ""
    title: str = ""
    duties: str = ""
    places: int = 0


class PositionsQuery(PageQuery):
    """A stretch of the list, perhaps narrowed."""

    state: Literal["", "draft", "open", "paused", "closed"] = ""
    kind: Literal["", "internship", "job"] = ""
    query: str = Field(default="", max_length=80)


class VerdictOut(Schema):
    """What one rule says of one post: 1 met, 0 not met, -1 not known."""

    code: str
    effect: str
    state: int
    blocks: bool


class ShareOut(Schema):
    """One share of interns in the post's days: its cap, what others hold over all colleges, what this post asks, how many too many."""

    code: str
    staff: int | None
    as_of: date | None
    cap: int | None
    used: int
    asked: int
    over: int


class LineOut(Schema):
    """What one rule says, and from which data: 1 met, 0 not met, -1 not known."""

    code: str
    state: int
    blocks: bool
    source: str


class JudgementOut(Schema):
    """All that a firm needs to see before it publishes; `stops`: by field, what keeps the post from being open."""

    shares: list[ShareOut]
    next_window: date | None
    let_pass_until: date | None
    rules: list[LineOut]
    stops: dict[str, list[str]]


class ClosureIn(Schema):
    """Why a post is closed: filled, elsewhere, changed, not-needed or other."""

    reason: str = Field(max_length=30)
    note: str = Field(default="", max_length=300)


class RepetitionIn(Schema):
    """Posts of last term to be drafted again."""

    positions: list[uuid.UUID] = Field(min_length=1, max_length=200)


class RepetitionOut(Schema):
    """The drafts that were made, and how many were left out as repeated before."""

    drafts: list[uuid.UUID]
    left_out: int


class TemplateIn(Schema):
    """The name under which a post is kept."""

    name: str = Field(min_length=1, max_length=60)


class TemplateOut(Schema):
    """A template of one's own firm: what a post may be written from."""

    id: uuid.UUID
    name: str
    title: str


class AskIn(Schema):
    """A question to a college."""

    college: uuid.UUID
    reason: str = Field(min_length=5, max_length=300)


class AnswerIn(Schema):
    """A college's answer."""

    granted: bool
    answer: str = Field(min_length=5, max_length=300)
    until_on: date | None = None


class OverrideOut(Schema):
    """A share passed on purpose, or asked to be."""

    id: uuid.UUID
    state: str
    position: uuid.UUID
    title: str
    enterprise: str
    college: str
    rules: list[str]
    heads: int
    over: int
    from_on: date
    to_on: date
    reason: str
    answer: str
    until_on: date | None


class WageIn(Schema):
    """A minimum wage from a day on, with its source."""

    monthly_fen: int
    valid_from: date
    source: str = Field(min_length=5, max_length=200)


class WageOut(WageIn):
    """A minimum wage; `entered`: by the zone, else it came with the product."""

    entered: bool
