"""What the API takes and tells of applications."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from consortium.applications import rules
from consortium.web.resources import PageQuery, Schema


class ApplicationsQuery(PageQuery):
    """Which applications."""

    state: str = ""
    position: str = ""


class StepOut(Schema):
    """One step that was taken."""

    at: datetime
    step: str
    source: str
    target: str
    by_role: str
    reason: str
    note: str


class ApplicationOut(Schema):
    """An application as this reader may see it: `called` is a pseudonym until the name is open, contact is empty until acceptance."""

    id: uuid.UUID
    state: str
    begun_by: str
    position: uuid.UUID
    title: str
    enterprise: str
    called: str
    named: bool
    college: str
    phone: str
    email: str
    answer_by: datetime | None
    created_at: datetime
    version: int
    back_until_at: datetime | None
    waits_since_at: datetime | None
    steps: list[StepOut]


class Skipped(Schema):
    """Who was passed over and why."""

    candidate: str
    why: str


class CardOut(Schema):
    """An application on the board: its stage, and the same student's others at this enterprise."""

    application: ApplicationOut
    stage: str
    also: list[uuid.UUID]


class StageOut(Schema):
    """A stage of the board: how many stand there, and the newest of them."""

    stage: str
    n: int
    cards: list[CardOut]


class BoardQuery(Schema):
    """Of which post; empty for all."""

    position: str = ""


class CandidateNoteOut(Schema):
    """A note of one's own enterprise."""

    id: uuid.UUID
    at: datetime
    by: str
    text: str


class PairNoteOut(CandidateNoteOut):
    """The same, with what the student is called."""

    candidate: str


class CandidateNoteIn(Schema):
    """What to write down."""

    text: str = Field(default="", max_length=1000)


class PairNoteIn(CandidateNoteIn):
    """The same about a candidate of a post, by the pseudonym."""

    candidate: str = Field(default="", max_length=40)


class CandidatesIn(Schema):
    """Candidates by their pseudonyms."""

    candidates: list[str] = Field(default=[], max_length=rules.MOST_AT_ONCE)


class PassOverIn(CandidatesIn):
    """Candidates that do not suit, with one reason."""

    reason: str = Field(default="", max_length=30)


class PassedOut(Schema):
    """What became of it, by pseudonyms."""

    done: list[str]
    skipped: list[Skipped]


class ShownOut(Schema):
    """What an enterprise sees of a student at one step."""

    step: str
    words: str
    profile: bool
    name: bool
    contact: bool
    fields: list[str]


class RecordOut(Schema):
    """How an enterprise dealt with students in the last year; a rate of fewer than five cases is not told."""

    enterprise: str
    asked: int | None
    in_time: int | None
    answer_rate: float | None
    median_days: float | None
    offers: int | None
    honoured: int | None
    honour_rate: float | None


class ApplyIn(Schema):
    """Apply for a post."""

    position: uuid.UUID
    note: str = Field(default="", max_length=500)


class NoteIn(Schema):
    """A step with a word beside it."""

    note: str = Field(default="", max_length=500)


class AskIn(NoteIn):
    """An offer or invitation."""

    hours: int = Field(default=rules.HOURS_TO_ANSWER, ge=rules.LEAST_HOURS, le=rules.MOST_HOURS)


class AskManyIn(AskIn):
    """The same to several candidates, by their pseudonyms."""

    candidates: list[str] = Field(default=[], max_length=rules.MOST_AT_ONCE)  # none is refused after the post was found


class DeclineIn(NoteIn):
    """A refusal with its reason."""

    reason: str = Field(default="", max_length=30)  # one of the list; judged after the record was found


class BatchIn(DeclineIn):
    """One step for several applications of one's own posts: turn_down, invite or offer."""

    step: str = Field(default="", max_length=20)
    applications: list[uuid.UUID] = Field(default=[], max_length=rules.MOST_AT_ONCE)
    hours: int = Field(default=rules.HOURS_TO_ANSWER, ge=rules.LEAST_HOURS, le=rules.MOST_HOURS)


class AcceptedOut(Schema):
    """The accepted application, and how many others were withdrawn with it."""

    application: ApplicationOut
    withdrawn: int


class TermsOut(Schema):
    """What accepting this offer would do: which applications end, and for how many hours it may be taken back (0: not)."""

    withdraws: list[uuid.UUID]
    closes_other_kind: bool
    back_hours: int
    answer_by: datetime | None


class RuleIn(Schema):
    """What a college's students bind themselves to by accepting one kind of offer."""

    closes_other_kind: bool = False
    back_hours: int = rules.BACK_HOURS
    version: int | None = None


class RuleOut(Schema):
    """The same as it stands; version is empty while nothing has been said."""

    kind: str
    closes_other_kind: bool
    back_hours: int
    version: int | None


class WaitIn(Schema):
    """Join the waiting list of a post."""

    position: uuid.UUID


class OutcomeOut(Schema):
    """What became of a bulk step."""

    done: list[ApplicationOut]
    skipped: list[Skipped]
