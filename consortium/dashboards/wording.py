"""What figures and steps are called, how each is defined, and how small numbers are shown."""

from __future__ import annotations

from typing import Any

from consortium.shared.access import TenantKind
from consortium.shared.i18n import lazy_gettext as _l

SMALLEST_SHOWN = 5
"""Fewer students than this are never shown as a number outside their own college."""

FIGURES: dict[str, tuple[Any, Any]] = {
    "openings": (_l("Openings"), _l("Free places of open posts: places less those taken, internships and jobs together.")),
    "students": (_l("Students in matching"), _l("Enrolled or graduated students whose consent to matching is in force in its present version.")),
    "pairs": (
        _l("Acceptable pairs"),
        _l("Pairs of a student and an open post that no rule of law or requirement excludes and whose wishes allow it, as the last run of the matcher counted them."),
    ),
    "accepted": (_l("Placed"), _l("Students who accepted an offer made through this platform. A student counts once.")),
    "enterprises": (_l("Verified enterprises"), _l("Enterprises whose registration the zone has checked.")),
    "unanswered": (_l("Unanswered applications"), _l("Applications that wait for the enterprise's answer, seen by it or not.")),
    "matched": (_l("Matched"), _l("Students to whom the last run of the matcher shows at least one post.")),
    "applied": (_l("Applied or approached"), _l("Students who applied to a post, or whom an enterprise invited or made an offer.")),
    "offered": (_l("Offered"), _l("Students who were made at least one offer, whatever became of it.")),
    "drafted": (_l("Agreement drafted"), _l("Students with a drafted or signed agreement.")),
}

STUDENT_COUNTS = frozenset({"students", "accepted", "unanswered", "matched", "applied", "offered", "drafted"})
"""Figures that count students: small cells of these are hidden."""

FUNNEL = ("matched", "applied", "offered", "accepted", "drafted")
BUREAU_FIGURES = ("openings", "students", "accepted", "enterprises", "unanswered")
ZONE_FIGURES = ("openings", "students", "pairs", "accepted", "enterprises", "unanswered")


def figures_of(kind: TenantKind) -> tuple[str, ...]:
    """Which figures the zone or a bureau is shown: pairs are counted over the whole consortium, so the zone alone."""
    return tuple(dict.fromkeys((ZONE_FIGURES if kind is TenantKind.ZONE else BUREAU_FIGURES) + FUNNEL))


def label(name: str) -> str:
    """What a figure is called."""
    return str(FIGURES[name][0])


def definition(name: str) -> str:
    """How it is counted (口径)."""
    return str(FIGURES[name][1])


def is_small(n: int) -> bool:
    """Whether a count of students must be hidden."""
    return 0 < n < SMALLEST_SHOWN


def few(n: int, written: str = "") -> str:
    """A count of students as it may be shown outside their own college."""
    return f"<{SMALLEST_SHOWN}" if is_small(n) else written or str(n)


def hidden(counts: list[int]) -> set[int]:
    """Which cells of a breakdown are not shown: the small ones, and one more where a single one could be worked out from the sum."""
    small = {i for i, n in enumerate(counts) if is_small(n)}
    if len(small) == 1:
        others = [i for i, n in enumerate(counts) if n >= SMALLEST_SHOWN]
        if others:
            small.add(min(others, key=lambda i: (counts[i], i)))
    return small


def signed(n: int) -> str:
    """With its sign, the minus a true one."""
    return f"+{n}" if n > 0 else f"−{-n}" if n < 0 else "0"


def shade(openings: int, students: int) -> int:
    """−3 (many more students) … 0 (even) … 3 (many more openings), by the gap's share of the larger side."""
    larger = max(openings, students)
    if not larger:
        return 0
    share = (openings - students) / larger
    strength = sum(abs(share) >= limit for limit in (0.1, 0.4, 0.75))
    return strength if share > 0 else -strength
