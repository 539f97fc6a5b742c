"""Which tables hold something about one person: what of it she is given, and what becomes of it when she goes.

Every feature declares its own tables beside its models; a test walks the schema, so that a new table or column without a rule fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from consortium.shared.db import Base, db

STUDENT, PERSON = "student", "person"
DELETE, KEEP = "delete", "keep"
INNER = frozenset({"id", "version", "tenant_id", "fence", "attempts", "lease_until", "due_at", "trouble"})
"""Columns that say nothing of a person."""
NAMED: Mapping[str, tuple[str, str]] = {
    "position_id": ("positions", "title"), "skill_id": ("skills", "name_zh"), "class_id": ("school_classes", "name"), "tenant_id": ("tenants", "name_zh"),
    "college_tenant_id": ("tenants", "name_zh"), "enterprise_tenant_id": ("tenants", "name_zh"),
}  # fmt: skip
"""Numbers of other records that are told by that record's name."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One table: the column that leads to the person (perhaps through a parent table), what is not handed out, what goes and what stays."""

    table: str
    of: str
    whose: str
    parent: str = ""
    hidden: frozenset[str] = frozenset()  # not handed out: secrets, and what is about others
    on_erasure: str = DELETE
    blank: Mapping[str, Any] = field(default_factory=dict)  # KEEP: columns that are emptied, and what stands there then
    stays: frozenset[str] = frozenset()  # KEEP: columns that remain, as numbers and days

    @property
    def of_table(self) -> sa.Table:
        """The table itself."""
        return Base.metadata.tables[self.table]

    def belongs(self, student_id: int | None, person_id: int | None) -> sa.ColumnElement[bool]:
        """The rows about this person."""
        column = self.of_table.c[self.of]
        if self.parent:
            parent = HOLDINGS[self.parent]
            return column.in_(sa.select(parent.of_table.c.id).where(parent.belongs(student_id, person_id)))
        number = student_id if self.whose == STUDENT else person_id
        return column == number if number is not None else sa.false()


HOLDINGS: dict[str, Holding] = {}
ASIDE: dict[str, str] = {}
"""Tables that point to a person and say nothing about her but that she did her work: table → why."""


def hold(table: str, of: str, whose: str, **told: Any) -> None:
    """Declare a table that holds something about a person."""
    for name in ("hidden", "stays"):
        if name in told:
            told[name] = frozenset(told[name])
    HOLDINGS[table] = Holding(table, of, whose, **told)


def aside(tables: Iterable[str], why: str) -> None:
    """Declare tables that only name who did something in an office."""
    ASIDE.update(dict.fromkeys(tables, why))


def gathered(student_id: int | None, person_id: int | None) -> dict[str, list[dict[str, Any]]]:
    """Everything the declared tables hold about one person, by table, ready for JSON."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, one in sorted(HOLDINGS.items()):
        table = one.of_table
        columns = [c for c in table.c if c.name not in one.hidden and (c.name in NAMED or c.name not in INNER)]
        rows = db.session.execute(sa.select(*columns).where(one.belongs(student_id, person_id)).order_by(*table.primary_key.columns)).mappings()
        found[name] = [{key: _told(value) for key, value in row.items()} for row in rows]
    _name(found)
    return found


def _name(found: Mapping[str, list[dict[str, Any]]]) -> None:
    """Numbers of other records become names; numbers that have none are left out."""
    for column, (table_name, label) in NAMED.items():
        numbers = {row[column] for rows in found.values() for row in rows if isinstance(row.get(column), int)}
        table = Base.metadata.tables[table_name]
        wanted = sa.select(table.c.id, table.c[label]).where(table.c.id.in_(numbers))
        names: dict[int, str] = {one.id: one[1] for one in db.session.execute(wanted)} if numbers else {}
        for rows in found.values():
            for row in rows:
                if column in row:
                    row[column.removesuffix("_id")] = names.get(row.pop(column), "")
    for rows in found.values():
        for row in rows:
            for column in [name for name in row if name.endswith("_id") and name != "public_id"]:
                del row[column]


def _told(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return None
    return value if value is None or isinstance(value, bool | int | float | list | dict | str) else str(value)


def erase(student_id: int, person_id: int | None) -> dict[str, int]:
    """Delete or empty the rows of every declared table, children first; tells how many rows were touched by table."""
    done = {}
    order = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name in HOLDINGS]
    touched: dict[str, list[Any]] = {name: [] for name in order}
    for name in order:  # which rows: looked up before anything changes, for what leads to them may be emptied too
        one = HOLDINGS[name]
        if one.on_erasure == DELETE or one.blank:
            touched[name] = [tuple(row) for row in db.session.execute(sa.select(*one.of_table.primary_key.columns).where(one.belongs(student_id, person_id)))]
    for name in order:
        one = HOLDINGS[name]
        if not touched[name]:
            continue
        which = sa.tuple_(*one.of_table.primary_key.columns).in_(touched[name])
        if one.on_erasure == DELETE:
            db.session.execute(sa.delete(one.of_table).where(which))
        else:
            db.session.execute(sa.update(one.of_table).where(which).values(**one.blank))
        done[name] = len(touched[name])
    return done
