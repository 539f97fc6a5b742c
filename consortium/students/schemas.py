"""What the API tells of students."""

from __future__ import annotations

import uuid
from datetime import date

from pydantic import Field

from consortium.web.resources import Schema


class StudentOut(Schema):
    """A student as the college sees it; identity masked, no phone."""

    id: uuid.UUID
    student_no: str
    name: str
    level: str
    major_code: str
    identity: str
    state: str
    consents: bool
    has_account: bool


class SchoolClassOut(Schema):
    """A class, how many students it has, how many of them agreed to matching, and its adviser."""

    id: uuid.UUID
    name: str
    major_code: str
    students: int
    agreed: int
    adviser: uuid.UUID | None


class AdviserIn(Schema):
    """The membership of a class adviser of one's college, or none."""

    adviser: uuid.UUID | None


class ProfileOut(Schema):
    """One's own profile."""

    version: int
    name: str
    major_code: str
    wish: str
    about: str
    wants_internship: bool | None
    wants_job: bool | None
    wants_zone: bool | None
    shift_ok: bool | None
    available_from: date | None
    available_until: date | None
    least_pay_fen: int | None
    places: list[str]
    skills: list[str]


class ProfileIn(Schema):
    """What a student may change."""

    version: int
    wish: str = ""
    about: str = ""
    wants_internship: bool | None = None
    wants_job: bool | None = None
    wants_zone: bool | None = None
    shift_ok: bool | None = None
    available_from: date | None = None
    available_until: date | None = None
    least_pay_fen: int | None = None
    places: list[str] = []
    skills: list[str] = []


class ConsentIn(Schema):
    """Yes or no to one purpose."""

    agree: bool


class LookOut(Schema):
    """Who looked."""

    at: str
    organisation: str
    role: str
    what: str


class LinkOut(Schema):
    """A single-use link that activates one student's account; told once."""

    student: uuid.UUID
    login: str
    link: str


class ActivationIn(Schema):
    """Which stretch of the list of students without an account."""

    page: int = Field(default=1, ge=1, le=100_000)


class GuardianConsentIn(Schema):
    """A guardian's consent that the college holds on paper."""

    purpose: str = Field(default="", max_length=30)
    evidence: str = Field(default="", max_length=200)
