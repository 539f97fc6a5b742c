"""Who may do what: roles, the actor of a request, and the table of abilities that every route names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from consortium.shared.errors import Forbidden, SignInRequired


class TenantKind(StrEnum):
    """What an organisation is to the consortium."""

    ZONE = "zone"
    COLLEGE = "college"
    ENTERPRISE = "enterprise"
    BUREAU = "bureau"


class Role(StrEnum):
    """What a person is within one organisation."""

    STUDENT = "student"
    CLASS_ADVISER = "class_adviser"
    COLLEGE_OFFICER = "college_officer"
    COLLEGE_HEAD = "college_head"
    ENTERPRISE_MEMBER = "enterprise_member"
    ENTERPRISE_HEAD = "enterprise_head"
    MENTOR = "mentor"
    ZONE_OFFICER = "zone_officer"
    ZONE_HEAD = "zone_head"
    BUREAU_OBSERVER = "bureau_observer"


ROLES_OF: Mapping[TenantKind, tuple[Role, ...]] = {
    TenantKind.COLLEGE: (Role.STUDENT, Role.CLASS_ADVISER, Role.COLLEGE_OFFICER, Role.COLLEGE_HEAD),
    TenantKind.ENTERPRISE: (Role.ENTERPRISE_MEMBER, Role.ENTERPRISE_HEAD, Role.MENTOR),
    TenantKind.ZONE: (Role.ZONE_OFFICER, Role.ZONE_HEAD),
    TenantKind.BUREAU: (Role.BUREAU_OBSERVER,),
}

STUDENT = frozenset({Role.STUDENT})
COLLEGE = frozenset({Role.CLASS_ADVISER, Role.COLLEGE_OFFICER, Role.COLLEGE_HEAD})
COLLEGE_OFFICE = frozenset({Role.COLLEGE_OFFICER, Role.COLLEGE_HEAD})
ENTERPRISE = frozenset({Role.ENTERPRISE_MEMBER, Role.ENTERPRISE_HEAD, Role.MENTOR})
ENTERPRISE_OFFICE = frozenset({Role.ENTERPRISE_MEMBER, Role.ENTERPRISE_HEAD})
ZONE = frozenset({Role.ZONE_OFFICER, Role.ZONE_HEAD})
BUREAU = frozenset({Role.BUREAU_OBSERVER})
HEADS = frozenset({Role.COLLEGE_HEAD, Role.ENTERPRISE_HEAD, Role.ZONE_HEAD})
EVERYONE = frozenset(Role)

PUBLIC = "public"
"""The one ability that needs no sign-in."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting for one organisation in one role; made by `accounts`, handed to every use case."""

    person_id: int
    membership_id: int
    tenant_id: int
    tenant_kind: TenantKind
    role: Role

    def can(self, ability: str) -> bool:
        """Whether this role has the ability."""
        return ability == PUBLIC or self.role in ABILITIES[ability]


ABILITIES: dict[str, frozenset[Role]] = {}
"""Ability → the roles that have it. Each feature's `access.py` declares its own."""


def declare(abilities: Mapping[str, Iterable[Role]]) -> None:
    """Add a feature's abilities; declaring one twice differently is a programming error."""
    for name, roles in abilities.items():
        given = frozenset(roles)
        if ABILITIES.get(name, given) != given:
            raise ValueError(f"ability {name!r} is declared twice with different roles")
        ABILITIES[name] = given


def require(actor: Actor | None, ability: str) -> None:
    """Pass, or raise SignInRequired / Forbidden."""
    if ability == PUBLIC:
        return
    if actor is None:
        raise SignInRequired
    if not actor.can(ability):
        raise Forbidden(ability=ability)
