"""Resources of the zone's figures and of supply and demand."""

from __future__ import annotations

from typing import Any

from consortium.dashboards import queries, wording
from consortium.dashboards.schemas import CellOut, ClassOut, FigureOut
from consortium.reference import majors
from consortium.shared import clock
from consortium.shared.i18n import language
from consortium.web.gate import acting
from consortium.web.resources import Resources

resources = Resources("dashboards", __name__, tag="Figures")


@resources.get("/desk/figures", ability="dashboards.figures")
@resources.output(list[FigureOut])
def figures() -> Any:
    """The figures within reach; fewer than five students are not told."""
    return [_figure(f) for f in queries.figures(acting(), wording.figures_of(acting().tenant_kind))]


@resources.get("/supply-demand", ability="dashboards.supply-demand")
@resources.output(list[ClassOut])
def supply_demand() -> Any:
    """Openings and available students by major class and leading industry."""
    lang, matrix = language(), queries.supply_demand(acting())
    intent = queries.by_intent(acting())
    intended = {row.key: (row.yes, row.perhaps) for row in intent.rows} if intent else {}
    known = {row.key for row in matrix.rows}
    rows = [*matrix.rows, *(queries.ClassRow(key, cells={k: queries.Cell() for k in queries.INDUSTRIES.values()}) for key in intended if key not in known)]
    return [
        ClassOut(
            major_class=row.key, name=row.key if row.key == queries.ANY else majors.class_name(row.key, lang), openings=row.openings,
            students=_told(row.students), intended=intended.get(row.key, (0, 0))[0], intended_perhaps=intended.get(row.key, (0, 0))[1],
            cells=[
                CellOut(industry=slug, openings=row.cells[key].openings, students=_told(row.cells[key].students))
                for slug, key in queries.INDUSTRIES.items()
            ],
        )
        for row in rows
    ]  # fmt: skip


def _told(n: int) -> int | None:
    return None if wording.is_small(n) else n


def _figure(found: queries.Figure) -> FigureOut:
    counts_students = found.name in wording.STUDENT_COUNTS
    return FigureOut(
        name=found.name, label=wording.label(found.name), value=_told(found.value) if counts_students else found.value,
        shown=wording.few(found.value) if counts_students else str(found.value), definition=wording.definition(found.name),
        as_of=clock.local(found.as_of).isoformat(timespec="seconds"),
    )  # fmt: skip
