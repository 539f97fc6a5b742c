"""The blueprint of these resources."""

from __future__ import annotations

from consortium.web.resources import Resources

resources = Resources("proposals", __name__, tag="Matches")
