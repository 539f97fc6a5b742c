"""Everybody signed in may look skills up."""

from consortium.shared.access import EVERYONE, declare

declare({"skills.search": EVERYONE})
