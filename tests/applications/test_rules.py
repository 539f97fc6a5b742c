"""The table of what is shown, and deadlines."""

from datetime import UTC, datetime, timedelta

import pytest

from consortium.applications import lifecycle, rules, wording
from consortium.applications.rules import Reveals, reveals

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "spoken", "named", "profile", "name", "contact"),
    [
        ("", False, False, False, False, False),
        ("applied", True, False, True, False, False),
        ("invited", False, False, False, False, False),
        ("invited", True, False, True, False, False),
        ("agreed", True, True, True, True, False),
        ("offered", False, False, False, False, False),
        ("offered", True, False, True, False, False),
        ("offered", True, True, True, True, False),
        ("accepted", True, True, True, True, True),
        ("declined", True, True, False, False, False),
        ("withdrawn", True, True, False, False, False),
        ("closed", True, True, False, False, False),
        ("expired", False, False, False, False, False),
    ],
)
def test_each_stage_shows_what_the_table_says(state, spoken, named, profile, name, contact):
    assert reveals(state, identity_open=named, spoken=spoken) == Reveals(profile, name, contact)


def test_every_state_stands_in_the_table():
    assert set(rules.SHOWN) == set(lifecycle.APPLICATION.states)


@pytest.mark.parametrize("spoken", [True, False])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("state", [s for s in lifecycle.APPLICATION.states if s != "accepted"])
def test_contact_is_never_shown_before_acceptance(state, named, spoken):
    assert not reveals(state, identity_open=named, spoken=spoken).contact


@pytest.mark.parametrize("spoken", [True, False])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("state", lifecycle.APPLICATION.states)
def test_more_is_never_shown_without_less(state, named, spoken):
    shown = reveals(state, identity_open=named, spoken=spoken)
    assert shown.contact <= shown.name <= shown.profile or not shown.name


def test_an_offer_stands_three_days_unless_said_otherwise():
    assert rules.answer_by(NOW) == NOW + timedelta(hours=72)
    assert rules.answer_by(NOW, 24) == NOW + timedelta(hours=24)


@pytest.mark.parametrize("hours", [0, 23, 241, -1])
def test_a_deadline_outside_the_limits_is_refused(hours):
    with pytest.raises(ValueError, match="hours"):
        rules.answer_by(NOW, hours)


def test_the_last_instant_is_already_too_late():
    assert rules.overdue(NOW, NOW)
    assert not rules.overdue(NOW + timedelta(seconds=1), NOW)
    assert not rules.overdue(None, NOW)


@pytest.mark.parametrize(("left", "hours"), [(timedelta(hours=46, minutes=59), 46), (timedelta(minutes=59), 0), (timedelta(hours=-3), 0)])
def test_hours_left_are_whole_and_never_negative(left, hours):
    assert rules.hours_left(NOW + left, NOW) == hours


def test_every_reason_and_every_step_has_words():
    for code in (*rules.STUDENT_REASONS, *rules.ENTERPRISE_REASONS):
        assert code in wording.REASONS
    for step in lifecycle.APPLICATION.steps:
        assert step in wording.STEPS
    for state in lifecycle.APPLICATION.states[1:]:
        assert state in wording.NEXT
