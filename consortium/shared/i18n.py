"""Languages: which one a reader gets, and text that people write in two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import Babel, force_locale, get_locale, gettext, lazy_gettext, ngettext

babel = Babel()
LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}

WEEKDAYS = "一二三四五六日"
MONTHS = "January February March April May June July August September October November December".split()

__all__ = [
    "HTML_LANG", "LANGUAGES", "Bilingual", "babel", "day_words", "gettext", "in_language", "joined", "labelled", "language", "lazy_gettext", "ngettext",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One meaning in Chinese and English; either may be missing, then the other stands in."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        return self.to(language())

    def to(self, lang: str) -> str:
        """The words in `lang`, else in the other language."""
        return (self.en or self.zh) if lang == "en" else (self.zh or self.en)


def language() -> str:
    """'zh' or 'en': the reader's language now; zh outside any request."""
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LANGUAGES else "zh"


def joined(words: Iterable[Any], between: str = ", ") -> str:
    """电工、焊工 / electrician, welder: a list with the marks of the reader's language."""
    mark = {", ": "、", "; ": "；"}[between] if language() == "zh" else between
    return mark.join(str(word) for word in words)


def labelled(label: Any, words: Any = "") -> str:
    """岗位：电工 / Post: electrician."""
    return f"{label}{'：' if language() == 'zh' else ': '}{words}"


def day_words(value: date, weekday: bool = False) -> str:
    """2026年3月5日 周四 / Thu 5 March 2026, in the reader's language."""
    if language() == "zh":
        return f"{value.year}年{value.month}月{value.day}日" + (f" 周{WEEKDAYS[value.weekday()]}" if weekday else "")
    return (f"{value:%a} " if weekday else "") + f"{value.day} {MONTHS[value.month - 1]} {value.year}"


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Speak as to a receiver of that language (mail, messages)."""
    with force_locale(lang if lang in LANGUAGES else "zh"):
        yield
