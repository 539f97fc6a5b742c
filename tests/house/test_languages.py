"""Both languages are complete: every sentence of the source stands in both catalogues, translated and not fuzzy."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]")


@lru_cache(maxsize=1)
def in_source() -> frozenset[str]:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as cfg:
        methods, options = parse_mapping_cfg(cfg)  # type: ignore[no-untyped-call]
    words = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found = set()
    for _, _, message, _, _ in extract_from_dir(ROOT / "consortium", [(f"**{p}" if not p.startswith("*") else p, m) for p, m in methods], options, keywords=words):
        found.add(message[0] if isinstance(message, tuple) else message)
    return frozenset(found)


@lru_cache(maxsize=2)
def catalogue(lang: str) -> Catalog:
    with (ROOT / "consortium" / "translations" / lang / "LC_MESSAGES" / "messages.po").open("rb") as po:
        return read_po(po, locale=lang)


def test_something_is_extracted() -> None:
    assert "Sign in" in in_source() and len(in_source()) > 200


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_stands_in_the_catalogue(lang: str) -> None:
    there = {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in catalogue(lang) if m.id}
    missing = sorted(in_source() - there)
    assert not missing, f"{len(missing)} missing in {lang}: {missing[:20]}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_none_is_fuzzy_and_chinese_lacks_none(lang: str) -> None:
    messages = [m for m in catalogue(lang) if m.id]
    assert not [m.id for m in messages if m.fuzzy]
    if lang == "zh":
        empty = [m.id for m in messages if not (all(m.string) if isinstance(m.string, tuple | list) else m.string)]
        assert not empty, f"{len(empty)} without Chinese: {empty[:20]}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_placeholders_are_the_same_on_both_sides(lang: str) -> None:
    for m in catalogue(lang):
        ids, strings = (x if isinstance(x, tuple | list) else (x,) for x in (m.id, m.string))
        wanted = set().union(*(PLACEHOLDER.findall(i) for i in ids if i))
        for said in strings:
            if m.id and said:
                assert set(PLACEHOLDER.findall(said)) <= wanted, m.id
                assert len(strings) > 1 or set(PLACEHOLDER.findall(said)) == wanted, m.id


def test_chinese_leaves_the_space_beside_latin_to_the_face() -> None:
    """The style sheet sets it (text-autospace), so no sentence types it, some with and some without."""
    typed = re.compile(r"[\u4e00-\u9fff] [A-Za-z0-9%]|[A-Za-z0-9%] [\u4e00-\u9fff]")
    said = [s for m in catalogue("zh") if m.id for s in (m.string if isinstance(m.string, tuple | list) else (m.string,))]
    assert not [s for s in said if typed.search(s)]
    assert "text-autospace" in (ROOT / "consortium" / "web" / "static" / "house.css").read_text(encoding="utf-8")
