"""Who is told what about posts: their firms before and after the last day, and both sides of a question to a college."""

from __future__ import annotations

from consortium.accounts import queries as accounts
from consortium.messages import service as messages
from consortium.messages.service import IN_APP, MAIL
from consortium.positions import queries, rules
from consortium.shared.access import COLLEGE_OFFICE, ENTERPRISE_OFFICE


def tell_expiring(position_id: int) -> None:
    """The firm, once for each last day."""
    position = queries.by_ids([position_id])[position_id]
    last = rules.last_day(position.kind, position.start_on, position.closes_on)
    for person_id in accounts.persons_in(position.tenant_id, ENTERPRISE_OFFICE):
        messages.tell(
            person_id, "position-expiring", key=f"{position.public_id}:{last}", link=f"/positions/{position.public_id}/edit#closes_on", channels=(IN_APP, MAIL),
            title=position.title, day=str(last),
        )  # fmt: skip


def tell_expired(position_id: int) -> None:
    """The firm."""
    position = queries.by_ids([position_id])[position_id]
    for person_id in accounts.persons_in(position.tenant_id, ENTERPRISE_OFFICE):
        messages.tell(
            person_id, "position-expired", key=f"{position.public_id}:{position.closed_at}", link=f"/positions/{position.public_id}", channels=(IN_APP, MAIL),
            title=position.title,
        )  # fmt: skip


def tell_asked(override_id: int) -> None:
    """The college that is asked."""
    asked = queries.override(override_id)
    for person_id in accounts.persons_in(asked.college_tenant_id, COLLEGE_OFFICE):
        messages.tell(
            person_id, "override-asked", key=str(asked.public_id), link="/overrides", channels=(IN_APP, MAIL), title=asked.position.title,
            who=asked.tenant.name_zh, over=asked.over,
        )  # fmt: skip


def tell_answered(override_id: int) -> None:
    """The firm that asked."""
    asked = queries.override(override_id)
    for person_id in accounts.persons_in(asked.tenant_id, ENTERPRISE_OFFICE):
        messages.tell(
            person_id, f"override-{asked.state}", key=str(asked.public_id), link=f"/positions/{asked.position.public_id}", channels=(IN_APP, MAIL),
            title=asked.position.title,
        )  # fmt: skip
