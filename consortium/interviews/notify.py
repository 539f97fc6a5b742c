"""Who is told what of an interview: the other side of each step, and both sides a day before."""

from __future__ import annotations

from consortium.applications import queries as applications
from consortium.interviews import queries
from consortium.interviews.models import Interview
from consortium.messages import service as messages
from consortium.messages.service import IN_APP, MAIL, SMS
from consortium.shared import clock

TO_STUDENT = frozenset({"ask", "cancel", "release", "moved", "miss"})
TO_ENTERPRISE = frozenset({"book", "decline", "end"})
PRESSING = frozenset({"release", "moved"})


def tell(interview: Interview, step: str) -> None:
    """The other side."""
    if step in TO_STUDENT:
        ways = (IN_APP, MAIL, SMS) if step in PRESSING else (IN_APP, MAIL)
        _tell_student(interview, f"interview-{step}", ways, f"{step}:{interview.version}:{_at(interview)}")
    if step in TO_ENTERPRISE:
        _tell_firm(interview, f"interview-{step}", (IN_APP,), f"{step}:{interview.version}:{_at(interview)}")


def remind() -> int:
    """Both sides of every interview that begins within a day, once for each time agreed on; returns how many interviews."""
    found = queries.soon(clock.now())
    for one in found:
        _tell_student(one, "interview-reminder", (IN_APP, MAIL, SMS), _at(one))
        _tell_firm(one, "interview-reminder-firm", (IN_APP, MAIL), _at(one))
    return len(found)


def _tell_student(interview: Interview, kind: str, ways: tuple[str, ...], key: str) -> None:
    application = interview.application
    messages.tell(
        application.student.person_id, kind, key=f"{interview.public_id}:{key}", link=f"/interviews/{interview.public_id}", channels=ways,
        title=application.position.title, at=_at(interview),
    )  # fmt: skip


def _tell_firm(interview: Interview, kind: str, ways: tuple[str, ...], key: str) -> None:
    application = interview.application
    who = application.student.name if applications.revealed(application).name else applications.alias(application)
    for person_id in applications.office_of(interview.enterprise_tenant_id):
        messages.tell(
            person_id, kind, key=f"{interview.public_id}:{key}", link=f"/interviews/{interview.public_id}", channels=ways,
            title=application.position.title, who=who, at=_at(interview),
        )  # fmt: skip


def _at(interview: Interview) -> str:
    return f"{clock.local(interview.slot.starts_at):%Y-%m-%d %H:%M}" if interview.slot is not None else ""
