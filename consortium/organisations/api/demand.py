"""Resources of the quarterly question and of the three lists."""

from __future__ import annotations

import uuid
from typing import Any

from pydantic import Field

from consortium.organisations import queries as organisations
from consortium.organisations import wording
from consortium.organisations.api import resources
from consortium.organisations.models import IntentRound, ListItem
from consortium.organisations.queries import intents as queries
from consortium.organisations.queries import lists
from consortium.organisations.queries.intents import Tally
from consortium.organisations.rules.intents import told_count
from consortium.organisations.schemas import (
    DemandOut,
    IntentIn,
    IntentOut,
    ListRowEditIn,
    ListRowIn,
    ListRowOut,
    NewListRowIn,
    ReasonOut,
    RoundDetailOut,
    RoundIn,
    RoundOut,
    WishIO,
)
from consortium.organisations.service import intents as service
from consortium.organisations.service import lists as list_service
from consortium.reference import majors
from consortium.shared.errors import Conflict, NotFound, Stale
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import PageQuery


@resources.get("/intents", ability="organisations.intents")
@resources.output(list[RoundOut])
def rounds() -> Any:
    """The quarters that were asked, newest first."""
    found = queries.rounds()
    tallies = queries.tallies([one.id for one in found])
    return [RoundOut(**_round(one, tallies[one.id])) for one in found]


@resources.post("/intents", ability="organisations.ask-intents", creates=True)
@resources.input(RoundIn, location="json")
@resources.output(RoundOut, status_code=201)
def open_round(json_data: RoundIn) -> Any:
    """Ask every enterprise about a quarter."""
    made = service.open_round(acting(), json_data.year, json_data.quarter, json_data.closes_on)
    return RoundOut(**_round(made, queries.tallies([made.id])[made.id]))


@resources.get("/intents/<uuid:id>", ability="organisations.intents")
@resources.output(RoundDetailOut)
def round(id: uuid.UUID) -> Any:
    """One quarter: classes of majors wanted, and the reasons why not."""
    found, lang = queries.reachable_round(acting(), id), language()
    return RoundDetailOut(
        **_round(found, queries.tallies([found.id])[found.id]),
        demand=[
            DemandOut(major_class=row.key, name=majors.class_name(row.key, lang), yes=row.yes, perhaps=row.perhaps, enterprises=row.firms)
            for row in queries.demand(found.id)
        ],
        reasons=[ReasonOut(code=code, label=wording.reason(code), enterprises=n) for code, n in queries.reasons(found.id)],
    )


@resources.post("/intents/<uuid:id>/closure", ability="organisations.ask-intents")
@resources.output({}, status_code=204)
def close_round(id: uuid.UUID) -> Any:
    """No more answers."""
    service.close_round(queries.reachable_round(acting(), id), by=acting())
    return ""


@resources.get("/enterprise/intent", ability="organisations.own-intent")
@resources.output(IntentOut)
def own_intent() -> Any:
    """The open quarter and one's own answer; not found where none was asked yet."""
    found = queries.newest_round()
    if found is None:
        raise NotFound
    return _intent(found)


@resources.post("/enterprise/intent", ability="organisations.answer-intent")
@resources.input(IntentIn, location="json")
@resources.output(IntentOut)
def answer(json_data: IntentIn) -> Any:
    """Answer, or answer anew."""
    found = queries.newest_round()
    if found is None:
        raise Conflict(_l("No question is open"), how=_l("You will be asked again next quarter."))
    wishes = [(w.class_key, w.heads, w.kind) for w in json_data.wishes]
    service.answer(found, acting().tenant_id, json_data.answer, wishes, json_data.reasons, json_data.remark, by=acting())
    return _intent(found)


class ListQuery(PageQuery):
    """Which rows."""

    kind: str = Field(default="", max_length=20)
    state: str = Field(default="", max_length=20)
    class_key: str = Field(default="", max_length=4)
    industry: str = Field(default="", max_length=20)
    q: str = Field(default="", max_length=40)


@resources.get("/three-lists", ability="organisations.read-lists")
@resources.input(ListQuery, location="query")
@resources.output(list[ListRowOut])
def rows(query_data: ListQuery) -> Any:
    """Core products, technology needs and talent needs within reach."""
    asked = query_data.model_dump()
    page, size = asked.pop("page"), asked.pop("size")
    return [_row(one) for one in lists.listing(acting(), asked, page, size).rows]


@resources.post("/three-lists", ability="organisations.write-list", creates=True)
@resources.input(NewListRowIn, location="json")
@resources.output(ListRowOut, status_code=201)
def add_row(json_data: NewListRowIn) -> Any:
    """A new row, perhaps published at once."""
    values = json_data.model_dump()
    return _row(list_service.add(acting(), values.pop("kind"), values, publish=values.pop("publish")))


@resources.get("/three-lists/<uuid:id>", ability="organisations.read-lists")
@resources.output(ListRowOut)
def row(id: uuid.UUID) -> Any:
    """One row."""
    return _row(lists.reachable(acting(), id))


@resources.put("/three-lists/<uuid:id>", ability="organisations.write-list", reach=lists.own)
@resources.input(ListRowEditIn, location="json")
@resources.output(ListRowOut)
def edit_row(id: uuid.UUID, json_data: ListRowEditIn) -> Any:
    """Change a row; a stale version is refused."""
    found, values = lists.own(acting(), id), json_data.model_dump()
    if values.pop("version") != found.version:
        raise Stale(values, {name: getattr(found, name) for name in ListRowIn.model_fields}, found.version)
    list_service.edit(found, values, by=acting())
    return _row(found)


@resources.post("/three-lists/<uuid:id>/publication", ability="organisations.write-list")
@resources.output({}, status_code=204)
def publish_row(id: uuid.UUID) -> Any:
    """Colleges and the zone may read it."""
    list_service.step(lists.own(acting(), id), "publish", by=acting())
    return ""


@resources.post("/three-lists/<uuid:id>/closure", ability="organisations.write-list")
@resources.output({}, status_code=204)
def end_row(id: uuid.UUID) -> Any:
    """It holds no longer."""
    list_service.step(lists.own(acting(), id), "end", by=acting())
    return ""


def _round(one: IntentRound, tally: Tally) -> dict[str, Any]:
    return {
        "id": one.public_id, "year": one.year, "quarter": one.quarter, "closes_on": one.closes_on, "open": queries.is_open(one), "asked": tally.asked, "yes": tally.yes,
        "perhaps": tally.perhaps, "no": tally.no,
    }  # fmt: skip


def _intent(found: IntentRound) -> IntentOut:
    tenant_id = acting().tenant_id
    given = queries.answer_of(found.id, tenant_id)
    return IntentOut(
        year=found.year, quarter=found.quarter, closes_on=found.closes_on, answer=given.answer if given else "", reasons=given.reasons if given else [],
        wishes=[WishIO(class_key=w.class_key, heads=w.heads, kind=w.kind) for w in given.wishes] if given else [],
        others=told_count(queries.n_of_kind(found.id, organisations.enterprise_of(tenant_id))),
    )  # fmt: skip


def _row(one: ListItem) -> ListRowOut:
    shown = {name: getattr(one, name) for name in ListRowIn.model_fields}
    return ListRowOut(id=one.public_id, kind=one.kind, state=one.state, enterprise=one.tenant.name_zh, version=one.version, **shown)
