"""What the API takes and tells of interviews and times."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import AwareDatetime, Field

from consortium.interviews import rules
from consortium.web.resources import PageQuery, Schema


class InterviewsQuery(PageQuery):
    """Which interviews."""

    state: str = ""
    position: str = ""
    application: str = ""


class SlotIn(Schema):
    """A time that is offered; `starts_at` with its offset."""

    starts_at: AwareDatetime
    minutes: int = Field(default=30, ge=rules.LEAST_MINUTES, le=rules.MOST_MINUTES)
    places: int = Field(default=1, ge=1, le=rules.MOST_PLACES)
    place: str = Field(default="", max_length=200)
    link: str = Field(default="", max_length=300)


class SlotsIn(SlotIn):
    """The same, several in a row."""

    times: int = Field(default=1, ge=1, le=rules.MOST_TIMES)


class SlotEditIn(SlotIn):
    """A time as it shall be; `version` as it was read."""

    version: int


class SlotOut(Schema):
    """A time; who comes in it by the names that are open."""

    id: uuid.UUID
    starts_at: datetime
    minutes: int
    places: int
    taken: int
    place: str
    link: str
    version: int
    who: list[str]


class FreeSlotOut(Schema):
    """A time that can be picked; `clash`: at the same time as another interview of the reader."""

    id: uuid.UUID
    starts_at: datetime
    minutes: int
    place: str
    link: str
    clash: bool


class InterviewOut(Schema):
    """An interview as this reader may see it; `result` is told to the enterprise alone, `times` to the student who may pick."""

    id: uuid.UUID
    state: str
    application: uuid.UUID
    title: str
    enterprise: str
    called: str
    note: str
    starts_at: datetime | None
    minutes: int | None
    place: str
    link: str
    result: str
    times: list[FreeSlotOut]
    version: int


class AskIn(Schema):
    """Ask applicants of one's own posts to pick a time."""

    applications: list[uuid.UUID] = Field(default=[], max_length=50)
    note: str = Field(default="", max_length=500)


class PassedOver(Schema):
    """Who was not asked, and why."""

    candidate: str
    why: str


class AskedOut(Schema):
    """What became of asking several."""

    done: list[InterviewOut]
    skipped: list[PassedOver]


class PickIn(Schema):
    """Which time."""

    slot: uuid.UUID | None = None  # none is refused after the record was found


class ReasonIn(Schema):
    """Why not."""

    reason: str = Field(default="", max_length=30)


class ResultIn(Schema):
    """What came of it: further, open, not-further, or missed."""

    result: str = Field(default="", max_length=20)


class MovedOut(Schema):
    """A time, and how many who agreed on it were told."""

    slot: SlotOut | None
    told: int
