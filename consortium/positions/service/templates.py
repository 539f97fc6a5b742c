"""A firm's own templates: a post kept without its days, from which others are written."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from consortium.positions import rules
from consortium.positions.models import Position, PositionTemplate
from consortium.positions.service.filling import as_values
from consortium.shared import audit
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l

MOST = 100
NOT_KEPT = ("start_on", "end_on", "closes_on", *rules.REASONS.values())
"""Days and reasons belong to one post."""


def keep_template(position: Position, name: str, *, by: Actor) -> PositionTemplate:
    """Keep a post under a name; the same name again replaces it. Raises Invalid."""
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": [_l("This is needed.")]})
    if len(name) > 60:
        raise Invalid({"name": [_l("At most %(max)d characters.", max=60)]})
    found = db.session.scalar(sa.select(PositionTemplate).where(PositionTemplate.tenant_id == by.tenant_id, PositionTemplate.name == name))
    if found is None:
        many = db.session.scalar(sa.select(sa.func.count()).where(PositionTemplate.tenant_id == by.tenant_id)) or 0
        if many >= MOST:
            raise Invalid({"name": [_l("There are %(n)d templates already. Throw one away first.", n=MOST)]})
        found = PositionTemplate(tenant_id=by.tenant_id, name=name)
        db.session.add(found)
    found.kept = {field: value for field, value in as_values(position).items() if field not in NOT_KEPT}
    db.session.flush()
    audit.record("keep-template", found, by=by)
    return found


def values_of(template: PositionTemplate) -> dict[str, Any]:
    """What a template holds, as the form takes it."""
    return dict(template.kept)


def drop_template(template: PositionTemplate, *, by: Actor) -> None:
    """Throw a template away; posts written from it stay."""
    audit.record("drop-template", template, by=by)
    db.session.delete(template)
    db.session.flush()
