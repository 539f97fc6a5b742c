"""What agreements do about earlier news, and the telling of their own."""

from __future__ import annotations

from consortium.agreements import notify, queries, service, wording
from consortium.agreements.events import agreement_drafted
from consortium.agreements.models import Agreement
from consortium.applications.events import application_accepted
from consortium.shared.db import db
from consortium.students.events import erasure_asked, student_erased


@application_accepted.listen
def draft(application_id: int) -> None:
    """An accepted offer becomes a draft, in the transaction of the acceptance."""
    service.draft_from(application_id)


@agreement_drafted.listen
def tell(agreement_id: int) -> None:
    """The parties who are not looking at it already."""
    notify.tell_drafted(db.session.get_one(Agreement, agreement_id))


@erasure_asked.listen
def may_not_go_yet(student_id: int) -> list[tuple[object, object]]:
    """While an agreement runs its parties need each other's names."""
    return [wording.RUNS] if queries.running_of(student_id) else []


@student_erased.listen
def forget_the_name(student_id: int) -> None:
    """What is over keeps its terms and loses the name."""
    service.forget_student(student_id)
