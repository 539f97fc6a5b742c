"""Asking to join, leaving, roles of colleagues, and handing over the head's role. Flushes; the edge commits."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.accounts import queries, rules
from consortium.accounts.events import asked_to_join, headship_handed_over, join_decided
from consortium.accounts.models import JoinRequest, Membership, Person, SignIn, Tenant
from consortium.accounts.service import give_role
from consortium.shared import audit, clock
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Forbidden, Invalid
from consortium.shared.i18n import lazy_gettext as _l


def ask_to_join(person: Person, tenant: Tenant) -> JoinRequest:
    """Ask the head to let this person in; asked twice, it is one request. Raises Conflict for who is in already."""
    if any(one.tenant_id == tenant.id for one in queries.memberships_of(person.id)):
        raise Conflict(_l("You belong to this organisation already."), how=_l("Sign in with your phone number and password."))
    found = db.session.scalar(
        sa.select(JoinRequest).where(JoinRequest.tenant_id == tenant.id, JoinRequest.person_id == person.id, JoinRequest.state == "asked")
    )
    if found is not None:
        return found
    found = JoinRequest(tenant_id=tenant.id, person_id=person.id)
    db.session.add(found)
    db.session.flush()
    audit.record("ask-to-join", found, by=None)
    asked_to_join.announce(request=found)
    return found


def decide_join(request: JoinRequest, *, join: bool, by: Actor) -> None:
    """Let somebody in as a member, or not; decided once. Raises Conflict."""
    decided = db.session.execute(
        sa.update(JoinRequest)
        .where(JoinRequest.id == request.id, JoinRequest.state == "asked")
        .values(state="joined" if join else "refused", decided_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if decided.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("This request was decided already."))
    db.session.refresh(request)
    if join:
        give_role(request.person_id, request.tenant_id, MEMBER_OF[by.tenant_kind])
    audit.record("decide-join", request, by=by, joined=join)
    join_decided.announce(request=request)


MEMBER_OF = {TenantKind.ENTERPRISE: Role.ENTERPRISE_MEMBER, TenantKind.COLLEGE: Role.COLLEGE_OFFICER, TenantKind.ZONE: Role.ZONE_OFFICER}


def change_role(membership: Membership, role: Role, *, by: Actor) -> None:
    """Another role for a colleague; sessions go on in the new role. Raises Invalid, Forbidden or Conflict."""
    if membership.id == by.membership_id:
        raise Conflict(_l("You cannot change your own role."), how=_l("Hand your role over to a colleague."))
    if not rules.may_become(by.role, by.tenant_kind, role):
        raise Forbidden(_l("You may not give this role."))
    if membership.role == rules.HEAD_OF.get(by.tenant_kind):
        raise Conflict(_l("A head's role is not changed by another head."), how=_l("She hands it over or leaves."))
    if membership.state != "active":
        raise Invalid({"role": [_l("Restore the colleague first.")]})
    before = membership.role
    _become(membership, role)
    audit.record("change-role", membership, by=by, before=before, role=role.value)
    db.session.flush()


def hand_over(membership: Membership, *, by: Actor) -> None:
    """The colleague becomes head, the former head an ordinary member. Raises Conflict."""
    if membership.id == by.membership_id or membership.person_id == by.person_id:
        raise Conflict(_l("This is yourself."), how=_l("Choose a colleague."))
    if membership.state != "active" or membership.person.state != "active":
        raise Conflict(_l("This colleague is suspended."), how=_l("Restore the colleague first."))
    own = queries.own_membership(by)
    _become(membership, rules.HEAD_OF[by.tenant_kind])
    _become(own, rules.after_handing_over(by.tenant_kind))
    audit.record("hand-over-headship", membership, by=by)
    db.session.flush()
    headship_handed_over.announce(membership=membership, former=own)


def leave(actor: Actor) -> Membership | None:
    """Leave the organisation one acts for; returns another one to go on in. The only head stays until she has handed over: raises Conflict."""
    db.session.execute(sa.select(Tenant.id).where(Tenant.id == actor.tenant_id).with_for_update())  # two heads who leave at once: one after the other
    own = queries.own_membership(actor)
    head = rules.HEAD_OF.get(actor.tenant_kind)
    if actor.role is head and len(queries.heads_of(actor.tenant_id, head)) == 1:
        raise Conflict(
            _l("You are the only head of this organisation."), why=_l("Without a head nobody could let colleagues in."),
            how=_l("Hand your role over to a colleague first."),
        )  # fmt: skip
    own.state = "left"
    db.session.execute(
        sa.update(SignIn).where(SignIn.membership_id == own.id, SignIn.ended_at.is_(None)).values(ended_at=clock.now())
    )
    audit.record("leave-organisation", own, by=actor)
    db.session.flush()
    return next(iter(queries.memberships_of(actor.person_id)), None)


def _become(membership: Membership, role: Role) -> None:
    """Give a membership another role; where the person holds that role here already (suspended, left), the two rows change places."""
    twin = db.session.scalar(
        sa.select(Membership).where(
            Membership.person_id == membership.person_id, Membership.tenant_id == membership.tenant_id, Membership.role == role.value,
            Membership.id != membership.id,
        )
    )  # fmt: skip
    if twin is None:
        membership.role = role.value
        db.session.flush()
        return
    before, twin.role = membership.role, f"~{role.value}"[:30]
    db.session.flush()
    membership.role = role.value
    db.session.flush()
    twin.role = before
    db.session.flush()
