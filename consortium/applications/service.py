"""Applying, inviting, offering, answering. Flushes; the edge commits.

Each step is one transaction: the row, its step, an audit line, what was chosen (for the learner), and news from which messages leave.
Locks are taken in one order: the student's row, then applications by id, then the seats of the post.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from consortium.applications import lifecycle, queries, rules, wording
from consortium.applications.events import application_accepted, application_stepped, position_filled
from consortium.applications.lifecycle import APPLICATION
from consortium.applications.models import Application, ApplicationStep
from consortium.positions import service as positions
from consortium.positions.models import Position, Seats
from consortium.proposals import service as proposals
from consortium.shared import audit, clock
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Conflict, ConsortiumError, Invalid, NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.students.models import Student

CHOICES = {
    "apply": "applied", "invite": "invited", "offer": "offered", "accept": "accepted", "decline": "declined", "turn_down": "declined",
    "withdraw": "withdrawn", "set_aside": "withdrawn",
}  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What became of a bulk step: what went through, and who was passed over and why."""

    done: list[Application] = field(default_factory=list)
    skipped: list[tuple[str, Any]] = field(default_factory=list)


def apply(student: Student, position: Position, *, by: Actor, note: str = "") -> Application:
    """The student applies: the profile opens to this enterprise, name and contact do not. Raises Conflict with the rule's words."""
    _lock(student.id)
    _refuse_unless_open(position)
    if queries.accepted_of(student.id, position.kind) is not None:
        raise Conflict(_l("You have accepted an offer already."), how=_l("See your agreement for what comes next."), code="placed")
    found = queries.between(student.id, position.id)
    if found is not None and found.state == lifecycle.DECLINED:
        raise Conflict(_l("This application has ended: one side declined."), how=_l("Other posts are among your matches."), code="declined")
    if found is not None and found.state in lifecycle.OPEN:
        raise Conflict(_l("You have an open application for this post."), how=_l("See it among your applications."), code="twice")
    _refuse_unlawful(student, position, by_student=True)
    return _take("apply", found or _begun(student, position, "student"), by, note=note, spoken=True, answer_by=None)


def invite(student: Student, position: Position, *, by: Actor, hours: int = rules.HOURS_TO_ANSWER, note: str = "") -> Application:
    """The enterprise asks a candidate it knows by a pseudonym only; the name opens if the student agrees."""
    return _ask("invite", student, position, by, hours, note)


def offer(student: Student, position: Position, *, by: Actor, hours: int = rules.HOURS_TO_ANSWER, note: str = "") -> Application:
    """The enterprise offers a place, to an applicant or straight from the list of candidates; it stands for some hours."""
    return _ask("offer", student, position, by, hours, note)


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
    shown = queries.revealed(application)
    if by.tenant_kind is not TenantKind.ENTERPRISE:
        what = "name"
    elif not page or not shown.profile:
        what = "list of students"
    else:
        what = "name and contact" if shown.contact else "name" if shown.name else "applicant without a name"
    audit.looked([(application.student_id, students.is_minor(application.student))], by=by, what=what if page else "list of students", through=application)


def agree_to_invitation(application: Application, *, by: Actor) -> Application:
    """The student agrees: the name opens to this enterprise, the contact does not."""
    _freshly(application)
    _refuse_overdue(application)
    return _take("agree", application, by, spoken=True, identity_open=True, answer_by=None)


def accept(application: Application, *, by: Actor) -> list[Application]:
    """The student accepts: one seat is taken, all other open applications of the kind (internship, job) are withdrawn; returns those.

    Never more acceptances than places (one conditional UPDATE), never two of a kind of one student (the row lock, and a partial
    unique index).
    """
    _freshly(application)
    if application.state != lifecycle.OFFERED and queries.accepted_of(application.student_id, application.kind) is not None:
        raise Conflict(
            _l("You have accepted an offer already."),
            why=_l("With an acceptance the other offers of the same kind, internship or job, are given back."),
            how=_l("Open your applications to see where they stand."),
            code="placed",
        )
    APPLICATION.take("accept", application.state, by)
    _refuse_overdue(application)
    others = queries.open_of_student(application.student_id, beside=application)
    try:
        positions.take_seat(application.position_id)
    except Conflict as full:
        raise Conflict(
            full.what,
            why=_l("Others accepted a moment earlier. Your offer stays, in case a place becomes free before its time ends."),
            how=_l("Your other applications are unchanged."),
            code="full",
        ) from None
    _take("accept", application, by, spoken=True, identity_open=True, answer_by=None)
    for other in others:
        _take("set_aside", other, None, reason="accepted-elsewhere", answer_by=None)
    application_accepted.announce(application_id=application.id)
    if _free_seats(application.position_id) == 0:
        position_filled.announce(position_id=application.position_id)
    return others


def decline(application: Application, *, by: Actor, reason: str, note: str = "") -> Application:
    """Either side says no, with a reason from its list."""
    _freshly(application)
    step = "decline" if by.role in APPLICATION.steps["decline"].by else "turn_down"
    if reason not in (rules.STUDENT_REASONS if step == "decline" else rules.ENTERPRISE_REASONS):
        raise Invalid({"reason": [_l("Choose a reason from the list.")]})
    return _take(step, application, by, reason=reason, note=note, answer_by=None)


def withdraw(application: Application, *, by: Actor, reason: str = "", note: str = "") -> Application:
    """The student takes an application back; from then on the enterprise sees nothing of the profile."""
    _freshly(application)
    return _take("withdraw", application, by, reason=reason, note=note, identity_open=False, spoken=False)


def expire_overdue(limit: int = 200) -> int:
    """Offers and invitations that nobody answered in time end; returns how many. Twice is safe: only open ones are found."""
    now, n = clock.now(), 0
    for number in queries.overdue_ids(now, limit):
        application = db.session.scalar(
            sa.select(Application).where(Application.id == number).with_for_update(skip_locked=True).execution_options(populate_existing=True)
        )
        if application is None or application.state not in lifecycle.AWAITS_STUDENT or not rules.overdue(application.answer_by, now):
            continue
        _take("expire", application, None, reason="deadline", answer_by=None)
        n += 1
    return n


def close_for_position(position_id: int) -> int:
    """The post was closed: its open applications end and both sides are told; returns how many."""
    found = queries.open_of_position(position_id, lock=True)
    for application in found:
        _take("close", application, None, reason="position-closed", answer_by=None)
    return len(found)


def close_for_student(student_id: int) -> int:
    """The student is on leave or moved: what is open is taken back and the enterprises see her no more; returns how many."""
    _lock(student_id)
    found = queries.open_of_student(student_id)
    for application in found:
        _take("set_aside", application, None, reason="student-left", answer_by=None, identity_open=False, spoken=False)
    return len(found)


def set_aside_unanswered(student_id: int) -> int:
    """Consent to matching was withdrawn: what enterprises began and the student never answered is taken back.

    What she herself began or agreed to stands until she withdraws it: it rests on her own act, not on the matching.
    """
    _lock(student_id)
    n = 0
    for application in queries.open_of_student(student_id):
        if application.begun_by == "enterprise" and not application.spoken:
            _take("set_aside", application, None, reason="consent-withdrawn", answer_by=None)
            n += 1
    return n


def _ask(step: str, student: Student, position: Position, by: Actor, hours: int, note: str) -> Application:
    until = rules.answer_by(clock.now(), hours)
    if position.tenant_id != by.tenant_id:
        raise NotFound
    _lock(student.id)
    _refuse_unless_open(position)
    found = queries.between(student.id, position.id)
    if not (found is not None and found.spoken) and not _consents(student):
        raise Conflict(_l("No longer among the candidates."), code="no-consent")
    if queries.accepted_of(student.id, position.kind) is not None:
        raise Conflict(_l("Has accepted another offer."), code="placed")
    if position.seats.places - position.seats.taken < 1:
        raise Conflict(_l("All places of this post are taken."), code="full")
    APPLICATION.take(step, found.state if found is not None else lifecycle.NOTHING, by)
    _refuse_unlawful(student, position, by_student=found is not None and found.spoken)
    return _take(step, found or _begun(student, position, "enterprise"), by, note=note, answer_by=until)


def _begun(student: Student, position: Position, begun_by: str) -> Application:
    application = Application(
        college_tenant_id=student.tenant_id, enterprise_tenant_id=position.tenant_id, student_id=student.id, position_id=position.id,
        kind=position.kind, state=lifecycle.NOTHING, begun_by=begun_by, steps=[],
    )  # fmt: skip
    db.session.add(application)
    return application


def _take(step: str, application: Application, by: Actor | None, *, reason: str = "", note: str = "", **changes: Any) -> Application:
    """One step: everything that belongs to it, in this order."""
    source = application.state
    application.state = APPLICATION.take(step, source, by)
    for name, value in changes.items():
        setattr(application, name, value)
    application.steps.append(
        ApplicationStep(
            step=step, source=source, target=application.state, by_role=by.role.value if by else "",
            by_membership_id=by.membership_id if by else None, reason=reason, note=note.strip()[:500],
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(f"{step.replace('_', '-')}-application", application, by=by, source=source, target=application.state, reason=reason)
    if step in CHOICES:
        proposals.note_choice(application.student_id, application.position_id, CHOICES[step], by=by, reason=reason)
    application_stepped.announce(application_id=application.id, step=step)
    return application


def _lock(student_id: int) -> None:
    """One step at a time for one student, whatever enterprise takes it (SQLite writes one at a time anyway)."""
    db.session.execute(sa.select(Student.id).where(Student.id == student_id).with_for_update(key_share=True))


def _freshly(application: Application) -> None:
    _lock(application.student_id)
    db.session.refresh(application, ["state", "answer_by", "identity_open", "spoken", "version"], with_for_update={"of": Application})


def _consents(student: Student) -> bool:
    return db.session.scalar(students.shown_ids().where(Student.id == student.id)) is not None


def _free_seats(position_id: int) -> int:
    places, taken = db.session.execute(sa.select(Seats.places, Seats.taken).where(Seats.position_id == position_id)).one()
    return int(places - taken)


def _refuse_unless_open(position: Position) -> None:
    if position.state != "open":
        raise Conflict(_l("This post takes no applications now."), how=_l("Other posts are among your matches."), code="post-closed")


def _refuse_overdue(application: Application) -> None:
    if rules.overdue(application.answer_by, clock.now()):
        raise Conflict(
            _l("The time to answer has passed."), how=_l("If you are still interested, apply again or ask the enterprise to renew it."), code="overdue"
        )


def _refuse_unlawful(student: Student, position: Position, *, by_student: bool) -> None:
    codes = queries.stopping_rules(student, position, by_student=by_student)
    if codes:
        raise Conflict(_l("This may not be: a rule stops it."), why=wording.rule_words(codes), how=" ", code="unlawful", rules=codes)
