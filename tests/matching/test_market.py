"""Rounds: reserved seats, declared priorities, fixed pairs, second rounds; by brute force over small markets."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from consortium.matching import assignment, market, pipeline, plain, preferences
from consortium.matching.blocks import Plan
from consortium.matching.eligibility import DEFAULT_THRESHOLDS
from consortium.matching.market import Market
from consortium.matching.outcome import Outcome
from consortium.matching.pipeline import Prepared
from consortium.matching.preferences import NO_PRIORITY
from consortium.matching.problem import BadProblem, Problem, columns
from consortium.matching.reasons import HELD, NOT_NEEDED, REFUSED, Reasons
from consortium.matching.requests import Judge
from consortium.matching.stability import blocking_pairs, is_feasible
from consortium.matching.stored import packed, unpacked
from tests.matching import games
from tests.matching.test_assignment import blocks_by_definition

SEEDS = st.integers(0, 10**6)


@dataclass(frozen=True)
class Round:
    """A small round: rows of both sides, whole points of every pair, lottery turns."""

    students: list[dict[str, Any]]
    posts: list[dict[str, Any]]
    points: np.ndarray
    turns: tuple[np.ndarray, np.ndarray]

    @property
    def problem(self) -> Problem:
        return games.problem(self.students, self.posts)

    def market(self) -> Market:
        problem, m = self.problem, len(self.posts)
        plan = Plan((), np.ones(m, bool), np.ones(m, bool), sparse.csr_matrix((m, 1)), np.zeros(len(self.students), np.int64), np.zeros(m, np.int64))
        top = np.full((len(self.students), 1), -1)
        listed = preferences.lists(problem.students, problem.positions.key, top, plan.allows)
        judge = Judge(plan, problem.positions, DEFAULT_THRESHOLDS)
        return market.of(problem, listed, self.points[listed[0], listed[1]], self.turns, judge)

    def saying(self, liar: int, ranking: tuple[str, ...]) -> Round:
        return replace(self, students=[s | {"ranking": ranking} if i == liar else s for i, s in enumerate(self.students)])


def a_round(seed: int, most_students: int = 4, most_posts: int = 3, *, fixed: bool = False) -> Round:
    """Three levels of quota, seats of a joint class, a declared priority, posts' own orders, few different points; some sit already."""
    draw = np.random.default_rng(seed)
    n, m = int(draw.integers(1, most_students + 1)), int(draw.integers(1, most_posts + 1))
    keys = [f"p{j}" for j in range(m)]
    room = {name: int(draw.integers(0, most)) for name, most in (("e0", 5), ("e1", 5), ("f0", 4), ("f1", 4))}
    posts = []
    for key in keys:
        firm, family, places = f"e{draw.integers(2)}", f"f{draw.integers(2)}", int(draw.integers(0, 4))
        posts.append(
            games.post(
                key, enterprise=firm, family=family, places=places, firm_left=room[firm], family_left=room[family],
                reserved=[f"joint={draw.integers(0, places + 1)}"] if draw.random() < 0.7 else [], reserved_stay=bool(draw.integers(2)),
                priority_codes=["poor"] if draw.integers(2) else [],
                ranking=[f"s{i}" for i in draw.permutation(n)[: draw.integers(0, n + 1)]] if draw.integers(2) else [],
            )
        )  # fmt: skip
    students = [
        games.student(
            f"s{i}", ranking=[keys[j] for j in draw.permutation(m)[: draw.integers(0, m + 1)]], own_list_only=True,
            priority=[code for code in ("joint", "poor") if draw.random() < 0.4],
            fixed=[str(draw.choice(keys))] if fixed and draw.random() < 0.4 else [],
        )
        for i in range(n)
    ]  # fmt: skip
    return Round(students, posts, draw.integers(0, 3, (n, m)), (draw.permutation(n), draw.permutation(m)))


def rank_of(made: Market, held: np.ndarray, i: int) -> int:
    return int(made.rank[held[i]]) if held[i] >= 0 else 10**6


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_with_reserved_seats_and_priorities_the_outcome_is_stable_and_the_best_stable_one_for_every_student(seed: int) -> None:
    made = a_round(seed, 3, 2).market()
    held = made.assigned()
    n = len(made.fixed)
    assert is_feasible(made.found, made.left, held)
    assert blocking_pairs(made.found, made.left, held) == []
    for other in games.outcomes(made.found, n):
        if is_feasible(made.found, made.left, other) and not any(blocks_by_definition(c, made.found, made.left, other) for c in range(len(made.found))):
            assert all(rank_of(made, held, i) <= rank_of(made, other, i) for i in range(n))


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_no_student_gains_by_any_other_list_where_seats_are_reserved_and_priorities_declared(seed: int) -> None:
    true = a_round(seed, 4, 3)
    made = true.market()
    held = made.assigned()
    for liar, row in enumerate(true.students):
        place = {key: number for number, key in enumerate(row["ranking"], 1)}
        for size in range(len(true.posts) + 1):
            for told in itertools.permutations([post["key"] for post in true.posts], size):
                said = true.saying(liar, told).market()
                got = said.rows_of(said.assigned())[liar]
                if got >= 0:
                    assert place.get(true.posts[said.seats.post[got]]["key"], 10**6) >= rank_of(made, held, liar)


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_nobody_fixed_moves_no_quota_breaks_and_nothing_blocks(seed: int) -> None:
    one = a_round(seed, 8, 4, fixed=True)
    made = one.market()
    held = made.assigned()
    assert blocking_pairs(made.found, made.left, held) == []
    rows = made.rows_of(held)
    mine = rows[rows >= 0]
    for group, cap in ((np.arange(len(made.whole.seats)), made.whole.seats), (made.whole.family, made.whole.family_cap), (made.whole.firm, made.whole.firm_cap)):
        assert (np.bincount(group[mine], minlength=len(cap)) <= cap).all()
    told = {request.student for request in made.unmet if request.what == "fixed"}
    for i, student in enumerate(one.students):
        if student["fixed"] and student["key"] not in told:
            assert one.posts[made.seats.post[rows[i]]]["key"] == student["fixed"][0]
        elif student["fixed"]:
            assert rows[i] == -1  # nothing else is proposed to whom an accepted offer cannot be kept


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_both_loops_assign_reserved_seats_alike(seed: int) -> None:
    made = a_round(seed, 12, 5).market()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignment, "loops", lambda: plain)
        slowly = made.assigned()
    assert made.assigned().tolist() == slowly.tolist()


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_reasons_name_the_last_admitted_who_stands_before_the_refused(seed: int) -> None:
    one = a_round(seed, 8, 4)
    made = one.market()
    held = made.assigned()
    why = Reasons(one.problem, made, held, one.turns[0])
    for i, student in enumerate(one.students):
        steps = why.of(i)
        assert [one.posts[step.position]["key"] for step in steps] == list(student["ranking"])
        states = [step.state for step in steps]
        assert states == sorted(states, key=[REFUSED, HELD, NOT_NEEDED].index)
        assert states.count(HELD) == (held[i] >= 0)
        for step in steps:
            if step.state == REFUSED and step.decided != "quota":
                assert step.last is not None
                assert step.bound in ("post", "R11", "R10")
                if step.decided == "order":  # only where a post asks for an order of its own, and never against who stands first in it
                    firm = one.posts[step.position]["enterprise"]
                    assert any(post["ranking"] for post in one.posts if post["enterprise"] == firm)
                    assert one.posts[step.position]["ranking"][:1] != [student["key"]] or step.bound != "post"
                if step.decided == "points":
                    assert step.last.points > step.own.points
                if step.decided == "lottery":
                    assert (step.last.points, step.last.turn <= step.own.turn) == (step.own.points, True)


def played(students: list[dict[str, Any]], posts: list[dict[str, Any]], seed: int = 0) -> tuple[Prepared, Outcome]:
    prepared = pipeline.prepare(games.problem(students, posts, seed))
    return prepared, pipeline.finish(prepared, [pipeline.score_chunk(prepared, 0, len(students))] if students else [])


def placed(prepared: Prepared, outcome: Outcome) -> dict[str, str]:
    """Student → post."""
    return {str(outcome.student_keys[i]): str(outcome.position_keys[j]) for i, j in enumerate(outcome.assigned) if j >= 0}


GOOD = {"skills": ["plc", "cad"]}
POOR_FIT = {"skills": [], "wish": "护理", "text": "护理"}


def test_a_reserved_seat_goes_to_the_member_and_the_outcome_says_so() -> None:
    students = [games.student("a", **GOOD), games.student("b", **GOOD), games.student("m", **POOR_FIT, priority=["joint"])]
    one = played(students, [games.post(places=2, reserved=["joint=1"])])
    assert placed(*one).keys() >= {"m"}
    assert dict(zip(one[1].student_keys, one[1].basis, strict=True))["m"] == "reserved:joint"
    without = played(students, [games.post(places=2)])
    assert placed(*without).keys() == {"a", "b"}


def test_a_reserved_seat_is_kept_even_where_the_cap_above_binds() -> None:
    students = [games.student("a", **GOOD), games.student("b", **GOOD), games.student("m", **POOR_FIT, priority=["joint"])]
    posts = [games.post(places=2, reserved=["joint=1"], family_left=1)]
    assert placed(*played(students, posts)).keys() == {"m"}


@pytest.mark.parametrize(("stays", "n_placed", "reasons"), [(False, 2, {}), (True, 1, {"reserved": 1})])
def test_a_reserved_seat_that_no_member_wants_falls_to_the_others_unless_it_is_to_stay(stays: bool, n_placed: int, reasons: dict[str, int]) -> None:
    students = [games.student(f"s{i}") for i in range(3)]
    _, outcome = played(students, [games.post(places=2, reserved=["joint=1"], reserved_stay=stays)])
    assert outcome.report["placed"] == n_placed
    assert outcome.report["unfilled_by_reason"] == reasons
    assert not any(outcome.basis)


def test_a_declared_priority_decides_before_points_and_is_told() -> None:
    students = [games.student("a", **GOOD), games.student("b", **POOR_FIT, priority=["poor"], ranking=["p1"])]
    one = played(students, [games.post(places=1, priority_codes=["poor"])])
    assert placed(*one) == {"b": "p1"}
    assert one[1].basis.tolist() == ["", "priority:poor"]
    steps = pipeline.reasons_of(*one).of(0)
    assert (steps[0].state, steps[0].bound, steps[0].decided) == ("refused", "post", "priority")
    assert steps[0].last is not None
    assert steps[0].last.code == "poor"
    undeclared = played(students, [games.post(places=1)])
    assert placed(*undeclared) == {"a": "p1"}
    assert not any(undeclared[1].basis)


def test_a_posts_own_order_decides_before_points_and_after_what_is_declared_and_is_told() -> None:
    students = [games.student("a", **GOOD), games.student("b", **POOR_FIT, ranking=["p1"])]
    one = played(students, [games.post(places=1, ranking=["b"])])
    assert placed(*one) == {"b": "p1"}
    assert not any(one[1].basis)
    steps = pipeline.reasons_of(*one).of(0)
    assert (steps[0].state, steps[0].bound, steps[0].decided) == ("refused", "post", "order")
    declared = [students[0] | {"priority": ["poor"]}, students[1]]
    assert placed(*played(declared, [games.post(places=1, ranking=["b"], priority_codes=["poor"])])) == {"a": "p1"}
    assert placed(*played(students, [games.post(places=1, ranking=["nobody-known"])])) == {"a": "p1"}


def test_the_first_code_of_a_post_counts_and_a_post_without_codes_knows_no_priority() -> None:
    students = columns("students", [games.student("a", priority=["y", "x"]), games.student("b", priority=["z"]), games.student("c", priority=["y"])])
    posts = columns("positions", [games.post("p", priority_codes=["x", "y"]), games.post("q")])
    pairs = np.array([0, 0, 1, 2]), np.array([0, 1, 0, 0])
    found = preferences.priority_groups(students, posts, *pairs)
    assert found is not None
    assert found.tolist() == [0, NO_PRIORITY, NO_PRIORITY, 1]


def test_a_priority_puts_no_post_on_a_list() -> None:
    students = [games.student("a", priority=["poor"], ranking=["p2"], own_list_only=True)]
    posts = [games.post("p1", priority_codes=["poor"]), games.post("p2", family="f2", places=0)]
    assert placed(*played(students, posts)) == {}


def test_the_fixed_sit_down_first_and_are_told() -> None:
    students = [games.student("a", **GOOD), games.student("b", **POOR_FIT, fixed=["p1"], wants_internship=False)]
    one = played(students, [games.post(places=1)])
    assert placed(*one) == {"b": "p1"}
    assert one[1].basis.tolist() == ["", "fixed"]
    assert one[1].place.tolist() == [-1, 0]
    assert one[1].report["fixed"] == 1
    assert one[1].report["choice_profile"] == {}


@pytest.mark.parametrize(
    ("student", "post", "bound", "over"),
    [
        ({"fixed": ["p1", "p2"]}, {}, "twice", 1),
        ({"fixed": ["p9"]}, {}, "unknown-post", 0),
        ({"fixed": ["p1"]}, {"hazards": ["mine"]}, "R24", 0),
        ({"fixed": ["p1"], "enrolled_on": "2026-09-01"}, {"start_on": "2027-03-01"}, "R17", 0),
        ({"fixed": ["p1"]}, {"places": 2}, "post", 1),
        ({"fixed": ["p1"]}, {"family_left": 1}, "R11", 2),
        ({"fixed": ["p1"]}, {"firm_left": 0}, "R10", 3),
    ],
)
def test_a_fixed_pair_that_cannot_be_kept_names_what_binds(student: dict[str, Any], post: dict[str, Any], bound: str, over: int) -> None:
    others = [games.student(f"s{i}", fixed=["p1"]) for i in range(2)] if bound in ("post", "R11", "R10") else []
    students = [games.student("x", **student), *others]
    _, outcome = played(students, [games.post(**{"places": 3, **post}), games.post("p2", enterprise="e2")])
    assert {(r.bound, r.over) for r in outcome.unmet if r.what == "fixed"} == {(bound, over)}
    assert outcome.report["placed"] == len(students) - len({r.student for r in outcome.unmet})
    assert outcome.report["unmet"] == [["fixed", bound, len(outcome.unmet)]]


def test_a_ranked_post_that_is_unlawful_or_gone_is_named_with_its_rule() -> None:
    students = [games.student("a", ranking=["p1", "p9", "p2"], wants_internship=False)]
    _, outcome = played(students, [games.post("p1"), games.post("p2", hazards=["mine"])])
    assert {(r.position, r.bound) for r in outcome.unmet} == {("p1", "H04"), ("p9", "unknown-post"), ("p2", "R24")}


def test_reservations_beyond_the_seats_and_beyond_the_caps_are_named() -> None:
    posts = [games.post("p1", places=2, reserved=["x=2", "y=1"], family_left=1), games.post("p2", places=1, reserved=["x=1"], family="f2", firm_left=2)]
    _, outcome = played([games.student()], posts)
    told = {(r.position, r.code, r.bound, r.over) for r in outcome.unmet}
    assert told == {("p1", "y", "post", 1), ("p1", "", "R11", 1), ("p1", "", "R10", 1)}


@pytest.mark.parametrize("entry", ["joint", "joint=", "=2", "joint=x", "joint=-1", "joint=²"])
def test_a_reservation_that_cannot_be_read_is_refused_at_the_door(entry: str) -> None:
    with pytest.raises(BadProblem, match="positions, row 1, column reserved"):
        columns("positions", [games.post(reserved=[entry])])
    with pytest.raises(BadProblem, match="stands twice"):
        columns("positions", [games.post(reserved=["x=1", "x=2"])])


def many(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    problem = games.random_problem(30, 8, seed)
    draw = np.random.default_rng(seed)
    sides = []
    for side in (problem.students, problem.positions):
        sides.append([{"key": side.key[i]} | {name: column[i] for name, column in side.data.items()} for i in range(len(side))])
    for row in sides[0]:
        row["priority"] = ["joint"] if draw.random() < 0.3 else []
    for row in sides[1]:
        row["reserved"] = ["joint=1"] if row["places"] and draw.random() < 0.5 else []
        row["family_left"], row["firm_left"] = int(draw.integers(1, 4)), int(draw.integers(2, 5))
    return sides[0], sides[1]


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_a_second_round_moves_nobody_breaks_no_quota_and_is_the_same_twice(seed: int) -> None:
    prepared, first = played(*many(seed))
    before = placed(prepared, first)
    declined = sorted(before)[:2]
    second = pipeline.again(prepared, first, declined=declined)
    after = placed(prepared, second)
    assert not (set(before) - set(declined)) & set(second.student_keys.tolist())
    assert all(after.get(student) != before[student] for student in declined)
    assert second.digest == pipeline.again(prepared, first, declined=declined[::-1]).digest
    both = {student: post for student, post in before.items() if student not in declined} | after
    row = {str(key): j for j, key in enumerate(prepared.problem.positions.key)}
    taken = np.bincount([row[post] for post in both.values()], minlength=len(row))
    whole = market._seats(prepared.problem)[1]
    assert (taken <= prepared.problem.positions.places).all()
    n = len(row)
    assert (np.bincount(whole.family[:n], weights=taken, minlength=len(whole.family_cap)) <= whole.family_cap).all()
    assert (np.bincount(whole.firm[:n], weights=taken, minlength=len(whole.firm_cap)) <= whole.firm_cap).all()
    assert second.report["blocking_pairs"] == 0


def test_a_second_round_takes_new_lists_and_frees_what_was_declined() -> None:
    students = [games.student("a", **GOOD, ranking=["p1"], own_list_only=True), games.student("b", ranking=["p1"], own_list_only=True)]
    prepared, first = played(students, [games.post("p1", places=1), games.post("p2", places=1, family="f2")])
    assert placed(prepared, first) == {"a": "p1"}
    assert placed(prepared, pipeline.again(prepared, first)) == {}
    assert placed(prepared, pipeline.again(prepared, first, rankings={"b": ["p2"]})) == {"b": "p2"}
    assert placed(prepared, pipeline.again(prepared, first, declined=["a"])) == {"b": "p1"}
    with pytest.raises(ValueError, match="'b' has no place to decline"):
        pipeline.again(prepared, first, declined=["b"])
    with pytest.raises(ValueError, match="'a' has a place"):
        pipeline.again(prepared, first, rankings={"a": ["p2"]})


def test_a_second_round_of_nobody_ends() -> None:
    prepared, first = played([games.student()], [games.post()])
    assert len(pipeline.again(prepared, first).student_keys) == 0


def test_the_declared_columns_travel_and_older_arrays_are_read_without_them() -> None:
    students = [games.student(priority=["joint"], fixed=["p1"], refused=["p2"], own_list_only=True)]
    problem = games.problem(students, [games.post(reserved=["joint=1"], reserved_stay=True, priority_codes=["joint"])])
    arrays = packed(problem)
    same = unpacked(arrays)
    assert same.students.priority[0] == ("joint",)
    assert same.positions.reserved[0] == ("joint=1",)
    assert same.positions.reserved_stay.tolist() == [1]
    older = unpacked({name: array for name, array in arrays.items() if not name.startswith(("students.priority", "students.own_list_only", "positions.reserved."))})
    assert older.students.priority[0] == older.positions.reserved[0] == ()
    assert older.students.own_list_only.tolist() == [-1]
    assert older.students.own_list_only.dtype == problem.students.own_list_only.dtype


@pytest.mark.parametrize("seed", range(3))
def test_a_round_gives_the_same_bytes_whatever_the_cut_and_the_order_of_input(seed: int) -> None:
    students, posts = many(seed)
    for row in students[::4]:
        row["ranking"] = [posts[0]["key"], posts[3]["key"]]
    students[1]["fixed"] = [posts[0]["key"]]
    whole = pipeline.match(games.problem(students, posts))
    assert whole.digest == pipeline.match(games.problem(students[::-1], posts[::-1]), chunk=7).digest
    assert whole.digest != pipeline.match(games.problem(students, [post | {"reserved": []} for post in posts])).digest
    assert whole.report["blocking_pairs"] == 0
