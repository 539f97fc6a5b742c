"""The gate of every route: ability, transaction, idempotency, and the writing of who looked."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, current_app, g, make_response, redirect, request
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from consortium.shared import access, audit, idempotency
from consortium.shared.access import Actor
from consortium.shared.db import db, read_only
from consortium.shared.errors import Conflict, Malformed, SignInRequired
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.sealed import seal, unseal

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Gate:
    """What one route asks of who enters."""

    endpoint: str
    methods: tuple[str, ...]
    ability: str
    creates: bool


GATES: dict[tuple[str, str], Gate] = {}
"""(endpoint, method) → gate; a test prints it and walks it."""


class UngatedRoute(TypeError):
    """A route without a declared ability does not start."""


def current_actor() -> Actor | None:
    """Who acts in this request; None when nobody is signed in."""
    return getattr(current_user, "actor", None)


def acting() -> Actor:
    """Who acts, behind a gate that let only signed-in people in."""
    actor = current_actor()
    if actor is None:
        raise SignInRequired
    return actor


def register(endpoint: str, methods: tuple[str, ...], ability: str | None, creates: bool) -> None:
    """Note a route's gate; raises UngatedRoute without a known ability or with one shared by GET and POST."""
    if not ability:
        raise UngatedRoute(f"{endpoint} names no ability")
    if ability != access.PUBLIC and ability not in access.ABILITIES:
        raise UngatedRoute(f"{endpoint} names the unknown ability {ability!r}: declare it in the feature's access.py")
    if len({method in SAFE for method in methods}) > 1:
        raise UngatedRoute(f"{endpoint} shares one ability between reading and writing: split it")
    for method in methods:
        GATES[endpoint, method] = Gate(endpoint, methods, ability, creates)


def gated(
    view: Callable[..., Any], ability: str, creates: bool, reach: Callable[[Actor, uuid.UUID], Any] | None = None
) -> Callable[..., Any]:
    """The view behind its gate: GET reads, other verbs commit once on success and roll back on every refusal.

    `reach` looks the record of the address up before anything of the request is judged: foreign and unknown answer alike.
    """

    def reached(actor: Actor | None, where: dict[str, Any]) -> Any:
        if reach is not None and actor is not None:
            reach(actor, where["id"])
        return view(**where)

    @wraps(view)
    def run(**where: Any) -> Any:
        read_only(request.method in SAFE)
        actor = current_actor()
        access.require(actor, ability)
        if request.method in SAFE:
            answer = make_response(reached(actor, where))
            _write_what_was_seen()
            return answer
        key = _form_key(creates)
        if key is not None and actor is not None:
            return _once(lambda: reached(actor, where), key, actor)
        answer = make_response(reached(actor, where))
        _end_transaction(answer)
        return answer

    return run


def _end_transaction(answer: Response) -> None:
    if answer.status_code >= 400:
        db.session.rollback()
    _note_what_was_seen()
    db.session.commit()


def _write_what_was_seen() -> None:
    """GET writes nothing but who was shown whose data, and that the session lives, after the reading has ended."""
    info = db.session().info
    if not info.get("looks") and not info.get("touches"):
        return
    db.session.rollback()
    read_only(False)
    _note_what_was_seen()
    db.session.commit()


def _note_what_was_seen() -> None:
    audit.write_looks()
    for touch in db.session().info.pop("touches", []):
        touch()


def _form_key(creates: bool) -> uuid.UUID | None:
    raw = request.headers.get("Idempotency-Key") or (request.form.get("form_key") if not request.is_json else None)
    if not raw:
        if creates and not request.path.startswith("/api/"):
            raise Malformed(_l("This form carries no key."), how=_l("Open the page again and fill it in once more."))
        return None
    try:
        return uuid.UUID(raw)
    except ValueError:
        raise Malformed(_l("This form's key is unreadable."), how=_l("Open the page again.")) from None


def _once(view: Callable[[], Any], key: uuid.UUID, actor: Actor) -> Response:
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in {"csrf_token", "form_key"}]
    if request.is_json:
        fields = [("json", request.get_data(as_text=True))]
    for name, sent_file in request.files.items(multi=True):
        fields.append((name, f"{sent_file.filename} {hashlib.sha256(sent_file.stream.read()).hexdigest()}"))
        sent_file.stream.seek(0)
    asked = idempotency.fingerprint(request.method, request.full_path, fields)
    sent = idempotency.earlier(actor.person_id, key)
    if sent is None:
        try:
            sent = idempotency.begin(actor.person_id, key, asked)
        except IntegrityError:
            db.session.rollback()
            sent = idempotency.earlier(actor.person_id, key)
        else:
            answer = make_response(view())
            if answer.status_code < 400 and not answer.direct_passthrough:  # a file is not kept to be told again
                sent.status, sent.location = answer.status_code, answer.headers.get("Location", "")[:500]
                sent.mimetype = answer.mimetype or ""
                told = "" if sent.location else answer.get_data(as_text=True)
                sent.body = seal(told, current_app.config["SECRET_KEY"]) if told else ""
            _end_transaction(answer)
            return answer
    if sent is None or sent.request_hash != asked or sent.status == 0:
        raise Conflict(
            _l("This form was already sent with other values."), how=_l("Open the page again to see what was saved.")
        )
    if sent.location:
        return make_response(redirect(sent.location, code=sent.status))
    body = unseal(sent.body, current_app.config["SECRET_KEY"]) if sent.body else ""
    return current_app.response_class(body, status=sent.status, mimetype=sent.mimetype or None)


def request_id() -> str:
    """A short name of this request, for logs, audit lines and error pages."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex[:12]
    return str(g.request_id)
