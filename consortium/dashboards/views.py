"""The desk of every role, the list behind each figure, and the matrix of supply and demand."""

from __future__ import annotations

import io
from collections import Counter
from datetime import timedelta
from typing import Any

from flask import render_template, send_file, url_for

from consortium.agreements import queries as agreements
from consortium.applications import queries as applications
from consortium.applications.models import Application
from consortium.applications.queries import enterprise as board
from consortium.compliance import queries as compliance
from consortium.compliance import rules as compliance_rules
from consortium.compliance import wording as law_words
from consortium.dashboards import queries, wording
from consortium.dashboards.queries import ANY, INDUSTRIES, Cell, ClassRow, Figure, Matrix
from consortium.interviews import queries as interviews
from consortium.interviews import service as meetings
from consortium.messages import wording as messages
from consortium.organisations import queries as organisations
from consortium.organisations.queries import caps_at_a_glance, intents
from consortium.positions import queries as positions
from consortium.proposals import queries as proposals
from consortium.proposals import service as explaining
from consortium.reference import industries, law, majors
from consortium.shared import clock
from consortium.shared.access import BUREAU, COLLEGE, ENTERPRISE, ZONE, Actor, Role, TenantKind
from consortium.shared.errors import NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import XLSX, write_workbook
from consortium.students import queries as students
from consortium.students import rules as student_rules
from consortium.students.wording import MISSING
from consortium.web.filters import number
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("dashboards", __name__)
pages.menu(_l("Rules"), "rules", icon="law", order=50, roles=ZONE)
pages.menu(_l("Desk"), "desk", icon="home", order=10, roles=ZONE | ENTERPRISE | COLLEGE | BUREAU)

ROWS_ON_DESK = 6
FIRMS_ON_DESK = 4
RULES_ON_DESK = 4


@pages.get("/", ability="dashboards.desk")
def desk() -> Any:
    """What waits for me, my figures, what changed."""
    actor = acting()
    if actor.role is Role.STUDENT:
        return _student(actor)
    return {
        TenantKind.ZONE: _zone, TenantKind.ENTERPRISE: _enterprise, TenantKind.COLLEGE: _college, TenantKind.BUREAU: _bureau,
    }[actor.tenant_kind](actor)  # fmt: skip


@pages.get("/desk/figures/<name>", ability="dashboards.figures")
def figure(name: str) -> Any:
    """The list behind a figure: its parts, whose sum is the number."""
    actor = acting()
    if name not in wording.figures_of(actor.tenant_kind):
        raise NotFound
    parts = queries.breakdown(actor, name)
    shown = queries.figures(actor, [name])[0]
    return render_template(
        "dashboards/figure.html", name=name, figure=_shown(shown), rows=_rows(name, parts), definition=wording.definition(name), wording=wording,
        by={"pairs": _("Major class"), "enterprises": _("Leading industry"), "openings": _("Enterprise"), "unanswered": _("Enterprise")}.get(name, _("College")),
    )  # fmt: skip


@pages.get("/supply-demand", ability="dashboards.supply-demand")
def supply_demand() -> Any:
    """The whole matrix."""
    matrix = queries.supply_demand(acting())
    return render_template(
        "dashboards/supply_demand.html", matrix=matrix, heat=_heat(matrix), columns=_columns(), n=len(matrix.rows), intent=queries.by_intent(acting()), majors=majors,
        industries=[(key, industries.leading_name(key, language())) for key in INDUSTRIES.values()], lang=language(),
    )  # fmt: skip


@pages.get("/supply-demand/<key>/<industry>", ability="dashboards.supply-demand")
def gap_cell(key: str, industry: str) -> Any:
    """The two sides of one cell, and what keeps them apart."""
    if industry not in INDUSTRIES or (key != ANY and key not in majors.classes()):
        raise NotFound
    actor, lang = acting(), language()
    posts = queries.cell_posts(actor, key, INDUSTRIES[industry])
    parts = queries.class_students(actor, key) if key != ANY else []
    matrix = queries.supply_demand(actor)
    cell = next((row.cells[INDUSTRIES[industry]] for row in matrix.rows if row.key == key), Cell())
    small = wording.hidden([n for _id, n in parts])
    tenants = queries.names(t for t, _n in parts)
    return render_template(
        "dashboards/gap_cell.html", posts=posts, cell=cell, matrix=matrix, class_name=_class_name(key), industry_name=industries.leading_name(INDUSTRIES[industry], lang),
        colleges=[(tenants[t].name, wording.few(n, number(n)) if i not in small or wording.is_small(n) else "…") for i, (t, n) in enumerate(parts)],
        students=wording.few(sum(n for _t, n in parts), number(sum(n for _t, n in parts))), asks=queries.cell_asks(posts, key), wording=wording, lang=lang, is_any=key == ANY,
    )  # fmt: skip


@pages.get("/rules", ability="dashboards.rules")
def rules() -> Any:
    """Every rule: its words, where it is asked, and where open posts and drafted agreements stand now."""
    passed = Counter({code: times for code, (times, _heads) in positions.overrides_counted().items()})
    for code, _college, n, _now in compliance.override_counts(acting()):
        passed[code] += n
    return render_template(
        "dashboards/rules.html", rules=law.rules(), posts=positions.rules_counted(), drafted=agreements.rules_counted(), passed=passed, words=law_words, lang=language()
    )


@pages.get("/rules/<code>", ability="dashboards.rules")
def rule(code: str) -> Any:
    """One rule, the cases behind its counts, overrides and filings."""
    if code not in law.rules():
        raise NotFound
    found = queries.cases_of(code)
    counts = {kind: {state: sum(c.kind == kind and c.state == state for c in found) for state in (1, 0, -1)} for kind in ("post", "agreement")}
    actor = acting()
    return render_template(
        "dashboards/rule.html", rule=law.rule(code), cases=found, counts=counts, words=law_words, lang=language(), code=code, today=clock.today(),
        overrides=compliance.overrides_of_rule(code), of_shares=positions.overrides_of_rule(code), by_college=[row for row in compliance.override_counts(actor) if row[0] == code],
        filings=compliance.filings_of_rule(code), filing_state=compliance_rules.filing_state, override_state=compliance_rules.override_state,
    )  # fmt: skip


@pages.get("/rules/<code>/export", ability="dashboards.rules")
def rule_export(code: str) -> Any:
    """The cases behind a rule's counts as a workbook, one line each."""
    if code not in law.rules():
        raise NotFound
    lang = language()
    kinds = {"post": _("post"), "agreement": _("agreement")}
    states = {1: _("met"), 0: _("not met"), -1: _("not known")}
    lines = [
        [kinds[c.kind], states[c.state], c.number, c.enterprise.to(lang) if c.enterprise else "", c.college.to(lang) if c.college else "", c.post]
        for c in queries.cases_of(code)
    ]
    header = [_("Kind"), _("Verdict"), _("Number"), _("Enterprise"), _("College"), _("Post")]
    data = write_workbook(code, header, lines)
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=f"rule-{code}.xlsx")


def _zone(actor: Actor) -> str:
    run = proposals.latest_run()
    matrix = queries.supply_demand(actor, run)
    counts = queries.rule_counts()
    funnel = queries.funnel(actor, run)
    newest = queries.runs_newest()
    return render_template(
        "dashboards/zone.html", figures=[_shown(f) for f in queries.figures(actor, run=run)], heat=_heat(matrix, ROWS_ON_DESK), columns=_columns(),
        matrix=matrix, funnel=_funnel(funnel), caps=caps_at_a_glance()[:FIRMS_ON_DESK], rules=[(law.rule(code), n, unknown) for code, n, unknown in counts[:RULES_ON_DESK]],
        run=newest[0] if newest else None, lang=language(), now=clock.now(), intent=queries.by_intent(actor),
    )  # fmt: skip


def _bureau(actor: Actor) -> str:
    return render_template(
        "dashboards/bureau.html", figures=[_shown(f) for f in queries.figures(actor, wording.BUREAU_FIGURES)], funnel=_funnel(queries.funnel(actor)), now=clock.now()
    )


def _enterprise(actor: Actor) -> str:
    today, coming = clock.today(), interviews.coming(actor) if actor.can("interviews.list") else []
    for one in coming:
        meetings.opened(one, by=actor)
    drafts = queries.drafts(actor)
    stopped = list(zip(drafts, queries.stopped_by(drafts), strict=True))
    return render_template(
        "dashboards/enterprise.html", waiting=queries.enterprise_applications(actor), posts=queries.post_lines(actor), law=law, lang=language(),
        unattended=queries.without_mentors(actor), stopped=[(p, codes) for p, codes in stopped if codes] if actor.can("positions.write") else [], n_drafts=len(stopped), news=_news(actor),
        room=organisations.quota_room(actor.tenant_id, None, today, today + timedelta(days=365)),
        enterprise=organisations.enterprise_of(actor.tenant_id), question=intents.unanswered_for(actor.tenant_id) if actor.can("organisations.own-intent") else None,
        interviews=coming, called=lambda one: applications.called(one.application, actor),
        paused=board.paused_of(actor) if actor.can("applications.board") else [],
    )  # fmt: skip


def _college(actor: Actor) -> str:
    roll = queries.roll(actor)
    return render_template(
        "dashboards/college.html", roll=roll, all=queries.in_all(roll), waiting=queries.college_applications(actor), news=_news(actor),
        uploads=queries.uploads_waiting(actor) if actor.can("imports.read") else [], adviser=actor.role is Role.CLASS_ADVISER, care=students.protection(actor),
    )  # fmt: skip


def _student(actor: Actor) -> str:
    student = students.student_of(actor)
    hidden = proposals.hidden_of(student.id)
    matches = [m for m in proposals.matches_of_student(student) if m.position_id not in hidden][:3]
    posts = positions.by_ids(m.position_id for m in matches)
    pairs = [(student, posts[m.position_id], m) for m in matches]
    filled = students.filled(student)
    missing = student_rules.next_missing(filled)
    rows = queries.own_applications(student)
    return render_template(
        "dashboards/student.html", student=student, consent=students.consent(student, student_rules.MATCHING), applications=rows,
        waiting=[a for a in rows if queries.needs_student(a)], others=[a for a in rows if not queries.needs_student(a)],
        matches=list(zip([p for _s, p, _m in pairs], explaining.explained_all(pairs, proposals.leanings_of(student.id)), strict=True)),
        share=student_rules.completeness(filled), interviews=interviews.coming(actor), missing=MISSING[missing] if missing else "", left=_left, news=_news(actor, 3),
    )  # fmt: skip


def _left(application: Application) -> str:
    """How long an offer may still be answered."""
    if application.answer_by is None:
        return ""
    hours = int((application.answer_by - clock.now()).total_seconds() // 3600)
    if hours < 0:
        return _("The time to answer is over.")
    if hours >= 72:
        return _("%(days)d days left", days=hours // 24)
    return _("%(hours)d hours left", hours=hours)


def _news(actor: Actor, limit: int = 5) -> list[tuple[Any, str]]:
    return [(m, messages.said(m.kind, m.facts)[0]) for m in queries.news(actor, limit) if m.kind in messages.KINDS]


def _shown(found: Figure) -> dict[str, Any]:
    """A figure as the component draws it; a small number of students is not shown as one."""
    value = number(found.value)
    if found.name in wording.STUDENT_COUNTS:
        value = wording.few(found.value, value)
    url = url_for("organisations.index", state="verified") if found.name == "enterprises" and acting().can("organisations.list-enterprises") else ""
    new = found.new if found.new is not None and not (found.name in wording.STUDENT_COUNTS and wording.is_small(found.new)) else None
    return {
        "name": found.name, "label": wording.label(found.name), "value": value, "definition": wording.definition(found.name), "as_of": found.as_of,
        "url": url or url_for("dashboards.figure", name=found.name), "note": _("+%(n)s in seven days", n=number(new)) if new else "",
    }  # fmt: skip


def _funnel(steps: list[Figure]) -> list[dict[str, Any]]:
    most = max((f.value for f in steps), default=0) or 1
    return [{**_shown(f), "share": 0 if wording.is_small(f.value) else f.value / most} for f in steps]


def _rows(name: str, parts: queries.Parts) -> list[dict[str, Any]]:
    """The parts of a figure in words; small counts of students are hidden."""
    lang = language()
    counts = [n for _key, n in parts]
    hidden = wording.hidden(counts) if name in wording.STUDENT_COUNTS else set()
    tenants = queries.names(key for key, _n in parts) if name in queries.BY_TENANT else {}
    firms = organisations.enterprises() if name in ("openings", "unanswered") and acting().can("organisations.read-enterprise") else {}
    rows = []
    for i, (key, n) in enumerate(parts):
        if name == "pairs":
            label = majors.class_name(key, lang)
        elif name == "enterprises":
            label = industries.leading_name(key, lang)
        else:
            label = str(tenants[key].name)
        shown = (wording.few(n) if wording.is_small(n) else "…") if i in hidden else number(n)
        rows.append({"label": label, "shown": shown, "n": n, "url": url_for("organisations.show", id=firms[key].public_id) if key in firms else ""})
    return rows


def _class_name(key: str) -> str:
    return _("Any major") if key == ANY else majors.class_name(key, language())


def _columns() -> list[str]:
    return [industries.leading_name(key, language()) for key in INDUSTRIES.values()]


def _heat(matrix: Matrix, most: int = 200) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rows of the heat matrix: the gap with its sign, and the two sides it comes from."""
    return [(_class_name(row.key), [_heat_cell(row, slug, row.cells[key]) for slug, key in INDUSTRIES.items()]) for row in matrix.rows[:most]]


def _heat_cell(row: ClassRow, slug: str, cell: Cell) -> dict[str, Any]:
    nothing = not cell.openings and not cell.students
    url = "" if nothing else url_for("dashboards.gap_cell", key=row.key, industry=slug)
    small = wording.is_small(cell.students)
    text = "–" if nothing else wording.few(cell.students) if small and not cell.openings else "" if small else wording.signed(cell.gap)
    return {
        "text": text, "sides": "" if nothing else f"{cell.openings} / {wording.few(cell.students)}", "url": url,
        "shade": 0 if nothing else wording.shade(cell.openings, cell.students), "value": 0 if small else cell.gap,
    }  # fmt: skip
