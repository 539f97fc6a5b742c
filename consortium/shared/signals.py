"""News: an earlier feature announces, later ones listen; synchronous, in the same transaction, one hop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class News:
    """One piece of news (`application_accepted`); its listeners run in the order they were added."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.listeners: list[Callable[..., Any]] = []
        ALL[name] = self

    def listen(self, handler: F) -> F:
        """Decorator for a `handlers.py` function."""
        if handler not in self.listeners:
            self.listeners.append(handler)
        return handler

    def announce(self, **facts: Any) -> list[Any]:
        """Tell every listener; returns what they answered (for questions such as *may this be removed?*)."""
        return [handler(**facts) for handler in self.listeners]


ALL: dict[str, News] = {}
"""Every piece of news by name; `consortium map` prints who listens to what."""
