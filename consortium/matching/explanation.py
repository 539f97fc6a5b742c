"""Why this pair, why not that one: what each shared term, skill and rule gave. The parts sum to the score exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from consortium.matching import eligibility
from consortium.matching.eligibility import FAIL, PASS, Verdict
from consortium.matching.problem import Problem
from consortium.matching.similarity import GRID
from consortium.matching.vocabulary import FAMILIES, Vocabulary

MOST_REASONS = 3
HIGH, MIDDLE = 470_000, 235_000
"""Points from which a match is called high or middle; to be calibrated against accepted offers once there are some."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one term gave."""

    family: str
    term: str
    points: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """One pair: points (None where the post asks for nothing), its parts, the verdicts of all rules."""

    points: int | None
    parts: tuple[Part, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def by_family(self) -> dict[str, int]:
        """Points of each family, all families named, largest first."""
        total = dict.fromkeys(FAMILIES, 0)
        for part in self.parts:
            total[part.family] += part.points
        return dict(sorted(total.items(), key=lambda item: -item[1]))

    @property
    def band(self) -> str:
        """high, middle, low, or none where there is no score."""
        if self.points is None:
            return "none"
        return "high" if self.points >= HIGH else "middle" if self.points >= MIDDLE else "low"

    @property
    def lawful(self) -> bool:
        """No rule stops the pair."""
        return not any(verdict.blocks for verdict in self.verdicts)

    @property
    def strongest_against(self) -> Verdict | None:
        """What speaks most against: a rule that stops, else one not met, else one not known."""
        order = sorted(self.verdicts, key=lambda v: (not v.blocks, v.state != FAIL, v.state == PASS))
        return order[0] if order and order[0].state != PASS else None


def whole_points(values: np.ndarray, total: int) -> np.ndarray:
    """(n,) int64 that sum to `total`: rounded down, the rest to the largest remainders, ties to the first."""
    exact = np.asarray(values, dtype=np.float64) * GRID
    floor = np.floor(exact).astype(np.int64)
    rest = int(total - floor.sum())
    order = np.argsort(-(exact - floor), kind="stable")
    step = 1 if rest >= 0 else -1
    for turn in range(abs(rest)):
        floor[order[turn % len(order)]] += step
    return floor


def explain(
    problem: Problem,
    vocabulary: Vocabulary,
    rows: tuple[sparse.csr_matrix, sparse.csr_matrix],
    i: int,
    j: int,
    *,
    scorable: bool,
    thresholds: Mapping[str, float],
) -> Explanation:
    """Explain student row `i` and position row `j`; `rows` are the very feature rows that were scored."""
    verdicts = () if problem.open_to_all else tuple(eligibility.judge_pair(problem, i, j, thresholds))
    if not scorable:
        return Explanation(None, (), verdicts)
    score = rows[0][[i]] @ rows[1][[j]].T
    total = int(np.rint(float(score.toarray()[0, 0]) * GRID))
    shared = rows[0][[i]].multiply(rows[1][[j]]).tocoo()
    order = np.argsort(shared.col, kind="stable")
    given = whole_points(shared.data[order], total) if len(order) else np.zeros(0, dtype=np.int64)
    parts = [Part(*vocabulary.label(int(c)), int(p)) for c, p in zip(shared.col[order], given, strict=True)]
    parts.sort(key=lambda part: (-part.points, part.family, part.term))
    return Explanation(total, tuple(parts), verdicts)
