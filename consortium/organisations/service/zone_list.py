"""The zone's list of enterprises: one entry by a form, many by a workbook. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from consortium.organisations import wording
from consortium.organisations.models import ListedEnterprise
from consortium.organisations.queries import registration as queries
from consortium.reference import identity, industries
from consortium.shared import audit
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import open_table, plain, write_workbook

COLUMNS: dict[str, tuple[str, ...]] = {
    "credit_code": ("统一社会信用代码", "信用代码", "Credit code"), "name": ("企业名称", "单位名称", "名称", "Enterprise"), "address": ("地址", "住所", "Address"),
    "industry_code": ("行业代码", "行业", "Industry"), "phone": ("联系手机", "联系电话", "手机", "Phone"),
}  # fmt: skip
MOST = {"name": 120, "address": 200}


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that is not taken: its number as the spreadsheet shows it, the column, and why."""

    row_no: int
    column: str
    why: Any


def template() -> bytes:
    """An empty workbook with the columns that are read."""
    return write_workbook("企业名录", [names[0] for names in COLUMNS.values()], [])


def read(data: bytes) -> tuple[list[dict[str, str]], list[RowFault]]:
    """Good rows and what is wrong with the others; asks no database. Raises FileRefused."""
    table = open_table(data, [name for names in COLUMNS.values() for name in names])
    known = {plain(name): field for field, names in COLUMNS.items() for name in names}
    places = {known[plain(head)]: n for n, head in enumerate(table.header) if plain(head) in known}
    good: dict[str, dict[str, str]] = {}
    faults: list[RowFault] = []
    for row_no, cells in table.rows():
        told = {field: (cells[n].text.strip() if n < len(cells) else "") for field, n in places.items()}
        if not any(told.values()):
            continue
        values, wrong = judged(told)
        if not wrong and values["credit_code"] in good:
            wrong = {"credit_code": _l("This code stands in an earlier row.")}
        if wrong:
            faults += [RowFault(row_no, COLUMNS[field][0], why) for field, why in wrong.items()]
        else:
            good[values["credit_code"]] = values
    return list(good.values()), faults


def judged(told: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """One entry's values mended, and what is wrong by field."""
    values = {field: " ".join(str(told.get(field) or "").split()) for field in COLUMNS}
    values["credit_code"] = identity.normalised(values["credit_code"])
    values["phone"] = identity.normalised(values["phone"])
    named = [code for code, name in industries.names().items() if name == values["industry_code"]]
    values["industry_code"] = named[-1] if named else identity.normalised(values["industry_code"])
    wrong: dict[str, Any] = {}
    problem = identity.credit_problem(values["credit_code"])
    if problem:
        wrong["credit_code"] = wording.CREDIT[problem]
    if not values["name"]:
        wrong["name"] = wording.PROBLEMS["needed"]
    for field, most in MOST.items():
        if len(values[field]) > most:
            wrong[field] = _l("At most %(max)d characters.", max=most)
    if values["industry_code"] not in industries.names():
        wrong["industry_code"] = _l("Not an industry of GB/T 4754.")
    if values["phone"] and identity.phone_problem(values["phone"]):
        wrong["phone"] = wording.PHONE
    return values, wrong


def put(actor: Actor, told: Mapping[str, Any], entry: ListedEnterprise | None = None) -> ListedEnterprise:
    """Add one entry, or change the one of this code. Raises Invalid."""
    values, wrong = judged(told)
    if wrong:
        raise Invalid({field: [why] for field, why in wrong.items()})
    there = queries.on_list(values["credit_code"])
    if entry is not None and there is not None and there.id != entry.id:
        raise Invalid({"credit_code": [_l("Another entry has this code.")]})
    found = entry or there or ListedEnterprise(tenant_id=actor.tenant_id)
    for field, value in values.items():
        setattr(found, field, value)
    db.session.add(found)
    db.session.flush()
    audit.record("put-on-zone-list", found, by=actor)
    return found


def put_many(actor: Actor, rows: Sequence[Mapping[str, str]]) -> tuple[int, int, int]:
    """Good rows of a workbook: how many are new, changed, unchanged. Nothing is taken off the list by a file."""
    there: dict[str, ListedEnterprise] = {}
    codes = [row["credit_code"] for row in rows]
    for start in range(0, len(codes), 500):
        for one in db.session.scalars(sa.select(ListedEnterprise).where(ListedEnterprise.credit_code.in_(codes[start : start + 500]))):
            there[one.credit_code] = one
    new = changed = 0
    for row in rows:
        found = there.get(row["credit_code"])
        if found is None:
            db.session.add(ListedEnterprise(tenant_id=actor.tenant_id, **row))
            new += 1
        elif any(value and getattr(found, field) != value for field, value in row.items()):
            for field, value in row.items():
                if value:
                    setattr(found, field, value)
            changed += 1
    db.session.flush()
    audit.record("import-zone-list", ("listed_enterprises", None), by=actor, new=new, changed=changed)
    return new, changed, len(rows) - new - changed


def take_off(entry: ListedEnterprise, *, by: Actor) -> None:
    """Remove an entry; a firm that is registered stays what it is."""
    audit.record("take-off-zone-list", entry, by=by)
    db.session.delete(entry)
    db.session.flush()
