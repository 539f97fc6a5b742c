"""The vocabulary as a resource."""

from __future__ import annotations

from typing import Any

from consortium.skills import queries
from consortium.skills.schemas import SkillOut
from consortium.web.resources import Resources

resources = Resources("skills", __name__, tag="Skills")


@resources.get("/skills", ability="skills.search")
@resources.output(list[SkillOut])
def skills() -> Any:
    """The whole vocabulary."""
    return [SkillOut(code=s.code, kind=s.kind, name_zh=s.name_zh, name_en=s.name_en) for s in queries.all_skills()]
