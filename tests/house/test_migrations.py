"""Migrations: up, down and up again without losing a row, on both databases; what they build is what the models say."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from consortium.demonstration import generator
from consortium.shared import audit, clock
from consortium.shared.db import Base, db

FITTING: dict[str, dict[str, Any]] = {
    "failed_tries": {"key": "x"}, "tickets": {"student_id": None, "class_id": None}, "applications": {"begun_by": "student", "kind": "internship", "state": "applied"}, "acceptance_rules": {"kind": "job"}, "skill_proposals": {"kind": "skill", "state": "open"}, "doubts": {"what": "wrong-fact"}, "certificate_evidence": {"state": "submitted"}, "intent_answers": {"answer": "yes"}, "intent_wishes": {"kind": "job"}, "list_items": {"kind": "product"}, "answer_notices": {"kind": "warned"},
    "rounds": {"opens_at": datetime(2026, 3, 1, tzinfo=UTC), "lists_close_at": datetime(2026, 3, 2, tzinfo=UTC), "orders_close_at": datetime(2026, 3, 3, tzinfo=UTC), "publish_at": datetime(2026, 3, 4, tzinfo=UTC)},
    "round_codes": {"kind": "priority"}, "round_lists": {"state": "begun"}, "round_choices": {"place": 1}, "round_orders": {"place": 1},
}  # fmt: skip
"""Values that a CHECK asks for."""
MIGRATIONS = Path(__file__).parents[2] / "migrations"


@pytest.fixture
def empty(app: Flask, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A second app on a database of its own that holds no table."""
    from consortium.app import create_app

    admin = None
    name = f"consortium_migrations_{uuid.uuid4().hex[:8]}"
    url = f"sqlite:///{tmp_path / 'migrations.sqlite'}"
    if not database_url.startswith("sqlite"):
        admin = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        url = sa.make_url(database_url).set(database=name).render_as_string(hide_password=False)
    db.session.remove()
    fresh = create_app("testing", SQLALCHEMY_DATABASE_URI=url, DATA_DIR=tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    with fresh.app_context():
        yield fresh
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    if admin is not None:
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


def test_there_is_one_line_of_numbered_migrations_and_each_says_why() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    revisions = list(script.walk_revisions("base", "heads"))
    assert [r.revision for r in reversed(revisions)] == [f"{n:04d}" for n in range(1, len(revisions) + 1)]
    for one in revisions:
        assert Path(one.path).name.startswith(f"{one.revision}_")
        assert "Why:" in (one.module.__doc__ or ""), one.path


def test_migrations_build_what_the_models_say(empty: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _compare_type, "target_metadata": Base.metadata})
        assert compare_metadata(context, Base.metadata) == []
    migrated = _shape()
    with db.engine.begin() as connection:
        Base.metadata.drop_all(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("DROP FUNCTION IF EXISTS refuse_change()"))
        Base.metadata.create_all(connection)
    modelled = _shape()
    for table in modelled:
        assert migrated[table] == modelled[table], table
    assert set(migrated) == set(modelled)


def test_rows_in_every_table_survive_a_step_down_and_up_again(empty: Flask) -> None:
    upgrade()
    generator.fill(students=40, seed=3, on=date(2026, 11, 24))
    _one_row_in_each_empty_table()
    before = _contents()
    assert {table for table, _ in before} == {table.name for table in Base.metadata.sorted_tables}
    assert all(count for count, _ in before.values()), [name for name, (count, _) in before.items() if not count]
    downgrade()
    _foreign_keys_hold()
    kept = _contents()
    assert kept == {name: before[name] for name in kept}, "a step down changed rows of tables that stay"
    upgrade()
    _foreign_keys_hold()
    after = _contents()
    assert {name: after[name] for name in kept} == kept


def test_every_step_goes_down_to_nothing_and_up_again(empty: Flask) -> None:
    upgrade()
    downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade()
    assert set(Base.metadata.tables) <= set(sa.inspect(db.engine).get_table_names())


def test_the_two_logs_refuse_change_in_a_migrated_database(empty: Flask) -> None:
    upgrade()
    audit.record("test", ("tenants", 1), by=None)
    db.session.commit()
    for change in ("UPDATE audit_lines SET act = 'other'", "DELETE FROM audit_lines"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text(change))
        db.session.rollback()


def test_a_rebuild_on_sqlite_keeps_the_rows_that_point_to_the_rebuilt_table(empty: Flask) -> None:
    """The trap: with foreign keys on, dropping the old table takes its children with it."""
    source = (MIGRATIONS / "env.py").read_text(encoding="utf-8")
    assert "foreign_keys=OFF" in source
    assert "foreign_key_check" in source
    upgrade()
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1  # and on again afterwards


def _compare_type(_context: Any, _column: Any, _metadata_column: Any, found: Any, wanted: Any) -> bool | None:
    from consortium.shared.db import Instant

    return not isinstance(found, sa.DateTime) if isinstance(wanted, Instant) else None


def _shape() -> dict[str, Any]:
    """Columns, keys, indexes and checks of every table, as the database tells them."""
    inspector = sa.inspect(db.engine)
    inspector.clear_cache()
    found = {}
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)),
            "primary": sorted(inspector.get_pk_constraint(table)["constrained_columns"]),
            "unique": sorted((str(u["name"]), tuple(u["column_names"])) for u in inspector.get_unique_constraints(table)),
            "foreign": sorted(
                (str(f["name"]), tuple(f["constrained_columns"]), f["referred_table"], tuple(f["referred_columns"]), str(f["options"]))
                for f in inspector.get_foreign_keys(table)
            ),
            "checks": sorted((str(c["name"]), " ".join(str(c["sqltext"]).split())) for c in inspector.get_check_constraints(table)),
            "indexes": sorted(
                (str(i["name"]), tuple(str(c) for c in i["column_names"]), bool(i["unique"]), str({k: str(v) for k, v in i["dialect_options"].items()}))
                for i in inspector.get_indexes(table)
            ),
        }
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name").all()
        else:
            triggers = connection.exec_driver_sql(
                "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname"
            ).all()
    found["(triggers)"] = {"sql": [tuple(row) for row in triggers]}
    return found


def _contents() -> dict[tuple[str, str], tuple[int, str]]:
    """Number and checksum of the values of every column that is there."""
    there = set(sa.inspect(db.engine).get_table_names())
    found = {}
    with db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in there:
                names = {c["name"] for c in sa.inspect(connection).get_columns(table.name)}
                columns = [c for c in table.columns if c.name in names]
                rows = connection.execute(sa.select(*columns).order_by(*table.primary_key.columns)).all()
                for number, column in enumerate(columns):
                    told = json.dumps([row[number] for row in rows], default=str)
                    found[table.name, column.name] = len(rows), hashlib.sha256(told.encode()).hexdigest()
    return found


def _foreign_keys_hold() -> None:
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def _one_row_in_each_empty_table() -> None:
    """A made-up row wherever the generator wrote none: keys point to the first row of their parent."""
    for table in Base.metadata.sorted_tables:
        if db.session.scalar(sa.select(sa.func.count()).select_from(table)):
            continue
        values: dict[str, Any] = {}
        for constraint in table.foreign_key_constraints:
            parent = constraint.referred_table
            row = db.session.execute(sa.select(parent).limit(1)).mappings().one()
            for column, key in zip(constraint.columns, constraint.elements, strict=True):
                values.setdefault(column.name, row[key.column.name])
        for column in table.columns:
            if column.name not in values and not column.nullable and column.default is None and not column.primary_key:
                values[column.name] = _something(column)
        values |= FITTING.get(table.name, {})
        if "student_id" in values and "college_tenant_id" in table.columns:
            student = db.session.execute(sa.select(Base.metadata.tables["students"]).limit(1)).mappings().one()
            values |= {"student_id": student["id"], "college_tenant_id": student["tenant_id"]}
        db.session.execute(sa.insert(table).values(**values))
    db.session.commit()


def _something(column: sa.Column[Any]) -> Any:
    kind = column.type.python_type if not isinstance(column.type, sa.JSON) else dict
    if column.name == "at" or column.name.endswith("_at"):
        return clock.now()
    return {str: "x", int: 1, float: 1.0, bool: True, bytes: b"x", dict: {}, date: date(2026, 1, 1), uuid.UUID: uuid.uuid4()}[kind]
