"""What is said of rules at a posting: the rule's words, the numbers, the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consortium.messages.wording import declare, press
from consortium.reference import law
from consortium.reference.wording import Found
from consortium.shared import clock
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l

PROBLEMS: dict[str, tuple[Any, Any]] = {
    "needed": (_l("Empty."), _l("Fill it in.")),
    "too-long": (_l("Too long."), _l("Shorten it.")),
    "number-cell": (_l("A number cell may have lost digits."), _l("Format the column as text and type it again.")),
    "code-shape": (_l("Not a code."), _l("Letters, digits, dots and hyphens, at most 36.")),
    "code-twice": (_l("This code stands twice in the file."), _l("Delete one of the rows, or give it another code.")),
    "not-among-choices": (_l("Not one of the choices."), _l("Pick one from the list in the template.")),
    "formula": (_l("A formula or an error, not a value."), _l("Paste the value itself.")),
    "day-shape": (_l("Not readable as a day."), _l("Write it as 2027-01-04.")),
    "no-such-day": (_l("There is no such day."), _l("Write it as 2027-01-04.")),
    "last-before-first": (_l("The last day lies before the first."), _l("Check both days.")),
    "not-a-number": (_l("Not a number."), _l("Digits only, such as 3500.")),
    "out-of-range": (_l("Too large or too small."), _l("Check the number.")),
    "unknown-occupation": (_l("Not an occupation of the catalogue."), _l("Use a name or code of the official catalogue, or leave it empty.")),
    "unknown-place": (_l("Not a place of the list."), _l("Use a name from the sheet of places.")),
    "unknown-major": (_l("No major, class or category of this name."), _l("Use a name or code from the sheet of majors.")),
    "unknown-skill": (_l("Not in the vocabulary of skills."), _l("Use a name from the sheet of skills and certificates.")),
    "unknown-hazard": (_l("Not a hazard of the list."), _l("Use names from the sheet of hazards, or write 无.")),
    "unknown-family": (_l("Not one of your kinds of posts."), _l("Add it under \"Our enterprise\", or say which one is meant.")),
    "forbidden-fees": (_l("No fee of any name may be asked."), _l("Take the word out.")),
    "forbidden-discrimination": (_l("A posting may not choose by sex, marriage, looks, origin and the like."), _l("Describe the work instead.")),
    "published": (_l("This post is published."), _l("Change it on its page, where the rules are judged.")),
    "changed-since": (_l("This was changed again after the import."), _l("The later value stays.")),
}
"""Reasons beside a cell of an uploaded list: what is wrong, and how to mend it."""

IMPORT: dict[str, Any] = {
    "heading": _l("Import posts"),
    "see": _l("See the posts"),
    "tips": (
        _l("Imported posts are drafts: each is published by you, when rules and caps allow it."),
        _l("A published post is not changed by a file."),
    ),
}
"""What the pages of the import say of this kind of row."""

SHAPES: dict[str, tuple[Any, Any]] = {
    "list": (_l("The list"), ""),
    "register": (_l("Everything about these posts"), _l("may be changed and uploaded again")),
}
"""Ready-made exports of posts: name, and what it is for."""

RULE_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("code", _l("Code")), ("title", _l("Rule")), ("words", _l("Words")), ("citation", _l("Article")), ("verified", _l("Verified at level")), ("met", _l("Met")),
    ("not_met", _l("Not met")), ("unknown", _l("Not known")),
)  # fmt: skip


def problem(code: str) -> tuple[Any, Any]:
    """What is wrong, and how to mend it."""
    return PROBLEMS.get(code, (code, ""))


def rule_words(code: str) -> str:
    """Words, citation and way out of a rule, in the reader's language."""
    lang = language()
    rule = law.rule(code)
    citation = rule.citation(lang)
    return f"{rule.words(lang)}{f'（{citation}）' if citation and lang == 'zh' else f' ({citation})' if citation else ''} {rule.way_out(lang)}"


def warned(code: str, position: Any) -> str:
    """A principle that is not kept, with the post's own numbers where it has some."""
    if code != "R27a":
        return rule_words(code)
    share = law.thresholds(clock.today())["pay_share"]
    pay, same, lowest = (f"{(fen or 0) / 100:,.0f}" for fen in (position.pay_fen, (position.same_post_pay_fen or 0) * share, position.lowest_grade_fen))
    return _(
        "%(pay)s yuan is below %(share)s of the same post (%(same)s yuan) and below the lowest grade (%(lowest)s yuan). %(rule)s",
        pay=pay, share=f"{share:.0%}", same=same, lowest=lowest, rule=rule_words(code),
    )  # fmt: skip


def over_cap(rule: str, facts: dict[str, Any]) -> str:
    """The sentence with all its numbers."""
    if facts.get("cap") is None:
        return _("The head-count that the share is counted from is not entered. Enter it under \"Our enterprise\".")
    share = f"{law.thresholds(clock.today())['firm_share' if rule == 'R10' else 'family_share']:.0%}"
    return _(
        "%(over)s too many. The share of %(share)s allows %(cap)s interns at a time, %(used)s are in use, this post asks for %(asked)s. %(way)s",
        over=facts["over"], share=share, cap=facts["cap"], used=facts["used"], asked=facts["asked"], way=law.rule(rule).way_out(language()),
    )  # fmt: skip


def short_of_mentors(free: int, asked: int) -> str:
    """No mentor, no place: how many places mentors have room for."""
    if free == 0:
        return _("No mentor has room in these days, so no place can be offered. Declare mentors under \"Mentors\", or choose other days.")
    return _(
        "Mentors have room for %(free)s of %(asked)s places in these days. Declare more mentors under \"Mentors\", or offer fewer places.", free=free, asked=asked
    )


def wording_fault(one: Found, kind: str) -> str:
    """Where the words stand, which they are, by which rule they may not, and what to write instead."""
    lang, phrase = language(), one.phrase
    text = _("\"%(words)s\" in \"%(around)s\": %(title)s. %(law)s %(suggestion)s (%(source)s)")
    law_said = _("No fee of any name may be asked of students or applicants.") if phrase.why == "fees" else _("A posting may not choose by sex, marriage, looks, origin, health and the like.")
    return text % {
        "words": one.words, "around": one.around, "title": phrase.title(lang), "law": law_said, "suggestion": phrase.suggestion(lang), "source": phrase.source
    }  # fmt: skip


def blocked(code: str, position: Any, limits: Mapping[str, float], most_probation: int) -> str:
    """A rule's words, with the numbers where the post has some."""
    if code == "J05" and position.pay_fen is not None:
        return _("%(pay)s yuan a month is below the minimum wage of %(least)s yuan. %(rule)s", pay=_yuan(position.pay_fen), least=_yuan(limits["minimum_wage_fen"]), rule=rule_words(code))
    if code == "J06" and position.probation_months is not None:
        return _("%(n)d months of probation, where this contract allows %(most)d at the most. %(rule)s", n=position.probation_months, most=most_probation, rule=rule_words(code))
    return rule_words(code)


def _yuan(fen: float) -> str:
    return f"{fen / 100:,.0f}"


CLOSING: dict[str, Any] = {
    "filled": _l("All places are filled through the platform"),
    "elsewhere": _l("Filled in another way"),
    "changed": _l("The work or its conditions have changed"),
    "not-needed": _l("Nobody is needed any more"),
    "other": _l("Another reason"),
    "expired": _l("Its last day has passed"),
}
CONTRACTS: dict[str, Any] = {"fixed": _l("Fixed term"), "open": _l("Open-ended"), "project": _l("Until a task is done")}
LEVELS: dict[int, Any] = {1: _l("knows of it"), 2: _l("does it with help"), 3: _l("does it alone"), 4: _l("teaches it to others")}
SOURCES: dict[str, Any] = {
    "R04": _l("register of enterprises"), "R05": _l("the zone's verification"), "R10": _l("your head-count, and the ledger over all colleges"),
    "R11": _l("your head-count, and the ledger over all colleges"), "R13": _l("days and tasks of this form"), "R21": _l("this form, and your industry"),
    "R22": _l("your industry"), "R23": _l("this form"), "R24": _l("hazards and filings of this form"), "R25": _l("this form, and filings"),
    "R26": _l("hours and shifts of this form, and filings"), "R27a": _l("the three amounts of this form"), "R27b": _l("this form"), "R28": _l("this form, and its words"), "R30a": _l("your mentors, and what they are bound to"),
    "J04": _l("this form, and its words"), "J05": _l("this form, and the table of minimum wages"), "J06": _l("this form"),
    "R07": _l("this form, and each student's major"), "R17": _l("each student's year of enrolment"), "R18": _l("each student's date of birth"),
    "R19": _l("hazards of this form, and each student's date of birth"), "R20": _l("hazards of this form, and each student's sex"),
    "J01": _l("each applicant's date of birth"), "J02": _l("hazards of this form, and each applicant's date of birth"), "J03": _l("hazards of this form, and each applicant's sex"),
}  # fmt: skip
"""From which data each verdict is drawn."""
PAIRS: dict[str, Any] = {
    "named": _l("Students of other major categories are not proposed to you."),
    "any-major": _l("No major is named, so whether the work fits a major cannot be judged."),
    "each": _l("Checked for every student before anybody is proposed."),
    "no-day": _l("Without a first day it cannot be checked."),
    "minors": _l("The hazards ticked are closed to minors: they are not proposed to you."),
    "women": _l("The hazards ticked are closed to women by law: they are not proposed to you."),
    "none-banned": _l("Nothing that is ticked is on the list."),
    "no-hazards": _l("Say which hazards occur, or the level of labour."),
}
"""What a post itself says to a rule about each student."""

declare(
    {
        "position-expiring": (_l("Ends soon: %(title)s"), _l("The last day of %(title)s is %(day)s; after it the post is closed by itself, and open applications with it. Choose a later day if you still look for people.")),
        "position-expired": (_l("Closed by itself: %(title)s"), _l("The last day of %(title)s has passed, so it was closed. Places nobody took went back to your share. It can be opened again with a later day.")),
        "override-asked": (_l("%(who)s asks to pass the share of interns"), _l("%(who)s asks to take %(over)s more interns than the law's share for %(title)s. Please answer with a reason; the zone sees it.")),
        "override-granted": (_l("Let pass: %(title)s"), _l("A college let %(title)s pass the share of interns. You may publish it now.")),
        "override-refused": (_l("Not let pass: %(title)s"), _l("A college did not let %(title)s pass the share of interns. Its reason is on the page.")),
    }
)  # fmt: skip


press({"position-expiring", "override-asked", "override-granted", "override-refused"})  # a post waits for it
