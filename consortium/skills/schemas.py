"""What the API tells of skills."""

from consortium.web.resources import Schema


class SkillOut(Schema):
    """One entry of the vocabulary."""

    code: str
    kind: str
    name_zh: str
    name_en: str
