"""Whom to tell on news of accounts and of checks by hand: who has to decide, and what was decided."""

from __future__ import annotations

from consortium.accounts.events import asked_to_join, headship_handed_over, join_decided
from consortium.accounts.models import JoinRequest, Membership
from consortium.organisations import notify
from consortium.organisations.events import check_moved
from consortium.organisations.models import Check


@asked_to_join.listen
def tell_heads(request: JoinRequest) -> None:
    """The administrators of the enterprise."""
    notify.tell_heads_of_request(request)


@join_decided.listen
def tell_who_asked(request: JoinRequest) -> None:
    """Let in, or not."""
    notify.tell_of_decision(request)


@headship_handed_over.listen
def tell_new_head(membership: Membership, former: Membership) -> None:
    """The new head."""
    notify.tell_new_head(membership, former)


@check_moved.listen
def tell_of_check(check: Check, step: str, text: str) -> None:
    """The zone of who waits; the firm of what the zone said."""
    if step in ("hand-in", "add"):
        notify.tell_zone_of_check(check)
    else:
        notify.tell_firm_of_check(check, step, text)
