"""Deferred acceptance against brute force on every small market; the independent checker against the definition."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.matching.assignment import Capacities, assign
from consortium.matching.preferences import Contracts
from consortium.matching.stability import blocking_pairs, is_feasible
from tests.matching import games

SEEDS = st.integers(0, 10**6)


def chosen(offered: list[int], found: Contracts, capacities: Capacities) -> set[int]:
    """What an enterprise takes of some contracts, from the definition: of all feasible sets the one first by merit."""
    taken: list[int] = []
    for contract in sorted(offered, key=lambda c: -found.merit[c]):
        posts = found.position[[*taken, contract]]
        if (
            np.all(np.bincount(posts, minlength=len(capacities.seats)) <= capacities.seats)
            and np.all(np.bincount(capacities.family[posts], minlength=len(capacities.family_cap)) <= capacities.family_cap)
            and np.all(np.bincount(capacities.firm[posts], minlength=len(capacities.firm_cap)) <= capacities.firm_cap)
        ):
            taken.append(contract)
    return set(taken)


def blocks_by_definition(contract: int, found: Contracts, capacities: Capacities, held: np.ndarray) -> bool:
    """Hatfield and Milgrom: the student prefers it, and the enterprise chooses it from what it holds and this one."""
    now = held[found.student[contract]]
    if now >= 0 and found.place[now] <= found.place[contract]:
        return False
    firm = capacities.firm[found.position[contract]]
    others = [int(c) for c in held if c >= 0 and capacities.firm[found.position[c]] == firm]
    return contract in chosen([*others, contract], found, capacities)


def place_of(held: np.ndarray, found: Contracts, student: int) -> int:
    return int(found.place[held[student]]) if held[student] >= 0 else 10**6


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_outcome_is_stable_and_every_student_gets_the_best_of_all_stable_outcomes(seed: int) -> None:
    found, capacities, n = games.market(seed, most_students=4, most_posts=3)
    result = assign(found, capacities, n)
    assert is_feasible(found, capacities, result)
    assert blocking_pairs(found, capacities, result) == []
    for other in games.outcomes(found, n):
        if not is_feasible(found, capacities, other) or any(
            blocks_by_definition(c, found, capacities, other) for c in range(len(found))
        ):
            continue
        for i in range(n):
            assert place_of(result, found, i) <= place_of(other, found, i)


@settings(max_examples=200, deadline=None)
@given(SEEDS, SEEDS)
def test_the_checker_finds_exactly_the_pairs_that_block_by_definition(seed: int, other: int) -> None:
    found, capacities, n = games.market(seed)
    draw = np.random.default_rng(other)
    held = np.full(n, -1, dtype=np.int64)
    for i in draw.permutation(n):
        own = np.flatnonzero(found.student == i)
        if len(own):
            held[i] = draw.choice([-1, *own])
            if not is_feasible(found, capacities, held):
                held[i] = -1
    expected = [c for c in range(len(found)) if blocks_by_definition(c, found, capacities, held)]
    assert blocking_pairs(found, capacities, held) == expected


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_no_student_gains_by_telling_another_list(seed: int) -> None:
    found, capacities, n = games.market(seed, most_students=4, most_posts=3)
    truth = assign(found, capacities, n)
    merit = {(int(i), int(j)): int(m) for i, j, m in zip(found.student, found.position, found.merit, strict=True)}
    lists = [[int(j) for j in found.position[found.student == i]] for i in range(n)]
    for liar in range(n):
        true_place = {j: place for place, j in enumerate(lists[liar], 1)}
        for size in range(len(lists[liar]) + 1):
            for told in itertools.permutations(lists[liar], size):
                rows = [(i, j, p) for i in range(n) for p, j in enumerate(told if i == liar else lists[i], 1)]
                columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
                said = Contracts(*columns, np.array([merit[i, j] for i, j, _ in rows], dtype=np.int64))
                held = assign(said, capacities, n)[liar]
                if held >= 0:
                    assert true_place[int(said.position[held])] >= place_of(truth, found, liar)


def small(seats: int = 1, family_cap: int = 9, firm_cap: int = 9) -> tuple[Contracts, Capacities]:
    """Two students, two posts of one firm; student 1 is liked better everywhere; both want post 0 first."""
    found = Contracts(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([1, 2, 1, 2]), np.array([1, 2, 3, 4]))
    return found, Capacities(np.array([seats, 1]), np.array([0, 0]), np.array([0, 0]), np.array([family_cap]), np.array([firm_cap]))


@pytest.mark.parametrize(
    ("held", "caps", "blocking"),
    [
        ([-1, -1], {}, [0, 1, 2, 3]),  # room everywhere
        ([0, 3], {}, [2]),  # the better student envies the worse one's seat
        ([1, 2], {}, []),
        ([0, -1], {"firm_cap": 1}, [2, 3]),  # the firm is full, but would rather have the other, in either post
        ([-1, 2], {"firm_cap": 1}, []),
        ([-1, 2], {"family_cap": 1}, []),
        ([-1, -1], {"family_cap": 0}, []),  # a cap of nothing takes nobody
        ([-1, 3], {"seats": 0, "firm_cap": 1}, []),
    ],
)
def test_the_checker_on_known_cases(held: list[int], caps: dict[str, int], blocking: list[int]) -> None:
    found, capacities = small(**caps)
    assert blocking_pairs(found, capacities, np.array(held)) == blocking


def test_too_many_at_any_level_is_not_feasible() -> None:
    both = np.array([0, 2])
    assert not is_feasible(*small(), both)
    assert is_feasible(*small(seats=2), both)
    assert not is_feasible(*small(seats=2, family_cap=1), both)
    assert not is_feasible(*small(seats=2, firm_cap=1), both)


def test_a_firm_of_fewer_than_ten_takes_no_interns_but_its_jobs_stay_open() -> None:
    from consortium.matching.pipeline import match

    closed = games.problem([games.student()], [games.post(firm_room=0, family_room=0, places=1)])
    assert match(closed).report["placed"] == 0
    opened = games.problem([games.student()], [games.job(firm_room=0, family_room=0, places=1)])
    assert match(opened).report["placed"] == 1


def test_posts_of_one_firm_share_its_cap() -> None:
    from consortium.matching.pipeline import match

    students = [games.student(f"s{i}") for i in range(6)]
    posts = [games.post(f"p{j}", family=f"f{j}", places=2, firm_room=3, family_room=2) for j in range(3)]
    outcome = match(games.problem(students, posts))
    assert outcome.report["placed"] == 3
    assert outcome.report["blocking_pairs"] == 0


def test_an_empty_market_ends() -> None:
    none = np.zeros(0, dtype=np.int64)
    found = Contracts(none, none, none, none)
    capacities = Capacities(none, none, none, none, none)
    assert assign(found, capacities, 3).tolist() == [-1, -1, -1]
    assert blocking_pairs(found, capacities, np.full(3, -1)) == []


@pytest.mark.parametrize("seed", range(8))
def test_plain_markets_come_out_as_in_the_library_matching(seed: int) -> None:
    oracle = pytest.importorskip("matching.games", reason="matching is not installed: the oracle for plain markets")
    found, capacities, n = games.market(seed, most_students=30, most_posts=8)
    m = len(capacities.seats)
    free = Capacities(capacities.seats, np.arange(m), np.arange(m), capacities.seats, capacities.seats)
    order = {j: found.student[(found.position == j)][np.argsort(-found.merit[found.position == j])].tolist() for j in range(m)}
    open_posts = {j for j in order if order[j] and free.seats[j] > 0}
    lists = {i: [j for j in found.position[found.student == i].tolist() if j in open_posts] for i in range(n)}
    theirs = oracle.HospitalResident.create_from_dictionaries(
        {i: own for i, own in lists.items() if own}, {j: order[j] for j in open_posts}, {j: int(free.seats[j]) for j in open_posts}
    ).solve(optimal="resident")
    held = assign(found, free, n)
    ours = {(int(i), int(found.position[c])) for i, c in enumerate(held) if c >= 0}
    assert ours == {(int(resident.name), int(hospital.name)) for hospital, residents in theirs.items() for resident in residents}
    assert ours or not any(lists.values())
