"""What is said of rules at a posting: the rule's words, the numbers, the way out."""

from __future__ import annotations

from typing import Any

from consortium.reference import law
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


def wording_fault(word: str, why: str) -> str:
    """Why a word may not stand there."""
    if why == "fees":
        return _("\"%(word)s\": no fee of any name may be asked of students or applicants.", word=word)
    return _("\"%(word)s\": a posting may not choose by sex, marriage, looks, origin and the like. Describe the work instead.", word=word)
