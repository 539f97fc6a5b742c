"""What is said of rounds: phases, reasons, scenarios, messages, and why a result is as it is, in sentences that are true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consortium.matching.reasons import BY_LOTTERY, BY_ORDER, BY_PRIORITY, BY_QUOTA, BY_RESERVED, HELD, NOT_NEEDED, Step
from consortium.messages.wording import declare, press
from consortium.reference import law, majors
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import joined, language, ngettext
from consortium.shared.i18n import lazy_gettext as _l

PHASES: dict[str, Any] = {
    "draft": _l("Draft: only the zone sees it"),
    "before-lists": _l("Announced; lists are not open yet"),
    "lists": _l("Lists are open"),
    "orders": _l("Lists are closed; enterprises still put candidates in order"),
    "freezing": _l("Lists and orders are closed"),
    "frozen": _l("Frozen; dry runs are being compared"),
    "approved": _l("Settled; results appear at the set instant"),
    "answers": _l("Results are out; offers wait for answers"),
    "answered": _l("The time to answer has ended"),
    "ended": _l("Closed"),
    "cancelled": _l("Cancelled"),
}
SCENARIOS: dict[str, tuple[Any, Any]] = {
    "declared": (_l("As declared"), _l("Declared priorities and reserved seats count as announced.")),
    "no-priorities": (_l("Without priorities"), _l("Declared priorities do not count; reserved seats do.")),
    "no-reserved": (_l("Without reserved seats"), _l("Seats of joint classes are open to everybody; priorities count.")),
    "plain": (_l("Without either"), _l("Neither priorities nor reserved seats count.")),
    "skills": (_l("Skills count double"), _l("Where an enterprise gave no order, skills and certificates weigh twice.")),
    "major": (_l("Major counts double"), _l("Where an enterprise gave no order, the major weighs twice.")),
}
LEAVE_REASONS: dict[str, Any] = {
    "order-lost": _l("There is no longer work for it"),
    "capacity": _l("No mentor or workplace is free"),
    "safety": _l("Safety at the workplace"),
    "post-changed": _l("The post has changed"),
    "other": _l("Another reason"),
    "post-closed": _l("The post was closed"),
}
REFUSE_REASONS: dict[str, Any] = {
    "skills": _l("A skill that the work needs is missing"),
    "certificate": _l("A certificate that the work needs is missing"),
    "dates": _l("Not free on the days of the post"),
    "safety": _l("A safety rule of the workplace stands against it"),
}
LEFT_OUT: dict[str, Any] = {
    "accepted-elsewhere": _l("You accepted an offer elsewhere, so your list was taken out of the round."),
    "no-consent": _l("Your consent to matching was no longer in force, so your list was taken out of the round."),
    "consent-withdrawn": _l("You withdrew your consent to matching, so your list was taken out of the round."),
    "student-left": _l("You are on leave or have left the college, so your list was taken out of the round."),
}
TROUBLES: dict[str, Any] = {
    "placed": _l("You had accepted another offer before this one could go out."),
    "post-closed": _l("The enterprise closed the post after the run, so no offer could go out. A second round offers what is open."),
    "declined": _l("One side had already declined this post, so no offer could go out."),
    "unlawful": _l("A rule stopped the offer on the day it was to go out."),
    "no-consent": _l("Your consent to matching was no longer in force when results came out, so no offer was sent."),
}
FIGURES: dict[str, Any] = {
    "placed": _l("Students matched"),
    "first_share": _l("First choice, of those matched by their own list"),
    "firms_full_share": _l("Enterprises with all places filled"),
    "filled_share": _l("Places filled"),
    "gap": _l("Largest gap between major classes"),
    "blocking_pairs": _l("Blocking pairs"),
    "price": _l("What stability costs, of the greatest total score"),
    "unmet": _l("Requests that cannot be met"),
}
SHARES = frozenset({"first_share", "firms_full_share", "filled_share", "gap", "price"})
ANSWERS: dict[str, Any] = {
    "offered": _l("waiting for an answer"), "accepted": _l("accepted"), "declined": _l("declined"), "withdrawn": _l("given back for another offer"),
    "expired": _l("not answered in time"), "closed": _l("closed with the post"), "trouble": _l("no offer could go out"), "sending": _l("going out now"),
    "": _l("no offer"),
}  # fmt: skip
TRUTH = _l("Put the posts in the order you truly want them: no other order can bring you an offer that you like better.")

declare(
    {
        "round-announced": (_l("Voluntary round: %(name)s"), _l("The round %(name)s is announced. Enterprises may put posts into it; students hand in lists if they wish.")),
        "round-cancelled": (_l("Round cancelled: %(name)s"), _l("The round %(name)s will not take place. Nothing follows from the lists that were handed in.")),
        "round-dropped": (_l("Your list was taken out: %(name)s"), _l("Your list in the round %(name)s was taken out. The reason stands on its page.")),
        "round-post-left": (_l("A post left the round: %(title)s"), _l("%(title)s left the round %(name)s. It was on your list; look whether you want another in its place.")),
        "round-frozen": (_l("Lists are frozen: %(name)s"), _l("The lists of %(name)s are frozen and a dry run has started. Compare the scenarios, and choose what is published.")),
        "round-result": (_l("Results are out: %(name)s"), _l("The results of %(name)s are out. The page says why yours is as it is. You may decline without any penalty.")),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One post of a list and what became of it."""

    place: int
    title: str
    state: str  # held, refused, not-needed, passed-over
    text: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What sentences call things: posts by key, declared codes, and the lottery number of a student's row."""

    posts: Mapping[str, str]
    codes: Mapping[str, str]
    number: Any


def score(points: int) -> str:
    """Points as people read them: of a hundred, one decimal."""
    return f"{points / 10_000:.1f}"


def step_said(step: Step, place: int, title: str, names: Names, own: str, lacking: Sequence[tuple[str, int]] = ()) -> Line:
    """Why a post of the list is held, was refused, or was not needed."""
    if step.state == HELD:
        text = _("Choice %(n)d, %(post)s: offered to you.", n=place, post=title)
        if step.own.code:
            text += " " + _("What was declared for you counted: %(code)s.", code=names.codes.get(step.own.code, step.own.code))
        return Line(place, title, "held", text)
    if step.state == NOT_NEEDED:
        return Line(place, title, "not-needed", _("Choice %(n)d, %(post)s: not asked, as you have an offer that you like better.", n=place, post=title))
    return Line(place, title, "refused", _refusal(step, place, title, names, own), _more(step, lacking))


def _refusal(step: Step, place: int, title: str, names: Names, own: str) -> str:
    takes = ngettext("Choice %(place)d, %(post)s, took %(num)s student", "Choice %(place)d, %(post)s, took %(num)s students", step.admitted, place=place, post=title)
    where = _("of this post") if step.bound == "post" else _("that the enterprise's cap (%(rule)s) left", rule=step.bound)
    if step.decided == BY_QUOTA or step.last is None:
        if step.bound == "post":
            return _("%(takes)s: it had no free place.", takes=takes)
        return _("%(takes)s: the cap of %(rule)s left no place to compete for.", takes=takes, rule=rule_title(step.bound))
    if step.decided == BY_RESERVED:
        told = _("the last place %(where)s was reserved for %(code)s", where=where, code=names.codes.get(step.last.code, step.last.code))
    elif step.decided == BY_PRIORITY:
        told = _("the last place %(where)s went to a student with the declared priority %(code)s", where=where, code=names.codes.get(step.last.code, step.last.code))
    elif step.decided == BY_ORDER:
        told = _("the last place %(where)s went to a student whom the enterprise put before you, knowing no names", where=where)
    elif step.decided == BY_LOTTERY:
        told = _(
            "the last one admitted for a place %(where)s had the same score, %(score)s; the lottery decided: your number %(own)s, theirs %(last)s, and the smaller comes first",
            where=where, score=score(step.own.points), own=own, last=names.number(step.last.turn),
        )  # fmt: skip
    else:
        told = _("the last one admitted for a place %(where)s has a score of %(last)s, you have %(own)s", where=where, last=score(step.last.points), own=score(step.own.points))
    return f"{takes}{'；' if language() == 'zh' else '; '}{told}{'。' if language() == 'zh' else '.'}"


def _more(step: Step, lacking: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    said = []
    if lacking:
        told = joined((_("%(what)s +%(points)s", what=name, points=score(points)) for name, points in lacking), "; ")
        said.append(_("What the post asks for and your profile did not show: %(what)s.", what=told))
    if step.rank > 1:
        said.append(_("Had you put it first, you would not have got it either."))
    return tuple(said)


def passed_over(place: int, title: str, why: str, detail: str = "") -> Line:
    """A post of the list that never took part in the comparison."""
    words = {
        "left": _("the post had left the round."),
        "declined": _("one side had declined it before."),
        "refused": _("the enterprise, knowing no names, could not accept you for the work: %(why)s.", why=REFUSE_REASONS.get(detail, detail)),
        "unlawful": _("a rule stops it: %(rule)s", rule=rule_said(detail) if detail else ""),
    }
    told = _("Choice %(n)d, %(post)s: not compared; %(why)s", n=place, post=title, why=words[why])
    return Line(place, title, "passed-over", told)


def rule_said(code: str) -> str:
    """A rule in its words, with citation and way out."""
    if code not in law.rules():
        return code
    lang, rule = language(), law.rule(code)
    citation = rule.citation(lang)
    cited = (f"（{citation}）" if lang == "zh" else f" ({citation})") if citation else ""
    return f"{rule.words(lang)}{cited} {rule.way_out(lang)}".strip()


def rule_title(code: str) -> str:
    """A rule's short name with its code."""
    return f"{law.rule(code).title(language())} ({code})" if code in law.rules() else code


def bound_said(code: str) -> str:
    """What binds a request that could not be met."""
    own = {"post": _("The places of the post are not enough."), "unknown-post": _("The post is not part of this run."), "twice": _("The student holds more than one placement.")}
    return str(own[code]) if code in own else rule_said(code)


def group_said(name: str, code: str) -> str:
    """What a group of students in a report is called."""
    lang = language()
    if not code:
        return _("not filled in")
    if name == "level":
        return majors.LEVELS_EN.get(code, code) if lang == "en" else code
    return majors.class_name(code, lang) if name == "major_class" else majors.category_name(code, lang)


def cohort_said(kinds: Sequence[str]) -> list[str]:
    """Majors, classes and categories that a round names."""
    found = []
    for entry in kinds:
        kind, _sign, number = entry.partition(":")
        major = majors.find(number) if kind == "M" else None
        found.append(str(major.name) if major else group_said("major_class" if kind == "C" else "major_category", number))
    return found


press({"round-frozen", "round-result", "round-cancelled"})  # days run
