"""Accepting an offer, taking the acceptance back, and the rules of a college about both. Flushes; the edge commits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from consortium.applications import lifecycle, queries, rules
from consortium.applications.events import (
    acceptance_asked_after,
    acceptance_taken_back,
    application_accepted,
    position_filled,
)
from consortium.applications.lifecycle import APPLICATION
from consortium.applications.models import AcceptanceRule, Application
from consortium.applications.service.steps import free_seats, freshly, overdue, refuse_overdue, take
from consortium.applications.service.waiting import tell_next
from consortium.positions import service as positions
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l


def accept(application: Application, *, by: Actor) -> list[Application]:
    """The student accepts: one seat is taken, the others that the college's rule names are withdrawn; returns those.

    Never more acceptances than places (one conditional UPDATE), never two of a kind of one student (the row lock, and a partial
    unique index).
    """
    freshly(application)
    _refuse_what_has_passed(application)
    APPLICATION.take("accept", application.state, by)
    refuse_overdue(application)
    others = closed_by_acceptance(application)
    try:
        positions.take_seat(application.position_id)
    except Conflict as full:
        raise Conflict(
            full.what,
            why=_l("Others accepted a moment earlier. Your offer stays, in case a place becomes free before its time ends."),
            how=_l("Your other applications are unchanged."),
            code="full",
        ) from None
    back = rules.back_until(clock.now(), queries.terms_of(application.college_tenant_id, application.kind))
    take(
        "accept", application, by, spoken=True, identity_open=True, answer_by=None, waits_since_at=None, told_free_at=None, back_until_at=back
    )  # fmt: skip
    for other in others:
        take("set_aside", other, None, reason="accepted-elsewhere", answer_by=None, waits_since_at=None, told_free_at=None)
    application_accepted.announce(application_id=application.id)
    if free_seats(application.position_id) == 0:
        position_filled.announce(position_id=application.position_id)
    return others


def closed_by_acceptance(application: Application) -> list[Application]:
    """What accepting this one would end: all live ones of its kind, and of the other kind where the college says so."""
    terms = queries.terms_of(application.college_tenant_id, application.kind)
    return queries.open_of_student(application.student_id, beside=application, waiting=True, both_kinds=terms.closes_other_kind)


def take_back(application: Application, *, by: Actor, note: str = "") -> Application:
    """The student takes an acceptance back, as long as the college's rule allows and nobody has signed; the place goes to the next."""
    freshly(application)
    until = application.back_until_at
    APPLICATION.take("take_back", application.state, by)
    if until is None:
        raise Conflict(
            _l("An acceptance cannot be taken back here."), why=_l("Your college's rule says so; it stood beside the button."),
            how=_l("Speak with your class adviser: the college can end the agreement with you and the enterprise."), code="binding",
        )  # fmt: skip
    if until <= clock.now():
        raise Conflict(
            _l("The time to take the acceptance back has passed."),
            how=_l("Speak with your class adviser: the college can end the agreement with you and the enterprise."), code="overdue",
        )  # fmt: skip
    if any(acceptance_asked_after.announce(application_id=application.id)):
        raise Conflict(
            _l("The agreement is signed already, or being signed."),
            how=_l("Speak with your class adviser: the college can end the agreement with you and the enterprise."), code="signed",
        )  # fmt: skip
    take("take_back", application, by, note=note, identity_open=False, spoken=False)
    positions.give_back_seat(application.position_id)
    acceptance_taken_back.announce(application_id=application.id)
    tell_next(application.position_id)
    return application


def save_rule(actor: Actor, kind: str, values: dict[str, Any], version: int | None) -> AcceptanceRule:
    """What a college's students bind themselves to from now on; acceptances made before keep to what they were shown."""
    hours = values["back_hours"]
    if kind not in ("internship", "job"):
        raise Invalid({"kind": [_l("One of %(choices)s.", choices="internship, job")]})
    if not 0 <= hours <= rules.MOST_BACK_HOURS:
        raise Invalid({"back_hours": [_l("A number from %(min)s to %(max)s.", min=0, max=rules.MOST_BACK_HOURS)]})
    found = db.session.scalar(sa.select(AcceptanceRule).where(AcceptanceRule.tenant_id == actor.tenant_id, AcceptanceRule.kind == kind).with_for_update())
    if found is None:
        found = AcceptanceRule(tenant_id=actor.tenant_id, kind=kind)
        db.session.add(found)
    elif version is not None and version != found.version:
        raise Conflict(_l("Somebody changed this rule meanwhile."), how=_l("Open the page again and look at what it says now."), code="stale")
    found.closes_other_kind, found.back_hours = bool(values["closes_other_kind"]), hours
    db.session.flush()
    audit.record("save-acceptance-rule", found, by=actor, kind=kind, closes_other_kind=found.closes_other_kind, back_hours=hours)
    return found


def _refuse_what_has_passed(application: Application) -> None:
    """Why an offer that was open a moment ago is not any more, each case in its own words."""
    placed = queries.accepted_of(application.student_id, application.kind)
    if application.state == lifecycle.OFFERED and placed is None:
        return
    if placed is not None:
        raise Conflict(
            _l("You have accepted an offer already."),
            why=_l("With an acceptance the other offers of the same kind, internship or job, are given back."),
            how=_l("Open your applications to see where they stand."),
            code="placed",
        )
    if application.state == lifecycle.EXPIRED:
        raise overdue()
    if application.state in (lifecycle.CLOSED, lifecycle.WAITLISTED):
        raise Conflict(
            _l("The post was closed, and the offer with it."), how=_l("You stay on its waiting list and are told when it opens again."), code="wrong-state"
        )
