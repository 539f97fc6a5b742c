"""What the API tells of organisations."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from pydantic import Field

from consortium.web.resources import Schema


class EnterpriseOut(Schema):
    """An enterprise."""

    id: uuid.UUID
    name: str
    credit_code: str
    industry_code: str
    staff: int | None
    verified: bool


class OwnEnterpriseOut(EnterpriseOut):
    """One's own enterprise, with what may be changed."""

    version: int
    staff_as_of: date | None
    address: str
    about: str


class OwnEnterpriseIn(Schema):
    """The firm's own facts, and the version they were read in."""

    version: int
    staff: int | None = Field(default=None, ge=0, le=1_000_000)
    staff_as_of: date | None = None
    address: str = Field(default="", max_length=200)
    about: str = Field(default="", max_length=2000)


class FamilyIn(Schema):
    """A kind of post and how many employees hold one."""

    name: str = Field(min_length=1, max_length=80)
    staff: int = Field(ge=0, le=1_000_000)


class FamilyOut(Schema):
    """A kind of post."""

    id: uuid.UUID
    name: str
    staff: int | None


class VisitIn(Schema):
    """A college's visit to a host."""

    visited_on: date
    decided_on: date | None = None
    published_on: date | None = None


class EntryOut(Schema):
    """An entry of an official list."""

    code: str
    label: str
    hint: str


class RoomOut(Schema):
    """Caps and use within the coming year."""

    cap: int | None
    used: int
    room: int | None


class NoteOut(Schema):
    """One thing said about a check."""

    at: datetime
    side: str
    step: str
    text: str


class CheckOut(Schema):
    """Where a firm's check stands."""

    id: uuid.UUID | None
    enterprise: str
    credit_code: str
    industry_code: str
    state: str
    place: int | None
    closed_by: str
    """The rule that closes internships to this firm; '' for most."""
    notes: list[NoteOut]


class HandInIn(Schema):
    """What the firm hands in: a photo (JPEG, PNG or PDF, base64) or words, or both."""

    text: str = Field(default="", max_length=500)
    licence: str = Field(default="", max_length=7_500_000)


class DecisionIn(Schema):
    """approve, ask or refuse; the last two with a reason."""

    step: str = Field(max_length=10)
    text: str = Field(default="", max_length=500)


class ListedIn(Schema):
    """One entry of the zone's list."""

    credit_code: str = Field(max_length=60)
    name: str = Field(min_length=1, max_length=120)
    industry_code: str = Field(max_length=40)
    address: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=20)


class ListedEditIn(ListedIn):
    """The same, and the version it was read in."""

    version: int


class ListedOut(Schema):
    """One entry of the zone's list."""

    id: uuid.UUID
    version: int
    credit_code: str
    name: str
    industry_code: str
    address: str
    phone: str


class ZoneListIn(Schema):
    """Entries to add or to change by their code; one or many."""

    entries: list[ListedIn] = Field(min_length=1, max_length=2000)


class ZoneListOut(Schema):
    """What became of them."""

    new: int
    changed: int
    unchanged: int


class RoundIn(Schema):
    """A quarter to ask about."""

    year: int = Field(ge=2020, le=2100)
    quarter: int = Field(ge=1, le=4)
    closes_on: date


class RoundOut(Schema):
    """A quarter that was asked: how many answered what."""

    id: uuid.UUID
    year: int
    quarter: int
    closes_on: date
    open: bool
    asked: int
    yes: int
    perhaps: int
    no: int


class DemandOut(Schema):
    """Demand by intent for one class of majors."""

    major_class: str
    name: str
    yes: int
    perhaps: int
    enterprises: int


class ReasonOut(Schema):
    """Why not, and how many firms say so."""

    code: str
    label: str
    enterprises: int


class RoundDetailOut(RoundOut):
    """The same with classes wanted and reasons."""

    demand: list[DemandOut]
    reasons: list[ReasonOut]


class WishIO(Schema):
    """Roughly how many of which class of majors, for an internship or a job."""

    class_key: str = Field(max_length=4)
    heads: int = Field(ge=1, le=5000)
    kind: str = Field(default="internship", max_length=20)


class IntentIn(Schema):
    """yes or perhaps with wishes, or no with reasons."""

    answer: str = Field(max_length=10)
    wishes: list[WishIO] = Field(default_factory=list, max_length=6)
    reasons: list[str] = Field(default_factory=list, max_length=20)
    remark: str = Field(default="", max_length=300)


class IntentOut(Schema):
    """The firm's present answer in the open quarter ('' none yet), and how many others of its kind answered (none: fewer than five)."""

    year: int
    quarter: int
    closes_on: date
    answer: str
    wishes: list[WishIO]
    reasons: list[str]
    others: int | None


class ListRowIn(Schema):
    """A row of the three lists; which fields count depends on its kind."""

    title: str = Field(min_length=1, max_length=120)
    about: str = Field(default="", max_length=1000)
    standing: str = Field(default="", max_length=200)
    cooperation: str = Field(default="", max_length=20)
    budget_fen: int | None = Field(default=None, ge=0, le=2_147_483_647)
    class_key: str = Field(default="", max_length=4)
    level: str = Field(default="", max_length=20)
    heads: int | None = Field(default=None, ge=1, le=5000)
    until_on: date | None = None


class NewListRowIn(ListRowIn):
    """A new row: of which list, and whether it is published at once."""

    kind: str = Field(max_length=20)
    publish: bool = False


class ListRowEditIn(ListRowIn):
    """The row, and the version it was read in."""

    version: int


class ListRowOut(ListRowIn):
    """A row as its readers see it."""

    id: uuid.UUID
    kind: str
    state: str
    enterprise: str
    version: int
