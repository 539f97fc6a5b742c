"""Pages of posts, and of the rules they are judged by."""

from __future__ import annotations

from consortium.positions.views import overrides, rules, steps, typing_in
from consortium.positions.views.place import pages

__all__ = ["overrides", "pages", "rules", "steps", "typing_in"]
