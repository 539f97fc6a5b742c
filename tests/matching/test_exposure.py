"""Who is shown what: within the cap, best for both first, nobody left with nothing, and the round knows nothing of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.matching import exposure, pipeline
from consortium.matching.exposure import Pairs
from consortium.matching.pipeline import Prepared, finish, prepare, recommend, score_chunk
from consortium.matching.problem import Problem
from consortium.matching.vocabulary import WISHES
from tests.matching import games

INF = float("inf")


def drawn(seed: int) -> tuple[Pairs, np.ndarray, int, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Random pairs, caps, a length of lists, turns, and pairs that are sure."""
    draw = np.random.default_rng(seed)
    n, m = int(draw.integers(1, 9)), int(draw.integers(1, 7))
    student, position = np.nonzero(draw.random((n, m)) < 0.7)
    pairs = Pairs(student, position, draw.integers(1, 6, len(student)), draw.integers(1, 6, len(student)))
    first = np.diff(student, prepend=-1) > 0
    return pairs, draw.integers(0, 4, m), int(draw.integers(1, 5)), (draw.permutation(n), draw.permutation(m)), first & (draw.random(len(student)) < 0.3)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 4))
def test_caps_hold_nobody_is_left_with_less_than_the_least_and_whoever_is_turned_away_suits_less(seed: int, least: int) -> None:
    pairs, cap, k, turns, sure = drawn(seed)
    strict = exposure.kept(pairs, cap, k, turns, sure, 0)
    stays = exposure.kept(pairs, cap, k, turns, sure, least)
    sure_of = np.bincount(pairs.position[sure], minlength=len(cap))
    assert (np.bincount(pairs.position[strict], minlength=len(cap)) <= np.maximum(cap, sure_of)).all()
    assert (stays | ~strict).all(), "the least only adds"
    assert (stays | ~sure).all()
    for i in range(int(pairs.student.max(initial=-1)) + 1):
        own = np.flatnonzero(pairs.student == i)
        assert stays[own].sum() <= k
        assert stays[own].sum() >= min(least, k, len(own))
    order = lambda at: (-pairs.both[at], -pairs.points[at], turns[0][pairs.student[at]])  # noqa: E731
    for at in np.flatnonzero(~strict):
        full = strict[pairs.student == pairs.student[at]].sum() >= k
        wanted = [other for other in np.flatnonzero(strict & ~sure & (pairs.student == pairs.student[at])) if pairs.points[other] < pairs.points[at]]
        if not full or wanted:
            kept_there = np.flatnonzero(strict & (pairs.position == pairs.position[at]))
            assert len(kept_there) >= cap[pairs.position[at]], "a post below its cap turned somebody away"
            assert all(sure[other] or order(other) < order(at) for other in kept_there)


def test_what_suits_both_is_more_than_what_suits_one() -> None:
    points, wish = np.array([300, 300, 300, 0]), np.array([150, 300, 0, 0])
    told = np.array([True, True, True, False])
    assert exposure.suiting(points, wish, (300, 300), told).tolist() == [500_000, 0, 0, 0]
    assert exposure.suiting(points[:1], wish[:1] * 0, (300, 300), np.array([False])).tolist() == [1_000_000], "no wish told is no wish against"
    assert exposure.suiting(points, wish, (0, 0), told).max() <= 1_000_000


def run(one: Problem, **given_: float) -> tuple[Prepared, pipeline.Outcome, exposure.Shown]:
    prepared = prepare(one, k=6, k_positions=8)
    outcome = finish(prepared, [score_chunk(prepared, 0, len(one.students))])
    return prepared, outcome, recommend(prepared, outcome, **given_)  # type: ignore[arg-type]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 30), st.integers(0, 14), st.integers(0, 10**6), st.sampled_from([0.5, 1.0, 2.0, 10.0, INF]))
def test_shown_lists_hold_lawful_pairs_with_their_own_points(n: int, m: int, seed: int, a_place: float) -> None:
    prepared, outcome, shown = run(games.random_problem(n, m, seed), a_place=a_place)
    scores = np.rint((prepared.student_rows @ prepared.position_rows.T).toarray() * pipeline.GRID).astype(int)
    for i, (idx, points) in enumerate(zip(shown.student_idx, shown.student_points, strict=True)):
        own = idx[idx >= 0]
        assert len(set(own.tolist())) == len(own) == (points >= 0).sum()
        assert prepared.plan.allows(np.full(len(own), i), own).all()
        assert points[idx >= 0].tolist() == scores[i, own].tolist()
        assert len(own) >= min(exposure.LEAST, (outcome.student_idx[i] >= 0).sum())
        assert outcome.assigned[i] < 0 or outcome.assigned[i] in own, "what is proposed is shown"
    if a_place == INF:
        assert shown.report["left_out"] == shown.report["over_the_cap"] == 0
        assert all(set(a[a >= 0]) <= set(b[b >= 0]) for a, b in zip(outcome.position_idx, shown.position_idx, strict=True))


def test_a_post_that_all_want_is_shown_to_few_and_the_others_move_up() -> None:
    students = [games.student(f"s{i:02}", skills=["plc"] if i % 2 else [], wish="设备维修") for i in range(20)]
    posts = [games.post("p0", title="设备维修", places=1)] + [games.post(f"p{j}", title="数控编程", family=f"f{j}", places=4) for j in range(1, 8)]
    _, outcome, shown = run(games.problem(students, posts), a_place=6.0, least=1)
    assert (outcome.student_idx == 0).sum() == 20
    assert (shown.student_idx == 0).sum() == 6
    assert all(i % 2 or i == np.flatnonzero(outcome.assigned == 0)[0] for i in np.flatnonzero((shown.student_idx == 0).any(axis=1))), "those whom it suits best keep it"
    assert shown.left_out.sum() == shown.report["left_out"] == 14
    assert (shown.student_idx >= 0).sum(axis=1).min() == 5, "the next best comes in its place"
    assert shown.report["after"]["gini"] < shown.report["before"]["gini"]
    _, outcome, all_of = run(games.problem(students, posts), a_place=6.0, least=6)
    assert (all_of.student_idx == 0).sum() > 6, "the least is kept whatever the cap"
    assert all_of.report["over_the_cap"] == 0 or (all_of.student_idx == 0).sum() == 6 + all_of.report["over_the_cap"]


def test_the_order_is_that_of_what_suits_both_by_the_parts_that_are_shown() -> None:
    one = games.random_problem(12, 9, 4)
    bare = {"wish": "", "places": [], "wants_zone": None}
    rows = [{**games.student(f"s{i}"), **({"wish": str(one.students.wish[i]), "skills": one.students.skills[i]} if i else bare)} for i in range(12)]
    posts = [games.post(f"p{j}", title=str(one.positions.title[j]), text=str(one.positions.text[j]), family=f"f{j}") for j in range(9)]
    prepared, _, shown = run(games.problem(rows, posts), a_place=INF)
    weights = prepared.vocabulary.weights
    hoped = pipeline.GRID * sum(weights[family] for family in WISHES)
    for i, own in enumerate(shown.student_idx):
        suits = []
        for j in own[own >= 0]:
            given_ = pipeline.explain(prepared, str(prepared.problem.students.key[i]), str(prepared.problem.positions.key[j])).by_family
            wish = sum(points for family, points in given_.items() if family in WISHES)
            needed = (sum(given_.values()) - wish) / (pipeline.GRID - hoped)
            suits.append(2 * needed * wish / hoped / max(needed + wish / hoped, 1e-9) if prepared.problem.students.wish[i] else needed)
        assert len(suits) == 6
        assert all(a >= b - 1e-5 for a, b in pairwise(suits))


def test_the_round_knows_nothing_of_it_and_the_same_lists_come_out_whatever_the_cut() -> None:
    one = games.random_problem(40, 12, 3)
    prepared = prepare(one)
    whole = finish(prepared, [score_chunk(prepared, 0, 40)])
    digest = whole.digest
    shown = recommend(prepared, whole)
    cut = finish(Prepared.from_bytes(prepared.to_bytes()), [score_chunk(prepared, a, a + 8) for a in range(0, 40, 8)])
    again = recommend(prepared, cut)
    assert whole.digest == digest == cut.digest
    assert all((getattr(shown, name) == getattr(again, name)).all() for name in ("student_idx", "student_points", "position_idx", "position_points", "left_out"))
    assert shown.report == again.report
    shuffled = replace(one, students=one.students.take(np.arange(40)))
    assert recommend(prepare(shuffled), whole).report == shown.report


def test_the_share_of_a_place_is_even_times_the_slack() -> None:
    student = np.repeat(np.arange(50), 4)
    assert exposure.students_a_place(student, np.array([2, 3, -1]), 3, slack=2.0) == 2 * 150 / 6
    assert exposure.students_a_place(student[:8], np.array([2, 3, -1]), 3) == exposure.FEWEST, "a small market needs no cap"
    assert exposure.students_a_place(student[:0], np.array([], dtype=int), 3) == exposure.FEWEST
    for slack in (0.9, float("nan"), INF):
        with pytest.raises(ValueError, match="slack: a finite number of at least 1"):
            exposure.students_a_place(student, np.array([1]), 3, slack)


@pytest.mark.parametrize(("values", "wanted"), [([1, 1, 1], 0.0), ([0, 0, 0, 1], 0.75), ([], 0.0), ([0, 0], 0.0), ([1, 3], 0.25)])
def test_gini(values: list[int], wanted: float) -> None:
    assert exposure.gini(np.array(values, dtype=float)) == pytest.approx(wanted)
