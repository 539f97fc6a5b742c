"""The telling of news about posts, and the declaration of posts as a kind of import and of lists that may be exported."""

from __future__ import annotations

from consortium.imports.kinds import Export, ImportKind, offer, register
from consortium.positions import notify, queries, roster, service, wording
from consortium.positions.events import override_answered, override_asked, position_expired, position_expiring
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
        key="own_code",
    )
)
offer(
    Export(
        name="positions",
        title=_l("Posts"),
        ability="positions.export",
        available=service.EXPORTED,
        shapes=service.SHAPES,
        lines=service.export_lines,
        list_endpoint="positions.index",
        filters=queries.FILTERS,
        notes=wording.SHAPES,
    )
)
offer(
    Export(
        name="rules",
        title=_l("Rules"),
        ability="positions.rules",
        available=wording.RULE_COLUMNS,
        shapes={"list": tuple(name for name, _ in wording.RULE_COLUMNS)},
        lines=service.rule_lines,
        list_endpoint="dashboards.rules",
    )
)


@position_expiring.listen
def warn_the_firm(position_id: int) -> None:
    """Its last day comes near."""
    notify.tell_expiring(position_id)


@position_expired.listen
def tell_the_firm(position_id: int) -> None:
    """Its last day has passed."""
    notify.tell_expired(position_id)


@override_asked.listen
def tell_the_college(override_id: int) -> None:
    """A share would be passed."""
    notify.tell_asked(override_id)


@override_answered.listen
def tell_who_asked(override_id: int) -> None:
    """It was let pass, or not."""
    notify.tell_answered(override_id)
