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
    """One entry of a role's menu; `count` says what waits there, `when` whether it is there at all now."""

    label: Any
    endpoint: str
    icon: str
    order: int
    roles: frozenset[Role]
    count: Callable[[Actor], int] | None = None
    when: Callable[[Actor], bool] | None = None
    bell: bool = False  # also at the top of every page
    under: tuple[str, ...] = ()  # endpoints: the first that is in the reader's menu takes this one under it


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
        when: Callable[[Actor], bool] | None = None,
        bell: bool = False,
        under: tuple[str, ...] = (),
    ) -> None:
        """Give these roles an entry in their menu, always or only `when` it leads somewhere; `under` another, which opens to it."""
        place = MenuPlace(label, f"{self.name}.{endpoint}", icon, order, frozenset(roles), count, when, bell, under)
        if not any(p.endpoint == place.endpoint and p.roles == place.roles for p in MENU):
            MENU.append(place)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """What the frame draws. An entry with others under it is `open` on their pages, and closed counts what waits in all of them."""

    label: str
    url: str
    icon: str
    active: bool
    count: int
    passing: bool = False  # there only for a while: beside the fixed tabs of a phone, not among them
    bell: bool = False
    open: bool = False
    inside: tuple[MenuEntry, ...] = ()


def menu_of(actor: Actor | None, path: str, endpoint: str | None) -> list[MenuEntry]:
    """The reader's menu, in order; marked is the place whose address the page stands under, and the desk for figures."""
    if actor is None:
        return []
    places = sorted((p for p in MENU if actor.role in p.roles and (p.when is None or p.when(actor))), key=lambda p: p.order)
    urls = {place.endpoint: url_for(place.endpoint) for place in places}
    here = max((url for url in urls.values() if url != "/" and f"{path}/".startswith(f"{url}/")), key=len, default="")
    at_desk = (endpoint or "").split(".")[0]
    above = {p.endpoint: next((one for one in p.under if one in urls and one != p.endpoint), "") for p in places}

    def entry(place: MenuPlace) -> MenuEntry:
        url, inside = urls[place.endpoint], tuple(entry(p) for p in places if above[p.endpoint] == place.endpoint)
        active = url == here if here or url != "/" else place.endpoint.split(".")[0] == at_desk
        opened = active or any(one.active for one in inside)
        count = (place.count(actor) if place.count else 0) + (0 if opened else sum(one.count for one in inside))
        return MenuEntry(str(place.label), url, place.icon, active, count, place.when is not None, place.bell, opened, inside)

    return [entry(place) for place in places if not above[place.endpoint]]
