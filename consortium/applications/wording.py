"""What is said of applications: names of steps, reasons, messages, and why a step cannot be taken."""

from __future__ import annotations

from typing import Any

from consortium.messages.wording import declare, press
from consortium.reference import law
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l

REASONS: dict[str, Any] = {
    "other-offer": _l("Another offer suits me better"),
    "pay": _l("Pay"),
    "place": _l("Place or way there"),
    "hours": _l("Hours or shifts"),
    "duties": _l("The work itself"),
    "dates": _l("Dates"),
    "personal": _l("Personal reasons"),
    "skills": _l("Skills asked for are not there yet"),
    "certificate": _l("A certificate is missing"),
    "places-taken": _l("All places are taken"),
    "post-changed": _l("The post has changed"),
    "other": _l("Another reason"),
    "accepted-elsewhere": _l("Another offer was accepted"),
    "consent-withdrawn": _l("Consent to matching was withdrawn"),
    "position-closed": _l("The post was closed"),
    "student-left": _l("The student is on leave or has left the college"),
    "deadline": _l("The time to answer has passed"),
}

STEPS: dict[str, Any] = {
    "apply": _l("Applied"),
    "invite": _l("Invited"),
    "agree": _l("Agreed to the invitation"),
    "offer": _l("Made an offer"),
    "accept": _l("Accepted the offer"),
    "decline": _l("Declined"),
    "turn_down": _l("Turned down"),
    "withdraw": _l("Withdrew"),
    "set_aside": _l("Taken back"),
    "expire": _l("Expired"),
    "close": _l("Closed"),
    "seen": _l("Seen by the enterprise"),
}

NEXT: dict[str, Any] = {
    "applied": _l("The enterprise is next."),
    "invited": _l("The student is next."),
    "agreed": _l("The enterprise is next."),
    "offered": _l("The student is next."),
    "accepted": _l("The agreement is drafted: all parties are next."),
    "declined": _l("Nothing more is to be done."),
    "withdrawn": _l("Nothing more is to be done."),
    "expired": _l("Nothing more is to be done, unless the enterprise asks again."),
    "closed": _l("Nothing more is to be done."),
}

NEXT_FOR_STUDENT: dict[str, Any] = {
    "applied": _l("The enterprise is next. You will be told."),
    "invited": _l("You are next: agree or decline."),
    "agreed": _l("The enterprise is next. You will be told."),
    "offered": _l("You are next: accept or decline."),
    "accepted": _l("The agreement is drafted. See what is still missing."),
}

NEXT_FOR_ENTERPRISE: dict[str, Any] = {
    "applied": _l("You are next: make an offer, invite, or turn down."),
    "agreed": _l("You are next: make an offer or turn down."),
    "expired": _l("Nobody answered in time. You may ask again."),
}

declare(
    {
        "application-apply": (_l("New application for %(title)s"), _l("%(who)s applied for %(title)s. The profile is open to you, name and contact are not yet.")),
        "application-agree": (_l("Invitation agreed to: %(title)s"), _l("A candidate agreed to your invitation for %(title)s. You now see the name.")),
        "application-accept": (_l("Offer accepted: %(title)s"), _l("Your offer for %(title)s was accepted. You now see name and contact, and the agreement is drafted.")),
        "application-decline": (_l("Declined: %(title)s"), _l("%(who)s declined for %(title)s.")),
        "application-withdraw": (_l("Application withdrawn: %(title)s"), _l("%(who)s withdrew from %(title)s.")),
        "application-set_aside": (_l("No longer open: %(title)s"), _l("%(who)s is no longer available for %(title)s.")),
        "application-invite": (_l("Invitation: %(title)s"), _l("An enterprise invites you for %(title)s. It learns your name only if you agree. Please answer in time.")),
        "application-offer": (_l("Offer: %(title)s"), _l("You have an offer for %(title)s. Please accept or decline in time.")),
        "application-turn_down": (_l("Not this time: %(title)s"), _l("The enterprise decided otherwise on your application for %(title)s. Other posts are among your matches.")),
        "application-expire": (_l("Time has passed: %(title)s"), _l("Nobody answered in time for %(title)s. The offer or invitation is no longer open.")),
        "application-close": (_l("Post closed: %(title)s"), _l("The post %(title)s was closed, and your application with it. Other posts are among your matches.")),
        "application-waiting": (_l("All places taken: %(title)s"), _l("All places of %(title)s are taken. Your application stays on the waiting list in case one becomes free.")),
    }
)  # fmt: skip


def reason(code: str) -> str:
    """A reason in the reader's language."""
    return str(REASONS.get(code, code))


def step(name: str) -> str:
    """What was done, in the reader's language."""
    return str(STEPS.get(name, name))


def next_step(state: str, *, to: str) -> str:
    """Who is next, in words to the student, the enterprise or the college."""
    own = {"student": NEXT_FOR_STUDENT, "enterprise": NEXT_FOR_ENTERPRISE}.get(to, NEXT)
    return str(own.get(state, NEXT[state]))


def rule_words(codes: list[str]) -> str:
    """Words, citation and way out of the rules that stop a pair."""
    lang = language()
    said = []
    for code in codes:
        rule = law.rule(code)
        citation = rule.citation(lang)
        cited = (f"（{citation}）" if lang == "zh" else f" ({citation})") if citation else ""
        said.append(f"{rule.words(lang)}{cited} {rule.way_out(lang)}")
    return " ".join(said)
press({"application-offer", "application-invite"})  # an answer is due
