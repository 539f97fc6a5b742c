"""The API's description: OpenAPI 3.1 at /api/v1/openapi.json and a page that reads it, served by ourselves."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template

from consortium.shared.access import PUBLIC
from consortium.web.pages import Pages

pages = Pages("openapi_pages", __name__)


@pages.get("/api/v1/openapi.json", ability=PUBLIC)
def spec() -> Any:
    """The description for machines."""
    return current_app.json.response(current_app.spec)  # type: ignore[attr-defined]


@pages.get("/api/docs", ability=PUBLIC)
def docs() -> str:
    """The description for people, by tag."""
    described = current_app.spec  # type: ignore[attr-defined]
    by_tag: dict[str, list[dict[str, Any]]] = {}
    for path, verbs in described["paths"].items():
        for verb, operation in verbs.items():
            if verb in {"get", "post", "put", "patch", "delete"}:
                row = {"verb": verb.upper(), "path": path, **operation}
                by_tag.setdefault((operation.get("tags") or ["–"])[0], []).append(row)
    return render_template("openapi.html", spec=described, by_tag=by_tag)
