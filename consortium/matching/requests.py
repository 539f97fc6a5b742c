"""Requests that cannot be met, each with the rule or the quota that binds it and by how much; and the seating of fixed pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from consortium.matching import eligibility
from consortium.matching.assignment import UNLIMITED, Capacities
from consortium.matching.blocks import Plan
from consortium.matching.eligibility import OWN_WISHES
from consortium.matching.problem import Columns, Problem

FIXED, RANKED, RESERVED = "fixed", "ranked", "reserved"
POST, FAMILY, FIRM = "post", "R11", "R10"  # the seats of the post; 20 % of the same kind of post; 10 % of the enterprise's staff
TWICE, UNKNOWN_POST = "twice", "unknown-post"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A request that cannot be met. student : key, '' where seats are asked for; what : fixed, ranked, reserved; bound : code of a rule, or
    post, twice, unknown-post; over : how many seats (of a fixed pair: of all fixed there) are asked for beyond what there is; code : whom
    seats are reserved for."""

    student: str
    position: str
    what: str
    bound: str
    over: int = 0
    code: str = ""


@dataclass(frozen=True)
class Judge:
    """What the law says of pairs of rows, by code; `plan` has it as tables. Everything is open where `plan` has none."""

    plan: Plan
    positions: Columns
    thresholds: Mapping[str, float]

    def stopped_by(self, student: np.ndarray, position: np.ndarray, *, but: frozenset[str] = frozenset()) -> list[str]:
        """(n,) the code of the first rule that stops each pair, '' for none; rules in `but` are not asked."""
        found = np.full(len(student), "", dtype=object)
        unlawful = np.unique(position[~self.plan.lawful[position]]) if len(position) else position
        for j, verdicts in zip(unlawful, eligibility.judge_posts(self.positions.take(unlawful), self.thresholds), strict=True):
            found[position == j] = next(verdict.code for verdict in verdicts if verdict.blocks)
        for table in self.plan.tables:
            if table.code not in but:
                found[(found == "") & ~table.open[table.student[student], table.position[position]]] = table.code
        return [str(code) for code in found]


def ranked(problem: Problem, judge: Judge) -> list[Unmet]:
    """Posts in students' own rankings that are not there, or that a rule stops; kept beside the students for the same posts under the same law."""
    kept = problem.students.__dict__.get("_ranked")
    if kept is not None and kept[0] is problem.positions.key and kept[1] is judge.plan:
        return list(kept[2])
    students, row_of = problem.students, {key: j for j, key in enumerate(problem.positions.key)}
    ranking = [i for i, own in enumerate(students.ranking) if own]
    pairs = [(i, key) for i in ranking for key in dict.fromkeys(students.ranking[i])]
    found = [Unmet(str(students.key[i]), str(key), RANKED, UNKNOWN_POST) for i, key in pairs if key not in row_of]
    known = np.array([(i, row_of[key]) for i, key in pairs if key in row_of], dtype=np.int64).reshape(-1, 2)
    codes = judge.stopped_by(known[:, 0], known[:, 1])
    keys = problem.positions.key
    stopped = [row for row, code in enumerate(codes) if code]
    found += [Unmet(str(students.key[known[c, 0]]), str(keys[known[c, 1]]), RANKED, codes[c]) for c in stopped]
    students.__dict__["_ranked"] = (keys, judge.plan, tuple(found))
    return found


def settled(
    problem: Problem, post: np.ndarray, code: tuple[str, ...], stays: np.ndarray, whole: Capacities, turns: np.ndarray, judge: Judge
) -> tuple[np.ndarray, np.ndarray, list[Unmet]]:
    """Seat the fixed pairs in the order of the lottery. (n_students,) int64 row of seats or -1; (n_students,) bool who cannot be seated.

    post, code, stays : of every row of seats. A student's own wishes may be overruled by the own acceptance, the law may not. Nothing is
    proposed to whom a fixed pair cannot be kept: an accepted offer is mended by people, not by the next best post.
    """
    students, positions = problem.students, problem.positions
    seated, absent = np.full(len(students), -1, dtype=np.int64), np.zeros(len(students), dtype=bool)
    asking = np.flatnonzero([bool(keys) for keys in students.fixed])
    if not len(asking):
        return seated, absent, []
    row_of, unmet, pairs = {key: j for j, key in enumerate(positions.key)}, [], []
    for i in asking[np.argsort(turns[asking])]:
        keys = list(dict.fromkeys(students.fixed[i]))
        if len(keys) > 1 or keys[0] not in row_of:
            unmet += [Unmet(str(students.key[i]), str(key), FIXED, TWICE if len(keys) > 1 else UNKNOWN_POST, len(keys) - 1) for key in keys]
            absent[i] = True
        else:
            pairs.append((int(i), row_of[keys[0]]))
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    lawful = []
    for (i, j), stop in zip(pairs, judge.stopped_by(both[:, 0], both[:, 1], but=OWN_WISHES), strict=True):
        if stop:
            unmet.append(Unmet(str(students.key[i]), str(positions.key[j]), FIXED, stop))
            absent[i] = True
        else:
            lawful.append((i, j))
    room = _Room(post, code, stays, whole, lawful)
    for i, j in lawful:
        row, bound = room.taken(j, students.priority[i])
        seated[i], absent[i] = row, row < 0
        if row < 0:
            unmet.append(Unmet(str(students.key[i]), str(positions.key[j]), FIXED, bound, room.over(j, bound)))
    return seated, absent, unmet


class _Room:
    """What is left of seats and caps while the fixed sit down, and how many ask."""

    def __init__(self, post: np.ndarray, code: tuple[str, ...], stays: np.ndarray, whole: Capacities, pairs: list[tuple[int, int]]) -> None:
        self.code, self.stays, self.whole = code, stays, whole
        self.rows: dict[int, list[int]] = {}
        for row, j in enumerate(post.tolist()):
            self.rows.setdefault(j, []).append(row)
        self.seats, self.family, self.firm = whole.seats.copy(), whole.family_cap.copy(), whole.firm_cap.copy()
        posts = [j for _, j in pairs]
        self.asked = {POST: Counter(posts), FAMILY: Counter(int(whole.family[j]) for j in posts), FIRM: Counter(int(whole.firm[j]) for j in posts)}

    def taken(self, j: int, borne: tuple[str, ...]) -> tuple[int, str]:
        """The row of seats a student gets at post `j`, or -1 and what binds."""
        family, firm = int(self.whole.family[j]), int(self.whole.firm[j])
        row = next((row for row in self._in_order(j, borne) if self.seats[row] > 0), -1)
        bound = POST if row < 0 else FAMILY if self.family[family] < 1 else FIRM if self.firm[firm] < 1 else ""
        if bound:
            return -1, bound
        self.seats[row] -= 1
        for caps, group in ((self.family, family), (self.firm, firm)):
            caps[group] -= caps[group] != UNLIMITED
        return row, ""

    def over(self, j: int, bound: str) -> int:
        """By how many the fixed at the binding level exceed what there is."""
        if bound == POST:
            return max(int(self.asked[POST][j] - sum(self.whole.seats[row] for row in self.rows[j])), 1)
        group, caps = (self.whole.family[j], self.whole.family_cap) if bound == FAMILY else (self.whole.firm[j], self.whole.firm_cap)
        return int(self.asked[bound][int(group)] - caps[group])

    def _in_order(self, j: int, borne: tuple[str, ...]) -> Iterator[int]:
        first, *reserved = self.rows[j]
        yield from (row for row in reserved if self.code[row] in borne)
        yield first
        yield from (row for row in reserved if self.code[row] not in borne and not self.stays[row])

