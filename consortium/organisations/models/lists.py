"""The table of the three lists of the 2024 notice: core products, technology needs, talent needs."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.accounts.models import Tenant
from consortium.shared.db import Base, Instant, Row, Versioned


class ListItem(Row, Versioned, Base):
    """One row of a firm's list; `state`: draft → open (published) → closed."""

    __tablename__ = "list_items"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('product','technology','talent')", name="kind"),
        sa.CheckConstraint("state IN ('draft','open','closed')", name="state"),
        sa.CheckConstraint("heads IS NULL OR heads > 0", name="heads"),
        sa.CheckConstraint("budget_fen IS NULL OR budget_fen >= 0", name="budget"),
        sa.Index("ix_list_items_tenant_kind", "tenant_id", "kind"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(20), default="draft")
    title: Mapped[str] = mapped_column(sa.String(120))
    about: Mapped[str] = mapped_column(sa.String(1000), default="")
    standing: Mapped[str] = mapped_column(sa.String(200), default="")  # a product: what it is used for, its part of the market
    cooperation: Mapped[str] = mapped_column(sa.String(20), default="")  # a technology need: the way wanted
    budget_fen: Mapped[int | None]
    class_key: Mapped[str] = mapped_column(sa.String(4), default="")  # a talent need
    level: Mapped[str] = mapped_column(sa.String(20), default="")
    heads: Mapped[int | None]
    until_on: Mapped[date | None]
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    tenant: Mapped[Tenant] = relationship()
