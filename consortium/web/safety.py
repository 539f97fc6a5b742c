"""The first sanity layer and the headers of every answer."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from consortium.shared.db import INT_MAX
from consortium.shared.errors import Malformed
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import request_id

PUBLIC_CACHE = frozenset({"static", "bootstrap.static"})


def csp_nonce() -> str:
    """The nonce of this answer's scripts and styles."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def set_up(app: Flask) -> None:
    """Refuse what no field could mean before any view runs; set the headers after."""

    @app.before_request
    def refuse_nonsense() -> None:
        request_id()
        # werkzeug's limit on the text of a form holds for multipart alone
        if request.mimetype == "application/x-www-form-urlencoded" and (request.content_length or 0) > app.config["MAX_FORM_MEMORY_SIZE"]:
            raise RequestEntityTooLarge
        raw = request.environ.get("QUERY_STRING", "")
        _decodable(request.environ.get("PATH_INFO", "").encode("latin-1", "replace"))
        _sane(request.path)
        _decodable(_unquoted(raw))
        for name, value in request.args.items(multi=True):
            _sane(name)
            _sane(value)
        for number in (request.view_args or {}).values():
            if isinstance(number, int) and abs(number) > INT_MAX:
                raise Malformed(_l("A number in the address is too large."))
        if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
            for name, value in request.form.items(multi=True):
                _sane(name)
                _sane(value)
        elif request.is_json and request.get_data():
            try:
                _sane_json(request.get_json())
            except (BadRequest, RecursionError):
                raise Malformed(_l("The body is not readable as JSON.")) from None

    @app.after_request
    def add_headers(answer: Response) -> Response:
        nonce = csp_nonce()
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; "
            f"script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
            "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
            "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        answer.headers["X-Request-Id"] = request_id()
        if app.config["SESSION_COOKIE_SECURE"]:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint in PUBLIC_CACHE:
            answer.headers["Cache-Control"] = "public, max-age=3600"
        else:
            answer.headers["Cache-Control"] = "no-store"
            answer.vary.add("Cookie")
        return answer


def _unquoted(raw: str) -> bytes:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(raw.encode("latin-1", "replace"))


def _decodable(raw: bytes) -> None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(_l("The address holds characters that are not UTF-8.")) from None


def _sane(value: str) -> None:
    if "\x00" in value:
        raise Malformed(_l("The text holds a NUL character."))
    if any("\ud800" <= c <= "\udfff" or c == "\ufffd" for c in value):
        raise Malformed(_l("The text holds characters that are not valid."))


def _sane_json(value: Any) -> None:
    if isinstance(value, str):
        _sane(value)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        if value != value or abs(value) > INT_MAX:
            raise Malformed(_l("A number is too large."))
    elif isinstance(value, dict):
        for name, inner in value.items():
            _sane(name)
            _sane_json(inner)
    elif isinstance(value, list):
        for inner in value:
            _sane_json(inner)
