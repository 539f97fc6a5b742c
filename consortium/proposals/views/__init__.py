"""Pages of a student's matches, an enterprise's candidates, live supply, the zone's runs, and what is learnt from choices."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import flash, jsonify, redirect, render_template, request, url_for

from consortium.matching import learning
from consortium.matching.calibration import LEAST_OFFERS, Bands
from consortium.matching.vocabulary import FAMILIES, WEIGHTS
from consortium.matching.whatif import Supply
from consortium.organisations import queries as organisations
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries, service, snapshot
from consortium.proposals.forms import ChoiceForm
from consortium.proposals.models import Run
from consortium.proposals.rules import Sieve, told_report
from consortium.proposals.views import own
from consortium.proposals.views.blueprint import pages
from consortium.proposals.wording import (
    ADD_URLS,
    BANDS,
    CHANGED,
    EXPOSURES,
    FAMILY_WORDS,
    FEW,
    GROUPS,
    HIDE_REASONS,
    LEVELS,
    PHASES,
    REFUSAL_REASONS,
    REQUESTS,
    UNFILLED,
    VERDICTS,
    bound_said,
    few,
    group_said,
    item_words,
    looser,
    stage_of,
    stand_lines,
    wider,
)
from consortium.proposals.wording.own import DOUBTS, weighable
from consortium.reference import majors, occupations, places
from consortium.shared import clock
from consortium.shared.errors import Malformed
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.tasks import DONE, QUARANTINED
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students import rules as students_rules
from consortium.students.wording import MISSING
from consortium.web.gate import acting

__all__ = ["own", "pages"]

SHOWN = 10
CANDIDATES_A_PAGE = 20
SUGGESTIONS = 3
SIEVE = ("college", "major_class", "certificate", "place", "band", "zone", "show")
UNDO_WITHIN = timedelta(minutes=10)
MOST_OPENINGS, MOST_GAPS, MOST_MARGINS = 12, 8, 8


@pages.get("/matches", ability="proposals.matches")
def matches() -> Any:
    """The student's best posts, with why and what speaks against; what she saved, and what she hid."""
    student = students.student_of(acting())
    show = request.args.get("show", "")
    chosen, hidden, own = queries.choices_of_student(student.id), queries.hidden_of(student.id), queries.leanings_of(student.id)
    found = queries.matches_of_student(student)
    if show == "hidden":
        return render_template("proposals/hidden.html", posts=[(p, hidden[p.id]) for p in _in_order(hidden)], show=show, reasons=HIDE_REASONS, places=places)
    kept = [m for m in found if ("saved" in chosen.get(m.position_id, ()) if show == "saved" else m.position_id not in hidden)]
    shown = kept if request.args.get("all") or own else kept[:SHOWN]
    posts = positions.by_ids(m.position_id for m in shown)
    views = service.explained_all([(student, posts[m.position_id], m) for m in shown], own)
    rows = list(zip(shown, views, strict=True))
    if own:  # by her own weights; ties stay in the order of the run
        rows = sorted(rows, key=lambda row: -(row[1].points or 0))[: None if request.args.get("all") else SHOWN]
    cards = [(posts[m.position_id], m, view, chosen.get(m.position_id, set())) for m, view in rows]
    return render_template(
        "proposals/matches.html", cards=cards, stage_of=stage_of, consents=queries.consenting(student.id), latest=queries.latest_run(), show=show, places=places,
        n_found=len(kept), own=own, asked=queries.asked_counts(posts), told=few, n_hidden=len(hidden), student=student,
        undone=next((p for p in _in_order(hidden) if str(p.public_id) == request.args.get("hidden")), None),
    )  # fmt: skip


def _in_order(hidden: dict[int, str]) -> list[Position]:
    posts = positions.by_ids(hidden)
    return [posts[number] for number in hidden if number in posts]


@pages.get("/matches/<uuid:id>", ability="proposals.matches")
def match(id: uuid.UUID) -> Any:
    """One post for this student: why, why not, what is missing."""
    actor = acting()
    student, position = students.student_of(actor), positions.reachable(actor, id)
    found = queries.matches_of_student(student)
    place, pair = next(((n, m) for n, m in enumerate(found, 1) if m.position_id == position.id), (None, None))
    stand = snapshot.stand(student, position) if position.state == "open" and queries.consenting(student.id) else None
    view = service.explained(student, position, pair, queries.leanings_of(student.id))
    return render_template(
        "proposals/match.html", stand=stand_lines(stand, skills.names(), pair is not None) if stand else [], p=position, pair=pair, view=view,
        student=student, place_in_list=place, enough=pair is None and view.lawful and queries.shown_to_enough(position, view.points, found),
        enterprise=organisations.enterprise_of(position.tenant_id),
        chosen=queries.choices_of_student(student.id).get(position.id, set()), form=ChoiceForm(), places=places, occupations=occupations,
        accepted=_accepted(position), today=clock.today(), hide_reasons=HIDE_REASONS, doubts=DOUBTS, weighable=weighable,
        asked=few(queries.asked_counts([position.id]).get(position.id, 0)), here=url_for("proposals.match", id=id), back=_back(),
    )  # fmt: skip


@pages.post("/matches/<uuid:id>/choices", ability="proposals.choose")
def choose(id: uuid.UUID) -> Any:
    """Save or hide a post, or take that back."""
    actor = acting()
    student, position, form = students.student_of(actor), positions.reachable(actor, id), ChoiceForm()
    if not form.validate():
        raise Malformed
    service.choose(student.id, position.id, form.what.data, by=actor, reason=form.reason.data or "")
    said = {
        "saved": _("Saved. You find it under \"Saved\"."), "unsaved": _("No longer saved."),
        "hidden": _("Hidden. It is not shown among your matches any more."), "restored": _("Shown again."),
    }[form.what.data]  # fmt: skip
    flash(said, "ok")
    return redirect(url_for("proposals.matches", hidden=id) if form.what.data == "hidden" else url_for("proposals.match", id=id), 303)


def _back() -> str:
    """The search this page was opened from, if it was."""
    return request.args["from"] if request.args.get("from", "").startswith("/posts?") else ""


@pages.get("/what-if", ability="proposals.matches")
def what_if() -> Any:
    """What would open more posts to the student, and which."""
    student = students.student_of(acting())
    consents = queries.consenting(student.id)
    found = snapshot.openings(student) if consents else []
    chosen = next((one for one in found or [] if f"{one.change.what}:{one.change.which}" == request.args.get("change")), None)
    return render_template(
        "proposals/whatif.html", consents=consents, found=found[:MOST_OPENINGS] if found else found, chosen=chosen, names=skills.names(), wider=wider,
        add_urls=ADD_URLS, posts=positions.by_ids(chosen.position_ids[:100]).values() if chosen else [], places=places,
    )  # fmt: skip


@pages.get("/what-if/next", ability="proposals.matches")
def next_answer() -> Any:
    """The next most useful thing to fill in, and how many posts it opens: exact, for the pages that ask for it once they stand."""
    student = students.student_of(acting())
    found = (snapshot.next_answers(student) or []) if queries.consenting(student.id) else []
    best = next((row for row in found if row[1] or row[2]), None)
    return render_template("proposals/next.html", best=best, questions=MISSING, missing=students_rules.next_missing(students.filled(student)))


@pages.get("/what-if/strongest", ability="proposals.matches")
def strongest() -> Any:
    """The same in short, for the pages that ask for it once they stand."""
    student = students.student_of(acting())
    found = (snapshot.openings(student) or [])[:SUGGESTIONS] if queries.consenting(student.id) else []
    return render_template("proposals/strongest.html", found=found, names=skills.names(), wider=wider)


@pages.get("/positions/<uuid:id>/candidates", ability="proposals.candidates")
def candidates(id: uuid.UUID) -> Any:
    """Students who fit, ranked, without names."""
    actor = acting()
    position = positions.reachable(actor, id)
    asked = {name: request.args.get(name, "")[:60] for name in SIEVE}
    told = service.candidates(position, Sieve(**asked))
    found, n_pages = told.matches, -(-len(told.matches) // CANDIDATES_A_PAGE) or 1
    page = min(max(request.args.get("page", 1, int), 1), n_pages)
    part = found[(page - 1) * CANDIDATES_A_PAGE : page * CANDIDATES_A_PAGE]
    shown = service.shown_candidates(position, part, by=actor)
    placed = queries.placed([c.student.id for c in shown], position.kind)
    rows = [(c.alias, c.match, c.view, majors.find(c.student.major_code), c.student.level, "placed" if c.student.id in placed and c.stage != "accepted" else c.stage) for c in shown]
    office = actor.can("proposals.supply")
    kept = {name: value for name, value in asked.items() if value}
    return render_template(
        "proposals/candidates.html", p=position, rows=rows, total=len(found), n_lawful=queries.n_lawful(position), page=page, told=told, asked=asked,
        kept=kept, list_state=urlencode({**kept, **({"page": page} if page > 1 else {})}), n_pages=n_pages, first=(page - 1) * CANDIDATES_A_PAGE,
        latest=queries.latest_run(), levels=majors.LEVELS_EN, lang=language(), enterprise_may=office, bands=BANDS,
        class_options=[(code, majors.class_of_codes(code, language())) for code in told.classes], place_options=[(code, places.name(code)) for code in told.places],
         reasons=REFUSAL_REASONS, fresh=_put_aside(position) if office else [],
        supply=office and page == 1 and not kept, **_told(snapshot.supply_of(position) if office and page == 1 and not kept else None),
    )  # fmt: skip


def _put_aside(position: Position) -> list[str]:
    """Pseudonyms of whom the enterprise put aside a moment ago, to take that back at once."""
    recent = set(queries.put_aside_since(position.id, clock.now() - UNDO_WITHIN))
    return [name for name, student in queries.by_alias(position).items() if student.id in recent] if recent else []


@pages.get("/supply", endpoint="supply", ability="proposals.supply")
def supply_fragment() -> Any:
    """How many students fit what the form asks for so far, and what each requirement costs."""
    return _supply(snapshot.supply(request.args, request.args.getlist("hazards")))


@pages.get("/positions/<uuid:id>/supply", ability="proposals.supply")
def supply_of(id: uuid.UUID) -> Any:
    """The same of a post as it stands."""
    return _supply(snapshot.supply_of(positions.reachable(acting(), id)))


@pages.get("/skill-gaps", ability="proposals.gaps")
def skill_gaps() -> Any:
    """What posts ask for and a major of the college lacks, and how many matches it would add if all its students had it."""
    actor, lang = acting(), language()
    of_major = students.in_matching_by_major(actor)
    large = sorted((code for code in of_major if len(of_major[code]) >= FEW), key=lambda code: (-len(of_major[code]), code))
    code = request.args.get("major", "")
    code = code if code in large else large[0] if large else ""
    told = snapshot.added(of_major[code], MOST_GAPS) if code else None
    rows, n_known = told or ([], 0)
    wanted = request.args.get("skill", "")
    chosen = next(((one, ids) for one, ids in rows if one.skill == wanted), None)
    return render_template(
        "proposals/skill_gaps.html", of_major=of_major, large=large, code=code, rows=rows if n_known >= FEW else [], n_known=n_known, ready=told is not None,
        major_name=_major_name, names=skills.names(), item_words=item_words, chosen=chosen, lang=lang, few=FEW,
        posts=list(positions.by_ids(chosen[1][:100]).values()) if chosen else [],
    )  # fmt: skip


@pages.get("/runs", ability="proposals.runs")
def runs() -> Any:
    """Runs over everything, and the button for another."""
    listing = queries.runs(acting(), request.args.get("page", 1, int))
    return render_template("proposals/runs.html", listing=listing, under_way=queries.run_under_way())


@pages.post("/runs", ability="proposals.start", creates=True)
def start_run() -> Any:
    """Ask for a run; the worker does it."""
    run = service.start(by=acting())
    return redirect(url_for("proposals.run", id=run.public_id), 303)


@pages.get("/runs/<uuid:id>", ability="proposals.runs")
def run(id: uuid.UUID) -> Any:
    """How far a run is; its report."""
    found = queries.reachable_run(acting(), id)
    return render_template(
        "proposals/run.html", run=found, phases=PHASES, unfilled=UNFILLED, families=FAMILY_WORDS, progress=progress_of(found),
        report=told_report(found.report), groups=GROUPS, group_said=group_said, requests=REQUESTS, bound_said=bound_said, exposures=EXPOSURES,
        levels=LEVELS, said_few=few, margins=service.margins_of(found)[:MOST_MARGINS], asked_again="margins" in found.report,
        bands=service.bands_of(found), band_words=BANDS, least_offers=LEAST_OFFERS,
    )  # fmt: skip


@pages.get("/runs/<uuid:id>/progress", ability="proposals.runs")
def progress(id: uuid.UUID) -> Any:
    """For the page that waits."""
    found = queries.reachable_run(acting(), id)
    ended = found.state in (DONE, QUARANTINED)
    return jsonify(**progress_of(found), label=str(PHASES[found.phase]), state=found.state, url=url_for("proposals.run", id=id) if ended else None)


@pages.get("/scorings", ability="proposals.learning")
def scorings() -> Any:
    """What is learnt from choices: the version that serves, all versions, and how far it is to the first."""
    actor = acting()
    listing = queries.scorings(actor, request.args.get("page", 1, int))
    return render_template(
        "proposals/scorings.html", listing=listing, serves=queries.serving(), under_way=queries.training_under_way(), n_acted_upon=queries.n_acted_upon(),
        verdicts=VERDICTS, changed=CHANGED, least_acts=learning.LEAST_ACTS, least_lists=learning.LEAST_LISTS, least_offers=LEAST_OFFERS,
    )  # fmt: skip


@pages.post("/scorings", ability="proposals.serve", creates=True)
def start_training() -> Any:
    """Ask for a new version; the worker learns it."""
    return redirect(url_for("proposals.scoring", id=service.start_training(by=acting()).public_id), 303)


@pages.get("/scorings/<uuid:id>", ability="proposals.learning")
def scoring(id: uuid.UUID) -> Any:
    """One version: its weights, how it did on held-out lists, what its bands mean."""
    found = queries.reachable_scoring(acting(), id)
    before = found.figures.get("serving_weights") or WEIGHTS
    weights = [(FAMILY_WORDS[family], before.get(family, 0.0), found.weights.get(family, 0.0)) for family in FAMILIES]
    return render_template(
        "proposals/scoring.html", s=found, weights=weights, verdicts=VERDICTS, changed=CHANGED, bands=Bands.read(found.calibration), band_words=BANDS,
        held_out=found.figures.get("held_out"), figures=found.figures, least_acts=learning.LEAST_ACTS, least_lists=learning.LEAST_LISTS,
        least_offers=LEAST_OFFERS,
    )  # fmt: skip


@pages.post("/scorings/<uuid:id>/serving", ability="proposals.serve")
def serve_scoring(id: uuid.UUID) -> Any:
    """Put an older version back."""
    actor = acting()
    found = service.serve(queries.reachable_scoring(actor, id), by=actor)
    flash(_("Version %(no)d is in service. The next run scores by it.", no=found.no), "ok")
    return redirect(url_for("proposals.scorings"), 303)


@pages.post("/scorings/<uuid:id>/retirement", ability="proposals.serve")
def retire_scoring(id: uuid.UUID) -> Any:
    """Go back to the weights as delivered."""
    actor = acting()
    service.retire(queries.reachable_scoring(actor, id), by=actor)
    flash(_("The weights as delivered are in service. The next run scores by them."), "ok")
    return redirect(url_for("proposals.scorings"), 303)


def progress_of(run: Run) -> dict[str, int]:
    """Steps done of all: reading, the chunks, gathering."""
    total = run.n_chunks + 2
    return {"total": total, "done": total if run.state == DONE else run.n_done + (run.phase != "snapshot")}


def _major_name(code: str) -> str:
    major = majors.find(code)
    return major.name if major else code


def _supply(found: Supply | None) -> str:
    return render_template("proposals/supply.html", **_told(found))


def _told(found: Supply | None) -> dict[str, Any]:
    """Supply in at most three suggestions, small ones left out."""
    more = [(change, n) for change, n in found.more if n >= FEW][:SUGGESTIONS] if found else []
    return {"found": found, "names": skills.names(), "looser": looser, "few": few, "smallest": FEW, "more": more}


def _accepted(position: Position) -> list[str]:
    lang = language()
    return [majors.accepted_label({"major": "M:", "class": "C:", "category": "G:"}[m.depth] + m.code, lang) for m in position.majors]
