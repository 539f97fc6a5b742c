"""The telling of the vocabulary's own news."""

from __future__ import annotations

from consortium.skills import notify, queries
from consortium.skills.events import skill_settled


@skill_settled.listen
def tell_who_proposed_it(proposal_id: int) -> None:
    """Every decision is told."""
    notify.tell_settled(queries.proposal(proposal_id))
