"""What is said of a match: each fact in one of three states with its source, rules in the law's words, and the parts of the score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from consortium.matching import whatif
from consortium.matching.calibration import Bands, Share
from consortium.matching.eligibility import FAIL, OWN_WISHES, PASS, Verdict
from consortium.matching.explanation import Explanation
from consortium.matching.margins import FIRM, KIND, POST
from consortium.matching.problem import NO, UNKNOWN, YES, Columns
from consortium.matching.vocabulary import WISHES, spoken
from consortium.reference import industries, law, majors, occupations, places
from consortium.shared import clock
from consortium.shared.i18n import day_words, joined, language
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l

MET, NOT_MET, NOT_KNOWN = "met", "not-met", "unknown"
MOST_REASONS = 3
FEW = 5
"""Fewer students than this are not told as a number outside their own college."""
UNCALIBRATED = Bands()
TEXTS = frozenset({"title", "wish", "text"})

FAMILY_WORDS: Mapping[str, Any] = {
    "title": _l("Wanted work and title"),
    "wish": _l("Wanted work and duties"),
    "text": _l("Courses, self-description and duties"),
    "occupation": _l("Wanted work and title: nearest occupations"),
    "wish_related": _l("Wanted work: related words"),
    "text_related": _l("Courses and self-description: related words"),
    "history": _l("Words of posts chosen before"),
    "skills": _l("Skills"),
    "certificates": _l("Certificates"),
    "major": _l("Major and occupation"),
    "place": _l("Place"),
}
UNFILLED: Mapping[str, Any] = {
    "no-lawful-student": _l("no student whom the rules allow"),
    "not-scorable": _l("the post asks for nothing, so nothing can be compared"),
    "nobody-listed": _l("the post is on no student's list"),
    "quota": _l("the cap of the kind of post or of the enterprise is reached"),
    "reserved": _l("kept for a joint class that has not taken them"),
    "students-elsewhere": _l("the students who fit preferred other posts"),
}
GROUPS: Mapping[str, Any] = {"major_category": _l("Major category"), "major_class": _l("Major class"), "level": _l("Level")}
REQUESTS: Mapping[str, Any] = {
    "fixed": _l("Placement to be kept"),
    "ranked": _l("Post in a student's own list"),
    "reserved": _l("Places for a joint class"),
}
BOUNDS: Mapping[str, Any] = {
    "post": _l("The places of the post are not enough."),
    "twice": _l("The student holds more than one placement."),
    "unknown-post": _l("The post is not part of this run."),
}
EXPOSURES: Mapping[str, Any] = {
    "posts_shown": _l("Posts that some student is shown"),
    "students_shown": _l("Students who are shown some post"),
    "gini": _l("Unevenness between posts, by their places (Gini)"),
    "mutual": _l("Candidates of a post who are shown the post too"),
    "both": _l("How well the pairs shown suit both"),
}
PHASES: Mapping[str, Any] = {
    "snapshot": _l("Reading students and posts"),
    "scoring": _l("Comparing"),
    "done": _l("Finished"),
}
VERDICTS: Mapping[str, Any] = {
    "": _l("Being learnt"),
    "better": _l("Better on held-out lists"),
    "not-better": _l("Not surely better on held-out lists"),
    "too-few": _l("Too few acts to learn from"),
    "overtaken": _l("Another version was put into service meanwhile"),
}
CHANGED: Mapping[str, Any] = {"weights": _l("Weights and bands"), "bands": _l("Bands only"), "": "–"}
BANDS: Mapping[str, Any] = {"high": _l("High match"), "middle": _l("Fair match"), "low": _l("Low match")}
HIDE_REASONS: Mapping[str, Any] = {
    "not-for-me": _l("Not the work I want"),
    "too-far": _l("Too far away"),
    "pay": _l("The pay is too low"),
    "wrong-fact": _l("A fact about me is wrong"),
    "other": _l("Another reason"),
}
REFUSAL_REASONS: Mapping[str, Any] = {
    "skills": _l("Skills asked for are not there yet"),
    "certificate": _l("A certificate is missing"),
    "dates": _l("Dates"),
    "places-taken": _l("All places are taken"),
    "post-changed": _l("The post has changed"),
    "other": _l("Another reason"),
}
"""Why a candidate does not suit; the later stage judges them by the same codes."""

REFUSED: Mapping[str, tuple[Any, Any]] = {
    POST: (_l("In the latest run this post was full with students who fit it better."), _l("In the latest run this post had no free place.")),
    KIND: (
        _l("In the latest run the share of interns in this kind of post was used up by students who fit better."),
        _l("In the latest run this kind of post could take no more interns."),
    ),
    FIRM: (
        _l("In the latest run the enterprise's share of interns was used up by students who fit better."),
        _l("In the latest run the enterprise could take no more interns."),
    ),
}
"""Why a post of a student's list was not proposed, by the level that was full: with somebody admitted there, and with nobody."""
LEVELS: Mapping[str, Any] = {POST: _l("Places of the post"), KIND: _l("Share of the kind of post"), FIRM: _l("Share of the enterprise")}
ADD_URLS: Mapping[str, str] = {
    whatif.CERTIFICATE: "/me#skills", whatif.SKILL: "/me#skills", whatif.ZONE: "/me#wants_zone", whatif.SHIFT: "/me#shift_ok", whatif.EARLIER: "/me#available_from",
}  # fmt: skip
"""Where a student fills in what would open posts."""


@dataclass(frozen=True, slots=True)
class Item:
    """One fact: its state, what is said, where it comes from, and what to do about it (a path and a word)."""

    state: str
    text: str
    source: str = ""
    url: str = ""
    act: str = ""
    weight: int = 0
    key: str = ""  # what it is about: skill:…, certificate:…, major, terms, shift, rule:R17 …; '' for what nobody can doubt
    blocks: bool = False  # it alone stops the pair


@dataclass(frozen=True, slots=True)
class PartRow:
    """What one family of evidence gave."""

    family: str
    terms: str
    points: int
    code: str = ""
    permille: int = 1000  # what it counts for this reader; the points are those that count


@dataclass(frozen=True, slots=True)
class View:
    """A pair as it is shown, the same truth to both sides; `share`: of answered offers in its band, those accepted; None: not calibrated."""

    points: int | None
    band: str
    lawful: bool
    items: tuple[Item, ...]
    parts: tuple[PartRow, ...]
    blocked_by: tuple[str, ...] = field(default=())
    wished: int = 0  # of the points: what the student wishes for; the rest is what the post asks for
    share: Share | None = None
    before: int | None = None  # the points before the student's own weights, where she has any

    @property
    def top(self) -> list[Item]:
        """At most three reasons for."""
        return sorted((i for i in self.items if i.state == MET), key=lambda i: -i.weight)[:MOST_REASONS]

    @property
    def against(self) -> Item | None:
        """The strongest one against: what stops the pair, else what is not met, else what is not known."""
        order = sorted((i for i in self.items if i.state != MET), key=lambda i: (not i.blocks, i.state != NOT_MET, -i.weight))
        return order[0] if order else None

    @property
    def short(self) -> list[Item]:
        """The three for and the one against; where the pair does not fit, what stops it comes first."""
        against = [self.against] if self.against is not None else []
        return [*against, *self.top] if not self.lawful else [*self.top, *against]

    @property
    def rest(self) -> list[Item]:
        """What the short form leaves out."""
        shown = {id(item) for item in (*self.top, self.against)}
        return [item for item in self.items if id(item) not in shown]

    @property
    def n_met(self) -> int:
        """Facts that fit."""
        return sum(item.state == MET for item in self.items)

    @property
    def n_not(self) -> int:
        """Facts that do not."""
        return sum(item.state == NOT_MET for item in self.items)

    @property
    def n_unknown(self) -> int:
        """Facts that are not filled in."""
        return sum(item.state == NOT_KNOWN for item in self.items)

    @property
    def may_apply(self) -> bool:
        """Only the student's own wishes, or the missing consent to matching, stand against it; the law does not."""
        return set(self.blocked_by) <= OWN_WISHES

    @staticmethod
    def without_consent() -> View:
        """Nothing is compared before the student agrees."""
        rule = law.rule("C01")
        lang = language()
        return View(None, "none", False, (Item(NOT_MET, rule.words(lang), "", "/me#matching", rule.way_out(lang), 100, "", True),), (), ("C01",))

    @staticmethod
    def before_first_run() -> View:
        """Nothing is known before the first run."""
        return View(None, "none", False, (Item(NOT_KNOWN, _("Matches are worked out when the zone starts the first run.")),), ())


def view_of(
    why: Explanation, student: Columns, position: Columns, names: Mapping[str, Any], sources: Mapping[str, str], bands: Bands = UNCALIBRATED,
    wished: Iterable[str] = (),
) -> View:
    """The explanation of one pair in words. `student`, `position`: one row each; `names`: skills by code; `sources` by code; `bands` of the run; `wished` industries."""
    verdicts = {v.code: v for v in why.verdicts}
    said = spoken(f"{position.title[0]}\n{position.text[0]}")
    items = [
        *_requirements(student, position, names, sources, verdicts),
        *_major(student, position, verdicts),
        *_terms(why, said),
        *_conditions(student, position, verdicts),
        *_wishes(student, position, verdicts),
        *_industry(position.sector[0], list(wished)),
        *_law(verdicts),
    ]
    blocked = tuple(v.code for v in why.verdicts if v.blocks)
    band = bands.of(why.points)
    share = bands.shares.get(band) if bands.shares else None
    by_wish = sum(points for family, points in why.by_family.items() if family in WISHES)
    return View(why.points, band, not blocked, tuple(items), _parts(why, names, said), blocked, by_wish, share)


def skill_sources(held: Iterable[Any]) -> dict[str, str]:
    """Who says that a student has a skill, and since when: code → words."""
    found = {}
    for one in held:
        day = clock.local(one.created_at).date() if one.since_on is None else one.since_on
        who = _("college") if one.source == "college" else _("student")
        paper = one.evidence
        if paper is not None and paper.state == "verified" and paper.decided_at is not None:
            who, day = _("certificate seen by the college"), clock.local(paper.decided_at).date()
        found[one.skill.code] = f"{who} {day_words(day)}"
    return found


def stage_of(kinds: set[str]) -> str:
    """How far a candidate has come for this post, from what was noted; '' for nothing yet."""
    return next((kind for kind in ("accepted", "withdrawn", "declined", "offered", "invited", "applied", "unsuitable") if kind in kinds), "")


def bound_said(code: str) -> str:
    """What binds a request that could not be met: a rule in its words, or the quota."""
    return str(BOUNDS[code]) if code in BOUNDS else rule_said(code)[0]


def group_said(name: str, code: str) -> str:
    """What a group of students in a report is called."""
    lang = language()
    if not code:
        return _("not filled in")
    if name == "level":
        return majors.LEVELS_EN.get(code, code) if lang == "en" else code
    return majors.class_name(code, lang) if name == "major_class" else majors.category_name(code, lang)


def rule_said(code: str) -> tuple[str, str]:
    """Words with citation, and the way out."""
    lang = language()
    rule = law.rule(code)
    cited = rule.citation(lang)
    words = rule.words(lang) + (f"（{cited}）" if cited and lang == "zh" else f" ({cited})" if cited else "")
    return words, rule.way_out(lang)


def few(n: int) -> str:
    """A count of students as it may be told outside their own college."""
    return f"<{FEW}" if 0 < n < FEW else f"{n:,}"


def wider(change: whatif.Change, names: Mapping[str, Any]) -> str:
    """What a student could add or allow, as a name."""
    if change.what in (whatif.CERTIFICATE, whatif.SKILL):
        return item_words(change.what, change.which, names)
    return {
        whatif.ZONE: _("Being ready to work in the High-tech Zone"),
        whatif.SHIFT: _("Being ready for shifts and rest days"),
        whatif.EARLIER: _("Beginning %(days)d days earlier", days=whatif.EARLIER_DAYS),
    }[change.what]


def item_words(what: str, code: str, names: Mapping[str, Any]) -> str:
    """A certificate or skill with its kind."""
    name = names[code].to(language()) if code in names else code
    return _("Certificate \"%(name)s\"", name=name) if what == whatif.CERTIFICATE else _("Skill \"%(name)s\"", name=name)


def looser(change: whatif.Change, names: Mapping[str, Any]) -> str:
    """A requirement of a post that is dropped."""
    lang = language()
    if change.what in (whatif.CERTIFICATE, whatif.HAZARD):
        tags = law.hazards()
        known = names[change.which].to(lang) if change.which in names else tags[change.which].name(lang) if change.which in tags else change.which
        return _("Without \"%(name)s\"", name=known)
    return {
        whatif.LEVEL: _("Open to every level"),
        whatif.MAJORS: _("Open to every major"),
        whatif.LATER: _("Beginning %(days)d days later", days=whatif.LATER_DAYS),
        whatif.SHIFT: _("Without shifts and rest days"),
        whatif.LABOUR: _("With labour of level Ⅲ at most"),
    }[change.what]


def stand_lines(stand: Any, names: Mapping[str, Any], listed: bool) -> list[str]:
    """Why not, in sentences: the rank and the end of the list, what would lift it, and what was full. `listed`: the post is among the student's matches."""
    found: list[str] = []
    where = stand.standing
    if where is not None:
        count = {"rank": f"{where.rank:,}", "of": f"{where.of:,}"}
        found.append(
            _("For this post you are number %(rank)s of the %(of)s students whom the rules, and what is asked of major, level and certificates, allow.", **count)
            if where.of >= FEW
            else _("For this post you are number %(rank)s of the few students whom the rules, and what is asked of major, level and certificates, allow.", **count)
        )
        outside = stand.least is not None and where.rank > stand.n_shown
        if outside:
            said = {"n": f"{stand.n_shown:,}", "points": f"{stand.least:,}", "own": f"{where.points:,}"}
            found.append(_("The enterprise's list ends at number %(n)s with %(points)s points; you have %(own)s.", **said))
        if not listed:
            found.append(_("Among all posts it is number %(n)s for you.", n=f"{where.own_rank:,}"))
        best = [(change, rank) for change, rank in where.lifts if not outside or rank <= stand.n_shown][:MOST_REASONS] or list(where.lifts[:1])
        found += [_("%(what)s would make you number %(rank)s.", what=wider(change, names), rank=f"{rank:,}") for change, rank in best]
    elif not stand.lawful:
        found += [_("%(what)s alone would open this post to you.", what=wider(change, names)) for change in stand.opens[:MOST_REASONS]]
        if not found:
            found.append(_("No single certificate, skill or wish would open this post to you."))
    if stand.refusal is not None:
        full, none = REFUSED[stand.refusal.level]
        found.append(str(none if stand.last_points is None else full))
        if stand.last_points is not None:
            said = {"points": f"{stand.last_points:,}", "own": f"{stand.own_points:,}"}
            found.append(_("The last one admitted had %(points)s points, you have %(own)s; wishes do not count here.", **said))
            if stand.last_points == stand.own_points:
                found.append(_("Between equals the lottery of the run decided."))
    return found


def _requirements(
    student: Columns, position: Columns, names: Mapping[str, Any], sources: Mapping[str, str], verdicts: Mapping[str, Verdict]
) -> list[Item]:
    lang = language()
    stopped = "H01" in verdicts and verdicts["H01"].blocks
    own = {*student.skills[0], *student.certificates[0]}
    none_told = not student.skills[0]
    found = []
    for codes, kind, word, heavy in (
        (position.certificates_must[0], _("Certificate"), _("needed"), 90),
        (position.skills_must[0], _("Skill"), _("needed"), 70),
        (position.skills_nice[0], _("Skill"), _("welcome"), 40),
    ):
        for code in codes:
            key = f"{'certificate' if heavy == 90 else 'skill'}:{code}"
            name = names[code].to(lang) if code in names else code
            text = _("%(kind)s: %(name)s (%(need)s)", kind=kind, name=name, need=word)
            if code in own:
                found.append(Item(MET, text, sources.get(code, ""), weight=heavy + 5, key=key))
            elif none_told and heavy < 90:
                found.append(Item(NOT_KNOWN, text, "", "/me#skills", _("Fill in now"), heavy, key))
            else:
                found.append(Item(NOT_MET, text, "", "/me#skills", _("I have it: add it"), heavy, key, heavy == 90 and stopped))
    return found


def _major(student: Columns, position: Columns, verdicts: Mapping[str, Verdict]) -> list[Item]:
    if not position.majors[0]:
        return []
    lang = language()
    stops = any(code in verdicts and verdicts[code].blocks for code in ("H03", "R07"))
    accepted = joined(majors.accepted_label(code, lang) for code in position.majors[0])
    if not student.major[0]:
        return [Item(NOT_KNOWN, _("Accepted majors: %(majors)s", majors=accepted), weight=80, key="major", blocks=stops)]
    major = majors.find(student.major[0])
    name = major.name if major else student.major[0]
    own = {f"M:{student.major[0]}", f"C:{student.major_class[0]}", f"G:{student.major_category[0]}"}
    if own & set(position.majors[0]):
        return [Item(MET, _("Major: %(major)s is among %(majors)s", major=name, majors=accepted), weight=60, key="major")]
    if student.major_category[0] in position.major_categories[0]:
        return [Item(MET, _("Major: %(major)s is close to %(majors)s", major=name, majors=accepted), weight=30, key="major")]
    return [Item(NOT_MET, _("Major: %(major)s is not among %(majors)s", major=name, majors=accepted), weight=85, key="major", blocks=stops)]


def _terms(why: Explanation, said: frozenset[str]) -> list[Item]:
    """The words that both sides use, longest first where they give alike."""
    given: dict[str, int] = {}
    for part in why.parts:
        if part.family in TEXTS and part.points > 0 and part.term in said:
            given[part.term] = given.get(part.term, 0) + part.points
    best: list[str] = []
    for term in sorted(given, key=lambda t: (-given[t], t)):
        if not any(term in other or other in term for other in best):
            best.append(term)
    if not best:
        return []
    total = sum(given.values())
    return [Item(MET, _("Both speak of: %(words)s", words=joined(best[:5])), weight=min(20 + total // 8000, 75), key="terms")]


def _conditions(student: Columns, position: Columns, verdicts: Mapping[str, Verdict]) -> list[Item]:
    found = []
    if position.level_least[0] and "H02" in verdicts:
        level = majors.LEVELS_EN.get(position.level_least[0], position.level_least[0]) if language() == "en" else position.level_least[0]
        found.append(_by_state(verdicts["H02"], _("Level: %(level)s or above", level=level), "", 50, "level"))
    asks_shift = YES in (position.night[0], position.rest_days[0])
    if asks_shift and "H06" in verdicts:
        found.append(_by_state(verdicts["H06"], _("Shifts or rest days are part of the post"), "/me#shift_ok", 55, "shift"))
    if not np.isnat(position.start_on[0]) and "H05" in verdicts:
        text = _("Begins on %(day)s", day=day_words(position.start_on[0].item()))
        found.append(_by_state(verdicts["H05"], text, "/me#available_from", 25, "begin"))
    return found


def _wishes(student: Columns, position: Columns, verdicts: Mapping[str, Verdict]) -> list[Item]:
    found = []
    if "H04" in verdicts and verdicts["H04"].state != PASS:
        word = _("Jobs are wanted") if position.kind[0] == "job" else _("Internships are wanted")
        found.append(_by_state(verdicts["H04"], word, "/me#wants_job" if position.kind[0] == "job" else "/me#wants_internship", 45, "kind"))
    place = position.place[0]
    wanted = student.places[0]
    if position.in_zone[0] == YES:
        state = {YES: MET, NO: NOT_MET, UNKNOWN: NOT_KNOWN}[int(student.wants_zone[0])]
        found.append(_fillable(state, _("In the High-tech Zone"), "/me#wants_zone", 35, "zone"))
    elif place and wanted:
        near = any(place.startswith(code[:6]) or code.startswith(place) for code in wanted)
        found.append(Item(MET if near else NOT_MET, _("Place: %(place)s", place=places.name(place)), weight=30, key="place"))
    pay, least = int(position.pay_fen[0]), int(student.least_pay_fen[0])
    if pay >= 0 and least >= 0:
        found.append(Item(MET if pay >= least else NOT_MET, _("Pay: %(pay)s yuan a month", pay=f"{pay // 100:,}"), weight=28, key="pay"))
    elif pay >= 0:
        found.append(_fillable(NOT_KNOWN, _("Pay: %(pay)s yuan a month; the least you would accept is not filled in", pay=f"{pay // 100:,}"), "/me#least_pay_fen", 5, "pay"))
    occupation = position.occupation[0]
    if occupation and occupation in student.occupations[0]:
        found.append(Item(MET, _("Occupation of this major: %(name)s", name=occupations.group_name(occupation)), weight=33, key="occupation"))
    return found


def _industry(sector: str, wished: list[str]) -> list[Item]:
    """Only said where the student named industries; it moves no score."""
    if not wished:
        return []
    text = _("Industry: %(name)s", name=industries.leading_name(sector, language()))
    return [Item(MET if sector in wished else NOT_MET, text, weight=22, key="industry")]


def _law(verdicts: Mapping[str, Verdict]) -> list[Item]:
    """Rules of law: those met in one line, each other one in its own words."""
    found, met = [], 0
    for code, verdict in verdicts.items():
        if code.startswith("H"):
            if code == "H03" and verdict.state == FAIL:
                continue  # said by the major's own line
            continue
        if verdict.state == PASS or (code == "R07" and verdict.state == FAIL and not verdict.blocks):
            met += verdict.state == PASS
            continue
        if verdict.effect == "warn" and not verdict.blocks:
            continue  # told to the enterprise and the zone, with its recorded reason
        words, way = rule_said(code)
        if verdict.state == FAIL:
            found.append(Item(NOT_MET, f"{words} {way}".strip(), weight=100 if verdict.blocks else 20, key=f"rule:{code}", blocks=verdict.blocks))
        elif verdict.blocks:
            found.append(Item(NOT_KNOWN, f"{words} {way}".strip(), weight=95, key=f"rule:{code}", blocks=True))
    if met:
        found.append(Item(MET, _("%(n)d rules of law are met", n=met), weight=10))
    return found


def _by_state(verdict: Verdict, text: str, url: str, weight: int, key: str) -> Item:
    state = MET if verdict.state == PASS else NOT_MET if verdict.state == FAIL else NOT_KNOWN
    return _fillable(state, text, url, weight, key, verdict.blocks)


def _fillable(state: str, text: str, url: str, weight: int, key: str, blocks: bool = False) -> Item:
    if state == NOT_KNOWN and url:
        return Item(state, text, "", url, _("Fill in now"), weight, key, blocks)
    return Item(state, text, weight=weight, key=key, blocks=blocks)


def _parts(why: Explanation, names: Mapping[str, Any], said: frozenset[str]) -> tuple[PartRow, ...]:
    rows = []
    for family, points in why.by_family.items():
        mine = [part for part in why.parts if part.family == family and part.points > 0]
        if points or mine:
            shown = [word for part in mine if (word := term_words(family, part.term, names, said))][:6]
            rows.append(PartRow(str(FAMILY_WORDS[family]), joined(dict.fromkeys(shown)), points, family))
    return tuple(rows)


def term_words(family: str, term: str, names: Mapping[str, Any], said: frozenset[str]) -> str:
    """A term as people read it."""
    lang = language()
    if family in TEXTS:
        return term if term in said else ""
    if family == "occupation":
        return occupations.name(term) if term.count("-") > 2 else occupations.group_name(term)
    if family in ("skills", "certificates"):
        return names[term].to(lang) if term in names else term
    if family == "major":
        return occupations.group_name(term[2:]) if term.startswith("O:") else majors.accepted_label(term, lang)
    if family == "place":
        return _("the zone") if term == "zone" else places.name(term[2:])
    return term
