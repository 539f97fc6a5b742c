"""Finding an entry of a code list by code, name or pinyin (机电 = jd = jidian)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What a typeahead offers: code, label, and a hint to tell likenesses apart."""

    code: str
    label: str
    hint: str = ""


class Index:
    """A small index over one list; other names lead to the same entry."""

    def __init__(self, entries: Iterable[tuple[Entry, tuple[str, ...]]]) -> None:
        self._rows = [
            (entry, [(name.lower(), *_pinyin(name)) for name in (entry.label, *others) if name])
            for entry, others in entries
        ]

    def search(self, query: str, limit: int = 10) -> list[Entry]:
        """Best first: exact code or name, then beginnings, then anywhere, then pinyin."""
        wanted = query.strip().lower()
        if not wanted:
            return []
        latin = wanted.isascii()
        scored = []
        for number, (entry, names) in enumerate(self._rows):
            worth = _worth(wanted, latin, entry.code.lower(), names)
            if worth < 9:
                scored.append((worth, len(entry.label), number, entry))
        scored.sort(key=lambda row: row[:3])
        return [row[3] for row in scored[:limit]]


def _worth(wanted: str, latin: bool, code: str, names: list[tuple[str, str, str]]) -> int:
    if code == wanted:
        return 0
    best = 9
    for name, full, initials in names:
        if name == wanted:
            return 0
        if name.startswith(wanted):
            best = min(best, 1)
        elif wanted in name:
            best = min(best, 3)
        elif latin and (initials == wanted or full == wanted):
            best = min(best, 2)
        elif latin and len(wanted) > 1 and (initials.startswith(wanted) or full.startswith(wanted)):
            best = min(best, 4)
        elif latin and len(wanted) > 2 and wanted in full:
            best = min(best, 6)
    return min(best, 5) if code.startswith(wanted) else best


def _pinyin(name: str) -> tuple[str, str]:
    from pypinyin import Style, lazy_pinyin  # a second of its own: only who types waits for it

    parts = lazy_pinyin(name, style=Style.NORMAL, errors="ignore")
    return "".join(parts), "".join(part[0] for part in parts)
