"""What students do about earlier news, and the roster's registration as a kind of import."""

from __future__ import annotations

from consortium.accounts.events import invitation_accepted
from consortium.accounts.models import Membership
from consortium.imports.kinds import ImportKind, register
from consortium.shared.access import TenantKind
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import roster, service, wording

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
