"""Pages of agreements: the list, and the draft as a paper with what is still missing."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for

from consortium.agreements import queries, rules, service, wording
from consortium.agreements.models import Agreement
from consortium.compliance import wording as compliance
from consortium.reference import law, places
from consortium.shared.access import COLLEGE, ENTERPRISE_OFFICE, STUDENT, TenantKind
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.filters import day, number, yuan
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("agreements", __name__)
pages.menu(_l("My internship"), "index", icon="sign", order=30, roles=STUDENT)
pages.menu(_l("Agreements"), "index", icon="sign", order=40, roles=ENTERPRISE_OFFICE, under=("applications.index",))
pages.menu(_l("Agreements"), "index", icon="sign", order=50, roles=COLLEGE, under=("applications.index",))


@pages.get("/agreements", ability="agreements.list")
def index() -> Any:
    """Agreements within reach."""
    asked = {name: request.args.get(name, "") for name in ("kind", "state")}
    actor = acting()
    listing = queries.listing(actor, request.args.get("page", 1, int), kind=asked["kind"], state=asked["state"])
    for one in listing.rows:
        service.opened(one, by=actor)
    return render_template(
        "agreements/index.html", listing=listing, asked=asked, next_party=_next_party, n_missing=lambda a: len(rules.missing(a.kind, a.terms)),
        party=wording.party, is_firm=actor.tenant_kind is TenantKind.ENTERPRISE,
    )  # fmt: skip


@pages.get("/agreements/<uuid:id>", ability="agreements.read")
def show(id: uuid.UUID) -> Any:
    """One agreement: the paper, the line of parties, and what must still be there."""
    actor = acting()
    agreement = queries.reachable(actor, id)
    service.opened(agreement, by=actor)
    awaited = sorted(queries.checklist(agreement), key=lambda one: ({0: 0, -1: 1, 1: 2}[one.state]))
    stages = [(wording.stage(name), [one for one in awaited if one.stage == name]) for name in rules.STAGES.values()]
    return render_template(
        "agreements/show.html", a=agreement, sections=_sections(agreement), missing=rules.missing(agreement.kind, agreement.terms),
        stages=[(name, rows) for name, rows in stages if rows], n_open=sum(one.blocks for one in awaited), when=queries.told_on(agreement), source=compliance.source,
        next_party=_next_party(agreement), party=wording.party, section=wording.section, law=law, lang=language(),
    )  # fmt: skip


@pages.get("/applications/<uuid:id>/agreement", ability="agreements.read")
def of_application(id: uuid.UUID) -> Any:
    """From an application to its agreement."""
    return redirect(url_for("agreements.show", id=queries.of_application(acting(), id).public_id), 303)


def _next_party(agreement: Agreement) -> str | None:
    return rules.next_party([(one.party, one.signed_at is not None) for one in agreement.signatures])


def _sections(agreement: Agreement) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Sections in order: (code, name, [(name of the fact, value in words, missing)])."""
    found = []
    terms, lacking = agreement.terms, rules.missing(agreement.kind, agreement.terms)
    signing = {one.party for one in agreement.signatures}
    for code in rules.sections(agreement.kind):
        rows = []
        for name in wording.SHOWN[code]:
            lacks = name in lacking.get(code, ())
            if name in wording.PARTIES and code == "parties" and name not in signing:
                continue
            if lacks or not rules.absent(terms.get(name)):
                rows.append((wording.fact(name), "" if lacks else _value(name, terms), lacks))
        found.append((code, wording.section(code), rows))
    return found


def _value(name: str, terms: dict[str, Any]) -> str:
    value = terms[name]
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name in ("enterprise", "college"):
        return str(terms.get(f"{name}_en") or value) if language() == "en" else str(value)
    if name in ("start_on", "end_on"):
        return day(date.fromisoformat(value), False)
    if name == "place_code":
        return places.name(value) or str(value)
    if name == "pay_fen":
        return f"{yuan(value)} {_('yuan')}"
    if name == "pay_period_days":
        return _("%(n)s days", n=number(value))
    if name == "labour_level":
        return {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}.get(value, str(value))
    if name == "venue":
        return str(wording.VENUES.get(value, value))
    if name == "hazards":
        return _(", ").join(law.hazards()[tag].name(language()) for tag in value if tag in law.hazards())
    if isinstance(value, list):
        return _("; ").join(map(str, value))
    return number(value) if isinstance(value, (int, float)) else str(value)
