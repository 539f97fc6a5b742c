"""Settings by environment: the only module that reads environment variables."""

from __future__ import annotations

import contextlib
import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
WEAK_SECRETS = {"", "secret", "changeme", "change-me", "dev", "development", "test", "password"}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SHORTEST_SECRET = 32  # bytes; engineering practice for HMAC-SHA256 keys


class UnsafeSettings(RuntimeError):
    """Production refuses to start; the message lists every reason at once."""


def _env(name: str, default: str = "") -> str:
    return os.environ.get(f"CONSORTIUM_{name}", default)


class Base:
    """What every environment shares; a default here must be right for production and fit to be public."""

    NAME = "base"
    DEBUG = False
    TESTING = False
    DEMO = False

    def __init__(self) -> None:
        self.SECRET_KEY = _env("SECRET_KEY")
        self.ID_KEY = _env("ID_KEY")  # seals ID numbers at rest; losing it loses them
        self.SQLALCHEMY_DATABASE_URI = _env("DATABASE_URL")
        self.REDIS_URL = _env("REDIS_URL", "redis://127.0.0.1:6379/0")
        self.PUBLIC_URL = _env("PUBLIC_URL")  # links in mail are built from this, never from the Host header
        hosts = [h.strip() for h in _env("TRUSTED_HOSTS").split(",") if h.strip()]
        self.TRUSTED_HOSTS: list[str] | None = hosts or None
        self.MAIL_FROM = _env("MAIL_FROM", "no-reply@consortium.example")
        self.SMTP_URL = _env("SMTP_URL")  # smtp://user:password@host:port; empty keeps mail in the outbox page
        self.SMS_URL = _env("SMS_URL")  # https://gateway/send, takes {"to", "text"}; empty: no codes by SMS but in the demonstration
        self.DATA_DIR = Path(_env("DATA_DIR", str(ROOT / "var")))
        self.LOG_LEVEL = _env("LOG_LEVEL", "INFO")
        self.TRUSTED_PROXIES = int(_env("TRUSTED_PROXIES", "0"))

    SQLALCHEMY_RECORD_QUERIES = False
    MAX_CONTENT_LENGTH = 11 * 1024 * 1024  # a 10 MB upload and its form
    MAX_FORM_MEMORY_SIZE = 500_000
    MAX_FORM_PARTS = 1_000
    SESSION_COOKIE_NAME = "__Host-consortium"
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_PATH = "/"
    SESSION_REFRESH_EACH_REQUEST = False  # else every answer, even a cacheable file, would set the cookie
    SESSION_IDLE = timedelta(minutes=30)
    SESSION_ABSOLUTE = timedelta(hours=12)
    PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
    WTF_CSRF_TIME_LIMIT = None  # the token dies with its session
    WTF_CSRF_SSL_STRICT = True
    PREFERRED_URL_SCHEME = "https"
    BABEL_DEFAULT_LOCALE = "zh"
    BABEL_DEFAULT_TIMEZONE = "Asia/Shanghai"
    BOOTSTRAP_SERVE_LOCAL = True
    LANGUAGES = ("zh", "en")

    def problems(self) -> list[str]:
        """Why this environment must not start; empty when it may."""
        return []


class Development(Base):
    """On one's own machine: embedded SQLite, http, fixed keys that are worth nothing."""

    NAME = "development"
    DEBUG = True
    SESSION_COOKIE_NAME = "consortium"
    SESSION_COOKIE_SECURE = False
    WTF_CSRF_SSL_STRICT = False
    PREFERRED_URL_SCHEME = "http"

    def __init__(self) -> None:
        super().__init__()
        self.SECRET_KEY = self.SECRET_KEY or "development-only-key-that-protects-nothing"
        self.ID_KEY = self.ID_KEY or "development-only-id-key-that-protects-nothing"
        self.SQLALCHEMY_DATABASE_URI = (
            self.SQLALCHEMY_DATABASE_URI or f"sqlite:///{self.DATA_DIR / 'development.sqlite'}"
        )
        self.TRUSTED_HOSTS = self.TRUSTED_HOSTS or ["127.0.0.1", "localhost"]
        self.PUBLIC_URL = self.PUBLIC_URL or "http://127.0.0.1:8000"


class Demonstration(Development):
    """`make demo`: development without the debugger, keys made afresh and kept beside the data."""

    NAME = "demonstration"
    DEBUG = False
    DEMO = True

    def __init__(self) -> None:
        super().__init__()
        self.SECRET_KEY = _kept_secret(self.DATA_DIR / "demo-secret")
        self.ID_KEY = _kept_secret(self.DATA_DIR / "demo-id-key")


class Testing(Development):
    """The test-suite: no CSRF surprise is switched off, only time and place differ."""

    NAME = "testing"
    DEBUG = False
    TESTING = True

    def __init__(self) -> None:
        super().__init__()
        self.TRUSTED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
        self.PUBLIC_URL = "http://localhost"


class Production(Base):
    """PostgreSQL, Redis, many workers; refuses to start half-configured."""

    NAME = "production"

    def problems(self) -> list[str]:
        found = []
        for name in ("SECRET_KEY", "ID_KEY"):
            value = str(getattr(self, name))
            if value.lower() in WEAK_SECRETS or len(value.encode()) < SHORTEST_SECRET or len(set(value)) < 8:
                found.append(f"CONSORTIUM_{name} is missing or weak: set at least {SHORTEST_SECRET} random bytes")
        if self.SECRET_KEY and self.SECRET_KEY == self.ID_KEY:
            found.append("CONSORTIUM_ID_KEY must differ from CONSORTIUM_SECRET_KEY")
        if self.DEBUG or self.TESTING or self.DEMO:
            found.append("DEBUG, TESTING and DEMO must be off")
        if not self.TRUSTED_HOSTS:
            found.append("CONSORTIUM_TRUSTED_HOSTS is not set")
        elif any("*" in host or host in {".", ""} for host in self.TRUSTED_HOSTS):
            found.append("CONSORTIUM_TRUSTED_HOSTS must name hosts, not patterns")
        if not self.PUBLIC_URL.startswith("https://"):
            found.append("CONSORTIUM_PUBLIC_URL must begin with https://")
        if not self.SESSION_COOKIE_SECURE:
            found.append("session cookies must be Secure")
        if not self.SQLALCHEMY_DATABASE_URI.startswith("postgresql"):
            found.append("CONSORTIUM_DATABASE_URL must be a PostgreSQL address")
        if not self.REDIS_URL.startswith(("redis://", "rediss://")):
            found.append("CONSORTIUM_REDIS_URL must be a Redis address")
        elif not _has_password(self.REDIS_URL) and urlsplit(self.REDIS_URL).hostname not in LOOPBACK:
            found.append("CONSORTIUM_REDIS_URL has no password though Redis is on another machine")
        return found


ENVIRONMENTS: dict[str, type[Base]] = {
    kind.NAME: kind for kind in (Development, Demonstration, Testing, Production)
}


def load(name: str | None = None) -> Base:
    """The settings called `name`, else those of CONSORTIUM_ENV, else production.

    Raises UnsafeSettings where they must not start.
    """
    name = name or _env("ENV", "production")
    if name not in ENVIRONMENTS:
        raise UnsafeSettings(f"CONSORTIUM_ENV is {name!r}; choose one of {', '.join(ENVIRONMENTS)}")
    settings = ENVIRONMENTS[name]()
    problems = settings.problems()
    if problems:
        raise UnsafeSettings("Not starting:\n" + "\n".join(f"  - {p}" for p in problems))
    return settings


def _has_password(address: str) -> bool:
    return bool(urlsplit(address).password)


def _kept_secret(path: Path) -> str:
    """Made once, readable by its owner alone, also when web and worker start at the same instant."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()
