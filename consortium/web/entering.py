"""A session of the browser for somebody who has just proved who she is: nothing of the old one is left (no fixation)."""

from __future__ import annotations

from flask import session


def enter(token: str) -> None:
    """Keep the token of a session that a use case has opened, as flask-login does."""
    session.clear()
    session.permanent = True
    session["_user_id"], session["_fresh"] = token, True
