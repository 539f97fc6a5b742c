"""One page of a long list: counted once, cut in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from consortium.shared.db import db

MOST = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of one page and how many there are in all."""

    rows: list[Any]
    page: int
    size: int
    total: int

    @property
    def n_pages(self) -> int:
        """At least one."""
        return max(1, -(-self.total // self.size))


def listed(statement: sa.Select[Any], page: int = 1, size: int = 50) -> Listing:
    """The page'th stretch of a select, its entities or first column."""
    size = min(max(size, 1), MOST)
    page = min(max(page, 1), 100_000)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = list(db.session.scalars(statement.limit(size).offset((page - 1) * size)).unique())
    return Listing(rows, page, size, total)
