"""What students are told by their college."""

from __future__ import annotations

from consortium.messages import service as messages
from consortium.shared import clock
from consortium.students import queries
from consortium.students.models import Evidence, Student, Ticket


def tell_state(student: Student) -> None:
    """That the register says something else of her now, and whom to ask."""
    messages.tell(student.person_id, f"register-{student.state}", key=f"{student.public_id}:{student.version}", link="/me")


def tell_what_is_missing(student: Student, lacking: list[str]) -> None:
    """Once a day at most."""
    messages.tell(student.person_id, "profile-incomplete", key=f"{student.public_id}:{clock.today().isoformat()}", link="/me", n=len(lacking))


def tell_evidence(evidence: Evidence) -> None:
    """What the college found on looking at a paper."""
    held = evidence.held
    messages.tell(
        held.student.person_id, f"evidence-{evidence.state}", key=f"{evidence.public_id}:{evidence.version}", link="/me#certificates", name=held.skill.name_zh,
        reason=evidence.reason or "–",
    )  # fmt: skip


def tell_of_ticket(ticket: Ticket) -> None:
    """The class adviser, or the office where no class is known."""
    for person_id in queries.who_answers(ticket):
        messages.tell(
            person_id, f"ticket-{ticket.kind}", key=str(ticket.public_id), link=f"/tickets/{ticket.public_id}", channels=(messages.IN_APP, messages.MAIL),
            due=ticket.due_on.isoformat(),
        )  # fmt: skip


def tell_answer(ticket: Ticket) -> None:
    """Who asked."""
    if ticket.student is not None and ticket.student.person_id is not None:
        messages.tell(
            ticket.student.person_id, f"ticket-{ticket.state}", key=f"{ticket.public_id}:answer", link="/me/rights#asked",
            channels=(messages.IN_APP, messages.MAIL),
        )  # fmt: skip
