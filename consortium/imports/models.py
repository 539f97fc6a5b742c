"""Tables of uploads and their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared.db import Base, Instant, Json, Row
from consortium.shared.holdings import aside
from consortium.shared.tasks import Job

READING, ASKING, CHECKED, REFUSED, APPLYING, IMPORTED = "reading", "asking", "checked", "refused", "applying", "imported"
UNDOING, UNDONE = "undoing", "undone"


class Upload(Row, Job, Base):
    """One uploaded file and how far its import has come.

    `stage`: reading → asking (which column is which) | checked | refused → applying → imported → undoing → undone. `state` and its kin belong to the job of the present stage.
    """

    __tablename__ = "uploads"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "id"), sa.Index("ix_uploads_tenant_sha", "tenant_id", "sha256"))

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    kind: Mapped[str] = mapped_column(sa.String(30))  # which roster: students, later posts
    stage: Mapped[str] = mapped_column(sa.String(20), default="reading")
    filename: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    sealed_content: Mapped[bytes | None] = mapped_column(sa.LargeBinary())  # destroyed after 30 days
    columns: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    refusal: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    choices: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # mode, columns, answers, override: see service.plan_of
    all_or_none: Mapped[bool] = mapped_column(default=False)
    applied_at: Mapped[datetime | None] = mapped_column(Instant())


class UploadRow(Row, Base):
    """One row of the file: its sealed values, the verdict, what is wrong, what became of it."""

    __tablename__ = "upload_rows"
    __table_args__ = (
        sa.UniqueConstraint("upload_id", "row_no"),
        sa.ForeignKeyConstraint(["tenant_id", "upload_id"], ["uploads.tenant_id", "uploads.id"]),
        sa.Index("ix_upload_rows_upload_verdict", "upload_id", "verdict"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.BigInteger())
    upload_id: Mapped[int] = mapped_column(sa.BigInteger())
    row_no: Mapped[int]  # as the spreadsheet shows it
    sealed_values: Mapped[str] = mapped_column(sa.Text())
    verdict: Mapped[str] = mapped_column(sa.String(20))  # new updated unchanged error conflict
    problems: Mapped[list[Any]] = mapped_column(Json, default=list)
    applied_at: Mapped[datetime | None] = mapped_column(Instant())
    sealed_before: Mapped[str | None] = mapped_column(sa.Text())  # what was there before it was written, to take it back
    undone_at: Mapped[datetime | None] = mapped_column(Instant())


class ImportMemory(Row, Base):
    """What an organisation once said a column's name, or a word in a column, means."""

    __tablename__ = "import_memories"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "kind", "field", "told"),)

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(sa.String(30))
    field: Mapped[str] = mapped_column(sa.String(40))  # '': the told is a column's name, and the meant a field
    told: Mapped[str] = mapped_column(sa.String(120))
    meant: Mapped[str] = mapped_column(sa.String(60))


class ColumnSet(Row, Base):
    """Columns of an export that an organisation put together: which, in which order, under which headings."""

    __tablename__ = "column_sets"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "kind", "name"),)

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(sa.String(30))
    name: Mapped[str] = mapped_column(sa.String(60))
    columns: Mapped[list[Any]] = mapped_column(Json, default=list)  # [[field, heading], …]


aside({"uploads"}, "who uploaded; the rows are the college's file, kept thirty days and sealed")
