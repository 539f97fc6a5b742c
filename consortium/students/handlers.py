"""What students do about earlier news, and the roster's registration as a kind of import."""

from __future__ import annotations

from consortium.accounts.events import invitation_accepted
from consortium.accounts.models import Membership
from consortium.imports.kinds import ImportKind, register
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import roster, service, wording

register(
    ImportKind(
        name="students",
        title=_l("Students"),
        columns=lambda: [name for c in roster.COLUMNS for name in (c.name, c.name_en, *c.aliases)],
        template=service.template,
        check=service.check,
        conflicts=service.conflicts,
        apply=service.apply,
        say=wording.problem,
        named=roster.named,
        unknown_columns=roster.unknown,
        missing_columns=roster.missing,
    )
)


@invitation_accepted.listen
def tie_account(membership: Membership) -> None:
    """An activated account finds its register entry."""
    service.tie(membership)
