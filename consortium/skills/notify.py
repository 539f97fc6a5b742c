"""Who is told what became of a proposal."""

from __future__ import annotations

from consortium.messages import service as messages
from consortium.skills.models import SkillProposal


def tell_settled(proposal: SkillProposal) -> None:
    """The one who proposed it, with the way to put a merged one into the profile."""
    skill = proposal.skill
    link = f"/me?add={skill.code}#skills" if proposal.state == "merged" and skill is not None else "/skills/proposals"
    messages.tell(
        proposal.person_id, f"skill-{proposal.state}", key=str(proposal.public_id), link=link, name=proposal.name_zh, reason=proposal.reason,
        as_=skill.name_zh if skill is not None else "",
    )  # fmt: skip
