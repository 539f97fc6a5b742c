"""A share of interns passed on purpose: a firm asks a college, the college lets it or not, with a reason and a last day."""

from __future__ import annotations

import uuid
from datetime import date

import sqlalchemy as sa

from consortium.organisations.queries import quota_room
from consortium.positions import queries
from consortium.positions.events import override_answered, override_asked
from consortium.positions.models import CapOverride, Position
from consortium.positions.service.lawful import unready
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l


def ask_override(position: Position, college: uuid.UUID, reason: str, *, by: Actor) -> CapOverride:
    """Ask a college to let this post pass the share it would overstep now; an unanswered question is replaced. Raises Invalid, Conflict."""
    reason, tenant_id = reason.strip(), queries.college_tenant(college)
    wrong = {name: said for name, said in unready(position).items() if name in ("start_on", "end_on", "family")}
    if tenant_id is None:
        wrong["college"] = [_l("Choose the college whose students are meant.")]
    if not 5 <= len(reason) <= 300:
        wrong["reason"] = [_l("Write why, in 5 to 300 characters.")]
    if wrong:
        raise Invalid(wrong)
    over = _over(position)
    if not over:
        raise Conflict(_l("This post is within the shares. Nothing needs to be let pass."), code="within-share")
    assert tenant_id is not None
    assert position.start_on is not None
    assert position.end_on is not None
    _replace(position.id, "asked")
    asked = CapOverride(
        position_id=position.id, tenant_id=position.tenant_id, college_tenant_id=tenant_id, rules=sorted(over), heads=position.seats.places,
        over=max(over.values()), from_on=position.start_on, to_on=position.end_on, reason=reason, asked_by_id=by.person_id, until_on=None,
    )  # fmt: skip
    db.session.add(asked)
    db.session.flush()
    audit.record("ask-override", asked, by=by, over=asked.over, rules=asked.rules)
    override_asked.announce(override_id=asked.id)
    return asked


def answer_override(asked: CapOverride, granted: bool, answer: str, until_on: date | None, *, by: Actor) -> None:
    """Let it pass until a day, or not; both with a reason, once. Raises Invalid, Conflict."""
    answer = answer.strip()
    wrong = {}
    if not 5 <= len(answer) <= 300:
        wrong["answer"] = [_l("Write why, in 5 to 300 characters.")]
    if granted and (until_on is None or until_on < asked.to_on):
        wrong["until_on"] = [_l("It must hold until the last day of the internship at least.")]
    if granted and asked.to_on < clock.today():
        wrong["until_on"] = [_l("This internship has ended.")]
    if wrong:
        raise Invalid(wrong)
    if granted:
        _replace(asked.position_id, "granted")
    changed = db.session.execute(
        sa.update(CapOverride)
        .where(CapOverride.id == asked.id, CapOverride.state == "asked")
        .values(
            state="granted" if granted else "refused", answer=answer, until_on=until_on if granted else None, answered_by_id=by.person_id,
            answered_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("This was answered or replaced meanwhile."), code="answered")
    db.session.refresh(asked)
    audit.record("grant-override" if granted else "refuse-override", asked, by=by, over=asked.over, rules=asked.rules)
    override_answered.announce(override_id=asked.id)


def _over(position: Position) -> dict[str, int]:
    """Rule → how many too many; a head-count that is not known is no case for a college."""
    assert position.start_on is not None
    assert position.end_on is not None
    room = quota_room(position.tenant_id, position.family_id, position.start_on, position.end_on, but=position.public_id)
    if room.firm_cap is None or room.family_cap is None:
        raise Conflict(_l("The head-count is not entered. Enter it under \"Our enterprise\" first."), code="no-head-count")
    asked = position.seats.places
    found = {"R10": room.firm_used + asked - room.firm_cap, "R11": room.family_used + asked - room.family_cap}
    return {code: over for code, over in found.items() if over > 0}


def _replace(position_id: int, state: str) -> None:
    db.session.execute(
        sa.update(CapOverride)
        .where(CapOverride.position_id == position_id, CapOverride.state == state)
        .values(state="replaced")
        .execution_options(synchronize_session=False)
    )
