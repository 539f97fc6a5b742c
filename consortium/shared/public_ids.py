"""Public ids as they come in from an address or a form: text that may be anything."""

from __future__ import annotations

import uuid

from consortium.shared.errors import NotFound

NOBODYS = uuid.UUID(int=0)
"""An id that no record has: whoever is looked for by it is not found."""


def read(text: str | None) -> uuid.UUID | None:
    """The id that a text is; None where it is none."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def named(text: str | None) -> uuid.UUID:
    """The id that a text is. Raises NotFound where it is none."""
    found = read(text)
    if found is None:
        raise NotFound
    return found
