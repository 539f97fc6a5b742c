"""Who may import."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.imports.models import Upload
from consortium.shared.access import COLLEGE_OFFICE, ENTERPRISE_OFFICE, ZONE, Actor, declare

OFFICES = COLLEGE_OFFICE | ENTERPRISE_OFFICE  # a college imports students, an enterprise posts
EXPORTERS = OFFICES | ZONE  # what exactly, each list says for itself
declare(
    {
        "imports.read": OFFICES, "imports.upload": OFFICES, "imports.apply": OFFICES, "imports.history": OFFICES, "imports.export": EXPORTERS,
        "imports.save-columns": EXPORTERS,
    }
)  # fmt: skip


def visible_to(actor: Actor) -> sa.Select[Upload]:
    """Uploads of one's own organisation."""
    return sa.select(Upload).where(Upload.tenant_id == actor.tenant_id)
