"""Who sees which post."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from consortium.positions import queries
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.errors import NotFound
from tests import builders


def acting(kind: TenantKind, role: Role, tenant_id: int) -> Actor:
    return Actor(1, 1, tenant_id, kind, role)


@pytest.mark.parametrize(
    ("kind", "role", "sees"),
    [
        (TenantKind.COLLEGE, Role.STUDENT, {"open", "paused", "closed"}),
        (TenantKind.COLLEGE, Role.COLLEGE_OFFICER, {"open", "paused", "closed"}),
        (TenantKind.ZONE, Role.ZONE_OFFICER, {"open", "paused", "closed"}),
        (TenantKind.BUREAU, Role.BUREAU_OBSERVER, set()),
        (TenantKind.ENTERPRISE, Role.ENTERPRISE_HEAD, set()),
    ],
)
def test_another_organisation_sees_no_draft(app: Flask, kind: TenantKind, role: Role, sees: set[str]) -> None:
    posts = {state: builders.a_position(state=state) for state in ("draft", "open", "paused", "closed")}
    actor = acting(kind, role, builders.a_tenant(kind).id)
    assert {p.state for p in queries.listing(actor, 1).rows} == sees
    for state, post in posts.items():
        if state in sees:
            assert queries.reachable(actor, post.public_id).id == post.id
        else:
            with pytest.raises(NotFound):
                queries.reachable(actor, post.public_id)


def test_an_enterprise_sees_all_of_its_own_and_nothing_of_others(app: Flask) -> None:
    own = builders.an_enterprise()
    mine = {builders.a_position(own, state=state).id for state in ("draft", "open", "paused", "closed")}
    builders.a_position()
    actor = acting(TenantKind.ENTERPRISE, Role.MENTOR, own.tenant_id)
    assert {p.id for p in queries.listing(actor, 1).rows} == mine


def test_unknown_answers_as_foreign_does(app: Flask) -> None:
    actor = acting(TenantKind.ENTERPRISE, Role.ENTERPRISE_HEAD, builders.an_enterprise().tenant_id)
    for public_id in (uuid.uuid4(), builders.a_position().public_id):
        with pytest.raises(NotFound):
            queries.reachable(actor, public_id)


def test_the_list_is_narrowed_by_state_kind_and_title(app: Flask) -> None:
    firm = builders.an_enterprise()
    actor = acting(TenantKind.ENTERPRISE, Role.ENTERPRISE_HEAD, firm.tenant_id)
    wanted = builders.a_position(firm, kind="job", title="100%_电工", end_on=None)
    builders.a_position(firm, title="1000 电工")
    builders.a_position(firm, kind="job", state="draft", title="电工")
    assert [p.id for p in queries.listing(actor, 1, kind="job", state="open").rows] == [wanted.id]
    assert [p.id for p in queries.listing(actor, 1, query="100%_").rows] == [wanted.id]
    assert queries.listing(actor, 1, query="电工", size=2).n_pages == 2
