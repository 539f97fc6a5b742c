"""What the API tells of skills."""

from __future__ import annotations

import uuid

from pydantic import Field

from consortium.web.resources import Schema


class SkillOut(Schema):
    """One entry of the vocabulary."""

    code: str
    kind: str
    name_zh: str
    name_en: str


class ProposalIn(Schema):
    """What is missing in the vocabulary."""

    kind: str = "skill"
    name_zh: str = ""
    name_en: str = ""
    said: str = Field(default="", max_length=300)


class ProposalOut(Schema):
    """A proposal and what became of it."""

    id: uuid.UUID
    kind: str
    name_zh: str
    name_en: str
    said: str
    state: str
    code: str
    reason: str
    version: int


class DecisionIn(Schema):
    """accept (both names), merge (code of the entry) or decline (reason)."""

    step: str = ""
    name_zh: str = Field(default="", max_length=80)
    name_en: str = Field(default="", max_length=120)
    code: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=300)
    version: int | None = None
