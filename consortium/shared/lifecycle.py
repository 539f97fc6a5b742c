"""States and steps as data: which step leads from where to where, and who may take it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consortium.shared.access import Actor, Role
from consortium.shared.errors import Conflict, Forbidden


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of a lifecycle; `by` empty means only the system takes it."""

    name: str
    sources: frozenset[str]
    target: str
    by: frozenset[Role]


def step(name: str, sources: Iterable[str] | str, target: str, by: Iterable[Role] = ()) -> Step:
    """A step from one or more states."""
    return Step(name, frozenset([sources] if isinstance(sources, str) else sources), target, frozenset(by))


class Lifecycle:
    """The whole of a record's states; the first named is where it begins."""

    def __init__(self, *states: str, steps: Iterable[Step]) -> None:
        self.states, self.start = states, states[0]
        self.steps = {one.name: one for one in steps}
        for one in self.steps.values():
            unknown = ({one.target} | one.sources) - set(states)
            if unknown:
                raise ValueError(f"step {one.name!r} names unknown states {sorted(unknown)}")

    def open_to(self, state: str, role: Role | None) -> list[str]:
        """Names of the steps that this role may take now."""
        return [s.name for s in self.steps.values() if state in s.sources and role in s.by]

    def may(self, name: str, state: str, actor: Actor | None) -> bool:
        """Whether the step is open now to this actor (None: the system)."""
        one = self.steps[name]
        return state in one.sources and (actor is None or actor.role in one.by)

    def take(self, name: str, state: str, actor: Actor | None) -> str:
        """The state after the step; raises Forbidden or Conflict."""
        one = self.steps[name]
        if actor is not None and actor.role not in one.by:
            raise Forbidden(step=name)
        if state not in one.sources:
            raise Conflict(code="wrong-state", step=name, state=state)
        return one.target
