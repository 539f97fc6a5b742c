"""Languages: which one a reader gets, and text that people write in two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask_babel import Babel, force_locale, get_locale, gettext, lazy_gettext, ngettext

babel = Babel()
LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}

__all__ = ["HTML_LANG", "LANGUAGES", "Bilingual", "babel", "gettext", "in_language", "language", "lazy_gettext", "ngettext"]


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


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Speak as to a receiver of that language (mail, messages)."""
    with force_locale(lang if lang in LANGUAGES else "zh"):
        yield
