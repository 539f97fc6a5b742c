"""What was done and who looked: append-only lines, written in the transaction of the act itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.db import Base, Id, Instant, Json, db
from consortium.shared.holdings import KEEP, PERSON, STUDENT, hold


class AuditLine(Base):
    """One act: who, as what, did what to which record, and the facts of it (ids and codes, no personal data)."""

    __tablename__ = "audit_lines"
    __table_args__ = (sa.Index("ix_audit_lines_subject", "subject_kind", "subject_id"),)

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(Instant(), default=clock.now, index=True)
    person_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    tenant_id: Mapped[int | None] = mapped_column(sa.BigInteger(), index=True)
    role: Mapped[str | None] = mapped_column(sa.String(30))
    act: Mapped[str] = mapped_column(sa.String(80))
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    result: Mapped[str] = mapped_column(sa.String(40), default="done")
    request_id: Mapped[str | None] = mapped_column(sa.String(40))
    address: Mapped[str | None] = mapped_column(sa.String(45))  # from where; IPv6 at its longest
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class Look(Base):
    """Somebody saw a student's data: kept at least three years (网络数据安全管理条例, art. 12)."""

    __tablename__ = "looks"
    __table_args__ = (sa.Index("ix_looks_student_at", "student_id", "at"),)

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(Instant(), default=clock.now)
    student_id: Mapped[int] = mapped_column(sa.BigInteger())
    person_id: Mapped[int] = mapped_column(sa.BigInteger())
    tenant_id: Mapped[int] = mapped_column(sa.BigInteger())
    role: Mapped[str] = mapped_column(sa.String(30))
    what: Mapped[str] = mapped_column(sa.String(80))
    subject_kind: Mapped[str | None] = mapped_column(sa.String(40))  # through which record, where there is one
    subject_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    minor: Mapped[bool] = mapped_column(default=False)


APPEND_ONLY = ("audit_lines", "looks")


def record(act: str, subject: Any, *, by: Actor | None, result: str = "done", **facts: Any) -> None:
    """Write one line beside the act; if it cannot be written, the act fails with it.

    `subject` is a mapped row (its table and id are kept) or a (kind, id) pair.
    """
    info = db.session().info
    kind, number = subject if isinstance(subject, tuple) else (subject.__tablename__, subject.id)
    db.session.add(
        AuditLine(
            person_id=by.person_id if by else None,
            tenant_id=by.tenant_id if by else None,
            role=by.role.value if by else None,
            act=act,
            subject_kind=kind,
            subject_id=number,
            result=result,
            request_id=info.get("request_id"),
            address=(info.get("address") or "")[:45] or None,
            facts=facts,
        )
    )


def looked(student_ids: list[tuple[int, bool]], *, by: Actor, what: str, through: Any = None) -> None:
    """Remember that `by` is being shown these students (`[(id, is a minor)]`), perhaps `through` one record (an application).

    Kept beside the session until the edge writes them in a short transaction of their own: the answer leaves only after.
    """
    waiting = db.session().info.setdefault("looks", [])
    for number, minor in student_ids:
        waiting.append(
            {
                "at": clock.now(),
                "student_id": number,
                "person_id": by.person_id,
                "tenant_id": by.tenant_id,
                "role": by.role.value,
                "what": what,
                "subject_kind": through.__tablename__ if through is not None else None,
                "subject_id": through.id if through is not None else None,
                "minor": minor,
            }
        )


def write_looks() -> None:
    """Write what `looked` gathered; called by the edge, in a write transaction."""
    waiting = db.session().info.pop("looks", [])
    if waiting:
        db.session.execute(sa.insert(Look), waiting)


KEPT_DAYS = 1096
"""Three years: sooner not even the database's owner deletes a line by mistake (see `shared.retention`)."""


def append_only_triggers(dialect: str) -> list[str]:
    """SQL that makes the two tables refuse every UPDATE, and every DELETE before the time is over; used by the migrations."""
    if dialect == "postgresql":
        return [
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' AND OLD.at < now() - interval '{KEPT_DAYS} days' THEN RETURN OLD; END IF; "
            "RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME; END $$ LANGUAGE plpgsql",
            *(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                for table in APPEND_ONLY
            ),
        ]
    return [
        f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table} {when}"
        "BEGIN SELECT RAISE(ABORT, 'append-only table'); END"
        for table in APPEND_ONLY
        for verb, when in (("UPDATE", ""), ("DELETE", f"WHEN OLD.at >= datetime('now', '-{KEPT_DAYS} days') "))
    ]


def forget_looks(before: datetime) -> int:
    """Looks of more than three years ago."""
    return int(db.session.execute(sa.delete(Look).where(Look.at < before)).rowcount)  # type: ignore[attr-defined]


def forget_lines(before: datetime) -> int:
    """Acts of more than three years ago."""
    return int(db.session.execute(sa.delete(AuditLine).where(AuditLine.at < before)).rowcount)  # type: ignore[attr-defined]


def _attach_triggers(table: sa.Table) -> None:
    for dialect in ("sqlite", "postgresql"):
        for sql in append_only_triggers(dialect):
            if table.name in sql or ("refuse_change()" in sql and "CREATE OR REPLACE" in sql):
                ddl: Any = sa.DDL(sql.replace("%", "%%"))  # type: ignore[no-untyped-call]
                sa.event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


for _table in (AuditLine.__table__, Look.__table__):
    assert isinstance(_table, sa.Table)
    _attach_triggers(_table)


hold("audit_lines", "person_id", PERSON, on_erasure=KEEP, stays={c.name for c in AuditLine.__table__.columns})
hold("looks", "student_id", STUDENT, hidden={"person_id"}, on_erasure=KEEP, stays={c.name for c in Look.__table__.columns})
