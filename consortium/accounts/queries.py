"""What may be read about people and their sessions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from consortium.accounts import access
from consortium.accounts.models import Invitation, JoinRequest, Membership, Person, SignIn, Tenant
from consortium.shared import clock
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.shared.errors import NotFound


def live_sign_in(token_hash: str, *, idle_since: datetime, opened_since: datetime) -> SignIn | None:
    """The session of this token if nothing has ended it: time, sign-out, suspension of person, membership or tenant."""
    found = db.session.scalar(
        sa.select(SignIn)
        .where(
            SignIn.token_hash == token_hash,
            SignIn.ended_at.is_(None),
            SignIn.seen_at > idle_since,
            SignIn.created_at > opened_since,
        )
        .options(joinedload(SignIn.person), joinedload(SignIn.membership).joinedload(Membership.tenant))
    )
    if found is None:
        return None
    states = {found.person.state, found.membership.state, found.membership.tenant.state}
    return found if states == {"active"} else None


def memberships_of(person_id: int) -> list[Membership]:
    """All organisations a person may act for."""
    return list(
        db.session.scalars(
            sa.select(Membership)
            .join(Membership.tenant)
            .where(Membership.person_id == person_id, Membership.state == "active", Tenant.state == "active")
            .options(joinedload(Membership.tenant))
            .order_by(Membership.id)
        )
    )


def persons_in(tenant_id: int, roles: Iterable[Role]) -> list[int]:
    """Ids of active persons who hold one of these roles in an organisation: whom to tell."""
    return list(
        db.session.scalars(
            sa.select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.tenant_id == tenant_id,
                Membership.role.in_([role.value for role in roles]),
                Membership.state == "active",
                Person.state == "active",
            )
            .order_by(Membership.id)
        )
    )


def person_by_login(login: str) -> Person | None:
    """Whoever signs in by this name."""
    return db.session.scalar(sa.select(Person).where(Person.login == login.strip().lower()))


def colleagues(actor: Actor) -> list[Membership]:
    """People of one's own organisation."""
    return list(
        db.session.scalars(
            access.visible_to(actor).options(joinedload(Membership.person)).order_by(Membership.role, Membership.id)
        )
    )


def reachable_colleague(actor: Actor, public_id: uuid.UUID) -> Membership:
    """One of them, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(Membership.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def names_of(membership_ids: Iterable[int]) -> dict[int, str]:
    """Membership → the person's name, for colleagues' eyes."""
    rows = db.session.execute(sa.select(Membership.id, Person.name).join(Person, Person.id == Membership.person_id).where(Membership.id.in_(list(membership_ids))))
    return dict(rows.all())


def open_invitation(token_hash: str) -> Invitation | None:
    """An invitation that may still be used."""
    return db.session.scalar(
        sa.select(Invitation)
        .where(Invitation.token_hash == token_hash, Invitation.used_at.is_(None), Invitation.expires_at > clock.now())
        .options(joinedload(Invitation.tenant))
    )


def invitation_of(tenant_id: int, role: Role, login: str) -> Invitation | None:
    """An open invitation of this name into this role, if there is one."""
    return db.session.scalar(
        _open_invitations(tenant_id).where(Invitation.role == role.value, Invitation.login == login).order_by(Invitation.id.desc()).limit(1)
    )


def open_invitations(actor: Actor) -> list[Invitation]:
    """Links into one's own organisation that still work, newest first; students' are read through `students`."""
    return list(db.session.scalars(_open_invitations(actor.tenant_id).where(Invitation.role != "student").order_by(Invitation.id.desc()).limit(50)))


def reachable_invitation(actor: Actor, public_id: uuid.UUID) -> Invitation:
    """An invitation into one's own organisation, open or not, or NotFound."""
    found = db.session.scalar(
        sa.select(Invitation).where(Invitation.tenant_id == actor.tenant_id, Invitation.role != "student", Invitation.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found


def _open_invitations(tenant_id: int) -> sa.Select[Invitation]:
    return sa.select(Invitation).where(
        Invitation.tenant_id == tenant_id, Invitation.used_at.is_(None), Invitation.expires_at > clock.now()
    )


def join_requests(actor: Actor) -> list[JoinRequest]:
    """Who asks to belong to one's own organisation, the longest waiting first."""
    return list(
        db.session.scalars(_joins(actor).where(JoinRequest.state == "asked").options(joinedload(JoinRequest.person)).order_by(JoinRequest.id).limit(50))
    )


def n_join_requests(actor: Actor) -> int:
    """How many wait for the head."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(_joins(actor).where(JoinRequest.state == "asked").subquery())) or 0


def reachable_join(actor: Actor, public_id: uuid.UUID) -> JoinRequest:
    """One of them, decided or not, or NotFound."""
    found = db.session.scalar(_joins(actor).where(JoinRequest.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def _joins(actor: Actor) -> sa.Select[JoinRequest]:
    return sa.select(JoinRequest).where(JoinRequest.tenant_id == actor.tenant_id)


def heads_of(tenant_id: int, role: Role) -> list[Membership]:
    """Active heads of an organisation, the longest first."""
    return list(
        db.session.scalars(
            sa.select(Membership)
            .join(Membership.person)
            .where(Membership.tenant_id == tenant_id, Membership.role == role.value, Membership.state == "active", Person.state == "active")
            .options(joinedload(Membership.person))
            .order_by(Membership.id)
        )
    )


def own_membership(actor: Actor) -> Membership:
    """The membership one acts in."""
    return db.session.get_one(Membership, actor.membership_id)


def own_sign_ins(person_id: int, *, idle_since: datetime, opened_since: datetime) -> list[SignIn]:
    """A person's open sessions, newest first."""
    return list(
        db.session.scalars(
            sa.select(SignIn)
            .where(
                SignIn.person_id == person_id,
                SignIn.ended_at.is_(None),
                SignIn.seen_at > idle_since,
                SignIn.created_at > opened_since,
            )
            .order_by(SignIn.seen_at.desc())
            .limit(20)
        )
    )


def doors() -> list[Membership]:
    """One membership for each role, for the demonstration's *enter as* buttons only."""
    first = sa.select(sa.func.min(Membership.id)).join(Tenant).where(Membership.state == "active")
    first = first.group_by(Membership.role)
    return list(
        db.session.scalars(
            sa.select(Membership)
            .where(Membership.id.in_(first))
            .options(joinedload(Membership.person), joinedload(Membership.tenant))
            .order_by(Membership.id)
        )
    )
