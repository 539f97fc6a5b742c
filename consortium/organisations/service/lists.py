"""Rows of the three lists: added, changed, published and ended by their firm. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from consortium.organisations import queries as organisations
from consortium.organisations import wording
from consortium.organisations.lifecycle import EDITABLE, LIST
from consortium.organisations.models import ListItem
from consortium.organisations.rules import lists as rules
from consortium.reference import industries, majors
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import write_workbook


def add(actor: Actor, kind: str, values: Mapping[str, Any], *, publish: bool) -> ListItem:
    """A new row, perhaps published at once. Raises Invalid."""
    if kind not in rules.KINDS:
        raise Invalid({"kind": [wording.PROBLEMS["choose"]]})
    kept = _judged(kind, values)
    made = ListItem(tenant_id=actor.tenant_id, kind=kind, **kept)
    db.session.add(made)
    db.session.flush()
    audit.record("add-list-row", made, by=actor, kind=kind)
    if publish:
        step(made, "publish", by=actor)
    return made


def edit(item: ListItem, values: Mapping[str, Any], *, by: Actor) -> None:
    """Change a row's words; readers see them at once if it is published. Raises Invalid or Conflict."""
    if item.state not in EDITABLE:
        raise Conflict(_l("This row has ended."), how=_l("Publish it again first."))
    kept = _judged(item.kind, values)
    touched = [name for name, value in kept.items() if getattr(item, name) != value]
    for name in touched:
        setattr(item, name, kept[name])
    db.session.flush()
    audit.record("edit-list-row", item, by=by, fields=touched, version=item.version)


def step(item: ListItem, name: str, *, by: Actor) -> None:
    """Publish or end a row. Raises Forbidden or Conflict."""
    item.state = LIST.take(name, item.state, by)
    if name == "publish":
        item.published_at = clock.now()
    db.session.flush()
    audit.record(f"{name}-list-row", item, by=by)


def exported(items: Iterable[ListItem], lang: str) -> bytes:
    """The rows as a workbook, one sheet, all kinds."""
    firms = organisations.enterprises()
    header = [
        _("Which list"), _("Enterprise"), _("Credit code"), _("Leading industry"), _("Name of it"), _("Description"), _("Use and standing"), _("Way of cooperation"),
        _("Budget (yuan)"), _("Class of majors"), _("Level"), _("Heads"), _("Until"), _("State"),
    ]  # fmt: skip
    states = {"draft": _("Draft"), "open": _("Public"), "closed": _("Ended")}
    rows = []
    for one in items:
        firm = firms[one.tenant_id]
        rows.append(
            [
                str(wording.LIST_ROW[one.kind]), one.tenant.name.to(lang), firm.credit_code, industries.leading_name(industries.leading(firm.industry_code), lang), one.title,
                one.about, one.standing, str(wording.COOPERATIONS.get(one.cooperation, "")), "" if one.budget_fen is None else f"{one.budget_fen / 100:.2f}",
                majors.class_name(one.class_key, lang) if one.class_key else "", level_name(one.level, lang), "" if one.heads is None else one.heads,
                one.until_on.isoformat() if one.until_on else "", states[one.state],
            ]
        )  # fmt: skip
    return write_workbook(_("Three lists"), header, rows)


def level_name(level: str, lang: str) -> str:
    """A level of education in the reader's language."""
    return majors.LEVELS_EN.get(level, level) if lang == "en" else level


def _judged(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: values.get(name) for name in rules.FIELDS[kind]}
    kept = {name: (" ".join(value.split()) if name == "title" else value.strip()) if isinstance(value, str) else value for name, value in kept.items()}
    for name in ("about", "standing", "cooperation", "class_key", "level"):
        if name in kept and kept[name] is None:
            kept[name] = ""
    problems = rules.row_problem(kind, kept, majors.classes(), majors.LEVELS, clock.today())
    if problems:
        raise Invalid({name: [wording.PROBLEMS[code]] for name, code in problems.items()})
    return kept
