"""What the bands mean: points from which a match is high or middle, derived from answered offers, and how far that can be relied upon.

An offer is made to whom the enterprise chose, wherever the candidate stood, and the student answers it: neither place nor exposure bends
the share of accepted ones. Isotonic regression (pool adjacent violators: Barlow et al. 1972) asks only that more points never mean less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from consortium.matching.explanation import HIGH, MIDDLE
from consortium.matching.learning import FOLDS, folds

LEAST_OFFERS, LEAST_IN_BAND = 120, 25
BINS = 6


@dataclass(frozen=True)
class Share:
    """Of `n` answered offers, the share that was accepted, with its 95 % interval (Wilson 1927)."""

    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Bands:
    """Points from which a match is high or middle, and what that meant for offers: shares of high, middle, low; None: not calibrated.

    reliability : (foretold share, share seen, n) of bins of offers, foretold by folds that had not seen them.
    """

    high: int = HIGH
    middle: int = MIDDLE
    shares: Mapping[str, Share] | None = None
    reliability: tuple[tuple[float, float, int], ...] = ()
    n: int = 0

    def of(self, points: int | None) -> str:
        """high, middle, low, or none where there is no score."""
        if points is None:
            return "none"
        return "high" if points >= self.high else "middle" if points >= self.middle else "low"

    def told(self) -> dict[str, Any]:
        """Plain numbers, to be stored."""
        return asdict(self)

    @staticmethod
    def read(told: Mapping[str, Any]) -> Bands:
        """The inverse of `told`; nothing told gives the uncalibrated bands."""
        if not told:
            return Bands()
        shares = {name: Share(**one) for name, one in told["shares"].items()} if told["shares"] else None
        return Bands(told["high"], told["middle"], shares, tuple((a, b, n) for a, b, n in told["reliability"]), told["n"])


def share(n: int, k: int) -> Share:
    """k of n, with Wilson's interval at 95 %."""
    z = 1.959964
    p, base = k / n, 1 + z * z / n
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / base
    middle = (p + z * z / (2 * n)) / base
    return Share(n, round(p, 4), round(float(max(middle - half, 0.0)), 4), round(float(min(middle + half, 1.0)), 4))


def calibrate(points: np.ndarray, accepted: np.ndarray, kin: np.ndarray) -> Bands:
    """Bands by isotonic regression of acceptance on points: of all ways to cut its steps in three, the one that tells shares apart best.

    points : (n,) int64, accepted : (n,) bool, kin : (n,) str. The present bands, said to be uncalibrated, where there are fewer than
    `LEAST_OFFERS`, or where more points do not mean more acceptances (fewer than three rising bands of `LEAST_IN_BAND` offers).
    """
    n = len(points)
    order = np.lexsort((accepted, points))
    points, accepted, kin = points[order].astype(np.int64), accepted[order].astype(np.float64), kin[order]
    if n < LEAST_OFFERS:
        return Bands(n=n)
    told = np.asarray(_isotonic().fit_transform(points, accepted))
    cuts = [int(i) for i in np.flatnonzero((np.diff(told) > 1e-12) & (np.diff(points) > 0)) + 1]
    upto = np.concatenate([[0.0], np.cumsum(accepted)])
    best: tuple[float, int, int] | None = None
    for a in cuts:
        for b in cuts:
            sizes = (a, b - a, n - b)
            if b <= a or min(sizes) < LEAST_IN_BAND:
                continue
            sums = (upto[a], upto[b] - upto[a], upto[n] - upto[b])
            rates = [s / size for s, size in zip(sums, sizes, strict=True)]
            spread = sum(s * s / size for s, size in zip(sums, sizes, strict=True))  # the part of the squares that the cut explains
            if rates[0] < rates[1] < rates[2] and (best is None or spread > best[0] + 1e-12):
                best = (spread, a, b)
    if best is None:
        return Bands(n=n)
    _, a, b = best
    parts = {"high": accepted[b:], "middle": accepted[a:b], "low": accepted[:a]}
    shares = {name: share(len(part), int(part.sum())) for name, part in parts.items()}
    return Bands(int(points[b]), int(points[a]), shares, _reliability(points, accepted, kin), n)


def holds(bands: Bands, points: np.ndarray, accepted: np.ndarray) -> bool:
    """Whether what the bands say is still true of these offers: every stated share lies within the interval of what came."""
    if bands.shares is None:
        return False
    of = np.array([bands.of(int(one)) for one in points])
    came = {name: accepted[of == name] for name in bands.shares}
    seen = {name: share(len(part), int(part.sum())) for name, part in came.items() if len(part)}
    return all(told.low <= bands.shares[name].share <= told.high for name, told in seen.items())


def _isotonic() -> Any:
    from sklearn.isotonic import IsotonicRegression  # two seconds to load: only a training waits for it

    return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")


def _reliability(points: np.ndarray, accepted: np.ndarray, kin: np.ndarray) -> tuple[tuple[float, float, int], ...]:
    fold = folds(kin)
    foretold = np.full(len(points), np.nan)
    for turn in range(FOLDS):
        rest, held = fold != turn, fold == turn
        if held.any() and rest.any():
            foretold[held] = _isotonic().fit(points[rest], accepted[rest]).predict(points[held])
    order = [i for i in np.argsort(foretold, kind="stable") if not np.isnan(foretold[i])]
    bins = [part for part in np.array_split(np.array(order, dtype=np.int64), BINS) if len(part)]
    return tuple((round(float(foretold[part].mean()), 4), round(float(accepted[part].mean()), 4), len(part)) for part in bins)
