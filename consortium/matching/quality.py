"""The quality report of a run: who got which choice, by group, with mean and spread, and every place left with its reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from consortium.matching.market import Market
from consortium.matching.problem import Problem
from consortium.matching.stability import blocking_pairs

SMALL = 5
"""A group of fewer students, and a figure about fewer, is told to nobody."""
GROUPS = ("major_category", "major_class", "level")


def report(
    problem: Problem, market: Market, held: np.ndarray, place: np.ndarray, points: np.ndarray, n_lawful: np.ndarray, scorable: np.ndarray
) -> dict[str, Any]:
    """A JSON value. held : (n_students,) contracts; place, points : (n_students,) of what each has, -1 for none, place 0 outside the own list.

    unmet : [what was asked for, what binds, how many]; who asked stands in `Market.unmet` and in the outcome.
    """
    rows = market.rows_of(held)
    seats, taken = _by_post(market.whole.seats, market), _by_post(np.bincount(rows[rows >= 0], minlength=len(market.seats.post)), market)
    chosen, listing = place[place > 0], np.unique(market.found.student)
    profile = Counter(chosen.tolist())
    return {
        "students": len(problem.students),
        "positions": len(problem.positions),
        "seats": int(seats.sum()),
        "acceptable_pairs": int(n_lawful.sum()),
        "listed_pairs": int((np.diff(market.rank, prepend=-1) != 0).sum()) if len(market.found) else 0,
        "placed": int((rows >= 0).sum()),
        "fixed": int((market.fixed >= 0).sum()),
        "without_list": int(len(problem.students) - len(listing) - (market.fixed >= 0).sum()),
        "choice_profile": {str(n): profile[n] for n in sorted(profile)},
        "place": _spread(chosen),
        "points": _spread(points[rows >= 0]),
        "groups": {name: _by_group(problem.students.data[name], rows >= 0, place) for name in GROUPS},
        "firms_full": _firms_full(problem, seats, taken),
        "blocking_pairs": len(blocking_pairs(market.found, market.left, held)),
        "unfilled_by_reason": {} if problem.open_to_all else _unfilled(market, rows, n_lawful, scorable),
        "unmet": [[what, bound, n] for (what, bound), n in sorted(Counter((one.what, one.bound) for one in market.unmet).items())],
    }


def _by_post(of_rows: np.ndarray, market: Market) -> np.ndarray:
    """(n_positions,) sums over rows of seats."""
    n_posts = sum(1 for code in market.seats.code if not code)
    found = np.zeros(n_posts, dtype=np.int64)
    np.add.at(found, market.seats.post, of_rows)
    return found


def _spread(values: np.ndarray) -> dict[str, float] | None:
    """Mean and standard deviation; None where there are too few to tell."""
    return {"mean": round(float(values.mean()), 4), "spread": round(float(values.std()), 4)} if len(values) >= SMALL else None


def _by_group(column: np.ndarray, has: np.ndarray, place: np.ndarray) -> list[dict[str, Any]]:
    """Of every group large enough: students, with a place, first choice, mean place; None for a figure about 1 to 4 students.

    A single group that is too small could be worked out from the others and the whole: then the next smallest is left out as well.
    """
    names, row = np.unique(column.astype(str), return_inverse=True)
    size = np.bincount(row, minlength=len(names))
    order = np.argsort(size, kind="stable")
    n_hidden = int((size < SMALL).sum())
    hidden = {int(g) for g in order[: 2 if n_hidden == 1 else n_hidden]}
    found = []
    for g in range(len(names)):
        if g in hidden:
            continue
        mine = row == g
        chosen = place[mine & (place > 0)]
        mean = round(float(chosen.mean()), 4) if len(chosen) >= SMALL else None
        counts = {"placed": _told(int((mine & has).sum())), "first": _told(int((chosen == 1).sum()))}
        found.append({"group": str(names[g]), "students": int(size[g])} | counts | {"mean_place": mean})
    return found


def _told(count: int) -> int | None:
    return None if 0 < count < SMALL else count


def _firms_full(problem: Problem, seats: np.ndarray, taken: np.ndarray) -> list[int]:
    """How many enterprises with places have filled all of them, and how many there are."""
    names, row = np.unique(problem.positions.enterprise.astype(str), return_inverse=True)
    offered, filled = (np.bincount(row, weights=of, minlength=len(names)) for of in (seats, taken))
    return [int(((filled >= offered) & (offered > 0)).sum()), int((offered > 0).sum())]


def _unfilled(market: Market, rows: np.ndarray, n_lawful: np.ndarray, scorable: np.ndarray) -> dict[str, int]:
    """Places left, by reason. What a cap above the post closes counts as that; of the rest, all who listed the post have what they prefer."""
    whole, posts, n_rows = market.whole, len(n_lawful), len(market.seats.post)
    mine = rows[rows >= 0]
    left = whole.seats - np.bincount(mine, minlength=n_rows)
    listed = np.bincount(market.seats.post[market.found.position], minlength=posts)
    room = np.minimum(*((cap - np.bincount(of[mine], minlength=len(cap)))[of] for cap, of in ((whole.family_cap, whole.family), (whole.firm_cap, whole.firm))))
    unfilled: Counter[str] = Counter()
    kept = np.zeros(posts, dtype=np.int64)
    np.add.at(kept, market.seats.post, np.where(market.seats.stays, left, 0))
    for j, free in enumerate(_by_post(left, market).tolist()):
        if free <= 0:
            continue
        if n_lawful[j] == 0:
            unfilled["no-lawful-student"] += free
        elif listed[j] == 0:
            unfilled["nobody-listed" if scorable[j] else "not-scorable"] += free
        else:
            closed = max(free - int(room[j]), 0)
            reserved = min(int(kept[j]), free - closed)
            unfilled += Counter({"quota": closed, "reserved": reserved, "students-elsewhere": free - closed - reserved})
    return dict(sorted(unfilled.items()))
