"""What every page's frame knows: reader, menu, language, theme."""

from __future__ import annotations

import hashlib
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, has_request_context, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from consortium.shared.i18n import HTML_LANG, LANGUAGES, language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.gate import current_actor
from consortium.web.pages import menu_of
from consortium.web.safety import csp_nonce

THEMES = ("auto", "light", "dark")
LANGUAGE_COOKIE, THEME_COOKIE = "lang", "theme"


def chosen_language() -> str:
    """The cookie's, else the person's, else what the browser prefers, else Chinese."""
    if not has_request_context():  # a worker, a command
        return "zh"
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    own = getattr(current_user, "language", "")
    if own in LANGUAGES:
        return str(own)
    return "en" if (request.accept_languages.best or "zh").lower().startswith("en") else "zh"


def context() -> dict[str, Any]:
    """Names available in every template."""
    actor = current_actor()
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return {
        "actor": current_user if actor is not None else None,
        "can": lambda ability: actor is not None and actor.can(ability),
        "menu": menu_of(actor, request.path, request.endpoint),
        "csp_nonce": csp_nonce,
        "csrf_token": generate_csrf,
        "locale": language(),
        "html_lang": HTML_LANG[language()],
        "theme": theme if theme in THEMES else "auto",
        "demo": bool(current_app.config["DEMO"]),
        "asset_version": asset_version(current_app.static_folder or ""),
        "form_key": lambda: str(uuid.uuid4()),
        "look_words": look_words,
    }


@lru_cache(maxsize=2)
def asset_version(folder: str) -> str:
    """Changes when a stylesheet or script changes."""
    told = hashlib.sha256()
    for path in sorted(Path(folder).glob("house.*")):
        told.update(path.read_bytes())
    return told.hexdigest()[:10]


LOOKS = {
    "list of students": _l("list of students"),
    "list of applications": _l("list of applications"),
    "student's page": _l("student's page"),
    "candidate without a name": _l("candidate without a name"),
    "applicant without a name": _l("applicant without a name"),
    "name": _l("name"),
    "name and contact": _l("name and contact"),
    "agreement": _l("agreement"),
    "whole identity number": _l("whole identity number"),
}


def look_words(what: str) -> str:
    """What was shown, in the reader's language."""
    return str(LOOKS.get(what, what))
