"""Resources of enterprises and official lists."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from consortium.organisations import queries, service
from consortium.organisations.models import Enterprise
from consortium.organisations.schemas import (
    EnterpriseOut,
    EntryOut,
    FamilyIn,
    FamilyOut,
    OwnEnterpriseIn,
    OwnEnterpriseOut,
    RoomOut,
    VisitIn,
)
from consortium.shared import clock
from consortium.shared.errors import NotFound, Stale
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("organisations", __name__, tag="Organisations")


class Query(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(min_length=1, max_length=40)


@resources.get("/enterprises", ability="organisations.list-enterprises")
@resources.input(PageQuery, location="query")
@resources.output(list[EnterpriseOut])
def enterprises(query_data: PageQuery) -> Any:
    """All enterprises within reach."""
    return [_out(e) for e in queries.listing(acting(), query_data.page, size=query_data.size).rows]


@resources.get("/enterprises/<uuid:id>", ability="organisations.read-enterprise")
@resources.output(EnterpriseOut)
def enterprise(id: uuid.UUID) -> Any:
    """One enterprise."""
    return _out(queries.reachable(acting(), id))


@resources.post("/enterprises/<uuid:id>/verification", ability="organisations.verify")
@resources.output(EnterpriseOut)
def verify(id: uuid.UUID) -> Any:
    """The zone verifies a host (R05)."""
    found = queries.reachable(acting(), id)
    service.verify(found, by=acting())
    return _out(found)


@resources.post("/enterprises/<uuid:id>/visits", ability="organisations.record-visit", creates=True, reach=queries.reachable)
@resources.input(VisitIn, location="json")
@resources.output({}, status_code=204)
def record_visit(id: uuid.UUID, json_data: VisitIn) -> Any:
    """A college records its visit, decision and publication (R06)."""
    service.record_visit(acting(), queries.reachable(acting(), id), json_data.visited_on, json_data.decided_on, json_data.published_on)
    return ""


@resources.get("/enterprise", ability="organisations.own-enterprise")
@resources.output(OwnEnterpriseOut)
def own() -> Any:
    """One's own enterprise."""
    return _own(queries.enterprise_of(acting().tenant_id))


@resources.put("/enterprise", ability="organisations.edit-enterprise")
@resources.input(OwnEnterpriseIn, location="json")
@resources.output(OwnEnterpriseOut)
def edit(json_data: OwnEnterpriseIn) -> Any:
    """Change its own facts; a stale version is refused."""
    found, values = queries.enterprise_of(acting().tenant_id), json_data.model_dump()
    if values.pop("version") != found.version:
        raise Stale(values, {name: getattr(found, name) for name in values}, found.version)
    service.edit_enterprise(found, values, by=acting())
    return _own(found)


@resources.get("/enterprise/families", ability="organisations.own-enterprise")
@resources.output(list[FamilyOut])
def families() -> Any:
    """Its kinds of posts."""
    return [FamilyOut(id=f.public_id, name=f.name, staff=f.staff) for f in queries.families_of(acting().tenant_id)]


@resources.post("/enterprise/families", ability="organisations.edit-enterprise", creates=True)
@resources.input(FamilyIn, location="json")
@resources.output(FamilyOut, status_code=201)
def add_family(json_data: FamilyIn) -> Any:
    """A kind of post, or the new head-count of a known one."""
    made = service.set_family(acting(), json_data.name, json_data.staff)
    return FamilyOut(id=made.public_id, name=made.name, staff=made.staff)


@resources.get("/enterprises/<uuid:id>/room", ability="organisations.read-enterprise")
@resources.output(RoomOut)
def room(id: uuid.UUID) -> Any:
    """How many interns it may still take within a year (R10)."""
    today = clock.today()
    found = queries.quota_room(queries.reachable(acting(), id).tenant_id, None, today, today + timedelta(days=365))
    return RoomOut(cap=found.firm_cap, used=found.firm_used, room=found.firm_room)


@resources.get("/lists/<name>", ability="organisations.typeahead")
@resources.input(Query, location="query")
@resources.output(list[EntryOut])
def entries(name: str, query_data: Query) -> Any:
    """Entries of majors, occupations, industries, places or colleges."""
    if name not in queries.LISTS:
        raise NotFound
    return [EntryOut(code=e.code, label=e.label, hint=e.hint) for e in queries.LISTS[name]().search(query_data.q, 12)]


def _own(e: Enterprise) -> OwnEnterpriseOut:
    return OwnEnterpriseOut(**_out(e).model_dump(), version=e.version, staff_as_of=e.staff_as_of, address=e.address, about=e.about)


def _out(e: Enterprise) -> EnterpriseOut:
    return EnterpriseOut(
        id=e.public_id, name=str(e.tenant.name), credit_code=e.credit_code, industry_code=e.industry_code, staff=e.staff,
        verified=e.verified_at is not None,
    )  # fmt: skip


from consortium.organisations.api import demand, door  # noqa: E402, F401  (their routes stand on `resources`)
