"""What stability costs, and what other weights, caps or declared priorities would give: figures side by side, before anything is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from consortium.matching.assignment import UNLIMITED, Capacities, assign
from consortium.matching.preferences import Contracts
from consortium.matching.problem import Columns, Problem, no_codes
from consortium.matching.vocabulary import WEIGHTS

MOST_EXACT = 60_000  # contracts up to which the greatest total is worked out exactly: a second of one processor


def price(found: Contracts, capacities: Capacities, points: np.ndarray, held: np.ndarray) -> dict[str, Any]:
    """What stability costs: points and places of the stable outcome beside those of the greatest total at the same quotas. A JSON value.

    points : (n,) int64 of every contract. `exact` says whether the greatest total is one, else it is greedy's, which cannot be less than half of it.
    """
    exact = len(found) <= MOST_EXACT
    most = greatest(found, capacities, points) if exact else greedy(found, capacities, points, len(held))
    stable = held[held >= 0]
    total, best = int(points[stable].sum()), int(points[most].sum())
    return {
        "stable_points": total, "stable_placed": len(stable), "most_points": max(best, total) if not exact else best, "most_placed": len(most),
        "exact": exact,
    }  # fmt: skip


def greatest(found: Contracts, capacities: Capacities, points: np.ndarray) -> np.ndarray:
    """Rows of the contracts of an outcome with the greatest total of points, whatever anybody prefers.

    A linear program (HiGHS). Students' and quotas' rows are two laminar families, so its matrix is totally unimodular (Edmonds 1970) and
    every vertex, such as the simplex method ends in, is whole.
    """
    n = len(found)
    if not n:
        return np.zeros(0, dtype=np.int64)
    rows = [found.student.astype(np.int64)]
    bounds = [np.ones(int(found.student.max()) + 1, dtype=np.int64)]
    for of, cap in ((np.arange(len(capacities.seats)), capacities.seats), (capacities.family, capacities.family_cap), (capacities.firm, capacities.firm_cap)):
        rows.append(of[found.position] + sum(map(len, bounds)))
        bounds.append(cap)
    limit = np.concatenate(bounds)
    matrix = sparse.csr_matrix((np.ones(len(rows) * n), (np.concatenate(rows), np.tile(np.arange(n), len(rows)))), shape=(len(limit), n))
    binding = np.flatnonzero((limit < UNLIMITED) & (np.diff(matrix.indptr) > limit))
    from scipy.optimize import linprog  # a second to load: only what asks for the price waits for it

    solved = linprog(-points.astype(float), A_ub=matrix[binding], b_ub=limit[binding].astype(float), bounds=(0, 1), method="highs-ds")
    if solved.x is None:
        raise ArithmeticError(f"the greatest total was not found: {solved.message}")
    return np.flatnonzero(solved.x > 0.5)


def greedy(found: Contracts, capacities: Capacities, points: np.ndarray, n_students: int) -> np.ndarray:
    """Rows of the contracts taken by points, largest first, as long as they fit: at least half of the greatest total (two matroids).

    Where both sides agree on one order, the only stable outcome is that; so deferred acceptance finds it.
    """
    merit = np.empty(len(found), dtype=np.int64)
    merit[np.lexsort((np.arange(len(found)), -points))] = np.arange(len(found), 0, -1)
    order = np.lexsort((-merit, found.student))
    student = found.student[order]
    agreed = Contracts(student, found.position[order], np.arange(len(order)) - np.searchsorted(student, student) + 1, merit[order])
    held = assign(agreed, capacities, n_students)
    return np.asarray(np.sort(order[held[held >= 0]]))


@dataclass(frozen=True)
class Scenario:
    """What is changed: places of posts by key, caps of enterprises and of `enterprise/kind`, weights of some families, declared orders off."""

    name: str
    places: Mapping[str, int] = field(default_factory=dict)
    firm_caps: Mapping[str, int] = field(default_factory=dict)
    family_caps: Mapping[str, int] = field(default_factory=dict)
    weights: Mapping[str, float] | None = None
    priorities: bool = True
    reserved: bool = True

    @property
    def rescored(self) -> bool:
        """Whether the lists themselves may change, not only who gets what: by weights, and by places, on which lawfulness depends (R10, R11)."""
        return self.weights is not None or bool(self.places)


def changed(problem: Problem, scenario: Scenario) -> Problem:
    """The problem under a scenario. Raises ValueError for a post, an enterprise, a kind or a family of weights that there is not."""
    for family, weight in (scenario.weights or {}).items():
        if family not in WEIGHTS or not 0 <= weight < float("inf"):
            raise ValueError(f"scenario {scenario.name!r}, weights: {family!r} is no family, or {weight!r} no weight of 0 or more")
    positions = problem.positions
    data = dict(positions.data)
    kinds = np.array([f"{firm}/{family}" for firm, family in zip(positions.enterprise, positions.family, strict=True)], dtype=object)
    for column, names, wanted in (
        ("places", positions.key, scenario.places), ("firm_left", positions.enterprise, scenario.firm_caps), ("family_left", kinds, scenario.family_caps),
    ):  # fmt: skip
        strange = sorted(set(wanted) - set(names.tolist()))
        if strange:
            raise ValueError(f"scenario {scenario.name!r}, {column}: there is no {strange[0]!r}")
        if any(number < 0 for number in wanted.values()):
            raise ValueError(f"scenario {scenario.name!r}, {column}: 0 or more expected")
        data[column] = np.array([wanted.get(name, old) for name, old in zip(names, data[column], strict=True)], dtype=np.int64)
    for column, stays in (("priority_codes", scenario.priorities), ("reserved", scenario.reserved)):
        if not stays:
            data[column] = no_codes(len(positions))
    return replace(problem, positions=Columns("positions", positions.key, data))


def figures(name: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """The few figures of a run's report that scenarios are compared by. A JSON value.

    gap : largest less smallest share with a place among major classes that are large enough to be told, None where there is only one.
    """
    placed, students = report["placed"], report["students"]
    chosen = sum(report["choice_profile"].values())
    told = [row["placed"] / row["students"] for row in report["groups"]["major_class"] if row["placed"] is not None]
    full, firms = report["firms_full"]
    return {
        "name": name,
        "placed": placed,
        "placed_share": _share(placed, students),
        "first_share": _share(report["choice_profile"].get("1", 0), chosen),
        "mean_place": (report["place"] or {}).get("mean"),
        "mean_points": (report["points"] or {}).get("mean"),
        "filled_share": _share(placed, report["seats"]),
        "firms_full_share": _share(full, firms),
        "gap": round(max(told) - min(told), 4) if len(told) > 1 else None,
        "blocking_pairs": report["blocking_pairs"],
        "unmet": sum(n for *_, n in report["unmet"]),
    }


def side_by_side(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Figure by figure, one entry a scenario, in the order given: the table to compare."""
    table: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            table.setdefault(name, []).append(value)
    return table


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
