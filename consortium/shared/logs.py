"""Logs: one JSON object a line, ids only, with a redaction filter as the last net."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_TOKEN = re.compile(r"(?i)(token|password|secret|authorization|cookie)(['\"]?\s*[:=]\s*)(\S+)")


def redacted(text: str) -> str:
    """The text without ID numbers, phone numbers and secrets."""
    text = _ID_NUMBER.sub("[id]", text)
    text = _PHONE.sub("[phone]", text)
    return _TOKEN.sub(r"\1\2[secret]", text)


def _redact(_logger: Any, _name: str, line: Any) -> Any:
    return {key: redacted(value) if isinstance(value, str) else value for key, value in line.items()}


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
