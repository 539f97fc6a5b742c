"""Writing, publishing and closing posts; taking and giving back seats. Flushes; the edge commits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from consortium.organisations import service as organisations
from consortium.organisations.models import PostFamily
from consortium.organisations.queries import quota_room
from consortium.positions import queries, rules, wording
from consortium.positions.events import position_changed, position_closed, position_published
from consortium.positions.lifecycle import DRAFT, OPEN, POSITION
from consortium.positions.models import Position, PositionMajor, PositionSkill, Seats
from consortium.reference import law, majors, occupations, places
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries as skills

FIELDS = (
    "title", "duties", "tasks", "occupation_code", "place_code", "place_note", "start_on", "end_on", "level_least", "pay_fen", "same_post_pay_fen",
    "lowest_grade_fen", "pay_to_student", "pay_in_kind", "pay_period_days", "board", "lodging", "fees", "hours_per_day", "hours_per_week", "night",
    "rest_days", "overtime", "hazards", "labour_level", "venue", "filings", "contract_months", "probation_months",
)  # fmt: skip
DEPTHS = {"M": "major", "C": "class", "G": "category"}


def create(actor: Actor, values: dict[str, Any]) -> Position:
    """A draft from named values; raises Invalid."""
    position = Position(
        tenant_id=actor.tenant_id, kind=values["kind"], title=values["title"], duties="", tasks=[], majors=[], skills=[], warnings_accepted={}
    )
    position.seats = Seats(places=values["places"])
    with db.session.no_autoflush:
        _fill(position, values)
    db.session.add(position)
    db.session.flush()
    audit.record("create-position", position, by=actor)
    return position


def edit(position: Position, values: dict[str, Any], *, by: Actor) -> None:
    """Change a post; an open one must stay lawful. Raises Invalid."""
    kind = values.get("kind", position.kind)
    if kind != position.kind and position.state != DRAFT:
        raise Invalid({"kind": [_l("Only a draft may change from internship to job or back. Copy the post instead.")]})
    places = values.get("places", position.seats.places)
    if places < position.seats.taken:
        raise Invalid({"places": [_l("%(n)d places are already taken.", n=position.seats.taken)]})
    with db.session.no_autoflush:
        position.kind = kind
        _fill(position, values)
        position.seats.places = places
    flag_modified(position, "title")  # also a change of majors or seats alone raises the version
    db.session.flush()
    if position.state == OPEN:
        _admit(position, _unready(position), by)
        position_changed.announce(position_id=position.id)
    audit.record("edit-position", position, by=by)


def publish(position: Position, *, by: Actor) -> None:
    """Open a post to students; refused with the rule's words where the law or the caps forbid it."""
    state = POSITION.take("publish", position.state, by)
    wrong = _unready(position)
    if position.start_on is not None and position.start_on < clock.today():
        wrong["start_on"] = [_l("The first day has passed.")]
    if position.seats.places - position.seats.taken < 1:
        wrong["places"] = [_l("There is no free place.")]
    _admit(position, wrong, by)
    position.state, position.published_at = state, clock.now()
    db.session.flush()
    audit.record("publish-position", position, by=by)
    position_published.announce(position_id=position.id)


def pause(position: Position, *, by: Actor) -> None:
    """Take no more applications for now."""
    position.state = POSITION.take("pause", position.state, by)
    db.session.flush()
    audit.record("pause-position", position, by=by)


def close(position: Position, *, by: Actor) -> None:
    """End a post; places that nobody took go back to the ledger."""
    position.state = POSITION.take("close", position.state, by)
    db.session.flush()
    organisations.keep_quota(position.tenant_id, position.public_id, position.seats.taken)
    audit.record("close-position", position, by=by)
    position_closed.announce(position_id=position.id)


def copied(position: Position, *, by: Actor) -> Position:
    """A new draft with the same words and requirements, without dates."""
    values: dict[str, Any] = {name: getattr(position, name) for name in FIELDS} | {
        "kind": position.kind,
        "places": position.seats.places,
        "family": position.family_id,
        "majors": [{v: k for k, v in DEPTHS.items()}[m.depth] + ":" + m.code for m in position.majors],
        "must": [s.skill.code for s in position.skills if s.must],
        "nice": [s.skill.code for s in position.skills if not s.must],
        "start_on": None,
        "end_on": None,
        "pay_reason": "",
        "length_reason": "",
    }
    return create(by, values)


def take_seat(position_id: int) -> None:
    """One seat, by one conditional UPDATE: never more than there are. Raises Conflict(code="full")."""
    taken = db.session.execute(
        sa.update(Seats)
        .where(Seats.position_id == position_id, Seats.taken < Seats.places)
        .values(taken=Seats.taken + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("All places of this post are taken."), code="full")


def give_back_seat(position_id: int) -> None:
    """The reverse."""
    db.session.execute(
        sa.update(Seats)
        .where(Seats.position_id == position_id, Seats.taken > 0)
        .values(taken=Seats.taken - 1)
        .execution_options(synchronize_session=False)
    )


def refuse_unlawful(position: Position, found: dict[str, list[Any]] | None = None) -> None:
    """Raise Invalid with every rule that stops this post, beside its field; warnings need a recorded reason.

    The shares of R10 and R11 are the ledger's (`_reserve`), which tells them with their numbers. `found`: what is wrong already.
    """
    found = {} if found is None else found
    for name, text in (("title", position.title), ("duties", position.duties), ("tasks", "\n".join(position.tasks))):
        for fault in rules.wording(text):
            found.setdefault(name, []).append(wording.wording_fault(fault.word, fault.why))
    for verdict in queries.judge(position):
        if verdict.code in ("R10", "R11"):
            continue
        field = rules.field_of(verdict.code, position, law.thresholds(clock.today()))
        if verdict.blocks:
            said = wording.rule_words(verdict.code)
            if verdict.state == -1:
                said = _("Not filled in, so it cannot be judged: %(rule)s", rule=said)
            found.setdefault(field, []).append(said)
        elif verdict.effect == "warn" and verdict.state == 0 and not position.warnings_accepted.get(verdict.code):
            found.setdefault(field, []).append(wording.warned(verdict.code, position))
            found.setdefault(rules.REASONS[verdict.code], []).append(_("If there is a good reason, write it here and publish again."))
    if found:
        raise Invalid(found)


def _unready(position: Position) -> dict[str, list[Any]]:
    """What a post needs before anybody can judge it."""
    wrong: dict[str, list[Any]] = {}
    if position.kind == "internship":
        for name, value in (("start_on", position.start_on), ("end_on", position.end_on)):
            if value is None:
                wrong[name] = [_l("An internship needs its first and last day.")]
        if position.family_id is None:
            wrong["family"] = [_l("Choose the kind of post: interns are counted within it.")]
    return wrong


def _admit(position: Position, wrong: dict[str, list[Any]], by: Actor) -> None:
    """Judge, then reserve; a share that would be overstepped is told together with whatever else is wrong."""
    try:
        refuse_unlawful(position, wrong)
    except Invalid as refused:
        raise Invalid({**refused.fields, **_over_cap(position)}) from None
    _reserve(position, by)


def _over_cap(position: Position) -> dict[str, list[Any]]:
    if position.kind != "internship" or position.start_on is None or position.end_on is None or position.family_id is None:
        return {}
    room = quota_room(position.tenant_id, position.family_id, position.start_on, position.end_on, but=position.public_id)
    asked = position.seats.places
    for which, cap, used in (("R10", room.firm_cap, room.firm_used), ("R11", room.family_cap, room.family_used)):
        if cap is None or used + asked > cap:
            over = None if cap is None else used + asked - cap
            return {"places": [wording.over_cap(which, {"rule": which, "cap": cap, "used": used, "asked": asked, "over": over})]}
    return {}


def _reserve(position: Position, by: Actor) -> None:
    if position.kind != "internship":
        return
    assert position.start_on is not None
    assert position.end_on is not None
    try:
        organisations.reserve_quota(
            position.tenant_id, position.family_id, holder=position.public_id, heads=position.seats.places,
            from_on=position.start_on, to_on=position.end_on, by=by,
        )  # fmt: skip
    except Conflict as error:
        if error.code != "over-cap":
            raise
        raise Invalid({"places": [wording.over_cap(error.facts["rule"], error.facts)]}) from None


def _fill(position: Position, values: dict[str, Any]) -> None:
    wrong: dict[str, list[Any]] = {}
    for name in FIELDS:
        if name in values:
            setattr(position, name, values[name])
    if not position.title.strip() or not position.duties.strip():
        wrong["title" if not position.title.strip() else "duties"] = [_l("This is needed.")]
    for name, (low, high) in rules.out_of_range(values).items():
        wrong[name] = [_l("A number from %(min)s to %(max)s.", min=low, max=high)]
    for name, known in (("venue", rules.VENUES), ("level_least", frozenset(majors.LEVELS))):
        if values.get(name) and values[name] not in known:
            wrong[name] = [_l("Not one of the choices.")]
    for name, allowed in (("hazards", frozenset(law.hazards())), ("filings", frozenset(rules.FILEABLE))):
        strange = [code for code in values.get(name) or [] if code not in allowed]
        if strange:
            wrong[name] = [_l("%(code)s is not one of %(known)s.", code=strange[0], known=", ".join(sorted(allowed)))]
    if position.occupation_code and position.occupation_code not in occupations.names():
        wrong["occupation_code"] = [_l("Not an occupation of the catalogue. Type a name and pick from the list.")]
    if position.place_code and position.place_code not in places.names():
        wrong["place_code"] = [_l("Not a place. Type a name and pick from the list.")]
    if position.start_on and position.end_on and position.end_on < position.start_on:
        wrong["end_on"] = [_l("The last day lies before the first.")]
    reasons = {code: values.get(field, position.warnings_accepted.get(code, "")) for code, field in rules.REASONS.items()}
    position.warnings_accepted = {code: reason.strip() for code, reason in reasons.items() if reason and reason.strip()}
    if "family" in values:
        family = values["family"] or None
        mine = sa.select(PostFamily.id).where(PostFamily.id == family, PostFamily.tenant_id == position.tenant_id)
        if family and db.session.scalar(mine) is None:
            wrong["family"] = [_l("Not one of your kinds of posts.")]
        position.family_id = family
    if "majors" in values:
        _fill_majors(position, values["majors"], wrong)
    if {"must", "nice"} & set(values):
        _fill_skills(position, values, wrong)
    if wrong:
        raise Invalid(wrong)


def _fill_majors(position: Position, codes: list[str], wrong: dict[str, list[Any]]) -> None:
    wanted = set()
    for code in codes:
        full = code if ":" in code else f"M:{code}"
        if not majors.category_of(full):
            wrong.setdefault("majors", []).append(_l("%(code)s is no major, class or category. Type a name and pick from the list.", code=code))
        else:
            depth, key = full.split(":", 1)
            wanted.add((DEPTHS[depth], key))
    for one in list(position.majors):
        if (one.depth, one.code) in wanted:
            wanted.discard((one.depth, one.code))
        else:
            position.majors.remove(one)
    position.majors.extend(PositionMajor(depth=depth, code=key) for depth, key in sorted(wanted))


def _fill_skills(position: Position, values: dict[str, Any], wrong: dict[str, list[Any]]) -> None:
    asked = dict.fromkeys(values.get("nice", []), False) | dict.fromkeys(values.get("must", []), True)
    known = skills.by_codes(asked)
    for field in ("must", "nice"):
        for code in values.get(field, []):
            if code not in known:
                wrong.setdefault(field, []).append(_l("%(code)s is not in the vocabulary. Type a name and pick from the list.", code=code))
    mine = {one.skill_id: one for one in position.skills}
    wanted = {skill.id: asked[code] for code, skill in known.items()}
    for skill_id, one in mine.items():
        if skill_id in wanted:
            one.must = wanted[skill_id]
        else:
            position.skills.remove(one)
    position.skills.extend(PositionSkill(skill_id=s.id, skill=s, must=asked[c]) for c, s in known.items() if s.id not in mine)
