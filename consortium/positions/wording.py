"""What is said of rules at a posting: the rule's words, the numbers, the way out."""

from __future__ import annotations

from typing import Any

from consortium.reference import law
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language


def rule_words(code: str) -> str:
    """Words, citation and way out of a rule, in the reader's language."""
    lang = language()
    rule = law.rule(code)
    citation = rule.citation(lang)
    return f"{rule.words(lang)}{f'（{citation}）' if citation and lang == 'zh' else f' ({citation})' if citation else ''} {rule.way_out(lang)}"


def over_cap(rule: str, facts: dict[str, Any]) -> str:
    """The sentence with all its numbers."""
    if facts.get("cap") is None:
        return _("The head-count that the share is counted from is not entered. Enter it under \"Our enterprise\".")
    share = "10%" if rule == "R10" else "20%"
    return _(
        "%(over)s too many. The share of %(share)s allows %(cap)s interns at a time, %(used)s are in use, this post asks for %(asked)s. %(way)s",
        over=facts["over"], share=share, cap=facts["cap"], used=facts["used"], asked=facts["asked"], way=law.rule(rule).way_out(language()),
    )  # fmt: skip


def wording_fault(word: str, why: str) -> str:
    """Why a word may not stand there."""
    if why == "fees":
        return _("\"%(word)s\": no fee of any name may be asked of students or applicants.", word=word)
    return _("\"%(word)s\": a posting may not choose by sex, marriage, looks, origin and the like. Describe the work instead.", word=word)
