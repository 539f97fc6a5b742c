"""The declaration of exports: the list of imports, and lists of what lies before this feature."""

from __future__ import annotations

from consortium.imports import queries, wording
from consortium.imports.kinds import Export, offer
from consortium.shared.i18n import lazy_gettext as _l

offer(
    Export(
        name="imports",
        title=_l("Imports"),
        ability="imports.history",
        available=wording.HISTORY,
        shapes={"list": tuple(name for name, _ in wording.HISTORY)},
        lines=queries.history,
        list_endpoint="imports.index",
        states=frozenset({"stage"}),
    )
)
offer(
    Export(
        name="enterprises",
        title=_l("Enterprises"),
        ability="organisations.list-enterprises",
        available=wording.ENTERPRISES,
        shapes={"list": tuple(name for name, _ in wording.ENTERPRISES)},
        lines=queries.enterprise_lines,
        list_endpoint="organisations.index",
        filters=("q", "state"),
        states=frozenset({"state"}),
    )
)
