"""Every step of a post from every state, by every role."""

from __future__ import annotations

import pytest

from consortium.positions.lifecycle import CLOSED, DRAFT, OPEN, PAUSED, POSITION
from consortium.shared.access import ENTERPRISE_OFFICE, Actor, Role, TenantKind
from consortium.shared.errors import Conflict, Forbidden

ALLOWED = {
    ("publish", DRAFT): OPEN, ("publish", PAUSED): OPEN, ("publish", CLOSED): OPEN, ("pause", OPEN): PAUSED, ("close", OPEN): CLOSED,
    ("close", PAUSED): CLOSED,
}  # fmt: skip


def actor(role: Role) -> Actor:
    return Actor(1, 1, 1, TenantKind.ENTERPRISE, role)


@pytest.mark.parametrize("step", ["publish", "pause", "close"])
@pytest.mark.parametrize("state", [DRAFT, OPEN, PAUSED, CLOSED])
def test_a_step_leads_where_the_table_says_or_nowhere(step: str, state: str) -> None:
    head = actor(Role.ENTERPRISE_HEAD)
    if (step, state) in ALLOWED:
        assert POSITION.take(step, state, head) == ALLOWED[step, state]
    else:
        with pytest.raises(Conflict):
            POSITION.take(step, state, head)


@pytest.mark.parametrize("role", sorted(set(Role) - ENTERPRISE_OFFICE))
def test_nobody_but_the_enterprises_office_takes_a_step(role: Role) -> None:
    for step, state in ALLOWED:
        with pytest.raises(Forbidden):
            POSITION.take(step, state, actor(role))
