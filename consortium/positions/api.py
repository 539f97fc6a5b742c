"""Resources of posts and rules."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.organisations import queries as organisations
from consortium.positions import queries, service
from consortium.positions.models import Position
from consortium.positions.schemas import PositionIn, PositionOut, RuleOut
from consortium.reference import law
from consortium.shared.errors import Invalid
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("positions", __name__, tag="Posts")
LENGTHS = {"title": 80, "duties": 4000, "occupation_code": 12, "place_code": 12, "level_least": 20, "venue": 30}


@resources.get("/positions", ability="positions.list")
@resources.input(PageQuery, location="query")
@resources.output(list[PositionOut])
def positions(query_data: PageQuery) -> Any:
    """Posts within reach, newest first."""
    return [_out(p) for p in queries.listing(acting(), query_data.page).rows]


@resources.get("/positions/<uuid:id>", ability="positions.read")
@resources.output(PositionOut)
def position(id: uuid.UUID) -> Any:
    """One post."""
    return _out(queries.reachable(acting(), id))


@resources.post("/positions", ability="positions.write", creates=True)
@resources.input(PositionIn, location="json")
@resources.output(PositionOut, status_code=201)
def create(json_data: PositionIn) -> Any:
    """Draft a post."""
    values = json_data.model_dump()
    wrong = {name: [_l("Too long.")] for name, most in LENGTHS.items() if len(values[name]) > most}
    if values["kind"] not in ("internship", "job"):
        wrong["kind"] = [_l("internship or job.")]
    if not 1 <= values["places"] <= 500:
        wrong["places"] = [_l("A number from 1 to 500.")]
    for name in ("title", "duties"):
        if not values[name].strip():
            wrong[name] = [_l("This is needed.")]
    if wrong:
        raise Invalid(wrong)
    if values["family"] is not None:
        own = {f.public_id: f.id for f in organisations.families_of(acting().tenant_id)}
        values["family"] = own.get(values["family"], -1)
    return _out(service.create(acting(), values))


@resources.post("/positions/<uuid:id>/publication", ability="positions.write")
@resources.output(PositionOut)
def publish(id: uuid.UUID) -> Any:
    """Open it to students, or be told by which rule not."""
    found = queries.reachable(acting(), id)
    service.publish(found, by=acting())
    return _out(found)


@resources.post("/positions/<uuid:id>/closure", ability="positions.write")
@resources.output(PositionOut)
def close(id: uuid.UUID) -> Any:
    """End it."""
    found = queries.reachable(acting(), id)
    service.close(found, by=acting())
    return _out(found)


@resources.get("/rules", ability="positions.rules")
@resources.output(list[RuleOut])
def rules() -> Any:
    """All rules in words."""
    lang = language()
    return [
        RuleOut(code=r.code, title=r.title(lang), words=r.words(lang), citation=r.citation(lang), verified=r.verified) for r in law.rules().values()
    ]


def _out(p: Position) -> PositionOut:
    return PositionOut(
        id=p.public_id, kind=p.kind, state=p.state, title=p.title, enterprise=str(p.tenant.name if p.tenant else ""), duties=p.duties,
        start_on=p.start_on, end_on=p.end_on, pay_fen=p.pay_fen, places=p.seats.places, taken=p.seats.taken, version=p.version,
    )  # fmt: skip
