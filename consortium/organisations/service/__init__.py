"""Changing organisations, and the dated ledger of intern places. Flushes; the edge commits."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import sqlalchemy as sa

from consortium.organisations import queries
from consortium.organisations.events import enterprise_changed
from consortium.organisations.lifecycle import CHECK
from consortium.organisations.models import Check, CollegeMajor, Enterprise, PostFamily, QuotaHold, SiteVisit
from consortium.organisations.rules import visit_problem
from consortium.reference import majors
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l

EDITABLE = ("staff", "staff_as_of", "address", "about")
VISIT_WORDS = {
    "future": _l("This day is still to come."),
    "before-visit": _l("The decision comes after the visit."),
    "undecided": _l("Enter the day of the decision first."),
    "before-decision": _l("The publication comes after the decision."),
}


def edit_enterprise(enterprise: Enterprise, values: dict[str, Any], *, by: Actor) -> None:
    """Change the firm's own facts; only named fields. Raises Invalid."""
    if values.get("staff_as_of") and values["staff_as_of"] > clock.today():
        raise Invalid({"staff_as_of": [VISIT_WORDS["future"]]})
    values = {name: ("" if value is None and name in ("address", "about") else value) for name, value in values.items()}
    touched = [name for name in EDITABLE if name in values and getattr(enterprise, name) != values[name]]
    for name in touched:
        setattr(enterprise, name, values[name])
    if "staff" in touched and "staff_as_of" not in touched:
        enterprise.staff_as_of = clock.today()
    db.session.flush()
    audit.record("edit-enterprise", enterprise, by=by, fields=touched)
    enterprise_changed.announce(tenant_id=enterprise.tenant_id)


def run_major(actor: Actor, code: str, first_cohort: int | None, last_cohort: int | None) -> CollegeMajor:
    """A major of the catalogue that the college runs, and for which cohorts; a known one gets the new years. Raises Invalid."""
    faults: dict[str, list[Any]] = {}
    if majors.find(code) is None:
        faults["code"] = [_l("Not a major of the catalogue: %(code)s. Type a name and pick from the list.", code=code[:30])]
    if first_cohort and last_cohort and last_cohort < first_cohort:
        faults["last_cohort"] = [_l("This is before the first cohort.")]
    if faults:
        raise Invalid(faults)
    found = db.session.scalar(sa.select(CollegeMajor).where(CollegeMajor.tenant_id == actor.tenant_id, CollegeMajor.major_code == code))
    if found is None:
        found = CollegeMajor(tenant_id=actor.tenant_id, major_code=code)
        db.session.add(found)
    found.first_cohort, found.last_cohort = first_cohort, last_cohort
    db.session.flush()
    audit.record("run-major", found, by=actor, code=code, first_cohort=first_cohort, last_cohort=last_cohort)
    return found


def drop_major(major: CollegeMajor, *, by: Actor) -> None:
    """Take a major off the college's list; students and classes keep theirs."""
    audit.record("drop-major", major, by=by, code=major.major_code)
    db.session.delete(major)
    db.session.flush()


def set_family(actor: Actor, name: str, staff: int | None) -> PostFamily:
    """A kind of post and how many employees hold one; a known name gets the new head-count. Raises Invalid."""
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": [_l("This is needed.")]})
    family = db.session.scalar(sa.select(PostFamily).where(PostFamily.tenant_id == actor.tenant_id, PostFamily.name == name))
    if family is None:
        family = PostFamily(tenant_id=actor.tenant_id, name=name)
        db.session.add(family)
    family.staff, family.staff_as_of = staff, clock.today()
    db.session.flush()
    audit.record("set-post-family", family, by=actor, staff=staff)
    enterprise_changed.announce(tenant_id=actor.tenant_id)
    return family


def verify(enterprise: Enterprise, *, by: Actor) -> None:
    """The zone has checked licence, credit and safety record; again renews the day of the credit check. An open check by hand is approved with it."""
    check = db.session.scalar(sa.select(Check).where(Check.tenant_id == enterprise.tenant_id, Check.state != "verified"))
    if check is not None:
        check.state, check.decided_at = CHECK.take("approve", check.state, by), clock.now()
    mark_verified(enterprise, by=by)


def mark_verified(enterprise: Enterprise, *, by: Actor) -> None:
    """Write down that the zone vouches for it, from when."""
    enterprise.verified_at, enterprise.credit_checked_on = enterprise.verified_at or clock.now(), clock.today()
    audit.record("verify-enterprise", enterprise, by=by)
    db.session.flush()
    enterprise_changed.announce(tenant_id=enterprise.tenant_id)


def record_visit(actor: Actor, enterprise: Enterprise, visited_on: date, decided_on: date | None, published_on: date | None) -> None:
    """A college's visit, decision and publication (R06). Raises Invalid."""
    problem = visit_problem(visited_on, decided_on, published_on, clock.today())
    if problem:
        raise Invalid({problem[0]: [VISIT_WORDS[problem[1]]]})
    found = queries.visit(actor.tenant_id, enterprise.tenant_id)
    if found is None:
        found = SiteVisit(college_tenant_id=actor.tenant_id, enterprise_tenant_id=enterprise.tenant_id, visited_on=visited_on)
        db.session.add(found)
    found.visited_on, found.decided_on, found.published_on = visited_on, decided_on, published_on
    db.session.flush()
    audit.record("record-site-visit", found, by=actor)


def reserve_quota(
    tenant_id: int,
    family_id: int | None,
    *,
    holder: uuid.UUID,
    heads: int,
    from_on: date,
    to_on: date,
    by: Actor | None,
    kind: str = "reserved",
    override_reason: str = "",
) -> QuotaHold:
    """Hold places from a day to a day, replacing an earlier hold of the same holder; raises Conflict(code="over-cap").

    The enterprise's row is locked first (its turn is raised), so two who ask at once are judged one after the other.
    """
    take_turn(tenant_id)
    room = queries.quota_room(tenant_id, family_id, from_on, to_on, but=holder)
    for which, limit, used in (("R10", room.firm_cap, room.firm_used), ("R11", room.family_cap, room.family_used)):
        if override_reason:
            continue
        if limit is None or used + heads > limit:
            raise Conflict(
                _l("More interns than the law's share allows."),
                code="over-cap", rule=which, cap=limit, used=used, asked=heads,
                over=None if limit is None else used + heads - limit,
            )  # fmt: skip
    db.session.execute(sa.delete(QuotaHold).where(QuotaHold.holder == holder, QuotaHold.tenant_id == tenant_id))
    hold = QuotaHold(
        tenant_id=tenant_id, family_id=family_id, holder=holder, kind=kind, heads=heads, from_on=from_on, to_on=to_on,
        override_reason=override_reason,
    )  # fmt: skip
    db.session.add(hold)
    db.session.flush()
    audit.record("reserve-quota", hold, by=by, heads=heads, overridden=bool(override_reason))
    return hold


def release_quota(tenant_id: int, holder: uuid.UUID, *, by: Actor | None) -> None:
    """Give held places back."""
    gone = db.session.execute(sa.delete(QuotaHold).where(QuotaHold.holder == holder, QuotaHold.tenant_id == tenant_id))
    if gone.rowcount:  # type: ignore[attr-defined]
        audit.record("release-quota", ("quota_holds", None), by=by, holder=str(holder))


def take_turn(tenant_id: int) -> None:
    """Lock an enterprise's ledger: whoever will change a post and its places takes this first, then the post, so that two never wait for each other."""
    db.session.execute(
        sa.update(Enterprise)
        .where(Enterprise.tenant_id == tenant_id)
        .values(ledger_turn=Enterprise.ledger_turn + 1)
        .execution_options(synchronize_session=False)
    )


def keep_quota(tenant_id: int, holder: uuid.UUID, heads: int) -> None:
    """Shrink a hold to the heads that are really there (none: release it)."""
    if heads == 0:
        release_quota(tenant_id, holder, by=None)
    else:
        db.session.execute(
            sa.update(QuotaHold).where(QuotaHold.holder == holder, QuotaHold.tenant_id == tenant_id, QuotaHold.heads > heads).values(heads=heads)
        )
