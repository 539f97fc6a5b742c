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
    majors: list[str]
    level_least: str
    must: list[str]
    nice: list[str]
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
    night: bool | None
    rest_days: bool | None
    pauses_holidays: bool | None
    overtime: bool | None
    labour_level: int | None
    venue: str
    hazards: list[str]
    filings: list[str]
    contract_months: int | None
    probation_months: int | None
    places: int
    taken: int
    version: int


class PositionIn(Schema):
    """A post to draft."""

    kind: str
    title: str
    duties: str
    places: int
    tasks: list[str] = []
    occupation_code: str = ""
    family: uuid.UUID | None = None
    place_code: str = ""
    place_note: str = ""
    start_on: date | None = None
    end_on: date | None = None
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
    night: bool | None = None
    rest_days: bool | None = None
    pauses_holidays: bool | None = None
    overtime: bool | None = None
    labour_level: int | None = None
    venue: str = ""
    hazards: list[str] = []
    filings: list[str] = []
    contract_months: int | None = None
    probation_months: int | None = None
    pay_reason: str = ""
    length_reason: str = ""


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
