"""One designed page per kind of refusal, and problem+json for the API."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import quote

from apiflask import HTTPError
from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from consortium.shared.db import db
from consortium.shared.errors import ConsortiumError, Invalid, SignInRequired, Stale, TooMany
from consortium.shared.i18n import HTML_LANG, in_language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import current_actor, request_id
from consortium.web.resources import PREFIX

log = logging.getLogger(__name__)

TITLES: dict[int, tuple[Any, Any, Any]] = {
    400: (_l("This request cannot be read"), _l("Something in the address or the form is not as it should be."),
          _l("Go back, check what was typed, and try again.")),
    401: (_l("Please sign in"), _l("Your session has ended or you are not signed in."), _l("Sign in and go on.")),
    403: (_l("This is not open to your role"), _l("Your role in this organisation does not include this step."),
          _l("Ask the head of your organisation, or switch to another of your organisations.")),
    404: (_l("There is nothing here"), _l("The address is wrong, or the record is not yours to see."),
          _l("Go back to your desk and look for it from there.")),
    405: (_l("This cannot be done here"), _l("The address does not take this kind of request."),
          _l("Go back to your desk.")),
    409: (_l("Things have changed meanwhile"), _l("The state of the record does not allow this step."),
          _l("Open the record again to see where it stands.")),
    413: (_l("This is too large"), _l("A file may have 10 MB at the most, the text of a form half a megabyte."), _l("Split it, or remove what is not needed.")),
    415: (_l("This kind of content is not read here"), _l("The request is of another kind than this address takes."),
          _l("Use the page's own form.")),
    422: (_l("Some values cannot be taken"), _l("They are named beside their fields."), _l("Mend them and send again.")),
    429: (_l("Too many tries"), _l("To protect accounts there is a limit."), _l("Wait a little and try again.")),
    500: (_l("Something went wrong on our side"), _l("Nothing was saved. The fault has been recorded."),
          _l("Try again; if it stays, tell us the number below.")),
    503: (_l("Not available for the moment"), _l("A part we need does not answer. Nothing was saved."),
          _l("Try again in a minute.")),
}


def set_up(app: Flask) -> None:
    """Map every exception to one of the pages."""

    @app.errorhandler(ConsortiumError)
    def consortium_error(error: ConsortiumError) -> Response:
        db.session.rollback()
        if isinstance(error, SignInRequired) and not _wants_json() and request.method == "GET":
            return make_response(redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?"))))
        if isinstance(error, Stale) and not _wants_json():
            page = render_template("conflict.html", error=error)
            return make_response(page, 409)
        answer = _answer(error.status, error.code, error.what, error.why, error.how,
                         error.fields if isinstance(error, Invalid) else {})
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer

    @app.errorhandler(IntegrityError)
    @app.errorhandler(StaleDataError)
    def collision(error: Exception) -> Response:
        db.session.rollback()
        if isinstance(error, IntegrityError) and _beyond_limits(error):
            return _answer(400, "malformed")
        log.warning("collision", extra={"kind": type(error).__name__})
        return _answer(409, "conflict")

    @app.errorhandler(DataError)
    @app.errorhandler(OverflowError)
    def bad_value(error: Exception) -> Response:
        db.session.rollback()
        return _answer(400, "malformed")

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    def database_busy(error: Exception) -> Response:
        db.session.rollback()
        log.error("database busy", extra={"kind": type(error).__name__})
        answer = _answer(503, "unavailable")
        answer.headers["Retry-After"] = "5"
        return answer

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Response:
        if current_actor() is None and request.blueprint != "accounts":
            return _answer(400, "csrf", _l("You are signed out"), _l("The session has ended meanwhile; nothing was saved."),
                           _l("Sign in, open the page again and send the form once more."))
        return _answer(400, "csrf", _l("This form has expired"), _l("It was opened in another session, or long ago."),
                       _l("Open the page again and send the form once more."))

    @app.errorhandler(HTTPError)
    def api_error(error: HTTPError) -> Response:
        fields: dict[str, list[Any]] = {}
        if isinstance(error.detail, dict):
            for place, said in error.detail.items():
                fields.update(said if isinstance(said, dict) else {str(place): [str(said)]})
        return _answer(error.status_code, "invalid" if error.status_code == 422 else "refused", fields=fields)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:
            return make_response(error.get_response())
        answer = _answer(error.code or 500, (error.name or "").lower().replace(" ", "-"))
        if error.code == 405 and getattr(error, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        db.session.rollback()
        if app.config["TESTING"]:
            raise error
        log.exception("unexpected", extra={"request": request_id()})
        return _answer(500, "unexpected")


def _beyond_limits(error: IntegrityError) -> bool:
    """A text or number longer than its column: SQLite says it by a CHECK, PostgreSQL by a DataError."""
    told = str(error.orig)
    return "check constraint" in told.lower() and ("_length" in told or "_range" in told)


def _wants_json() -> bool:
    return request.path.startswith(PREFIX) or request.accept_mimetypes.best == "application/json"


def _answer(
    status: int, code: str, what: Any = "", why: Any = "", how: Any = "", fields: dict[str, list[Any]] | None = None
) -> Response:
    title, usual_why, usual_how = TITLES.get(status, TITLES[400 if status < 500 else 500])
    told: dict[str, list[str]] = {name: [str(s) for s in said] for name, said in (fields or {}).items()}
    if _wants_json():
        problem = {
            "type": f"about:blank#{quote(code)}",
            "title": str(what or title),
            "status": status,
            "detail": str(why or usual_why),
            "how": str(how or usual_how),
            "instance": request_id(),
            "code": code,
            "errors": told,
        }
        return Response(json.dumps(problem, ensure_ascii=False), status, mimetype="application/problem+json")
    said = {"code": status, "what": what or title, "why": why or usual_why, "how": [how or usual_how], "ref": request_id()}
    try:
        if isinstance(request.routing_exception, SecurityError):  # another's host name: no address of ours can be built on it
            return make_response(_without_the_database(said), status)
        page = render_template(
            "refusal.html", **said, fields=told, signed_in=current_actor() is not None, typed=_typed() if code == "csrf" else [], back=_sent_from()
        )
    except SQLAlchemyError:
        db.session.rollback()
        page = _without_the_database(said)
    return make_response(page, status)


def _sent_from() -> str:
    """The page of ours that a form was sent from, '' for another's: it is where to go on after signing in."""
    origin, referrer = request.host_url, request.referrer or ""
    return "/" + referrer[len(origin) :] if request.method == "POST" and referrer.startswith(origin) else ""


def _typed() -> list[str]:
    """What somebody wrote into a form of ours that could not be taken any more: shown again, so that it can be copied."""
    secret = ("csrf_token", "form_key", "password", "old", "new", "again")
    return [value for name, value in request.form.items(multi=True) if name not in secret and len(value.strip()) > 3] if _sent_from() else []


def _without_the_database(said: dict[str, Any]) -> str:
    """The same words on a page that asks nobody who is reading it."""
    lang = request.cookies.get("lang", "zh")
    with in_language(lang):
        page = current_app.jinja_env.get_template("outage.html")
        return page.render(**said, html_lang=HTML_LANG.get(lang, "zh-CN"), stylesheet=f"{current_app.static_url_path}/house.css")
