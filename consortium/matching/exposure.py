"""Who is shown what: recommendations in the order of what suits both sides, and no post shown to more students than its places warrant.

For recommendations only; no round, no assignment and no score knows of it. Students ask for the best posts of their lists, and a post
keeps those whom it suits best up to its cap; who is turned away asks for the next best. That is deferred acceptance with many partners on
both sides (Roth 1984), so the result is the same in whatever order they ask, and nobody who is turned away suits better than one who is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

SLACK = 2.0
"""How many times its even share a post may be shown, by its seats, where all entries of all lists were dealt evenly over all seats.

Chosen on the demonstration's data (`benchmarks/exposure.py`): the Gini coefficient of posts falls by a quarter, and lists stay above ten.
"""

FEWEST = 10.0
"""Students for each place whom a post may always be shown to: a small market needs no cap."""

LEAST = 5
"""What every student keeps of the own list, whatever the caps."""

_SCALE = 1_000_000
_FAR = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Pairs:
    """Pairs that may be recommended, each once, by student, then position. student, position : rows; points, both : whole points of the score and of `suiting`; all (n,) int64."""

    student: np.ndarray
    position: np.ndarray
    points: np.ndarray
    both: np.ndarray

    def __len__(self) -> int:
        return len(self.student)

    def those(self, which: np.ndarray) -> Pairs:
        """The pairs in `which`, (n,) bool."""
        return Pairs(self.student[which], self.position[which], self.points[which], self.both[which])

    def among(self, numbers: np.ndarray, n_positions: int) -> np.ndarray:
        """(n,) bool: which of the pairs have one of the numbers, student × n_positions + position; every number is that of a pair."""
        found = np.zeros(len(self), dtype=bool)
        found[np.searchsorted(self.student * n_positions + self.position, numbers)] = True
        return found


@dataclass(frozen=True)
class Shown:
    """Lists as people see them, best for both first; −1 fills up.

    student_idx, student_points : (n_students, k) after the cap; position_idx, position_points : (n_positions, k_positions); all int64;
    left_out : (n_students,) int64, posts that scored better than the last one shown and were shown to enough others;
    report : a JSON value: what the cap changed.
    """

    student_idx: np.ndarray
    student_points: np.ndarray
    position_idx: np.ndarray
    position_points: np.ndarray
    left_out: np.ndarray
    report: dict[str, Any]


def suiting(points: np.ndarray, wish: np.ndarray, most: tuple[float, float], told: np.ndarray) -> np.ndarray:
    """(n,) int64 from 0 to a million: the harmonic mean of two shares, what the student wishes for and what the post asks for.

    points, wish : (n,) int64, the score and the part of it that is wish; most : what each of the two parts can reach, in the same points;
    told : (n,) bool, whether the student has told any wish; where not, the post's part alone counts: not told is not "does not suit".
    """
    wanted, needed = (np.clip(part / max(top, 1.0), 0.0, 1.0) for part, top in zip((wish, points - wish), most, strict=True))
    mean = 2.0 * wanted * needed / np.maximum(wanted + needed, 1e-12)
    return np.asarray(np.rint(np.where(told, mean, needed) * _SCALE), dtype=np.int64)


def united(student_idx: np.ndarray, position_idx: np.ndarray, proposed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Student and position of every pair of either side's lists and of the proposals, each once, (n,) int64, by student.

    student_idx : (n_students, k) rows of positions, position_idx : (n_positions, k_positions) rows of students, proposed : (n_students,)
    rows of positions; −1 for none.
    """
    n_positions = max(len(position_idx), 1)
    told = []
    for owner_is_student, idx in ((True, student_idx), (False, position_idx), (True, proposed[:, None])):
        row, at = np.nonzero(idx >= 0)
        other = idx[row, at]
        told.append(row * n_positions + other if owner_is_student else other * n_positions + row)
    number = np.sort(np.concatenate(told).astype(np.int64))
    student, position = np.divmod(number[np.diff(number, prepend=-1) > 0], n_positions)
    return student, position


def seats(places: np.ndarray) -> np.ndarray:
    """(n_positions,) int64; an unknown number of places counts as one."""
    return np.asarray(np.where(places < 0, 1, places), dtype=np.int64)


def students_a_place(student: np.ndarray, places: np.ndarray, k: int, slack: float = SLACK) -> float:
    """To how many students a post is shown for each of its places: `slack` times what dealing lists of `k` evenly over all seats would give, FEWEST at least.

    student : (n,) row of the student of every pair that may be recommended. Raises ValueError for a slack below 1: the lists could not be filled.
    """
    if not 1.0 <= slack < float("inf"):
        raise ValueError(f"slack: a finite number of at least 1 expected, {slack!r} found")
    return max(float(slack * int(np.minimum(np.bincount(student), k).sum()) / max(int(seats(places).sum()), 1)), FEWEST)


def kept(pairs: Pairs, cap: np.ndarray, k: int, turns: tuple[np.ndarray, np.ndarray], sure: np.ndarray, least: int = LEAST) -> np.ndarray:
    """(n,) bool: the pairs that are shown, at most `k` of a student and `cap` of a post, except what makes up `least` for a student.

    cap : (n_positions,); turns : of students and positions; sure : (n,) bool, pairs that stay whatever the caps (at most one of a student).
    """
    n = len(pairs)
    asked_by = _Groups.of(pairs.student, (turns[1][pairs.position], -pairs.points, ~sure))
    asked_at = _Groups.of(pairs.position, (turns[0][pairs.student], -pairs.points, -pairs.both, ~sure))
    standing, limit = np.ones(n, dtype=bool), cap[pairs.position]
    while True:
        asked = standing & (asked_by.place(standing) <= k)
        refused = asked & (asked_at.place(asked) > limit) & ~sure
        if not refused.any():
            break
        standing &= ~refused
    has = np.bincount(pairs.student[asked], minlength=int(pairs.student.max(initial=0)) + 1)[pairs.student]
    return np.asarray(asked | (~asked & (asked_by.place(~asked) + has <= min(least, k))))


@dataclass(frozen=True)
class _Groups:
    """Pairs by owner and in the owner's order. order : (n,) the pairs in that order; first : (n,) where the owner of each begins."""

    order: np.ndarray
    first: np.ndarray

    @staticmethod
    def of(owner: np.ndarray, keys: tuple[np.ndarray, ...]) -> _Groups:
        """`keys` : as `numpy.lexsort` takes them, the last one first."""
        order = np.lexsort((*keys, owner))
        return _Groups(order, np.searchsorted(owner[order], owner[order]))

    def place(self, which: np.ndarray) -> np.ndarray:
        """(n,) int64: how many of its owner's pairs that are in `which`, (n,) bool, stand up to each pair."""
        running = np.cumsum(np.concatenate([[0], which[self.order]]))
        found = np.empty(len(which), dtype=np.int64)
        found[self.order] = running[1:] - running[self.first]
        return found


def listed(pairs: Pairs, owner: np.ndarray, other: np.ndarray, turns: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and points, both of `shape` (n_owners, k), of pairs by owner, best for both first; −1 fills up. `turns` : of the others."""
    idx, points = np.full(shape, -1, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
    order = np.lexsort((turns[other], -pairs.points, -pairs.both, owner))
    owners = owner[order]
    at = np.arange(len(order)) - np.searchsorted(owners, owners)
    idx[owners, at], points[owners, at] = other[order], pairs.points[order]
    return idx, points


def shown(
    pairs: Pairs, lists: tuple[np.ndarray, np.ndarray], proposed: np.ndarray, places: np.ndarray, turns: tuple[np.ndarray, np.ndarray],
    a_place: float, least: int = LEAST,
) -> Shown:  # fmt: skip
    """Both sides' lists as people see them.

    pairs : of `united`; lists : student_idx (n_students, k) and position_idx (n_positions, k_positions) as they were scored; proposed :
    (n_students,) row of the position that an assignment proposes, −1 for none: it stays in the list; places : (n_positions,), −1 where
    unknown, which counts as one; a_place : to how many students a post is shown for each place; inf: no cap.
    """
    student_idx, position_idx = lists
    (n_students, k), n_positions = student_idx.shape, max(len(position_idx), 1)
    cap = np.ceil(np.minimum(a_place * seats(places), n_students)).astype(np.int64)
    stays = kept(pairs, cap, k, turns, proposed[pairs.student] == pairs.position, least)
    mine = pairs.those(stays)
    own, own_points = listed(mine, mine.student, mine.position, turns[1], (n_students, k))
    last = np.where(own >= 0, own_points, _FAR).min(axis=1, initial=_FAR)
    better = pairs.student[~stays & (pairs.points > last[pairs.student])]
    left_out = np.bincount(better, minlength=n_students)
    theirs = pairs.those(pairs.among(_numbers(position_idx, n_positions, turned=True), n_positions))
    candidates, candidate_points = listed(theirs, theirs.position, theirs.student, turns[0], position_idx.shape)
    report = {
        "students_a_place": round(a_place, 4) if a_place < float("inf") else None,
        "left_out": len(better),
        "students_left_out": int((left_out > 0).sum()),
        "over_the_cap": int(np.maximum(np.bincount(mine.position, minlength=len(cap)) - cap, 0).sum()),
        "entries": [int((student_idx >= 0).sum()), int((own >= 0).sum())],
        "brought_in": int((stays & ~pairs.among(_numbers(student_idx, n_positions), n_positions)).sum()),
        "before": figures(pairs, student_idx, position_idx, places),
        "after": figures(pairs, own, candidates, places),
    }
    return Shown(own, own_points, candidates, candidate_points, left_out, report)


FIRST = 10
"""What a page shows of a list at first."""


def figures(pairs: Pairs, student_idx: np.ndarray, position_idx: np.ndarray, places: np.ndarray) -> dict[str, float]:
    """Of the first ten of both sides' lists: the share of posts that some student is shown, of students who are shown something, the Gini
    coefficient of students shown a post by its places, the share of the posts' pairs that the students are shown too, and how well pairs suit both."""
    own, theirs = student_idx[:, :FIRST], position_idx[:, :FIRST]
    room = seats(places)
    times = np.bincount(own[own >= 0], minlength=len(room))
    n_positions = max(len(position_idx), 1)
    mine, other = (pairs.among(_numbers(idx, n_positions, turned=turned), n_positions) for idx, turned in ((own, False), (theirs, True)))
    return {
        "posts_shown": _share(times[room > 0] > 0),
        "students_shown": _share(np.asarray((own >= 0).any(axis=1))),
        "gini": round(gini(times[room > 0] / room[room > 0]), 4),
        "mutual": _share(mine[other]),
        "both": _share(pairs.both[mine] / _SCALE),
    }


def gini(values: np.ndarray) -> float:
    """0 where all (n,) values are alike, towards 1 where one has all."""
    ordered = np.sort(values)
    n, total = len(ordered), float(ordered.sum())
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total)) if total > 0 else 0.0


def _share(which: np.ndarray) -> float:
    return round(float(which.mean()), 4) if len(which) else 0.0


def _numbers(idx: np.ndarray, n_positions: int, *, turned: bool = False) -> np.ndarray:
    """A number for every pair of lists, by owner: students' rows of positions, or `turned` positions' rows of students."""
    row, at = np.nonzero(idx >= 0)
    return idx[row, at] * n_positions + row if turned else row * n_positions + idx[row, at]


__all__ = ["FEWEST", "FIRST", "LEAST", "SLACK", "Pairs", "Shown", "figures", "gini", "kept", "listed", "seats", "shown", "students_a_place", "suiting", "united"]
