"""The few ways in which a use case says no; `web.errors` turns them into pages and problem JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ConsortiumError(Exception):
    """A refusal with a code for machines and words for people (`what`, `why`, `how`: lazy strings allowed)."""

    status = 400
    code = "refused"

    def __init__(self, what: Any = "", *, why: Any = "", how: Any = "", code: str = "", **facts: Any) -> None:
        super().__init__(code or self.code)
        self.what, self.why, self.how, self.facts = what, why, how, facts
        self.code = code or self.code


class Malformed(ConsortiumError):
    """The request could not be read at all."""

    status, code = 400, "malformed"


class SignInRequired(ConsortiumError):
    """Nobody is signed in, or the session has ended."""

    status, code = 401, "sign-in-required"


class Forbidden(ConsortiumError):
    """Signed in, but this role has not the ability."""

    status, code = 403, "forbidden"


class NotFound(ConsortiumError):
    """Unknown, or out of this reader's reach: the two answer alike."""

    status, code = 404, "not-found"


class Conflict(ConsortiumError):
    """The state of things does not allow the step (taken, full, closed, not yet, no longer)."""

    status, code = 409, "conflict"


class Stale(Conflict):
    """Somebody saved this record meanwhile; `mine` and `theirs` by field (and the fields' labels), for a page showing both."""

    code = "stale"

    def __init__(
        self, mine: Mapping[str, Any], theirs: Mapping[str, Any], version: int, labels: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__()
        self.mine, self.theirs, self.version, self.labels = mine, theirs, version, labels or {}


class Invalid(ConsortiumError):
    """Values that cannot be taken: field name → sentences saying what, why and how to mend it."""

    status, code = 422, "invalid"

    def __init__(self, fields: Mapping[str, Sequence[Any]]) -> None:
        super().__init__()
        self.fields = {name: list(said) for name, said in fields.items()}


class TooMany(ConsortiumError):
    """Too often; `seconds` until it may be tried again."""

    status, code = 429, "too-many"

    def __init__(self, seconds: int, what: Any = "") -> None:
        super().__init__(what, seconds=seconds)
        self.seconds = seconds


class Unavailable(ConsortiumError):
    """Something we need does not answer; nothing was changed."""

    status, code = 503, "unavailable"
