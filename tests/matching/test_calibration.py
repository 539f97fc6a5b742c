"""Bands: they mean rising shares of accepted offers, or are called uncalibrated."""

from __future__ import annotations

import json

import numpy as np
import pytest

from consortium.matching.calibration import Bands, calibrate
from consortium.matching.explanation import HIGH, MIDDLE


def offers(n: int, seed: int, slope: float = 6.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    points = draw.integers(50_000, 750_000, n)
    return points, draw.random(n) < 1 / (1 + np.exp(-slope * (points / 1e6 - 0.4))), np.array([f"k{i}" for i in draw.integers(40, size=n)], dtype=object)


def test_bands_mean_rising_shares_of_accepted_offers() -> None:
    points, accepted, kin = offers(800, 1)
    bands = calibrate(points, accepted, kin)
    assert bands.shares is not None
    assert bands.high > bands.middle
    rates = [bands.shares[name].share for name in ("low", "middle", "high")]
    assert rates == sorted(rates)
    assert rates[2] - rates[0] > 0.3
    for name, told in bands.shares.items():
        mine = np.array([bands.of(int(p)) == name for p in points])
        assert told.n == mine.sum()
        assert told.share == pytest.approx(accepted[mine].mean(), abs=1e-4)
        assert told.low <= told.share <= told.high
    fresh_points, fresh, _ = offers(4000, 2)
    for name, told in bands.shares.items():
        mine = np.array([bands.of(int(p)) == name for p in fresh_points])
        assert told.low - 0.06 <= fresh[mine].mean() <= told.high + 0.06


def test_reliability_is_foretold_by_folds_that_had_not_seen_the_offers() -> None:
    bands = calibrate(*offers(1500, 3))
    assert sum(n for _, _, n in bands.reliability) == 1500
    foretold = [one for one, _, _ in bands.reliability]
    assert foretold == sorted(foretold)
    assert max(abs(told - came) for told, came, _ in bands.reliability) < 0.12


@pytest.mark.parametrize(("n", "slope"), [(60, 6.0), (600, 0.0), (600, -6.0)], ids=["too few offers", "points say nothing", "points say the contrary"])
def test_where_offers_say_nothing_the_bands_stay_and_are_called_uncalibrated(n: int, slope: float) -> None:
    points, accepted, kin = offers(n, 5, slope)
    if slope == 0:
        accepted = np.ones(n, dtype=bool)
    bands = calibrate(points, accepted, kin)
    assert (bands.high, bands.middle, bands.shares, bands.n) == (HIGH, MIDDLE, None, n)


def test_calibration_is_monotone_and_independent_of_the_order_of_offers() -> None:
    points, accepted, kin = offers(400, 7)
    order = np.random.default_rng(0).permutation(400)
    assert calibrate(points, accepted, kin) == calibrate(points[order], accepted[order], kin[order])
    bands = calibrate(points, accepted, kin)
    names = [bands.of(p) for p in (None, 0, bands.middle, bands.high)]
    assert names == ["none", "low", "middle", "high"]


def test_bands_survive_being_stored() -> None:
    bands = calibrate(*offers(400, 7))
    assert Bands.read(json.loads(json.dumps(bands.told()))) == bands
    assert Bands.read({}) == Bands()
