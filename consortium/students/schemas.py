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
    lacks: list[str]


class SchoolClassOut(Schema):
    """A class, how many enrolled students it has, how many of them agreed, have an account or a guardian's consent, and its adviser."""

    id: uuid.UUID
    name: str
    major_code: str
    cohort: int | None
    students: int
    agreed: int
    guardians: int
    accounts: int
    adviser: uuid.UUID | None


class SchoolClassIn(Schema):
    """A class as its college names it."""

    name: str = ""
    major_code: str = ""
    cohort: int | None = None


class MajorOut(Schema):
    """A major at the college; without an id its students are in it, but the college has not put it on its list."""

    id: uuid.UUID | None
    code: str
    first_cohort: int | None
    last_cohort: int | None
    classes: int
    students: int


class MajorIn(Schema):
    """A major of the catalogue and the cohorts for which it is run."""

    code: str = Field(default="", max_length=60)
    first_cohort: int | None = Field(default=None, ge=2000, le=2100)
    last_cohort: int | None = Field(default=None, ge=2000, le=2100)


class BatchIn(Schema):
    """What to do with which students."""

    act: str = Field(default="", max_length=20)
    students: list[uuid.UUID] = Field(default=[], max_length=200)


class BatchOut(Schema):
    """How many it was done for, and how many were passed over."""

    done: int
    passed_over: int


class StepIn(Schema):
    """A step of the register."""

    step: str = Field(default="", max_length=20)


class ProtectionOut(Schema):
    """Enrolled students whom the law looks after most closely."""

    minors: int
    up_to_14: int
    unknown_age: int
    no_contact: int
    no_guardian: int


class SeenOut(Schema):
    """One look at a student's data."""

    at: str
    organisation: str
    role: str
    person: str
    what: str
    student: uuid.UUID


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
    industries: list[str]
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
    industries: list[str] = []
    skills: list[str] = []


class ConsentIn(Schema):
    """Yes or no to one purpose."""

    agree: bool


class TwiceOut(Schema):
    """Somebody on two registers: to a college its own student and the other college; to the zone two colleges and how many."""

    student: uuid.UUID | None
    colleges: list[str]
    students: int | None


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


class GuardianConsentsIn(GuardianConsentIn):
    """The same for several students."""

    students: list[uuid.UUID] = Field(default=[], max_length=200)


class VisibilityIn(Schema):
    """What enterprises see only after acceptance: parts are about, courses, college."""

    withheld: list[str] = []


class PaperOut(Schema):
    """The paper of a certificate and what the college found."""

    id: uuid.UUID
    student: uuid.UUID
    skill: str
    state: str
    kind: str
    size: int
    reason: str
    version: int


class PaperDecisionIn(Schema):
    """verified, or refused with a reason."""

    verdict: str = ""
    reason: str = ""
    version: int | None = None


class CorrectionIn(Schema):
    """A fact of the register that is wrong."""

    about: str = Field(max_length=30)
    wanted: str = Field(max_length=500)
    reason: str = Field(max_length=1000)


class MatterIn(Schema):
    """Something that a person should look at."""

    matter: str = Field(max_length=1000)


class TicketOut(Schema):
    """A question or request, and what became of it."""

    id: uuid.UUID
    kind: str
    state: str
    about: str
    wanted: str
    reason: str
    due_on: date
    answer: str
    asked_by: str


class AnswerIn(Schema):
    """The school's answer."""

    answer: str = Field(max_length=1000)
    grant: bool


class ObjectionIn(Schema):
    """Whether one objects to automatic matching."""

    object: bool


class ErasureOut(Schema):
    """What stands against erasing now: reasons and ways out; empty when one may go."""

    against: list[str]
    backups_days: int


class FirstAnswersIn(Schema):
    """The three questions of the first sign-in."""

    wants_zone: bool | None = None
    available_from: date | None = None
    things: list[str] = Field(default=[], max_length=3)


class PurposesIn(Schema):
    """What is agreed to; whatever is left out is not."""

    purposes: list[str] = Field(default=[], max_length=10)


class GuardianIn(Schema):
    """A guardian as the school knows her."""

    guardian_name: str = Field(max_length=80)
    guardian_phone: str = Field(max_length=20)


class RetentionOut(Schema):
    """How long one kind of data is kept, and why."""

    name: str
    what: str
    days: int
    since: str
    why: str
