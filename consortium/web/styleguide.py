"""The style guide: every component in all its states, in development only."""

from __future__ import annotations

from flask import render_template

from consortium.shared.access import PUBLIC
from consortium.web.pages import Pages

pages = Pages("styleguide", __name__)


@pages.get("/styleguide", ability=PUBLIC)
def show() -> str:
    """All components."""
    return render_template("styleguide.html")
