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


class StandOut(Schema):
    """How many meet a rule, do not, and where it is not known."""

    met: int
    not_met: int
    not_known: int


class RuleOut(Schema):
    """A rule in the reader's language: words, places, effect, who may override, and where open posts and drafted agreements stand."""

    code: str
    title: str
    words: str
    way_out: str
    citation: str
    verified: str
    scope: str
    effect: str
    places: list[str]
    facts: list[str]
    school_may_override: bool
    fileable: bool
    met: int | None
    not_met: int | None
    not_known: int | None
    agreements: StandOut | None


class CaseOut(Schema):
    """One case behind a count: an open post or a drafted agreement; 1 met, 0 not met, -1 not known."""

    kind: str
    state: int
    number: str
    enterprise: str
    college: str
    post: str


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
