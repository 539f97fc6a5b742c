"""What is said of filings, overrides, mentors and the law's tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from consortium.messages.wording import declare, press
from consortium.reference import law
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l

PLACES: dict[str, Any] = {
    "posting": _l("Posting"), "matching": _l("Matching"), "offer": _l("Application and offer"), "signature": _l("Before the signature"),
    "first-day": _l("On the first day"), "every-day": _l("Every day"),
}  # fmt: skip
EFFECTS: dict[str, Any] = {
    "block": _l("never allowed"), "overridable": _l("stopped, unless a school gives its reason"), "until": _l("stopped until the record is there"),
    "filing": _l("stopped, unless it is filed"), "warn": _l("allowed with a recorded reason"), "design": _l("kept by how the product is built"),
}  # fmt: skip
SCOPES: dict[str, Any] = {
    "post": _l("each post"), "pair": _l("each student and post"), "agreement": _l("each agreement"), "design": _l("the product itself"),
}  # fmt: skip
WHO: dict[str, Any] = {
    "student": _l("the student"), "college": _l("the college"), "enterprise": _l("the enterprise"), "zone": _l("the zone"),
    "headcount": _l("the enterprise and the ledger of places"), "filing": _l("the filing that the zone has verified"), "parties": _l("the parties"),
}  # fmt: skip
TABLES: dict[str, Any] = {
    "threshold": _l("Thresholds"), "holiday": _l("Statutory holidays"), "make-up": _l("Days of rest that are worked"), "hazard": _l("Hazards and who is kept from them"),
}  # fmt: skip
GROUPS: dict[str, Any] = {"minor": _l("minors"), "women": _l("women"), "unfiled": _l("everybody without a filing")}
declare(
    {
        "filing-verified": (_l("Filing verified: %(number)s"), _l("The zone has verified the filing %(number)s. It counts from now on.")),
        "filing-refused": (_l("Filing not taken: %(number)s"), _l("The zone does not take the filing %(number)s: %(reason)s")),
        "filing-ending": (_l("Filing ends on %(day)s: %(number)s"), _l("The filing %(number)s ends on %(day)s. Posts that rest on it are stopped from then on; enter the next one in time.")),
        "rule-overridden": (_l("Rule let pass: %(rule)s"), _l("%(college)s lets rule %(rule)s pass for its students: %(reason)s")),
    }
)  # fmt: skip


def rule_titles(codes: list[str]) -> str:
    """Codes with their names."""
    lang = language()
    return ("、" if lang == "zh" else ", ").join(f"{code} {law.rule(code).title(lang)}" for code in codes)


def source(code: str, when: Mapping[str, date | None] | None = None) -> str:
    """What a rule looks at, from whom, and since when it stands, in one line."""
    lang = language()
    by: dict[str, list[str]] = {}
    for fact in law.rule(code).facts:
        by.setdefault(fact.who, []).append(fact.name(lang))
    comma, colon, stop = ("、", "：", "；") if lang == "zh" else (", ", ": ", "; ")
    told = []
    for who, names in by.items():
        on = (when or {}).get(who)
        day = f"（{on.isoformat()}）" if on and lang == "zh" else f" ({on.isoformat()})" if on else ""
        told.append(f"{WHO[who]}{day}{colon}{comma.join(names)}")
    return stop.join(told)


press({"filing-refused", "filing-ending"})  # a day comes near
