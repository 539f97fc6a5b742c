"""Resources of the check by hand and of the zone's list."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any

from flask import current_app, make_response

from consortium.organisations import queries as organisations
from consortium.organisations import wording
from consortium.organisations.api import resources
from consortium.organisations.models import Check, ListedEnterprise
from consortium.organisations.queries import registration as queries
from consortium.organisations.rules import registration as rules
from consortium.organisations.schemas import (
    CheckOut,
    DecisionIn,
    HandInIn,
    ListedEditIn,
    ListedIn,
    ListedOut,
    NoteOut,
    ZoneListIn,
    ZoneListOut,
)
from consortium.organisations.service import checks as service
from consortium.organisations.service import zone_list
from consortium.shared.errors import Invalid, Stale
from consortium.web.gate import acting
from consortium.web.resources import PageQuery

TYPES = {"jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}


@resources.get("/enterprise/check", ability="organisations.own-enterprise")
@resources.output(CheckOut)
def own_check() -> Any:
    """Where one's own check stands."""
    return _check(queries.check_of(acting().tenant_id), acting().tenant_id)


@resources.post("/enterprise/check", ability="organisations.answer-check")
@resources.input(HandInIn, location="json")
@resources.output(CheckOut)
def hand_in(json_data: HandInIn) -> Any:
    """Hand the licence in, answer, or add something."""
    try:
        picture = base64.b64decode(json_data.licence, validate=True) if json_data.licence else None
    except binascii.Error:
        raise Invalid({"licence": [wording.PICTURE["broken"]]}) from None
    found = service.check_for(acting())
    service.hand_in(found, json_data.text, picture, key=current_app.config["ID_KEY"], by=acting())
    return _check(found, found.tenant_id)


@resources.get("/checks", ability="organisations.checks")
@resources.input(PageQuery, location="query")
@resources.output(list[CheckOut])
def checks(query_data: PageQuery) -> Any:
    """The queue, the longest waiting first; notes are told with each check alone."""
    found = queries.checks("waiting", query_data.page).rows
    firms = organisations.enterprises([one.tenant_id for one in found])
    first = queries.place_in_queue(found[0]) if found else None
    return [
        CheckOut(
            id=one.public_id, enterprise=one.tenant.name_zh, credit_code=firms[one.tenant_id].credit_code, industry_code=firms[one.tenant_id].industry_code, state=one.state,
            place=(first or 1) + n, closed_by=_closed(firms[one.tenant_id].industry_code), notes=[],
        )
        for n, one in enumerate(found)
    ]  # fmt: skip


@resources.get("/checks/<uuid:id>", ability="organisations.checks")
@resources.output(CheckOut)
def check(id: uuid.UUID) -> Any:
    """One firm's check."""
    found = queries.reachable_check(acting(), id)
    return _check(found, found.tenant_id)


@resources.get("/checks/<uuid:id>/licence", ability="organisations.checks")
@resources.doc(summary="The newest photo of the licence that is kept")
def licence(id: uuid.UUID) -> Any:
    """The newest photo of the licence that is kept."""
    found = queries.newest_licence(queries.reachable_check(acting(), id))
    answer = make_response(service.picture_of(found, current_app.config["ID_KEY"]))
    answer.mimetype = TYPES[found.kind]
    return answer


@resources.post("/checks/<uuid:id>/decision", ability="organisations.decide-check", reach=queries.reachable_check)
@resources.input(DecisionIn, location="json")
@resources.output(CheckOut)
def decide(id: uuid.UUID, json_data: DecisionIn) -> Any:
    """Approve, ask for more, or refuse with a reason."""
    found = queries.reachable_check(acting(), id)
    service.decide(found, json_data.step, json_data.text, by=acting())
    return _check(found, found.tenant_id)


@resources.get("/zone-list", ability="organisations.zone-list")
@resources.input(PageQuery, location="query")
@resources.output(list[ListedOut])
def listed(query_data: PageQuery) -> Any:
    """Who is verified at once."""
    return [_entry(one) for one in queries.zone_list(acting(), query_data.page).rows]


@resources.post("/zone-list", ability="organisations.edit-zone-list")
@resources.input(ZoneListIn, location="json")
@resources.output(ZoneListOut)
def put_on_list(json_data: ZoneListIn) -> Any:
    """Add entries, or change those of known codes: all of them or none."""
    rows = {}
    for n, one in enumerate(json_data.entries):
        values, wrong = zone_list.judged(one.model_dump())
        if wrong:
            raise Invalid({f"entries.{n}.{field}": [why] for field, why in wrong.items()})
        rows[values["credit_code"]] = values
    new, changed, unchanged = zone_list.put_many(acting(), list(rows.values()))
    return ZoneListOut(new=new, changed=changed, unchanged=unchanged)


@resources.get("/zone-list/<uuid:id>", ability="organisations.zone-list")
@resources.output(ListedOut)
def entry(id: uuid.UUID) -> Any:
    """One entry."""
    return _entry(queries.reachable_entry(acting(), id))


@resources.put("/zone-list/<uuid:id>", ability="organisations.edit-zone-list", reach=queries.reachable_entry)
@resources.input(ListedEditIn, location="json")
@resources.output(ListedOut)
def edit_entry(id: uuid.UUID, json_data: ListedEditIn) -> Any:
    """Change an entry; a stale version is refused."""
    found, values = queries.reachable_entry(acting(), id), json_data.model_dump()
    if values.pop("version") != found.version:
        raise Stale(values, {name: getattr(found, name) for name in ListedIn.model_fields}, found.version)
    return _entry(zone_list.put(acting(), values, found))


@resources.post("/zone-list/<uuid:id>/removal", ability="organisations.edit-zone-list")
@resources.output({}, status_code=204)
def take_off(id: uuid.UUID) -> Any:
    """Take an entry off the list."""
    zone_list.take_off(queries.reachable_entry(acting(), id), by=acting())
    return ""


def _closed(industry_code: str) -> str:
    return "R22" if rules.is_agency(industry_code) else ""


def _check(found: Check | None, tenant_id: int) -> CheckOut:
    firm = organisations.enterprise_of(tenant_id)
    state = "verified" if firm.verified_at else found.state if found else "lacking"
    notes = queries.notes_of(found) if found else []
    return CheckOut(
        id=found.public_id if found else None, enterprise=firm.tenant.name_zh, credit_code=firm.credit_code, industry_code=firm.industry_code, state=state,
        place=queries.place_in_queue(found) if found else None, closed_by=_closed(firm.industry_code),
        notes=[NoteOut(at=n.created_at, side=n.side, step=n.step, text=n.text) for n in notes],
    )  # fmt: skip


def _entry(one: ListedEnterprise) -> ListedOut:
    return ListedOut(
        id=one.public_id, version=one.version, credit_code=one.credit_code, name=one.name, industry_code=one.industry_code, address=one.address, phone=one.phone
    )
