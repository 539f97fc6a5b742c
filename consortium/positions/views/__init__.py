"""Pages of posts, and of the rules they are judged by."""

from __future__ import annotations

from consortium.positions.views import exports, overrides, rules, steps, typing_in
from consortium.positions.views.place import pages

__all__ = ["exports", "overrides", "pages", "rules", "steps", "typing_in"]
