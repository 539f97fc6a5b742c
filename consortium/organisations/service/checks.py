"""The check of a firm by hand: handing in the licence, asking, approving, refusing, and destroying the photo afterwards. Flushes; the edge commits."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.organisations import queries as organisations
from consortium.organisations import wording
from consortium.organisations.events import check_moved
from consortium.organisations.lifecycle import CHECK
from consortium.organisations.models import Check, CheckNote, Licence
from consortium.organisations.queries import registration as queries
from consortium.organisations.rules import registration as rules
from consortium.organisations.service import mark_verified
from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor
from consortium.shared.db import db, insert_ignoring
from consortium.shared.errors import Invalid
from consortium.shared.files import FileRefused, inspect_picture

STEPS = ("approve", "ask", "refuse")
MOST_KEPT = 3


def hand_in(check: Check, text: str, picture: bytes | None, *, key: str, by: Actor) -> None:
    """The firm hands its licence in, answers, or adds to what is there; its place in the queue stays unless it was refused. Raises Invalid, Conflict."""
    text = text.strip()
    licence = _licence(check, picture, key) if picture else None
    if licence is None and not queries.licence_is_there(check):
        raise Invalid({"licence": [wording.PICTURE["needed"]]})
    if licence is None and not text:
        raise Invalid({"text": [wording.PROBLEMS["needed"]]})
    step = "add" if check.state == "waiting" else "hand-in"
    before, check.state = check.state, CHECK.take(step, check.state, by)
    if check.queued_at is None or before == "refused":
        check.queued_at = clock.now()
    check.decided_at = None
    if licence is not None:
        db.session.add(licence)
        db.session.flush()
        _keep_newest(check)
    _note(check, "firm", step, text, by)
    check_moved.announce(check=check, step=step, text=text)


def decide(check: Check, step: str, text: str, *, by: Actor) -> None:
    """The zone approves, asks for more, or refuses with a reason. Raises Invalid, Forbidden, Conflict."""
    text = text.strip()
    if step not in STEPS:
        raise Invalid({"step": [wording.PROBLEMS["choose"]]})
    if step != "approve" and not text:
        raise Invalid({"text": [wording.PROBLEMS["needed"]]})
    check.state = CHECK.take(step, check.state, by)
    check.decided_at = clock.now() if step != "ask" else None
    _note(check, "zone", step, text, by)
    if step == "approve":
        mark_verified(organisations.enterprise_of(check.tenant_id), by=by)
    check_moved.announce(check=check, step=step, text=text)


def destroy_licences() -> int:
    """Photos whose case was decided thirty days ago are destroyed; that they were there stays known. Twice is safe."""
    decided = sa.select(Check.id).where(Check.state.in_(("verified", "refused")), Check.decided_at <= clock.now() - rules.LICENCE_KEPT)
    gone = db.session.execute(
        sa.update(Licence)
        .where(Licence.sealed_content.is_not(None), Licence.check_id.in_(decided))
        .values(sealed_content=None)
        .execution_options(synchronize_session=False)
    )
    n = int(gone.rowcount)  # type: ignore[attr-defined]
    if n:
        audit.record("destroy-licences", ("licences", None), by=None, n=n)
    return n


def picture_of(licence: Licence, key: str) -> bytes:
    """The photo, opened."""
    assert licence.sealed_content is not None
    return sealed.unseal_bytes(licence.sealed_content, key)


def _keep_newest(check: Check) -> None:
    """Only the newest few photos of a case are kept."""
    newest = sa.select(Licence.id).where(Licence.check_id == check.id).order_by(Licence.id.desc()).limit(MOST_KEPT)
    db.session.execute(
        sa.update(Licence)
        .where(Licence.check_id == check.id, Licence.id.not_in(list(db.session.scalars(newest))))
        .values(sealed_content=None)
        .execution_options(synchronize_session=False)
    )


def _licence(check: Check, picture: bytes, key: str) -> Licence:
    try:
        seen = inspect_picture(picture)
    except FileRefused as bad:
        raise Invalid({"licence": [wording.PICTURE.get(bad.code, wording.PICTURE["broken"])]}) from None
    return Licence(
        tenant_id=check.tenant_id, check_id=check.id, kind=seen.kind, size=len(picture), sha256=seen.sha256, sealed_content=sealed.seal_bytes(picture, key)
    )


def _note(check: Check, side: str, step: str, text: str, by: Actor) -> None:
    db.session.add(CheckNote(tenant_id=check.tenant_id, check_id=check.id, person_id=by.person_id, side=side, step=step, text=text))
    db.session.flush()
    audit.record(f"check-{step}", check, by=by)


def check_for(actor: Actor) -> Check:
    """The firm's own check; one is opened for a firm that was here before checks were."""
    found = queries.check_of(actor.tenant_id)
    if found is None:
        enterprise = organisations.enterprise_of(actor.tenant_id)
        insert_ignoring(Check, [{"tenant_id": actor.tenant_id, "state": "verified" if enterprise.verified_at else "lacking"}], ["tenant_id"])
        found = queries.check_of(actor.tenant_id)
        assert found is not None
    return found


def may(check: Check, step: str, actor: Actor) -> bool:
    """Whether this step is open now."""
    return CHECK.may(step, check.state, actor)
