"""The kinds of rows that may be imported, and the lists that may be exported; later features declare theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from consortium.imports import columns as cols
from consortium.imports.columns import Column, Problem
from consortium.shared.access import Actor, TenantKind
from consortium.shared.errors import NotFound
from consortium.shared.spreadsheet import Cell

__all__ = [
    "BOTH", "CONFLICT", "ENDED", "ERROR", "EXPORTS", "FILL", "KINDS", "MODES", "NEW", "ONLY_NEW", "ONLY_UPDATE", "SKIPPED", "SNAPSHOT", "UNCHANGED",
    "UPDATED", "VERDICTS", "Absence", "Checked", "Difference", "Export", "ImportKind", "Judge", "Plan", "Problem", "exportable", "kind_of", "kinds_of",
    "offer", "register",
]  # fmt: skip

NEW, UPDATED, UNCHANGED, ERROR, CONFLICT, SKIPPED = "new", "updated", "unchanged", "error", "conflict", "skipped"
VERDICTS = (NEW, UPDATED, UNCHANGED, ERROR, CONFLICT, SKIPPED)
ENDED = "ended"
"""The verdict of an entry that a full list does not name: no row of the file, so it counts among none of them."""
BOTH, ONLY_NEW, ONLY_UPDATE, FILL, SNAPSHOT = "both", "new", "update", "fill", "snapshot"
MODES = (BOTH, ONLY_NEW, ONLY_UPDATE, FILL)


@dataclass(frozen=True, slots=True)
class Plan:
    """What people decided about a file: how it is written, which column is which, what unknown words mean, whose own edits give way.

    `columns`: place → field ('' is not read). `answers`: field → what was found → what is meant. `override`: fields.
    """

    mode: str = BOTH
    columns: Mapping[int, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    override: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Checked:
    """One row judged: verdict, values to apply, problems."""

    row_no: int
    verdict: str
    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of a row: what is there, and what the file says."""

    column: str
    there: str
    told: str


class Judge(Protocol):
    """Judges the rows of one file, batch by batch; remembers of each row no more than its keys."""

    def rows(self, batch: Sequence[tuple[int, tuple[Cell, ...]]]) -> list[Checked]:
        """Verdicts of the next rows. Reads only."""
        ...

    def late(self) -> dict[int, tuple[str, Problem]]:
        """What later rows gave away about earlier ones: row → (verdict, problem)."""
        ...

    def remember(self, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Take note of the keys of rows that were judged before, when only some are judged again."""
        ...


@dataclass(frozen=True, slots=True)
class Absence:
    """What a full list does to entries it does not name.

    missing(tenant_id, keys) tells the values and the problem of each, and how many entries there are of which any could be missing. Its values are
    written, looked at again and taken back by the kind's own apply, conflicts and undo.
    """

    missing: Callable[[int, set[str]], tuple[list[tuple[dict[str, Any], Problem]], int]]
    words: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImportKind:
    """How one kind of roster is read, checked, written and taken back.

    judge(tenant_id, header, plan) judges rows. conflicts(tenant_id, rows) looks again, just before rows [(row_no, values)] are written, at what
    must never be overwritten. apply(tenant_id, rows, by, plan) writes them, is safe to repeat, and tells of each row what was there before.
    undo(tenant_id, rows [(row_no, values, before)], by, dry) takes it back and tells which rows stay, and why. differences(tenant_id, rows, plan)
    tells what would change. agree(values, problems) turns a conflict a person decided into values to write, or None. answer(tenant_id, field, key,
    told) reads what a person said an unknown word means; suggest(tenant_id, field, key) offers (value, label) pairs. key names the value that tells rows
    apart. absence: only of kinds whose file may be a full list.
    """

    name: str
    title: Any
    tenant_kind: TenantKind
    schema: tuple[Column, ...]
    template: Callable[[str], bytes]
    judge: Callable[[int, tuple[str, ...], Plan], Judge]
    conflicts: Callable[[int, list[tuple[int, dict[str, Any]]]], dict[int, Problem]]
    apply: Callable[[int, list[tuple[int, dict[str, Any]]], Actor | None, Plan], dict[int, dict[str, Any]]]
    undo: Callable[[int, list[tuple[int, dict[str, Any], dict[str, Any]]], Actor | None, bool], dict[int, Problem]]
    differences: Callable[[int, list[tuple[int, dict[str, Any]]], Plan], dict[int, list[Difference]]]
    agree: Callable[[dict[str, Any], Iterable[str]], dict[str, Any] | None]
    answer: Callable[[int, str, str, str], str]
    suggest: Callable[[int, str, str], list[tuple[str, str]]]
    say: Callable[[str], tuple[Any, Any]]
    list_endpoint: str
    words: Mapping[str, Any]
    key: str
    absence: Absence | None = None

    @property
    def modes(self) -> tuple[str, ...]:
        """How a file of this kind may be meant."""
        return MODES if self.absence is None else (*MODES, SNAPSHOT)

    def column(self, name: str) -> Column | None:
        """The column of this Chinese name, which is how reports call it."""
        return next((column for column in self.schema if column.name == name), None)

    def names(self) -> list[str]:
        """All names under which its columns are known."""
        return cols.names_of(self.schema)

    def named(self, header: Sequence[str], plan: Plan) -> dict[int, str]:
        """The schema's name of each place of a header that is read."""
        return {place: column.name for place, column in cols.mapping(self.schema, header, plan.columns).items()}


KINDS: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> None:
    """Make a kind of roster importable."""
    KINDS[kind.name] = kind


def kinds_of(actor: Actor) -> list[ImportKind]:
    """What this reader's organisation may import, the usual first."""
    return [kind for kind in KINDS.values() if kind.tenant_kind == actor.tenant_kind]


def kind_of(actor: Actor, name: str = "") -> ImportKind:
    """The kind of this name among them; the usual one where none is named. Raises NotFound."""
    found = next((kind for kind in kinds_of(actor) if name in ("", kind.name)), None)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Export:
    """A list that may be taken along as a table.

    lines(actor, filters, fields) gives the cells of every row within reach, and notes who was looked at. available: (field, usual heading).
    shapes: ready-made sets of fields, `list` among them; notes: what is said of each. guarded: columns that leave only by a recorded act.
    states: columns whose cells are states, told in words. files: ready-made files that are made in their own way.
    """

    name: str
    title: Any
    ability: str
    available: tuple[tuple[str, Any], ...]
    shapes: Mapping[str, tuple[str, ...]]
    lines: Callable[[Actor, Mapping[str, str], Sequence[str]], list[list[str]]]
    list_endpoint: str
    filters: tuple[str, ...] = ()
    notes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    guarded: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    files: Mapping[str, Callable[[Actor, Mapping[str, str]], bytes]] = field(default_factory=dict)

    def usual(self) -> list[tuple[str, str]]:
        """Fields with their headings in the reader's language."""
        return [(field, str(heading)) for field, heading in self.available]


EXPORTS: dict[str, Export] = {}


def offer(export: Export) -> None:
    """Make a list exportable."""
    EXPORTS[export.name] = export


def exportable(actor: Actor) -> list[Export]:
    """The lists that this reader may take along."""
    return [export for export in EXPORTS.values() if actor.can(export.ability)]
