"""What the API tells of messages."""

from __future__ import annotations

import uuid
from datetime import datetime

from consortium.web.resources import Schema


class MessageOut(Schema):
    """One message in the reader's language."""

    id: uuid.UUID
    at: datetime
    subject: str
    body: str
    link: str
    read: bool
