"""Pages of rounds: the zone steers, enterprises put posts in, colleges declare, students rank and read why."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, send_file, url_for

from consortium.applications import queries as applications
from consortium.matching import lottery
from consortium.positions import queries as positions
from consortium.proposals.wording import GROUPS, REQUESTS, UNFILLED
from consortium.reference import places
from consortium.rounds import lifecycle, queries, rules, service, wording
from consortium.rounds.forms import ApprovalForm, BearersForm, CalendarForm, LeaveForm, PostForm, RoundForm, TrialForm
from consortium.rounds.models import Round, RoundRun
from consortium.shared import clock, public_ids
from consortium.shared.access import COLLEGE, ENTERPRISE_OFFICE, PUBLIC, STUDENT, ZONE, Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Invalid, Malformed
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import joined, labelled, language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import write_csv
from consortium.shared.tasks import DONE, QUARANTINED
from consortium.students import queries as students
from consortium.web.forms import options, put
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("rounds", __name__)
pages.menu(_l("Rounds"), "index", icon="match", order=15, roles=STUDENT, when=queries.is_open_to)
pages.menu(_l("Rounds"), "index", icon="match", order=35, roles=ENTERPRISE_OFFICE, under=("applications.index",))
pages.menu(_l("Rounds"), "index", icon="match", order=45, roles=COLLEGE, under=("applications.index",))
pages.menu(_l("Rounds"), "index", icon="match", order=25, roles=ZONE, under=("proposals.runs",))

MOVES = ("add", "out", "up", "down", "first")


@pages.get("/rounds", ability="rounds.list")
def index() -> Any:
    """Rounds within reach."""
    listing = queries.listing(acting(), request.args.get("page", 1, int))
    return render_template("rounds/index.html", listing=listing, phase=queries.phase, phases=wording.PHASES, is_student=acting().role is Role.STUDENT)


@pages.get("/rounds/new", ability="rounds.write-form")
def new() -> Any:
    """A new round."""
    day = timedelta(days=1)
    start = clock.now().replace(minute=0, second=0, microsecond=0)
    usual = {"opens_at": start + 2 * day, "lists_close_at": start + 9 * day, "orders_close_at": start + 11 * day, "publish_at": start + 14 * day}
    return _form_page(RoundForm(formdata=None, data=usual), None)


@pages.post("/rounds", ability="rounds.write", creates=True)
def create() -> Any:
    """Keep it as a draft."""
    form = RoundForm().choose_from(queries.colleges_to_choose())
    if not form.validate():
        return _form_page(form, None), 422
    try:
        found = service.create(_told(form), by=acting())
    except Invalid as refused:
        return _form_page(_marked(form, refused), None), 422
    flash(_("Saved as a draft. Nobody else sees it until you announce it."), "ok")
    return _to(found)


@pages.get("/rounds/<uuid:id>", ability="rounds.read")
def show(id: uuid.UUID) -> Any:
    """One round, as each side sees it."""
    return _page(queries.reachable(acting(), id))


@pages.get("/rounds/<uuid:id>/edit", ability="rounds.write-form")
def edit_form(id: uuid.UUID) -> Any:
    """Change it."""
    found = queries.reachable(acting(), id)
    return _form_page(RoundForm(formdata=None, data=RoundForm.of(found)), found)


@pages.post("/rounds/<uuid:id>", ability="rounds.write")
def edit(id: uuid.UUID) -> Any:
    """Save; a stale form gets both versions."""
    found, form = queries.reachable(acting(), id), RoundForm().choose_from(queries.colleges_to_choose())
    if not form.validate():
        return _form_page(form, found), 422
    form.refuse_if_stale(found)
    try:
        service.edit(found, _told(form), by=acting())
    except Invalid as refused:
        return _form_page(_marked(form, refused), found), 422
    flash(_("Saved."), "ok")
    return _to(found)


@pages.post("/rounds/<uuid:id>/announcement", ability="rounds.steer")
def announce(id: uuid.UUID) -> Any:
    """Let everybody know, and commit to the lottery."""
    found = queries.reachable(acting(), id)
    service.announce(found, by=acting())
    flash(_("Announced. The lottery is committed to; enterprises can put posts in now."), "ok")
    return _to(found)


@pages.post("/rounds/<uuid:id>/freezing", ability="rounds.steer")
def freeze(id: uuid.UUID) -> Any:
    """Freeze lists and orders once both are closed; the clock does it too."""
    found = queries.reachable(acting(), id)
    service.freeze(found, by=acting())
    flash(_("Frozen. A first dry run has started."), "ok")
    return _to(found)


@pages.post("/rounds/<uuid:id>/trials", ability="rounds.steer")
def try_out(id: uuid.UUID) -> Any:
    """Make a dry run."""
    found, form = queries.reachable(acting(), id), TrialForm()
    if not form.validate():
        return _page(found, trial_form=form), 422
    try:
        service.try_out(found, form.scenarios.data or [], anew=bool(form.anew.data), by=acting())
    except Invalid as refused:
        put(form, refused)
        return _page(found, trial_form=form), 422
    flash(_("A dry run has started."), "ok")
    return _to(found)


@pages.get("/rounds/<uuid:id>/trial-progress", ability="rounds.verify")
def progress(id: uuid.UUID) -> Any:
    """For the page that waits."""
    found = queries.reachable(acting(), id)
    trial = next(iter(queries.trials(found)), None)
    ended = trial is None or trial.state in (DONE, QUARANTINED)
    return jsonify(total=1, done=int(ended), label=str(_("Dry run")), url=url_for("rounds.show", id=id) if ended else None)


@pages.post("/rounds/<uuid:id>/approval", ability="rounds.steer")
def approve(id: uuid.UUID) -> Any:
    """Choose what will be published at the instant."""
    found, form = queries.reachable(acting(), id), ApprovalForm()
    if not form.validate():
        return _page(found, approval=form), 422
    run = queries.run_of(found, _uuid(form.run.data))
    try:
        service.approve(found, run, publish_at=form.publish_at.data or clock.now(), reason=form.reason.data or "", by=acting())
    except Invalid as refused:
        put(form, refused)
        return _page(found, approval=form), 422
    flash(_("Settled. Nobody sees a result before the instant; you may still take it back until then."), "ok")
    return _to(found)


@pages.post("/rounds/<uuid:id>/reconsideration", ability="rounds.steer")
def reconsider(id: uuid.UUID) -> Any:
    """Take the choice back before its instant."""
    found = queries.reachable(acting(), id)
    service.reconsider(found, by=acting())
    flash(_("Taken back. Choose again."), "ok")
    return _to(found)


@pages.post("/rounds/<uuid:id>/cancellation", ability="rounds.steer")
def cancel(id: uuid.UUID) -> Any:
    """It will not take place."""
    found = queries.reachable(acting(), id)
    service.cancel(found, by=acting())
    flash(_("Cancelled. Everybody in it is told."), "ok")
    return _to(found)


@pages.post("/rounds/<uuid:id>/ending", ability="rounds.steer")
def end(id: uuid.UUID) -> Any:
    """Close the books."""
    found = queries.reachable(acting(), id)
    service.end(found, by=acting())
    flash(_("Closed. The record stays."), "ok")
    return _to(found)


@pages.post("/rounds/<uuid:id>/second-round", ability="rounds.steer", creates=True)
def second(id: uuid.UUID) -> Any:
    """A second round with what is open."""
    found, form = queries.reachable(acting(), id), CalendarForm()
    if not form.validate():
        return _page(found, second_form=form), 422
    try:
        other = service.second(found, form.instants(), by=acting())
    except Invalid as refused:
        put(form, refused)
        return _page(found, second_form=form), 422
    flash(_("The second round is a draft. Look at it, then announce it."), "ok")
    return _to(other)


@pages.get("/rounds/<uuid:id>/lottery", ability=PUBLIC)
def draw(id: uuid.UUID) -> Any:
    """The commitment, the recipe, and once results are out the seed: anybody can check."""
    found = queries.known(id)
    out = queries.is_out(found)
    seed, nonce = queries.seed_of(found) if out else (0, b"")
    kept = out and lottery.keeps(found.commitment, seed, nonce)
    return render_template("rounds/lottery.html", r=found, out=out, seed=seed, nonce=nonce.hex(), kept=kept, run=queries.chosen_run(found) if out else None)


# ── students ─────────────────────────────────────────────────────────────────────────────────────


@pages.post("/rounds/<uuid:id>/list", ability="rounds.rank")
def rank(id: uuid.UUID) -> Any:
    """One button of the list: add, move, take off, or hand in; each is saved at once."""
    actor, found = acting(), queries.reachable(acting(), id)
    student = students.student_of(actor)
    row = queries.list_of(found, student)
    mine = [choice.position_id for choice in row.choices] if row is not None else []
    step, _sign, key = request.form.get("move", "").partition(":")
    fill = bool(request.form.get("fill")) if "fill-shown" in request.form else bool(row and row.fill)
    if step in MOVES:
        number = positions.id_of(_uuid(key))
        mine = [*mine, number] if step == "add" and number is not None and number not in mine else rules.ranking(mine, step, number)
    hands_in = bool(request.form.get("hand-in"))
    try:
        (service.hand_in if hands_in else service.note)(found, student, mine, fill=fill, by=actor)
    except Invalid as refused:
        db.session.rollback()
        return _page(queries.reachable(actor, id), said=[one for said in refused.fields.values() for one in said]), 422
    if hands_in:
        flash(_("Handed in. You may change it or take it back until lists close."), "ok")
    return redirect(url_for("rounds.show", id=id, query=request.form.get("query") or None, page=request.form.get("page") or None) + ("#list" if step != "add" else "#posts"), 303)


@pages.post("/rounds/<uuid:id>/withdrawal", ability="rounds.rank")
def take_back(id: uuid.UUID) -> Any:
    """Leave the round, until lists close."""
    found = queries.reachable(acting(), id)
    service.take_back(found, students.student_of(acting()), by=acting())
    flash(_("Taken back: you take no part now. Your list is kept here, in case you change your mind."), "ok")
    return _to(found)


@pages.get("/rounds/<uuid:id>/result", ability="rounds.result")
def result(id: uuid.UUID) -> Any:
    """Why one's own result is as it is."""
    found, student = queries.reachable(acting(), id), students.student_of(acting())
    why = service.why(found, student)
    offer = applications.public_ids([why.result.application_id]).get(why.result.application_id) if why.result and why.result.application_id else None
    return render_template("rounds/result.html", r=found, why=why, offer=offer, truth=wording.TRUTH, until=queries.answer_until(found), run=queries.chosen_run(found) if queries.is_out(found) else None, second=_second_shown(found))


@pages.get("/rounds/<uuid:id>/demand", ability="rounds.read")
def demand(id: uuid.UUID) -> Any:
    """How many listed each post, and how many first: refreshed while a list is being made."""
    found = queries.reachable(acting(), id)
    there = queries.posts(found)
    wanted = queries.demand(found)
    return jsonify({str(one.position.public_id): _demand_said(wanted.get(one.position_id, queries.Demand()), one.places) for one in there})


# ── enterprises ──────────────────────────────────────────────────────────────────────────────────


@pages.post("/rounds/<uuid:id>/posts", ability="rounds.take-part")
def take_part(id: uuid.UUID) -> Any:
    """Put a post in, or change how it takes part."""
    actor, found = acting(), queries.reachable(acting(), id)
    form = _post_form(found, PostForm())
    if not form.validate():
        return _page(found, post_form=form), 422
    reserved = {one.code: _whole(request.form.get(f"seats-{one.code}", "")) for one in found.codes if one.kind == rules.RESERVED}
    try:
        service.take_part(
            found, positions.reachable(actor, _uuid(form.position.data)), places=form.places.data or 0, reserved=reserved, reserved_stay=bool(form.reserved_stay.data), by=actor
        )
    except Invalid as refused:
        db.session.rollback()
        said = dict(refused.fields)
        if "reserved" in said:
            said["places"] = [*said.get("places", []), *said.pop("reserved")]
        put(form, Invalid(said))
        return _page(queries.reachable(actor, id), post_form=form), 422
    flash(_("The post takes part. Students can rank it now."), "ok")
    return _to(found)


@pages.post("/rounds/<uuid:id>/post-withdrawals", ability="rounds.take-part")
def leave(id: uuid.UUID) -> Any:
    """Take a post out, with a reason."""
    actor, found, form = acting(), queries.reachable(acting(), id), LeaveForm()
    if not form.validate():
        return _page(found, said=[_("Choose a reason: students who listed the post are told that it left.")]), 422
    service.leave(queries.own_post(found, actor, _uuid(form.position.data)), by=actor, reason=form.reason.data)
    flash(_("The post has left the round. Students who listed it are told."), "ok")
    return _to(found)


@pages.get("/rounds/<uuid:id>/candidates", ability="rounds.candidates")
def candidates(id: uuid.UUID) -> Any:
    """Who listed a post, by pseudonym."""
    found = queries.reachable(acting(), id)
    return _candidates(found, request.args.get("post", ""))


@pages.post("/rounds/<uuid:id>/orders", ability="rounds.order")
def order(id: uuid.UUID) -> Any:
    """One button of the order of candidates: move, or mark as not acceptable; each is saved at once."""
    actor, found = acting(), queries.reachable(acting(), id)
    raw = request.form.get("post", "")
    mine = queries.posts(found, tenant_id=actor.tenant_id)
    post = next((one for one in mine if str(one.position.public_id) == raw), None)
    if post is None:
        return _candidates(found, "", said=[_("Choose one of your posts.")]), 422
    there = queries.candidates(post)
    ranked = [one.alias for one in there if one.place]
    refused = {one.alias: one.refused for one in there if one.refused}
    step, _sign, alias = request.form.get("move", "").partition(":")
    if step == "up" and alias not in ranked:
        refused.pop(alias, None)
        ranked.append(alias)
    elif step == "refuse":
        refused[alias] = request.form.get(f"why-{alias}", "")
        ranked = rules.ranking(ranked, "out", alias)
    elif step == "allow":
        refused.pop(alias, None)
    elif step in MOVES:
        ranked = rules.ranking(ranked, step, alias)
    try:
        service.order(post, ranked, refused, by=actor)
    except Invalid as wrong:
        db.session.rollback()
        return _candidates(queries.reachable(actor, id), raw, said=[one for said in wrong.fields.values() for one in said]), 422
    return redirect(url_for("rounds.candidates", id=id, post=raw) + "#order", 303)


# ── colleges ─────────────────────────────────────────────────────────────────────────────────────


@pages.post("/rounds/<uuid:id>/bearers", ability="rounds.bear")
def bear(id: uuid.UUID) -> Any:
    """Of whom a declaration holds."""
    found = queries.reachable(acting(), id)
    form = BearersForm()
    form.code.choices = options([(one.code, one.name) for one in found.codes])
    if not form.validate():
        return _page(found, bearers_form=form), 422
    strange = service.bear(found, form.code.data, (form.numbers.data or "").replace(",", "\n").splitlines(), by=acting())
    flash(_("Saved. The students see it."), "ok")
    if strange:
        flash(labelled(_("Not students of yours in this round, and left out"), joined(strange[:20])), "warn")
    return _to(found)


# ── results ──────────────────────────────────────────────────────────────────────────────────────


@pages.get("/rounds/<uuid:id>/results", ability="rounds.results")
def results(id: uuid.UUID) -> Any:
    """The report of the round, and the lines that each side may read; nothing before the instant."""
    actor, found = acting(), queries.reachable(acting(), id)
    if not queries.is_out(found):
        return render_template("rounds/waiting.html", r=found)
    listing = queries.results(found, actor, request.args.get("page", 1, int))
    firm = actor.tenant_kind is TenantKind.ENTERPRISE
    seed, _nonce = queries.seed_of(found)
    run = queries.chosen_run(found)
    assert run is not None
    if actor.tenant_kind is TenantKind.COLLEGE:
        service.looked_at(found, listing.rows, by=actor)
    return render_template(
        "rounds/results.html", r=found, run=run, listing=listing, firm=firm, college=actor.tenant_kind is TenantKind.COLLEGE,
        posts=service.why_posts(found, actor.tenant_id) if firm else [], alias=service.alias, score=wording.score, unfilled=UNFILLED, basis=_basis_said(found),
        offers=applications.public_ids([row.result.application_id for row in listing.rows if row.result.application_id]), number=lambda student: lottery.shown(seed, str(student.public_id)), **_report(run, found),
    )  # fmt: skip


@pages.get("/rounds/<uuid:id>/results/file", ability="rounds.export")
def export(id: uuid.UUID) -> Any:
    """The list as a file: the zone by lottery number, a college by name."""
    actor, found = acting(), queries.reachable(acting(), id)
    if not queries.is_out(found):
        return redirect(url_for("rounds.results", id=id), 303)
    rows = queries.every_result(found, actor)
    if actor.tenant_kind is TenantKind.COLLEGE:
        service.looked_at(found, rows, by=actor)
    data = write_csv(*service.exported(found, rows, named=actor.tenant_kind is TenantKind.COLLEGE))
    return send_file(io.BytesIO(data), mimetype="text/csv", as_attachment=True, download_name="round.csv")


# ── shared ───────────────────────────────────────────────────────────────────────────────────────


def _page(found: Round, **given: Any) -> str:
    actor = acting()
    about: dict[str, Any] = {"r": found, "phase": queries.phase(found), "phases": wording.PHASES, "said": given.get("said") or [], "out": queries.is_out(found), "until": queries.answer_until(found)}
    about |= {"cohort": wording.cohort_said(found.majors), "first": queries.first_of(found), "places": places, "second": _second_shown(found)}
    if actor.role in STUDENT:
        return render_template("rounds/student.html", **about, **_student(found))
    if actor.role in ENTERPRISE_OFFICE:
        return render_template("rounds/enterprise.html", **about, **_enterprise(found, given))
    if actor.role in ZONE:
        return render_template("rounds/zone.html", **about, **_zone(found, given))
    return render_template("rounds/college.html", **about, **_college(found, given))


def _student(found: Round) -> dict[str, Any]:
    student = students.student_of(acting())
    row = queries.list_of(found, student)
    mine = [choice.position_id for choice in row.choices] if row is not None else []
    query = request.args.get("query", "")[:80].strip()
    own, others = queries.options(found, student, mine, query=query, page=request.args.get("page", 1, int))
    return {
        "row": row, "own": own, "others": others, "query": query, "opens": queries.takes_lists(found), "demand_said": _demand_said, "rule_said": wording.rule_said,
        "codes": queries.codes_of(found, student), "number": queries.lottery_number(found, student), "truth": wording.TRUTH,
        "agreed": students.consent(student, "matching") is not None, "placed": applications.accepted_of(student.id, found.kind), "left_out": wording.LEFT_OUT,
    }  # fmt: skip


def _enterprise(found: Round, given: dict[str, Any]) -> dict[str, Any]:
    actor = acting()
    mine = queries.posts(found, tenant_id=actor.tenant_id, left=True)
    taking = [one for one in mine if one.state == lifecycle.TAKES_PART]
    form = given.get("post_form") or _post_form(found, PostForm(formdata=None))
    return {
        "mine": mine, "wanted": queries.demand(found, [one.position_id for one in mine]), "demand": queries.Demand(), "form": form, "leave": LeaveForm(formdata=None), "rooms": queries.rooms(found, taking),
        "takes_posts": queries.takes_posts(found), "takes_orders": queries.takes_orders(found), "reasons": wording.LEAVE_REASONS, "rule_title": wording.rule_title, "could_add": bool(queries.posts_to_add(found, actor)),
        "may_leave": found.state in (lifecycle.ANNOUNCED, lifecycle.FROZEN),
    }  # fmt: skip


def _college(found: Round, given: dict[str, Any]) -> dict[str, Any]:
    form = given.get("bearers_form") or BearersForm(formdata=None)
    form.code.choices = options([(one.code, one.name) for one in found.codes])
    return {"form": form, "n": queries.handed_in(found, acting()), "bearers": queries.bearers(found, acting()), "open": queries.takes_posts(found)}


def _zone(found: Round, given: dict[str, Any]) -> dict[str, Any]:
    tried = queries.trials(found)
    newest = next((one for one in tried if one.state == DONE), None)
    taken = queries.snapshot_of(newest) if newest else None
    frozen = queries.latest_frozen(found)
    runs = queries.runs_of(newest) if newest else []
    usual = rules.usual_scenarios([one.kind for one in found.codes])
    trial_form = given.get("trial_form") or TrialForm(formdata=None, data={"scenarios": list(usual)})
    approval = given.get("approval") or ApprovalForm(formdata=None, data={"publish_at": found.publish_at})
    next_day = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    second_form = given.get("second_form") or CalendarForm(
        formdata=None, data={"opens_at": next_day, "lists_close_at": next_day + timedelta(days=3), "orders_close_at": next_day + timedelta(days=4), "publish_at": next_day + timedelta(days=5)}
    )
    return {
        "trials": tried, "newest": newest, "taken": taken, "runs": runs, "changes": queries.changes_since(taken) if taken else None, "scenarios": wording.SCENARIOS,
        "figures": wording.FIGURES, "shares": wording.SHARES, "trial_form": trial_form, "approval": approval, "second_form": second_form,
        "choosable": bool(frozen and taken and frozen.id == taken.id), "under_way": bool(tried) and tried[0].state in ("queued", "running"), "n_lists": queries.handed_in(found),
        "posts": queries.posts(found), "steps": lifecycle.ROUND.open_to(found.state, acting().role), "chosen": queries.chosen_run(found), "unmet": _unmet(runs),
        "answers": _answers(found) if queries.is_out(found) else [], "stopped": bool(tried) and tried[0].state == QUARANTINED,
        "may_freeze": found.state == lifecycle.ANNOUNCED and clock.now() >= found.orders_close_at,
        "may_second": found.state in (lifecycle.PUBLISHED, lifecycle.ENDED) and clock.now() >= queries.answer_until(found) and found.first_id is None and queries.second_of(found) is None,
    }  # fmt: skip


def _unmet(runs: list[RoundRun]) -> list[tuple[str, str, int]]:
    """Requests that cannot be met as declared, each with what binds it."""
    first = next((run for run in runs if run.scenario == rules.DECLARED), runs[0] if runs else None)
    return [(str(REQUESTS[what]), wording.bound_said(bound), n) for what, bound, n in first.report["unmet"]] if first else []


def _answers(found: Round) -> list[tuple[str, int | None]]:
    return [(str(wording.ANSWERS.get(state, state)), rules.told(n)) for state, n in sorted(queries.answers(found).items(), key=lambda one: -one[1])]


def _report(run: RoundRun, found: Round) -> dict[str, Any]:
    profile = {place: rules.told(n) for place, n in run.report["choice_profile"].items()}
    return {
        "report": run.report, "profile": profile, "groups": GROUPS, "group_said": wording.group_said, "figures": wording.FIGURES, "shares": wording.SHARES,
        "scenario": wording.SCENARIOS[run.scenario][0], "answers": _answers(found),
    }  # fmt: skip


def _basis_said(found: Round) -> Any:
    names = {one.code: str(one.name) for one in found.codes}

    def said(basis: str) -> str:
        code = basis.partition(":")[2]
        return names.get(code, code)

    return said


def _demand_said(wanted: queries.Demand, n_places: int) -> str:
    return _("%(places)d places · on %(listed)s lists · first on %(first)s", places=n_places, listed=wanted.listed, first=wanted.first)


def _candidates(found: Round, raw: str, said: list[str] | None = None) -> str:
    actor = acting()
    mine = queries.posts(found, tenant_id=actor.tenant_id)
    post = next((one for one in mine if str(one.position.public_id) == raw), mine[0] if mine else None)
    there = queries.candidates(post) if post is not None else []
    service.looked_at_candidates(post, there, by=actor)
    return render_template(
        "rounds/candidates.html", r=found, mine=mine, post=post, there=there, said=said or [], open=queries.takes_orders(found), reasons=wording.REFUSE_REASONS, lang=language(),
        facts=service.candidate_facts,
    )  # fmt: skip


def _post_form(found: Round, form: PostForm) -> PostForm:
    actor = acting()
    there = queries.posts(found, tenant_id=actor.tenant_id)
    known = [(str(p.public_id), f"{p.title} · {p.seats.places - p.seats.taken}") for p in [*queries.posts_to_add(found, actor), *(one.position for one in there)]]
    form.position.choices = options([("", _l("Choose")), *known])
    return form


def _form_page(form: RoundForm, found: Round | None) -> str:
    form.choose_from(queries.colleges_to_choose())
    form.majors.names = dict(zip(form.majors.data or [], wording.cohort_said(form.majors.data or []), strict=True))
    return render_template("rounds/form.html", form=form, r=found, fixed=found is not None and found.state != lifecycle.DRAFT)


def _told(form: RoundForm) -> dict[str, Any]:
    chosen = set(form.colleges.data or [])
    return form.told() | {"colleges": [one.id for one in queries.colleges_to_choose() if str(one.public_id) in chosen]}


def _marked(form: RoundForm, refused: Invalid) -> RoundForm:
    db.session.rollback()
    said = {"priorities" if name == "codes" else name: words for name, words in refused.fields.items()}
    put(form, Invalid(said))
    return form


def _second_shown(found: Round) -> Round | None:
    other = queries.second_of(found)
    return other if other is not None and (other.state != lifecycle.DRAFT or acting().role in ZONE) else None


def _to(found: Round) -> Any:
    return redirect(url_for("rounds.show", id=found.public_id), 303)


def _whole(text: str) -> int:
    return int(text) if text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 5 else 0


def _uuid(text: str | None) -> uuid.UUID:
    found = public_ids.read(text)
    if found is None:
        raise Malformed(_l("This is no record of the round."), how=_l("Open the page again."))
    return found
