"""What the API takes and tells of posts."""

from __future__ import annotations

import uuid
from datetime import date

from consortium.web.resources import Schema


class PositionOut(Schema):
    """A post."""

    id: uuid.UUID
    kind: str
    state: str
    title: str
    enterprise: str
    duties: str
    start_on: date | None
    end_on: date | None
    pay_fen: int | None
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
    overtime: bool | None = None
    labour_level: int | None = None
    venue: str = ""
    hazards: list[str] = []
    filings: list[str] = []


class RuleOut(Schema):
    """A rule in the reader's language."""

    code: str
    title: str
    words: str
    citation: str
    verified: str
