"""Colleagues: roles, invitations that are extended, leaving, handing over, suspended members; several organisations for one person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts import rules, service
from consortium.accounts.models import Invitation, Membership
from consortium.accounts.service import belonging
from consortium.shared import audit
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Forbidden, NotFound
from tests import builders
from tests.conftest import Browser

Sign = Callable[..., Browser]


@pytest.fixture
def firm(app: Flask) -> Any:
    return builders.an_enterprise().tenant


@pytest.mark.parametrize(
    ("head", "kind", "role", "may"),
    [
        (Role.ENTERPRISE_HEAD, TenantKind.ENTERPRISE, Role.MENTOR, True), (Role.ENTERPRISE_HEAD, TenantKind.ENTERPRISE, Role.ENTERPRISE_MEMBER, True),
        (Role.ENTERPRISE_HEAD, TenantKind.ENTERPRISE, Role.ENTERPRISE_HEAD, False), (Role.ENTERPRISE_HEAD, TenantKind.ENTERPRISE, Role.ZONE_HEAD, False),
        (Role.COLLEGE_HEAD, TenantKind.COLLEGE, Role.STUDENT, False), (Role.COLLEGE_HEAD, TenantKind.COLLEGE, Role.CLASS_ADVISER, True),
        (Role.ENTERPRISE_MEMBER, TenantKind.ENTERPRISE, Role.MENTOR, False),
    ],
)  # fmt: skip
def test_which_roles_a_head_gives(head: Role, kind: TenantKind, role: Role, may: bool) -> None:
    assert rules.may_become(head, kind, role) is may


def test_an_invitation_sent_again_is_the_same_row_with_a_new_link(firm: Any) -> None:
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm).actor()
    first = service.invite(boss, role=Role.MENTOR, login="wang.lei", name="王雷")
    second = service.invite(boss, role=Role.MENTOR, login="Wang.Lei ", name="王磊")
    row = db.session.scalars(sa.select(Invitation)).one()
    assert row.name == "王磊" and row.token_hash == service.token_hash(second)
    with pytest.raises(NotFound):
        service.prove(first, "a-long-sentence-7")
    other = builders.a_membership(Role.ENTERPRISE_HEAD).actor()
    service.invite(other, role=Role.MENTOR, login="wang.lei", name="王雷")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) == 2, "another organisation's is its own"


def test_a_link_that_was_withdrawn_opens_nothing(firm: Any, signed_in_as: Sign, anonymous: Browser) -> None:
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm)
    token = service.invite(boss.actor(), role=Role.MENTOR, login="wang.lei", name="王雷")
    invitation = db.session.scalars(sa.select(Invitation)).one()
    head = signed_in_as(boss)
    assert "王雷" in head.get("/colleagues").get_data(as_text=True)
    where = f"/open-invitations/{invitation.public_id}/withdrawal"
    assert signed_in_as(Role.ENTERPRISE_HEAD).post(where).status_code == 404
    assert head.post(where).status_code == 303
    assert anonymous.get(f"/invitations/{token}").status_code == 404
    assert "王雷" not in head.get("/colleagues").get_data(as_text=True)


def test_a_role_changes_within_the_running_session(firm: Any, signed_in_as: Sign) -> None:
    boss, other = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm), builders.a_membership(Role.MENTOR, tenant=firm)
    head, mentor = signed_in_as(boss), signed_in_as(other)
    assert mentor.client.get("/positions/new").status_code == 403
    assert head.post(f"/colleagues/{other.public_id}/role", {"role": "enterprise_member"}).status_code == 303
    assert mentor.client.get("/positions/new").status_code == 200
    assert head.post(f"/colleagues/{other.public_id}/role", {"role": "zone_head"}).status_code == 403
    assert head.post(f"/colleagues/{other.public_id}/role", {"role": "enterprise_head"}).status_code == 403, "that is handed over, not given"
    assert head.post(f"/colleagues/{boss.public_id}/role", {"role": "mentor"}).status_code == 409


def test_the_heads_role_is_handed_over_whole(firm: Any, signed_in_as: Sign) -> None:
    boss, other = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm), builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm)
    old, new = signed_in_as(boss), signed_in_as(other)
    assert old.post(f"/colleagues/{other.public_id}/headship").status_code == 303
    assert old.client.get("/colleagues").status_code == 403 and new.client.get("/colleagues").status_code == 200
    db.session.expire_all()
    assert (boss.role, other.role) == ("enterprise_member", "enterprise_head")
    assert db.session.scalars(sa.select(audit.AuditLine.act).where(audit.AuditLine.act == "hand-over-headship")).all() == ["hand-over-headship"]


def test_nothing_is_handed_over_to_a_suspended_one_or_to_oneself(firm: Any) -> None:
    boss, other = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm), builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm)
    service.suspend(other, by=boss.actor())
    for one in (other, boss):
        with pytest.raises(Conflict):
            belonging.hand_over(one, by=boss.actor())


def test_who_holds_the_role_already_in_a_suspended_row_changes_rows(firm: Any) -> None:
    boss, member = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm), builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm)
    asleep = builders.a_membership(Role.MENTOR, tenant=firm, person=member.person)
    asleep.state = "suspended"
    belonging.change_role(member, Role.MENTOR, by=boss.actor())
    assert (member.role, member.state, asleep.role, asleep.state) == ("mentor", "active", "enterprise_member", "suspended")


def test_the_only_head_stays_until_the_role_is_handed_over(firm: Any, signed_in_as: Sign) -> None:
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm)
    head = signed_in_as(boss)
    assert head.post("/account/departure").headers["Location"] == "/account"
    assert "Hand your role over" in head.get("/account").get_data(as_text=True)
    builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm)
    assert head.post("/account/departure").headers["Location"] == "/sign-in"
    assert head.client.get("/account").status_code == 302
    db.session.expire_all()
    assert boss.state == "left"


def test_who_leaves_one_organisation_goes_on_in_the_other(firm: Any, signed_in_as: Sign) -> None:
    person = builders.a_person()
    here = builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm, person=person)
    there = builders.a_membership(Role.MENTOR, person=person)
    browser = signed_in_as(here)
    page = browser.get("/").get_data(as_text=True)
    assert str(there.public_id) in page, "the other one stands in the header"
    assert browser.post("/account/departure").status_code == 303
    told = browser.client.get("/api/v1/me").get_json()
    assert told["role"] == "mentor" and len(told["memberships"]) == 1


def test_switching_in_the_header_moves_the_session_and_leaves_a_line(firm: Any, signed_in_as: Sign) -> None:
    person = builders.a_person()
    here, there = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm, person=person), builders.a_membership(Role.MENTOR, person=person)
    foreign = builders.a_membership(Role.ENTERPRISE_HEAD)
    browser = signed_in_as(here)
    old = browser.client.get_cookie("consortium")
    assert browser.post("/account/organisation", {"membership": str(foreign.public_id)}).status_code == 404
    there.state = "suspended"
    assert browser.post("/account/organisation", {"membership": str(there.public_id)}).status_code == 404
    there.state = "active"
    assert browser.post("/account/organisation", {"membership": str(there.public_id)}).status_code == 303
    assert browser.client.get("/api/v1/me").get_json()["role"] == "mentor"
    assert old is not None and browser.client.get_cookie("consortium").value != old.value  # type: ignore[union-attr]
    line = db.session.scalars(sa.select(audit.AuditLine).where(audit.AuditLine.act == "switch-organisation")).one()
    assert (line.person_id, line.subject_id) == (person.id, there.id)


def test_only_a_suspension_is_undone(firm: Any, signed_in_as: Sign) -> None:
    boss, gone = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm), builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=firm)
    belonging.leave(gone.actor())
    head = signed_in_as(boss)
    assert head.post(f"/colleagues/{gone.public_id}/restoration").status_code == 409, "who left is invited again"
    with pytest.raises(Forbidden):
        belonging.change_role(gone, Role.ZONE_HEAD, by=boss.actor())


def test_asking_twice_is_one_request_and_members_need_not_ask(firm: Any) -> None:
    person, member = builders.a_person(), builders.a_membership(Role.MENTOR, tenant=firm)
    first, second = belonging.ask_to_join(person, firm), belonging.ask_to_join(person, firm)
    assert first.id == second.id
    with pytest.raises(Conflict):
        belonging.ask_to_join(member.person, firm)
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm).actor()
    belonging.decide_join(first, join=True, by=boss)
    assert db.session.scalars(sa.select(Membership.role).where(Membership.person_id == person.id)).all() == ["enterprise_member"]
