"""Classes and their advisers. Flushes; the edge commits."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from consortium.accounts.models import Membership
from consortium.reference import majors
from consortium.shared import audit
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, roster, rules
from consortium.students.models import SchoolClass


def add_class(actor: Actor, values: dict[str, Any]) -> SchoolClass:
    """A class before its roster comes. Raises Invalid."""
    found = SchoolClass(tenant_id=actor.tenant_id)
    _fill_class(found, values, actor)
    db.session.add(found)
    db.session.flush()
    audit.record("add-class", found, by=actor)
    return found


def edit_class(school_class: SchoolClass, values: dict[str, Any], *, by: Actor) -> None:
    """Rename a class, or put its major or cohort right; students keep theirs. Raises Invalid."""
    _fill_class(school_class, values, by)
    db.session.flush()
    audit.record("edit-class", school_class, by=by, major_code=school_class.major_code, cohort=school_class.cohort)


def _fill_class(school_class: SchoolClass, values: dict[str, Any], by: Actor) -> None:
    name, code = roster.cleaned(values.get("name") or ""), values.get("major_code") or ""
    faults: dict[str, list[Any]] = defaultdict(list)
    if not name:
        faults["name"].append(_l("This is needed."))
    elif len(name) > 60:
        faults["name"].append(_l("At most %(max)d characters.", max=60))
    elif db.session.scalar(sa.select(SchoolClass.id).where(SchoolClass.tenant_id == by.tenant_id, SchoolClass.name == name, SchoolClass.id != school_class.id)):
        faults["name"].append(_l("Another class has this name. Choose a different one."))
    if code and majors.find(code) is None:
        faults["major_code"].append(_l("Not a major of the catalogue: %(code)s. Type a name and pick from the list.", code=code[:30]))
    cohort = values.get("cohort")
    if cohort is not None and not rules.YEARS[0] <= cohort <= rules.YEARS[1]:
        faults["cohort"].append(_l("A number from %(min)s to %(max)s.", min=rules.YEARS[0], max=rules.YEARS[1]))
    if faults:
        raise Invalid(dict(faults))
    school_class.name, school_class.major_code, school_class.cohort = name, code, cohort


def assign_adviser(school_class: SchoolClass, adviser: Membership | None, *, by: Actor) -> None:
    """Give a class to an adviser, who from then on sees its students, or to nobody; raises Invalid."""
    known = {one.id for one in queries.advisers(by)}
    if adviser is not None and (adviser.tenant_id != school_class.tenant_id or adviser.id not in known):
        raise Invalid({"adviser": [_l("Choose an active class adviser of your college.")]})
    school_class.adviser_id = adviser.id if adviser else None
    db.session.flush()
    audit.record("assign-adviser", school_class, by=by, adviser=school_class.adviser_id)
