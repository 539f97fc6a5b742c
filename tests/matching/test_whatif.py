"""Why not and what if: every number beside a whole run made again on the changed input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.matching import assignment, eligibility, gaps, margins, pipeline, similarity, stability, whatif
from consortium.matching.outcome import Kept, Outcome
from consortium.matching.pipeline import Prepared
from consortium.matching.problem import UNKNOWN, Columns, Problem
from consortium.matching.whatif import Again
from tests.matching import games

K, K_POSITIONS = 4, 3
seeds = st.integers(0, 10_000)
fewer = settings(max_examples=12, deadline=None)


def drawn(seed: int, n_students: int = 14, n_positions: int = 7) -> Problem:
    """A random problem with certificates, wishes, shifts and days that differ."""
    draw = np.random.default_rng(seed)
    base = games.random_problem(n_students, n_positions, seed)
    s, p = base.students.data, base.positions.data
    for i in range(n_students):
        s["certificates"][i] = tuple(str(c) for c in draw.choice(["electrician", "crane", "english"], draw.integers(0, 3), replace=False))
        s["shift_ok"][i], s["available_from"][i] = draw.choice([-1, 1, 1, 0]), np.datetime64("2027-02-01") + draw.integers(0, 40)
        s["birth_on"][i] = np.datetime64("2006-03-05") + draw.integers(0, 1900)
    for j in range(n_positions):
        p["certificates_must"][j] = tuple(str(c) for c in draw.choice(["electrician", "crane"], int(draw.random() < 0.4), replace=False))
        p["rest_days"][j], p["hazards"][j] = int(draw.random() < 0.3), ("dust",) if draw.random() < 0.3 else ()
        p["filings"][j], p["level_least"][j] = ("R25",), str(draw.choice(["", "高职专科", "高职专科", "本科"]))
        if draw.random() < 0.3:
            p["majors"][j], p["major_categories"][j] = (), ()
    return base


def run(problem: Problem, vocabulary: Any = None) -> tuple[Prepared, Outcome]:
    prepared = pipeline.prepare(problem, vocabulary=vocabulary, k=K, k_positions=K_POSITIONS)
    return prepared, pipeline.finish(prepared, [pipeline.score_chunk(prepared, 0, len(problem.students))])


def again(problem: Problem) -> Again:
    prepared, outcome = run(problem)
    return Again(prepared, Kept.from_bytes(Kept.of(outcome).to_bytes()))


def one(side: Columns, row: int) -> Columns:
    return side.take(np.array([row]))


def changed(problem: Problem, side: str, rows: Any, change: dict[str, Any]) -> Problem:
    columns = getattr(problem, side)
    other = columns.take(np.arange(len(columns)))
    for row in rows:
        for name, value in change.items():
            other.data[name][row] = value
    return replace(problem, **{side: other})


def lawful(problem: Problem) -> np.ndarray:
    return eligibility.lawful_pairs(problem.students, problem.positions)


def shown(outcome: Outcome) -> set[tuple[int, int]]:
    return {(int(i), j) for j, row in enumerate(outcome.position_idx) for i in row if i >= 0}


@fewer
@given(seeds)
def test_what_a_dropped_requirement_admits_is_what_the_law_says_of_the_changed_post(seed: int) -> None:
    problem = drawn(seed)
    asked = again(problem)
    for j in range(len(problem.positions)):
        post = one(problem.positions, j)
        found = asked.supply(post)
        fit = eligibility.open_pairs(problem.students, post)[:, 0]
        assert (found.fit, found.zone) == (fit.sum(), (fit & (problem.students.wants_zone == 1)).sum())
        assert {c.what for c, _ in found.more} >= {"certificate"} if post.certificates_must[0] else True
        for change, more in found.more:
            other = changed(problem, "positions", [j], dict(change.columns))
            assert more == eligibility.open_pairs(problem.students, one(other.positions, j))[:, 0].sum() - fit.sum(), change


@fewer
@given(seeds)
def test_what_a_change_opens_to_a_student_is_what_a_whole_run_gives(seed: int) -> None:
    problem = drawn(seed)
    asked = again(problem)
    before, (_, base) = lawful(problem), run(problem)
    i = seed % len(problem.students)
    student = one(problem.students, i)
    changes = whatif.changes_of_student(student, problem.positions)
    for found in asked.openings(student, changes):
        other = changed(problem, "students", [i], dict(found.change.columns))
        _, outcome = run(other, asked.prepared.vocabulary)
        assert found.lawful.tolist() == np.flatnonzero(lawful(other)[i] & ~before[i]).tolist()
        assert set(found.listed.tolist()) == {j for who, j in shown(outcome) - shown(base) if who == i}


@fewer
@given(seeds)
def test_a_rank_counts_all_who_stand_higher_in_a_whole_run(seed: int) -> None:
    problem = drawn(seed)
    asked = again(problem)
    prepared = asked.prepared
    points = np.rint((prepared.student_rows @ prepared.position_rows.T).toarray() * 1e6).astype(np.int64)
    allowed, (turns, post_turns) = lawful(problem), prepared.turns
    for i, j in [(seed % 14, seed % 7), ((seed + 5) % 14, (seed + 3) % 7)]:
        student, post = one(problem.students, i), one(problem.positions, j)
        changes = whatif.changes_of_student(student, post)
        found = asked.standing(student, post, changes)
        if not allowed[i, j]:
            assert found is None
            continue
        assert found is not None
        rivals = [(-points[s, j], turns[s]) for s in range(14) if allowed[s, j] and s != i]
        assert found.rank == 1 + sum(rival < (-points[i, j], turns[i]) for rival in rivals)
        assert (found.of, found.points) == (1 + len(rivals), points[i, j])
        posts = [(-points[i, p], post_turns[p]) for p in range(7) if allowed[i, p] and points[i, p] > 0 and p != j]
        assert found.own_rank == 1 + sum(other < (-points[i, j], post_turns[j]) for other in posts)
        assert [rank for _, rank in found.lifts] == sorted(rank for _, rank in found.lifts)
        for change in changes:
            other = changed(problem, "students", [i], dict(change.columns)).students
            row = asked.prepared.vocabulary.transform(one(other, i))
            new = int(np.rint((row @ prepared.position_rows[[j]].T).toarray()[0, 0] * 1e6))
            rank = 1 + sum(rival < (-new, turns[i]) for rival in rivals)
            assert {id(c): r for c, r in found.lifts}.get(id(change)) == (rank if rank < found.rank else None)


def test_the_draws_leave_enough_pairs_lawful_to_prove_something() -> None:
    pairs = [int(lawful(drawn(seed)).sum()) for seed in range(20)]
    assert sum(pairs) / 20 > 12


def test_a_newcomer_and_a_new_post_stand_behind_their_equals() -> None:
    problem = drawn(3)
    asked = again(problem)
    pairs = np.argwhere(lawful(problem))
    i, j = (int(n) for n in pairs[0])
    twin, copy = one(problem.students, i), one(problem.positions, j)
    known = asked.standing(twin, copy)
    twin.key[0], copy.key[0] = "newcomer", "new-post"
    new = asked.standing(twin, one(problem.positions, j))
    assert known is not None and new is not None
    assert new.of == known.of + 1
    assert new.rank > known.rank
    fresh = asked.standing(one(problem.students, i), copy)
    assert fresh is not None
    assert (fresh.rank, fresh.own_rank) == (known.rank, known.own_rank + 1)


@fewer
@given(seeds)
def test_what_a_skill_adds_to_a_group_is_what_a_whole_run_gives(seed: int) -> None:
    problem = drawn(seed)
    asked = again(problem)
    before, (_, base) = lawful(problem), run(problem)
    rows = np.flatnonzero(problem.students.major_class == "4603")
    for found in gaps.added(asked, rows, 5):
        column = "certificates" if found.what == "certificate" else "skills"
        other = problem
        for i in rows:
            own = problem.students.data[column][i]
            if found.skill not in own:
                other = changed(other, "students", [i], {column: (*own, found.skill)})
        _, outcome = run(other, asked.prepared.vocabulary)
        assert found.lawful == (lawful(other) & ~before).sum()
        news = {(i, j) for i, j in shown(outcome) - shown(base) if i in set(rows.tolist()) and j in set(found.posts.tolist())}
        assert found.listed == len(news)
        assert found.have == sum(found.skill in problem.students.data[column][i] for i in rows)


def test_a_skill_that_drops_somebody_from_a_full_list_lets_in_who_was_not_shown() -> None:
    """The list is made again from everybody, not from those it showed."""
    seen = 0
    for seed in range(12):
        problem = drawn(seed, 30, 6)
        asked = again(problem)
        rows = np.flatnonzero(problem.students.major_class == "4602")
        _, base = run(problem)
        for found in gaps.added(asked, rows, 4):
            column = "certificates" if found.what == "certificate" else "skills"
            other = problem
            for i in rows:
                own = problem.students.data[column][i]
                other = changed(other, "students", [i], {column: own if found.skill in own else (*own, found.skill)})
            _, outcome = run(other, asked.prepared.vocabulary)
            left = shown(base) - shown(outcome)
            seen += any(i in set(rows.tolist()) and j in set(found.posts.tolist()) for i, j in left)
            assert found.listed == sum(i in set(rows.tolist()) and j in set(found.posts.tolist()) for i, j in shown(outcome) - shown(base))
    assert seen, "no list lost a changed student: the case is not tested"


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_one_place_more_has_the_effect_of_the_assignment_made_anew(seed: int) -> None:
    found, capacities, n = games.market(seed, 8, 5)
    held = assignment.assign(found, capacities, n)
    rows = margins.margins(found, capacities, held, 99)
    told = {(m.level, m.position): m for m in rows}
    assert len(told) == len(rows)
    for level, name, group in (("post", "seats", np.arange(len(capacities.seats))), ("kind", "family_cap", capacities.family), ("firm", "firm_cap", capacities.firm)):
        for number in set(group.tolist()):
            cap = getattr(capacities, name).copy()
            cap[number] += 1
            after = assignment.assign(found, replace(capacities, **{name: cap}), n)
            place = lambda of: np.where(of >= 0, found.place[of], 99) if len(found) else np.full(n, 99)  # noqa: E731
            effect = (after >= 0).sum() - (held >= 0).sum(), (place(after) < place(held)).sum(), (place(after) > place(held)).sum()
            one_of = told.get((level, int(np.argmax(group == number))))
            if one_of is None:
                assert effect == (0, 0, 0)
            else:
                assert (one_of.placed, one_of.better, one_of.worse, one_of.cap) == (*effect, cap[number] - 1)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_a_refused_contract_meets_a_full_level_whose_last_is_liked_better(seed: int) -> None:
    found, capacities, n = games.market(seed, 8, 5)
    held = assignment.assign(found, capacities, n)
    group_of = {"post": np.arange(len(capacities.seats)), "kind": capacities.family, "firm": capacities.firm}
    cap_of = {"post": capacities.seats, "kind": capacities.family_cap, "firm": capacities.firm_cap}
    assert stability.blocking_pairs(found, capacities, held) == []
    for contract in range(len(found)):
        said = margins.refusal(found, capacities, held, contract)
        i, now = found.student[contract], held[found.student[contract]]
        assert (said is None) == (now >= 0 and found.place[now] <= found.place[contract])
        if said is not None:
            group = group_of[said.level]
            inside = [c for c in held[held >= 0] if group[found.position[c]] == group[found.position[contract]]]
            assert said.admitted == len(inside) == cap_of[said.level][group[found.position[contract]]]
            assert said.last == min(inside, key=lambda c: found.merit[c], default=-1)
            assert said.last == -1 or found.merit[said.last] > found.merit[contract], i


def test_the_market_made_again_is_the_runs_own() -> None:
    problem = drawn(5, 30, 8)
    _, outcome = run(problem)
    found, capacities, held = again(problem).market
    assert np.where(held >= 0, found.position[held], -1).tolist() == outcome.assigned.tolist()
    assert stability.is_feasible(found, capacities, held)


def test_empty_sides_open_nothing() -> None:
    problem = drawn(1)
    empty = replace(problem, students=problem.students.take(np.zeros(0, dtype=np.int64)))
    asked = again(empty)
    assert asked.supply(one(problem.positions, 0)).fit == 0
    found = asked.standing(one(problem.students, 0), one(problem.positions, 0))
    assert found is None or (found.rank, found.of) == (1, 1)
    assert gaps.added(asked, np.zeros(0, dtype=np.int64), 3) == []
    assert margins.margins(*asked.market, 3) == []
    without = again(replace(problem, positions=problem.positions.take(np.zeros(0, dtype=np.int64))))
    assert [len(o.posts) for o in without.openings(one(problem.students, 0), [whatif.Change("zone", "", {"wants_zone": 1})])] == [0]


def test_wishes_that_could_be_wider_and_items_that_are_asked_for_are_tried() -> None:
    problem = games.problem(
        [games.student(wants_zone=UNKNOWN, shift_ok=False, available_from="2027-03-10", certificates=[], skills=["plc"])],
        [games.post(certificates_must=["electrician"], skills_must=["plc"], skills_nice=["cad", "english"])],
    )
    tried = {(c.what, c.which) for c in whatif.changes_of_student(problem.students, problem.positions, frozenset({"english"}))}
    assert tried == {("certificate", "electrician"), ("skill", "cad"), ("zone", ""), ("shift", ""), ("earlier", "2027-02-24")}


def test_points_are_those_of_the_loops() -> None:
    problem = drawn(11, 20, 9)
    asked = again(problem)
    student = one(problem.students, 4)
    rows = whatif.feature_rows(asked.prepared.vocabulary, whatif.varied(student, whatif.changes_of_student(student, problem.positions)))
    other = asked.prepared.rows[1]
    for row, points in enumerate(asked._points(rows)):
        pairs = similarity.pair_points(similarity.Rows.of(rows), other, np.full(9, row), np.arange(9))
        assert np.where(asked.prepared.scorable, pairs, 0).tolist() == points.tolist()
