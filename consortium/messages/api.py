"""Resources of messages."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.messages import queries, service, wording
from consortium.messages.schemas import MessageOut, SettingsIn, SettingsOut
from consortium.messages.wording import MAIL, SMS
from consortium.shared.errors import Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("messages", __name__, tag="Messages")


@resources.get("/messages", ability="messages.read")
@resources.input(PageQuery, location="query")
@resources.output(list[MessageOut])
def messages(query_data: PageQuery) -> Any:
    """What one was told, newest first."""
    found = []
    for m in queries.mine(acting(), query_data.page).rows:
        subject, body = wording.said(m.kind, m.facts)
        found.append(MessageOut(id=m.public_id, at=m.created_at, subject=subject, body=body, link=m.link, read=m.read_at is not None))
    return found


@resources.post("/messages/read", ability="messages.mark")
@resources.output({}, status_code=204)
def mark_read() -> Any:
    """Mark all as read."""
    service.mark_read(acting())
    return ""


@resources.post("/messages/<uuid:id>/reading", ability="messages.mark")
@resources.output({}, status_code=204)
def read_one(id: uuid.UUID) -> Any:
    """Mark one as read."""
    service.mark_one_read(queries.reachable(acting(), id))
    return ""


@resources.get("/messages/settings", ability="messages.settings")
@resources.output(SettingsOut)
def settings() -> Any:
    """How one is told."""
    return _settings()


@resources.put("/messages/settings", ability="messages.set")
@resources.input(SettingsIn, location="json")
@resources.output(SettingsOut)
def save_settings(json_data: SettingsIn) -> Any:
    """Change it; what carries a deadline cannot be switched off."""
    known = {f"{topic}:{channel}": (topic, channel) for topic in wording.TOPICS for channel in (MAIL, SMS)}
    strange = [one for one in json_data.off if one not in known]
    if strange:
        raise Invalid({"off": [_l("One of %(choices)s.", choices=", ".join(known))]})
    service.save_settings(acting(), json_data.digest, {pair: name not in json_data.off for name, pair in known.items()})
    return _settings()


def _settings() -> SettingsOut:
    person_id = acting().person_id
    off = sorted(f"{topic}:{channel}" for topic, channel in queries.switches(person_id) if topic in wording.TOPICS)
    return SettingsOut(digest=queries.digest_of(person_id), off=off, topics=list(wording.TOPICS))
