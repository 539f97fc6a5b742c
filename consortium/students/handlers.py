"""What students do about earlier news, and the roster's registration as a kind of import."""

from __future__ import annotations

from consortium.accounts.events import invitation_accepted
from consortium.accounts.models import Membership
from consortium.imports.kinds import ImportKind, register
from consortium.shared.access import TenantKind
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import notify, queries, roster, service, wording
from consortium.students.events import student_reminded, student_stepped, ticket_answered, ticket_opened

register(
    ImportKind(
        name="students",
        title=_l("Students"),
        tenant_kind=TenantKind.COLLEGE,
        schema=roster.COLUMNS,
        template=service.template,
        judge=service.RosterJudge,
        conflicts=service.conflicts,
        apply=service.apply,
        undo=service.undo,
        differences=service.differences,
        agree=service.agree,
        answer=service.meant,
        suggest=service.likely,
        say=wording.problem,
        list_endpoint="students.index",
        words=wording.IMPORT,
    )
)


@invitation_accepted.listen
def tie_account(membership: Membership) -> None:
    """An activated account finds its register entry."""
    service.tie(membership)


@student_stepped.listen
def tell_the_student(student_id: int) -> None:
    """Whoever's state changed is told, and whom to ask if it is wrong."""
    notify.tell_state(queries.by_ids([student_id])[student_id])


@student_reminded.listen
def tell_what_is_missing(student_id: int, lacking: list[str]) -> None:
    """What the student can fill in."""
    notify.tell_what_is_missing(queries.by_ids([student_id])[student_id], lacking)


@ticket_opened.listen
def tell_who_answers(ticket_id: int) -> None:
    """A question waits."""
    notify.tell_of_ticket(queries.ticket_by_id(ticket_id))


@ticket_answered.listen
def tell_who_asked(ticket_id: int) -> None:
    """It was answered; who has no account is told by SMS."""
    ticket = queries.ticket_by_id(ticket_id)
    notify.tell_answer(ticket)
    service.tell_asker(ticket)
