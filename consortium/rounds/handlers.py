"""What rounds do about earlier news, and the telling of their own."""

from __future__ import annotations

from consortium.applications import queries as applications
from consortium.applications.events import application_accepted
from consortium.positions.events import position_closed
from consortium.rounds import notify, queries, service
from consortium.rounds.events import (
    list_dropped,
    post_left_round,
    result_out,
    round_announced,
    round_cancelled,
    round_frozen,
)
from consortium.rounds.models import Round, RoundList, RoundPost, RoundResult
from consortium.shared.db import db
from consortium.students import queries as students
from consortium.students.events import consent_withdrawn, student_erased, student_left, students_asked_after


@application_accepted.listen
def leave_with_an_acceptance(application_id: int) -> None:
    """Who accepted an offer has nothing left to match: the list goes out of rounds that are not frozen."""
    application = applications.by_id(application_id)
    service.drop_of(application.student_id, "accepted-elsewhere", application.kind)


@consent_withdrawn.listen
def leave_with_the_consent(student_id: int) -> None:
    """Nobody is matched without consent, nor who objects; taking another purpose back leaves the list."""
    if not students.for_matching([student_id]):
        service.drop_of(student_id, "consent-withdrawn")


@student_left.listen
def leave_with_the_student(student_id: int) -> None:
    """On leave, or moved to another college."""
    service.drop_of(student_id, "student-left")


@student_erased.listen
def forget_her_words(student_id: int) -> None:
    """What rounds read of her loses its words; the numbers stay, so that a round can be made again."""
    service.forget_words(student_id)


@position_closed.listen
def leave_with_the_post(position_id: int) -> None:
    """A closed post takes nobody."""
    service.leave_with(position_id)


@students_asked_after.listen
def who_took_part(student_ids: list[int]) -> set[int]:
    """Whoever handed in a list stays in the register: the round's record stands on it."""
    return queries.students_with_any(student_ids)


@round_announced.listen
def tell_of_the_round(round_id: int) -> None:
    """Enterprises and colleges learn of it."""
    notify.tell_announced(db.session.get_one(Round, round_id))


@round_cancelled.listen
def tell_of_the_end(round_id: int) -> None:
    """Nobody waits in vain."""
    notify.tell_cancelled(db.session.get_one(Round, round_id))


@round_frozen.listen
def tell_the_zone(round_id: int) -> None:
    """It is the zone's turn."""
    notify.tell_frozen(db.session.get_one(Round, round_id))


@list_dropped.listen
def tell_who_was_dropped(list_id: int) -> None:
    """With the reason."""
    notify.tell_dropped(db.session.get_one(RoundList, list_id))


@post_left_round.listen
def tell_who_listed_it(post_id: int) -> None:
    """While lists are open another post may take its place."""
    notify.tell_left(db.session.get_one(RoundPost, post_id))


@result_out.listen
def tell_the_student(result_id: int) -> None:
    """Everybody is told, with an offer or without."""
    notify.tell_result(db.session.get_one(RoundResult, result_id))
