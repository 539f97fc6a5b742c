"""What is said of rules at a posting: the rule's words, the numbers, the way out."""

from __future__ import annotations

from typing import Any

from consortium.reference import law
from consortium.shared import clock
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language


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


def wording_fault(word: str, why: str) -> str:
    """Why a word may not stand there."""
    if why == "fees":
        return _("\"%(word)s\": no fee of any name may be asked of students or applicants.", word=word)
    return _("\"%(word)s\": a posting may not choose by sex, marriage, looks, origin and the like. Describe the work instead.", word=word)
