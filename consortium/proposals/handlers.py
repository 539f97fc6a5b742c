"""What the matcher does about earlier news: a small run brings the lists up to date within seconds."""

from __future__ import annotations

from consortium.messages import service as messages
from consortium.organisations.events import enterprise_changed
from consortium.positions import queries as positions
from consortium.positions.events import position_changed, position_published
from consortium.proposals import notify, queries, service
from consortium.proposals.events import fact_doubted, posts_found
from consortium.proposals.models import Doubt
from consortium.shared.db import db
from consortium.students import queries as students
from consortium.students.events import (
    consent_given,
    data_asked_for,
    student_changed,
    student_erased,
    students_asked_after,
    students_changed,
)


@position_published.listen
def find_students(position_id: int) -> None:
    """A new post meets all students."""
    service.follow("position", [position_id])


@position_changed.listen
def find_students_again(position_id: int) -> None:
    """A changed one meets them again."""
    service.follow("position", [position_id])


@enterprise_changed.listen
def judge_posts_again(tenant_id: int) -> None:
    """Head-counts and verification decide what is lawful for all posts of the firm."""
    service.follow("position", [position.id for position in positions.open_of(tenant_id)])


@student_changed.listen
def find_posts(student_id: int) -> None:
    """A changed profile meets all posts."""
    service.follow("student", [student_id])


@students_changed.listen
def find_posts_for_many(student_ids: list[int]) -> None:
    """An import changes many profiles at once."""
    service.follow("student", student_ids)


@consent_given.listen
def find_posts_at_first(student_id: int) -> None:
    """Consent opens the matching."""
    service.follow("student", [student_id])


@students_asked_after.listen
def who_was_matched(student_ids: list[int]) -> set[int]:
    """Whoever stands in a run, or chose or was chosen, stays in the register."""
    return queries.students_with_any(student_ids)


@fact_doubted.listen
def tell_the_college(doubt_id: int, fact: str) -> None:
    """A fact of the register is the college's to mend."""
    notify.tell_college(db.session.get_one(Doubt, doubt_id), fact)


@posts_found.listen
def tell_of_new_posts(student_id: int, titles: list[str], day: str) -> None:
    """What the saved searches found."""
    notify.tell_found(student_id, titles, day)


@student_erased.listen
def forget_what_was_read(student_id: int) -> None:
    """Kept runs hold what the matcher read of her: it goes, the numbers of the run stay."""
    service.forget_student(student_id)
    messages.forget_words([f"/students/{students.by_ids([student_id])[student_id].public_id}"], ("who", "said", "fact"))


@data_asked_for.listen
def tell_matches(student_id: int) -> dict[str, list[dict[str, object]]]:
    """The lists that runs gave her, in words instead of packed numbers."""
    return {"student_matches": queries.matches_told(student_id)}
