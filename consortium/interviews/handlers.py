"""What interviews do about earlier news, and the telling of their own."""

from __future__ import annotations

from consortium.applications.events import application_stepped
from consortium.interviews import notify, queries, service
from consortium.interviews.events import interview_moved, interview_stepped
from consortium.messages import service as messages
from consortium.students.events import student_erased

ENDS = frozenset({"accept", "decline", "turn_down", "withdraw", "set_aside", "close", "keep_waiting", "expire"})


@application_stepped.listen
def end_with_the_application(application_id: int, step: str) -> None:
    """Whoever withdrew, was turned down or has the place needs no interview any more."""
    if step in ENDS:
        service.end_for(application_id)


@interview_stepped.listen
def tell_the_other_side(interview_id: int, step: str) -> None:
    """Every step leaves a message."""
    notify.tell(queries.by_id(interview_id), step)


@interview_moved.listen
def tell_the_student(interview_id: int) -> None:
    """The enterprise moved the time or the place."""
    notify.tell(queries.by_id(interview_id), "moved")


@student_erased.listen
def forget_the_name(student_id: int) -> None:
    """What enterprises were told of her interviews loses her name."""
    messages.forget_words(queries.links_of_student(student_id), ("who",))
