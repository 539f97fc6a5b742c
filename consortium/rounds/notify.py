"""Who is told what in a round."""

from __future__ import annotations

from consortium.accounts import queries as accounts
from consortium.messages import service as messages
from consortium.messages.service import IN_APP, MAIL
from consortium.rounds import queries
from consortium.rounds.models import Round, RoundList, RoundPost, RoundResult
from consortium.shared.access import COLLEGE_OFFICE, ENTERPRISE_OFFICE
from consortium.shared.db import db
from consortium.students import queries as students


def tell_announced(found: Round) -> None:
    """Offices of enterprises that have a fitting post, and of the cohort's colleges."""
    firms, colleges = queries.whom_to_tell(found)
    for tenants, roles in ((firms, ENTERPRISE_OFFICE), (colleges, COLLEGE_OFFICE)):
        for tenant_id in tenants:
            for person_id in accounts.persons_in(tenant_id, roles):
                messages.tell(person_id, "round-announced", key=str(found.public_id), link=_link(found), channels=(IN_APP, MAIL), name=found.name_zh)


def tell_cancelled(found: Round) -> None:
    """Everybody whose list or post was in it."""
    for person_id in queries.persons_in_it(found):
        messages.tell(person_id, "round-cancelled", key=str(found.public_id), link=_link(found), name=found.name_zh)


def tell_frozen(found: Round) -> None:
    """The zone, whose turn it is now."""
    for person_id in queries.zone_officers():
        messages.tell(person_id, "round-frozen", key=str(found.public_id), link=_link(found), name=found.name_zh)


def tell_dropped(row: RoundList) -> None:
    """The student whose list was taken out."""
    found = db.session.get_one(Round, row.round_id)
    student = students.by_ids([row.student_id])[row.student_id]
    messages.tell(student.person_id, "round-dropped", key=f"{row.public_id}:{row.version}", link=_link(found), channels=(IN_APP, MAIL), name=found.name_zh)


def tell_left(post: RoundPost) -> None:
    """Everybody who has the post on the list."""
    found = db.session.get_one(Round, post.round_id)
    for person_id in queries.whom_a_post_left(post):
        messages.tell(
            person_id, "round-post-left", key=f"{post.public_id}:{post.version}", link=_link(found), channels=(IN_APP, MAIL), name=found.name_zh, title=post.position.title
        )


def tell_result(result: RoundResult) -> None:
    """The student; what the offer itself says comes with it."""
    found = db.session.get_one(Round, result.round_id)
    student = students.by_ids([result.student_id])[result.student_id]
    messages.tell(student.person_id, "round-result", key=str(found.public_id), link=f"{_link(found)}/result", channels=(IN_APP, MAIL), name=found.name_zh)


def _link(found: Round) -> str:
    return f"/rounds/{found.public_id}"
