"""What an enterprise does beside the steps: candidates that do not suit, refusals taken back, notes, and posts whose applicants wait. Flushes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from consortium.applications import lifecycle, queries, rules
from consortium.applications.events import refusal_final, students_waited
from consortium.applications.models import AnswerNotice, Application, CandidateNote
from consortium.applications.queries import enterprise as read
from consortium.applications.service import decline
from consortium.applications.service.steps import freshly, take
from consortium.positions import service as positions
from consortium.positions.models import Position
from consortium.proposals import service as proposals
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db, insert_ignoring
from consortium.shared.errors import Conflict, Invalid, NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students.models import Student


def pass_over(
    position: Position, chosen: Sequence[tuple[str, Student | None]], *, by: Actor, reason: str, note: str = ""
) -> tuple[list[str], list[tuple[str, object]]]:
    """Candidates that do not suit, with one reason: who applied is turned down, who did not is put aside without being told. (done, skipped)."""
    if reason not in rules.ENTERPRISE_REASONS:
        raise Invalid({"reason": [_l("Choose a reason from the list.")]})
    if len(chosen) > rules.MOST_AT_ONCE:
        raise Conflict(_l("At most %(n)d at once.", n=rules.MOST_AT_ONCE), code="too-many-at-once")
    if position.tenant_id != by.tenant_id:
        raise NotFound
    done: list[str] = []
    skipped: list[tuple[str, object]] = []
    for called, student in sorted(chosen, key=lambda one: one[1].id if one[1] else 0):
        if student is None:
            skipped.append((called, _l("No longer among the candidates.")))
            continue
        application = queries.between(student.id, position.id)
        if application is None:
            proposals.note_choice(student.id, position.id, "unsuitable", by=by, reason=reason)
            audit.record("pass-over", position, by=by, reason=reason)
        elif queries.awaits_enterprise(application):
            decline(application, by=by, reason=reason, note=note)
        else:
            skipped.append((called, _l("Not open to this step now.")))
            continue
        done.append(called)
    return done, skipped


def reconsider(position: Position, chosen: Sequence[tuple[str, Student | None]], *, by: Actor) -> list[str]:
    """Take candidates up again who were put aside; returns their names."""
    if position.tenant_id != by.tenant_id:
        raise NotFound
    done = []
    for called, student in chosen:
        if student is not None:
            application = queries.between(student.id, position.id)
            if application is None:
                proposals.note_choice(student.id, position.id, "suitable", by=by)
            elif application.state == lifecycle.DECLINED:
                reopen(application, by=by)
            else:
                continue
            done.append(called)
    if done:
        audit.record("reconsider", position, by=by, n=len(done))
    return done


def reopen(application: Application, *, by: Actor) -> Application:
    """Take a refusal of one's own back, soon after: nobody has been told yet, and it stands again where it stood."""
    freshly(application)
    last = next((one for one in reversed(application.steps) if not one.step.startswith("meet_")), None)
    if application.state != lifecycle.DECLINED or last is None or last.step != "turn_down":
        raise Conflict(_l("There is no refusal of yours to take back."), code="wrong-state")
    if not rules.may_reopen(last.created_at, clock.now()):
        raise Conflict(
            _l("A refusal can be taken back for %(n)d minutes.", n=int(rules.UNDO_WITHIN.total_seconds() // 60)), why=_l("The student has been told since."),
            code="too-late",
        )  # fmt: skip
    if queries.accepted_of(application.student_id, application.kind) is not None:
        raise Conflict(_l("Has accepted another offer."), code="placed")
    if application.position.state == "closed":
        raise Conflict(_l("This post takes no applications now."), code="post-closed")
    return take("reopen" if last.source == lifecycle.APPLIED else "reopen_agreed", application, by)


def tell_refusals(now: datetime, limit: int = 500) -> int:
    """Tell students of refusals that can no longer be taken back; twice is safe, each is told once."""
    found = read.final_refusals(now, limit)
    for number in found:
        refusal_final.announce(application_id=number)
    return len(found)


def add_note(position: Position, student: Student, text: str, *, by: Actor) -> CandidateNote:
    """Write something down for one's own enterprise."""
    if position.tenant_id != by.tenant_id:
        raise NotFound
    if not text.strip():
        raise Invalid({"text": [_l("This is needed.")]})
    note = CandidateNote(tenant_id=by.tenant_id, position_id=position.id, student_id=student.id, membership_id=by.membership_id, text=text.strip()[:1000])
    db.session.add(note)
    db.session.flush()
    audit.record("note-candidate", note, by=by)
    return note


def remove_note(note: CandidateNote, *, by: Actor) -> None:
    """Take a note away for good."""
    audit.record("remove-note", note, by=by)
    db.session.delete(note)
    db.session.flush()


def forget_notes(now: datetime) -> int:
    """Notes whose time is over go; returns how many. Twice is safe."""
    ids = read.notes_to_forget(now - rules.NOTES_KEPT)
    db.session.execute(sa.delete(CandidateNote).where(CandidateNote.id.in_(ids)))
    return len(ids)


def mind_unanswered(now: datetime) -> tuple[int, int]:
    """Warn of posts whose applicants wait too long, and pause those that were warned; (warned, paused) posts. Twice is safe: once for each step."""
    warned = paused = 0
    for position_id, waiting in read.waiting_too_long(now - rules.WARN_AFTER).items():
        position = waiting[0].position
        overdue = [one for one in waiting if now - one.since >= rules.PAUSE_AFTER and one.warned_at is not None and now - one.warned_at >= rules.LEAST_NOTICE]
        if overdue:
            if _noted(position_id, [one.step_id for one in overdue], "paused"):
                positions.pause(position, by=None)
                students_waited.announce(position_id=position_id, n=len(waiting), key=max(one.step_id for one in overdue), kind="post-paused")
                paused += 1
        elif _noted(position_id, [one.step_id for one in waiting if one.warned_at is None], "warned"):
            students_waited.announce(position_id=position_id, n=len(waiting), key=max(one.step_id for one in waiting), kind="post-warned")
            warned += 1
    return warned, paused


def _noted(position_id: int, step_ids: Sequence[int], kind: str) -> int:
    told = [{"position_id": position_id, "step_id": number, "kind": kind, "public_id": uuid.uuid4(), "created_at": clock.now()} for number in step_ids]
    return insert_ignoring(AnswerNotice, told, ["step_id", "kind"])
