"""Resources of messages."""

from __future__ import annotations

from typing import Any

from consortium.messages import queries, service, wording
from consortium.messages.schemas import MessageOut
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
