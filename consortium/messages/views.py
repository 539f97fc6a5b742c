"""Pages of messages, of how one wants to be told, and the demonstration's outbox."""

from __future__ import annotations

import json
import uuid
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from consortium.messages import queries, service, wording
from consortium.messages.forms import SettingsForm
from consortium.messages.models import NumberItem
from consortium.messages.wording import MAIL, SMS
from consortium.shared import sealed
from consortium.shared.access import EVERYONE, PUBLIC
from consortium.shared.errors import NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("messages", __name__)
pages.menu(_l("Messages"), "index", icon="inbox", order=80, roles=EVERYONE, count=queries.unread, bell=True)


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


@pages.post("/messages/<uuid:id>/reading", ability="messages.mark")
def read_one(id: uuid.UUID) -> Any:
    """Read, and on to what it speaks of; there its own gate looks again."""
    message = queries.reachable(acting(), id)
    service.mark_one_read(message)
    return redirect(message.link or url_for("messages.index"), 303)


@pages.get("/messages/settings", ability="messages.settings")
def settings() -> Any:
    """How one is told."""
    return _settings(SettingsForm(formdata=None, digest=queries.digest_of(acting().person_id)))


@pages.post("/messages/settings", ability="messages.set")
def save_settings() -> Any:
    """Keep it."""
    form = SettingsForm()
    if not form.validate():
        return _settings(form), 422
    wanted = set(request.form.getlist("on"))
    service.save_settings(acting(), form.digest.data, {(topic, way): f"{topic}:{way}" in wanted for topic in _topics() for way in (MAIL, SMS)})
    flash(_("Saved."), "ok")
    return redirect(url_for("messages.settings"), 303)


@pages.get("/messages/unsubscribe/<token>", ability=PUBLIC)
def unsubscribing(token: str) -> Any:
    """The signed address at the foot of a mail: what would end."""
    return _unsubscribing(token, done=False)


@pages.post("/messages/unsubscribe/<token>", ability=PUBLIC)
def unsubscribe(token: str) -> Any:
    """End it; no sign-in is needed."""
    service.unsubscribe(token, current_app.config["SECRET_KEY"])
    return _unsubscribing(token, done=True)


@pages.get("/demo/outbox", ability=PUBLIC)
def outbox() -> Any:
    """Mail and SMS as they would have left; in the demonstration only."""
    if not current_app.config["DEMO"]:
        raise NotFound
    return render_template("messages/outbox.html", listing=queries.outbox(request.args.get("page", 1, int)), texts=[_text(one) for one in queries.to_numbers()])


def _text(item: NumberItem) -> tuple[NumberItem, str, str]:
    key = current_app.config["ID_KEY"]
    _subject, body = wording.said(item.kind, json.loads(sealed.unseal(item.sealed_facts, key)))
    return item, sealed.unseal(item.sealed_number, key), body


def _topics() -> list[str]:
    return wording.topics_of(wording.KINDS)


def _settings(form: SettingsForm) -> str:
    return render_template(
        "messages/settings.html", form=form, topics=[(name, wording.TOPICS[name]) for name in _topics()], off=queries.switches(acting().person_id)
    )


def _unsubscribing(token: str, *, done: bool) -> str:
    _person, topic = service.subscriber(token, current_app.config["SECRET_KEY"])
    what = _("Mails that gather what is new") if topic == "digest" else str(wording.TOPICS[topic])
    return render_template("messages/unsubscribe.html", what=what, done=done, token=token)
