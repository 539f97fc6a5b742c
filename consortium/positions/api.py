"""Resources of posts and rules."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.organisations import queries as organisations
from consortium.positions import queries, service
from consortium.positions.models import CapOverride, Position, PositionTemplate
from consortium.positions.schemas import (
    AnswerIn,
    AskIn,
    ClosureIn,
    JudgementOut,
    LineOut,
    OverrideOut,
    PositionIn,
    PositionOut,
    PositionPatch,
    PositionsQuery,
    RepetitionIn,
    RepetitionOut,
    ShareOut,
    TemplateIn,
    TemplateOut,
    VerdictOut,
    WageIn,
    WageOut,
)
from consortium.reference import law
from consortium.shared.errors import Invalid, Stale
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("positions", __name__, tag="Posts")
LENGTHS = {
    "title": 80, "duties": 4000, "occupation_code": 12, "place_code": 12, "place_note": 200, "level_least": 20, "venue": 30, "pay_reason": 300,
    "length_reason": 300, "wording_reason": 300,
}  # fmt: skip


@resources.get("/positions", ability="positions.list")
@resources.input(PositionsQuery, location="query")
@resources.output(list[PositionOut])
def positions(query_data: PositionsQuery) -> Any:
    """Posts within reach, newest first."""
    asked = query_data
    return [_out(p) for p in queries.listing(acting(), asked.page, state=asked.state, kind=asked.kind, query=asked.query, size=asked.size).rows]


@resources.get("/positions/<uuid:id>", ability="positions.read")
@resources.output(PositionOut)
def position(id: uuid.UUID) -> Any:
    """One post."""
    return _out(queries.reachable(acting(), id))


@resources.get("/positions/<uuid:id>/verdicts", ability="positions.verdicts")
@resources.output(list[VerdictOut])
def verdicts(id: uuid.UUID) -> Any:
    """What every rule about a post says of it now."""
    judged = queries.judge(queries.reachable(acting(), id))
    return [VerdictOut(code=v.code, effect=v.effect, state=v.state, blocks=v.blocks) for v in judged]


@resources.post("/positions", ability="positions.write", creates=True)
@resources.input(PositionIn, location="json")
@resources.output(PositionOut, status_code=201)
def create(json_data: PositionIn) -> Any:
    """Draft a post."""
    return _out(service.create(acting(), _typed(json_data.model_dump())))


@resources.patch("/positions/<uuid:id>", ability="positions.write", reach=queries.reachable)
@resources.input(PositionPatch, location="json")
@resources.output(PositionOut)
def change(id: uuid.UUID, json_data: PositionPatch) -> Any:
    """Change what is named; refused as stale if somebody saved it since that version."""
    found = queries.reachable(acting(), id)
    values = json_data.model_dump(exclude_unset=True)
    version = values.pop("version", None)
    if version is None:
        raise Invalid({"version": [_l("This is needed.")]})
    if version != found.version:
        raise Stale({}, {}, found.version)
    service.edit(found, _typed(values), by=acting())
    return _out(found)


@resources.post("/positions/<uuid:id>/publication", ability="positions.write")
@resources.output(PositionOut)
def publish(id: uuid.UUID) -> Any:
    """Open it to students, or be told by which rule not."""
    found = queries.reachable(acting(), id)
    service.publish(found, by=acting())
    return _out(found)


@resources.post("/positions/<uuid:id>/pause", ability="positions.write")
@resources.output(PositionOut)
def pause(id: uuid.UUID) -> Any:
    """Take no more applications for now."""
    found = queries.reachable(acting(), id)
    service.pause(found, by=acting())
    return _out(found)


@resources.post("/positions/<uuid:id>/closure", ability="positions.write", reach=queries.reachable)
@resources.input(ClosureIn, location="json")
@resources.output(PositionOut)
def close(id: uuid.UUID, json_data: ClosureIn) -> Any:
    """End it, and say why."""
    found = queries.reachable(acting(), id)
    service.close(found, json_data.reason, json_data.note, by=acting())
    return _out(found)


@resources.post("/positions/<uuid:id>/removal", ability="positions.write")
@resources.output({}, status_code=204)
def remove(id: uuid.UUID) -> Any:
    """Throw a draft away that was never published."""
    service.remove(queries.reachable(acting(), id), by=acting())
    return ""


@resources.get("/positions/<uuid:id>/judgement", ability="positions.verdicts")
@resources.output(JudgementOut)
def judgement(id: uuid.UUID) -> Any:
    """Shares in use, every rule with its source, the next days with room, and what keeps it from being open."""
    told = service.judged_as_saved(queries.reachable(acting(), id))
    return JudgementOut(
        shares=[ShareOut(code=s.code, staff=s.staff, as_of=s.as_of, cap=s.cap, used=s.used, asked=s.asked, over=s.over if s.cap is not None else 0) for s in told.shares],
        next_window=told.window, let_pass_until=told.override.until_on if told.override else None,
        rules=[LineOut(code=r.code, state=r.state, blocks=r.blocks, source=str(r.source)) for r in told.lines],
        stops={name: [str(one) for one in said] for name, said in told.stops.items()},
    )  # fmt: skip


@resources.post("/positions/copies", ability="positions.write", creates=True)
@resources.input(RepetitionIn, location="json")
@resources.output(RepetitionOut, status_code=201)
def repeat(json_data: RepetitionIn) -> Any:
    """Draft posts of last term again, their days a year later."""
    made, left = service.repeated(queries.own(acting(), json_data.positions), by=acting())
    return RepetitionOut(drafts=[one.public_id for one in made], left_out=left)


@resources.post("/positions/<uuid:id>/template", ability="positions.write", reach=queries.reachable)
@resources.input(TemplateIn, location="json")
@resources.output(TemplateOut)
def keep_template(id: uuid.UUID, json_data: TemplateIn) -> Any:
    """Keep it as a template of the firm; the same name again replaces it."""
    return _template(service.keep_template(queries.reachable(acting(), id), json_data.name, by=acting()))


@resources.get("/post-templates", ability="positions.templates")
@resources.output(list[TemplateOut])
def templates() -> Any:
    """The firm's own templates."""
    return [_template(one) for one in queries.templates_of(acting())]


@resources.post("/post-templates/<uuid:id>/removal", ability="positions.write")
@resources.output({}, status_code=204)
def drop_template(id: uuid.UUID) -> Any:
    """Throw a template away."""
    service.drop_template(queries.reachable_template(acting(), id), by=acting())
    return ""


@resources.get("/overrides", ability="positions.overrides")
@resources.input(PageQuery, location="query")
@resources.output(list[OverrideOut])
def overrides(query_data: PageQuery) -> Any:
    """Shares passed on purpose, within reach, open questions first."""
    return [_override(one) for one in queries.overrides(acting(), query_data.page, size=query_data.size).rows]


@resources.post("/positions/<uuid:id>/overrides", ability="positions.ask-override", creates=True, reach=queries.reachable)
@resources.input(AskIn, location="json")
@resources.output(OverrideOut, status_code=201)
def ask(id: uuid.UUID, json_data: AskIn) -> Any:
    """Ask a college to let this post pass the share of interns."""
    asked = service.ask_override(queries.reachable(acting(), id), json_data.college, json_data.reason, by=acting())
    return _override(queries.override(asked.id))


@resources.post("/overrides/<uuid:id>/answer", ability="positions.answer-override", reach=queries.reachable_override)
@resources.input(AnswerIn, location="json")
@resources.output(OverrideOut)
def answer(id: uuid.UUID, json_data: AnswerIn) -> Any:
    """Let it pass until a day, or not, with a reason."""
    asked = queries.reachable_override(acting(), id)
    service.answer_override(asked, json_data.granted, json_data.answer, json_data.until_on, by=acting())
    return _override(asked)


@resources.get("/minimum-wages", ability="positions.minimum-wages")
@resources.output(list[WageOut])
def minimum_wages() -> Any:
    """What the zone entered, then what came with the product; each with its source."""
    entered = [WageOut(monthly_fen=w.monthly_fen, valid_from=w.valid_from, source=w.source, entered=True) for w in queries.minimum_wages()]
    came = [WageOut(monthly_fen=int(fen), valid_from=day, source=source, entered=False) for day, fen, source, _day in law.threshold_rows("minimum_wage_fen")]
    return [*entered, *came]


@resources.post("/minimum-wages", ability="positions.set-minimum-wage", creates=True)
@resources.input(WageIn, location="json")
@resources.output(WageOut, status_code=201)
def set_minimum_wage(json_data: WageIn) -> Any:
    """Enter a newer one; the same day again replaces it."""
    w = service.set_minimum_wage(json_data.monthly_fen, json_data.valid_from, json_data.source, by=acting())
    return WageOut(monthly_fen=w.monthly_fen, valid_from=w.valid_from, source=w.source, entered=True)


@resources.post("/positions/<uuid:id>/copies", ability="positions.write", creates=True)
@resources.output(PositionOut, status_code=201)
def copy(id: uuid.UUID) -> Any:
    """A new draft like it, without dates."""
    return _out(service.copied(queries.reachable(acting(), id), by=acting()))


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Named values as the service takes them; raises Invalid for what no column can hold."""
    wrong: dict[str, list[Any]] = {name: [_l("Too long.")] for name, most in LENGTHS.items() if len(values.get(name) or "") > most}
    if values.get("kind", "job") not in ("internship", "job"):
        wrong["kind"] = [_l("internship or job.")]
    for name, most, each in (("tasks", 20, 200), ("majors", 100, 12), ("must", 50, 20), ("nice", 50, 20), ("hazards", 30, 40), ("filings", 10, 10), ("shifts", 12, 20)):
        if len(values.get(name) or []) > most or any(len(one) > each for one in values.get(name) or []):
            wrong[name] = [_l("Too long.")]
    if wrong:
        raise Invalid(wrong)
    if values.get("family") is not None:
        own = {f.public_id: f.id for f in organisations.families_of(acting().tenant_id)}
        values["family"] = own.get(values["family"], -1)
    return values


def _template(one: PositionTemplate) -> TemplateOut:
    return TemplateOut(id=one.public_id, name=one.name, title=one.kept.get("title", ""))


def _override(one: CapOverride) -> OverrideOut:
    return OverrideOut(
        id=one.public_id, state=one.state, position=one.position.public_id, title=one.position.title, enterprise=one.tenant.name.to(language()),
        college=one.college.name.to(language()), rules=one.rules, heads=one.heads, over=one.over, from_on=one.from_on, to_on=one.to_on,
        reason=one.reason, answer=one.answer, until_on=one.until_on,
    )  # fmt: skip


def _out(p: Position) -> PositionOut:
    plain = {name: getattr(p, name) for name in service.FIELDS}
    accepted = sorted({"major": "M:", "class": "C:", "category": "G:"}[m.depth] + m.code for m in p.majors)
    return PositionOut(
        id=p.public_id, kind=p.kind, state=p.state, enterprise=p.tenant.name.to(language()), family=p.family.public_id if p.family else None,
        majors=accepted, must=[s.skill.code for s in p.skills if s.must], nice=[s.skill.code for s in p.skills if not s.must],
        places=p.seats.places, taken=p.seats.taken, version=p.version, closed_reason=p.closed_reason,
        skill_levels={s.skill.code: s.level for s in p.skills}, **plain,
    )  # fmt: skip
