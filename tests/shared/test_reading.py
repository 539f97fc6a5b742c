"""A session that only reads: one connection, however many questions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from consortium.shared.db import db, read_only


def test_a_session_that_only_reads_keeps_one_connection(app: Any) -> None:
    before = db.engine.pool.checkedout()  # type: ignore[attr-defined]
    read_only(True)
    try:
        for _ in range(30):
            db.session.execute(sa.select(sa.literal(1)))
        assert db.engine.pool.checkedout() == before + 1  # type: ignore[attr-defined]
    finally:
        db.session.rollback()
        read_only(False)
