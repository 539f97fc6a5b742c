"""Pages of a student's own say: the search over all posts, saved searches, doubts, weights; and the zone's counts of doubts."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for

from consortium.matching.vocabulary import FAMILIES
from consortium.positions import queries as positions
from consortium.proposals import queries, service, snapshot
from consortium.proposals.forms import DoubtForm, SearchForm
from consortium.proposals.views.blueprint import pages
from consortium.proposals.wording import bound_said, few, stage_of
from consortium.proposals.wording.own import ABOUT, DOUBTS, FULL, STEPS, family_word
from consortium.reference import industries, law, places
from consortium.shared.errors import Invalid, Malformed
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.students import queries as students
from consortium.students.models import Student
from consortium.web.gate import acting

SIZES = (20, 30, 50)


@pages.get("/posts", ability="proposals.matches")
def posts() -> Any:
    """All open posts, fitting or not and why: search and filters, all of it in the address."""
    student = students.student_of(acting())
    asked, size = queries.cleaned(request.args), request.args.get("size", 30, int)
    listing, stopped = found_posts(student, asked, request.args.get("page", 1, int), size if size in SIZES else 30)
    given = {name: value for name, value in asked.items() if value} | ({"size": size} if size in SIZES and size != 30 else {})
    ids = [p.id for p in listing.rows]
    return render_template(
        "proposals/posts.html", listing=listing, stage_of=stage_of, asked=asked, given=given, stopped=stopped, why=why, places=places, places_there=queries.places_with_posts(),
        industries=industries, lang=language(), n_asked=queries.asked_counts(ids), told=few, chosen=queries.choices_of_student(student.id), form=SearchForm(formdata=None),
        consents=queries.consenting(student.id), here="/posts?" + urlencode(given | ({"page": listing.page} if listing.page > 1 else {})), sizes=SIZES, size=listing.size,
    )  # fmt: skip


def found_posts(student: Student, asked: dict[str, str], page: int, size: int) -> tuple[Any, dict[int, str]]:
    """A page of the search, and the code of what stands in the way of each post that does not fit."""
    may = queries.consenting(student.id)
    fitting = snapshot.fitting_ids(student) if may and asked["fits"] else None
    listing = queries.posts(asked, page, size, only=fitting if asked["fits"] == "yes" else None, but=fitting if asked["fits"] == "no" else None)
    return listing, snapshot.what_stops(student, listing.rows) if may else {}


def why(code: str) -> str:
    """What stands in the way, in a few words."""
    return law.rule(code).title(language()) or bound_said(code)


@pages.post("/matches/<uuid:id>/doubts", ability="proposals.choose", creates=True)
def doubt(id: uuid.UUID) -> Any:
    """Say that a reason is not right: its fact, its weight, or the whole post."""
    actor = acting()
    student, position, form = students.student_of(actor), positions.reachable(actor, id), DoubtForm()
    if not form.validate():
        raise Malformed(_("It could not be told what is not right."), how=_("Open the page of the post again and choose beside the reason."))
    view = service.explained(student, position, queries.match_of(student, position))
    try:
        mend = service.doubt(student, position, view, form.item.data, form.what.data, by=actor, said=form.said.data or "")
    except Invalid as refused:
        raise Malformed(next(iter(refused.fields.values()))[0], how=_("Nothing was changed.")) from refused
    back = url_for("proposals.match", id=id)
    if form.what.data == "not-for-me":
        flash(_("Hidden. It is not shown among your matches any more."), "ok")
        return redirect(url_for("proposals.matches", hidden=id), 303)
    if mend:
        field, _hash, anchor = mend.partition("#")
        flash(_("Put it right here. Saving leads back to the post."), "info")
        return redirect(f"{field}?{urlencode({'back': back})}#{anchor}", 303)
    flash(_("Noted: it counts less for you from now on, in what you are shown. Others are not affected.") if form.what.data == "not-important" else _("Your college has been told. It corrects the register, or answers you."), "ok")
    return redirect(back, 303)


@pages.get("/matches/weights", ability="proposals.matches")
def weights() -> Any:
    """What counts how much for this student, and the way back to what counts for all."""
    own = queries.leanings_of(students.student_of(acting()).id)
    return render_template("proposals/weights.html", rows=[(family, family_word(family), own.get(family, FULL)) for family in FAMILIES], steps=STEPS, own=own)


@pages.post("/matches/weights", ability="proposals.choose")
def weigh() -> Any:
    """Set them, or put all back."""
    actor = acting()
    told = {family: FULL if request.form.get("reset") else _permille(request.form.get(family, "")) for family in FAMILIES if request.form.get("reset") or family in request.form}
    service.weigh(students.student_of(actor), told, by=actor)
    flash(_("All evidence counts in full again.") if request.form.get("reset") else _("Saved. Your matches are ordered by it from now on."), "ok")
    return redirect(url_for("proposals.matches"), 303)


def _permille(text: str) -> int:
    return int(text) if text in {str(step) for step in STEPS} else -1


@pages.get("/alerts", ability="proposals.matches")
def alerts() -> Any:
    """The student's saved searches."""
    found = queries.alerts_of(students.student_of(acting()).id)
    return render_template("proposals/alerts.html", alerts=found, said=_said, url=lambda one: url_for("proposals.posts", **one.asked))


@pages.post("/alerts", ability="proposals.choose", creates=True)
def keep_search() -> Any:
    """Keep a search."""
    actor, form = acting(), SearchForm()
    if not form.validate():
        raise Malformed(_("Give the search a name."), how=_("At most 60 characters."))
    service.keep_search(students.student_of(actor), form.name.data, request.form, by=actor)
    flash(_("Kept. New posts that it finds are told to you once a day."), "ok")
    return redirect(url_for("proposals.alerts"), 303)


@pages.post("/alerts/<uuid:id>/switch", ability="proposals.choose")
def switch_alert(id: uuid.UUID) -> Any:
    """Tell of it, or be silent."""
    actor = acting()
    on = request.form.get("on") == "yes"
    service.switch(queries.reachable_alert(students.student_of(actor).id, id), on, by=actor)
    flash(_("Switched on.") if on else _("Switched off. Nothing is told of this search."), "ok")
    return redirect(url_for("proposals.alerts"), 303)


@pages.post("/alerts/<uuid:id>/removal", ability="proposals.choose")
def remove_alert(id: uuid.UUID) -> Any:
    """Forget a search."""
    actor = acting()
    service.remove_search(queries.reachable_alert(students.student_of(actor).id, id), by=actor)
    flash(_("Removed."), "ok")
    return redirect(url_for("proposals.alerts"), 303)


@pages.get("/doubts", ability="proposals.doubts")
def doubts() -> Any:
    """What students call not right about reasons: counts, no person."""
    counted = queries.doubts_counted()
    return render_template("proposals/doubts.html", rows=[(ABOUT[a], [shown(counted.get((a, what))) for what in DOUBTS]) for a in ABOUT if any((a, w) in counted for w in DOUBTS)], heads=DOUBTS)


def shown(found: tuple[int, int] | None) -> str:
    """How often; what fewer than five students said is not told as a number."""
    return "–" if found is None else few(found[1]) if found[1] < 5 else f"{found[0]:,}"


def _said(asked: dict[str, str]) -> str:
    """A search in words."""
    lang = language()
    parts = [asked["query"]] if asked.get("query") else []
    if asked.get("kind"):
        parts.append(_("Jobs") if asked["kind"] == "job" else _("Internships"))
    if asked.get("place"):
        parts.append(places.name(asked["place"]))
    if asked.get("industry"):
        parts.append(industries.leading_name("" if asked["industry"] == "other" else asked["industry"], lang))
    if asked.get("pay"):
        parts.append(_("from %(pay)s yuan a month", pay=f"{int(asked['pay']):,}"))
    if asked.get("begins"):
        parts.append(_("beginning on %(day)s or later", day=asked["begins"]))
    parts += [_("without shifts and rest days")] if asked.get("shift") else []
    parts += [_("with free places")] if asked.get("free") else []
    parts += [{"yes": _("that fit me"), "no": _("that do not fit me")}[asked["fits"]]] if asked.get("fits") else []
    return " · ".join(parts) or _("all posts")
