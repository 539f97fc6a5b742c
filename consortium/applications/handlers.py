"""What applications do about earlier news, and the telling of their own."""

from __future__ import annotations

from consortium.applications import notify, queries, service, wording
from consortium.applications.events import (
    application_stepped,
    position_filled,
    refusal_final,
    students_waited,
)
from consortium.imports.kinds import Export, offer
from consortium.messages import service as messages
from consortium.positions.events import place_freed, position_closed, position_reopened
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students.events import (
    consent_withdrawn,
    destinations_asked_after,
    student_erased,
    student_left,
    students_asked_after,
)

offer(
    Export(
        name="applications",
        title=_l("Applications"),
        ability="applications.export",
        available=wording.EXPORTED,
        shapes=wording.SHAPES,
        lines=service.export_lines,
        list_endpoint="applications.index",
        filters=("state", "position", "query"),
        notes=wording.SHAPE_NOTES,
        states=frozenset({"kind", "state"}),
    )
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


@refusal_final.listen
def tell_of_the_refusal(application_id: int) -> None:
    """Its time to be taken back is over."""
    notify.tell_refusal(queries.by_id(application_id))


@students_waited.listen
def tell_who_lets_students_wait(position_id: int, n: int, key: int, kind: str) -> None:
    """Applicants have waited too long for an answer."""
    notify.tell_unanswered(position_id, n, key, kind)


@position_filled.listen
def tell_who_waits(position_id: int) -> None:
    """The last place was taken: the list is told, and each knows from when it counts."""
    service.note_filled(position_id)
    notify.tell_waiting(position_id)


@students_asked_after.listen
def who_has_applications(student_ids: list[int]) -> set[int]:
    """Whoever applied, or was invited, stays in the register."""
    return queries.students_with_any(student_ids)


@destinations_asked_after.listen
def where_they_go(student_ids: list[int]) -> dict[int, dict[str, str]]:
    """Whoever accepted a job goes there."""
    return queries.destinations(student_ids)


@place_freed.listen
def tell_the_next(position_id: int) -> None:
    """A place became free: the next on the waiting list are told at once."""
    service.tell_next(position_id)


@position_reopened.listen
def tell_who_waited_for_it(position_id: int) -> None:
    """A post that opens again: who was kept on its list is told, one for each free place."""
    service.tell_next(position_id)


@student_erased.listen
def forget_the_name(student_id: int) -> None:
    """What enterprises were told of her steps loses her name."""
    messages.forget_words(queries.links_of_student(student_id), ("who",))
