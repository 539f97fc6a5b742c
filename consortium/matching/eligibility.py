"""The law, once: each rule is a code, a citation, an effect and a test over arrays.

A run asks with whole arrays, a posting form with one row, an agreement with its records. Words stand in `reference.law`.
Sources and the marks A, B, C (how the wording was verified): 《职业学校学生实习管理规定》 教职成〔2021〕4号.

What concerns a post, a pair or an agreement is a row of RULES, with the places at which it is asked and who may override it; what no row
can be asked, because the product is built so, stands in BY_DESIGN. Words and citations stand in `reference.law` by the same codes, so that
page, matcher and agreement read one table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from consortium.matching.groups import distinct_rows, groups
from consortium.matching.problem import NO, UNKNOWN, YES, Columns, Problem

PASS, FAIL = YES, NO
BLOCK, OVERRIDABLE, UNTIL, FILING, WARN = "block", "overridable", "until", "filing", "warn"
PAIR, POST, AGREEMENT = "pair", "post", "agreement"
POSTING, MATCHING, OFFER, SIGNATURE, FIRST_DAY, EVERY_DAY = "posting", "matching", "offer", "signature", "first-day", "every-day"
PLACES = (POSTING, MATCHING, OFFER, SIGNATURE, FIRST_DAY, EVERY_DAY)
"""Where a rule is asked: a post is published or changed, a run and every list of candidates, a step between student and post, before anybody
signs, before the first day, and on every day of work."""
SCHOOL = "school"
"""Who may override a rule that gives way at all: the school alone, with a recorded reason."""

Thresholds = Mapping[str, float]
DEFAULT_THRESHOLDS: Thresholds = {
    "firm_share": 0.10,  # R10
    "family_share": 0.20,  # R11
    "most_months": 6,  # R13
    "least_tasks": 2,  # R13
    "least_age": 16,  # R18
    "adult_age": 18,
    "least_grade": 2,  # R17
    "most_labour_level": 2,  # R23
    "hours_per_day": 8,  # R26
    "hours_per_week": 44,  # R26, Labour Law art. 36
    "pay_share": 0.80,  # R27
    "pay_period_days": 31,  # R27
    "other_category_blocks": 1,  # R07: another 大类 is not proposed by itself; 0: proposed with a warning
    "stage_counts_as_first_year": 1,  # R17: the first year of the college stage of 3+2 and five-year programmes
    "mentor_load": 5,  # R30a: interns at a time, where a mentor has declared no other number
    "minimum_wage_fen": 175_000,  # J05: Guangdong, class 4, a month (recalled, to be checked)
}

# 《未成年工特殊保护规定》 art. 3, read in three copies
MINORS_BANNED = frozenset(
    "dust toxic height cold_water heat low_temp heavy_labour mine forestry radiation explosive_burn geology_field "
    "diving_plateau heavy_load vibrating_tool fast_line_or_forced_posture boiler".split()
)
# 《女职工劳动保护特别规定》, annex: list not read in full; mines, labour of level IV, heavy loads
WOMEN_BANNED = frozenset({"mine", "heavy_labour", "heavy_load"})
# R24: allowed only when filed with the authority
HIGH_RISK = frozenset({"height", "mine", "radiation", "toxic", "explosive_burn"})
ENTERTAINMENT = frozenset({"bar", "night_club", "ktv", "bath_centre", "game_room", "internet_cafe", "entertainment"})
AGENTS = frozenset({"labour_dispatch", "intermediary"})
VOCATIONAL = frozenset({"中职", "技工", "高职专科", "高职本科"})
LEVELS = {"中职": 1, "技工": 1, "高职专科": 2, "高职本科": 3, "本科": 3}

OWN_WISHES = frozenset({"C01", "H04", "H05", "H06"})
"""Consent to matching and the student's own wishes: who applies of her own will may overrule them; the law she may not."""

PairTest = Callable[[Columns, Columns, Thresholds], np.ndarray]
PostTest = Callable[[Columns, Thresholds], np.ndarray]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `test` gives int8 verdicts: (n_students, n_positions) broadcastable for a pair, (n_positions,) for a post.

    `places`: where it is asked. `unknown_blocks`: missing data stops the step; otherwise it is shown as *not filled* and the step goes on.
    `override`: who may let a failed case pass, with a recorded reason. `record`: for rules of agreements, the name of the record that must exist.
    """

    code: str
    scope: str
    effect: str
    kinds: frozenset[str]
    places: tuple[str, ...]
    unknown_blocks: bool = True
    override: str = ""
    pair: PairTest | None = None
    post: PostTest | None = None
    reads: tuple[str, ...] = ()  # columns of the post; those of a pair stand in READS
    record: str = ""

    @property
    def is_law(self) -> bool:
        """A rule of law, not a wish of the post (H…)."""
        return not self.code.startswith("H")

    @property
    def facts(self) -> tuple[str, ...]:
        """What is looked at: columns of the student, columns of the post, or the record."""
        if self.pair is not None:
            of_students, of_positions = READS[self.pair]
            return (*of_students, *of_positions)
        return self.reads or (self.record,)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one case."""

    code: str
    effect: str
    state: int  # 1 met, 0 not met, -1 not known
    blocks: bool
    overridden: bool = False  # not met, and a school's recorded reason lets it pass


def _tri(good: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Verdicts from *is it good* where it is *known*."""
    return np.where(known, np.where(good, PASS, FAIL), UNKNOWN).astype(np.int8)


def birthday(birth_on: np.ndarray, years: int) -> np.ndarray:
    """The day of the `years`-th birthday, (n,) datetime64[D]; born on 29 February: 1 March in common years."""
    month = birth_on.astype("datetime64[M]")
    day = (birth_on - month.astype("datetime64[D]")).astype("timedelta64[D]")
    return (month + np.timedelta64(12 * years, "M")).astype("datetime64[D]") + day


def grade_on(enrolled_on: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Academic year (1, 2, …) on a day; years begin in September. Shapes broadcast; NaT gives -1.

    Who is enrolled in July or August belongs to the year that begins in September, not to the one that ends.
    """
    began = enrolled_on.astype("datetime64[M]").astype("int64") + 6  # July becomes month 0 of the next calendar year
    now = day.astype("datetime64[M]").astype("int64") + 4  # September does
    grade = now // 12 - began // 12 + 1
    return np.where(np.isnat(enrolled_on) | np.isnat(day), -1, np.maximum(grade, 0))


def _has(column: np.ndarray, wanted: frozenset[str]) -> np.ndarray:
    return np.array([bool(wanted.intersection(codes)) for codes in column], dtype=bool)


def _contains(column: np.ndarray, code: str) -> np.ndarray:
    """Whether an entry of this code is there, whatever its scope: `R26`, or `R26/C:4603+G:46/12` for some majors and colleges only."""
    return np.array([any(entry.partition("/")[0] == code for entry in entries) for entries in column], dtype=bool)


def covered(s: Columns, column: np.ndarray, code: str) -> np.ndarray:
    """(n_students, n_positions) int8: whether an entry of this code holds for each student: yes, no, or not known without her major or college."""
    found = np.zeros((len(s), len(column)), dtype=np.int8)
    for j, entries in enumerate(column):
        for entry in entries:
            name, majors, colleges = [*entry.split("/"), "", ""][:3]
            if name == code:
                told = _in_scope(s, frozenset(majors.split("+")) - {""}, frozenset(colleges.split("+")) - {""})
                found[:, j] = np.where((found[:, j] == YES) | (told == YES), YES, np.minimum(found[:, j], told))
    return found


def _in_scope(s: Columns, majors: frozenset[str], colleges: frozenset[str]) -> np.ndarray:
    of_major, of_college = np.ones(len(s), dtype=np.int8), np.ones(len(s), dtype=np.int8)
    if majors:
        triples = zip(s.major, s.major_class, s.major_category, strict=True)
        of_major[:] = [UNKNOWN if not m else bool(majors.intersection((f"M:{m}", f"C:{c}", f"G:{g}"))) for m, c, g in triples]
    if colleges:
        of_college[:] = [UNKNOWN if not one else one in colleges for one in s.college]
    return np.where((of_major == NO) | (of_college == NO), NO, np.minimum(of_major, of_college)).astype(np.int8)


def listed(t: Thresholds, group: str) -> frozenset[str]:
    """Hazard tags of a list (minor, women, unfiled) as the law's table has it on the day, or as it is printed above."""
    told = frozenset(key.partition(":")[2] for key in t if key.startswith(f"{group}:"))
    return told or {"minor": MINORS_BANNED, "women": WOMEN_BANNED, "unfiled": HIGH_RISK}[group]


def _consent(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    return s.consents[:, None]


def _start(p: Columns) -> np.ndarray:
    return np.asarray(p.start_on[None, :])


def _grade(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    """Where a 3+2 or five-year programme has a college stage, its first year counts as a first year unless configured otherwise."""
    began = s.enrolled_on
    if t.get("stage_counts_as_first_year", 1):
        began = np.where(np.isnat(s.stage_from), began, s.stage_from)
    grade = grade_on(began[:, None], _start(p))
    return np.where(grade == -1, UNKNOWN, np.where(grade >= t["least_grade"], PASS, FAIL)).astype(np.int8)


def _age(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    old_enough = birthday(s.birth_on, int(t["least_age"]))[:, None]
    return _tri(old_enough <= _start(p), ~np.isnat(old_enough) & ~np.isnat(_start(p)))


def _minor_list(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    """A minor on any day of the placement is a minor on its first."""
    banned = _has(p.hazards, listed(t, "minor"))[None, :] | (p.labour_level >= 4)[None, :]
    grown = birthday(s.birth_on, int(t["adult_age"]))[:, None]
    known = ~np.isnat(grown) & ~np.isnat(_start(p))
    return np.where(~banned, PASS, _tri(grown <= _start(p), known)).astype(np.int8)


def _women_list(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    banned = _has(p.hazards, listed(t, "women"))[None, :] | (p.labour_level >= 4)[None, :]
    sex = s.sex[:, None]
    return np.where(~banned, PASS, _tri(sex != "F", sex != "")).astype(np.int8)


def relation(s: Columns, p: Columns) -> np.ndarray:
    """2 the same class or as accepted (对口), 1 the same category (相近), 0 another, -1 unknown; (n_students, n_positions)."""
    majors, classes, categories = s.major, s.major_class, s.major_category
    kinds: dict[tuple[str, str, str], int] = {}
    which = np.empty(len(s), dtype=np.int64)
    for i, signature in enumerate(zip(majors, classes, categories, strict=True)):
        which[i] = kinds.setdefault(signature, len(kinds))
    table = np.empty((len(kinds), len(p)), dtype=np.int8)
    for (major, of_class, category), row in kinds.items():
        own = {f"M:{major}", f"C:{of_class}", f"G:{category}"}
        for j, (accepted, near) in enumerate(zip(p.majors, p.major_categories, strict=True)):
            if not accepted:
                table[row, j] = 2
            elif not major:
                table[row, j] = UNKNOWN
            elif own.intersection(accepted):
                table[row, j] = 2
            else:
                table[row, j] = 1 if category in near else 0
    return table[which]


def _major(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    found = relation(s, p)
    return _tri(found >= 1, found >= 0)


def _accepted(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    return _major(s, p, t)


def _certificates(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    wanted = sorted({code for codes in p.certificates_must for code in codes})
    if not wanted:
        return np.full((1, len(p)), PASS, dtype=np.int8)
    place = {code: i for i, code in enumerate(wanted)}
    asks, has = np.zeros((len(p), len(wanted)), bool), np.zeros((len(s), len(wanted)), bool)
    for side, column in ((asks, p.certificates_must), (has, s.certificates)):
        for row, codes in enumerate(column):
            for code in codes:
                if code in place:
                    side[row, place[code]] = True
    missing = (~has).astype(np.int32) @ asks.T.astype(np.int32)
    return np.where(missing == 0, PASS, FAIL).astype(np.int8)


def _level(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    own = np.array([LEVELS.get(v, 0) for v in s.level])[:, None]
    least = np.array([LEVELS.get(v, 0) for v in p.level_least])[None, :]
    return np.where(least == 0, PASS, _tri(own >= least, own > 0)).astype(np.int8)


def _wanted(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    return np.where((p.kind == "job")[None, :], s.wants_job[:, None], s.wants_internship[:, None]).astype(np.int8)


def _dates(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    first, last, start = s.available_from[:, None], s.available_until[:, None], _start(p)
    late = ~np.isnat(first) & (start < first)
    gone = ~np.isnat(last) & (start > last)
    known = ~(np.isnat(first) & np.isnat(last)) & ~np.isnat(start)
    return _tri(~late & ~gone, known)


def _shift(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    asks = ((p.night == YES) | (p.rest_days == YES))[None, :]
    return np.where(asks, s.shift_ok[:, None], PASS).astype(np.int8)


def _is_yes(name: str) -> PostTest:
    return lambda p, t: p.data[name]


def _is_no(name: str) -> PostTest:
    return lambda p, t: _tri(p.data[name] == NO, p.data[name] != UNKNOWN)


def _room(name: str) -> PostTest:
    return lambda p, t: _tri(p.data[name] >= p.places, p.data[name] >= 0)


def _length(p: Columns, t: Thresholds) -> np.ndarray:
    months = t["most_months"]
    limit = (p.start_on.astype("datetime64[M]") + np.timedelta64(int(months), "M")).astype("datetime64[D]") + (
        p.start_on - p.start_on.astype("datetime64[M]").astype("datetime64[D]")
    )
    known = ~np.isnat(p.start_on) & ~np.isnat(p.end_on) & (p.n_tasks >= 0)
    return _tri((p.end_on <= limit) & (p.n_tasks >= t["least_tasks"]), known)


def _venue(p: Columns, t: Thresholds) -> np.ndarray:
    return _tri(~np.isin(p.venue.astype(str), list(ENTERTAINMENT)), p.venue != "")


def _host(p: Columns, t: Thresholds) -> np.ndarray:
    return _tri(~np.isin(p.host_type.astype(str), list(AGENTS)), p.host_type != "")


def _labour(p: Columns, t: Thresholds) -> np.ndarray:
    return _tri(p.labour_level <= t["most_labour_level"], p.labour_level > 0)


def _risk_bare(p: Columns, t: Thresholds) -> np.ndarray:
    """No hazard ticked is a statement once the level of labour, asked beside it, is declared."""
    known = (p.labour_level > 0) | np.array([bool(tags) for tags in p.hazards], dtype=bool)
    return _tri(~_has(p.hazards, listed(t, "unfiled")), known)


def _rest_bare(p: Columns, t: Thresholds) -> np.ndarray:
    return _tri(p.rest_days == NO, p.rest_days != UNKNOWN)


def _hours_bare(p: Columns, t: Thresholds) -> np.ndarray:
    bad = (p.night == YES) | (p.overtime == YES)
    with np.errstate(invalid="ignore"):
        bad = bad | (p.hours_per_day > t["hours_per_day"]) | (p.hours_per_week > t["hours_per_week"])
    known = (p.night != UNKNOWN) & (p.overtime != UNKNOWN) & ~np.isnan(p.hours_per_day) & ~np.isnan(p.hours_per_week)
    return np.where(bad, FAIL, np.where(known, PASS, UNKNOWN)).astype(np.int8)


def _risk(p: Columns, t: Thresholds) -> np.ndarray:
    return np.where(_contains(p.filings, "R24"), PASS, _risk_bare(p, t)).astype(np.int8)


def _rest(p: Columns, t: Thresholds) -> np.ndarray:
    """Who works on no rest day works on no holiday; a filing of rest days alone (R25w) needs a declared pause on every statutory holiday."""
    paused = np.where(p.holidays == 0, PASS, np.where(p.holidays < 0, UNKNOWN, p.pauses_holidays))
    weekly = _contains(p.filings, "R25w") & (p.rest_days == YES)
    return np.where(_contains(p.filings, "R25"), PASS, np.where(weekly, paused, _rest_bare(p, t))).astype(np.int8)


def _hours(p: Columns, t: Thresholds) -> np.ndarray:
    return np.where(_contains(p.filings, "R26"), PASS, _hours_bare(p, t)).astype(np.int8)


def _filed_for(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    """A filing that opens a post holds for the majors and colleges it names only."""
    state = np.full((len(s), len(p)), PASS, dtype=np.int8)
    for codes, bare in ((("R24",), _risk_bare), (("R25", "R25w"), _rest_bare), (("R26",), _hours_bare)):
        here = np.logical_or.reduce([_contains(p.filings, code) for code in codes]) & (bare(p, t) != PASS)
        if here.any():
            told = [covered(s, p.filings, code) for code in codes]
            best = np.where(np.logical_or.reduce([one == YES for one in told]), YES, np.minimum.reduce(told))
            state = np.where(here[None, :] & (best != YES), np.where(state == NO, NO, best), state)
    return state.astype(np.int8)


def _scope(s: Columns, p: Columns, t: Thresholds) -> np.ndarray:
    return _tri(np.isin(s.level.astype(str), list(VOCATIONAL)), s.level != "")[:, None]


def _pay(p: Columns, t: Thresholds) -> np.ndarray:
    """Only below both floors is a violation: 80 % of the same post, and the lowest grade."""
    floor_known = (p.same_post_pay_fen >= 0, p.lowest_grade_fen >= 0)
    over_share = floor_known[0] & (p.pay_fen + 1e-6 >= t["pay_share"] * p.same_post_pay_fen)
    over_grade = floor_known[1] & (p.pay_fen >= p.lowest_grade_fen)
    good = over_share | over_grade
    known = (p.pay_fen >= 0) & (good | (floor_known[0] & floor_known[1]))
    return _tri(good, known)


def _payment(p: Columns, t: Thresholds) -> np.ndarray:
    bad = (p.pay_to_student == NO) | (p.pay_in_kind == YES) | (p.pay_period_days > t["pay_period_days"])
    known = (p.pay_to_student != UNKNOWN) & (p.pay_in_kind != UNKNOWN) & (p.pay_period_days > 0)
    return np.where(bad, FAIL, np.where(known, PASS, UNKNOWN)).astype(np.int8)


def _minimum_wage(p: Columns, t: Thresholds) -> np.ndarray:
    return _tri(p.pay_fen >= t.get("minimum_wage_fen", 0), p.pay_fen >= 0)


def _probation(p: Columns, t: Thresholds) -> np.ndarray:
    """Months of probation at most: none below 3 months of contract, 1 below a year, 2 below three years, else 6."""
    months = p.contract_months
    most = np.select([months < 3, months < 12, months < 36], [0, 1, 2], 6)
    return _tri(p.probation_months <= most, (months >= 0) & (p.probation_months >= 0))


_I, _J, _BOTH = frozenset({"internship"}), frozenset({"job"}), frozenset({"internship", "job"})
_TO_FIRST_DAY = (POSTING, MATCHING, OFFER, SIGNATURE, FIRST_DAY)
_TO_SIGNATURE = (POSTING, MATCHING, OFFER, SIGNATURE)
_PAIR, _LISTS = (MATCHING, OFFER, SIGNATURE, FIRST_DAY), (MATCHING, OFFER)
_RISK, _REST = ("hazards", "labour_level", "filings"), ("rest_days", "holidays", "pauses_holidays", "filings")
_HOURS = ("night", "overtime", "hours_per_day", "hours_per_week", "filings")

RULES: tuple[Rule, ...] = (
    Rule("C01", PAIR, BLOCK, _BOTH, _LISTS, pair=_consent),
    Rule("R01", PAIR, WARN, _I, (SIGNATURE,), unknown_blocks=False, pair=_scope),
    Rule("R04", POST, UNTIL, _I, _TO_FIRST_DAY, post=_is_yes("host_registered"), reads=("host_registered",)),
    Rule("R05", POST, UNTIL, _I, PLACES, post=_is_yes("host_verified"), reads=("host_verified",)),
    Rule("R07", PAIR, OVERRIDABLE, _I, _PAIR, override=SCHOOL, pair=_major),  # a school's reason opens it; see `effect_of`
    Rule("R10", POST, OVERRIDABLE, _I, PLACES, override=SCHOOL, post=_room("firm_room"), reads=("firm_room", "places")),
    Rule("R11", POST, OVERRIDABLE, _I, PLACES, override=SCHOOL, post=_room("family_room"), reads=("family_room", "places")),
    Rule("R13", POST, WARN, _I, _TO_SIGNATURE, unknown_blocks=False, override=SCHOOL, post=_length, reads=("start_on", "end_on", "n_tasks")),
    Rule("R17", PAIR, BLOCK, _I, _PAIR, pair=_grade),
    Rule("R18", PAIR, BLOCK, _I, _PAIR, pair=_age),
    Rule("R19", PAIR, BLOCK, _I, (*_PAIR, EVERY_DAY), pair=_minor_list),
    Rule("R20", PAIR, BLOCK, _I, (*_PAIR, EVERY_DAY), pair=_women_list),
    Rule("R21", POST, BLOCK, _I, PLACES, post=_venue, reads=("venue",)),
    Rule("R22", POST, BLOCK, _I, _TO_FIRST_DAY, post=_host, reads=("host_type",)),
    Rule("R23", POST, BLOCK, _I, PLACES, post=_labour, reads=("labour_level",)),
    Rule("R24", POST, FILING, _I, PLACES, post=_risk, reads=_RISK),
    Rule("R25", POST, FILING, _I, PLACES, post=_rest, reads=_REST),
    Rule("R26", POST, FILING, _I, PLACES, post=_hours, reads=_HOURS),
    Rule("R24f", PAIR, FILING, _I, (*_PAIR, EVERY_DAY), pair=_filed_for),
    Rule("R27a", POST, WARN, _I, _TO_SIGNATURE, unknown_blocks=False, override=SCHOOL, post=_pay, reads=("pay_fen", "same_post_pay_fen", "lowest_grade_fen")),
    Rule("R27b", POST, BLOCK, _I, PLACES, post=_payment, reads=("pay_to_student", "pay_in_kind", "pay_period_days")),
    Rule("R28", POST, BLOCK, _I, PLACES, post=_is_no("fees"), reads=("fees",)),
    Rule("R30a", POST, UNTIL, _I, PLACES, unknown_blocks=False, post=_room("mentor_places"), reads=("mentor_places", "places")),
    Rule("J01", PAIR, BLOCK, _J, _PAIR, pair=_age),
    Rule("J02", PAIR, BLOCK, _J, (*_PAIR, EVERY_DAY), pair=_minor_list),
    Rule("J03", PAIR, BLOCK, _J, (*_PAIR, EVERY_DAY), pair=_women_list),
    Rule("J04", POST, BLOCK, _J, _TO_FIRST_DAY, post=_is_no("fees"), reads=("fees",)),
    Rule("J05", POST, BLOCK, _J, _TO_FIRST_DAY, unknown_blocks=False, post=_minimum_wage, reads=("pay_fen",)),
    Rule("J06", POST, BLOCK, _J, _TO_FIRST_DAY, unknown_blocks=False, post=_probation, reads=("contract_months", "probation_months")),
    Rule("H01", PAIR, BLOCK, _BOTH, _LISTS, pair=_certificates),
    Rule("H02", PAIR, BLOCK, _BOTH, _LISTS, unknown_blocks=False, pair=_level),
    Rule("H03", PAIR, BLOCK, _J, _LISTS, pair=_accepted),
    Rule("H04", PAIR, BLOCK, _BOTH, _LISTS, unknown_blocks=False, pair=_wanted),
    Rule("H05", PAIR, BLOCK, _BOTH, _LISTS, unknown_blocks=False, pair=_dates),
    Rule("H06", PAIR, BLOCK, _BOTH, _LISTS, unknown_blocks=False, pair=_shift),
    Rule("R06", AGREEMENT, UNTIL, _I, (SIGNATURE, FIRST_DAY), record="site_visit"),
    Rule("R08", AGREEMENT, UNTIL, _I, (SIGNATURE, FIRST_DAY), record="informed_consents"),
    Rule("R15", AGREEMENT, UNTIL, _I, (FIRST_DAY,), record="signatures"),
    Rule("R16", AGREEMENT, UNTIL, _I, (SIGNATURE,), record="terms"),
    Rule("R29", AGREEMENT, UNTIL, _I, (FIRST_DAY, EVERY_DAY), record="insurance"),
    Rule("R30", AGREEMENT, UNTIL, _I, (FIRST_DAY, EVERY_DAY), record="supervisors"),
    Rule("J07", AGREEMENT, UNTIL, _J, (EVERY_DAY,), record="contract"),
)
BY_DESIGN: Mapping[str, str] = {
    "R02": "test_a_post_is_an_internship_or_a_job_and_nothing_else",
    "R03": "test_no_one_can_post_or_apply_for_a_visit",
    "R09": "test_a_student_may_refuse_and_no_agreement_is_drafted_without_her",
    "R12": "test_a_student_may_decline_whatever_is_proposed",
    "R14": "test_whatever_a_post_calls_itself_the_rules_of_internships_apply",
    "R31": "test_no_figure_of_staff_is_kept_of_a_student",
    "R32": "test_a_case_under_sixteen_is_refused_and_never_drafted",
}
"""Rules that no row is asked about, for the product is built so; each with the test that shows it."""
BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}
READS: Mapping[PairTest, tuple[tuple[str, ...], tuple[str, ...]]] = {
    _consent: (("consents",), ()),
    _grade: (("enrolled_on", "stage_from"), ("start_on",)),
    _age: (("birth_on",), ("start_on",)),
    _minor_list: (("birth_on",), ("start_on", "hazards", "labour_level")),
    _women_list: (("sex",), ("hazards", "labour_level")),
    _major: (("major", "major_class", "major_category", "college"), ("majors", "major_categories")),
    _accepted: (("major", "major_class", "major_category"), ("majors", "major_categories")),
    _filed_for: (("major", "major_class", "major_category", "college"), tuple(dict.fromkeys((*_RISK, *_REST[:1], *_HOURS)))),
    _scope: (("level",), ()),
    _certificates: (("certificates",), ("certificates_must",)),
    _level: (("level",), ("level_least",)),
    _wanted: (("wants_internship", "wants_job"), ()),
    _dates: (("available_from", "available_until"), ("start_on",)),
    _shift: (("shift_ok",), ("night", "rest_days")),
}
"""The columns each test reads of students and of positions (`kind` and `overrides` besides): rows alike in them get one verdict."""
_POST = tuple(rule for rule in RULES if rule.scope == POST)
PAIR_RULES = tuple(rule for rule in RULES if rule.scope == PAIR and MATCHING in rule.places)


def effect_of(rule: Rule, thresholds: Thresholds) -> str:
    """The rule's effect as configured: R07 ("in principle not") may be set to warn only."""
    return WARN if rule.code == "R07" and not thresholds.get("other_category_blocks", 1) else rule.effect


def stops(rule: Rule, state: np.ndarray, overridden: np.ndarray, effect: str = "") -> np.ndarray:
    """Whether verdicts stop the step: never a warning; a failed or (as the rule says) unknown case of all others.

    A recorded override opens what *failed*; what is not known must be filled in first.
    """
    effect = effect or rule.effect
    if effect == WARN:
        return np.zeros(state.shape, dtype=bool)
    failed = (state == FAIL) & ~overridden if effect == OVERRIDABLE else state == FAIL
    return np.asarray(failed | ((state == UNKNOWN) & rule.unknown_blocks))


def _applies(rule: Rule, p: Columns) -> np.ndarray:
    return np.array([kind in rule.kinds for kind in p.kind], dtype=bool)


def judge_posts(positions: Columns, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> list[list[Verdict]]:
    """What every rule about a post says of every post; one row serves the posting form."""
    found: list[list[Verdict]] = [[] for _ in range(len(positions))]
    for rule in _POST:
        assert rule.post is not None
        state, effect = rule.post(positions, thresholds), effect_of(rule, thresholds)
        blocks = stops(rule, state, _contains(positions.overrides, rule.code), effect)
        for j in np.flatnonzero(_applies(rule, positions)):
            found[j].append(Verdict(rule.code, effect, int(state[j]), bool(blocks[j])))
    return found


def lawful_posts(positions: Columns, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> np.ndarray:
    """(n_positions,) bool: no rule about the post stops it."""
    lawful = np.ones(len(positions), dtype=bool)
    for rule in _POST:
        assert rule.post is not None
        overridden = _contains(positions.overrides, rule.code)
        lawful &= ~(stops(rule, rule.post(positions, thresholds), overridden, effect_of(rule, thresholds)) & _applies(rule, positions))
    return lawful


@dataclass(frozen=True, slots=True)
class Table:
    """One rule about pairs, asked once of every two kinds of rows, not of every two rows.

    student : (n_students,) int64, position : (n_positions,) int64, the kind of every row; open : (n_kinds, n_kinds) bool, all of
    whose rows differ and all of whose columns differ.
    """

    code: str
    student: np.ndarray
    position: np.ndarray
    open: np.ndarray


def tables(students: Columns, positions: Columns, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> list[Table]:
    """A table of every rule about pairs that stops any of these; together they say which pairs are open."""
    found = []
    for rule in PAIR_RULES:
        assert rule.pair is not None
        of_students, of_positions = READS[rule.pair]
        student, one_student = groups(students, of_students)
        position, one_position = groups(positions, (*of_positions, "kind", "overrides"))
        left = left_open(rule, students.take(one_student, of_students), positions.take(one_position, (*of_positions, "kind", "overrides")), thresholds)
        if not left.all():
            kinds, row = distinct_rows(left)
            kinds, column = distinct_rows(kinds.T)
            found.append(Table(rule.code, row[student], column[position], kinds.T))
    return found


def left_open(rule: Rule, students: Columns, positions: Columns, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> np.ndarray:
    """(n_students, n_positions) bool: the pairs that this one rule about pairs does not stop."""
    assert rule.pair is not None
    overridden = _overridden(rule, students, positions)
    stopped = stops(rule, rule.pair(students, positions, thresholds), overridden, effect_of(rule, thresholds))
    return np.broadcast_to(~(stopped & _applies(rule, positions)[None, :]), (len(students), len(positions)))


def open_pairs(students: Columns, positions: Columns, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> np.ndarray:
    """(n_students, n_positions) bool: no rule about the pair stops it, whatever the post's own rules say."""
    mask = np.ones((len(students), len(positions)), dtype=bool)
    for table in tables(students, positions, thresholds):
        mask &= table.open[table.student][:, table.position]
    return mask


def lawful_pairs(students: Columns, positions: Columns, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> np.ndarray:
    """(n_students, n_positions) bool: post lawful and no rule about the pair stops it."""
    return open_pairs(students, positions, thresholds) & lawful_posts(positions, thresholds)[None, :]


def judge_pair(problem: Problem, i: int, j: int, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> list[Verdict]:
    """Every rule's verdict on student row `i` and position row `j`."""
    s, p = problem.students.take(np.array([i])), problem.positions.take(np.array([j]))
    found = judge_posts(p, thresholds)[0]
    for rule in PAIR_RULES:
        if str(p.kind[0]) not in rule.kinds:
            continue
        assert rule.pair is not None
        state, effect = np.broadcast_to(rule.pair(s, p, thresholds), (1, 1)), effect_of(rule, thresholds)
        blocks = stops(rule, state, _overridden(rule, s, p), effect)
        found.append(Verdict(rule.code, effect, int(state[0, 0]), bool(blocks[0, 0])))
    return found


def judge_placement(problem: Problem, records: Mapping[str, int], place: str, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> list[Verdict]:
    """Every rule asked at a place of an agreement, on the one student and post of `problem` and the records; a missing record is unknown."""
    return judge_placements(problem.students, problem.positions, [records], place, thresholds)[0]


def judge_placements(
    s: Columns, p: Columns, records: Sequence[Mapping[str, int]], place: str = "", thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> list[list[Verdict]]:
    """The same of many cases, row i of both sides and of the records being one; no place: every rule once that any place of an agreement asks.

    From the signature on a principle that is not kept (WARN) waits for the school's recorded reason, where the school may give one.
    """
    found: list[list[Verdict]] = [[] for _ in range(len(s))]
    asked = {place} if place else {SIGNATURE, FIRST_DAY, EVERY_DAY}
    for rule in RULES:
        rows = np.flatnonzero(_applies(rule, p)) if asked.intersection(rule.places) else ()
        effect = effect_of(rule, thresholds)
        of_posts = rule.post(p, thresholds) if rule.post is not None and len(rows) else None
        for i in map(int, rows):
            one, post = s.take(np.array([i])), p.take(np.array([i]))
            if rule.pair is not None:
                state = int(np.broadcast_to(rule.pair(one, post, thresholds), (1, 1))[0, 0])
            else:
                state = int(of_posts[i]) if of_posts is not None else records[i].get(rule.record, UNKNOWN)
            overridden = bool(_overridden(rule, one, post)[0, 0])
            blocks = bool(stops(rule, np.array([state], dtype=np.int8), np.array([overridden]), effect)[0])
            if effect == WARN:
                blocks = rule.override == SCHOOL and state == FAIL and not overridden
            found[i].append(Verdict(rule.code, effect, state, blocks, state == FAIL and overridden))
    return found


def _overridden(rule: Rule, s: Columns, p: Columns) -> np.ndarray:
    """(n_students, n_positions) bool: a school has let this pass for this student at this post."""
    if not rule.override:
        return np.zeros((1, len(p)), dtype=bool)
    return covered(s, p.overrides, rule.code) == YES


def is_minor(birth_on: date, day: date, adult_age: int = 18) -> bool:
    """Whether somebody is under age on a day."""
    grown = birthday(np.array([birth_on], dtype="datetime64[D]"), adult_age)[0]
    return bool(np.datetime64(day) < grown)
