"""The house blueprint of pages: a template place, the gate of every route, a menu entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, url_for

from consortium.shared.access import Actor, Role
from consortium.web import gate
from consortium.web.gate import UngatedRoute


@dataclass(frozen=True, slots=True)
class MenuPlace:
    """One entry of a role's menu; `count` says what waits there."""

    label: Any
    endpoint: str
    icon: str
    order: int
    roles: frozenset[Role]
    count: Callable[[Actor], int] | None = None


MENU: list[MenuPlace] = []


class Pages(Blueprint):
    """A feature's pages: `pages.get("/positions", ability="positions.read")`."""

    enable_openapi = False

    def __init__(self, name: str, import_name: str, *, url_prefix: str | None = None) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        *,
        ability: str | None = None,
        creates: bool = False,
        **options: Any,
    ) -> None:
        """Add a route behind its gate; raises UngatedRoute where it names no ability."""
        if view_func is None:
            raise UngatedRoute(f"{rule} has no view")
        name = endpoint or view_func.__name__
        methods = tuple(options.get("methods") or ("GET",))
        gate.register(f"{self.name}.{name}", methods, ability, creates)
        assert ability is not None
        view = gate.gated(view_func, ability, creates)
        super().add_url_rule(rule, name, view, provide_automatic_options, **options)

    def menu(
        self,
        label: Any,
        endpoint: str,
        *,
        icon: str,
        order: int,
        roles: Iterable[Role],
        count: Callable[[Actor], int] | None = None,
    ) -> None:
        """Give these roles an entry in their menu."""
        place = MenuPlace(label, f"{self.name}.{endpoint}", icon, order, frozenset(roles), count)
        if not any(p.endpoint == place.endpoint and p.roles == place.roles for p in MENU):
            MENU.append(place)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """What the frame draws."""

    label: str
    url: str
    icon: str
    active: bool
    count: int


def menu_of(actor: Actor | None, path: str, endpoint: str | None) -> list[MenuEntry]:
    """The reader's menu, in order; marked is the place whose address the page stands under, and the desk for figures."""
    if actor is None:
        return []
    places = sorted((p for p in MENU if actor.role in p.roles), key=lambda p: p.order)
    here = (endpoint or "").split(".")[0]
    found = []
    urls = {place.endpoint: url_for(place.endpoint) for place in places}
    elsewhere = any(f"{path}/".startswith(f"{url}/") for url in urls.values() if url != "/")
    for place in places:
        url = urls[place.endpoint]
        active = place.endpoint.split(".")[0] == here and not elsewhere if url == "/" else f"{path}/".startswith(f"{url}/")
        found.append(MenuEntry(str(place.label), url, place.icon, active, place.count(actor) if place.count else 0))
    return found
