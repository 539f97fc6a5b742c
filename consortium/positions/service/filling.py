"""Writing named values into a post: first every fault is found, then all is written, or as much as can be stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from consortium.organisations.models import PostFamily
from consortium.positions import rules
from consortium.positions.lifecycle import DRAFT
from consortium.positions.models import Position, PositionMajor, PositionSkill
from consortium.reference import law, majors, occupations, places
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries as skills

FIELDS = (
    "title", "duties", "tasks", "occupation_code", "place_code", "place_note", "start_on", "end_on", "closes_on", "level_least", "pay_fen", "same_post_pay_fen",
    "lowest_grade_fen", "pay_to_student", "pay_in_kind", "pay_period_days", "board", "lodging", "fees", "hours_per_day", "hours_per_week", "shifts", "night",
    "rest_days", "overtime", "pauses_holidays", "hazards", "labour_level", "venue", "filings", "contract_kind", "contract_months", "probation_months",
)  # fmt: skip
DEPTHS = {"M": "major", "C": "class", "G": "category"}
LETTERS = {depth: letter for letter, depth in DEPTHS.items()}
NEEDED = ("title", "duties")
"""What a post is nothing without; a draft may still lack it."""


def fill(position: Position, values: dict[str, Any]) -> None:
    """Write values into a post; raises Invalid with all that cannot stand, and then nothing is written."""
    wrong = faults(position, values)
    if wrong:
        raise Invalid(wrong)
    write(position, values)


def storable(position: Position, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Of a half-written draft: what can be stored, and by field why the rest cannot; of lists the known entries are kept."""
    wrong = faults(position, values)
    kept = {name: value for name, value in values.items() if name not in wrong}
    if "majors" in wrong:
        kept["majors"] = [code for code in values["majors"] if majors.category_of(_full(code))]
    for field in ("must", "nice"):
        if field in wrong:
            known = skills.by_codes(rules.levelled(told)[0] for told in values[field])
            kept[field] = [told for told in values[field] if rules.levelled(told)[0] in known]
    return kept, wrong


def faults(position: Position, values: dict[str, Any]) -> dict[str, list[Any]]:
    """Every value that no post can hold, by field; a draft may lack what a published post must have."""
    wrong: dict[str, list[Any]] = {}
    if position.state not in (None, DRAFT):
        for name in NEEDED:
            if name in values and not (values[name] or "").strip():
                wrong[name] = [_l("This is needed.")]
        if "places" in values and not values["places"]:
            wrong["places"] = [_l("This is needed.")]
    for name, (low, high) in rules.out_of_range(values).items():
        wrong[name] = [_l("A number from %(min)s to %(max)s.", min=low, max=high)]
    for name, known in (("venue", rules.VENUES), ("level_least", frozenset(majors.LEVELS)), ("contract_kind", frozenset(rules.CONTRACTS))):
        if values.get(name) and values[name] not in known:
            wrong[name] = [_l("Not one of the choices.")]
    for name, allowed in (("hazards", frozenset(law.hazards())), ("filings", frozenset(law.FILEABLE))):
        strange = [code for code in values.get(name) or [] if code not in allowed]
        if strange:
            wrong[name] = [_l("%(code)s is not one of %(known)s.", code=strange[0], known=", ".join(sorted(allowed)))]
    unclear = [one for one in values.get("shifts") or [] if not rules.shift(one)]
    if unclear:
        wrong["shifts"] = [_l("%(told)s is not readable. Write each shift as 08:00-16:30, one a line.", told=unclear[0][:20])]
    if values.get("occupation_code") and values["occupation_code"] not in occupations.names():
        wrong["occupation_code"] = [_l("Not an occupation of the catalogue. Type a name and pick from the list.")]
    if values.get("place_code") and values["place_code"] not in places.names():
        wrong["place_code"] = [_l("Not a place. Type a name and pick from the list.")]
    start_on, end_on = (values.get(name, getattr(position, name)) for name in ("start_on", "end_on"))
    if start_on and end_on and end_on < start_on:
        wrong["end_on"] = [_l("The last day lies before the first.")]
    if values.get("family") and not _is_own(values["family"], position.tenant_id):
        wrong["family"] = [_l("Not one of your kinds of posts.")]
    for code in values.get("majors") or []:
        if not majors.category_of(_full(code)):
            wrong.setdefault("majors", []).append(_l("%(code)s is no major, class or category. Type a name and pick from the list.", code=code))
    asked = {told: rules.levelled(told)[0] for field in ("must", "nice") for told in values.get(field) or []}
    known_skills = skills.by_codes(asked.values()) if asked else {}
    for field in ("must", "nice"):
        for told in values.get(field) or []:
            if asked[told] not in known_skills:
                wrong.setdefault(field, []).append(_l("%(code)s is not in the vocabulary. Type a name and pick from the list.", code=told))
    return wrong


def write(position: Position, values: dict[str, Any]) -> None:
    """Write values that have no fault."""
    for name in FIELDS:
        if name in values:
            value = values[name]
            setattr(position, name, [rules.shift(one) for one in value or []] if name == "shifts" else value)
    reasons = {code: values.get(field, position.warnings_accepted.get(code, "")) for code, field in rules.REASONS.items()}
    position.warnings_accepted = {code: reason.strip() for code, reason in reasons.items() if reason and reason.strip()}
    if "family" in values:
        position.family_id = values["family"] or None
    if "majors" in values:
        _write_majors(position, values["majors"])
    if {"must", "nice"} & set(values):
        _write_skills(position, values)


def as_values(position: Position) -> dict[str, Any]:
    """A post as named values, as `fill` takes them."""
    return {name: getattr(position, name) for name in FIELDS} | {
        "kind": position.kind,
        "places": position.seats.places,
        "family": position.family_id,
        "majors": [f"{LETTERS[m.depth]}:{m.code}" for m in position.majors],
        "must": [f"{s.skill.code}:{s.level}" for s in position.skills if s.must],
        "nice": [f"{s.skill.code}:{s.level}" for s in position.skills if not s.must],
        **{field: position.warnings_accepted.get(code, "") for code, field in rules.REASONS.items()},
    }


def dated(values: dict[str, Any]) -> dict[str, Any]:
    """Days back from text, as JSON keeps them."""
    return {n: date.fromisoformat(v) if n in ("start_on", "end_on", "closes_on") and isinstance(v, str) else v for n, v in values.items()}


def _full(code: str) -> str:
    return code if ":" in code else f"M:{code}"


def _is_own(family_id: int, tenant_id: int) -> bool:
    mine = sa.select(PostFamily.id).where(PostFamily.id == family_id, PostFamily.tenant_id == tenant_id)
    return db.session.scalar(mine) is not None


def _write_majors(position: Position, codes: Iterable[str]) -> None:
    wanted = set()
    for code in codes:
        depth, key = _full(code).split(":", 1)
        wanted.add((DEPTHS[depth], key))
    for one in list(position.majors):
        if (one.depth, one.code) in wanted:
            wanted.discard((one.depth, one.code))
        else:
            position.majors.remove(one)
    position.majors.extend(PositionMajor(depth=depth, code=key) for depth, key in sorted(wanted))


def _write_skills(position: Position, values: dict[str, Any]) -> None:
    """What is needed goes before what is welcome; a level that is not told stays, or is the usual one."""
    asked: dict[str, tuple[bool, int | None]] = {}
    for field in ("nice", "must"):
        for told in values.get(field) or []:
            code, level = rules.levelled(told)
            asked[code] = (field == "must", level)
    known = skills.by_codes(asked)
    mine = {one.skill_id: one for one in position.skills}
    wanted = {skill.id: asked[code] for code, skill in known.items()}
    for skill_id, one in mine.items():
        if skill_id in wanted:
            one.must = wanted[skill_id][0]
            one.level = wanted[skill_id][1] or one.level
        else:
            position.skills.remove(one)
    position.skills.extend(
        PositionSkill(skill_id=s.id, skill=s, must=asked[c][0], level=asked[c][1] or 2) for c, s in known.items() if s.id not in mine
    )
