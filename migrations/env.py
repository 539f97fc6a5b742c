"""How migrations run: in one transaction, with short locks on PostgreSQL, and without foreign keys on SQLite while tables are rebuilt."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from consortium.shared.db import Base, Instant, db

LOCK, STATEMENT = "1s", "60s"  # give up rather than make people wait behind a lock


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our own column types in the words of SQLAlchemy, so that a migration needs nothing of today's code."""
    if kind != "type":
        return False
    if isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if isinstance(item, sa.BigInteger) and item._variant_mapping.get("sqlite"):
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def compare_type(_context: Any, _column: Any, _metadata_column: Any, found: Any, wanted: Any) -> bool | None:
    """An Instant is a timestamp with time zone; on SQLite a big number that is a key is an integer."""
    if isinstance(wanted, Instant):
        return not isinstance(found, (sa.DateTime, sa.TIMESTAMP))
    return None


def run() -> None:
    """Migrate the app's database."""
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            # A batch rebuild drops the old table: with foreign keys on, every child row would go with it.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        else:
            connection.exec_driver_sql(f"SET lock_timeout = '{LOCK}'")
            connection.exec_driver_sql(f"SET statement_timeout = '{STATEMENT}'")
            connection.commit()
        try:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=True,
                compare_type=compare_type,
                render_item=render_item,
                transactional_ddl=True,
                transaction_per_migration=False,
            )
            with context.begin_transaction():
                context.run_migrations()
                if sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if broken:
                        raise RuntimeError(f"rows without their parents after the migration: {broken[:5]}")
        finally:
            if sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True, render_item=render_item)
    with context.begin_transaction():
        context.run_migrations()
else:
    assert current_app
    run()
