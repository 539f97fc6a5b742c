"""Tables of agreements and their signatures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.applications.models import Application
from consortium.shared.db import Base, Instant, Json, Row, Versioned
from consortium.shared.holdings import KEEP, STUDENT, hold


class Agreement(Row, Versioned, Base):
    """The agreement drafted from an accepted offer; its terms are a copy of the facts as agreed (R16)."""

    __tablename__ = "agreements"
    __table_args__ = (
        sa.ForeignKeyConstraint(["college_tenant_id", "student_id"], ["students.tenant_id", "students.id"]),
        sa.ForeignKeyConstraint(["enterprise_tenant_id", "position_id"], ["positions.tenant_id", "positions.id"]),
    )

    application_id: Mapped[int] = mapped_column(sa.ForeignKey("applications.id"), unique=True)
    college_tenant_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    enterprise_tenant_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    student_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    position_id: Mapped[int] = mapped_column(sa.BigInteger())
    kind: Mapped[str] = mapped_column(sa.String(20))  # internship | job
    state: Mapped[str] = mapped_column(sa.String(20), default="drafted")
    terms: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    application: Mapped[Application] = relationship()
    signatures: Mapped[list[Signature]] = relationship(order_by="Signature.turn")


class Signature(Row, Base):
    """The line of one party; who is next is the first unsigned turn."""

    __tablename__ = "signatures"
    __table_args__ = (sa.UniqueConstraint("agreement_id", "party"),)

    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreements.id"))
    party: Mapped[str] = mapped_column(sa.String(20))  # student guardian enterprise college
    turn: Mapped[int] = mapped_column(sa.SmallInteger())
    signed_at: Mapped[datetime | None] = mapped_column(Instant())
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))


hold(
    "agreements", "student_id", STUDENT, on_erasure=KEEP,
    stays={"application_id", "college_tenant_id", "enterprise_tenant_id", "student_id", "position_id", "kind", "state", "terms", "created_at", "public_id"},
)  # fmt: skip
hold(
    "signatures", "agreement_id", STUDENT, parent="agreements", on_erasure=KEEP, stays={"agreement_id", "party", "turn", "signed_at", "signed_by_id", "created_at", "public_id"}
)
