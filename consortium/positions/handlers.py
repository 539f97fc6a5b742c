"""The registration of posts as a kind of import."""

from __future__ import annotations

from consortium.imports.kinds import ImportKind, register
from consortium.positions import roster, service, wording
from consortium.shared.access import TenantKind
from consortium.shared.i18n import lazy_gettext as _l

register(
    ImportKind(
        name="positions",
        title=_l("Posts"),
        tenant_kind=TenantKind.ENTERPRISE,
        schema=roster.COLUMNS,
        template=service.template,
        judge=service.RosterJudge,
        conflicts=service.import_conflicts,
        apply=service.import_rows,
        undo=service.import_undo,
        differences=service.import_differences,
        agree=lambda _values, _codes: None,
        answer=service.meant,
        suggest=service.likely,
        say=wording.problem,
        list_endpoint="positions.index",
        words=wording.IMPORT,
    )
)
