"""What stops a post from being open: readiness, words, the rules of law, and the share of interns that the ledger keeps."""

from __future__ import annotations

from typing import Any

from consortium.compliance import queries as compliance
from consortium.compliance import service as mentoring
from consortium.organisations import service as organisations
from consortium.organisations.queries import quota_room
from consortium.positions import queries, rules, wording
from consortium.positions.models import Position
from consortium.reference.wording import Found, found_in
from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l

Wrong = dict[str, list[Any]]


def stops(position: Position, *, opening: bool) -> Wrong:
    """All that speaks against an open post, by field; `opening`: also what only matters when it is opened now."""
    wrong = unready(position)
    if opening:
        _late_or_full(position, wrong)
    _words(position, wrong)
    _rules(position, wrong)
    for name, said in (over_cap(position) or short_of_mentors(position)).items():
        wrong.setdefault(name, []).extend(said)
    return wrong


def admit(position: Position, by: Actor, *, opening: bool) -> None:
    """Judge, then reserve; raises Invalid with all that is wrong."""
    wrong = stops(position, opening=opening)
    if wrong:
        raise Invalid(wrong)
    reserve(position, position.seats.places, by)


def unready(position: Position) -> Wrong:
    """What a post needs before anybody can judge it."""
    wrong: Wrong = {}
    for name in ("title", "duties"):
        if not (getattr(position, name) or "").strip():
            wrong[name] = [_l("This is needed.")]
    if position.kind == "internship":
        for name, value in (("start_on", position.start_on), ("end_on", position.end_on)):
            if value is None:
                wrong[name] = [_l("An internship needs its first and last day.")]
        if position.family_id is None:
            wrong["family"] = [_l("Choose the kind of post: interns are counted within it.")]
    return wrong


def found_words(position: Position) -> list[tuple[str, Found]]:
    """Every phrase that may not stand there, with its field."""
    reasons = {field: position.warnings_accepted.get(code, "") for code, field in rules.REASONS.items()}
    found = []
    for name in rules.FREE_TEXTS:
        told = reasons[name] if name in reasons else getattr(position, name) or ""
        found += [(name, one) for one in found_in("\n".join(told) if isinstance(told, list) else told)]
    return found


def over_cap(position: Position) -> Wrong:
    """The share that this post would overstep, with its numbers; nothing where a college let it pass."""
    if position.kind != "internship" or position.start_on is None or position.end_on is None or position.family_id is None:
        return {}
    room = quota_room(position.tenant_id, position.family_id, position.start_on, position.end_on, but=position.public_id)
    asked = position.seats.places
    if queries.override_for(position, asked) is not None:
        return {}
    for which, cap, used in (("R10", room.firm_cap, room.firm_used), ("R11", room.family_cap, room.family_used)):
        if cap is None or used + asked > cap:
            over = None if cap is None else used + asked - cap
            return {"places": [wording.over_cap(which, {"rule": which, "cap": cap, "used": used, "asked": asked, "over": over})]}
    return {}


def short_of_mentors(position: Position) -> Wrong:
    """No mentor, no place: how many places mentors have room for, where these are too few."""
    if position.kind != "internship" or position.start_on is None or position.end_on is None:
        return {}
    free = max(compliance.standing([position.tenant_id]).mentor_places(position), 0)
    return {"places": [wording.short_of_mentors(free, position.seats.places)]} if free < position.seats.places else {}


def reserve(position: Position, heads: int, by: Actor | None) -> None:
    """Hold the post's places in the firm's ledger, beyond the share only by what a college let pass, and bind mentors to them. Raises Invalid."""
    if position.kind != "internship" or heads == 0:
        return
    assert position.start_on is not None
    assert position.end_on is not None
    asked: dict[str, Any] = {"holder": position.public_id, "heads": heads, "from_on": position.start_on, "to_on": position.end_on, "by": by}
    try:
        organisations.reserve_quota(position.tenant_id, position.family_id, **asked)
    except Conflict as error:
        if error.code != "over-cap":
            raise
        passed = queries.override_for(position, heads)
        if passed is None:
            raise Invalid({"places": [wording.over_cap(error.facts["rule"], error.facts)]}) from None
        organisations.reserve_quota(position.tenant_id, position.family_id, override_reason=passed.answer, **asked)
    try:
        mentoring.bind_mentors(
            position.tenant_id, position.family_id, holder=position.public_id, label=position.title, heads=heads, from_on=position.start_on, to_on=position.end_on
        )
    except Conflict as error:
        raise Invalid({"places": [wording.short_of_mentors(error.facts["free"], error.facts["asked"])]}) from None


def _late_or_full(position: Position, wrong: Wrong) -> None:
    if position.kind == "internship" and position.start_on is not None and position.start_on < clock.today():
        wrong["start_on"] = [_l("The first day has passed.")]
    if position.closes_on is not None and position.closes_on < clock.today():
        wrong["closes_on"] = [_l("This day has passed. Choose a later one, or leave it empty.")]
    if position.seats.places < 1:
        wrong["places"] = [_l("This is needed.")]
    elif position.seats.places - position.seats.taken < 1:
        wrong["places"] = [_l("There is no free place.")]


def _words(position: Position, wrong: Wrong) -> None:
    reason = position.warnings_accepted.get("wording", "")
    for name, one in found_words(position):
        excusable = rules.excused(one.phrase, position.hazards, position.labour_level)
        if excusable and reason:
            continue
        wrong.setdefault(name, []).append(wording.wording_fault(one, position.kind))
        if excusable:
            wrong.setdefault("wording_reason", [_("If the work truly needs these words, write why; it is recorded and the zone sees it.")])


def _rules(position: Position, wrong: Wrong) -> None:
    """The shares of R10 and R11 and the mentors of R30 are the ledgers', which tell them with their numbers."""
    limits = queries.limits(clock.today())
    for verdict in queries.judge(position):
        if verdict.code in ("R10", "R11", "R30a"):
            continue
        field = rules.field_of(verdict.code, position, limits)
        if verdict.blocks:
            said = wording.blocked(verdict.code, position, limits, rules.most_probation(position.contract_kind, position.contract_months))
            if verdict.state == -1:
                said = _("Not filled in, so it cannot be judged: %(rule)s", rule=said)
            wrong.setdefault(field, []).append(said)
        elif verdict.effect == "warn" and verdict.state == 0 and not position.warnings_accepted.get(verdict.code):
            wrong.setdefault(field, []).append(wording.warned(verdict.code, position))
            wrong.setdefault(rules.REASONS[verdict.code], []).append(_("If there is a good reason, write it here and publish again."))


