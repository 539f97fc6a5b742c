"""Pages of applications: the student's, the enterprise's, the college's."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qs

from flask import flash, redirect, render_template, request, url_for

from consortium.applications import queries, rules, service, wording
from consortium.applications.forms import AskForm, CandidateNoteForm, DeclineForm, NoteForm, RuleForm
from consortium.applications.lifecycle import (
    ACCEPTED,
    APPLICATION,
    AWAITS_STUDENT,
    DECLINED,
    LIVE,
    OFFERED,
    OPEN,
    WAITLISTED,
)
from consortium.applications.models import Application, ApplicationStep
from consortium.applications.queries import enterprise as read
from consortium.positions import queries as positions
from consortium.reference import majors, places
from consortium.shared import clock, public_ids
from consortium.shared.access import COLLEGE, ENTERPRISE_OFFICE, STUDENT, Role, TenantKind
from consortium.shared.errors import Malformed, NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import joined, labelled, language, ngettext
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("applications", __name__)
LIST_STATE = ("page", "college", "major_class", "certificate", "place", "band", "zone", "show")
"""What the address of a list of candidates says of it."""
KINDS = ("internship", "job")
pages.menu(_l("Applications"), "index", icon="apply", order=20, roles=STUDENT, count=queries.waiting_for)
pages.menu(_l("Applications"), "index", icon="apply", order=30, roles=ENTERPRISE_OFFICE, count=queries.waiting_for)
pages.menu(_l("Applications"), "index", icon="apply", order=40, roles=COLLEGE)


@pages.get("/applications", ability="applications.list")
def index() -> Any:
    """Applications within reach: cards for a student, a board for an enterprise, a list for a college."""
    actor = acting()
    asked = {name: request.args.get(name, "")[:80] for name in ("state", "position", "query")}
    listing = queries.listing(
        actor, request.args.get("page", 1, int), state=asked["state"], position=asked["position"], query=asked["query"]
    )
    about: dict[str, Any] = {"listing": listing, "asked": asked, "counts": queries.counts(actor, asked["position"]), "majors": majors, "places": places}
    about |= {"hours_left": _hours_left, "lang": language(), "awaits_student": AWAITS_STUDENT, "open_states": OPEN}
    if actor.role is Role.STUDENT:
        return render_template("applications/student.html", seen=queries.seen(listing.rows), next_step=wording.next_step, **about)
    for one in listing.rows:
        service.opened(one, by=actor, page=False)
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        return render_template(
            "applications/enterprise.html", posts=queries.posts_with_applications(actor), reasons=rules.ENTERPRISE_REASONS, reason=wording.reason,
            hours=rules.HOURS_TO_ANSWER, choosable=APPLICATION.steps["offer"].sources,
            called=lambda one: queries.called(one, actor), reveals=queries.revealed, also=read.elsewhere(listing.rows, actor), alias=queries.alias,
            paused=read.paused_of(actor), **about,
        )  # fmt: skip
    return render_template("applications/college.html", seen=queries.seen(listing.rows), **about)


@pages.get("/applications/new", ability="applications.apply-form")
def new() -> Any:
    """Before applying: what will be shown to whom."""
    actor = acting()
    position = positions.reachable(actor, public_ids.named(request.args.get("position", "")))
    student = students.student_of(actor)
    found = queries.between(student.id, position.id)
    if found is not None and found.state not in APPLICATION.steps["apply"].sources:
        return redirect(url_for("applications.show", id=found.public_id), 303)
    stopping = queries.stopping_rules(student, position, by_student=True)
    return render_template(
        "applications/new.html", p=position, form=NoteForm(), places=places, stopped=wording.rule_words(stopping) if stopping else "",
        full=position.seats.taken >= position.seats.places,
    )  # fmt: skip


@pages.post("/applications", ability="applications.apply", creates=True)
def apply() -> Any:
    """Apply for a post."""
    actor = acting()
    position = positions.reachable(actor, public_ids.named(request.form.get("position", "")))
    form = NoteForm()
    if not form.validate():
        raise Malformed(_l("The word to the other side is too long."), how=_l("At most 500 characters."))
    application = service.apply(students.student_of(actor), position, by=actor, note=form.note.data or "")
    flash(_("You have applied. The enterprise sees your profile without name and contact."), "ok")
    return _to(application)


@pages.get("/applications/<uuid:id>", ability="applications.read")
def show(id: uuid.UUID) -> Any:
    """One application: where it stands, who did what, who is next."""
    actor = acting()
    application = queries.reachable(actor, id)
    service.opened(application, by=actor)
    return _page(application)


@pages.post("/applications/<uuid:id>/acceptance", ability="applications.answer")
def accept(id: uuid.UUID) -> Any:
    """Accept an offer."""
    application = queries.reachable(acting(), id)
    others = service.accept(application, by=acting())
    said = _("Accepted. Your agreement is drafted.")
    if others:
        n = len(others)
        said += " " + ngettext("%(num)s other application was withdrawn.", "%(num)s other applications were withdrawn.", n)
    flash(said, "ok")
    return _to(application)


@pages.post("/applications/<uuid:id>/taking-back", ability="applications.answer")
def take_back(id: uuid.UUID) -> Any:
    """Take an acceptance back, as long as the college's rule allows."""
    application = queries.reachable(acting(), id)
    service.take_back(application, by=acting(), note=request.form.get("note", "")[:500])
    flash(_("Taken back. The place is free again; what your acceptance had ended does not come back by itself."), "ok")
    return _to(application)


@pages.post("/waiting-lists", ability="applications.apply", creates=True)
def wait() -> Any:
    """Join the waiting list of a full or closed post."""
    actor = acting()
    position = positions.reachable(actor, public_ids.named(request.form.get("position", "")))
    application = service.wait(students.student_of(actor), position, by=actor)
    flash(_("You are on the waiting list. You are told when a place becomes free."), "ok")
    return _to(application)


@pages.get("/acceptance-rules", ability="applications.rules")
def acceptance_rules() -> Any:
    """What the college's students bind themselves to by accepting."""
    return _rules_page()


@pages.post("/acceptance-rules/<kind>", ability="applications.edit-rules")
def save_rule(kind: str) -> Any:
    """Change it for one kind of offer."""
    if kind not in KINDS:
        raise NotFound
    form = RuleForm(prefix=kind)
    if not form.validate():
        return _rules_page(**{kind: form}), 422
    service.save_rule(acting(), kind, form.values(), form.version.data)
    flash(_("Saved. It holds for acceptances from now on; students read it before they accept."), "ok")
    return redirect(url_for("applications.acceptance_rules"), 303)


@pages.post("/applications/<uuid:id>/declination", ability="applications.decline")
def decline(id: uuid.UUID) -> Any:
    """Say no, with a reason."""
    actor = acting()
    application = queries.reachable(actor, id)
    form = DeclineForm().of(student=actor.role is Role.STUDENT)
    if not form.validate():
        return _page(application, decline=form), 422
    service.decline(application, by=actor, reason=form.reason.data, note=form.note.data or "")
    flash(_("Declined. The other side has been told."), "ok")
    return _to(application)


@pages.post("/applications/<uuid:id>/withdrawal", ability="applications.answer")
def withdraw(id: uuid.UUID) -> Any:
    """Take an application back."""
    application = queries.reachable(acting(), id)
    service.withdraw(application, by=acting(), note=request.form.get("note", "")[:500])
    flash(_("Withdrawn. The enterprise no longer sees your profile."), "ok")
    return _to(application)


@pages.post("/applications/<uuid:id>/agreement-to-invitation", ability="applications.answer")
def agree(id: uuid.UUID) -> Any:
    """Agree to an invitation and be named."""
    application = queries.reachable(acting(), id)
    service.agree_to_invitation(application, by=acting())
    flash(_("Agreed. The enterprise now sees your name and profile."), "ok")
    return _to(application)


@pages.post("/applications/<uuid:id>/offer", ability="applications.offer")
def offer(id: uuid.UUID) -> Any:
    """Offer the place to an applicant."""
    return _ask("offer", id)


@pages.post("/applications/<uuid:id>/invitation", ability="applications.offer")
def invite_applicant(id: uuid.UUID) -> Any:
    """Ask an applicant to be named."""
    return _ask("invite", id)


@pages.post("/positions/<uuid:id>/invitations", ability="applications.offer", creates=True)
def invite(id: uuid.UUID) -> Any:
    """Invite candidates of the anonymous list."""
    return _ask_candidates("invite", id)


@pages.post("/positions/<uuid:id>/offers", ability="applications.offer", creates=True)
def offer_candidates(id: uuid.UUID) -> Any:
    """Offer a place to candidates of the anonymous list."""
    return _ask_candidates("offer", id)


@pages.post("/applications/batch", ability="applications.offer", creates=True)
def batch() -> Any:
    """One step for several applications of one's own posts."""
    actor, step = acting(), request.form.get("step", "")
    chosen = queries.by_public_ids(actor, [public_ids.named(one) for one in request.form.getlist("application")[: rules.MOST_AT_ONCE]])
    if not chosen:
        flash(_("Nothing was chosen."), "warn")
        return redirect(_back(), 303)
    if step == "turn_down":
        form = DeclineForm().of(student=False)
        if not form.validate():
            flash(_("Choose a reason to turn applications down."), "stop")
            return redirect(_back(), 303)
        _tell(step, service.turn_down_many(chosen, by=actor, reason=form.reason.data, note=form.note.data or ""))
    elif step in ("offer", "invite"):
        ask = AskForm()
        hours = ask.stands() if ask.validate() else rules.HOURS_TO_ANSWER
        _tell(step, service.ask_applicants(step, chosen, by=actor, hours=hours, note=ask.note.data or ""))
    else:
        raise Malformed
    return redirect(_back(), 303)


def _ask(step: str, id: uuid.UUID) -> Any:
    actor = acting()
    application, form = queries.reachable(actor, id), AskForm()
    if not form.validate():
        return _page(application, ask=form), 422
    use = service.offer if step == "offer" else service.invite
    use(application.student, application.position, by=actor, hours=form.stands(), note=form.note.data or "")
    flash(_("The offer is out.") if step == "offer" else _("The invitation is out."), "ok")
    return _to(application)


def _ask_candidates(step: str, id: uuid.UUID) -> Any:
    actor = acting()
    position, form = positions.reachable(actor, id), AskForm()
    names = request.form.getlist("candidate")
    if not names:
        flash(_("Nobody was chosen."), "warn")
        return redirect(_list_of(id), 303)
    hours = form.stands() if form.validate() else rules.HOURS_TO_ANSWER
    _tell(step, service.ask_many(step, position, queries.candidates(position, names), by=actor, hours=hours, note=form.note.data or ""))
    return redirect(_list_of(id), 303)


def _list_of(id: uuid.UUID) -> str:
    """The list of candidates, filtered as it was."""
    told = parse_qs(request.form.get("list", "")[:500])
    kept: dict[str, Any] = {name: told[name][0] for name in LIST_STATE if name in told}
    return url_for("proposals.candidates", id=id, **kept)


def _tell(step: str, outcome: service.Outcome) -> None:
    n = len(outcome.done)
    if n:
        done = {
            "invite": ngettext("%(num)s invitation is out.", "%(num)s invitations are out.", n),
            "offer": ngettext("%(num)s offer is out.", "%(num)s offers are out.", n),
            "turn_down": ngettext("%(num)s was turned down.", "%(num)s were turned down.", n),
        }
        flash(done[step], "ok")
    if outcome.skipped:
        tell_skipped(n, outcome.skipped)


def tell_skipped(n_done: int, skipped: list[tuple[str, Any]]) -> None:
    """A part went through: how many did, how many did not, and who and why of the latter."""
    k = len(skipped)
    said = _("%(done)s done, %(skipped)s skipped:", done=n_done, skipped=k)
    flash(said + " " + joined((labelled(who, why) for who, why in skipped), "; "), "warn")


def may_reopen(application: Application) -> bool:
    """Whether the refusal that ended it is fresh, so that the enterprise is offered to take it back."""
    last = queries.last_step(application, "turn_down")
    return application.state == DECLINED and last is not None and rules.may_reopen(last.created_at, clock.now())


def _page(application: Application, *, decline: DeclineForm | None = None, ask: AskForm | None = None, note: CandidateNoteForm | None = None) -> str:
    actor = acting()
    is_student, is_firm = actor.role is Role.STUDENT, actor.tenant_kind is TenantKind.ENTERPRISE
    shown = queries.revealed(application) if is_firm else rules.Reveals(True, True, True)
    others = service.closed_by_acceptance(application) if is_student and application.state == OFFERED else []
    seen_at = queries.seen_at(application)
    steps = APPLICATION.open_to(application.state, actor.role)
    if application.state == ACCEPTED and (application.back_until_at is None or application.back_until_at <= clock.now()):
        steps = [one for one in steps if one != "take_back"]
    colleagues = read.who_of([application], actor.tenant_id) if is_firm else {}
    own: dict[str, Any] = {"notes": [], "also": [], "note_form": None, "may_reopen": False}
    if is_firm:
        own["notes"] = read.notes_of(actor, application.position_id, [application.student_id]).get(application.student_id, [])
        own["also"] = read.elsewhere([application], actor).get(application.id, [])
        own["note_form"] = note or CandidateNoteForm(formdata=None)
        own["may_reopen"] = may_reopen(application)
    own["may_meet"] = is_firm and queries.may_meet(application)
    return render_template(
        "applications/show.html", a=application, p=application.position, s=application.student, is_student=is_student, is_firm=is_firm, shown=shown,
        opened=queries.revealed(application), called=queries.called(application, actor), others=others,
        told=lambda part: not is_firm or queries.told(application, part), steps=steps, terms=queries.terms_of(application.college_tenant_id, application.kind), line=queries.place_in_line(application),
        spoken_of=_outcome(application) if is_student else "", now=clock.now(), events=_timeline(application, seen_at, colleagues), stage=_stage(application, seen_at),
        next_step=wording.next_step(application.state, to="student" if is_student else "enterprise" if is_firm else "college"), hours_left=_hours_left(application), majors=majors, places=places,
        decline=decline or DeclineForm(formdata=None).of(student=is_student), ask=ask or AskForm(formdata=None), lang=language(),
        full=application.state in OPEN and application.position.seats.taken >= application.position.seats.places, asked_wrong=decline or ask, parts_of=rules.PARTS,
        field_words=wording.FIELDS, **own,
    )  # fmt: skip


def _timeline(application: Application, seen_at: Any, colleagues: dict[int, str]) -> list[dict[str, Any]]:
    called = queries.called(application, acting())
    events = [
        {"at": one.created_at, "what": wording.step(one.step), "who": _who(one, application, called, colleagues), "note": _said(one)} for one in application.steps
    ]
    if seen_at is not None and application.begun_by == "student":
        events.append({"at": seen_at, "what": wording.step("seen"), "who": str(application.position.tenant.name), "note": ""})
    return sorted(events, key=lambda one: one["at"])


def _who(one: ApplicationStep, application: Application, called: str, colleagues: dict[int, str]) -> str:
    if one.by_membership_id in colleagues:
        return colleagues[one.by_membership_id]
    if one.by_role == Role.STUDENT.value:
        return _("you") if acting().role is Role.STUDENT else called
    return str(application.position.tenant.name) if one.by_role else _("the system")


def _said(one: ApplicationStep) -> str:
    return " · ".join(part for part in (wording.reason(one.reason) if one.reason else "", one.note) if part)


def _stage(application: Application, seen_at: Any) -> tuple[list[tuple[str, Any]], int]:
    """Names of the line from first to last, each with its instant once it was reached, and where it stands (0: ended)."""

    def at(step: str) -> Any:
        found = queries.last_step(application, step)
        return found.created_at if found is not None else None

    invited = at("invite")
    if application.begun_by == "student":
        told = [("applied", _("Applied"), at("apply")), ("seen", _("Seen by the enterprise"), seen_at)]
        told += [("invited", _("Invited"), invited)] if invited else []
    else:
        told = [("invited", _("Invited"), invited), ("agreed", _("Agreed"), at("agree"))] if invited else []
    told += [("offered", _("Offer"), at("offer")), ("accepted", _("Accepted"), at("accept"))]
    if application.state == WAITLISTED:
        told = [("waitlisted", _("On the waiting list"), application.waits_since_at), *told[-2:]]
    names = [key for key, _word, _at in told]
    here = {"applied": "seen" if seen_at else "applied", "agreed": "agreed" if "agreed" in names else "invited"}.get(application.state, application.state)
    place = names.index(here) + 1 if here in names else 0
    left = _hours_left(application)
    if here == OFFERED and left is not None:
        told = [(key, ngettext("Offer (%(num)s hour left)", "Offer (%(num)s hours left)", left) if key == OFFERED else word, at) for key, word, at in told]
    return [(word, instant if turn <= place else None) for turn, (_key, word, instant) in enumerate(told, 1)], place


def _outcome(application: Application) -> str:
    """Why it has ended, in a sentence to the student."""
    last = application.steps[-1] if application.steps else None
    return wording.ended(last.step, last.reason) if last is not None and application.state not in (*LIVE, ACCEPTED) else ""


def _rules_page(**wrong: RuleForm) -> str:
    rows, forms = queries.rule_rows(acting()), {}
    for kind in KINDS:
        row = rows.get(kind)
        forms[kind] = wrong.get(kind) or RuleForm(
            formdata=None, prefix=kind, obj=row, data=None if row else {"closes_other_kind": False, "back_hours": rules.BACK_HOURS}
        )  # fmt: skip
    return render_template("applications/rules.html", forms=forms, rows=rows, may_edit=acting().can("applications.edit-rules"))


def _hours_left(application: Application) -> int | None:
    return rules.hours_left(application.answer_by, clock.now()) if application.state in AWAITS_STUDENT else None


def _to(application: Application) -> Any:
    return redirect(url_for("applications.show", id=application.public_id), 303)


def _back() -> str:
    if request.form.get("back") == "board":
        return url_for("applications.board", position=request.form.get("position") or None)
    return url_for("applications.index", state=request.form.get("state") or None, position=request.form.get("position") or None)


from consortium.applications.views import enterprise  # noqa: E402, F401  (the enterprise's own pages join this blueprint)
