"""Simulated choosers with known wishes, who look at the top of a list more often than at its end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from consortium.matching.learning import Evidence
from consortium.matching.vocabulary import FAMILIES, WEIGHTS

STEEP = 14.0


def truth(**given: float) -> dict[str, float]:
    """Weights of what people really want: these families, the rest of the weight spread as it serves."""
    left = {family: weight for family, weight in WEIGHTS.items() if family not in given}
    room = (1 - sum(given.values())) / sum(left.values())
    return {family: given.get(family, WEIGHTS[family] * room) for family in FAMILIES}


def choose(
    n_lists: int, wanted: Mapping[str, float] | None, seed: int, *, eta: float = 1.0, shown: int = 10, among: int = 60, serving: Mapping[str, float] = WEIGHTS
) -> Evidence:
    """Lists sorted by the serving weights, acted upon by propensity × wish (`wanted` None: by the place alone); as in life, only lists acted upon are known."""
    draw = np.random.default_rng(seed)
    served = np.array([serving[family] for family in FAMILIES])
    liked = None if wanted is None else np.array([wanted[family] for family in FAMILIES])
    columns: dict[str, list[np.ndarray]] = {name: [] for name in Evidence.__dataclass_fields__}
    number = 0
    while number < n_lists:
        x = draw.beta(1.2, 3.0, (among, len(FAMILIES)))
        x = x[np.argsort(-(x @ served), kind="stable")][:shown]
        place = np.arange(1, shown + 1)
        want = np.full(shown, 0.25) if liked is None else np.minimum(np.exp(STEEP * (x @ liked - 0.55)), 1.0)
        acted = draw.random(shown) < place**-eta * want
        if not acted.any():
            continue
        grade = np.where(acted, draw.choice([1, 2, 2, 3, 4], shown), 0)
        for name, value in (
            ("lists", np.full(shown, number)), ("kin", np.full(shown, f"k{draw.integers(30)}", dtype=object)), ("at", np.full(shown, float(number))),
            ("place", place), ("grade", grade), ("cosines", x), ("teaches", np.ones(x.shape, dtype=bool)),
        ):  # fmt: skip
            columns[name].append(value)
        number += 1
    return Evidence(**{name: np.concatenate(values) for name, values in columns.items()})


def distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """L1 between two sets of weights."""
    return float(sum(abs(one[family] - other[family]) for family in FAMILIES))
