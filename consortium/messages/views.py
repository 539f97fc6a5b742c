"""Pages of messages, and the demonstration's outbox."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from consortium.messages import queries, service, wording
from consortium.shared.access import EVERYONE, PUBLIC, STUDENT
from consortium.shared.errors import NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("messages", __name__)
pages.menu(_l("Messages"), "index", icon="inbox", order=80, roles=EVERYONE - STUDENT, count=queries.unread)


@pages.get("/messages", ability="messages.read")
def index() -> Any:
    """What one was told."""
    listing = queries.mine(acting(), request.args.get("page", 1, int))
    told = [(m, *wording.said(m.kind, m.facts)) for m in listing.rows]
    return render_template("messages/index.html", listing=listing, told=told)


@pages.post("/messages", ability="messages.mark")
def mark_read() -> Any:
    """All read."""
    service.mark_read(acting())
    return redirect(url_for("messages.index"), 303)


@pages.get("/demo/outbox", ability=PUBLIC)
def outbox() -> Any:
    """Mail and SMS as they would have left; in the demonstration only."""
    if not current_app.config["DEMO"]:
        raise NotFound
    return render_template("messages/outbox.html", listing=queries.outbox(request.args.get("page", 1, int)))
