"""Why a student has what the round gave: post by post of the own list, what decided, and who was the last to be admitted there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consortium.matching.market import Market
from consortium.matching.preferences import NO_PRIORITY
from consortium.matching.problem import Problem
from consortium.matching.requests import FAMILY, FIRM, POST
from consortium.matching.stability import weakest

HELD, REFUSED, NOT_NEEDED = "held", "refused", "not-needed"
BY_RESERVED, BY_PRIORITY, BY_ORDER, BY_POINTS, BY_LOTTERY, BY_QUOTA = "reserved", "priority", "order", "points", "lottery", "quota"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contract stands in an enterprise's order: the declared code that counted ('' for none), the points, the lottery turn."""

    code: str
    points: int
    turn: int


@dataclass(frozen=True, slots=True)
class Step:
    """One post of a student's list.

    position : row; rank : place in the list; state : held, refused, or not needed as a better one is held; bound : what was full (post,
    R11, R10), '' unless refused; decided : reserved, priority, order (the post's own), points, lottery, or quota where there was no seat to compete for;
    own, last : the student and the last one admitted where it was full; admitted : how many the post admitted.
    """

    position: int
    rank: int
    state: str
    bound: str
    decided: str
    own: Standing
    last: Standing | None
    admitted: int


class Reasons:
    """Answers for every student of a market and its outcome, worked out once. `turns` : (n_students,) lottery turns."""

    def __init__(self, problem: Problem, market: Market, held: np.ndarray, turns: np.ndarray) -> None:
        self._problem, self._market, self._held, self._turns = problem, market, held, turns
        self._levels = list(zip((POST, FAMILY, FIRM), weakest(market.found, market.left, held), strict=True))
        rows = market.rows_of(held)
        self._admitted = np.bincount(market.seats.post[rows[rows >= 0]], minlength=len(problem.positions))
        self._contract = np.argsort(market.found.merit)  # merits are 1 … n

    def of(self, student: int) -> list[Step]:
        """The student's list, first to last; empty for who sits already (fixed) or listed nothing."""
        found, seats = self._market.found, self._market.seats
        first, last = np.searchsorted(found.student, [student, student + 1])
        mine: dict[int, list[int]] = {}
        for contract in range(int(first), int(last)):
            mine.setdefault(int(seats.post[found.position[contract]]), []).append(contract)
        held, steps, done = int(self._held[student]), [], False
        for post, contracts in mine.items():
            of_open = next((c for c in contracts if not seats.code[found.position[c]]), contracts[0])
            rank, own = int(self._market.rank[of_open]), self._standing(held if held in contracts else of_open)
            if held in contracts:
                steps.append(Step(post, rank, HELD, "", self._by(own), own, None, int(self._admitted[post])))
                done = True
            elif done:
                steps.append(Step(post, rank, NOT_NEEDED, "", "", own, None, int(self._admitted[post])))
            else:
                steps.append(self._refused(post, rank, of_open, own))
        return steps

    def _refused(self, post: int, rank: int, contract: int, own: Standing) -> Step:
        row = int(self._market.found.position[contract])
        admitted = int(self._admitted[post])
        for bound, level in self._levels:
            group = int(level.group[row])
            if level.heads[group] < level.cap[group]:
                continue
            if level.heads[group] == 0:
                return Step(post, rank, REFUSED, bound, BY_QUOTA, own, None, admitted)
            other = int(self._contract[level.weakest[group] - 1])
            last = self._standing(other)
            return Step(post, rank, REFUSED, bound, self._between(contract, other), own, last, admitted)
        raise AssertionError("a refused contract with room at every level would block the outcome")

    def _between(self, own: int, other: int) -> str:
        market = self._market
        if market.member[other] and not market.member[own]:
            return BY_RESERVED
        if market.group[other] != market.group[own]:
            return BY_PRIORITY
        if market.order[other] != market.order[own]:
            return BY_ORDER
        return BY_POINTS if market.points[other] != market.points[own] else BY_LOTTERY

    def _standing(self, contract: int) -> Standing:
        code = basis(self._problem, self._market, contract).partition(":")[2]
        return Standing(code, int(self._market.points[contract]), int(self._turns[self._market.found.student[contract]]))

    @staticmethod
    def _by(own: Standing) -> str:
        return BY_PRIORITY if own.code else BY_POINTS


def basis(problem: Problem, market: Market, contract: int) -> str:
    """`reserved:code` or `priority:code` where one counted for this contract, else ''."""
    row = int(market.found.position[contract])
    if market.member[contract]:
        return f"{BY_RESERVED}:{market.seats.code[row]}"
    group = int(market.group[contract])
    if group == NO_PRIORITY:
        return ""
    return f"{BY_PRIORITY}:{problem.positions.priority_codes[market.seats.post[row]][group]}"
