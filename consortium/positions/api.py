"""Resources of posts and rules."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.imports import queries as imports
from consortium.imports import service as uploads
from consortium.imports.columns import headed
from consortium.imports.schemas import ColumnSetIn, ColumnSetOut
from consortium.organisations import queries as organisations
from consortium.positions import queries, service
from consortium.positions.models import Position
from consortium.positions.schemas import PositionIn, PositionOut, PositionPatch, PositionsQuery, VerdictOut
from consortium.shared.errors import Invalid, Stale
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import Resources

resources = Resources("positions", __name__, tag="Posts")
LENGTHS = {
    "title": 80, "duties": 4000, "occupation_code": 12, "place_code": 12, "place_note": 200, "level_least": 20, "venue": 30, "pay_reason": 300,
    "length_reason": 300,
}  # fmt: skip


@resources.get("/positions", ability="positions.list")
@resources.input(PositionsQuery, location="query")
@resources.output(list[PositionOut])
def positions(query_data: PositionsQuery) -> Any:
    """Posts within reach, newest first."""
    asked = query_data
    return [_out(p) for p in queries.listing(acting(), asked.page, state=asked.state, kind=asked.kind, query=asked.query, size=asked.size).rows]


@resources.get("/positions/exports", ability="positions.export")
@resources.output(list[ColumnSetOut])
def exports() -> Any:
    """One's own sets of export columns."""
    return [ColumnSetOut.model_validate(one) for one in imports.column_sets(acting(), "positions")]


@resources.post("/positions/exports", ability="positions.save-columns")
@resources.input(ColumnSetIn, location="json")
@resources.output(ColumnSetOut)
def save_columns(json_data: ColumnSetIn) -> Any:
    """Keep a set of export columns; the same name again replaces it."""
    columns = headed(service.EXPORTED, json_data.columns)
    return ColumnSetOut.model_validate(uploads.save_columns(acting(), "positions", json_data.name, columns))


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


@resources.post("/positions/<uuid:id>/closure", ability="positions.write")
@resources.output(PositionOut)
def close(id: uuid.UUID) -> Any:
    """End it."""
    found = queries.reachable(acting(), id)
    service.close(found, by=acting())
    return _out(found)


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
    for name, most, each in (("tasks", 20, 200), ("majors", 100, 12), ("must", 50, 20), ("nice", 50, 20), ("hazards", 30, 40), ("filings", 10, 10)):
        if len(values.get(name) or []) > most or any(len(one) > each for one in values.get(name) or []):
            wrong[name] = [_l("Too long.")]
    if wrong:
        raise Invalid(wrong)
    if values.get("family") is not None:
        own = {f.public_id: f.id for f in organisations.families_of(acting().tenant_id)}
        values["family"] = own.get(values["family"], -1)
    return values


def _out(p: Position) -> PositionOut:
    plain = {name: getattr(p, name) for name in service.FIELDS}
    accepted = sorted({"major": "M:", "class": "C:", "category": "G:"}[m.depth] + m.code for m in p.majors)
    return PositionOut(
        id=p.public_id, kind=p.kind, state=p.state, enterprise=p.tenant.name.to(language()), family=p.family.public_id if p.family else None,
        majors=accepted, must=[s.skill.code for s in p.skills if s.must], nice=[s.skill.code for s in p.skills if not s.must],
        places=p.seats.places, taken=p.seats.taken, version=p.version, **plain,
    )  # fmt: skip
