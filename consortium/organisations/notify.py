"""Who is told what at the door, of a check by hand, and of the quarterly question."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.accounts import queries as accounts
from consortium.accounts.models import JoinRequest, Membership, Tenant
from consortium.messages import service as messages
from consortium.messages.service import IN_APP, MAIL, SMS
from consortium.organisations.models import Check
from consortium.shared.access import ENTERPRISE_OFFICE, ZONE, Role, TenantKind
from consortium.shared.db import db


def send_code(person_id: int, code: str, *, key: str) -> None:
    """The code to the phone that is to be proved."""
    messages.tell(person_id, "registration-code", key=key, channels=(SMS,), code=code)


def tell_zone_of_check(check: Check) -> None:
    """Somebody waits in the queue."""
    for zone in db.session.scalars(sa.select(Tenant.id).where(Tenant.kind == TenantKind.ZONE.value)):
        for person_id in accounts.persons_in(zone, ZONE):
            messages.tell(person_id, "check-waiting", key=f"{check.public_id}:{check.version}", link=f"/checks/{check.public_id}", firm=check.tenant.name_zh)


def tell_firm_of_check(check: Check, step: str, text: str) -> None:
    """What the zone decided or asks."""
    for person_id in accounts.persons_in(check.tenant_id, ENTERPRISE_OFFICE):
        messages.tell(
            person_id, f"check-{step}", key=f"{check.public_id}:{check.version}", link="/enterprise/check", channels=(IN_APP, SMS), firm=check.tenant.name_zh, text=text
        )


def tell_heads_of_request(request: JoinRequest) -> None:
    """Somebody asks to join."""
    tenant = db.session.get_one(Tenant, request.tenant_id)
    for one in accounts.heads_of(request.tenant_id, Role.ENTERPRISE_HEAD):
        messages.tell(
            one.person_id, "join-asked", key=str(request.public_id), link="/colleagues", channels=(IN_APP, SMS), who=request.person.name, firm=tenant.name_zh
        )


def tell_of_decision(request: JoinRequest) -> None:
    """Whoever asked is told by SMS: there may be no account yet to read it in."""
    tenant = db.session.get_one(Tenant, request.tenant_id)
    messages.tell(request.person_id, f"join-{request.state}", key=str(request.public_id), link="/sign-in", channels=(IN_APP, SMS), firm=tenant.name_zh)


def tell_new_head(membership: Membership, former: Membership) -> None:
    """That the role was handed over."""
    tenant = db.session.get_one(Tenant, membership.tenant_id)
    messages.tell(
        membership.person_id, "headship", key=f"{membership.public_id}:{former.public_id}", link="/colleagues", channels=(IN_APP, MAIL),
        firm=tenant.name_zh, who=former.person.name,
    )  # fmt: skip


def ask_intent(kind: str, tenant: Tenant, link: str, *, year: int, n: int, until: str, key: str) -> int:
    """The question by SMS to one person of the firm, in the product to all of its office; returns how many were told."""
    office = accounts.persons_in(tenant.id, ENTERPRISE_OFFICE)
    heads = [one.person_id for one in accounts.heads_of(tenant.id, Role.ENTERPRISE_HEAD)]
    first = next(iter(heads or office), None)
    for person_id in office:
        ways = (IN_APP, SMS) if person_id == first else (IN_APP,)
        messages.tell(person_id, kind, key=key, link=link, channels=ways, firm=tenant.name_zh, year=year, n=n, until=until)
    return len(office)
