"""The table of skills and certificates."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.accounts.models import Tenant
from consortium.shared.db import Base, Instant, Json, Row, Versioned
from consortium.shared.holdings import PERSON, hold
from consortium.shared.i18n import Bilingual


class Skill(Row, Base):
    """One entry of the vocabulary that students and posts share."""

    __tablename__ = "skills"
    __table_args__ = (sa.CheckConstraint("kind IN ('skill','certificate')", name="kind"),)

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20), index=True)
    name_zh: Mapped[str] = mapped_column(sa.String(80))
    name_en: Mapped[str] = mapped_column(sa.String(120), default="")
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)

    @property
    def name(self) -> Bilingual:
        """In both languages."""
        return Bilingual(self.name_zh, self.name_en)


class SkillProposal(Row, Versioned, Base):
    """A skill or certificate that somebody misses in the vocabulary, and what the zone made of it."""

    __tablename__ = "skill_proposals"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "kind", "name_zh"),
        sa.CheckConstraint("kind IN ('skill','certificate')", name="kind"),
        sa.CheckConstraint("state IN ('open','accepted','merged','declined')", name="state"),
        sa.Index("ix_skill_proposals_state_kind", "state", "kind"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"))
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    name_zh: Mapped[str] = mapped_column(sa.String(80))
    name_en: Mapped[str] = mapped_column(sa.String(120), default="")
    said: Mapped[str] = mapped_column(sa.String(300), default="")  # what it is and where it is used
    state: Mapped[str] = mapped_column(sa.String(20), default="open")
    skill_id: Mapped[int | None] = mapped_column(sa.ForeignKey("skills.id"))  # what it became, or was merged into
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    tenant: Mapped[Tenant] = relationship()
    skill: Mapped[Skill | None] = relationship()


hold("skill_proposals", "person_id", PERSON, hidden={"decided_by_id"})
