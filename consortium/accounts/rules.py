"""Decisions about passwords and invitations, on values alone."""

from __future__ import annotations

from consortium.shared.access import ROLES_OF, Role, TenantKind

SHORTEST_PASSWORD = 10  # ASVS 5.0, 6.2.1 asks for eight, our default profile for ten
LONGEST_PASSWORD = 128
COMMON = frozenset(
    "1234567890 0123456789 1111111111 0000000000 password12 password123 qwertyuiop qwerty1234 abcdefghij "
    "aa123456789 a123456789 woaini1314 woaini520 iloveyou12 administrator 1q2w3e4r5t 123456789a q123456789".split()
)
HEAD_OF = {
    TenantKind.COLLEGE: Role.COLLEGE_HEAD,
    TenantKind.ENTERPRISE: Role.ENTERPRISE_HEAD,
    TenantKind.ZONE: Role.ZONE_HEAD,
}


def password_problem(password: str, login: str, name: str) -> str | None:
    """Reason code why this password is not taken, else None."""
    if len(password) < SHORTEST_PASSWORD:
        return "too-short"
    if len(password) > LONGEST_PASSWORD:
        return "too-long"
    lowered = password.lower()
    if lowered in COMMON or len(set(password)) < 4:
        return "common"
    if (login and login.lower() in lowered) or (name and name.lower() in lowered):
        return "contains-name"
    return None


def may_invite(inviter: Role, kind: TenantKind, role: Role) -> bool:
    """Heads invite into their own organisation, and only roles that exist there; the zone's head opens organisations."""
    if role not in ROLES_OF[kind] or role is Role.STUDENT:
        return False
    return inviter is HEAD_OF.get(kind) or (inviter is Role.ZONE_HEAD and role is HEAD_OF.get(kind))


def may_become(head: Role, kind: TenantKind, role: Role) -> bool:
    """Roles a head may give a colleague who is here already: those of the organisation but her own, which is handed over."""
    return may_invite(head, kind, role) and role is not HEAD_OF.get(kind)


def after_handing_over(kind: TenantKind) -> Role:
    """What the former head is from then on."""
    return {TenantKind.COLLEGE: Role.COLLEGE_OFFICER, TenantKind.ENTERPRISE: Role.ENTERPRISE_MEMBER, TenantKind.ZONE: Role.ZONE_OFFICER}[kind]
