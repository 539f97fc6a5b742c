"""What the API tells of uploads."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import Field

from consortium.web.resources import Schema


class AskedOut(Schema):
    """A word of a column that is not known, and in how many rows it stands."""

    field: str
    told: str
    rows: int


class UploadOut(Schema):
    """One upload."""

    id: uuid.UUID
    filename: str
    at: datetime
    stage: str
    state: str
    counts: dict[str, int]
    refusal: str
    kind: str
    mode: str
    columns: list[str]
    unread: list[str]
    suggested: dict[str, str]
    asked: list[AskedOut]
    kept: dict[str, int]


class RowOut(Schema):
    """One row: verdict and problems, no values."""

    row_no: int
    verdict: str
    problems: list[dict[str, str]]


class ApplyIn(Schema):
    """How to import; `ending`: the number of entries that a full list ends, where it is more than one in twenty."""

    all_or_none: bool = False
    ending: int | None = Field(default=None, ge=0, le=2**31 - 1)


class PlanIn(Schema):
    """What is decided about a file: mode; place of a column → field ('' is not read); field → word → what it means; fields that overwrite own edits."""

    mode: str | None = None
    columns: dict[str, str] | None = None
    answers: dict[str, dict[str, str]] | None = None
    override: list[str] | None = None


class DecisionIn(Schema):
    """Rows in conflict: take the file's values, or leave the rows aside."""

    rows: list[int]
    take: bool


class DecisionOut(Schema):
    """How many were decided, and how many can only be mended in the file."""

    decided: int
    left: int


class KeptOut(Schema):
    """A row that an undo leaves, and why."""

    row_no: int
    column: str
    code: str


class ReversalOut(Schema):
    """What an undo would do, or why it is not possible."""

    possible: bool
    why: str
    removed: int
    restored: int
    kept: list[KeptOut]


class ColumnSetIn(Schema):
    """A set of export columns: (field, heading) pairs in order."""

    name: str = Field(max_length=60)
    columns: list[tuple[str, str]] = Field(max_length=100)


class ColumnSetOut(Schema):
    """A kept set of export columns."""

    name: str
    columns: list[list[str]]


class ExportOut(Schema):
    """A list that may be exported: its columns (field, heading), ready-made sets of fields, and one's own sets."""

    name: str
    title: str
    columns: list[tuple[str, str]]
    shapes: dict[str, list[str]]
    sets: list[ColumnSetOut]


class FaultyCellOut(Schema):
    """A wrong cell: which place of the file's columns, which field, its text, and what is wrong."""

    place: int
    field: str
    value: str
    problems: list[dict[str, str]]


class FaultyOut(Schema):
    """A row to mend."""

    row_no: int
    cells: list[FaultyCellOut]


class MendedCellIn(Schema):
    """What a wrong cell shall say."""

    row_no: int = Field(ge=1, le=10_000_000)
    place: int = Field(ge=0, le=1000)
    value: str = Field(max_length=4000)


class MendIn(Schema):
    """Wrong cells and what they shall say; cells that are not named stay as they are."""

    cells: list[MendedCellIn] = Field(max_length=2000)


class MendOut(Schema):
    """How many rows are good now, and how many are not."""

    good: int
    left: int
