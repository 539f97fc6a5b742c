"""Every template compiles, is used, and keeps the strict policy: nothing inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import Browser, check_html

PACKAGE = Path(__file__).parents[2] / "consortium"
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
SHELL = PACKAGE / "web" / "templates"


def name_of(path: Path) -> str:
    if SHELL in path.parents:
        return str(path.relative_to(SHELL))
    feature = path.relative_to(PACKAGE).parts[0]
    return f"{feature}/{path.relative_to(PACKAGE / feature / 'templates')}"


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_a_template_compiles(template: Path, app: Flask) -> None:
    app.jinja_env.get_template(name_of(template))


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_a_template_has_nothing_inline(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<[^>]*\sstyle=", text)
    assert not re.search(r"<[a-z][^>{]*\son[a-z]+\s*=", text)
    assert "javascript:" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert " src=" in script
    assert "<style" not in text
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", text), "nothing is fetched from elsewhere"


def test_every_template_is_reached() -> None:
    written = "\n".join(p.read_text(encoding="utf-8") for p in [*PACKAGE.rglob("*.py"), *TEMPLATES])
    unused = [name_of(t) for t in TEMPLATES if f'"{name_of(t)}"' not in written and f"'{name_of(t)}'" not in written]
    assert not unused


def test_every_post_form_carries_the_token() -> None:
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, flags=re.S):
            has = "csrf_token" in form or re.search(r"\b(f|form)\.(hidden|token)\(|\{\{ (hidden|token)\(", form)
            assert has, f"{name_of(template)}: {form[:120]}"


def test_every_component_stands_on_the_styleguide(anonymous: Browser) -> None:
    text = (SHELL / "styleguide.html").read_text(encoding="utf-8")
    for component in sorted((SHELL / "components").glob("*.html")):
        assert f"components/{component.name}" in text or component.name in ("frame.html", "icon.html"), component.name
    check_html(anonymous.get("/styleguide").get_data(as_text=True))


def test_every_state_chip_is_shown_with_a_word_and_a_sign(app: Flask, anonymous: Browser) -> None:
    named = re.findall(r'^  ?"?|"([a-z_-]+)": \(_\("', (SHELL / "components" / "state.html").read_text(encoding="utf-8"))
    page = anonymous.get("/styleguide").get_data(as_text=True)
    assert page.count('<span class="chip') >= len({name for name in named if name})
