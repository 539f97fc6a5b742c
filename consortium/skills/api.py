"""The vocabulary as a resource."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.skills import queries, service
from consortium.skills.models import SkillProposal
from consortium.skills.schemas import DecisionIn, ProposalIn, ProposalOut, SkillOut
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("skills", __name__, tag="Skills")


@resources.get("/skills", ability="skills.search")
@resources.output(list[SkillOut])
def skills() -> Any:
    """The whole vocabulary."""
    return [SkillOut(code=s.code, kind=s.kind, name_zh=s.name_zh, name_en=s.name_en) for s in queries.all_skills()]


@resources.get("/skills/proposals", ability="skills.proposals")
@resources.input(PageQuery, location="query")
@resources.output(list[ProposalOut])
def proposals(query_data: PageQuery) -> Any:
    """What people miss in the vocabulary: one's own, all for the zone."""
    return [_out(one) for one in queries.proposals(acting(), query_data.page, size=query_data.size).rows]


@resources.post("/skills/proposals", ability="skills.propose", creates=True)
@resources.input(ProposalIn, location="json")
@resources.output(ProposalOut, status_code=201)
def propose(json_data: ProposalIn) -> Any:
    """Propose one."""
    return _out(service.propose(acting(), json_data.kind, json_data.name_zh, json_data.name_en, json_data.said))


@resources.post("/skills/proposals/<uuid:id>/decision", ability="skills.decide", reach=queries.reachable_proposal)
@resources.input(DecisionIn, location="json")
@resources.output(ProposalOut)
def decide(id: uuid.UUID, json_data: DecisionIn) -> Any:
    """Accept as new, merge into an entry, or decline."""
    actor = acting()
    found = queries.reachable_proposal(actor, id)
    told = json_data.model_dump()
    service.decide(found, told.pop("step"), by=actor, **told)
    return _out(found)


def _out(one: SkillProposal) -> ProposalOut:
    return ProposalOut(
        id=one.public_id, kind=one.kind, name_zh=one.name_zh, name_en=one.name_en, said=one.said, state=one.state, code=one.skill.code if one.skill else "",
        reason=one.reason, version=one.version,
    )  # fmt: skip
