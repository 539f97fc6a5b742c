"""Pages of filings, overrides, mentors and the law's tables."""

from __future__ import annotations

import io
import uuid
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for

from consortium.compliance import queries, rules, service, wording
from consortium.compliance.forms import FilingForm, LineForm, MentorForm, OverrideForm, ReasonForm
from consortium.compliance.models import Filing, Mentor, Override
from consortium.organisations import queries as organisations
from consortium.organisations.models import Enterprise
from consortium.reference import law, majors
from consortium.shared import clock, public_ids
from consortium.shared.access import COLLEGE, ENTERPRISE, ENTERPRISE_OFFICE, ZONE, Actor, TenantKind
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language, ngettext
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import put
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("compliance", __name__)
pages.menu(_l("Mentors"), "mentors", icon="people", order=61, roles=ENTERPRISE, under=("organisations.own",))
pages.menu(_l("Filings"), "filings", icon="law", order=62, roles=ENTERPRISE_OFFICE | COLLEGE, under=("dashboards.rules", "organisations.own",))
pages.menu(_l("Filings"), "filings", icon="law", order=52, roles=ZONE, count=queries.filings_to_verify, under=("dashboards.rules", "organisations.own",))
pages.menu(_l("Rules let pass"), "overrides", icon="law", order=63, roles=COLLEGE, under=("dashboards.rules", "compliance.filings",))
pages.menu(_l("Rules let pass"), "overrides", icon="law", order=53, roles=ZONE, under=("dashboards.rules", "compliance.filings",))


# ── filings ──────────────────────────────────────────────────────────────────────────────────────


@pages.get("/filings", ability="compliance.filings")
def filings() -> Any:
    """Filings within reach."""
    rule, firm = request.args.get("rule", "")[:5], public_ids.read(request.args.get("enterprise", ""))
    listing = queries.filings(acting(), request.args.get("page", 1, int), rule=rule, enterprise=firm)
    asked = {name: value for name, value in (("rule", rule), ("enterprise", str(firm or ""))) if value}
    return render_template("compliance/filings.html", listing=listing, asked=asked, rule=rule, **_words())


@pages.get("/filings/new", ability="compliance.filing-form")
def new_filing() -> Any:
    """Enter a filing: an enterprise its own, a college one for the enterprise of its choice."""
    firm = _firm(acting(), request.args.get("enterprise", ""))
    return _filing_form(FilingForm(formdata=None), firm)


@pages.post("/filings", ability="compliance.file", creates=True)
def enter_filing() -> Any:
    """Keep it for the zone to verify."""
    firm = _firm(acting(), request.form.get("enterprise", ""))
    if firm is None:
        return _filing_form(FilingForm(), None), 422
    form = FilingForm().offer(organisations.families_of(firm.tenant_id), queries.colleges())
    if not form.validate():
        return _filing_form(form, firm), 422
    values, sent = form.values(), form.file.data
    proof = (sent.filename or "", sent.read(rules.MOST_FILE + 1)) if sent else None
    try:
        made = service.file(acting(), firm, values, proof)
    except Invalid as refused:
        put(form, refused)
        return _filing_form(form, firm), 422
    flash(_("Entered. It counts once the zone has verified it."), "ok")
    return redirect(url_for("compliance.filing", id=made.public_id), 303)


@pages.get("/filings/<uuid:id>", ability="compliance.filings")
def filing(id: uuid.UUID) -> Any:
    """One filing: its scope, its paper, its state."""
    return _filing(queries.reachable_filing(acting(), id), ReasonForm(formdata=None))


@pages.get("/filings/<uuid:id>/file", ability="compliance.filings")
def filing_file(id: uuid.UUID) -> Any:
    """The paper as it was sent in."""
    found = queries.reachable_filing(acting(), id)
    if found.file is None:
        raise NotFound
    return send_file(io.BytesIO(found.file), mimetype=found.file_kind, as_attachment=True, download_name=found.file_name)


@pages.post("/filings/<uuid:id>/verification", ability="compliance.verify-filing")
def verify_filing(id: uuid.UUID) -> Any:
    """The zone has compared it with the paper."""
    service.verify_filing(queries.reachable_filing(acting(), id), by=acting())
    flash(_("Verified."), "ok")
    return redirect(url_for("compliance.filing", id=id), 303)


@pages.post("/filings/<uuid:id>/refusal", ability="compliance.verify-filing")
def refuse_filing(id: uuid.UUID) -> Any:
    """The zone does not take it."""
    found, form = queries.reachable_filing(acting(), id), ReasonForm()
    if not form.validate():
        return _filing(found, form), 422
    service.refuse_filing(found, form.reason.data, by=acting())
    flash(_("Refused; who entered it is told why."), "ok")
    return redirect(url_for("compliance.filing", id=id), 303)


@pages.post("/filings/<uuid:id>/withdrawal", ability="compliance.file")
def withdraw_filing(id: uuid.UUID) -> Any:
    """Take it back."""
    service.withdraw_filing(queries.reachable_filing(acting(), id), by=acting())
    flash(_("Withdrawn."), "ok")
    return redirect(url_for("compliance.filing", id=id), 303)


# ── overrides ────────────────────────────────────────────────────────────────────────────────────


@pages.get("/rule-overrides", ability="compliance.overrides")
def overrides() -> Any:
    """Overrides within reach, and how often which college let which rule pass."""
    rule = request.args.get("rule", "")[:5]
    listing = queries.overrides(acting(), request.args.get("page", 1, int), rule=rule)
    asked = {"rule": rule} if rule else {}
    return render_template("compliance/overrides.html", listing=listing, asked=asked, rule=rule, counts=queries.override_counts(acting()), **_words())


@pages.get("/rule-overrides/new", ability="compliance.override-form")
def new_override() -> Any:
    """Let a rule pass for one's own students at a host."""
    firm = _firm(acting(), request.args.get("enterprise", ""))
    form = OverrideForm(formdata=None, rule=request.args.get("rule", ""), posts=[request.args["post"]] if request.args.get("post") else [])
    return _override_form(form, firm)


@pages.post("/rule-overrides", ability="compliance.override", creates=True)
def override() -> Any:
    """Record it with its reason."""
    firm = _firm(acting(), request.form.get("enterprise", ""))
    if firm is None:
        return _override_form(OverrideForm(), None), 422
    form = OverrideForm().offer(organisations.families_of(firm.tenant_id))
    if not form.validate():
        return _override_form(form, firm), 422
    try:
        made = service.override(acting(), firm, form.values())
    except Invalid as refused:
        put(form, refused)
        return _override_form(form, firm), 422
    flash(_("Recorded. The zone and the enterprise see it."), "ok")
    return redirect(url_for("compliance.show_override", id=made.public_id), 303)


@pages.get("/rule-overrides/<uuid:id>", ability="compliance.overrides")
def show_override(id: uuid.UUID) -> Any:
    """One override."""
    return _override(queries.reachable_override(acting(), id), ReasonForm(formdata=None))


@pages.post("/rule-overrides/<uuid:id>/withdrawal", ability="compliance.override")
def withdraw_override(id: uuid.UUID) -> Any:
    """Take it back, with the reason."""
    found, form = queries.reachable_override(acting(), id), ReasonForm()
    if not form.validate():
        return _override(found, form), 422
    service.withdraw_override(found, form.reason.data, by=acting())
    flash(_("Withdrawn."), "ok")
    return redirect(url_for("compliance.show_override", id=id), 303)


# ── mentors ──────────────────────────────────────────────────────────────────────────────────────


@pages.get("/mentors", ability="compliance.mentors")
def mentors() -> Any:
    """One's own mentors, what each is bound to, and a place for the next."""
    found = queries.reachable_mentor(acting(), wanted) if (wanted := public_ids.read(request.args.get("mentor", ""))) else None
    form = MentorForm(formdata=None, obj=found)
    if found is not None:
        form.account.data = found.membership_id or 0
    return _mentors(form, found)


@pages.post("/mentors", ability="compliance.edit-mentors", creates=True)
def add_mentor() -> Any:
    """Declare a mentor; a known name gets the new facts."""
    return _save_mentor(None)


@pages.post("/mentors/<uuid:id>", ability="compliance.edit-mentors")
def edit_mentor(id: uuid.UUID) -> Any:
    """Change a mentor; a stale form gets both versions."""
    return _save_mentor(queries.reachable_mentor(acting(), id))


@pages.post("/mentors/<uuid:id>/end", ability="compliance.edit-mentors")
def end_mentor(id: uuid.UUID) -> Any:
    """A mentor no longer serves."""
    left = service.end_mentor(queries.reachable_mentor(acting(), id), by=acting())
    flash(_("Ended; the others look after the interns."), "ok")
    if left:
        flash(ngettext("For %(num)d intern nobody is left. Declare another mentor.", "For %(num)d interns nobody is left. Declare another mentor.", left), "warn")
    return redirect(url_for("compliance.mentors"), 303)


# ── the law's tables ─────────────────────────────────────────────────────────────────────────────


@pages.get("/law-tables", ability="compliance.law-tables")
def law_tables() -> Any:
    """Thresholds, holidays, hazards: each line with its source and date."""
    given = {name: request.args[name][:160] for name in ("kind", "key", "value", "name_zh", "name_en") if name in request.args}
    return _law_tables(LineForm(formdata=None, **given))


@pages.post("/law-tables", ability="compliance.edit-law-tables", creates=True)
def enter_line() -> Any:
    """Enter a line over the files; earlier lines stay readable."""
    form = LineForm()
    if not form.validate():
        return _law_tables(form), 422
    try:
        made = service.enter_line(acting(), form.values())
    except Invalid as refused:
        put(form, refused)
        return _law_tables(form), 422
    flash(_("Entered: it holds from %(day)s.", day=made.valid_from.isoformat()), "ok")
    return redirect(url_for("compliance.law_tables") + f"#{made.kind}", 303)


# ── what the pages share ─────────────────────────────────────────────────────────────────────────


def _firm(actor: Actor, told: str) -> Enterprise | None:
    """Whose filing or override it is: one's own enterprise, else the one named."""
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        return organisations.enterprise_of(actor.tenant_id)
    return queries.enterprise_named(told) if told.strip() else None


def _words() -> dict[str, Any]:
    return {
        "words": wording, "law": law, "lang": language(), "today": clock.today(), "filing_state": rules.filing_state, "override_state": rules.override_state,
        "shares": rules.SHARES, "accepted_label": majors.accepted_label,
    }  # fmt: skip


def _explained(form: Any) -> None:
    lang = language()
    form.majors.names = {code: majors.accepted_label(code if ":" in code else f"M:{code}", lang) for code in form.majors.data or []}


def _filing_form(form: FilingForm, firm: Enterprise | None) -> str:
    form.offer(organisations.families_of(firm.tenant_id) if firm else [], queries.colleges() if acting().tenant_kind is TenantKind.ENTERPRISE else [])
    _explained(form)
    return render_template("compliance/filing_form.html", form=form, firm=firm, own=acting().tenant_kind is TenantKind.ENTERPRISE, **_words())


def _filing(found: Filing, form: ReasonForm) -> str:
    families = queries.families_of([found.tenant_id])
    colleges = {one.id: one for one in queries.colleges()}
    actor = acting()
    return render_template(
        "compliance/filing.html", filing=found, form=form, families=[families[n].name for n in found.families if n in families],
        colleges=[colleges[n].name for n in found.colleges if n in colleges], own=actor.tenant_id in (found.entered_tenant_id, found.tenant_id), **_words(),
    )  # fmt: skip


def _override_form(form: OverrideForm, firm: Enterprise | None) -> str:
    form.offer(organisations.families_of(firm.tenant_id) if firm else [])
    _explained(form)
    return render_template("compliance/override_form.html", form=form, firm=firm, **_words())


def _override(found: Override, form: ReasonForm) -> str:
    families = queries.families_of([found.enterprise_tenant_id])
    return render_template(
        "compliance/override.html", o=found, form=form, families=[families[n].name for n in found.families if n in families],
        own=acting().tenant_id == found.college_tenant_id,
        told_who=acting().tenant_kind is not TenantKind.ENTERPRISE, **_words(),
    )  # fmt: skip


def _save_mentor(mentor: Mentor | None) -> Any:
    actor = acting()
    form = MentorForm().offer(organisations.families_of(actor.tenant_id), queries.mentor_accounts(actor.tenant_id))
    if not form.validate():
        return _mentors(form, mentor), 422
    if mentor is not None:
        form.refuse_if_stale(mentor)
    try:
        service.set_mentor(actor, form.values(), mentor)
    except Invalid as refused:
        put(form, refused)
        return _mentors(form, mentor), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("compliance.mentors"), 303)


def _mentors(form: MentorForm, edited: Mentor | None) -> str:
    actor = acting()
    families = organisations.families_of(actor.tenant_id)
    form.offer(families, queries.mentor_accounts(actor.tenant_id))
    rows = queries.mentors(actor)
    serving = [(m, n) for m, n, _holds in rows if m.ended_at is None]
    return render_template(
        "compliance/mentors.html", form=form, edited=edited, rows=rows, names={f.id: f.name for f in families}, today=clock.today(),
        limit=sum(m.load_limit for m, _n in serving), busy=sum(n for _m, n in serving), default=int(law.thresholds(clock.today())["mentor_load"]),
    )  # fmt: skip


def _law_tables(form: LineForm) -> str:
    return render_template("compliance/law_tables.html", form=form, tables=queries.law_tables(clock.today()), **_words())
