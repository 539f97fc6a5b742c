"""Which times overlap, until when one can be picked, and the file for a calendar."""

from datetime import UTC, datetime, timedelta

import pytest

from consortium.interviews import lifecycle, rules, wording
from consortium.shared.access import Role

AT = datetime(2026, 12, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "overlaps"), [(0, True), (29, True), (30, False), (31, False), (-29, True), (-30, False)]
)
def test_times_overlap_when_they_share_a_moment(later: int, overlaps: bool) -> None:
    assert rules.overlap(AT, 30, AT + timedelta(minutes=later), 30) is overlaps


def test_a_time_can_be_picked_until_an_hour_before() -> None:
    assert rules.may_pick(AT, AT - timedelta(hours=1))
    assert not rules.may_pick(AT, AT - timedelta(minutes=59))


def test_several_times_follow_one_another() -> None:
    assert rules.in_a_row(AT, 20, 3) == [AT, AT + timedelta(minutes=20), AT + timedelta(minutes=40)]


def test_only_the_student_picks_and_only_the_enterprise_says_what_came_of_it() -> None:
    assert lifecycle.INTERVIEW.open_to("asked", Role.STUDENT) == ["book", "decline"]
    assert lifecycle.INTERVIEW.open_to("asked", Role.ENTERPRISE_MEMBER) == ["cancel"]
    assert lifecycle.INTERVIEW.open_to("booked", Role.ENTERPRISE_MEMBER) == ["hold", "miss", "cancel"]
    assert lifecycle.INTERVIEW.open_to("booked", Role.CLASS_ADVISER) == []
    for state in lifecycle.ENDED:
        assert lifecycle.INTERVIEW.open_to(state, Role.STUDENT) == [] == lifecycle.INTERVIEW.open_to(state, Role.ENTERPRISE_HEAD)


def test_every_state_and_reason_has_its_words() -> None:
    assert set(wording.NEXT_FOR_STUDENT) == set(lifecycle.INTERVIEW.states) == set(wording.NEXT_FOR_ENTERPRISE)
    assert set(wording.REASONS) == set(rules.STUDENT_REASONS)
    assert set(wording.RESULTS) == {*rules.RESULTS, "missed"}


def test_a_calendar_file_says_utc_escapes_and_folds() -> None:
    told = wording.calendar(uid="x@y", starts_at=AT, minutes=45, title="面试：" + "设备维修技术员" * 8 + "; a, b", place="行政楼 302", link="https://m.example/1", now=AT)
    lines = told.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert "DTSTART:20261201T060000Z" in lines
    assert "DTEND:20261201T064500Z" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = told.replace("\r\n ", "")
    assert "设备维修技术员" * 8 + "\\; a\\, b" in whole
