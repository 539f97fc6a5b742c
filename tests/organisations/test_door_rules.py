"""Decisions at the door, of the quarterly question and of the lists: tables of cases, no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from consortium.organisations.rules import intents, lists
from consortium.organisations.rules import registration as door
from consortium.reference import identity

NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
GOOD = "91449999MAD000001" + identity.credit_check("91449999MAD000001")


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (GOOD, None), (f" {GOOD[:9]} {GOOD[9:]} ", None), (GOOD.lower(), None), ("".join(chr(ord(c) + 0xFEE0) for c in GOOD), None),
        (GOOD[:17], "credit-shape"), (GOOD + "1", "credit-shape"), (GOOD[:-2] + "I" + GOOD[-1], "credit-shape"), ("", "credit-shape"),
        (GOOD[:-1] + next(c for c in "0123456789" if c != GOOD[-1]), "credit-check"), (GOOD[:3] + ("5" if GOOD[3] != "5" else "6") + GOOD[4:], "credit-check"),
    ],
)  # fmt: skip
def test_a_credit_code_is_mended_and_judged_by_its_last_character(told: str, problem: str | None) -> None:
    assert identity.credit_problem(identity.normalised(told)) == problem


@pytest.mark.parametrize(
    ("name", "told"), [("王小明", "王*"), ("欧阳娜", "欧阳*"), ("欧阳", "欧*"), ("王", "王*"), ("Wang Lei", "W*"), ("  李雷 ", "李*"), ("", "*")]
)
def test_a_name_is_told_in_part_and_never_by_its_length(name: str, told: str) -> None:
    assert door.masked_name(name) == told


@pytest.mark.parametrize(("industry", "kind"), [("3989", "enterprise"), ("7263", "labour_dispatch"), ("7262", "intermediary"), ("726", "intermediary"), ("7271", "enterprise"), ("", "enterprise")])
def test_agencies_are_known_by_their_industry(industry: str, kind: str) -> None:
    assert door.host_type(industry) == kind
    assert door.is_agency(industry) == (kind != "enterprise")


@pytest.mark.parametrize(
    ("listed", "phone", "at_once"), [(None, "13800000000", False), ("", "13800000000", True), ("13800000000", "13800000000", True), ("13800000000", "13900000000", False)]
)
def test_who_is_verified_at_once(listed: str | None, phone: str, at_once: bool) -> None:
    assert door.verified_at_once(listed, phone) is at_once


@pytest.mark.parametrize(("wrong", "seconds"), [(0, 0), (1, 0), (2, 0), (3, 30), (4, 0), (5, 0), (6, 60), (9, 120)])
def test_every_third_wrong_code_waits_twice_as_long(wrong: int, seconds: int) -> None:
    assert door.wait_after(wrong) == seconds


@pytest.mark.parametrize(("sent", "ago", "wait"), [(0, None, 0), (1, 0, 60), (1, 59, 1), (1, 60, 0), (4, 61, 0), (5, 999, None)])
def test_codes_leave_a_minute_apart_and_five_at_most(sent: int, ago: int | None, wait: int | None) -> None:
    last = None if ago is None else NOW - timedelta(seconds=ago)
    assert door.may_send(sent, last, NOW) == wait


@pytest.mark.parametrize(
    ("answer", "wishes", "reasons", "problem"),
    [
        ("yes", [("0603", 3, "internship")], [], {}), ("perhaps", [("0603", 1, "job"), ("0603", 2, "internship")], [], {}), ("no", [], ["no-mentor", "R26"], {}),
        ("", [], [], {"answer": "choose"}), ("maybe", [], [], {"answer": "choose"}), ("no", [], [], {"reasons": "needed"}), ("no", [], ["R99"], {"reasons": "unknown"}),
        ("yes", [], [], {"class_key_0": "needed"}), ("yes", [("9999", 3, "job")], [], {"class_key_0": "unknown"}), ("yes", [("", 3, "job")], [], {"class_key_0": "needed"}),
        ("yes", [("0603", None, "job")], [], {"heads_0": "heads"}), ("yes", [("0603", 0, "job")], [], {"heads_0": "heads"}), ("yes", [("0603", 5001, "job")], [], {"heads_0": "heads"}),
        ("yes", [("0603", 3, "x")], [], {"kind_0": "choose"}), ("yes", [("0603", 3, "job"), ("0603", 1, "job")], [], {"class_key_1": "twice"}),
    ],
)  # fmt: skip
def test_what_an_answer_must_hold(answer: str, wishes: list[intents.Wish], reasons: list[str], problem: dict[str, str]) -> None:
    assert intents.answer_problem(answer, wishes, reasons, ("0603", "1101")) == problem


@pytest.mark.parametrize(
    ("sent", "days", "answered", "today", "due"),
    [
        (0, None, False, date(2026, 11, 28), True), (1, 3, False, date(2026, 11, 28), False), (1, 4, False, date(2026, 11, 28), True), (2, 6, False, date(2026, 11, 28), False),
        (2, 7, False, date(2026, 11, 28), True), (3, 7, False, date(2026, 11, 28), True), (4, 90, False, date(2026, 11, 28), False), (1, 9, True, date(2026, 11, 28), False),
        (0, None, False, date(2026, 12, 11), False),
    ],
)  # fmt: skip
def test_reminders_come_with_days_between_and_stop(sent: int, days: int | None, answered: bool, today: date, due: bool) -> None:
    last = None if days is None else NOW - timedelta(days=days)
    assert intents.reminder_due(sent, last, NOW, answered, date(2026, 12, 10), today) is due


@pytest.mark.parametrize(("day", "quarter"), [(date(2026, 1, 1), (2026, 1)), (date(2026, 3, 31), (2026, 1)), (date(2026, 4, 1), (2026, 2)), (date(2026, 12, 31), (2026, 4))])
def test_quarters(day: date, quarter: tuple[int, int]) -> None:
    assert intents.quarter_of(day) == quarter


@pytest.mark.parametrize(("n", "told"), [(0, None), (4, None), (5, 5), (37, 37)])
def test_small_numbers_of_others_are_not_told(n: int, told: int | None) -> None:
    assert intents.told_count(n) == told


@pytest.mark.parametrize(
    ("kind", "values", "problem"),
    [
        ("product", {"title": "铝型材"}, {}), ("product", {"title": "  "}, {"title": "needed"}), ("technology", {"title": "x", "cooperation": "joint"}, {}),
        ("technology", {"title": "x", "cooperation": ""}, {"cooperation": "choose"}), ("technology", {"title": "x", "cooperation": "joint", "until_on": date(2026, 1, 1)}, {"until_on": "past"}),
        ("talent", {"title": "电工", "class_key": "0603", "heads": 3}, {}), ("talent", {"title": "电工", "class_key": "", "heads": None}, {"class_key": "choose", "heads": "needed"}),
        ("talent", {"title": "电工", "class_key": "0603", "heads": 1, "level": "博士后"}, {"level": "choose"}),
    ],
)  # fmt: skip
def test_what_a_row_of_a_list_must_hold(kind: str, values: dict[str, object], problem: dict[str, str]) -> None:
    assert lists.row_problem(kind, values, ("0603",), ("中职", "高职专科"), date(2026, 11, 28)) == problem
