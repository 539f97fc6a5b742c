"""Applying, inviting, offering, answering. Flushes; the edge commits.

Each step is one transaction: the row, its step, an audit line, what was chosen (for the learner), and news from which messages leave.
Locks are taken in one order: the student's row, then applications by id, then the seats of the post.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from consortium.applications import lifecycle, queries, rules
from consortium.applications.lifecycle import APPLICATION
from consortium.applications.models import Application, ApplicationStep
from consortium.applications.service.acceptance import accept, closed_by_acceptance, save_rule, take_back
from consortium.applications.service.exports import export_lines
from consortium.applications.service.steps import (
    begun,
    begun_before,
    consents,
    free_seats,
    freshly,
    lock,
    refuse_overdue,
    refuse_unlawful,
    refuse_unless_open,
    take,
)
from consortium.applications.service.waiting import keep_waiting, note_filled, tell_next, tell_next_everywhere, wait
from consortium.positions.models import Position
from consortium.shared import audit, clock
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Conflict, ConsortiumError, Invalid, NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.students.models import Student

__all__ = [
    "Outcome", "accept", "agree_to_invitation", "apply", "ask_applicants", "ask_many", "close_for_position", "close_for_student", "closed_by_acceptance",
    "decline", "expire_overdue", "export_lines", "invite", "keep_waiting", "note_filled", "note_meeting", "offer", "offer_by_round", "opened", "save_rule", "set_aside_unanswered", "take_back", "tell_next",
    "tell_next_everywhere", "turn_down_many", "wait", "withdraw",
]  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What became of a bulk step: what went through, and who was passed over and why."""

    done: list[Application] = field(default_factory=list)
    skipped: list[tuple[str, Any]] = field(default_factory=list)


def apply(student: Student, position: Position, *, by: Actor, note: str = "") -> Application:
    """The student applies: the profile opens to this enterprise, name and contact do not. Raises Conflict with the rule's words."""
    lock(student.id)
    refuse_unless_open(position)
    found = begun_before(student, position, lifecycle.OPEN)
    refuse_unlawful(student, position, by_student=True)
    return take("apply", found or begun(student, position, "student"), by, note=note, spoken=True, identity_open=False, answer_by=None, waits_since_at=None, told_free_at=None)


def invite(student: Student, position: Position, *, by: Actor, hours: int = rules.HOURS_TO_ANSWER, note: str = "") -> Application:
    """The enterprise asks a candidate it knows by a pseudonym only; the name opens if the student agrees."""
    return _ask("invite", student, position, by, hours, note)


def offer(student: Student, position: Position, *, by: Actor, hours: int = rules.HOURS_TO_ANSWER, note: str = "") -> Application:
    """The enterprise offers a place, to an applicant or straight from the list of candidates; it stands for some hours."""
    return _ask("offer", student, position, by, hours, note)


def offer_by_round(student: Student, position: Position, *, until: datetime) -> Application:
    """A voluntary round's result leaves as an offer that stands `until` then; the student listed the post herself, so the profile is open, the name is not.

    An offer that is out already stands at least as long. Raises Conflict with a code where none can go out: post-closed, placed, declined, unlawful.
    """
    lock(student.id)
    if position.state != "paused":  # a pause begins nothing new; what the round has settled was begun before
        refuse_unless_open(position)
    if queries.accepted_of(student.id, position.kind) is not None:
        raise Conflict(_l("Has accepted another offer."), code="placed")
    found = queries.between(student.id, position.id)
    if found is not None and found.state == lifecycle.DECLINED:
        raise Conflict(_l("This application has ended: one side declined."), code="declined")
    if found is not None and found.state == lifecycle.OFFERED:
        if found.answer_by is None or found.answer_by < until:
            found.answer_by = until
            db.session.flush()
        return found
    if free_seats(position.id) - queries.offered_counts([position.id]).get(position.id, 0) < 1:
        raise Conflict(_l("All places of this post are taken."), code="full")
    refuse_unlawful(student, position, by_student=True)
    named = found is not None and found.state == lifecycle.AGREED
    return take("offer_by_round", found or begun(student, position, "student"), None, spoken=True, identity_open=named, answer_by=until)


def ask_many(
    step: str, position: Position, chosen: Sequence[tuple[str, Student | None]], *, by: Actor, hours: int = rules.HOURS_TO_ANSWER, note: str = ""
) -> Outcome:
    """Invite or offer to several (`[(called, student)]`): who cannot be asked is passed over and named with the reason."""
    if len(chosen) > rules.MOST_AT_ONCE:
        raise Conflict(_l("At most %(n)d at once.", n=rules.MOST_AT_ONCE), code="too-many-at-once")
    outcome = Outcome()
    for called, student in sorted(chosen, key=lambda one: one[1].id if one[1] else 0):
        if student is None:
            outcome.skipped.append((called, _l("No longer among the candidates.")))
            continue
        try:
            outcome.done.append(_ask(step, student, position, by, hours, note))
        except ConsortiumError as error:  # raised before anything was written
            outcome.skipped.append((called, error.what or _l("Not open to this step now.")))
    return outcome


def ask_applicants(step: str, chosen: Sequence[Application], *, by: Actor, hours: int = rules.HOURS_TO_ANSWER, note: str = "") -> Outcome:
    """Invite or offer to several applicants, perhaps of several posts; who cannot be asked is named with the reason."""
    outcome = Outcome()
    for post in sorted({one.position_id for one in chosen}):
        these = [one for one in chosen if one.position_id == post]
        part = ask_many(step, these[0].position, [(queries.called(one, by), one.student) for one in these], by=by, hours=hours, note=note)
        outcome.done += part.done
        outcome.skipped += part.skipped
    return outcome


def turn_down_many(applications: Sequence[Application], *, by: Actor, reason: str, note: str = "") -> Outcome:
    """The enterprise says no to several with one reason; who cannot be turned down now is named."""
    outcome = Outcome()
    for application in sorted(applications, key=lambda one: one.student_id):
        try:
            outcome.done.append(decline(application, by=by, reason=reason, note=note))
        except Conflict as error:  # raised before anything was written
            outcome.skipped.append((queries.called(application, by), error.what or _l("Not open to this step now.")))
    return outcome


def opened(application: Application, *, by: Actor, page: bool = True) -> None:
    """Log that an enterprise or college is being shown this student: `page` for the whole, else a line of a list."""
    if by.role is Role.STUDENT:
        return
    in_list = "list of applications" if by.tenant_kind is TenantKind.ENTERPRISE else "list of students"
    shown = queries.revealed(application)
    if by.tenant_kind is not TenantKind.ENTERPRISE:
        what = "name"
    elif not page or not shown.profile:
        what = in_list
    else:
        what = "name and contact" if shown.contact else "name" if shown.name else "applicant without a name"
    audit.looked([(application.student_id, students.is_minor(application.student))], by=by, what=what if page else in_list, through=application)


def agree_to_invitation(application: Application, *, by: Actor) -> Application:
    """The student agrees: the name opens to this enterprise, the contact does not."""
    freshly(application)
    refuse_overdue(application)
    return take("agree", application, by, spoken=True, identity_open=True, answer_by=None)


def decline(application: Application, *, by: Actor, reason: str, note: str = "") -> Application:
    """Either side says no, with a reason from its list."""
    freshly(application)
    step = "decline" if by.role in APPLICATION.steps["decline"].by else "turn_down"
    if reason not in (rules.STUDENT_REASONS if step == "decline" else rules.ENTERPRISE_REASONS):
        raise Invalid({"reason": [_l("Choose a reason from the list.")]})
    return take(step, application, by, reason=reason, note=note, answer_by=None)


def withdraw(application: Application, *, by: Actor, reason: str = "", note: str = "") -> Application:
    """The student takes an application back; from then on the enterprise sees nothing of the profile."""
    freshly(application)
    return take("withdraw", application, by, reason=reason, note=note, identity_open=False, spoken=False, waits_since_at=None, told_free_at=None)


def expire_overdue(limit: int = 200) -> int:
    """Offers and invitations that nobody answered in time end; returns how many. Twice is safe: only open ones are found."""
    now, n = clock.now(), 0
    for number in queries.overdue_ids(now, limit):
        application = db.session.scalar(
            sa.select(Application).where(Application.id == number).with_for_update(skip_locked=True).execution_options(populate_existing=True)
        )
        if application is None or application.state not in lifecycle.AWAITS_STUDENT or not rules.overdue(application.answer_by, now):
            continue
        take("expire", application, None, reason="deadline", answer_by=None)
        n += 1
    return n


def close_for_position(position_id: int) -> int:
    """The post was closed: whoever had spoken is kept on its waiting list, other applications end; both sides are told; returns how many."""
    found = queries.open_of_position(position_id, lock=True)
    for application in found:
        if application.spoken:
            keep_waiting(application)
        else:
            take("close", application, None, reason="position-closed", answer_by=None)
    return len(found)


def close_for_student(student_id: int) -> int:
    """The student is on leave or moved: what is open is taken back and the enterprises see her no more; returns how many."""
    lock(student_id)
    found = queries.open_of_student(student_id, waiting=True)
    for application in found:
        take("set_aside", application, None, reason="student-left", answer_by=None, identity_open=False, spoken=False)
    return len(found)


def set_aside_unanswered(student_id: int) -> int:
    """Consent to matching was withdrawn: what enterprises began and the student never answered is taken back.

    What she herself began or agreed to stands until she withdraws it: it rests on her own act, not on the matching.
    """
    lock(student_id)
    n = 0
    for application in queries.open_of_student(student_id):
        if application.begun_by == "enterprise" and not application.spoken:
            take("set_aside", application, None, reason="consent-withdrawn", answer_by=None)
            n += 1
    return n


def note_meeting(application_id: int, step: str, at: datetime | None, *, by: Actor | None) -> None:
    """Write down what the later stage says of an interview: its step among those of the application, and when the two meet (None: no longer)."""
    application = db.session.get_one(Application, application_id)
    application.meets_at = at
    application.steps.append(
        ApplicationStep(
            step=f"meet_{step}", source=application.state, target=application.state, by_role=by.role.value if by else "",
            by_membership_id=by.membership_id if by else None, note=f"{clock.local(at):%Y-%m-%d %H:%M}" if at is not None else "",
        )
    )  # fmt: skip
    db.session.flush()


def _ask(step: str, student: Student, position: Position, by: Actor, hours: int, note: str) -> Application:
    until = rules.answer_by(clock.now(), hours)
    if position.tenant_id != by.tenant_id:
        raise NotFound
    lock(student.id)
    found = queries.between(student.id, position.id)
    refuse_unless_open(position, found)
    if not (found is not None and found.spoken) and not consents(student):
        raise Conflict(_l("No longer among the candidates."), code="no-consent")
    if queries.accepted_of(student.id, position.kind) is not None:
        raise Conflict(_l("Has accepted another offer."), code="placed")
    if position.seats.places - position.seats.taken < 1:
        raise Conflict(_l("All places of this post are taken."), code="full")
    APPLICATION.take(step, found.state if found is not None else lifecycle.NOTHING, by)
    refuse_unlawful(student, position, by_student=found is not None and found.spoken)
    return take(step, found or begun(student, position, "enterprise"), by, note=note, answer_by=until, waits_since_at=None, told_free_at=None)
