"""Resources of enterprises and official lists."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from consortium.organisations import queries
from consortium.organisations.models import Enterprise
from consortium.organisations.schemas import EnterpriseOut, EntryOut, RoomOut
from consortium.shared import clock
from consortium.shared.errors import NotFound
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


def _out(e: Enterprise) -> EnterpriseOut:
    return EnterpriseOut(
        id=e.public_id, name=str(e.tenant.name), credit_code=e.credit_code, industry_code=e.industry_code, staff=e.staff,
        verified=e.verified_at is not None,
    )  # fmt: skip
