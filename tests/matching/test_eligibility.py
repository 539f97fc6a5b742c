"""Every rule of law: a case that passes, one that fails, one where the data are missing; no rule without the three."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from consortium.matching import eligibility
from consortium.matching.eligibility import (
    AGREEMENT,
    BY_CODE,
    DEFAULT_THRESHOLDS,
    FAIL,
    FILING,
    OVERRIDABLE,
    PASS,
    RULES,
    UNTIL,
    WARN,
)
from consortium.matching.pipeline import match
from consortium.matching.problem import UNKNOWN
from tests.matching import games

MINOR = date(2009, 6, 1)
START = games.POST["start_on"]

# code → (passing, failing, unknown), each (student's facts, post's facts); a code of jobs is judged on a job
CASES: dict[str, tuple[tuple[dict[str, Any], dict[str, Any]], ...]] = {
    "C01": (({}, {}), ({"consents": False}, {}), ({"consents": None}, {})),
    "R04": (({}, {}), ({}, {"host_registered": False}), ({}, {"host_registered": None})),
    "R05": (({}, {}), ({}, {"host_verified": False}), ({}, {"host_verified": None})),
    "R07": (({}, {}), ({"major": "520201", "major_class": "5202", "major_category": "52"}, {}), ({"major": "", "major_class": "", "major_category": ""}, {})),
    "R10": (({}, {"places": 3, "firm_room": 3}), ({}, {"places": 4, "firm_room": 3}), ({}, {"firm_room": None})),
    "R11": (({}, {"places": 3, "family_room": 3}), ({}, {"places": 4, "family_room": 3}), ({}, {"family_room": None})),
    "R13": (({}, {}), ({}, {"end_on": date(2027, 10, 15)}), ({}, {"end_on": None})),
    "R17": (({"enrolled_on": date(2025, 9, 1)}, {}), ({"enrolled_on": date(2026, 9, 1)}, {}), ({"enrolled_on": None}, {})),
    "R18": (({"birth_on": date(2011, 3, 1)}, {}), ({"birth_on": date(2011, 3, 2)}, {}), ({"birth_on": None}, {})),
    "R19": (({"birth_on": MINOR}, {}), ({"birth_on": MINOR}, {"hazards": ["fast_line_or_forced_posture"]}), ({"birth_on": None}, {"hazards": ["dust"]})),
    "R20": (({"sex": "F"}, {"hazards": ["dust"]}), ({"sex": "F"}, {"hazards": ["mine"]}), ({"sex": ""}, {"hazards": ["mine"]})),
    "R21": (({}, {}), ({}, {"venue": "internet_cafe"}), ({}, {"venue": ""})),
    "R22": (({}, {}), ({}, {"host_type": "labour_dispatch"}), ({}, {"host_type": ""})),
    "R23": (({}, {"labour_level": 2}), ({}, {"labour_level": 3}), ({}, {"labour_level": None})),
    "R24": (({}, {"hazards": ["dust"]}), ({}, {"hazards": ["height"]}), ({}, {"hazards": [], "labour_level": None})),
    "R25": (({}, {}), ({}, {"rest_days": True}), ({}, {"rest_days": None})),
    "R26": (({}, {}), ({}, {"night": True}), ({}, {"hours_per_week": None})),
    "R27a": (({}, {"pay_fen": 320_000}), ({}, {"pay_fen": 299_999}), ({}, {"pay_fen": None})),
    "R27b": (({}, {}), ({}, {"pay_to_student": False}), ({}, {"pay_in_kind": None})),
    "R28": (({}, {}), ({}, {"fees": True}), ({}, {"fees": None})),
    "J01": (({"birth_on": date(2011, 3, 1)}, {}), ({"birth_on": date(2011, 3, 2)}, {}), ({"birth_on": None}, {})),
    "J02": (({"birth_on": MINOR}, {}), ({"birth_on": MINOR}, {"labour_level": 4}), ({"birth_on": None}, {"labour_level": 4})),
    "J03": (({"sex": "M"}, {"hazards": ["heavy_load"]}), ({"sex": "F"}, {"hazards": ["heavy_load"]}), ({"sex": ""}, {"hazards": ["heavy_load"]})),
    "J04": (({}, {}), ({}, {"fees": True}), ({}, {"fees": None})),
    "J05": (({}, {"pay_fen": 175_000}), ({}, {"pay_fen": 174_999}), ({}, {"pay_fen": None})),
    "J06": (
        ({}, {"contract_months": 36, "probation_months": 6}), ({}, {"contract_months": 35, "probation_months": 3}), ({}, {"contract_months": 24}),
    ),
    "R24f": (
        ({"college": "7"}, {"night": True, "filings": ["R26/C:4603/7+8"]}), ({"college": "9"}, {"night": True, "filings": ["R26/C:4603/7+8"]}),
        ({"major": ""}, {"majors": [], "night": True, "filings": ["R26/C:4603/"]}),
    ),
    "R30a": (({}, {"places": 3, "mentor_places": 3}), ({}, {"places": 4, "mentor_places": 3}), ({}, {"mentor_places": None})),
    "H02": (({}, {"level_least": "高职专科"}), ({"level": "中职"}, {"level_least": "高职专科"}), ({"level": ""}, {"level_least": "高职专科"})),
    "H03": (({}, {}), ({"major": "520201", "major_class": "5202", "major_category": "52"}, {}), ({"major": ""}, {})),
    "H04": (({}, {}), ({"wants_internship": False}, {}), ({"wants_internship": None}, {})),
    "H05": (({"available_from": START}, {}), ({"available_from": START + timedelta(1)}, {}), ({}, {})),
    "H06": (({}, {"night": True}), ({"shift_ok": False}, {"night": True}), ({"shift_ok": None}, {"night": True})),
}  # fmt: skip
CASES_OF_RECORDS = [rule.code for rule in RULES if rule.scope == AGREEMENT]
NEVER_IN_A_LIST = {"R01"}  # asked before the signature alone: see tests/house/test_law
NEVER_UNKNOWN = {"H01": "a certificate that nobody recorded is one that the student does not have"}


def verdict(code: str, of_student: dict[str, Any], of_post: dict[str, Any], **changed: float) -> eligibility.Verdict:
    rule = BY_CODE[code]
    make = games.post if "internship" in rule.kinds else games.job
    one = games.problem([games.student(**of_student)], [make(**of_post)])
    return next(v for v in eligibility.judge_pair(one, 0, 0, {**DEFAULT_THRESHOLDS, **changed}) if v.code == code)


def test_every_rule_has_its_three_cases() -> None:
    tested = set(CASES) | set(CASES_OF_RECORDS) | set(NEVER_UNKNOWN) | NEVER_IN_A_LIST
    assert tested == set(BY_CODE), "a rule without a passing, a failing and an unknown case"
    assert all(len(cases) == 3 for cases in CASES.values())
    assert len(BY_CODE) == len(RULES), "a code stands twice"


@pytest.mark.parametrize("code", CASES)
def test_a_rule_passes_fails_and_says_what_it_does_not_know(code: str) -> None:
    rule = BY_CODE[code]
    passing, failing, unknown = (verdict(code, *case) for case in CASES[code])
    assert (passing.state, passing.blocks) == (PASS, False)
    assert (failing.state, failing.blocks) == (FAIL, rule.effect != WARN)
    assert (unknown.state, unknown.blocks) == (UNKNOWN, rule.effect != WARN and rule.unknown_blocks)


@pytest.mark.parametrize("code", CASES)
def test_one_broken_rule_alone_closes_the_pair(code: str) -> None:
    rule, (of_student, of_post) = BY_CODE[code], CASES[code][1]
    make = games.post if "internship" in rule.kinds else games.job
    lawful = games.problem([games.student()], [make()])
    assert eligibility.lawful_pairs(lawful.students, lawful.positions).all()
    broken = games.problem([games.student(**of_student)], [make(**of_post)])
    assert eligibility.lawful_pairs(broken.students, broken.positions)[0, 0] == (rule.effect == WARN)


@pytest.mark.parametrize("code", CASES_OF_RECORDS)
def test_an_agreement_waits_for_its_records(code: str) -> None:
    rule = BY_CODE[code]
    make = games.post if "internship" in rule.kinds else games.job
    one = games.problem([games.student()], [make()])
    for place in rule.places:
        for state, blocks in ((PASS, False), (FAIL, True), (UNKNOWN, True)):
            found = {v.code: v for v in eligibility.judge_placement(one, {rule.record: state} if state != UNKNOWN else {}, place)}
            assert (found[code].state, found[code].blocks) == (state, blocks)


def test_each_test_reads_the_facts_that_its_rule_names_and_no_others() -> None:
    """What a page says a verdict rests on is what the test has looked at."""
    one = games.problem([games.student()], [games.post(places=3, mentor_places=3, filings=["R24", "R25w/C:4603", "R26"], rest_days=True, night=True, hazards=["height"])])
    for rule in RULES:
        if rule.scope == AGREEMENT:
            continue
        students, positions = _Noting(one.students), _Noting(one.positions)
        if rule.pair is not None:
            rule.pair(students, positions, DEFAULT_THRESHOLDS)  # type: ignore[arg-type]
        else:
            assert rule.post is not None
            rule.post(positions, DEFAULT_THRESHOLDS)  # type: ignore[arg-type]
        assert students.read | positions.read <= set(rule.facts) | {"kind"}, rule.code


class _Noting:
    """Columns that remember which of them were asked for."""

    def __init__(self, columns: Any) -> None:
        self._columns, self.read = columns, set[str]()

    @property
    def data(self) -> Any:
        noting = self

        class _Data(dict[str, Any]):
            def __getitem__(self, name: str) -> Any:
                noting.read.add(name)
                return noting._columns.data[name]

        return _Data()

    def __len__(self) -> int:
        return len(self._columns)

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self._columns, name)


def test_a_required_certificate_is_there_or_not() -> None:
    needed = {"certificates_must": ["electrician", "forklift"]}
    assert verdict("H01", {"certificates": ["forklift", "electrician"]}, needed).state == PASS
    missing = verdict("H01", {"certificates": ["electrician"]}, needed)
    assert (missing.state, missing.blocks) == (FAIL, True)


def test_rules_of_internships_do_not_bind_jobs_and_the_other_way_round() -> None:
    one = games.problem([games.student()], [games.job(fees=False, firm_room=0, overtime=True, pay_in_kind=True)])
    codes = {v.code for v in eligibility.judge_pair(one, 0, 0)}
    assert not {c for c in codes if c.startswith("R")}
    assert eligibility.lawful_pairs(one.students, one.positions).all()
    intern = games.problem([games.student()], [games.post()])
    assert not {v.code for v in eligibility.judge_pair(intern, 0, 0) if v.code.startswith("J")}


def test_every_rule_has_words_and_a_source() -> None:
    from consortium.reference import law

    words = law.rules()
    for rule in RULES:
        assert words[rule.code].words("zh"), rule.code
        assert words[rule.code].words("en"), rule.code
        if rule.is_law:
            assert words[rule.code].article, rule.code
            assert words[rule.code].verified in {"A", "B", "C"}, rule.code
            assert words[rule.code].facts, f"{rule.code}: nothing says what is looked at, and whose fact it is"
    assert set(words) == set(BY_CODE) | set(eligibility.BY_DESIGN)
    assert set(law.thresholds(date(2026, 11, 24))) == set(DEFAULT_THRESHOLDS)
    assert law.thresholds(date(2026, 11, 24)) == dict(DEFAULT_THRESHOLDS)


def test_the_hazard_lists_of_the_law_table_and_of_the_method_are_one() -> None:
    from consortium.reference import law

    for group, tags in (("minor", eligibility.MINORS_BANNED), ("women", eligibility.WOMEN_BANNED), ("unfiled", eligibility.HIGH_RISK)):
        assert {h.tag for h in law.hazards().values() if group in h.banned_for} == tags


def test_born_on_a_leap_day_comes_of_age_on_the_first_of_march() -> None:
    assert verdict("R18", {"birth_on": date(2008, 2, 29)}, {"start_on": date(2024, 2, 29)}).state == PASS
    assert verdict("R18", {"birth_on": date(2012, 2, 29)}, {"start_on": date(2028, 2, 28)}).state == FAIL
    born = {"birth_on": date(2008, 2, 29)}
    assert verdict("R19", born, {"hazards": ["dust"], "start_on": date(2026, 2, 28)}).state == FAIL
    assert verdict("R19", born, {"hazards": ["dust"], "start_on": date(2026, 3, 1)}).state == PASS
    assert eligibility.is_minor(date(2008, 2, 29), date(2026, 2, 28))
    assert not eligibility.is_minor(date(2008, 2, 29), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("enrolled", "start", "state"),
    [
        (date(2025, 9, 1), date(2026, 8, 31), FAIL),  # the last day of the first year
        (date(2025, 9, 1), date(2026, 9, 1), PASS),
        (date(2025, 8, 25), date(2025, 9, 1), FAIL),  # registered before September: still the first year
        (date(2025, 8, 25), date(2026, 3, 1), FAIL),
        (date(2025, 7, 15), date(2026, 9, 1), PASS),
        (date(2027, 9, 1), date(2027, 3, 1), FAIL),  # not yet a student
    ],
)
def test_first_years_wait_until_september(enrolled: date, start: date, state: int) -> None:
    assert verdict("R17", {"enrolled_on": enrolled}, {"start_on": start}).state == state


def test_the_first_college_year_of_a_three_plus_two_counts_as_a_first_year_unless_configured() -> None:
    pupil = {"enrolled_on": date(2023, 9, 1), "stage_from": date(2026, 9, 1)}
    assert verdict("R17", pupil, {}).state == FAIL
    assert verdict("R17", pupil, {}, stage_counts_as_first_year=0).state == PASS


def test_a_minor_is_judged_on_the_first_day_of_the_placement() -> None:
    line = {"hazards": ["fast_line_or_forced_posture"]}
    assert verdict("R19", {"birth_on": date(2009, 3, 1)}, line).state == PASS
    assert verdict("R19", {"birth_on": date(2009, 3, 2)}, line).state == FAIL


def test_a_schools_reason_holds_for_its_own_students_and_the_majors_it_names() -> None:
    other = {"major": "520201", "major_class": "5202", "major_category": "52"}
    for entry, college, blocks in (("R07//7", "7", False), ("R07//7", "8", True), ("R07/G:52/7", "7", False), ("R07/G:51/7", "7", True), ("R07//7", "", True)):
        assert verdict("R07", {**other, "college": college}, {"overrides": [entry]}).blocks == blocks, (entry, college)
    many = games.problem([games.student(f"s{c}", **other, college=c) for c in "789"], [games.post(overrides=["R07//7+9"])])
    assert eligibility.lawful_pairs(many.students, many.positions)[:, 0].tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"rest_days": False, "holidays": 4}, PASS),  # who works on no rest day works on no holiday
        ({"rest_days": True, "holidays": 0, "filings": ["R25w"]}, PASS),
        ({"rest_days": True, "holidays": 4, "filings": ["R25w"]}, UNKNOWN),
        ({"rest_days": True, "holidays": 4, "filings": ["R25w"], "pauses_holidays": False}, FAIL),
        ({"rest_days": True, "holidays": 4, "filings": ["R25w"], "pauses_holidays": True}, PASS),
        ({"rest_days": True, "holidays": 4, "filings": ["R25"], "pauses_holidays": False}, PASS),
        ({"rest_days": True, "holidays": None, "filings": ["R25w"]}, UNKNOWN),
        ({"rest_days": True, "holidays": 4, "pauses_holidays": True}, FAIL),
    ],
)
def test_a_schedule_over_a_statutory_holiday_needs_a_filing_or_a_declared_pause(facts: dict[str, Any], state: int) -> None:
    assert verdict("R25", {}, facts).state == state


def test_lists_of_hazards_may_be_told_with_the_thresholds() -> None:
    minor = {"birth_on": MINOR}
    assert verdict("R19", minor, {"hazards": ["noise"]}).state == PASS
    assert verdict("R19", minor, {"hazards": ["noise"]}, **{"minor:noise": 1.0}).state == FAIL
    assert verdict("R19", minor, {"hazards": ["dust"]}, **{"minor:noise": 1.0}).state == PASS


def test_from_the_signature_on_a_principle_waits_for_the_schools_reason() -> None:
    for overrides, blocks, overridden in (([], True, False), (["R27a"], False, True), (["R27a//7"], False, True), (["R27a//8"], True, False)):
        one = games.problem([games.student(college="7")], [games.post(pay_fen=200_000, overrides=overrides)])
        found = {v.code: v for v in eligibility.judge_placement(one, {}, eligibility.SIGNATURE)}["R27a"]
        assert (found.state, found.blocks, found.overridden) == (FAIL, blocks, overridden)


def test_another_category_is_not_proposed_unless_a_school_gave_its_reason() -> None:
    other = {"major": "520201", "major_class": "5202", "major_category": "52"}
    assert verdict("R07", other, {}).blocks
    reasoned = verdict("R07", other, {"overrides": ["R07"]})
    assert (reasoned.state, reasoned.blocks) == (FAIL, False)
    warned = verdict("R07", other, {}, other_category_blocks=0)
    assert (warned.state, warned.effect, warned.blocks) == (FAIL, WARN, False)
    near = {"major": "460201", "major_class": "4602", "major_category": "46"}
    assert verdict("R07", near, {}).state == PASS


@pytest.mark.parametrize("code", ["R10", "R11"])
def test_a_recorded_override_opens_a_share_that_is_exceeded_but_not_one_that_is_unknown(code: str) -> None:
    over, unknown = CASES[code][1][1], CASES[code][2][1]
    assert BY_CODE[code].effect == OVERRIDABLE
    assert verdict(code, {}, over).blocks
    assert not verdict(code, {}, {**over, "overrides": [code]}).blocks
    assert verdict(code, {}, {**unknown, "overrides": [code]}).blocks


@pytest.mark.parametrize("code", ["R24", "R25", "R26"])
def test_a_filing_opens_what_needs_filing_and_nothing_else(code: str) -> None:
    assert BY_CODE[code].effect == FILING
    facts = CASES[code][1][1]
    assert verdict(code, {}, facts).blocks
    assert verdict(code, {}, {**facts, "filings": [code]}).state == PASS
    other = next(c for c in ("R24", "R25", "R26") if c != code)
    assert verdict(code, {}, {**facts, "filings": [other]}).blocks


@pytest.mark.parametrize("code", ["R04", "R05"])
def test_a_host_waits_for_its_records(code: str) -> None:
    assert BY_CODE[code].effect == UNTIL


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"hours_per_day": 8.0, "hours_per_week": 44.0}, PASS),
        ({"hours_per_day": 8.5}, FAIL),
        ({"hours_per_week": 44.5}, FAIL),
        ({"overtime": True}, FAIL),
        ({"night": None, "overtime": True}, FAIL),  # what is known suffices
        ({"overtime": None}, UNKNOWN),
    ],
)
def test_hours_nights_and_overtime(facts: dict[str, Any], state: int) -> None:
    assert verdict("R26", {}, facts).state == state


@pytest.mark.parametrize(
    ("pay", "same_post", "lowest", "state"),
    [
        (320_000, 400_000, 330_000, PASS),  # 80 % of the same post, below the lowest grade
        (300_000, 400_000, 300_000, PASS),  # the lowest grade, below 80 %
        (299_999, 400_000, 300_000, FAIL),  # below both
        (299_999, 400_000, None, UNKNOWN),  # the other floor might be lower
        (320_000, None, None, UNKNOWN),
        (240_001, 300_001, 900_000, PASS),  # 80 % of 3,000.01 is 2,400.008
        (0, 400_000, 300_000, FAIL),
    ],
)
def test_pay_is_a_violation_only_below_both_floors(pay: int, same_post: int | None, lowest: int | None, state: int) -> None:
    facts = {"pay_fen": pay, "same_post_pay_fen": same_post, "lowest_grade_fen": lowest}
    assert verdict("R27a", {}, facts).state == state


@pytest.mark.parametrize(
    ("facts", "state"),
    [({"pay_period_days": 31}, PASS), ({"pay_period_days": 32}, FAIL), ({"pay_in_kind": True}, FAIL), ({"pay_period_days": None}, UNKNOWN)],
)
def test_pay_comes_in_money_to_the_student_at_least_monthly(facts: dict[str, Any], state: int) -> None:
    assert verdict("R27b", {}, facts).state == state


@pytest.mark.parametrize(
    ("end", "n_tasks", "state"), [(date(2027, 9, 1), 2, PASS), (date(2027, 9, 2), 2, FAIL), (date(2027, 8, 28), 1, FAIL), (date(2027, 8, 28), None, UNKNOWN)]
)
def test_six_months_and_two_tasks(end: date, n_tasks: int | None, state: int) -> None:
    assert verdict("R13", {}, {"end_on": end, "n_tasks": n_tasks}).state == state


@pytest.mark.parametrize(("contract", "probation", "state"), [(2, 0, PASS), (2, 1, FAIL), (3, 1, PASS), (11, 2, FAIL), (12, 2, PASS), (36, 7, FAIL)])
def test_probation_grows_with_the_contract(contract: int, probation: int, state: int) -> None:
    assert verdict("J06", {}, {"contract_months": contract, "probation_months": probation}).state == state


@pytest.mark.parametrize("venue", sorted(eligibility.ENTERTAINMENT))
def test_no_intern_enters_a_place_of_entertainment(venue: str) -> None:
    assert verdict("R21", {}, {"venue": venue}).blocks


def test_sex_changes_no_score_and_acts_in_two_rules_only() -> None:
    base = games.random_problem(30, 12, 5)
    rows = base.students
    swapped = replace(base, students=replace(rows, data={**rows.data, "sex": np.array([{"F": "M", "M": "F", "": "F"}[x] for x in rows.sex], dtype=object)}))
    assert match(base).digest == match(swapped).digest
    heavy = games.problem([games.student(sex="F")], [games.post(hazards=["heavy_load"])])
    stopped = {v.code for v in eligibility.judge_pair(heavy, 0, 0) if v.blocks}
    assert stopped == {"R20"}


def test_the_method_knows_no_column_of_ethnicity_birthplace_disability_photo_or_name() -> None:
    from consortium.matching.problem import STUDENT_COLUMNS

    assert not {"ethnicity", "birthplace", "disability", "photo", "name", "household", "family"} & set(STUDENT_COLUMNS)


def test_judging_one_pair_and_judging_all_agree() -> None:
    one = games.random_problem(12, 9, 3)
    mask = eligibility.lawful_pairs(one.students, one.positions)
    for i in range(12):
        for j in range(9):
            assert mask[i, j] == (not any(v.blocks for v in eligibility.judge_pair(one, i, j)))
