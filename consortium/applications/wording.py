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
    "offer_by_round": _l("Offered by the round"),
    "accept": _l("Accepted the offer"),
    "decline": _l("Declined"),
    "turn_down": _l("Turned down"),
    "withdraw": _l("Withdrew"),
    "set_aside": _l("Taken back"),
    "expire": _l("Expired"),
    "close": _l("Closed"),
    "wait": _l("Joined the waiting list"),
    "keep_waiting": _l("Kept on the waiting list"),
    "take_back": _l("Took the acceptance back"),
    "seen": _l("Seen by the enterprise"),
    "reopen": _l("Took the refusal back"),
    "reopen_agreed": _l("Took the refusal back"),
    "meet_ask": _l("Asked to an interview"),
    "meet_book": _l("Agreed on a time for the interview"),
    "meet_moved": _l("Moved the interview"),
    "meet_decline": _l("Declined the interview"),
    "meet_cancel": _l("Called the interview off"),
    "meet_release": _l("Took the time of the interview back"),
    "meet_end": _l("The interview does not take place"),
    "meet_hold": _l("The interview took place"),
    "meet_miss": _l("Noted as not come to the interview"),
}

STAGES: dict[str, Any] = {
    "matched": _l("In the list of candidates"),
    "applied": _l("The student applied"),
    "invited": _l("Invited, before the student answers"),
    "invited-applicant": _l("Invited after having applied"),
    "agreed": _l("The student agreed to the invitation"),
    "offered": _l("Offer to a candidate who has not spoken yet"),
    "offered-applicant": _l("Offer to an applicant"),
    "offered-named": _l("Offer after an invitation was agreed to"),
    "accepted": _l("The student accepted the offer"),
    "declined": _l("One side declined"),
    "withdrawn": _l("The student withdrew"),
    "waitlisted": _l("The student is on the waiting list"),
    "closed": _l("The post was closed"),
}

FIELDS: dict[str, Any] = {
    "college": _l("College"),
    "major": _l("Major"),
    "skills": _l("Skills and certificates"),
    "courses": _l("Courses"),
    "wish": _l("Wanted work"),
    "about": _l("In the student's words"),
    "name": _l("Name"),
    "phone": _l("Phone"),
    "email": _l("Mail"),
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
    "waitlisted": _l("On the waiting list: the student is told when a place becomes free."),
}

NEXT_FOR_STUDENT: dict[str, Any] = {
    "applied": _l("The enterprise is next. You will be told."),
    "invited": _l("You are next: agree or decline."),
    "agreed": _l("The enterprise is next. You will be told."),
    "offered": _l("You are next: accept or decline."),
    "accepted": _l("The agreement is drafted. See what is still missing."),
    "waitlisted": _l("You are on the waiting list and are told when a place becomes free."),
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
        "application-offer_by_round": (_l("The round offers you: %(title)s"), _l("The voluntary round has an offer for you: %(title)s. Please accept or decline in time; declining costs you nothing.")),
        "application-turn_down": (_l("Not this time: %(title)s"), _l("The enterprise decided otherwise on your application for %(title)s. Other posts are among your matches.")),
        "post-warned": (_l("Applicants wait: %(title)s"), _l("%(n)d students have waited for an answer for %(title)s for more than %(days)d days. Please answer; on %(on)s the post pauses of itself.")),
        "post-paused": (_l("Post paused: %(title)s"), _l("%(title)s was paused: %(n)d students have waited for more than %(days)d days. Answer them, then resume the post with one click.")),
        "application-expire": (_l("Time has passed: %(title)s"), _l("Nobody answered in time for %(title)s. The offer or invitation is no longer open.")),
        "application-close": (_l("Post closed: %(title)s"), _l("The post %(title)s was closed, and your application with it. Other posts are among your matches.")),
        "application-keep_waiting": (_l("Post closed, you are kept on its list: %(title)s"), _l("The post %(title)s takes no applications now. You keep your place on its waiting list and are told when it opens again. You may leave the list at any time.")),
        "application-take_back": (_l("Acceptance taken back: %(title)s"), _l("%(who)s took the acceptance for %(title)s back within the time the college allows. The place is free again.")),
        "application-free_place": (_l("A place is free: %(title)s"), _l("A place of %(title)s has become free and you are next on the list. Apply within 48 hours; then the next are told too.")),
        "application-free_place_applied": (_l("A place is free again: %(title)s"), _l("A place of %(title)s has become free. Your application stands; the enterprise can make you an offer now.")),
        "application-waiting": (_l("All places taken: %(title)s"), _l("All places of %(title)s are taken. Your application stays on the waiting list in case one becomes free.")),
    }
)  # fmt: skip


EXPORTED: tuple[tuple[str, Any], ...] = (
    ("candidate", _l("Student")), ("student_no", _l("Student number")), ("college", _l("College")), ("class", _l("Class")), ("level", _l("Level")), ("major", _l("Major")),
    ("phone", _l("Mobile phone")), ("email", _l("Email")), ("post", _l("Post")), ("enterprise", _l("Enterprise")), ("kind", _l("Kind")), ("state", _l("State")),
    ("since", _l("Since")), ("answer_by", _l("To be answered")),
)  # fmt: skip
"""Columns of an export; what a reader may not see yet stays empty."""
SHAPES: dict[str, tuple[str, ...]] = {
    "list": ("candidate", "class", "post", "enterprise", "kind", "state", "since", "answer_by"),
    "all": tuple(name for name, _ in EXPORTED),
}
SHAPE_NOTES: dict[str, tuple[Any, Any]] = {
    "list": (_l("The list"), ""),
    "all": (_l("All columns"), _l("names and contact only where the student has opened them")),
}


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


ENDED: dict[str, Any] = {
    "decline": _l("You declined. That counts for nothing against you: your matches and your other applications are as they were."),
    "turn_down": _l("The enterprise decided otherwise. Its reason stands below."),
    "withdraw": _l("You withdrew. The enterprise sees nothing of your profile."),
    "take_back": _l("You took your acceptance back in time. You may apply elsewhere, or here again."),
    "expire": _l("The time to answer passed before you answered. If you are still interested, apply again; the enterprise may also ask you anew."),
    "close": _l("The post was closed before you answered."),
}
ENDED_BECAUSE: dict[str, Any] = {
    "accepted-elsewhere": _l("It was withdrawn because you accepted another offer, as was said before you clicked."),
    "consent-withdrawn": _l("It was taken back because you withdrew your consent to matching."),
    "student-left": _l("It was taken back because the register says that you are on leave or have left the college."),
}


def ended(step: str, reason: str) -> str:
    """Why an application has ended, to the student."""
    return str(ENDED_BECAUSE.get(reason) or ENDED.get(step, ""))
press({"application-offer", "application-offer_by_round", "application-invite", "application-free_place", "post-warned", "post-paused"})  # an answer is due
