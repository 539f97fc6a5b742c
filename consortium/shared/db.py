"""The database: one typed base, the column types every feature shares, and transactions that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.orm import Session as OrmSession

from consortium.shared import clock

INT_MAX = 2**31 - 1
log = logging.getLogger(__name__)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC instant; a naive one is a programming error, on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime may not be stored: use consortium.shared.clock.now()")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

Id = Annotated[int, mapped_column(BigId, primary_key=True)]
Ref = Annotated[int, mapped_column(BigId)]


class Base(DeclarativeBase):
    """Every table's ground."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: Instant(),
        dict[str, Any]: Json,
        list[Any]: Json,
        list[str]: Json,
        list[int]: Json,
        uuid.UUID: sa.Uuid(),
        int: sa.Integer(),
        bytes: sa.LargeBinary(),
    }


class Row:
    """A number that stays inside, a random public id for addresses, and when the row was made."""

    id: Mapped[Id]
    created_at: Mapped[datetime] = mapped_column(Instant(), default=clock.now)

    @declared_attr
    def public_id(cls) -> Mapped[uuid.UUID]:  # noqa: N805
        return mapped_column(sa.Uuid(), default=uuid.uuid4, unique=True)


class Versioned:
    """A row that people edit through forms: a stale write is refused (StaleDataError), never lost."""

    @declared_attr
    def version(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(sa.Integer(), default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version}


@event.listens_for(sa.Column, "after_parent_attach")
def _same_limits_everywhere(column: sa.Column[Any], table: sa.Table) -> None:
    """SQLite would take overlong text and 2^31; the same CHECK on both databases makes them equal in limits."""
    if not isinstance(table, sa.Table) or table.metadata is not Base.metadata:
        return
    kind = column.type
    if isinstance(kind, sa.Enum):
        return
    if isinstance(kind, sa.String) and kind.length:
        table.append_constraint(
            sa.CheckConstraint(f"length({column.name}) <= {kind.length}", name=f"{column.name}_length")
        )
    elif type(kind) is sa.Integer and not column.primary_key:
        table.append_constraint(
            sa.CheckConstraint(f"{column.name} BETWEEN -{INT_MAX} AND {INT_MAX}", name=f"{column.name}_range")
        )


_readers: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def _reader(engine: Any) -> Any:
    """The engine's reading twin, always the same one: the session keeps one connection per engine object."""
    if engine not in _readers:
        _readers[engine] = engine.execution_options(write=False)
    return _readers[engine]


class Session(FlaskSession):
    """A session that knows whether it may write, and runs what waits for its commit."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        engine = super().get_bind(*args, **kwargs)
        if self.info.get("read_only"):
            return _reader(engine)
        return engine


db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True, session_options={"class_": Session})


def read_only(on: bool = True) -> None:
    """From here on this request only reads (no write lock on SQLite)."""
    db.session().info["read_only"] = on


def after_commit(call: Callable[[], None]) -> None:
    """Do this once the current transaction has committed; a rollback forgets it."""
    db.session().info.setdefault("after_commit", []).append(call)


@event.listens_for(OrmSession, "after_commit")
def _run_waiting(session: OrmSession) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is no commit
    for call in session.info.pop("after_commit", []):
        try:
            call()
        except Exception:  # what is committed stays committed, whatever becomes of the bell
            log.exception("after the commit")


@event.listens_for(OrmSession, "after_rollback")
def _forget_waiting(session: OrmSession) -> None:
    if session.in_nested_transaction():
        return
    session.info.pop("after_commit", None)


def prepare_engine(engine: sa.Engine) -> None:
    """SQLite: WAL, foreign keys, and BEGIN IMMEDIATE for whoever may write (the driver's default loses updates)."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute("PRAGMA " + pragma)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def engine_options(uri: str, *, worker: bool = False) -> dict[str, Any]:
    """Pool and time limits: a stuck query must not hold a person or a lock."""
    if not uri.startswith("postgresql"):
        return {"connect_args": {"timeout": 10}}
    statement = "60s" if worker else "10s"
    return {
        "pool_pre_ping": True,
        "pool_timeout": 5,
        "pool_recycle": 300,
        "pool_size": 5,
        "max_overflow": 5,
        "connect_args": {
            "options": f"-c statement_timeout={statement} -c lock_timeout=3s"
            " -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
        },
    }


def upsert(table: Any) -> Any:
    """An INSERT that knows ON CONFLICT, of the database at hand (both speak the same form of it)."""
    if db.session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_ignoring(table: Any, rows: list[dict[str, Any]], unique: list[str]) -> int:
    """Insert rows whose natural key is new; returns how many were."""
    if not rows:
        return 0
    new = upsert(table).values(rows).on_conflict_do_nothing(index_elements=unique).returning(sa.literal_column("1"))
    return len(db.session.execute(new).all())  # rowcount is not told for an INSERT on every driver


_COPIED = {sa.BigInteger: "int8", sa.SmallInteger: "int2", sa.Integer: "int4", sa.LargeBinary: "bytea", sa.Uuid: "uuid", Instant: "timestamptz"}


def pour(table: sa.Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Many new rows of numbers and bytes at once: COPY on PostgreSQL, one prepared INSERT on SQLite."""
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([next(told for kind, told in _COPIED.items() if isinstance(table.c[name].type, kind)) for name in names])
        for row in rows:
            copy.write_row(row)


@contextmanager
def reading() -> Iterator[None]:
    """A stretch that only reads: slow work inside it (hashing, parsing) holds no write lock."""
    db.session.rollback()
    info = db.session().info
    before = info.get("read_only", False)
    info["read_only"] = True
    try:
        yield
    finally:
        db.session.rollback()
        info["read_only"] = before
