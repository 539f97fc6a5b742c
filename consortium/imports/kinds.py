"""The kinds of rows that may be imported; later features register theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from consortium.imports import columns as cols
from consortium.imports.columns import Column, Problem
from consortium.shared.access import Actor, TenantKind
from consortium.shared.spreadsheet import Cell

__all__ = [
    "BOTH", "CONFLICT", "ERROR", "FILL", "KINDS", "MODES", "NEW", "ONLY_NEW", "ONLY_UPDATE", "SKIPPED", "UNCHANGED", "UPDATED", "VERDICTS",
    "Checked", "Difference", "ImportKind", "Judge", "Plan", "Problem", "kind_of", "register",
]  # fmt: skip

NEW, UPDATED, UNCHANGED, ERROR, CONFLICT, SKIPPED = "new", "updated", "unchanged", "error", "conflict", "skipped"
VERDICTS = (NEW, UPDATED, UNCHANGED, ERROR, CONFLICT, SKIPPED)
BOTH, ONLY_NEW, ONLY_UPDATE, FILL = "both", "new", "update", "fill"
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


@dataclass(frozen=True, slots=True)
class ImportKind:
    """How one kind of roster is read, checked, written and taken back.

    judge(tenant_id, header, plan) judges rows. conflicts(tenant_id, rows) looks again, just before rows [(row_no, values)] are written, at what
    must never be overwritten. apply(tenant_id, rows, by, plan) writes them, is safe to repeat, and tells of each row what was there before.
    undo(tenant_id, rows [(row_no, values, before)], by, dry) takes it back and tells which rows stay, and why. differences(tenant_id, rows, plan)
    tells what would change. agree(values, problems) turns a conflict a person decided into values to write, or None. answer(field, key, told)
    reads what a person said an unknown word means; suggest(field, key) offers (value, label) pairs.
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
    answer: Callable[[str, str, str], str]
    suggest: Callable[[str, str], list[tuple[str, str]]]
    say: Callable[[str], tuple[Any, Any]]
    list_endpoint: str
    words: Mapping[str, Any]

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


def kind_of(actor: Actor) -> ImportKind:
    """What this reader's organisation imports."""
    return next(kind for kind in KINDS.values() if kind.tenant_kind == actor.tenant_kind)
