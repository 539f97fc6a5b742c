"""Fields of our own with odd input, filters, schemas and the frame."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from wtforms import Form

from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import INT_MAX
from consortium.shared.i18n import in_language
from consortium.web import filters, frame
from consortium.web.forms import CodesField, YuanField
from consortium.web.resources import PageQuery, Schema


class Sample(Form):
    pay = YuanField("Pay")
    codes = CodesField("Codes")


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("3500", 350_000), ("3,500.50", 350_050), ("3，500", 350_000), (" 0 ", 0), ("", None), ("3.5e3", 350_000), ("0.01", 1), ("２０", 2_000)],
)
def test_yuan_are_read_as_whole_fen(typed: str, fen: int | None, app: Flask) -> None:
    form = Sample(MultiDict({"pay": typed}))
    assert form.validate()
    assert form.pay.data == fen


@pytest.mark.parametrize("typed", ["lots", "-1", "0.001", "nan", "inf", "-inf", "1e999", str(INT_MAX), "9" * 5000, "3500元", "1_0.5.5", "0x10", "\u202e35"])
def test_what_is_no_amount_is_told_and_kept_on_the_page(typed: str, app: Flask) -> None:
    with app.test_request_context():
        form = Sample(MultiDict({"pay": typed}))
        assert not form.validate()
        assert form.pay.data is None
        assert len(form.pay.errors) == 1
        assert form.pay._value() == typed


def test_yuan_go_out_as_they_came_in(app: Flask) -> None:
    for fen in (0, 1, 350_000, 350_050, INT_MAX):
        shown = Sample(data={"pay": fen}).pay._value()
        assert Sample(MultiDict({"pay": shown})).pay.data == fen


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        (["M:460301, C:0603"], ["M:460301", "C:0603"]), (["a，b、c;d；e f"], list("abcdef")), (["a", "b"], ["a", "b"]), (["a,a,,a"], ["a"]), ([""], []),
        ([",、;"], []), ([" \t\n"], []), (["电工证,低压"], ["电工证", "低压"]), (["<b>,'"], ["<b>", "'"]),
    ],
)  # fmt: skip
def test_codes_are_split_at_every_mark_once_each_in_order(typed: list[str], codes: list[str]) -> None:
    form = Sample(MultiDict([("codes", one) for one in typed]))
    assert form.codes.data == codes
    assert Sample(MultiDict({"codes": form.codes._value()})).codes.data == codes


def test_filters_write_as_people_here_read(app: Flask) -> None:
    at = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
    with app.test_request_context(), in_language("zh"):
        assert (filters.day(date(2026, 3, 5)), filters.instant(at)) == ("2026年3月5日 周四", "2026年3月5日 00:30")
        assert filters.day(at, weekday=False) == "2026年3月5日"
    with app.test_request_context(), in_language("en"):
        assert filters.day(date(2026, 3, 5)) == "Thu 5 March 2026"
        assert (filters.number(1234567), filters.yuan(350_000), filters.yuan(350_005), filters.yuan(0)) == ("1,234,567", "3,500", "3,500.05", "0")
        assert (filters.percent(0.256), filters.percent(0.256, 1)) == ("26%", "25.6%")
        assert filters.ago(clock.now()) == "just now"
        assert "2 hours" in filters.ago(clock.now() - timedelta(hours=2))
        assert {f(None) for f in (filters.day, filters.instant, filters.number, filters.yuan, filters.percent, filters.ago)} == {"–"}


class Wanted(Schema):
    places: int
    on: date | None = None
    night: bool = False


@pytest.mark.parametrize("body", [{}, {"places": "3"}, {"places": 3.5}, {"places": True}, {"places": 3, "x": 1}, {"places": 3, "on": 5}, {"places": 3, "night": 1}, {"places": None}])
def test_a_schema_takes_named_fields_of_their_own_kind_and_nothing_else(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Wanted.model_validate(body)
    assert Wanted.model_validate({"places": 3, "on": "2026-03-05"}).on == date(2026, 3, 5)


@pytest.mark.parametrize("query", [{"page": "0"}, {"size": "201"}, {"page": "x"}, {"pages": "1"}, {"size": "-1"}])
def test_a_page_of_a_list_has_limits(query: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PageQuery.model_validate(query)


def test_the_language_is_the_cookies_then_the_browsers_then_chinese(app: Flask) -> None:
    for headers, lang in (
        ({}, "zh-CN"), ({"Accept-Language": "en-GB,en;q=0.9"}, "en"), ({"Accept-Language": "fr"}, "zh-CN"),
        ({"Accept-Language": "en", "Cookie": "lang=zh"}, "zh-CN"), ({"Cookie": "lang=xx"}, "zh-CN"),
    ):  # fmt: skip
        assert f'<html lang="{lang}"' in app.test_client(use_cookies=False).get("/privacy", headers=headers).get_data(as_text=True)
    assert frame.chosen_language() == "zh"


def test_the_frame_marks_the_open_place_and_offers_only_the_roles_own(signed_in_as: Any) -> None:
    page = signed_in_as(Role.ZONE_HEAD).get("/runs").get_data(as_text=True)
    assert page.count('aria-current="page"') >= 1
    assert 'href="/runs"' in page
    assert 'href="/me"' not in page
    assert 'href="/imports"' not in page


def test_an_unknown_theme_is_as_none(app: Flask) -> None:
    plain, odd = (app.test_client(use_cookies=False).get("/privacy", headers={"Cookie": f"theme={one}"}).get_data(as_text=True) for one in ("auto", "<b>"))
    assert re.findall(r"<html[^>]*>", plain) == re.findall(r"<html[^>]*>", odd)
