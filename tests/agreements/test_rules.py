"""Parties, contents, records: decisions on values alone."""

from datetime import date

import pytest

from consortium.agreements import rules, wording
from consortium.matching import eligibility

START = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("kind", "birth_on", "parties"),
    [
        ("internship", date(2005, 1, 1), ("student", "enterprise", "college")),
        ("internship", date(2009, 3, 1), ("student", "enterprise", "college")),
        ("internship", date(2009, 3, 2), ("student", "guardian", "enterprise", "college")),
        ("internship", None, ("student", "guardian", "enterprise", "college")),
        ("job", date(2009, 3, 2), ("student", "enterprise")),
    ],
)
def test_the_guardian_is_a_party_where_the_student_is_under_age_on_the_first_day(kind, birth_on, parties):
    assert rules.parties(kind, birth_on, START) == parties


def complete(kind="internship"):
    return {name: "x" for names in rules.sections(kind).values() for name in names}


def test_complete_terms_lack_nothing():
    assert rules.missing("internship", complete()) == {}
    assert rules.missing("job", complete("job")) == {}


@pytest.mark.parametrize("section", rules.SECTIONS)
def test_every_content_that_the_rule_names_is_missed_when_absent(section):
    for name in rules.SECTIONS[section]:
        assert rules.missing("internship", complete() | {name: None}) == {section: [name]}


def test_no_and_nought_are_statements():
    assert rules.missing("internship", complete() | {"board": False, "pay_fen": 0}) == {}


def test_consent_is_needed_of_both_student_and_guardian():
    assert rules.both_consents(["student"]) == rules.both_consents(["guardian"]) == rules.NO
    assert rules.both_consents(["guardian", "student"]) == rules.YES


def test_a_visit_counts_once_it_is_public():
    assert [rules.visit_state(*case) for case in ((False, False), (True, False), (True, True))] == [rules.NO, rules.NO, rules.YES]


def test_next_is_the_first_who_has_not_signed():
    assert rules.next_party([("student", True), ("enterprise", False), ("college", False)]) == "enterprise"
    assert rules.next_party([("student", True)]) is None


def test_every_rule_of_agreements_has_its_stage_and_every_fact_its_name():
    for rule in eligibility.RULES:
        if set(rule.places) & set(rules.STAGES):
            assert rules.stage(rule.code) in rules.STAGES.values()
    for sections in (rules.SECTIONS, rules.JOB_SECTIONS):
        for section, names in sections.items():
            assert section in wording.SECTIONS
            assert set(names) <= set(wording.SHOWN[section])
    for names in wording.SHOWN.values():
        assert set(names) <= set(wording.FACTS)
