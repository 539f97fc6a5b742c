"""The compiled loops against their plain twins, bit for bit, and the plain ones against brute force."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from consortium.matching import blocks, eligibility, loops, pipeline, plain, similarity
from consortium.matching.assignment import Capacities, assign
from consortium.matching.blocks import Plan
from consortium.matching.eligibility import Table
from consortium.matching.groups import combined, distinct_rows, groups
from consortium.matching.preferences import Contracts
from consortium.matching.problem import Columns, columns
from consortium.matching.similarity import Lists, Rows
from tests.matching import games

compiled: Any = pytest.importorskip("consortium.matching.compiled", reason="numba is not installed: the plain loops serve")
SEEDS = st.integers(0, 10**6)


def by(made: ModuleType, what: Callable[[], Any]) -> Any:
    """What comes out when the loops are those of `made`."""
    with pytest.MonkeyPatch.context() as patch:
        for user in (similarity, sys.modules["consortium.matching.assignment"]):
            patch.setattr(user, "loops", lambda: made)
        return what()


def feature_rows(draw: np.random.Generator, n: int, n_columns: int, signed: bool = False) -> sparse.csr_matrix:
    """Random rows; few different weights, so that ties are common."""
    dense = (draw.random((n, n_columns)) < 0.3) * draw.choice([0.1, 0.2, 0.3, 1 / 3], (n, n_columns))
    return sparse.csr_matrix(dense * draw.choice([-1, 1], dense.shape) if signed else dense)


def market(draw: np.random.Generator, n: int, m: int, *, signed: bool = False) -> tuple[Rows, Plan, tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray]:
    """Rows, plan, turns, and by brute force the points and the mask."""
    left, right = feature_rows(draw, n, 12, signed), feature_rows(draw, m, 12)
    tables = [
        Table(f"T{t}", draw.integers(0, 3, n), draw.integers(0, 4, m), draw.random((3, 4)) < 0.6) for t in range(int(draw.integers(0, 4)))
    ]
    lawful, scorable = draw.random(m) < 0.9, draw.random(m) < 0.8
    plan = Plan(tables, lawful, scorable, right, draw.integers(0, 2, n), draw.integers(0, 3, m))
    mask = np.broadcast_to(lawful, (n, m)).copy()
    for table in tables:
        mask &= table.open[table.student][:, table.position]
    points = np.rint((left @ right.T).toarray() * similarity.GRID).astype(np.int64)
    return Rows.of(left), plan, (draw.permutation(n), draw.permutation(m)), points, mask


def same(one: Lists, other: Lists) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Lists.__dataclass_fields__)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 30), st.integers(0, 25), st.integers(1, 30), st.integers(1, 6), SEEDS, st.booleans())
def test_both_search_as_brute_force_does(n: int, m: int, k: int, k_positions: int, seed: int, signed: bool) -> None:
    draw = np.random.default_rng(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "SMALL", int(draw.integers(0, 10)))
        patch.setattr(blocks, "INDEX_COST", 1)
        patch.setattr(blocks, "TILE", int(draw.integers(1, 20)))
        patch.setattr(similarity, "PIECE", int(draw.integers(1, 9)))
        rows, plan, turns, points, mask = market(draw, n, m, signed=signed)
        found = [
            by(made, lambda threads=threads: similarity.best_lists(rows, plan, turns, (0, n), k, k_positions, (2, 3), threads=threads))
            for made in (plain, compiled)
            for threads in (1, 3)
        ]
    assert all(same(found[0], other) for other in found[1:])
    good = mask & plan.scorable & (points > 0)
    for i in range(n):
        wanted = sorted(np.flatnonzero(good[i]), key=lambda j: (-points[i, j], turns[1][j]))[:k]
        assert [j for j in found[0].idx[i] if j >= 0] == wanted
        assert [p for p in found[0].points[i] if p >= 0] == [points[i, j] for j in wanted]
    for j in range(m):
        wanted = sorted(np.flatnonzero(good[:, j]), key=lambda i: (-points[i, j], turns[0][i]))[:k_positions]
        assert [i for i in found[0].position_idx[j] if i >= 0] == wanted
    assert found[0].n_lawful.tolist() == mask.sum(axis=0).tolist()
    for a in range(2):
        for b in range(3):
            part = mask[plan.kind == a][:, plan.sector == b]
            assert found[0].class_pairs[a, b] == part.sum()
            assert found[0].class_students[a, b] == part.any(axis=1).sum()


def test_many_posts_and_many_equal_scores_are_no_trouble() -> None:
    draw = np.random.default_rng(5)
    left, right = feature_rows(draw, 300, 40), feature_rows(draw, 2500, 40)
    plan = Plan((), np.ones(2500, bool), np.ones(2500, bool), right, np.zeros(300, np.int64), np.zeros(2500, np.int64))
    rows, turns = Rows.of(left), (draw.permutation(300), draw.permutation(2500))
    for k in (1, 20, 200, 3000):
        one, other = (by(made, lambda k=k: similarity.best_lists(rows, plan, turns, (0, 300), k, 7, (1, 1))) for made in (plain, compiled))
        assert same(one, other)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 20), st.integers(0, 12), SEEDS, st.integers(1, 9), st.integers(1, 3))
def test_a_run_has_one_digest_whatever_loops_cut_and_threads(n: int, m: int, seed: int, chunk: int, threads: int) -> None:
    one = games.random_problem(n, m, seed)
    told = {by(made, lambda: pipeline.match(one)).digest for made in (plain, compiled)}
    told |= {by(compiled, lambda: pipeline.match(one, chunk=chunk, threads=threads)).digest}
    assert len(told) == 1


def test_without_numba_the_plain_loops_serve_and_the_digest_is_the_same() -> None:
    script = (
        "import sys; sys.modules['numba'] = None\n"
        "from consortium.matching.loops import loops\n"
        "from consortium.matching.pipeline import match\n"
        "from tests.matching import games\n"
        "print(loops().__name__, match(games.random_problem(40, 15, 9)).digest)"
    )
    root = Path(__file__).parents[2]
    name, digest = subprocess.run([sys.executable, "-c", script], cwd=root, check=True, capture_output=True, text=True).stdout.split()
    assert name == "consortium.matching.plain"
    assert digest == pipeline.match(games.random_problem(40, 15, 9)).digest


@settings(max_examples=200, deadline=None)
@given(SEEDS, st.integers(1, 14), st.integers(1, 8))
def test_both_assign_alike_under_laminar_capacities(seed: int, most_students: int, most_posts: int) -> None:
    found, capacities, n = games.market(seed, most_students, most_posts)
    one, other = (by(made, lambda: assign(found, capacities, n)) for made in (plain, compiled))
    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"student": np.array([0, 1, 0])}, "by student"),
        ({"place": np.array([2, 1, 1])}, "by student"),
        ({"position": np.array([0, 9, 0])}, "that there is not"),
        ({"student": np.array([0, 0, 7])}, "that there is not"),
        ({"merit": np.array([1, 2])}, "a merit each"),
    ],
)
def test_contracts_that_cannot_be_are_refused(change: dict[str, np.ndarray], message: str) -> None:
    found = Contracts(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 2, 1]), np.array([1, 2, 3]))
    zeros, ones = np.zeros(2, np.int64), np.ones(1, np.int64)
    with pytest.raises(ValueError, match=message):
        assign(replace(found, **change), Capacities(zeros + 1, zeros, zeros, ones, ones), 2)


def test_kinds_of_posts_that_two_enterprises_share_are_refused() -> None:
    found = Contracts(*(np.array([1]) - 1 for _ in range(2)), np.array([1]), np.array([1]))
    two = np.ones(2, np.int64)
    with pytest.raises(ValueError, match="laminar"):
        assign(found, Capacities(two, np.array([0, 0]), np.array([0, 1]), two[:1], two), 1)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), SEEDS, st.booleans())
def test_pairs_score_as_the_product_does(n: int, m: int, seed: int, signed: bool) -> None:
    draw = np.random.default_rng(seed)
    left, right = feature_rows(draw, n, 12, signed), feature_rows(draw, m, 12)
    students, positions = np.sort(draw.integers(0, n, 30)), draw.integers(0, m, 30)
    one, other = (by(made, lambda: similarity.pair_points(Rows.of(left), Rows.of(right), students, positions)) for made in (plain, compiled))
    assert one.tolist() == other.tolist()
    assert one.tolist() == np.rint((left @ right.T).toarray()[students, positions] * similarity.GRID).astype(int).tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 90), st.integers(1, 12), SEEDS)
def test_one_newcomer_finds_what_a_whole_run_would(n: int, k: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    side, row = feature_rows(draw, n, 12), feature_rows(draw, 1, 12)
    allowed, turns = draw.random(n) < 0.7, draw.permutation(n)
    one, other = (by(made, lambda: similarity.nearest(Rows.of(row), Rows.of(side).turned(), allowed, turns, k)) for made in (plain, compiled))
    points = np.rint((side @ row.T).toarray()[:, 0] * similarity.GRID).astype(int)
    wanted = sorted(np.flatnonzero(allowed & (points > 0)), key=lambda i: (-points[i], turns[i]))[:k]
    assert [i for i in one[0] if i >= 0] == [i for i in other[0] if i >= 0] == wanted
    assert one[1].tolist() == other[1].tolist()
    with pytest.raises(ValueError, match="one row"):
        similarity.nearest(Rows.of(side), Rows.of(side).turned(), allowed[1:], turns, k)


def test_what_is_not_finite_or_of_another_width_is_refused() -> None:
    for broken in (np.nan, np.inf):
        with pytest.raises(ValueError, match="finite"):
            Rows.of(sparse.csr_matrix(np.array([[0.5, broken]])))
    rows, plan, turns, _, _ = market(np.random.default_rng(0), 5, 4)
    with pytest.raises(ValueError, match="columns"):
        similarity.best_lists(Rows.of(sparse.csr_matrix((5, 3))), plan, turns, (0, 5), 2, 2, (2, 3))
    with pytest.raises(ValueError, match="turn"):
        similarity.best_lists(rows, plan, (turns[0][1:], turns[1]), (0, 5), 2, 2, (2, 3))


class Watched(Columns):
    """Columns that remember what was read of them."""

    def __getattr__(self, name: str) -> np.ndarray:
        if not name.startswith("_"):
            self.__dict__.setdefault("seen", set()).add(name)
        return super().__getattr__(name)


def test_no_test_of_the_law_reads_a_column_it_does_not_name() -> None:
    one = games.random_problem(12, 8, 3)
    for rule in (r for r in eligibility.RULES if r.pair):
        assert rule.pair
        sides = [Watched(side.side, side.key, side.data) for side in (one.students, one.positions)]
        rule.pair(sides[0], sides[1], eligibility.DEFAULT_THRESHOLDS)
        named = eligibility.READS[rule.pair]
        assert sides[0].__dict__.get("seen", set()) <= set(named[0]), rule.code
        assert sides[1].__dict__.get("seen", set()) <= {*named[1], "kind"}, rule.code


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30), st.integers(0, 12), SEEDS)
def test_the_law_asked_of_kinds_is_the_law_asked_of_rows(n: int, m: int, seed: int) -> None:
    one = games.random_problem(n, m, seed)
    mask = eligibility.lawful_pairs(one.students, one.positions)
    for i in range(n):
        for j in range(m):
            verdicts = eligibility.judge_pair(one, i, j)
            assert mask[i, j] == (not any(verdict.blocks for verdict in verdicts))
    plan = pipeline.prepare(one).plan
    i, j = (np.ravel(grid) for grid in np.indices((n, m)))
    assert plan.allows(i, j).tolist() == mask.ravel().tolist()


def test_students_are_divided_where_it_saves_work_and_only_there() -> None:
    kind = np.repeat(np.arange(4), 500)
    lawful = np.ones(400, bool)
    shared: dict[str, Any] = {"position_rows": sparse.csr_matrix((400, 3)), "kind": np.zeros(2000, np.int64), "sector": np.zeros(400, np.int64)}
    apart = Plan([Table("T", kind, np.arange(400) % 4, np.eye(4, dtype=bool))], lawful, lawful, **shared)
    assert apart.n_blocks == 4
    nearly = np.ones((4, 4), dtype=bool)
    nearly[0, 0] = False
    assert Plan([Table("T", kind, np.arange(400) % 4, nearly)], lawful, lawful, **shared).n_blocks == 1


def test_rows_alike_are_of_one_kind() -> None:
    rows = [{"key": str(i), "sex": "FM"[i % 2], "birth_on": None if i % 3 else "2006-01-01", "skills": ["a"] * (i % 2)} for i in range(12)]
    side = columns("students", rows)
    kind, first = groups(side, ("sex", "birth_on", "skills"))
    assert len(first) == 4
    assert {(side.sex[i], str(side.birth_on[i])) for i in first} == {(s, b) for s in "FM" for b in ("NaT", "2006-01-01")}
    assert all(side.sex[first[k]] == side.sex[i] for i, k in enumerate(kind))
    wide = [np.arange(12) * 10**9 % (7 * 10**9) for _ in range(5)]
    assert len(np.unique(combined(wide, 12))) == 7
    table = np.array([[1, 0], [1, 0], [0, 0]], dtype=bool)
    kinds, which = distinct_rows(table)
    assert (kinds[which] == table).all()


def test_loops_are_compiled_once_for_all_their_callers() -> None:
    loops.warm()
    pipeline.match(games.random_problem(30, 12, 4), threads=2)
    rows, plan, turns, _, _ = market(np.random.default_rng(1), 5, 4)
    similarity.best_lists(rows, plan, turns, (0, 5), 2, 2, (2, 3))
    for name in ("count", "search", "pair_scores", "deferred", "nearest"):
        assert len(getattr(compiled, name).signatures) == 1, name
