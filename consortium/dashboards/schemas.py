"""What the API tells of figures and of supply and demand."""

from __future__ import annotations

from consortium.web.resources import Schema


class FigureOut(Schema):
    """A figure: its number as it may be shown, its definition, since when it holds."""

    name: str
    label: str
    value: int | None
    shown: str
    definition: str
    as_of: str


class CellOut(Schema):
    """One industry's cell; students null where fewer than five."""

    industry: str
    openings: int
    students: int | None


class ClassOut(Schema):
    """A major class: openings and students by leading industry."""

    major_class: str
    name: str
    openings: int
    students: int | None
    intended: int
    """Heads that firms say they can take this quarter, apart from posts."""
    intended_perhaps: int
    cells: list[CellOut]
