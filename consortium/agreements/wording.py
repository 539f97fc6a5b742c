"""What is said of agreements: parties, sections, facts, messages."""

from __future__ import annotations

from typing import Any

from consortium.messages.wording import declare
from consortium.shared.i18n import lazy_gettext as _l

PARTIES: dict[str, Any] = {"student": _l("Student"), "guardian": _l("Guardian"), "enterprise": _l("Enterprise"), "college": _l("College")}

SECTIONS: dict[str, Any] = {
    "parties": _l("Parties"),
    "time": _l("Time"),
    "place": _l("Place"),
    "content": _l("Content of the work"),
    "conditions": _l("Conditions of the work"),
    "board": _l("Board and lodging"),
    "hours": _l("Hours and rest"),
    "pay": _l("Pay and payment"),
    "protection": _l("Labour protection"),
    "insurance": _l("Insurance"),
    "assessment": _l("Assessment"),
    "breach": _l("Breach"),
}

FACTS: dict[str, Any] = {
    "student": _l("Student"),
    "student_no": _l("Student number"),
    "guardian": _l("Guardian"),
    "enterprise": _l("Enterprise"),
    "credit_code": _l("Credit code"),
    "college": _l("College"),
    "start_on": _l("First day"),
    "end_on": _l("Last day"),
    "contract_months": _l("Contract, months"),
    "probation_months": _l("Probation, months"),
    "place_code": _l("Place"),
    "place_note": _l("Exact place"),
    "title": _l("Post"),
    "duties": _l("Duties"),
    "tasks": _l("Typical tasks"),
    "venue": _l("Place of work"),
    "labour_level": _l("Physical labour (GB/T 3869)"),
    "hazards": _l("Hazards"),
    "board": _l("Board"),
    "lodging": _l("Lodging"),
    "hours_per_day": _l("Hours a day"),
    "hours_per_week": _l("Hours a week"),
    "night": _l("Night shifts (22:00–06:00)"),
    "rest_days": _l("Work on rest days or holidays"),
    "overtime": _l("Overtime"),
    "pay_fen": _l("Pay a month"),
    "pay_period_days": _l("Paid every"),
    "pay_to_student": _l("Paid directly to the student"),
    "protection": _l("Protective equipment, training, safety measures"),
    "insurance": _l("Liability insurance"),
    "assessment": _l("Who assesses, and how"),
    "breach": _l("What follows a breach"),
}

SHOWN: dict[str, tuple[str, ...]] = {
    "parties": ("student", "student_no", "guardian", "enterprise", "credit_code", "college"),
    "time": ("start_on", "end_on", "contract_months", "probation_months"),
    "place": ("place_code", "place_note"),
    "content": ("title", "duties", "tasks"),
    "conditions": ("venue", "labour_level", "hazards"),
    "board": ("board", "lodging"),
    "hours": ("hours_per_day", "hours_per_week", "night", "rest_days", "overtime"),
    "pay": ("pay_fen", "pay_period_days", "pay_to_student"),
    "protection": ("protection",),
    "insurance": ("insurance",),
    "assessment": ("assessment",),
    "breach": ("breach",),
}

VENUES: dict[str, Any] = {
    "factory": _l("Factory or workshop"), "office": _l("Office"), "laboratory": _l("Laboratory"), "warehouse": _l("Warehouse"),
    "shop": _l("Shop or service counter"), "site": _l("Construction or customer's site"),
}  # fmt: skip

STAGES: dict[str, Any] = {"before-signature": _l("Before anybody signs"), "before-start": _l("Before the first day"), "every-day": _l("On every day of work")}

declare(
    {
        "agreement-drafted": (
            _l("Agreement drafted: %(title)s"),
            _l("The agreement for %(title)s is drafted from the accepted offer. See what is still missing."),
        ),
    }
)


EXPORTED: tuple[tuple[str, Any], ...] = (
    ("title", _l("Post")), ("student", _l("Student")), ("student_no", _l("Student number")), ("college", _l("College")), ("enterprise", _l("Enterprise")),
    ("kind", _l("Kind")), ("state", _l("State")), ("start_on", _l("First day")), ("end_on", _l("Last day")), ("pay", _l("Pay a month (yuan)")),
    ("signed", _l("Signed by")), ("parties", _l("Parties")), ("missing", _l("Sections missing")), ("drafted", _l("Drafted")),
)  # fmt: skip
"""Columns of an export."""


def party(name: str) -> str:
    """A party in the reader's language."""
    return str(PARTIES[name])


def section(name: str) -> str:
    """A section of the terms."""
    return str(SECTIONS[name])


def fact(name: str) -> str:
    """The name of a fact."""
    return str(FACTS.get(name, name))


def stage(name: str) -> str:
    """By when something must be there."""
    return str(STAGES[name])
