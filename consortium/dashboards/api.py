"""Resources of the zone's figures and of supply and demand."""

from __future__ import annotations

from typing import Any

from consortium.agreements import queries as agreements
from consortium.dashboards import queries, wording
from consortium.dashboards.schemas import CaseOut, CellOut, ClassOut, FigureOut, RuleOut, StandOut
from consortium.positions import queries as positions
from consortium.reference import law, majors
from consortium.shared import clock
from consortium.shared.errors import NotFound
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


@resources.get("/rules", ability="dashboards.rules")
@resources.output(list[RuleOut])
def rules() -> Any:
    """All rules in words, and how many open posts and drafted agreements stand where."""
    posts, drafted = positions.rules_counted(), agreements.rules_counted()
    return [_rule(one, posts, drafted) for one in law.rules().values()]


@resources.get("/rules/<code>", ability="dashboards.rules")
@resources.output(RuleOut)
def rule(code: str) -> Any:
    """One rule."""
    if code not in law.rules():
        raise NotFound
    return _rule(law.rule(code), positions.rules_counted(), agreements.rules_counted())


@resources.get("/rules/<code>/cases", ability="dashboards.rules")
@resources.output(list[CaseOut])
def cases(code: str) -> Any:
    """The posts and agreements behind a rule's counts, as many as the counts say."""
    if code not in law.rules():
        raise NotFound
    lang = language()
    return [
        CaseOut(kind=c.kind, state=c.state, number=c.number, enterprise=c.enterprise.to(lang) if c.enterprise else "", college=c.college.to(lang) if c.college else "", post=c.post)
        for c in queries.cases_of(code)
    ]


def _rule(one: law.LawRule, posts: queries.Counts, drafted: queries.Counts) -> RuleOut:
    lang = language()
    met, not_met, not_known = posts.get(one.code, (None, None, None))
    in_drafts = drafted.get(one.code)
    return RuleOut(
        code=one.code, title=one.title(lang), words=one.words(lang), way_out=one.way_out(lang), citation=one.citation(lang), verified=one.verified,
        scope=one.scope, effect=one.effect, places=list(one.places), facts=[fact.name(lang) for fact in one.facts],
        school_may_override=one.school_may_override, fileable=one.fileable, met=met, not_met=not_met, not_known=not_known,
        agreements=StandOut(met=in_drafts[0], not_met=in_drafts[1], not_known=in_drafts[2]) if in_drafts else None,
    )  # fmt: skip


def _told(n: int) -> int | None:
    return None if wording.is_small(n) else n


def _figure(found: queries.Figure) -> FigureOut:
    counts_students = found.name in wording.STUDENT_COUNTS
    return FigureOut(
        name=found.name, label=wording.label(found.name), value=_told(found.value) if counts_students else found.value,
        shown=wording.few(found.value) if counts_students else str(found.value), definition=wording.definition(found.name),
        as_of=clock.local(found.as_of).isoformat(timespec="seconds"),
    )  # fmt: skip
