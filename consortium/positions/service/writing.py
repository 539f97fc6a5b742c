"""Drafting, changing, publishing, pausing, closing, copying and ending posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from consortium.compliance import service as mentoring
from consortium.organisations import service as organisations
from consortium.positions import queries, rules
from consortium.positions.events import (
    place_freed,
    position_changed,
    position_closed,
    position_expired,
    position_expiring,
    position_published,
    position_reopened,
)
from consortium.positions.lifecycle import CLOSED, DRAFT, OPEN, PAUSED, POSITION
from consortium.positions.models import CapOverride, Position, Seats
from consortium.positions.service.filling import as_values, fill, storable, write
from consortium.positions.service.lawful import admit, reserve, unready
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l


def create(actor: Actor, values: dict[str, Any]) -> Position:
    """A draft from named values; raises Invalid."""
    position = blank(actor, values)
    with db.session.no_autoflush:
        fill(position, values)
    return _added(position, actor, "create-position")


def keep(position: Position | None, values: dict[str, Any], *, by: Actor) -> tuple[Position, dict[str, list[Any]]]:
    """Save a half-written draft as far as it can be stored, telling nobody: the post, and by field why the rest was left out.

    Nothing is written where nothing changed. Raises Conflict for a post that is no draft any more.
    """
    if position is not None and position.state != DRAFT:
        raise Conflict(_l("This post is no draft any more. Save it with the button, so that the rules can be judged."), code="no-draft")
    kept = position if position is not None else blank(by, values)
    with db.session.no_autoflush:
        good, left_out = storable(kept, values)
        before = _compared(kept)
        kept.kind = good.get("kind") or kept.kind
        write(kept, good)
        if "places" in good:
            kept.seats.places = good["places"] or 0
    if position is None:
        return _added(kept, by, "create-position"), left_out
    if _compared(kept) != before:
        flag_modified(kept, "title")
        db.session.flush()
        audit.record("keep-draft", kept, by=by)
    return kept, left_out


def edit(position: Position, values: dict[str, Any], *, by: Actor) -> None:
    """Change a post; an open one must stay lawful, and whatever holds places keeps its line in the ledger. Raises Invalid."""
    kind = values.get("kind", position.kind)
    if kind != position.kind and position.state != DRAFT:
        raise Invalid({"kind": [_l("Only a draft may change from internship to job or back. Copy the post instead.")]})
    places = values.get("places", position.seats.places) or 0
    if places < position.seats.taken:
        raise Invalid({"places": [_l("%(n)d places are already taken.", n=position.seats.taken)]})
    was_full = position.state == OPEN and position.seats.taken >= position.seats.places
    if position.state != DRAFT:
        organisations.take_turn(position.tenant_id)
    with db.session.no_autoflush:
        position.kind = kind
        fill(position, values)
        position.seats.places = places
    flag_modified(position, "title")  # also a change of majors or seats alone raises the version
    db.session.flush()
    _keep_in_ledger(position, by)
    if position.state == OPEN:
        position_changed.announce(position_id=position.id)
        if was_full and position.seats.taken < position.seats.places:
            place_freed.announce(position_id=position.id)
    audit.record("edit-position", position, by=by)


def publish(position: Position, *, by: Actor) -> None:
    """Open a post to students, for the first time or again; refused with the rule's words where the law or the caps forbid it."""
    state, again = POSITION.take("publish", position.state, by), position.state in (PAUSED, CLOSED)
    organisations.take_turn(position.tenant_id)
    admit(position, by, opening=True)
    position.state, position.published_at = state, clock.now()
    position.closed_at, position.closed_reason, position.closed_note, position.warned_for = None, "", "", None
    db.session.flush()
    audit.record("publish-position", position, by=by, again=again)
    position_published.announce(position_id=position.id)
    if again:
        position_reopened.announce(position_id=position.id)


def pause(position: Position, *, by: Actor | None) -> None:
    """Take no more applications for now; nobody: the system, where applicants wait too long."""
    position.state = POSITION.take("pause", position.state, by)
    db.session.flush()
    audit.record("pause-position", position, by=by)


def close(position: Position, reason: str, note: str = "", *, by: Actor) -> None:
    """End a post and say why; places that nobody took go back to the ledger. Raises Invalid."""
    state = POSITION.take("close", position.state, by)
    if reason not in rules.CLOSING:
        raise Invalid({"reason": [_l("Choose why the post is closed.")]})
    if len(note) > 300:
        raise Invalid({"note": [_l("At most %(max)d characters.", max=300)]})
    _end(position, state, reason, note.strip(), by)


def expire_overdue() -> int:
    """Close what is past its last day; how many. Twice is safe: the second finds none."""
    found = queries.overdue(clock.today())
    for position in found:
        _end(position, POSITION.take("expire", position.state, None), "expired", "", None)
        position_expired.announce(position_id=position.id)
    return len(found)


def warn_expiring() -> int:
    """Tell the firms of posts whose last day comes near, once for each last day; how many."""
    found = queries.expiring(clock.today(), rules.WARN_DAYS)
    for position in found:
        position.warned_for = rules.last_day(position.kind, position.start_on, position.closes_on)
        db.session.flush()
        position_expiring.announce(position_id=position.id)
    return len(found)


def copied(position: Position, *, by: Actor) -> Position:
    """A new draft with the same words and requirements, without dates."""
    return _copy(position, {"start_on": None, "end_on": None, "closes_on": None}, by)


def repeated(positions: Sequence[Position], *, by: Actor) -> tuple[list[Position], int]:
    """Drafts like posts of last term, their days moved by whole years into the future; and how many were left out as repeated before."""
    done = queries.repeated_already(positions)
    made = []
    for position in positions:
        if position.public_id in done:
            continue
        days = {name: getattr(position, name) for name in ("start_on", "end_on", "closes_on")}
        while True:
            days = {name: rules.a_year_later(day) for name, day in days.items()}
            first = min((day for day in days.values() if day is not None), default=None)
            if first is None or first > clock.today():
                break
        copy = _copy(position, days, by)
        copy.copied_from = position.public_id
        made.append(copy)
    db.session.flush()
    return made, len(positions) - len(made)


def remove(position: Position, *, by: Actor) -> None:
    """Throw a draft away that was never published. Raises Conflict."""
    if position.state != DRAFT or position.published_at is not None:
        raise Conflict(_l("Only a draft can be thrown away. Close the post instead."), code="no-draft")
    audit.record("remove-draft", position, by=by)
    db.session.execute(sa.delete(CapOverride).where(CapOverride.position_id == position.id))
    db.session.delete(position)
    db.session.flush()


def blank(actor: Actor, values: dict[str, Any]) -> Position:
    """A post with nothing in it, not yet added."""
    position = Position(
        tenant_id=actor.tenant_id, kind=values.get("kind") or "internship", state=DRAFT, title="", duties="", tasks=[], majors=[], skills=[],
        hazards=[], filings=[], shifts=[], warnings_accepted={}, occupation_code="", place_code="", place_note="", level_least="", venue="",
        contract_kind="",
    )  # fmt: skip
    position.seats = Seats(places=values.get("places") or 0, taken=0)
    return position


def _added(position: Position, by: Actor, act: str) -> Position:
    db.session.add(position)
    db.session.flush()
    audit.record(act, position, by=by)
    return position


def _copy(position: Position, days: dict[str, Any], by: Actor) -> Position:
    return create(by, as_values(position) | dict.fromkeys(rules.REASONS.values(), "") | days)


def _compared(position: Position) -> dict[str, Any]:
    """What a draft holds, in a fixed order."""
    told = as_values(position)
    return told | {name: sorted(told[name]) for name in ("majors", "must", "nice")}


def _keep_in_ledger(position: Position, by: Actor) -> None:
    """An open post is judged whole; a paused one still holds its places, a closed one those of the students who are coming."""
    if position.state == OPEN:
        admit(position, by, opening=False)
        return
    heads = {PAUSED: position.seats.places, CLOSED: position.seats.taken}.get(position.state, 0)
    if heads and position.kind == "internship":
        wrong = unready(position)
        if wrong:
            raise Invalid(wrong)
        reserve(position, heads, by)


def _end(position: Position, state: str, reason: str, note: str, by: Actor | None) -> None:
    organisations.take_turn(position.tenant_id)
    position.state, position.closed_at, position.closed_reason, position.closed_note = state, clock.now(), reason, note
    db.session.flush()
    organisations.keep_quota(position.tenant_id, position.public_id, position.seats.taken)
    mentoring.keep_mentors(position.public_id, position.seats.taken)
    audit.record("close-position", position, by=by, reason=reason)
    position_closed.announce(position_id=position.id)
