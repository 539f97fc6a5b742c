"""Tables of uploads and their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared.db import Base, Instant, Json, Row
from consortium.shared.tasks import Job

READING, CHECKED, REFUSED, APPLYING, IMPORTED = "reading", "checked", "refused", "applying", "imported"


class Upload(Row, Job, Base):
    """One uploaded file and how far its import has come.

    `stage`: reading → checked | refused → applying → imported. `state` and its kin belong to the job of the present stage.
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
