"""The application: the only module that knows every feature, in the order of a student's year."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask import Flask, request
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from consortium.shared import access, i18n, logs, tasks
from consortium.shared.db import db, engine_options, prepare_engine, read_only
from consortium.web import errors, filters, frame, safety
from consortium.web.gate import current_actor, request_id

FEATURES = (
    "accounts",
    "messages",
    "organisations",
    "compliance",
    "skills",
    "imports",
    "students",
    "positions",
    "proposals",
    "applications",
    "interviews",
    "rounds",
    "agreements",
    "dashboards",
    "demonstration",
)
HERE = Path(__file__).parent


def create_app(settings: str | config.Base | None = None, *, worker: bool = False, **overrides: Any) -> Flask:
    """The app with settings by name (or ready made); `worker` gives it the time limits of background work."""
    loaded = settings if isinstance(settings, config.Base) else config.load(settings)
    app = APIFlask(
        "consortium",
        root_path=str(HERE),
        static_folder=str(HERE / "web" / "static"),
        template_folder=str(HERE / "web" / "templates"),
        title="Consortium",
        version="1",
        spec_path=None,
        docs_path=None,
        json_errors=True,
    )
    app.config.from_object(loaded)
    app.config.update(overrides)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["SQLALCHEMY_DATABASE_URI"], worker=worker)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(HERE / "translations")
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.json.ensure_ascii = False
    if not app.config["TESTING"]:
        logs.set_up(app.config["LOG_LEVEL"])
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    _extensions(app)
    _templates(app)
    _features(app)
    tasks.make_celery(app)
    _collect_tasks()
    return app


def _extensions(app: APIFlask) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(HERE.parent / "migrations"), compare_type=True, render_as_batch=True)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)

    @app.before_request
    def start_reading() -> None:
        read_only(request.method in {"GET", "HEAD", "OPTIONS"})
        db.session().info.update(request_id=request_id(), address=request.remote_addr)

    i18n.babel.init_app(app, locale_selector=frame.chosen_language)
    Bootstrap5(app)
    safety.set_up(app)  # before the token is looked for in the form: what is too large is not read
    CSRFProtect(app)
    errors.set_up(app)
    filters.set_up(app)

    login = LoginManager(app)
    login.session_protection = None  # the server-side session is the protection

    @login.user_loader
    def load(token: str) -> Any:
        from consortium.accounts.signed_in import signed_in

        return signed_in(token)

    @app.teardown_appcontext
    def forget(_error: BaseException | None) -> None:
        db.session.remove()


def _templates(app: APIFlask) -> None:
    """`applications/list.html` is consortium/applications/templates/list.html; the shell's own need no prefix."""
    folders = {name: FileSystemLoader(HERE / name / "templates") for name in FEATURES}
    app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE / "web" / "templates"), PrefixLoader(folders)])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(frame.context)


def _features(app: APIFlask) -> None:
    from consortium.web import openapi, styleguide

    for name in FEATURES:
        for part in ("models", "access", "handlers"):
            _part(name, part)
    for name in FEATURES:
        views, api = _part(name, "views"), _part(name, "api")
        if views is not None:
            app.register_blueprint(views.pages)
        if api is not None:
            app.register_blueprint(api.resources)
    app.register_blueprint(openapi.pages)
    if app.debug or app.testing or app.config["DEMO"]:
        app.register_blueprint(styleguide.pages)


def _collect_tasks() -> None:
    for name in FEATURES:
        _part(name, "tasks")


def _part(feature: str, part: str) -> Any:
    """The feature's module of that name, None where it has nothing to hold."""
    name = f"consortium.{feature}.{part}"
    if importlib.util.find_spec(f"consortium.{feature}") is None or importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)


def abilities() -> dict[str, frozenset[access.Role]]:
    """All declared abilities, for the table of gates."""
    return dict(access.ABILITIES)


__all__ = ["FEATURES", "abilities", "create_app", "current_actor"]
