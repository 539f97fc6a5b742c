"""The kinds of rows that may be imported; later features register theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from consortium.shared.access import Actor
from consortium.shared.spreadsheet import Cell

NEW, UPDATED, UNCHANGED, ERROR, CONFLICT = "new", "updated", "unchanged", "error", "conflict"
VERDICTS = (NEW, UPDATED, UNCHANGED, ERROR, CONFLICT)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a cell: which column, which reason, what was found (masked where it must be)."""

    column: str
    code: str
    found: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """One row judged: verdict, values to apply, problems."""

    row_no: int
    verdict: str
    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportKind:
    """How one kind of roster is read, checked and applied.

    check(tenant_id, header, rows) judges all rows. conflicts(tenant_id, rows) looks again, just before rows [(row_no, values)] are
    written, at what must never be overwritten. apply(tenant_id, rows, by) writes them and is safe to repeat. named(header) tells the
    schema's name of each place of a header.
    """

    name: str
    title: Any
    columns: Callable[[], Sequence[str]]
    template: Callable[[str], bytes]
    check: Callable[[int, tuple[str, ...], Sequence[tuple[int, tuple[Cell, ...]]]], list[Checked]]
    conflicts: Callable[[int, list[tuple[int, dict[str, Any]]]], dict[int, Problem]]
    apply: Callable[[int, list[tuple[int, dict[str, Any]]], Actor | None], None]
    say: Callable[[str], tuple[Any, Any]]
    named: Callable[[Sequence[str]], dict[int, str]]
    unknown_columns: Callable[[tuple[str, ...]], list[str]]
    missing_columns: Callable[[tuple[str, ...]], list[str]]


KINDS: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> None:
    """Make a kind of roster importable."""
    KINDS[kind.name] = kind
