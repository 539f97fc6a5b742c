"""Seeded chance, and the book in which invented rows are gathered before they are written in bulk."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from consortium.shared.db import Base, db

T = TypeVar("T")
BATCH = 2000


class Dice(random.Random):
    """Chance of its own for each part: more students do not change the enterprises."""

    def __init__(self, seed: int, part: str) -> None:
        super().__init__(f"{seed}:{part}")

    def uuid(self) -> uuid.UUID:
        """A public id of the shape of a random one."""
        return uuid.UUID(int=self.getrandbits(128), version=4)

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.random() < share

    def some(self, of: Sequence[T], least: int, most: int) -> list[T]:
        """Between least and most different ones, in their own order."""
        count = min(len(of), self.randint(least, most))
        picked = sorted(self.sample(range(len(of)), count))
        return [of[i] for i in picked]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One key, by its weight."""
        return self.choices(list(weights), list(weights.values()))[0]


class Book:
    """Rows by table; each gets its number at once, so that later rows can point to it."""

    def __init__(self, seed: int, on: date) -> None:
        self.seed, self.on = seed, on
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self._public = Dice(seed, "public ids")
        self._given: set[str] = set()

    def at(self, days: float = 0) -> datetime:
        """An instant so many days from the base day's morning."""
        return datetime.combine(self.on, time(1, 0), UTC) + timedelta(days=days)

    def add(self, model: type[Base], **values: Any) -> int:
        """Put a row down; returns its number."""
        rows = self.rows.setdefault(model.__tablename__, [])
        number = len(rows) + 1
        columns = model.__table__.columns
        if "id" in columns:
            values["id"] = number
        if "public_id" in columns and "public_id" not in values:
            values["public_id"] = self._public.uuid()
        if "created_at" in columns and "created_at" not in values:
            values["created_at"] = self.at(-30)
        rows.append(values)
        return number

    def fresh(self, make: Callable[[], str]) -> str:
        """A number nobody has been given yet."""
        found = make()
        while found in self._given:
            found = make()
        self._given.add(found)
        return found

    def of(self, model: type[Base]) -> list[dict[str, Any]]:
        """The rows put down for a table."""
        return self.rows.get(model.__tablename__, [])

    def write(self) -> None:
        """Insert everything, parents first; the caller commits."""
        for table in Base.metadata.sorted_tables:
            rows = self.rows.get(table.name, [])
            for start in range(0, len(rows), BATCH):
                db.session.execute(sa.insert(table), rows[start : start + BATCH])
            if rows and "id" in table.columns and db.session.get_bind().dialect.name == "postgresql":
                db.session.execute(
                    sa.text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), {"name": table.name, "last": len(rows)}
                )
