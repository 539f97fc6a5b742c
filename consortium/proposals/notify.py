"""Who is told what of doubted facts and of saved searches."""

from __future__ import annotations

from consortium.accounts import queries as accounts
from consortium.messages import service as messages
from consortium.messages.service import IN_APP, MAIL
from consortium.proposals.models import Doubt
from consortium.proposals.wording.own import ABOUT, about
from consortium.shared.access import COLLEGE_OFFICE
from consortium.students import queries as students

MOST_TITLES = 5


def tell_college(doubt: Doubt, fact: str) -> None:
    """The class adviser, or the college's office where the class has none."""
    student = students.by_ids([doubt.student_id])[doubt.student_id]
    adviser = students.adviser_person_of(student)
    for person_id in [adviser] if adviser is not None else accounts.persons_in(student.tenant_id, COLLEGE_OFFICE):
        messages.tell(
            person_id, "fact-doubted", key=str(doubt.public_id), link=f"/students/{student.public_id}", who=student.name, what=str(ABOUT[about(doubt.item)]),
            fact=fact, said=doubt.said or "–",
        )  # fmt: skip


def tell_found(student_id: int, titles: list[str], day: str) -> None:
    """One message a day for all saved searches together."""
    student = students.by_ids([student_id])[student_id]
    shown = ", ".join(titles[:MOST_TITLES]) + (" …" if len(titles) > MOST_TITLES else "")
    messages.tell(student.person_id, "posts-alert", key=day, link="/alerts", channels=(IN_APP, MAIL), n=len(titles), titles=shown)
