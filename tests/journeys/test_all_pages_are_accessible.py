"""Every place of every role's menu, in both languages and sizes: axe finds nothing serious, nothing scrolls sideways, one h1."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import DESK, NARROW, PHONE, House

PEOPLE = ("zone", "firm1", "college1", "adviser1", "student1", "bureau")
MORE = {
    "zone": ("/supply-demand", "/supply-demand/0603/electronics", "/desk/figures/students", "/account", "/rules/R26", "/rules/R10", "/law-tables", "/minimum-wages", "/zone-list", "/intents", "/checks", "/employer-records", "/students/registered-twice", "/doubts", "/skills/proposals", "/rounds/new"),
    "firm1": ("/positions/new", "/filings/new", "/exports", "/exports/applications", "/positions/copies", "/post-templates", "/overrides", "/minimum-wages", "/three-lists/new?kind=talent", "/three-lists/new?kind=technology", "/enterprise/check", "/enterprise/intent", "/colleagues", "/account", "/applications/board", "/interviews", "/employer-records", "/what-is-shown"),
    "college1": ("/rule-overrides/new", "/exports", "/exports/students", "/imports?kind=destinations", "/tickets", "/messages", "/messages/settings", "/classes", "/majors", "/protection", "/protection?show=guardian", "/looks", "/interviews", "/students/registered-twice", "/certificates", "/acceptance-rules"),
    "adviser1": ("/majors", "/protection", "/looks"),
    "student1": ("/account", "/me/consents", "/me/rights", "/me/erasure", "/welcome", "/welcome?step=questions", "/messages", "/messages/settings", "/posts", "/interviews", "/what-is-shown", "/posts?sort=pay&fits=no", "/alerts", "/matches/weights", "/matches?show=hidden", "/skills/proposals", "/rounds"),
    None: ("/registration", "/registration/asked", "/intents/link-sent", "/first-login", "/first-login/school/not-found", "/sign-in", "/privacy", "/styleguide", "/api/docs"),
}
LATIN_ALLOWED = re.compile(
    r"PLC|API|CSV|XLSX|UTF-8|MB|English|R\d+[a-z]?|J\d+|C\d+|GB/T|GB|SMS|Excel|OpenAPI|[A-Z]-[0-9A-F]+|test\d*|person\d+|student\d+|firm\d+|zone|college\d|adviser\d|bureau"
)


def _words_left_in_english(text: str) -> list[str]:
    """Two Latin words in a row on a Chinese page are a sentence that nobody translated."""
    found = re.findall(r"\b[A-Za-z]{3,} [a-z]{2,}(?: [a-z]{2,})*", text)
    return [one for one in found if not LATIN_ALLOWED.match(one)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("login", PEOPLE)
def test_the_places_of_a_role_are_accessible(reading_house: House, login: str, lang: str) -> None:
    one = reading_house.visit(login, DESK, lang)
    one.go("/")
    places = one.page.eval_on_selector_all(".drawer nav a", "links => links.map(a => a.getAttribute('href'))")
    assert places, "no menu"
    paths = list(dict.fromkeys(["/", *places, *MORE.get(login, ())]))
    for path in paths:
        one.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        one.go(path)
        one.check()
        if lang == "zh" and path not in ("/account", "/api/docs"):
            assert not _words_left_in_english(one.text()), (path, _words_left_in_english(one.text()))
        for size in (PHONE, NARROW):
            one.page.set_viewport_size({"width": size[0], "height": size[1]})
            one.check(narrow=size == NARROW or lang == "en")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_without_a_sign_in_are_accessible_in_both_themes(reading_house: House, theme: str) -> None:
    one = reading_house.visit(None, DESK, "zh", color_scheme=theme)
    for path in MORE[None]:
        one.go(path)
        one.check()


@pytest.mark.parametrize("login", ["zone", "student1"])
def test_desks_are_accessible_in_the_dark(reading_house: House, login: str) -> None:
    one = reading_house.visit(login, DESK if login == "zone" else PHONE, "zh", color_scheme="dark")
    one.go("/")
    one.check()


def test_a_students_tabs_are_large_enough_to_touch(reading_house: House) -> None:
    one = reading_house.visit("student1", PHONE, "zh")
    one.go("/")
    boxes = one.page.eval_on_selector_all("nav.tabs a", "links => links.map(a => [a.innerText.trim(), a.getBoundingClientRect().height])")
    assert [label for label, _ in boxes] == ["匹配", "申请", "实习", "我的"]
    assert all(height >= 44 for _, height in boxes)
    short = one.page.eval_on_selector_all("main .btn", "all => all.map(b => b.getBoundingClientRect().height).filter(h => h < 44)")
    assert not short


def test_everything_works_from_the_keyboard_to_the_content(reading_house: House) -> None:
    one = reading_house.visit("zone", DESK, "en")
    one.go("/")
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.className") == "skip"
    one.page.keyboard.press("Enter")
    assert one.page.evaluate("document.activeElement.id") == "content"
