"""Pages of the quarterly question: the firm's answer (by link or signed in), and the zone's rounds."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import current_app, flash, make_response, redirect, render_template, request, url_for

from consortium.accounts import service as accounts
from consortium.organisations import notify, wording
from consortium.organisations import queries as organisations
from consortium.organisations.forms import WISHES, IntentForm, RoundForm, classes_by_category
from consortium.organisations.models import Enterprise, IntentRound
from consortium.organisations.queries import intents as queries
from consortium.organisations.rules import intents as rules
from consortium.organisations.rules.registration import is_agency
from consortium.organisations.service import intents as service
from consortium.organisations.views import pages
from consortium.reference import industries, majors
from consortium.shared import clock
from consortium.shared.access import PUBLIC, ZONE, Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid, NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import options, put
from consortium.web.gate import acting

ANSWERS_BY_LINK = (30, timedelta(hours=1))
pages.menu(_l("Intents"), "intents", icon="question", order=44, roles=ZONE, under=("organisations.index",))


# by the link, without an account


@pages.get("/intent/<token>", ability=PUBLIC)
def intent(token: str) -> Any:
    """Yes, perhaps, no; then classes and heads, or reasons."""
    found, enterprise, expired = service.read_link(token, _key())
    if expired or not queries.is_open(found):
        return _over(found, enterprise, token, expired)
    return _page(found, enterprise, IntentForm(formdata=None, answer=_chosen()), url_for("organisations.intent", token=token))


@pages.post("/intent/<token>", ability=PUBLIC)
def answer_by_link(token: str) -> Any:
    """Keep the answer; a second one replaces the first."""
    found, enterprise, expired = service.read_link(token, _key())
    if expired or not queries.is_open(found):
        return _over(found, enterprise, token, expired)
    try:
        accounts.spend(f"intent:{enterprise.id}", *ANSWERS_BY_LINK)
    finally:
        db.session.commit()
    return _taken(found, enterprise, url_for("organisations.intent", token=token), url_for("organisations.intent_thanks", token=token), None)


@pages.get("/intent/<token>/thanks", ability=PUBLIC)
def intent_thanks(token: str) -> Any:
    """Thanks, and how many firms of the same kind have answered."""
    found, enterprise, expired = service.read_link(token, _key())
    return _thanks(found, enterprise, "" if expired else url_for("organisations.intent", token=token))


@pages.post("/intent/<token>/link", ability=PUBLIC)
def new_link(token: str) -> Any:
    """The link is over: a new one goes to the firm's own contact, never to whoever holds the old one."""
    found, enterprise, _expired = service.read_link(token, _key())
    if service.note_new_link(found, enterprise):
        link = service.link_to(found, enterprise, _key())
        notify.ask_intent("intent-link", enterprise.tenant, link, year=found.year, n=found.quarter, until=found.closes_on.isoformat(), key=f"{found.public_id}:{clock.now().timestamp():.0f}")
    return redirect(url_for("organisations.link_sent"), 303)


@pages.get("/intents/link-sent", ability=PUBLIC)
def link_sent() -> Any:
    """Where the new link is to be found."""
    return render_template("organisations/link_sent.html", inbox=current_app.config["DEMO"])


# signed in


@pages.get("/enterprise/intent", ability="organisations.own-intent")
def own_intent() -> Any:
    """The same question for whoever is signed in."""
    found, enterprise = queries.newest_round(), organisations.enterprise_of(acting().tenant_id)
    if found is None or not queries.is_open(found):
        return render_template("organisations/intent_over.html", round=found, enterprise=enterprise, quarter=_quarter(found) if found else "", expired=False, token="")
    return _page(found, enterprise, IntentForm(formdata=None, answer=_chosen()), url_for("organisations.own_intent"))


@pages.post("/enterprise/intent", ability="organisations.answer-intent")
def answer_own() -> Any:
    """Keep the answer; a second one replaces the first."""
    found, enterprise = queries.newest_round(), organisations.enterprise_of(acting().tenant_id)
    if found is None or not queries.is_open(found):
        raise Conflict(_l("No question is open"), how=_l("You will be asked again next quarter."))
    return _taken(found, enterprise, url_for("organisations.own_intent"), url_for("organisations.own_thanks"), acting())


@pages.get("/enterprise/intent/thanks", ability="organisations.own-intent")
def own_thanks() -> Any:
    """Thanks, and how many firms of the same kind have answered."""
    found = queries.newest_round()
    if found is None:
        return redirect(url_for("organisations.own_intent"), 303)
    enterprise = organisations.enterprise_of(acting().tenant_id)
    if queries.answer_of(found.id, enterprise.tenant_id) is None:
        return redirect(url_for("organisations.own_intent"), 303)
    return _thanks(found, enterprise, url_for("organisations.own_intent"))


# the zone


@pages.get("/intents", ability="organisations.intents")
def intents() -> Any:
    """The quarters that were asked, and the next one to ask."""
    year, quarter = rules.quarter_of(clock.today())
    return _rounds(RoundForm(formdata=None, year=year, quarter=quarter, closes_on=clock.today() + timedelta(days=21)))


@pages.post("/intents", ability="organisations.ask-intents", creates=True)
def open_round() -> Any:
    """Ask every enterprise."""
    form = RoundForm()
    if not form.validate():
        return _rounds(form), 422
    try:
        made = service.open_round(acting(), form.year.data, form.quarter.data, form.closes_on.data)
    except Invalid as refused:
        put(form, refused)
        return _rounds(form), 422
    flash(_("Every enterprise is being asked by SMS and in the product; reminders stop when it answers."), "ok")
    return redirect(url_for("organisations.round", id=made.public_id), 303)


@pages.get("/intents/<uuid:id>", ability="organisations.intents")
def round(id: uuid.UUID) -> Any:
    """Who answered what, which classes are wanted, and why not."""
    found, lang = queries.reachable_round(acting(), id), language()
    state = request.args.get("state", "")
    listing, lines = queries.firms_asked(found, state if state in ("none", *rules.ANSWERS) else "", request.args.get("page", 1, int))
    firms = organisations.enterprises([line.tenant.id for line in lines])
    return render_template(
        "organisations/intent_round.html", round=found, quarter=_quarter(found), open=queries.is_open(found), tally=queries.tallies([found.id])[found.id], listing=listing,
        lines=lines, firms=firms, state_filter=state, demand=queries.demand(found.id), reasons=queries.reasons(found.id), wording=wording, majors=majors,
        industries=[(key, industries.leading_name(key, lang)) for key in (*industries.LEADING, "")], lang=lang,
    )  # fmt: skip


@pages.post("/intents/<uuid:id>/closure", ability="organisations.ask-intents")
def close_round(id: uuid.UUID) -> Any:
    """No more answers."""
    found = queries.reachable_round(acting(), id)
    service.close_round(found, by=acting())
    flash(_("Closed."), "ok")
    return redirect(url_for("organisations.round", id=id), 303)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _quarter(found: IntentRound) -> str:
    return _("Q%(quarter)d %(year)d", quarter=found.quarter, year=found.year)


def _chosen() -> str:
    said = request.args.get("answer", "")
    return said if said in rules.ANSWERS else ""


def _taken(found: IntentRound, enterprise: Enterprise, here: str, thanks: str, by: Actor | None) -> Any:
    form = IntentForm()
    if not form.validate():
        return _page(found, enterprise, form, here), 422
    said = form.answer.data or ""
    try:
        service.answer(found, enterprise.tenant_id, said, form.wishes(), form.reasons.data or [], form.remark.data or "", by=by)
    except Invalid as refused:
        put(form, refused)
        return _page(found, enterprise, form, here), 422
    return redirect(thanks, 303)


def _page(found: IntentRound, enterprise: Enterprise, form: IntentForm, here: str) -> str:
    classes = classes_by_category(_("Choose"))
    for n in range(WISHES):
        form[f"class_key_{n}"].choices = classes
    form.reasons.choices = options((code, wording.reason(code)) for code in (*rules.OWN_REASONS[:-1], *rules.RULE_REASONS, "other") if code != "R22" or is_agency(enterprise.industry_code))
    earlier = queries.answer_of(found.id, enterprise.tenant_id)
    return render_template(
        "organisations/intent.html", form=form, round=found, quarter=_quarter(found), enterprise=enterprise, here=here, earlier=earlier, wording=wording, majors=majors,
        rows=range(WISHES), lang=language(), chosen=form.answer.data if form.answer.data in rules.ANSWERS else "",
    )  # fmt: skip


def _over(found: IntentRound, enterprise: Enterprise, token: str, expired: bool) -> Any:
    page = render_template(
        "organisations/intent_over.html", round=found, enterprise=enterprise, quarter=_quarter(found), expired=expired and queries.is_open(found), token=token
    )
    return make_response(page, 410)


def _thanks(found: IntentRound, enterprise: Enterprise, again: str) -> str:
    earlier = queries.answer_of(found.id, enterprise.tenant_id)
    if earlier is None:
        raise NotFound
    return render_template(
        "organisations/intent_thanks.html", quarter=_quarter(found), enterprise=enterprise, answer=earlier, others=rules.told_count(queries.n_of_kind(found.id, enterprise)),
        kind=industries.leading_name(industries.leading(enterprise.industry_code), language()), again=again, wording=wording, majors=majors, lang=language(),
    )  # fmt: skip


def _rounds(form: RoundForm) -> str:
    found = queries.rounds()
    return render_template(
        "organisations/intents.html", form=form, rounds=[(one, _quarter(one), queries.is_open(one)) for one in found], tallies=queries.tallies([one.id for one in found])
    )
