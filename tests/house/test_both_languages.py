"""Every page of every role in Chinese and in English, switched by the page's own form, none with the other language's menu."""

from __future__ import annotations

import re
from typing import Any

import pytest

from consortium.shared.access import Role
from consortium.shared.i18n import in_language
from consortium.web.pages import MENU
from tests.conftest import check_html
from tests.house.test_gates import HIDDEN_HERE, ROUTES, SAFE, WHO, World, address, kind_of


@pytest.fixture
def world(app: Any) -> World:
    return World()


def menu_words(role: Role, lang: str) -> set[str]:
    with in_language(lang):
        return {str(place.label) for place in MENU if role in place.roles}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_every_page_renders_in_both_languages_and_mixes_no_menu(role: Role, world: World, app: Any, signed_in_as: Any) -> None:
    member = world.member(role)
    with app.test_request_context():
        words = {lang: menu_words(role, lang) for lang in ("zh", "en")}
    faults = []
    for lang, other in (("zh", "en"), ("en", "zh")):
        browser = signed_in_as(member, lang=other)
        assert browser.post("/language", {"language": lang, "next": "/"}).status_code == 303
        for method, rule, ability in ROUTES:
            if method not in SAFE or role.value not in WHO[ability] or rule.startswith("/api/v1") or rule in HIDDEN_HERE:
                continue
            url = address(rule, world.own(kind_of(rule), member) if "<uuid:id>" in rule else None, world.sides[0]["positions"].public_id)
            answer = browser.client.get(url)
            if answer.status_code >= 400:
                faults.append(f"{url} {lang}: {answer.status_code}")
            if answer.mimetype != "text/html" or answer.status_code != 200 or "<html" not in answer.get_data(as_text=True):
                continue
            page = answer.get_data(as_text=True)
            check_html(page)
            if f'<html lang="{"zh-CN" if lang == "zh" else "en"}"' not in page:
                faults.append(f"{url}: not in {lang}")
            menus = " ".join(re.findall(r"<nav\b.*?</nav>", page, re.S))
            told = {word.strip() for word in re.split(r"<[^>]*>", menus) if word.strip()}
            if told & (words[other] - words[lang]):
                faults.append(f"{url} in {lang} says {told & (words[other] - words[lang])}")
            if words[lang] and not told & words[lang]:
                faults.append(f"{url} in {lang} has no menu")
    assert not faults, "\n".join(faults)
