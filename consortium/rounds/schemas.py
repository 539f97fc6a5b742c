"""What the API takes and tells of rounds."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime, Field

from consortium.rounds import rules
from consortium.web.resources import PageQuery, Schema


class CalendarIn(Schema):
    """The four instants of a round, with their offset from UTC."""

    opens_at: AwareDatetime
    lists_close_at: AwareDatetime
    orders_close_at: AwareDatetime
    publish_at: AwareDatetime


class CodeIn(Schema):
    """Something declared beforehand: a priority, or a joint class with seats of its own."""

    code: str = Field(min_length=1, max_length=30, pattern=r"^[a-z0-9-]+$")
    kind: str = Field(pattern="^(priority|seats)$")
    name_zh: str = Field(min_length=1, max_length=60)
    name_en: str = Field(default="", max_length=60)


class RoundIn(CalendarIn):
    """A round; colleges by public id, none means all; majors as M:460301, C:4603 or G:46, none means any."""

    name_zh: str = Field(min_length=1, max_length=80)
    name_en: str = Field(default="", max_length=80)
    start_on: date
    end_on: date
    answer_hours: int = Field(default=rules.ANSWER_HOURS, ge=rules.LEAST_HOURS, le=rules.MOST_HOURS)
    most_ranked: int = Field(default=rules.USUAL_RANKED, ge=1, le=rules.MOST_RANKED)
    colleges: list[uuid.UUID] = Field(default=[], max_length=200)
    majors: list[str] = Field(default=[], max_length=500)
    year_from: int | None = Field(default=None, ge=1990, le=2100)
    year_to: int | None = Field(default=None, ge=1990, le=2100)
    codes: list[CodeIn] = Field(default=[], max_length=rules.MOST_CODES)


class CodeOut(Schema):
    """The same, told."""

    code: str
    kind: str
    name: str


class RoundOut(Schema):
    """A round as it was announced, and where it stands; the seed only once results are out."""

    id: uuid.UUID
    state: str
    phase: str
    name: str
    start_on: date
    end_on: date
    opens_at: datetime
    lists_close_at: datetime
    orders_close_at: datetime
    publish_at: datetime
    answers_until: datetime
    most_ranked: int
    majors: list[str]
    year_from: int | None
    year_to: int | None
    codes: list[CodeOut]
    commitment: str
    version: int


class LotteryOut(Schema):
    """What anybody needs to check the lottery; seed and nonce are empty until results are out."""

    commitment: str
    committed_at: datetime | None
    seed: str
    nonce: str
    kept: bool


class PostIn(Schema):
    """A post of one's own and how it takes part; reserved: seats by code of a joint class."""

    position: uuid.UUID
    places: int = Field(ge=1, le=500)
    reserved: dict[str, int] = Field(default={}, max_length=rules.MOST_CODES)
    reserved_stay: bool = False


class PostOut(Schema):
    """A post in the round."""

    position: uuid.UUID
    title: str
    enterprise: str
    state: str
    places: int
    reserved: dict[str, Any]
    listed: int
    first: int


class LeaveIn(Schema):
    """A post that leaves, and why."""

    position: uuid.UUID
    reason: str = Field(default="", max_length=30)


class ListIn(Schema):
    """The student's own list, first choice first; `hand_in` takes part with it, otherwise it is kept as it stands."""

    posts: list[uuid.UUID] = Field(default=[], max_length=rules.MOST_RANKED)
    fill: bool = False
    hand_in: bool = True


class OptionOut(Schema):
    """A post of the round as the student ranks it; `stops` are codes of rules."""

    position: uuid.UUID
    title: str
    enterprise: str
    places: int
    listed: int
    first: int
    stops: list[str]


class ListOut(Schema):
    """The student's list, and a page of the other posts."""

    state: str
    fill: bool
    lottery_number: str
    posts: list[OptionOut]
    others: list[OptionOut]
    total: int


class OptionsQuery(PageQuery):
    """Which of the other posts."""

    query: str = Field(default="", max_length=80)


class CandidatesQuery(PageQuery):
    """Of which post."""

    post: uuid.UUID | None = None


class RoundCandidateOut(Schema):
    """Somebody who listed the post, by pseudonym."""

    candidate: str
    place: int | None
    refused: str
    facts: str


class OrderIn(Schema):
    """The enterprise's own order by pseudonym, and whom it cannot accept: pseudonym → reason."""

    post: uuid.UUID
    order: list[str] = Field(default=[], max_length=1000)
    refused: dict[str, str] = Field(default={}, max_length=1000)


class BearersIn(Schema):
    """All students of one's own of whom a declaration holds."""

    code: str = Field(default="", max_length=30)
    numbers: list[str] = Field(default=[], max_length=2000)


class BearersOut(Schema):
    """Numbers that were not known."""

    unknown: list[str]


class TrialIn(Schema):
    """A dry run; none named: the usual three."""

    scenarios: list[str] = Field(default=[], max_length=3)
    anew: bool = False


class RoundRunOut(Schema):
    """One assignment: figures for comparing, and what it takes to make it again."""

    id: uuid.UUID
    scenario: str
    figures: dict[str, Any]
    input_hash: str
    digest: str
    weights: dict[str, Any]
    versions: dict[str, Any]


class TrialOut(Schema):
    """A dry run and its assignments."""

    id: uuid.UUID
    state: str
    frozen: bool
    scenarios: list[str]
    runs: list[RoundRunOut]


class ApprovalIn(Schema):
    """What is published, when, and why so."""

    run: uuid.UUID
    publish_at: AwareDatetime
    reason: str = Field(default="", max_length=500)


class LineOut(Schema):
    """One post of the list and what became of it."""

    place: int
    title: str
    state: str
    text: str
    more: list[str]


class ResultOut(Schema):
    """One's own result, and why."""

    headline: str
    position: uuid.UUID | None
    application: uuid.UUID | None
    lottery_number: str
    lines: list[LineOut]
    truth: str


class ResultLine(Schema):
    """One line of the list: `who` is a lottery number, a pseudonym or, for the own college, a student number."""

    who: str
    post: str
    place: int
    basis: str
    answer: str


class VerificationOut(Schema):
    """Whether the kept snapshot gives a run's result again, to the byte."""

    run: uuid.UUID
    scenario: str
    same: bool
    digest: str
    found: str
