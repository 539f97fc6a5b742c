"""Logs: one JSON object a line, ids only, with a redaction filter as the last net."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_LINK = re.compile(r"(/invitations/)[\w-]+")
_SECRET_NAME = re.compile(r"(?i)token|password|secret|authorization|cookie")
_TOKEN = re.compile(r"(?i)(token|password|secret|authorization|cookie)(['\"]?\s*[:=]\s*)(\S+)")


def redacted(text: str) -> str:
    """The text without ID numbers, phone numbers and secrets."""
    text = _ID_NUMBER.sub("[id]", text)
    text = _PHONE.sub("[phone]", text)
    text = _LINK.sub(r"\1[secret]", text)
    return _TOKEN.sub(r"\1\2[secret]", text)


def _redact(_logger: Any, _name: str, line: Any) -> Any:
    return {key: _cleaned(value) for key, value in line.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {key: "[secret]" if _SECRET_NAME.search(str(key)) else _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**10 else redacted(str(value))
    return redacted(str(value))


def set_up(level: str) -> None:
    """Send all logging, ours and the libraries', through the same JSON line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redact,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
