"""Who may import."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.imports.models import Upload
from consortium.shared.access import COLLEGE_OFFICE, Actor, declare

declare({"imports.read": COLLEGE_OFFICE, "imports.upload": COLLEGE_OFFICE, "imports.apply": COLLEGE_OFFICE})


def visible_to(actor: Actor) -> sa.Select[Upload]:
    """Uploads of one's own organisation."""
    return sa.select(Upload).where(Upload.tenant_id == actor.tenant_id)
