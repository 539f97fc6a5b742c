"""Resources of filings, overrides, mentors and the law's tables."""

from __future__ import annotations

import base64
import binascii
import io
import uuid
from datetime import date
from typing import Any

from flask import send_file

from consortium.compliance import queries, rules, service
from consortium.compliance.models import Filing, Mentor, Override
from consortium.compliance.schemas import (
    EndedOut,
    FilingIn,
    FilingOut,
    LineIn,
    LineOut,
    MentorIn,
    MentorOut,
    OverrideIn,
    OverrideOut,
    ReasonIn,
    RuleQuery,
)
from consortium.organisations import queries as organisations
from consortium.organisations.models import Enterprise
from consortium.reference.law import Line
from consortium.shared import clock
from consortium.shared.access import TenantKind
from consortium.shared.errors import Invalid, NotFound, Stale
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import Resources

resources = Resources("compliance", __name__, tag="Compliance")


@resources.get("/filings", ability="compliance.filings")
@resources.input(RuleQuery, location="query")
@resources.output(list[FilingOut])
def filings(query_data: RuleQuery) -> Any:
    """Filings within reach, what waits for the zone first."""
    rows = queries.filings(acting(), query_data.page, rule=query_data.rule, size=query_data.size).rows
    families, colleges = queries.families_of({f.tenant_id for f in rows}), {one.id: one for one in queries.colleges()}
    return [_filing(one, families, colleges) for one in rows]


@resources.post("/filings", ability="compliance.file", creates=True)
@resources.input(FilingIn, location="json")
@resources.output(FilingOut, status_code=201)
def enter_filing(json_data: FilingIn) -> Any:
    """A filing, for the zone to verify."""
    firm, values = _firm(json_data.enterprise), json_data.model_dump(exclude={"enterprise", "file", "file_name"})
    values["families"] = _families(firm, json_data.families)
    known = {one.public_id: one.id for one in queries.colleges()}
    values["colleges"] = [known.get(one, -1) for one in json_data.colleges]
    proof = None
    if json_data.file:
        try:
            proof = (json_data.file_name, base64.b64decode(json_data.file, validate=True))
        except binascii.Error:
            raise Invalid({"file": [_l("Not base64.")]}) from None
    return _one(service.file(acting(), firm, values, proof))


@resources.get("/filings/<uuid:id>", ability="compliance.filings")
@resources.output(FilingOut)
def filing(id: uuid.UUID) -> Any:
    """One filing."""
    return _one(queries.reachable_filing(acting(), id))


@resources.get("/filings/<uuid:id>/file", ability="compliance.filings")
def filing_file(id: uuid.UUID) -> Any:
    """The paper as it was sent in."""
    found = queries.reachable_filing(acting(), id)
    if found.file is None:
        raise NotFound
    return send_file(io.BytesIO(found.file), mimetype=found.file_kind, as_attachment=True, download_name=found.file_name)


@resources.post("/filings/<uuid:id>/verification", ability="compliance.verify-filing")
@resources.output(FilingOut)
def verify_filing(id: uuid.UUID) -> Any:
    """The zone has compared it with the paper."""
    found = queries.reachable_filing(acting(), id)
    service.verify_filing(found, by=acting())
    return _one(found)


@resources.post("/filings/<uuid:id>/refusal", ability="compliance.verify-filing", reach=queries.reachable_filing)
@resources.input(ReasonIn, location="json")
@resources.output(FilingOut)
def refuse_filing(id: uuid.UUID, json_data: ReasonIn) -> Any:
    """The zone does not take it, and says why."""
    found = queries.reachable_filing(acting(), id)
    service.refuse_filing(found, json_data.reason, by=acting())
    return _one(found)


@resources.post("/filings/<uuid:id>/withdrawal", ability="compliance.file")
@resources.output(FilingOut)
def withdraw_filing(id: uuid.UUID) -> Any:
    """Take it back."""
    found = queries.reachable_filing(acting(), id)
    service.withdraw_filing(found, by=acting())
    return _one(found)


@resources.get("/rule-overrides", ability="compliance.overrides")
@resources.input(RuleQuery, location="query")
@resources.output(list[OverrideOut])
def overrides(query_data: RuleQuery) -> Any:
    """Overrides within reach, newest first."""
    rows = queries.overrides(acting(), query_data.page, rule=query_data.rule, size=query_data.size).rows
    families = queries.families_of({o.enterprise_tenant_id for o in rows})
    return [_override(one, families) for one in rows]


@resources.post("/rule-overrides", ability="compliance.override", creates=True)
@resources.input(OverrideIn, location="json")
@resources.output(OverrideOut, status_code=201)
def override(json_data: OverrideIn) -> Any:
    """Let a rule pass for one's own students at a host."""
    firm, values = _firm(json_data.enterprise), json_data.model_dump(exclude={"enterprise"})
    values["families"] = _families(firm, json_data.families)
    made = service.override(acting(), firm, values)
    return _override(made, queries.families_of([firm.tenant_id]))


@resources.get("/rule-overrides/<uuid:id>", ability="compliance.overrides")
@resources.output(OverrideOut)
def show_override(id: uuid.UUID) -> Any:
    """One override."""
    found = queries.reachable_override(acting(), id)
    return _override(found, queries.families_of([found.enterprise_tenant_id]))


@resources.post("/rule-overrides/<uuid:id>/withdrawal", ability="compliance.override", reach=queries.reachable_override)
@resources.input(ReasonIn, location="json")
@resources.output(OverrideOut)
def withdraw_override(id: uuid.UUID, json_data: ReasonIn) -> Any:
    """Take it back, with the reason."""
    found = queries.reachable_override(acting(), id)
    service.withdraw_override(found, json_data.reason, by=acting())
    return _override(found, queries.families_of([found.enterprise_tenant_id]))


@resources.get("/mentors", ability="compliance.mentors")
@resources.output(list[MentorOut])
def mentors() -> Any:
    """One's own mentors, who still serves first."""
    return [_mentor(one, busy) for one, busy, _holds in queries.mentors(acting())]


@resources.post("/mentors", ability="compliance.edit-mentors", creates=True)
@resources.input(MentorIn, location="json")
@resources.output(MentorOut, status_code=201)
def add_mentor(json_data: MentorIn) -> Any:
    """Declare a mentor; a known name gets the new facts."""
    made = service.set_mentor(acting(), _told(json_data))
    return _mentor(made, queries.busiest(made))


@resources.post("/mentors/<uuid:id>", ability="compliance.edit-mentors", reach=queries.reachable_mentor)
@resources.input(MentorIn, location="json")
@resources.output(MentorOut)
def edit_mentor(id: uuid.UUID, json_data: MentorIn) -> Any:
    """Change a mentor; a stale version is refused."""
    found = queries.reachable_mentor(acting(), id)
    if json_data.version is not None and json_data.version != found.version:
        raise Stale({"load_limit": json_data.load_limit}, {"load_limit": found.load_limit}, found.version)
    service.set_mentor(acting(), _told(json_data) | {"account": found.membership_id}, found)
    return _mentor(found, queries.busiest(found))


@resources.post("/mentors/<uuid:id>/end", ability="compliance.edit-mentors")
@resources.output(EndedOut)
def end_mentor(id: uuid.UUID) -> Any:
    """A mentor no longer serves; others take over as far as they have room."""
    return EndedOut(unattended=service.end_mentor(queries.reachable_mentor(acting(), id), by=acting()))


@resources.get("/law-tables", ability="compliance.law-tables")
@resources.output(list[LineOut])
def law_tables() -> Any:
    """Thresholds, holidays, hazards as they stand today, each with its source."""
    return [_line(line) for lines in queries.law_tables(clock.today()).values() for line in lines]


@resources.post("/law-tables", ability="compliance.edit-law-tables", creates=True)
@resources.input(LineIn, location="json")
@resources.output({}, status_code=201)
def enter_line(json_data: LineIn) -> Any:
    """Enter a line over the files."""
    service.enter_line(acting(), json_data.model_dump())
    return ""


def _firm(named: uuid.UUID | None) -> Enterprise:
    actor = acting()
    if actor.tenant_kind is TenantKind.ENTERPRISE:
        return organisations.enterprise_of(actor.tenant_id)
    found = queries.enterprise_named(str(named)) if named else None
    if found is None:
        raise Invalid({"enterprise": [_l("There is no such enterprise.")]})
    return found


def _families(firm: Enterprise, told: list[uuid.UUID]) -> list[int]:
    known = {f.public_id: f.id for f in organisations.families_of(firm.tenant_id)}
    return [known.get(one, -1) for one in told]


def _told(json_data: MentorIn) -> dict[str, Any]:
    firm = organisations.enterprise_of(acting().tenant_id)
    return json_data.model_dump(exclude={"version"}) | {"families": _families(firm, json_data.families)}


def _one(found: Filing) -> FilingOut:
    return _filing(found, queries.families_of([found.tenant_id]), {one.id: one for one in queries.colleges()})


def _filing(f: Filing, families: dict[int, Any], colleges: dict[int, Any]) -> FilingOut:
    lang = language()
    return FilingOut(
        id=f.public_id, enterprise=f.tenant.name.to(lang), rules=f.rules, number=f.number, authority=f.authority, filed_on=f.filed_on,
        valid_from=f.valid_from, valid_until=f.valid_until, covers_holidays=f.covers_holidays, families=[families[n].name for n in f.families if n in families],
        posts=f.posts, majors=f.majors, colleges=[colleges[n].name.to(lang) for n in f.colleges if n in colleges],
        state=rules.filing_state(f, clock.today()), refusal=f.refusal, entered_by=f.entered_tenant.name.to(lang), verified_at=f.verified_at,
        file_name=f.file_name, file_sha256=f.file_sha256,
    )  # fmt: skip


def _override(o: Override, families: dict[int, Any]) -> OverrideOut:
    lang = language()
    return OverrideOut(
        id=o.public_id, rule=o.rule, college=o.college.name.to(lang), enterprise=o.enterprise.name.to(lang), reason=o.reason,
        families=[families[n].name for n in o.families if n in families], posts=o.posts, majors=o.majors, valid_from=o.valid_from,
        valid_until=o.valid_until, recorded_at=o.created_at, state=rules.override_state(o, clock.today()), withdrawal=o.withdrawal,
    )  # fmt: skip


def _mentor(m: Mentor, busy: int) -> MentorOut:
    return MentorOut(
        id=m.public_id, version=m.version, name=m.name, load_limit=m.load_limit, busy=busy, trained_on=m.trained_on, ended=m.ended_at is not None
    )


def _line(line: Line) -> LineOut:
    return LineOut(
        kind=line.table, key=line.key, value=line.value, name=line.name(language()), valid_from=None if line.valid_from == date.min else line.valid_from,
        source=line.source, source_on=line.source_on, entered=line.entered,
    )  # fmt: skip
