"""What of a run's report may be told beyond a student's own college: nothing about one to four students, nor what would give it away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SMALL = 5


def told_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """A run's report as pages and API tell it; None stands for a count of one to four. Reports of earlier releases lack what came later.

    choices : by place in the list; groups : by column, see `matching.quality`; unmet : requests that could not be met, counted by what was
    asked for and what binds; class_pairs : by major class and leading industry.
    """
    profile = {int(place): n for place, n in report.get("choice_profile", {}).items()}
    full, firms = report.get("firms_full", (0, 0))
    return {
        **{name: report.get(name, 0) for name in ("students", "positions", "seats", "acceptable_pairs", "listed_pairs", "placed", "fixed", "without_list", "blocking_pairs")},
        "choice_profile": {str(place): n for place, n in zip(sorted(profile), masked([profile[p] for p in sorted(profile)]), strict=True)},
        "place": report.get("place"),
        "points": report.get("points"),
        "groups": guarded(report.get("groups", {})),
        "firms_full": full,
        "firms": firms,
        "unfilled_by_reason": report.get("unfilled_by_reason", {}),
        "unmet": [{"what": what, "bound": bound, "requests": None if n < SMALL and what != "reserved" else n} for what, bound, n in report.get("unmet", ())],
        "price": report.get("price"),
        "exposure": report.get("exposure"),
        "bands": report.get("bands", {}),
        "class_pairs": [
            {"major_class": of_class, "sector": sector, "pairs": pairs if n >= SMALL else None, "students": n if n >= SMALL else None}
            for of_class, sector, pairs, n in report.get("class_pairs", ())
        ],
    }  # fmt: skip


def masked(counts: list[int]) -> list[int | None]:
    """Counts of one to four as None; a single one could be worked out from the others and their sum, so the next smallest goes with it."""
    hidden = {at for at, n in enumerate(counts) if 0 < n < SMALL}
    if len(hidden) == 1:
        others = [at for at, n in enumerate(counts) if n >= SMALL]
        hidden |= {min(others, key=lambda at: (counts[at], at))} if others else set()
    return [None if at in hidden else n for at, n in enumerate(counts)]


def guarded(groups: Mapping[str, Any]) -> dict[str, Any]:
    """Groups by column; a class of majors is left out where a hidden one beside it could be worked out from their category.

    What is hidden of a category is a class that is not listed, or a figure that is None; with one alone, the smallest listed class goes too.
    """
    told = dict(groups)
    classes = list(told.get("major_class") or ())
    for category in told.get("major_category") or ():
        inside = [row for row in classes if str(row["group"]).startswith(str(category["group"]))]
        unlisted = int(sum(row["students"] for row in inside) < category["students"])
        gone: list[Mapping[str, Any]] = []
        for figure in ("students", "placed", "first"):
            hidden = unlisted + sum(row[figure] is None for row in (*inside, *gone))
            covered = any(row[figure] is not None for row in gone)
            open_rows = sorted((row for row in inside if row[figure] is not None), key=lambda row: (row["students"], str(row["group"])))
            if hidden == 1 and open_rows and not covered:
                inside.remove(open_rows[0])
                gone.append(open_rows[0])
        classes = [row for row in classes if row not in gone]
    if "major_class" in told:
        told["major_class"] = classes
    return told


ASIDE = "unsuitable"


@dataclass(frozen=True, slots=True)
class Row:
    """What a list of candidates is sifted by."""

    student_id: int
    college: str
    major_class: str
    certificates: frozenset[str]
    places: frozenset[str]
    wants_zone: bool
    band: str
    aside: bool


@dataclass(frozen=True, slots=True)
class Sieve:
    """What of a list of candidates is asked for; empty: everything. `show`: those put aside, else all others."""

    college: str = ""
    major_class: str = ""
    certificate: str = ""
    place: str = ""
    band: str = ""
    zone: str = ""
    show: str = ""

    @property
    def tells(self) -> bool:
        """Whether the answer says of the students in it what their rows do not: from where they are, or where they wish to be."""
        return bool(self.college or self.place)

    def takes(self, row: Row) -> bool:
        """Whether a candidate is asked for."""
        return (
            row.aside == (self.show == ASIDE)
            and (not self.college or row.college == self.college)
            and (not self.major_class or row.major_class == self.major_class)
            and (not self.certificate or self.certificate in row.certificates)
            and (not self.place or any(_within(wish, self.place) for wish in row.places))
            and (not self.band or row.band == self.band)
            and (not self.zone or row.wants_zone)
        )


@dataclass(frozen=True, slots=True)
class Sifted:
    """Who is asked for, in order; `few`: so few that they could be recognised, and nothing is told; `kept_back`: rows left out for that reason."""

    student_ids: tuple[int, ...]
    few: bool = False
    kept_back: bool = False


def sift(rows: Iterable[Row], sieve: Sieve, of_cell: Mapping[tuple[str, str], int]) -> Sifted:
    """Sift a list so that nobody can be recognised by where she comes from.

    The rows of a list show a major; a list of one college would add the college. So such a list leaves out whoever is one of fewer than five
    students of that college and class of majors in matching (`of_cell`), and one of fewer than five rows is not told at all.
    """
    taken = [row for row in rows if sieve.takes(row)]
    kept = [row for row in taken if not sieve.college or of_cell.get((row.college, row.major_class), 0) >= SMALL]
    if sieve.tells and len(kept) < SMALL:
        return Sifted((), few=True)
    return Sifted(tuple(row.student_id for row in kept), kept_back=len(kept) < len(taken))


def _within(wish: str, place: str) -> bool:
    """A wished place is the place itself, lies in it, or holds it: 441802 within 4418, and the other way round."""
    return wish.startswith(place) or place.startswith(wish)
