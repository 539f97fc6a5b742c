"""The best k against brute force; no result depends on cut, order, hash seed or threads."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from consortium.matching import eligibility, pipeline, similarity
from consortium.matching.outcome import ChunkResult
from consortium.matching.pipeline import Prepared, match, prepare, score_chunk
from consortium.matching.problem import BadProblem, columns
from consortium.matching.vocabulary import IDF_POWER, WEIGHTS, Vocabulary, words
from tests.matching import games


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 14), st.integers(1, 8), st.integers(1, 5), st.integers(0, 10**6))
def test_a_run_gives_what_brute_force_gives(n: int, m: int, k: int, seed: int) -> None:
    one = games.random_problem(n, m, seed)
    prepared = prepare(one, k=k)
    outcome = match(one, k=k, chunk=3)
    scores = np.rint((prepared.student_rows @ prepared.position_rows.T).toarray() * similarity.GRID).astype(int)
    mask = eligibility.lawful_pairs(one.students, one.positions)
    for i in range(n):
        wanted = sorted((j for j in range(m) if mask[i, j] and scores[i, j] > 0), key=lambda j: (-scores[i, j], prepared.turns[1][j]))
        assert [j for j in outcome.student_idx[i] if j >= 0] == wanted[:k]
    for j in range(m):
        wanted = sorted((i for i in range(n) if mask[i, j] and scores[i, j] > 0), key=lambda i: (-scores[i, j], prepared.turns[0][i]))
        assert [i for i in outcome.position_idx[j] if i >= 0] == wanted[: outcome.position_idx.shape[1]]
    assert outcome.n_lawful.tolist() == mask.sum(axis=0).tolist()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_neither_the_cut_nor_the_order_of_input_changes_a_byte(seed: int, chunk: int) -> None:
    one = games.random_problem(25, 10, seed)
    digest = match(one).digest
    assert match(one, chunk=chunk).digest == digest
    sides = [[{"key": side.key[i], **{name: side.data[name][i] for name in side.data}} for i in range(len(side))] for side in (one.students, one.positions)]
    draw = np.random.default_rng(seed)
    for side in sides:
        draw.shuffle(side)
        for row in side:
            for name, value in row.items():
                if isinstance(value, np.datetime64) and np.isnat(value):
                    row[name] = None
    assert match(games.problem(*sides, seed=seed)).digest == digest


def test_chunks_may_arrive_in_any_order_and_from_bytes_but_none_may_be_missing_or_twice() -> None:
    one = games.random_problem(20, 8, 1)
    stored = Prepared.from_bytes(prepare(one).to_bytes())
    chunks = [ChunkResult.from_bytes(score_chunk(stored, a, min(a + 6, 20)).to_bytes()) for a in (12, 0, 18, 6)]
    assert pipeline.finish(stored, chunks).digest == match(one).digest
    with pytest.raises(ValueError, match="not scored"):
        pipeline.finish(stored, chunks[1:2])
    with pytest.raises(ValueError, match="twice or not at all"):
        pipeline.finish(stored, [*chunks, chunks[0]])


def test_the_digest_depends_on_no_hash_seed_and_no_number_of_threads() -> None:
    told = set()
    for hash_seed, threads in (("0", "1"), ("1", "2"), ("4711", "4")):
        script = "from tests.matching import games; from consortium.matching.pipeline import match; print(match(games.random_problem(40, 15, 9)).digest)"
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        root = Path(__file__).parents[2]
        told.add(subprocess.run([sys.executable, "-c", script], cwd=root, env=environment, check=True, capture_output=True, text=True).stdout)
    assert len(told) == 1


def test_ties_fall_by_the_lottery_which_another_seed_draws_anew() -> None:
    twins = [games.post(f"p{j:02}", family=f"f{j}") for j in range(12)]
    orders = {tuple(match(games.problem([games.student()], twins, seed=seed)).student_idx[0][:12]) for seed in range(4)}
    assert len(orders) == 4
    points = match(games.problem([games.student()], twins)).student_points[0]
    assert len(set(points[points >= 0])) == 1


def test_a_post_that_asks_for_nothing_gets_no_score() -> None:
    empty = {"text": " ", "skills_must": [], "skills_nice": [], "certificates_must": []}
    one = games.problem([games.student()], [games.post("p1", **empty), games.post("p2", title="设备维修", family="f2")])
    outcome = match(one)
    assert outcome.student_idx[0].tolist()[:2] == [1, -1]
    assert outcome.n_lawful.tolist() == [1, 1]
    assert pipeline.explain(prepare(one), "s1", "p1").points is None
    assert "not-scorable" in outcome.report["unfilled_by_reason"]


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0), (1, 1), (1, 5)])
def test_empty_and_tiny_sides_are_problems_too(n: int, m: int) -> None:
    one = games.random_problem(n, m, 2)
    outcome = match(one)
    assert outcome.student_idx.shape == (n, 20)
    assert len(outcome.position_idx) == m
    assert outcome.report["blocking_pairs"] == 0
    assert match(one).digest == outcome.digest
    stored = Prepared.from_bytes(prepare(one).to_bytes())
    assert stored.student_rows.shape == prepare(one).student_rows.shape


def test_nothing_in_common_and_nobody_eligible_give_empty_lists() -> None:
    stranger = games.student(wish="護理", text="", skills=[], certificates=[], major="", major_class="", occupations=[], wants_zone=False, places=[])
    apart = games.problem([stranger], [games.post(title="welding", text="steel", majors=[], major_categories=[], place="", in_zone=None)])
    assert (match(apart).student_idx == -1).all()
    unwilling = games.problem([games.student(consents=False)], [games.post()])
    outcome = match(unwilling)
    assert (outcome.student_idx == -1).all()
    assert (outcome.position_idx == -1).all()
    assert outcome.report["unfilled_by_reason"] == {"no-lawful-student": 2}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"key": "a", "wish": "x\x00y"}, "students, row 1, column wish: a text without NUL"),
        ({"key": "a", "wish": "\ud800"}, "lone surrogate"),
        ({"key": "a", "skills": ["a\x1fb"]}, "unit separators"),
        ({"key": "a", "skills": "plc"}, "a list of codes"),
        ({"key": "a", "wish": 3}, "text expected, int found"),
        ({"key": "a", "least_pay_fen": float("nan")}, "NaN found"),
        ({"key": "a", "least_pay_fen": 10**30}, "within 2\\^53"),
        ({"key": "a", "least_pay_fen": "much"}, "cannot be read as a whole number"),
        ({"key": "a", "birth_on": "yesterday"}, "a day such as 2027-03-01 expected"),
        ({"key": "a", "consents": 7}, "yes, no or unknown"),
        ({"key": "a", "colour": "red"}, "unknown column 'colour'"),
        ({"wish": "x"}, "row 1: no key"),
        ({"key": None}, "row 1: no key"),
    ],
)
def test_what_cannot_be_taken_is_named_by_side_row_and_column(row: dict[str, object], message: str) -> None:
    with pytest.raises(BadProblem, match=message):
        columns("students", [row])


def test_two_rows_of_one_key_are_refused() -> None:
    with pytest.raises(BadProblem, match="'a' stands twice"):
        columns("students", [{"key": "a"}, {"key": "b"}, {"key": "a"}])


def test_infinite_hours_are_refused_and_unknown_hours_are_not() -> None:
    with pytest.raises(BadProblem, match="finite"):
        columns("positions", [{"key": "p", "hours_per_day": float("inf")}])
    assert np.isnan(columns("positions", [{"key": "p", "hours_per_day": float("nan")}]).hours_per_day[0])


@pytest.mark.parametrize("k", [0, -1])
def test_no_list_is_shorter_than_one(k: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        prepare(games.random_problem(2, 2, 0), k=k)


@pytest.mark.parametrize("weights", [{**WEIGHTS, "title": -1.0}, {**WEIGHTS, "text": float("nan")}, {"title": 1.0}, {**WEIGHTS, "looks": 0.1}])
def test_unusable_weights_are_refused(weights: dict[str, float]) -> None:
    one = games.random_problem(2, 2, 0)
    with pytest.raises(ValueError, match="weights"):
        Vocabulary.fit(one.students, one.positions, weights)


def test_weights_sum_to_one_so_that_no_score_passes_a_million() -> None:
    assert abs(sum(WEIGHTS.values()) - 1) < 1e-9
    for seed in range(5):
        assert match(games.random_problem(10, 10, seed)).student_points.max() <= similarity.GRID


def test_rows_are_those_of_scikit_learn_but_for_the_power_of_idf() -> None:
    one = games.random_problem(15, 10, 4)
    fitted = Vocabulary.fit(one.students, one.positions)
    theirs = TfidfVectorizer(analyzer=words, vocabulary=list(fitted.terms["title"]), sublinear_tf=True, norm="l2")
    theirs.fit([*one.students.wish, *one.positions.title])
    np.testing.assert_allclose(fitted.idf["title"], theirs.idf_**IDF_POWER, rtol=1e-6)
    theirs.idf_ = fitted.idf["title"]
    expected = theirs.transform(list(one.students.wish)) * np.sqrt(WEIGHTS["title"])
    ours = fitted.transform(one.students)[:, : len(fitted.terms["title"])]
    np.testing.assert_allclose(ours.toarray(), expected.toarray(), rtol=1e-9)


def test_fitting_and_transforming_at_once_is_fitting_then_transforming() -> None:
    one = games.random_problem(9, 7, 8)
    fitted, left, right = Vocabulary.fit_transform(one.students, one.positions)
    again = Vocabulary.fit(one.students, one.positions)
    assert again.terms == fitted.terms
    for rows, side in ((left, one.students), (right, one.positions)):
        alone = again.transform(side)
        assert (alone != rows).nnz == 0
        assert rows.shape == (len(side), len(fitted.family_of_column))
    loaded = Vocabulary.unpacked(fitted.packed())
    assert loaded.terms == fitted.terms
    assert loaded.idf.keys() == fitted.idf.keys()
    assert all((loaded.idf[f] == fitted.idf[f]).all() for f in fitted.idf)
    assert (loaded.transform(one.students) != left).nnz == 0


def test_the_same_words_in_many_rows_are_no_trouble() -> None:
    many = games.problem([games.student(f"s{i}") for i in range(30)], [games.post(f"p{j}", family=f"f{j}") for j in range(30)])
    outcome = match(many, k=30)
    assert (outcome.student_idx >= 0).all()
    assert len(set(outcome.student_points.ravel())) == 1


def test_words_of_both_languages() -> None:
    assert {"电", "电工", "设备维修", "plc", "python", "c++"} >= set(words("电工 PLC c++ Python")) & {"电工", "plc", "python", "c++"}
    assert "电工" in words("电工")
    assert {"plc", "c++", "python"} <= set(words("PLC、C++，Python"))
    assert "the" not in words("the")
    assert set(words("maintenance")) & set(words("maintain")), "related English words share a stem"
    assert words("") == words("。！") == []


def test_the_wish_is_left_out_of_the_enterprises_order() -> None:
    posts = [games.post("p1", places=1, firm_room=1, family_room=1)]
    told = {"wish": "设备维修技术员 电气", "places": ["4418"]}
    plain, eager = games.student("s1", wish="", places=[], wants_zone=None), games.student("s2", **told, text="")
    held = match(games.problem([plain, eager], posts)).assigned
    assert held.tolist() == [0, -1], "what is only wished for must not outbid what was learnt"


def test_some_rows_of_a_run_explain_as_the_whole_does() -> None:
    whole = prepare(games.random_problem(12, 6, 3))
    part = whole.restricted(np.array([4]), np.array([2]))
    student, position = str(whole.problem.students.key[4]), str(whole.problem.positions.key[2])
    assert pipeline.explain(part, student, position) == pipeline.explain(whole, student, position)


def test_a_frozen_vocabulary_scores_a_newcomer_as_the_run_would() -> None:
    one = games.random_problem(12, 6, 3)
    fitted = prepare(one)
    row = {"key": "s000", **{name: one.students.data[name][0] for name in one.students.data}}
    for name in ("available_from", "available_until", "stage_from"):
        row[name] = None
    later = prepare(replace(one, students=columns("students", [row])), vocabulary=fitted.vocabulary)
    assert (later.student_rows != fitted.student_rows[[0]]).nnz == 0
