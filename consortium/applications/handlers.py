"""What applications do about earlier news, and the telling of their own."""

from __future__ import annotations

from consortium.applications import notify, queries, service
from consortium.applications.events import application_stepped, position_filled
from consortium.messages import service as messages
from consortium.positions.events import position_closed
from consortium.students.events import (
    consent_withdrawn,
    destinations_asked_after,
    student_erased,
    student_left,
    students_asked_after,
)


@position_closed.listen
def close_with_the_post(position_id: int) -> None:
    """A closed post takes nobody: its open applications are closed."""
    service.close_for_position(position_id)


@consent_withdrawn.listen
def take_back_what_was_not_answered(student_id: int) -> None:
    """Without consent nobody may be asked on the strength of the matching."""
    service.set_aside_unanswered(student_id)


@student_left.listen
def close_with_the_student(student_id: int) -> None:
    """On leave, or moved to another college: nothing stays open, and nobody waits in vain."""
    service.close_for_student(student_id)


@application_stepped.listen
def tell_the_other_side(application_id: int, step: str) -> None:
    """Every step leaves a message."""
    notify.tell_step(queries.by_id(application_id), step)


@position_filled.listen
def tell_who_waits(position_id: int) -> None:
    """The last place was taken."""
    notify.tell_waiting(position_id)


@students_asked_after.listen
def who_has_applications(student_ids: list[int]) -> set[int]:
    """Whoever applied, or was invited, stays in the register."""
    return queries.students_with_any(student_ids)


@destinations_asked_after.listen
def where_they_go(student_ids: list[int]) -> dict[int, dict[str, str]]:
    """Whoever accepted a job goes there."""
    return queries.destinations(student_ids)


@student_erased.listen
def forget_the_name(student_id: int) -> None:
    """What enterprises were told of her steps loses her name."""
    messages.forget_words(queries.links_of_student(student_id), ("who",))
