"""Guardians by link: asked by SMS, answering without an account, their wrong number put right by the school. Flushes; the edge commits."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from consortium.accounts import service as accounts
from consortium.messages import service as messages
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, roster, rules
from consortium.students.events import consent_withdrawn, ticket_opened
from consortium.students.models import GuardianLink, Student
from consortium.students.service.consents import give_consent, take_back
from consortium.students.service.first_steps import send_code
from consortium.students.service.register import id_key
from consortium.students.service.tickets import open_ticket

A_DAY, LINKS_A_DAY = timedelta(days=1), 5


def wanted_of_guardian(student: Student) -> list[str]:
    """What this student's guardian has still to be asked for."""
    first = rules.needs_guardian_first(student.birth_on, clock.today())
    purposes = [*(rules.FIRST_PURPOSES if first else ()), *([rules.INTERNSHIP] if student.wants_internship is not False else [])]
    return [purpose for purpose in purposes if queries.consent(student, purpose, "guardian") is None]


def ask_guardian(student: Student, *, by: Actor | None, base_url: str, language: str) -> GuardianLink | None:
    """Send the guardian a link for everything that is still to be asked; earlier links are void. None where there is nothing to ask or no number.

    Raises TooMany after five a day.
    """
    purposes = wanted_of_guardian(student)
    if not purposes or not student.guardian_phone:
        return None
    accounts.count_guess(f"guardian:{student.public_id}", LINKS_A_DAY, A_DAY, _l("Five links were sent today."))
    _void(student)
    token = secrets.token_urlsafe(24)
    link = GuardianLink(
        student_id=student.id, purposes=purposes, token_hash=accounts.token_hash(token), number_tail=rules.masked_number(student.guardian_phone),
        expires_at=clock.now() + rules.LINK_LASTS,
    )  # fmt: skip
    db.session.add(link)
    db.session.flush()
    messages.tell_number(
        student.guardian_phone, "code-guardian-link", key=str(link.public_id), language=language, secret=id_key(), url=f"{base_url}/guardian/{token}",
        student=rules.masked_name(student.name), college=student.tenant.name_zh,
    )  # fmt: skip
    audit.record("ask-guardian", student, by=by, purposes=purposes)
    return link


def send_guardian_code(link: GuardianLink, language: str) -> None:
    """The code that proves that the guardian's phone is at hand."""
    send_code(guardian_purpose(link), link.student.guardian_phone, "code-guardian", language)
    audit.record("send-code", link, by=None)


def guardian_purpose(link: GuardianLink) -> str:
    """What a guardian's code is for."""
    return f"guardian:{link.public_id}"


def sign_as_guardian(link: GuardianLink, signer: str, purposes: Sequence[str]) -> None:
    """The guardian, proved by the code, agrees to what is ticked and declines the rest. Raises Invalid, Conflict."""
    name = roster.cleaned(signer)
    chosen = [purpose for purpose in link.purposes if purpose in purposes]
    if not name or len(name) > 80:
        raise Invalid({"signer": [_l("Write your name.")]})
    if not chosen:
        raise Invalid({"purposes": [_l("Tick what you agree to, or decline.")]})
    _answer(link, "signed", name)
    for purpose in chosen:
        give_consent(link.student, purpose, by=None, given_by="guardian", evidence=f"SMS {link.number_tail} · {name}"[:200])
    audit.record("sign-as-guardian", link.student, by=None, purposes=chosen)


def decline_as_guardian(link: GuardianLink) -> None:
    """The guardian, proved by the code, agrees to nothing: what she agreed to before is taken back too."""
    _answer(link, "declined", "")
    for purpose in link.purposes:
        taken = take_back(link.student, purpose, "guardian")
        if rules.needs_guardian_first(link.student.birth_on, clock.today()):  # up to 14 nothing is processed against the guardian
            taken = take_back(link.student, purpose, "student") or taken
        if taken and purpose in (rules.MATCHING, rules.SHOWING):
            consent_withdrawn.announce(student_id=link.student_id)
    audit.record("decline-as-guardian", link.student, by=None, purposes=list(link.purposes))


def not_my_child(link: GuardianLink) -> None:
    """The number is somebody else's: the school is told, and the link is dead."""
    _answer(link, "not-mine", "")
    ticket = open_ticket(link.student.tenant_id, rules.GUARDIAN_PHONE, student=link.student, about="guardian_phone")
    audit.record("deny-guardian", link.student, by=None)
    ticket_opened.announce(ticket_id=ticket.id)


def correct_guardian(student: Student, name: str, phone: str, *, by: Actor, base_url: str, language: str) -> GuardianLink | None:
    """The school puts name or number right and asks again; consents that were signed stay. Raises Invalid."""
    name, number = roster.cleaned(name), roster.cleaned(phone).replace(" ", "").replace("-", "")
    faults = {}
    if not name or len(name) > 80:
        faults["guardian_name"] = [_l("Write the name.")]
    if not (len(number) == 11 and number.isdigit() and number.startswith("1")):
        faults["guardian_phone"] = [_l("Eleven digits, beginning with 1.")]
    elif number == student.phone:
        faults["guardian_phone"] = [_l("This is the student's own number.")]
    if faults:
        raise Invalid(dict(faults))
    student.guardian_name, student.guardian_phone = name, number
    db.session.flush()
    audit.record("correct-guardian", student, by=by)
    return ask_guardian(student, by=by, base_url=base_url, language=language)


def _void(student: Student) -> None:
    db.session.execute(
        sa.update(GuardianLink).where(GuardianLink.student_id == student.id, GuardianLink.answer == "").values(answer="replaced")
    )


def _answer(link: GuardianLink, answer: str, signer: str) -> None:
    """One answer a link, whichever of two clicks comes first."""
    taken = db.session.execute(
        sa.update(GuardianLink)
        .where(GuardianLink.id == link.id, GuardianLink.answer == "", GuardianLink.expires_at > clock.now())
        .values(answer=answer, answered_at=clock.now(), signer=signer)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("This link was answered already."), how=_l("If something has changed, ask the school for a new link."))
    db.session.refresh(link)
