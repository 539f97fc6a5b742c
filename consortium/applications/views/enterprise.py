"""Pages of an enterprise's own: the board of stages, candidates that do not suit, notes, what is shown at which step, its record."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from consortium.applications import queries, rules, wording
from consortium.applications.forms import CandidateNoteForm, DeclineForm
from consortium.applications.lifecycle import APPLICATION
from consortium.applications.queries import enterprise as read
from consortium.applications.service import enterprise as service
from consortium.applications.service import opened
from consortium.applications.views import _list_of, _page, _timeline, may_reopen, pages, tell_skipped
from consortium.organisations import queries as organisations
from consortium.positions import queries as positions
from consortium.reference import majors
from consortium.shared import public_ids
from consortium.shared.access import ENTERPRISE_OFFICE, Actor, TenantKind
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language, ngettext
from consortium.web.gate import acting


@pages.get("/applications/board", ability="applications.board")
def board() -> Any:
    """Every application by its stage, of one post or of all, to be moved on by buttons."""
    actor = acting()
    wanted = request.args.get("position", "")
    position = positions.reachable(actor, public_ids.named(wanted)) if wanted else None
    columns = read.board(actor, position)
    cards = [one for column in columns for one in column.cards]
    for one in cards:
        opened(one, by=actor, page=False)
    colleagues = read.who_of(cards, actor.tenant_id)
    return render_template(
        "applications/board.html", columns=columns, position=position, posts=read.own_posts(actor), called=lambda one: queries.called(one, actor),
        alias=queries.alias, reveals=queries.revealed, also=read.elsewhere(cards, actor), history=lambda one: _timeline(one, None, colleagues),
        steps=lambda one: APPLICATION.open_to(one.state, actor.role), reasons=rules.ENTERPRISE_REASONS, reason=wording.reason, most=read.CARDS,
        main=rules.BOARD, fresh=may_reopen, may_meet=queries.may_meet, majors=majors, lang=language(), paused=[p for p in read.paused_of(actor) if position is None or p.position.id == position.id],
    )  # fmt: skip


@pages.post("/positions/<uuid:id>/refusals", ability="applications.offer", creates=True)
def pass_over(id: uuid.UUID) -> Any:
    """Candidates of the anonymous list that do not suit, with one reason."""
    actor = acting()
    position, form = positions.reachable(actor, id), DeclineForm().of(student=False)
    names = request.form.getlist("candidate")[: rules.MOST_AT_ONCE]
    if not names:
        flash(_("Nobody was chosen."), "warn")
    elif not form.validate():
        flash(_("Choose a reason why they do not suit."), "stop")
    else:
        done, skipped = service.pass_over(position, queries.candidates(position, names), by=actor, reason=form.reason.data)
        if done:
            flash(ngettext("%(num)s candidate was put aside.", "%(num)s candidates were put aside.", len(done)) + " " + _("You can take that back below."), "ok")
        if skipped:
            tell_skipped(len(done), skipped)
    return redirect(_list_of(id), 303)


@pages.post("/positions/<uuid:id>/refusals/reversal", ability="applications.offer")
def reconsider(id: uuid.UUID) -> Any:
    """Take candidates up again who were put aside."""
    actor = acting()
    position = positions.reachable(actor, id)
    names = request.form.getlist("candidate")[: rules.MOST_AT_ONCE]
    done = service.reconsider(position, queries.candidates(position, names), by=actor)
    flash(ngettext("%(num)s candidate is in the list again.", "%(num)s candidates are in the list again.", len(done)) if done else _("Nobody was chosen."), "ok" if done else "warn")
    return redirect(_list_of(id), 303)


@pages.post("/applications/<uuid:id>/reversal", ability="applications.offer")
def reopen(id: uuid.UUID) -> Any:
    """Take a refusal of one's own back, soon after."""
    application = queries.reachable(acting(), id)
    service.reopen(application, by=acting())
    flash(_("Taken back. The student has been told nothing."), "ok")
    return redirect(url_for("applications.board", position=request.form.get("position") or None) if request.form.get("back") == "board" else url_for("applications.show", id=id), 303)


@pages.post("/applications/<uuid:id>/notes", ability="applications.note", creates=True)
def add_note(id: uuid.UUID) -> Any:
    """Write something down about an applicant."""
    application, form = queries.reachable(acting(), id), CandidateNoteForm()
    if not form.validate():
        return _page(application, note=form), 422
    service.add_note(application.position, application.student, form.text.data, by=acting())
    flash(_("Noted. Only your enterprise reads it."), "ok")
    return redirect(url_for("applications.show", id=id), 303)


@pages.get("/positions/<uuid:id>/notes", ability="applications.read-notes")
def candidate_notes(id: uuid.UUID) -> Any:
    """The enterprise's notes about everybody it thought of for a post."""
    position = positions.reachable(acting(), id)
    notes = read.notes_of_post(acting(), position)
    for _called, application, _rows in notes:
        if application is not None:
            opened(application, by=acting(), page=False)
    return render_template("applications/notes.html", p=position, notes=notes)


@pages.post("/positions/<uuid:id>/notes", ability="applications.note", creates=True)
def note_candidate(id: uuid.UUID) -> Any:
    """Write something down about a candidate of the anonymous list."""
    position, form = positions.reachable(acting(), id), CandidateNoteForm()
    known = queries.candidates(position, [request.form.get("who", "")])
    student = known[0][1] if known else None
    if student is None or not form.validate():
        flash(_("No longer among the candidates.") if student is None else _("A note has words, at most 1,000 characters."), "stop")
    else:
        service.add_note(position, student, form.text.data, by=acting())
        flash(_("Noted. Only your enterprise reads it."), "ok")
    return redirect(_list_of(id), 303)


@pages.post("/candidate-notes/<uuid:id>/removal", ability="applications.note")
def remove_note(id: uuid.UUID) -> Any:
    """Take a note away for good."""
    service.remove_note(read.reachable_note(acting(), id), by=acting())
    flash(_("The note is gone."), "ok")
    return redirect(_there(), 303)


@pages.get("/what-is-shown", ability="applications.shown")
def what_is_shown() -> Any:
    """The table of steps: what an enterprise sees of a student at each of them."""
    return render_template("applications/shown.html", table=rules.table(), stages=wording.STAGES, parts=rules.PARTS, words=wording.FIELDS, is_firm=acting().tenant_kind is TenantKind.ENTERPRISE)


@pages.get("/positions/<uuid:id>/employer-record", ability="applications.record")
def record(id: uuid.UUID) -> Any:
    """How the enterprise of a post dealt with students, beside the post."""
    position = positions.reachable(acting(), id)
    return render_template("applications/record_part.html" if request.args.get("part") else "applications/record.html", record=read.record_of(position.tenant_id), name=position.tenant.name, p=position, few=rules.FEW, days=rules.ANSWER_WITHIN.days)


@pages.get("/employer-records", ability="applications.records")
def records() -> Any:
    """An enterprise's own record; for the zone those of all."""
    actor = acting()
    about: dict[str, Any] = {"few": rules.FEW, "days": rules.ANSWER_WITHIN.days}
    if actor.role in ENTERPRISE_OFFICE:
        return render_template("applications/own_record.html", record=read.record_of(actor.tenant_id), warn=rules.WARN_AFTER.days, pause=rules.PAUSE_AFTER.days, paused=read.paused_of(actor), **about)
    return render_template("applications/records.html", **_all(actor), **about)


def _all(actor: Actor) -> dict[str, Any]:
    asked = {"query": request.args.get("query", "")[:80]}
    listing = organisations.listing(actor, request.args.get("page", 1, int), asked["query"], size=30)
    return {"listing": listing, "asked": asked, "records": read.records_of([one.tenant_id for one in listing.rows])}


def _there() -> str:
    """Back to the application, or the list, on whose page the note stood."""
    wanted = request.form.get("application") or request.form.get("position") or ""
    try:
        number = uuid.UUID(wanted)
    except ValueError:
        return url_for("applications.index")
    return url_for("applications.show", id=number) if request.form.get("application") else _list_of(number)


