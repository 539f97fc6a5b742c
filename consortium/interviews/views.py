"""Pages of interviews: the list, one of them, an enterprise's times, and an entry for one's own calendar."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for

from consortium.applications import queries as applications
from consortium.applications.models import Application
from consortium.interviews import lifecycle, queries, rules, service, wording
from consortium.interviews.forms import AskForm, DeclineForm, ResultForm, SlotForm, SlotsForm
from consortium.interviews.lifecycle import INTERVIEW
from consortium.interviews.models import Interview, Slot
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.shared import clock, public_ids
from consortium.shared.access import ENTERPRISE_OFFICE, Role, TenantKind
from consortium.shared.errors import Invalid, Malformed
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import labelled, ngettext
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import put
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("interviews", __name__)
pages.menu(_l("Interviews"), "index", icon="apply", order=33, roles=ENTERPRISE_OFFICE, under=("applications.index",))

PAST = timedelta(days=30)  # of a post's times, what its page still shows


@pages.get("/interviews", ability="interviews.list")
def index() -> Any:
    """Interviews within reach: what is agreed on by time, then what waits."""
    actor = acting()
    asked = {name: request.args.get(name, "")[:80] for name in ("state", "position", "application")}
    listing = queries.listing(
        actor, request.args.get("page", 1, int), state=asked["state"], position=asked["position"], application=asked["application"]
    )
    for one in listing.rows:
        service.opened(one, by=actor)
    return render_template(
        "interviews/index.html", listing=listing, asked=asked, called=lambda one: applications.called(one.application, actor), is_student=actor.role is Role.STUDENT,
        is_firm=actor.tenant_kind is TenantKind.ENTERPRISE, results=wording.RESULTS,
    )  # fmt: skip


@pages.get("/applications/<uuid:id>/interviews", ability="interviews.read")
def of_application(id: uuid.UUID) -> Any:
    """The interviews of one application, for the page that asks for them once it stands."""
    actor = acting()
    found = queries.of_application(actor, id)
    if not request.args.get("part"):
        return redirect(url_for("interviews.index", application=id), 303)
    return render_template("interviews/short.html", found=found, next_step=_next_step(actor.role), is_student=actor.role is Role.STUDENT)


@pages.post("/interviews", ability="interviews.offer", creates=True)
def ask() -> Any:
    """Ask applicants to pick a time."""
    actor, form = acting(), AskForm()
    ids = [public_ids.named(one) for one in request.form.getlist("application")[:50]]
    chosen = applications.by_public_ids(actor, ids)
    if not chosen:
        flash(_("Nothing was chosen."), "warn")
        return redirect(_back(None), 303)
    if not form.validate():
        raise Malformed(_("The word to the other side is too long."), how=_("At most 500 characters."))
    outcome = service.ask(chosen, by=actor, note=form.note.data or "")
    n, k = len(outcome.done), len(outcome.skipped)
    if n:
        flash(ngettext("%(num)s applicant was asked to pick a time.", "%(num)s applicants were asked to pick a time.", n), "ok")
    if k:
        said = ngettext("%(num)s was skipped.", "%(num)s were skipped.", k)
        flash(said + " " + " ".join(labelled(who, why) for who, why in outcome.skipped), "warn")
    return redirect(_back(chosen[0]), 303)


@pages.get("/interviews/<uuid:id>", ability="interviews.read")
def show(id: uuid.UUID) -> Any:
    """One interview: when and where, who is next, and for the student the times to pick from."""
    interview = queries.reachable(acting(), id)
    service.opened(interview, by=acting())
    return _page(interview)


@pages.get("/interviews/<uuid:id>/calendar", ability="interviews.read")
def calendar(id: uuid.UUID) -> Any:
    """The agreed time as a file for one's own calendar."""
    told = queries.calendar(queries.reachable(acting(), id))
    return Response(told, mimetype="text/calendar", headers={"Content-Disposition": "attachment; filename=interview.ics"})


@pages.post("/interviews/<uuid:id>/booking", ability="interviews.pick")
def pick(id: uuid.UUID) -> Any:
    """Pick a time, or move to another."""
    actor = acting()
    interview = queries.reachable(actor, id)
    if not request.form.get("slot"):
        flash(_("Pick one of the times."), "stop")
        return _to(interview)
    slot = queries.slot_of_post(interview.application.position_id, public_ids.named(request.form["slot"]))
    service.pick(interview, slot, by=actor)
    flash(_("Agreed. The enterprise has been told."), "ok")
    return _to(interview)


@pages.post("/interviews/<uuid:id>/declination", ability="interviews.pick")
def decline(id: uuid.UUID) -> Any:
    """Want no interview."""
    actor = acting()
    interview, form = queries.reachable(actor, id), DeclineForm()
    if not form.validate():
        return _page(interview, decline=form), 422
    service.decline(interview, by=actor, reason=form.reason.data)
    flash(_("Declined. The other side has been told."), "ok")
    return _to(interview)


@pages.post("/interviews/<uuid:id>/cancellation", ability="interviews.offer")
def cancel(id: uuid.UUID) -> Any:
    """Call an interview off."""
    interview = queries.reachable(acting(), id)
    service.cancel(interview, by=acting())
    flash(_("Called off. The student has been told."), "ok")
    return _to(interview)


@pages.post("/interviews/<uuid:id>/result", ability="interviews.offer")
def conclude(id: uuid.UUID) -> Any:
    """Say what came of it."""
    interview, form = queries.reachable(acting(), id), ResultForm()
    if not form.validate():
        return _page(interview, result=form), 422
    service.conclude(interview, by=acting(), result=form.result.data)
    flash(_("Saved."), "ok")
    return _to(interview)


@pages.get("/positions/<uuid:id>/interview-times", ability="interviews.times")
def times(id: uuid.UUID) -> Any:
    """A post's times, who comes in them, and the form for more."""
    return _times(_own(id))


@pages.post("/positions/<uuid:id>/interview-times", ability="interviews.offer", creates=True)
def add_times(id: uuid.UUID) -> Any:
    """Offer more times."""
    position, form = _own(id), SlotsForm()
    if not form.validate():
        return _times(position, form), 422
    try:
        made = service.add_slots(position, form.values(), by=acting())
    except Invalid as refused:
        put(form, refused)
        return _times(position, form), 422
    flash(ngettext("%(num)s time is offered.", "%(num)s times are offered.", len(made)), "ok")
    return redirect(url_for("interviews.times", id=id), 303)


@pages.get("/interview-times/<uuid:id>", ability="interviews.times")
def time(id: uuid.UUID) -> Any:
    """One time, to be moved or taken back."""
    slot = queries.reachable_slot(acting(), id)
    return _slot_page(slot, SlotForm(formdata=None).show(slot))


@pages.post("/interview-times/<uuid:id>", ability="interviews.offer")
def edit_time(id: uuid.UUID) -> Any:
    """Move a time or its place."""
    slot, form = queries.reachable_slot(acting(), id), SlotForm()
    if not form.validate():
        return _slot_page(slot, form), 422
    form.refuse_if_stale(slot)
    try:
        told = service.edit_slot(slot, form.values(), by=acting())
    except Invalid as refused:
        put(form, refused)
        return _slot_page(slot, form), 422
    flash(_("Saved.") + " " + (ngettext("%(num)s student has been told.", "%(num)s students have been told.", told) if told else ""), "ok")
    return redirect(url_for("interviews.times", id=slot.position.public_id), 303)


@pages.post("/interview-times/<uuid:id>/cancellation", ability="interviews.offer")
def cancel_time(id: uuid.UUID) -> Any:
    """Take a time back."""
    slot = queries.reachable_slot(acting(), id)
    told = service.cancel_slot(slot, by=acting())
    flash(_("Taken back.") + " " + (ngettext("%(num)s student is asked to pick another time.", "%(num)s students are asked to pick another time.", told) if told else ""), "ok")
    return redirect(url_for("interviews.times", id=slot.position.public_id), 303)


def _own(id: uuid.UUID) -> Position:
    return positions.reachable(acting(), id)


def _page(interview: Interview, *, decline: DeclineForm | None = None, result: ResultForm | None = None) -> str:
    actor, application = acting(), interview.application
    is_student, is_firm = actor.role is Role.STUDENT, actor.tenant_kind is TenantKind.ENTERPRISE
    may_pick = is_student and interview.state in lifecycle.LIVE
    others = queries.booked_of_student(interview.student_id, beside=interview.id) if may_pick else []
    slot, now = interview.slot, clock.now()
    return render_template(
        "interviews/show.html", i=interview, a=application, p=application.position, slot=slot, is_student=is_student, is_firm=is_firm,
        called=applications.called(application, actor), shown=applications.revealed(application), steps=INTERVIEW.open_to(interview.state, actor.role),
        next_step=_next_step(actor.role)(interview.state), free=[(one, _clash(one, others)) for one in queries.free_slots(application.position_id)] if may_pick else [],
        clash=_clash(slot, others) if slot is not None and interview.state == lifecycle.BOOKED else None, late=slot is not None and not rules.may_pick(slot.starts_at, now), begun=slot is not None and slot.starts_at <= now,
        decline=decline or DeclineForm(formdata=None), result=result or ResultForm(formdata=None), results=wording.RESULTS, reasons=wording.REASONS,
    )  # fmt: skip


def _clash(slot: Slot, others: list[Interview]) -> Interview | None:
    return next((o for o in others if o.slot is not None and rules.overlap(slot.starts_at, slot.minutes, o.slot.starts_at, o.slot.minutes)), None)


def _times(position: Position, form: SlotsForm | None = None) -> str:
    slots, actor = queries.slots_of(position, since=clock.now() - PAST), acting()
    booked = queries.booked_in([one.id for one in slots])
    for one in (one for those in booked.values() for one in those):
        service.opened(one, by=actor)
    return render_template(
        "interviews/times.html", p=position, slots=slots, booked=booked, called=lambda one: applications.called(one.application, actor), now=clock.now(),
        form=form or SlotsForm(formdata=None), n_waiting=queries.n_waiting(position.id),
    )  # fmt: skip


def _slot_page(slot: Slot, form: SlotForm) -> str:
    booked = queries.booked_in([slot.id]).get(slot.id, [])
    return render_template("interviews/time.html", slot=slot, p=slot.position, form=form, n_booked=len(booked), gone=slot.cancelled_at is not None or slot.starts_at <= clock.now())


def _next_step(role: Role) -> Any:
    words = wording.NEXT_FOR_STUDENT if role is Role.STUDENT else wording.NEXT_FOR_ENTERPRISE
    return lambda state: str(words[state])


def _to(interview: Interview) -> Any:
    return redirect(url_for("interviews.show", id=interview.public_id), 303)


def _back(application: Application | None) -> str:
    if request.form.get("back") == "board":
        return url_for("applications.board", position=request.form.get("position") or None)
    if request.form.get("back") == "application" and application is not None:
        return url_for("applications.show", id=application.public_id)
    return url_for("applications.index", state=request.form.get("state") or None, position=request.form.get("position") or None)