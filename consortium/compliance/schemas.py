"""What the API takes and tells of filings, overrides, mentors and the law's tables."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from consortium.web.resources import PageQuery, Schema


class RuleQuery(PageQuery):
    """Which rule's."""

    rule: str = Field(default="", max_length=5)


class FilingIn(Schema):
    """A filing; `enterprise` is a college's to name; `file` is base64 of a PDF, PNG or JPEG."""

    enterprise: uuid.UUID | None = None
    rules: list[str] = Field(min_length=1, max_length=5)
    number: str = Field(min_length=1, max_length=80)
    authority: str = Field(min_length=1, max_length=120)
    filed_on: date
    valid_from: date
    valid_until: date
    covers_holidays: bool = False
    families: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    posts: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    majors: list[str] = Field(default_factory=list, max_length=100)
    colleges: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    note: str = Field(default="", max_length=300)
    file_name: str = Field(default="", max_length=120)
    file: str = Field(default="", max_length=7_000_000)


class FilingOut(Schema):
    """A filing and how it stands."""

    id: uuid.UUID
    enterprise: str
    rules: list[str]
    number: str
    authority: str
    filed_on: date
    valid_from: date
    valid_until: date
    covers_holidays: bool
    families: list[str]
    posts: list[str]
    majors: list[str]
    colleges: list[str]
    state: str
    refusal: str
    entered_by: str
    verified_at: datetime | None
    file_name: str
    file_sha256: str


class ReasonIn(Schema):
    """Why something is refused or withdrawn."""

    reason: str = Field(min_length=1, max_length=300)


class OverrideIn(Schema):
    """A rule that a school lets pass for its own students at a host."""

    enterprise: uuid.UUID
    rule: str = Field(max_length=10)
    reason: str = Field(min_length=1, max_length=300)
    families: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    posts: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    majors: list[str] = Field(default_factory=list, max_length=100)
    valid_from: date
    valid_until: date


class OverrideOut(Schema):
    """An override and how it stands."""

    id: uuid.UUID
    rule: str
    college: str
    enterprise: str
    reason: str
    families: list[str]
    posts: list[str]
    majors: list[str]
    valid_from: date
    valid_until: date
    recorded_at: datetime
    state: str
    withdrawal: str


class MentorIn(Schema):
    """A mentor; without a limit the usual one; a version where one is changed."""

    version: int | None = None
    name: str = Field(min_length=1, max_length=80)
    load_limit: int | None = Field(default=None, ge=1, le=500)
    trained_on: date | None = None
    families: list[uuid.UUID] = Field(default_factory=list, max_length=100)


class MentorOut(Schema):
    """A mentor and the most interns at a time from today on."""

    id: uuid.UUID
    version: int
    name: str
    load_limit: int
    busy: int
    trained_on: date | None
    ended: bool


class EndedOut(Schema):
    """For how many interns nobody is left."""

    unattended: int


class LineIn(BaseModel):
    """A line for a table of the law."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=20)
    key: str = Field(min_length=1, max_length=40)
    value: str = Field(default="", max_length=80)
    name_zh: str = Field(default="", max_length=120)
    name_en: str = Field(default="", max_length=160)
    valid_from: date | None = None
    source: str = Field(min_length=1, max_length=200)
    source_on: date | None = None
    gone: bool = False


class LineOut(Schema):
    """A line as it stands."""

    kind: str
    key: str
    value: str
    name: str
    valid_from: date | None
    source: str
    source_on: date | None
    entered: bool
