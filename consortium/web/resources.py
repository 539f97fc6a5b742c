"""The house blueprint of API resources: the same gate, below /api/v1, described in OpenAPI."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, Self

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from consortium.shared.access import Actor
from consortium.web import gate
from consortium.web.gate import UngatedRoute

PREFIX = "/api/v1"
PAGE_SIZE_MOST = 200


class Schema(BaseModel):
    """What goes in or out: named fields only, strict kinds, nothing unlisted."""

    model_config = ConfigDict(strict=True, extra="forbid", from_attributes=True)

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Decoded JSON is read by JSON's strictness: "2026-03-05" is a day, true is no number."""
        if isinstance(obj, dict):
            return cls.model_validate_json(json.dumps(obj))
        return super().model_validate(obj, **options)


class Problem(Schema):
    """problem+json (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = ""
    how: str = ""
    instance: str = ""
    code: str = ""
    errors: dict[str, list[str]] = Field(default_factory=dict)


class PageQuery(BaseModel):
    """Which stretch of a list."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1, le=100_000)
    size: int = Field(default=50, ge=1, le=PAGE_SIZE_MOST)


class Resources(APIBlueprint):
    """A feature's resources: `resources.get("/positions", ability="positions.read")`."""

    def __init__(self, name: str, import_name: str, *, tag: str) -> None:
        super().__init__(f"{name}_api", import_name, url_prefix=PREFIX, tag=tag)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        *,
        ability: str | None = None,
        creates: bool = False,
        reach: Callable[[Actor, uuid.UUID], Any] | None = None,
        **options: Any,
    ) -> None:
        """Add a resource behind its gate; raises UngatedRoute without an ability, or without `reach` where a body may be judged.

        `reach` is the feature's `queries.reachable`: the framework reads body and query before the view, and what it says of them
        must not depend on whether a record of somebody else is there.
        """
        if view_func is None:
            raise UngatedRoute(f"{rule} has no view")
        if reach is None and "<uuid:id>" in rule and getattr(view_func, "_spec", {}).keys() & {"body", "args"}:
            raise UngatedRoute(f"{rule} reads a body or query before its record is reached: name `reach`")
        name = endpoint or view_func.__name__
        methods = tuple(options.get("methods") or ("GET",))
        gate.register(f"{self.name}.{name}", methods, ability, creates)
        assert ability is not None
        view = gate.gated(view_func, ability, creates, reach)
        super().add_url_rule(rule, name, view, provide_automatic_options, **options)
