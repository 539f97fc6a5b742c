"""The table of skills and certificates."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consortium.shared.db import Base, Json, Row
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
